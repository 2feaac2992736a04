"""`atacdiff factor NAME`."""

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
    sizes = {
        "foreground_hits": [2, 0, 3],
        "foreground_size": 20,
        "background_hits": 1,
        "background_size": 100.5,
    }
    tested = names.assign(**sizes, log2_enrichment=3.321, padj=[1e-7, 0.5, np.nan])
    put(tested, tmp_path / "motifs/enrichment/a.b.up.tsv")
    put(tested, tmp_path / "motifs/enrichment/a.b.down.tsv")
    put(
        names.assign(variability=[2.5, np.nan, 1], padj=[0.01, np.nan, 1]),
        tmp_path / "chromvar/variability.tsv",
    )
    put(names.assign(delta=0.1234, padj=0.03), tmp_path / "chromvar/differential/a.b.tsv")
    (tmp_path / "motifs/logos").mkdir()
    (tmp_path / "motifs/logos/MA0001.2.svg").write_text("<svg/>")
    return tmp_path


def ask(capsys, results, name):
    code = main(["--results", str(results), "factor", name])
    out, err = capsys.readouterr()
    return code, out if code == 0 else err


@pytest.mark.parametrize("name", ["TCF7", "tcf7", "tcf-1", "MA0001", "ma0001.2"])
def test_a_factor_is_found_by_any_of_its_names(capsys, results, name):
    code, text = ask(capsys, results, name)
    assert code == 0
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines == [
        f"{name}: 1 motif in {results}/motifs/library.tsv",
        "",
        "MA0001.2 TCF7",
        "names TCF7; also TCF-1",
        "family TCF-7-related",
        "cluster MA0001.2, 1 alike: Lef1 (MA0002.1)",
        lines[6],
        "hits 3 in 2 of 3 peaks",
        f"logo {results}/motifs/logos/MA0001.2.svg",
        "up a.b: 2 of 20 peaks, background 1 of 100; log2 enrichment 3.32, adjusted p 1.0e-07",
        "down a.b: 2 of 20 peaks, background 1 of 100; log2 enrichment 3.32, adjusted p 1.0e-07",
        "variability 2.50 over samples, adjusted p 0.01",
        "chromVAR a.b: difference 0.123, adjusted p 0.03",
    ]
    assert lines[6].startswith("threshold ")


def test_short_motifs_and_missing_values_are_said(capsys, results):
    _, text = ask(capsys, results, "jun")
    assert "MA0003.1 (alone)" in text
    assert "too short for the p-value asked for, best word alone" in text
    assert "background 1 of 100\n" in text  # not tested
    _, text = ask(capsys, results, "lef1")
    assert "hits        0 in 0 of 3 peaks" in text
    assert "NA over samples, adjusted p NA" in text
    assert "not drawn" in text


@pytest.mark.parametrize(("name", "near"), [("TFC7", "TCF7"), ("LEF", "Lef1"), ("jnu", None), ("", None)])
def test_unknown_names_get_near_ones(capsys, results, name, near):
    code, text = ask(capsys, results, name)
    assert code == 2
    assert f"no motif of {name!r}" in text
    assert f"near names: {near}" in text if near else "tf_motifs.tsv lists" in text


def test_a_folder_without_motifs_is_refused(capsys, tmp_path):
    code, text = ask(capsys, tmp_path, "TCF7")
    assert code == 2
    assert "give the results folder of a run with motifs" in text
