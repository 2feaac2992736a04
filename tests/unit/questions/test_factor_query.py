"""What `explain factor NAME` and its short form `factor NAME` say of motifs, before any test and after."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from workflow_lib.__main__ import main
from workflow_lib.io import hits, tables
from workflow_lib.io.motifs import Motif
from workflow_lib.motifs.library import MotifLibrary


@pytest.fixture
def results(tmp_path):
    """A run with three motifs, of which the first two are alike."""
    counts = np.zeros((4, 10))
    counts[0] = 100
    motifs = (
        Motif("MA0001.2", "TCF7", counts, "TCF-7-related", synonyms=("TCF-1",)),
        Motif("MA0002.1", "Lef1", counts),
        Motif("MA0003.1", "FOS::JUN", counts[:, :5]),
    )
    clusters = ("MA0001.2", "MA0001.2", "MA0003.1")
    library = MotifLibrary(motifs, clusters=clusters).calibrated(1e-5, [0.25] * 4)
    put = tables.write_table
    put(library.table(), tmp_path / "motifs/library.tsv")
    put(library.factors(), tmp_path / "motifs/tf_motifs.tsv")
    matches = np.array([[2, 0, 1], [1, 0, 1], [0, 0, 1]])
    hits.write_matches(sparse.csr_matrix(matches), tmp_path / "motifs/matches.npz")
    names = pd.DataFrame({"motif_id": library.ids, "name": [motif.name for motif in motifs]})
    put(
        names.assign(variability=[2.5, np.nan, 1], padj=[0.01, np.nan, 1]),
        tmp_path / "chromvar/variability.tsv",
    )
    (tmp_path / "motifs/logos").mkdir()
    (tmp_path / "motifs/logos/MA0001.2.svg").write_text("<svg/>")
    return tmp_path


def ask(capsys, results, *question):
    code = main(["--results", str(results), *question])
    out, err = capsys.readouterr()
    return code, out if code == 0 else err


def section(text, title):
    """Cells of the first row below a title, by heading."""
    head, row = text.split(title)[1].splitlines()[1:3]
    split = [re.split(r"\s{2,}", line.strip()) for line in (head, row)]
    return dict(zip(*split, strict=True))


@pytest.mark.parametrize("name", ["TCF7", "tcf7", "tcf-1", "MA0001", "ma0001.2"])
def test_a_factor_is_found_by_any_of_its_names(capsys, results, name):
    code, text = ask(capsys, results, "factor", name)
    assert code == 0
    assert f"{name} has 1 motif in this run." in text
    row = section(text, "Motifs and their hits in 3 peaks")
    assert {key: row[key] for key in ("motif", "family", "hits", "peaks")} == {
        "motif": "MA0001.2",
        "family": "TCF-7-related",
        "hits": "3",
        "peaks": "2",
    }
    assert "TCF7 (MA0001.2): also called TCF-1; cluster MA0001.2 with 1 similar: Lef1 (MA0002.1)." in text
    assert f"Logo of MA0001.2: {results}/motifs/logos/MA0001.2.svg" in text
    assert section(text, "Variability over samples")["variability"] == "2.50"


def test_both_spellings_give_the_same(capsys, results, tmp_path):
    short, long = (ask(capsys, results, *words, "lef1") for words in (["factor"], ["explain", "factor"]))
    assert short == long
    assert short[0] == 0
    assert ask(capsys, results, "factor", "lef1", "--html", str(tmp_path / "lef1.html"))[0] == 0
    assert "Lef1" in (tmp_path / "lef1.html").read_text()


def test_short_motifs_and_missing_values_are_said(capsys, results):
    _, text = ask(capsys, results, "factor", "jun")
    assert "cluster MA0003.1 without similar motifs; too short for the p-value asked for" in text
    _, text = ask(capsys, results, "factor", "lef1")
    assert section(text, "Motifs and their hits in 3 peaks")["hits"] == "0"
    assert section(text, "Variability over samples")["adjusted p"] == "NA"
    assert "Logo of" not in text


def test_a_factor_is_known_before_its_motifs_are_scanned(capsys, results):
    (results / "motifs/matches.npz").unlink()
    code, text = ask(capsys, results, "factor", "tcf7")
    assert code == 0
    assert "also called TCF-1" in text
    assert "hits" not in text


@pytest.mark.parametrize(("name", "near"), [("TFC7", "TCF7"), ("LEF", "Lef1"), ("jnu", None), ("", None)])
def test_unknown_names_get_near_ones(capsys, results, name, near):
    code, text = ask(capsys, results, "factor", name)
    assert code == 2
    assert f"no motif of {name!r}" in text
    assert f"near names: {near}" in text if near else "tf_motifs.tsv lists" in text


def test_a_folder_without_motifs_is_refused(capsys, tmp_path):
    code, text = ask(capsys, tmp_path, "factor", "TCF7")
    assert code == 2
    assert "give the results folder of a run with motifs" in text
