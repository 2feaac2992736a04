"""A run's results by the keys of the catalogue: what was made, what is left over, where it is."""

import re
from pathlib import Path

import fake_results as fake
import pandas as pd
import pytest

from workflow_lib.errors import InputError
from workflow_lib.io import records, tables
from workflow_lib.results.run import Run

ROOT = Path(__file__).resolve().parents[3]
OTHER = "dispersions"  # a file beside the differential tables that is none


@pytest.fixture
def folder(tmp_path):
    """Results of a run, and a table of a contrast that the configuration no longer has."""
    fake.write(tmp_path, drawn=False, n=50)
    table = tables.read_table(tmp_path / f"differential/{fake.CONTRAST}.tsv.gz")
    tables.write_table(table, tmp_path / "differential/earlier.tsv.gz")
    tables.write_table(table[["peak"]], tmp_path / f"differential/{OTHER}.tsv.gz")
    return tmp_path


def recorded(folder: Path, results: list[str]) -> None:
    records.write(
        folder / "run.json",
        settings=fake.SETTINGS,
        samples=fake.SAMPLES.to_dict(orient="index"),
        versions={},
        results=results,
    )


def test_contrasts_are_those_of_the_tables_in_the_order_of_the_configuration(folder):
    assert Run(folder).contrasts == ["earlier", fake.CONTRAST]
    both = {"settings": {"contrasts": {fake.CONTRAST: None, "earlier": None}}}
    assert Run(folder, given=both).contrasts == [fake.CONTRAST, "earlier"]
    recorded(folder, [])
    assert Run(folder).contrasts == [fake.CONTRAST]  # the other is no longer in the configuration


def test_what_the_run_did_not_make_is_passed_over_though_it_lies_there(folder):
    assert Run(folder).has("variability")
    recorded(folder, ["differential", "size_factors"])
    run = Run(folder)
    assert run.has("differential", fake.CONTRAST)
    assert not run.has("variability")
    assert run.find("variability") is None
    assert run.found("enrichment") == []
    assert run.families == {}


def test_paths_and_addresses(folder):
    run = Run(folder, folder / "pages/report.html")
    assert run.path("enrichment", "c", direction="up") == folder / "motifs/enrichment/c.up.tsv"
    assert run.path("logos") == folder / "motifs/logos"
    assert run.href("logos", motif="MA1") == "../motifs/logos/MA1.svg"
    assert Run(folder).href("quality") == str(folder / "qc/samples.tsv")
    with pytest.raises(KeyError, match="direction"):
        run.path("enrichment", "c")
    with pytest.raises(LookupError, match="'qualty': not a result of the catalogue"):
        run.table("qualty")


def test_files_of_a_result_by_their_names(folder):
    assert Run(folder).found("enrichment") == [
        {"contrast": fake.CONTRAST, "direction": way} for way in ("down", "up")
    ]
    assert Run(folder).found("size_factors") == [{}]
    assert not Run(folder).has("enrichment", fake.CONTRAST, direction="sideways")


def test_texts_stay_texts_whatever_they_look_like(tmp_path):
    table = pd.DataFrame({"rank": [1], "cluster": ["7"], "representative": ["8"], "members": ["9"]})
    tables.write_table(table, tmp_path / "factors/c.tsv")
    read = Run(tmp_path).table("factors", "c")
    assert read.iloc[0].tolist() == [1, "7", "8", "9"]


def test_a_table_that_a_reader_changes_is_whole_for_the_next(folder):
    run = Run(folder)
    run.table("quality")["frip"] = 0
    assert (run.table("quality")["frip"] > 0).all()


def test_an_empty_folder_is_no_finished_run(tmp_path):
    with pytest.raises(InputError, match="no differential tables"):
        Run.finished(tmp_path)


def test_rules_take_their_paths_from_the_catalogue():
    scratch = {"peaks/reads/{sample}.bed", "motifs/shards/{scatteritem}.parquet"}
    for path in [ROOT / "Snakefile", *ROOT.glob("rules/*.smk")]:
        written = re.findall(r'"results/([^"]+)"', path.read_text())
        assert set(written) <= {"{catalogue.get(key).output}", "{catalogue.get(key).parts}"} | scratch, (
            path.name
        )
