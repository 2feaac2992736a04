"""Edited and run again, against a fresh run of the same: every file, byte for byte."""

import shutil

import counts_inputs
import faults
import pandas as pd
import pytest
import study
import yaml
from test_session import snakemake

RUN = ("--cores", "2", "--configfile", "my.yaml")


def files(folder):
    """Bytes of all results and what they rest on."""
    paths = [path for part in ("results", "resources") for path in (folder / part).rglob("*")]
    kept = [path for path in paths if path.is_file() and path.name != ".snakemake_timestamp"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in kept}


def run(folder, *targets, code=0, **variables):
    done, said = snakemake(folder, *targets, *RUN, **variables)
    assert done == code, said[-5000:]
    return said


def assert_as_fresh(folder, tmp_path, *targets, inputs):
    """Results are those of a fresh run with the same inputs, and nothing is to be done any more."""
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    for name in inputs:
        source = folder / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, fresh / name)
    run(fresh, *targets)
    ours, theirs = files(folder), files(fresh)
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if ours[name] != theirs[name]] == []
    assert "Nothing is to be done" in run(folder, *targets, "-n")


def test_counts_edited_in_every_way_and_an_export_that_failed(tmp_path):
    """Groups swapped, a sample removed, another renamed, a contrast renamed, a count changed, one run."""
    folder = tmp_path / "study"
    folder.mkdir()
    sheet = counts_inputs.sheet(4, 4)
    config = counts_inputs.write(folder, sheet, n_peaks=150) | {"title": "Edited"}  # not the folder's name
    (folder / "my.yaml").write_text(yaml.safe_dump(config))
    said = run(folder, code=1, **faults.fault(rule="export_workbook", need=5000, limit=True))
    report = folder / "results/report.html"
    assert "Not written: tables.xlsx (MemoryError" in report.read_text()
    assert "Not written: tables.xlsx (MemoryError" in said
    assert (folder / "results/experiment.h5mu").exists()
    run(folder)
    assert "Not written" not in report.read_text()

    counts = pd.read_csv(folder / "counts.tsv", sep="\t", index_col=0)
    counts.iloc[0, 0] += 7
    counts.rename(columns={"control_1": "new"}).to_csv(folder / "counts.tsv", sep="\t")
    sheet = sheet.rename(index={"control_1": "new"}).drop(index="treated_7")
    sheet.loc[["control_2", "treated_4"], "group"] = ["treated", "control"]
    study.write_sheet(folder, sheet)
    study.set_keys(
        folder / "my.yaml", {"contrasts": {"other": {"experiment": "treated", "control": "control"}}}
    )
    assert "will be removed: results/differential/" in run(folder, "-n")
    assert "were removed: results/differential/" in run(folder)
    assert not list((folder / "results").rglob("*treated_vs_control*"))
    assert_as_fresh(folder, tmp_path, inputs=["counts.tsv", "sheet.tsv", "my.yaml"])


@pytest.mark.parametrize("targets", [("results/counts/counts.tsv.gz", "results/annotation/peaks.tsv.gz")])
def test_reads_peaks_genes_and_blacklist_edited(tmp_path, targets):
    """A BAM replaced by an older file, peaks and blacklist edited, strands turned, a sample removed."""
    folder = tmp_path / "study"
    folder.mkdir()
    config = study.write(folder)
    (folder / "my.yaml").write_text(yaml.safe_dump(config))
    run(folder, *targets)
    before = files(folder)
    data = folder / "data"
    for ending in ("bam", "bam.bai"):
        shutil.copy(data / f"treated_2.{ending}", data / f"control_1.{ending}")
    study.make_old(data / "control_1.bam")
    study.drop_last_line(data / "peaks.narrowPeak")
    (data / "genes.gtf").write_text((data / "genes.gtf").read_text().replace("\t+\t", "\t-\t"))
    (data / "blacklist.bed").write_text("chrA\t0\t20000\n")
    study.write_sheet(folder, study.read_sheet(folder).drop(index="control_3"))
    run(folder, *targets)
    after = files(folder)
    assert all(before[name] != after[name] for name in targets)
    for left in ("fragments", "qc/measures"):  # not the whole run, which would remove them
        (folder / f"results/{left}/control_3.h5").unlink()
    assert_as_fresh(folder, tmp_path, *targets, inputs=["data", "sheet.tsv", "my.yaml"])


def test_a_copied_study_has_nothing_to_do(tmp_path):
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "my.yaml").write_text(
        yaml.safe_dump(counts_inputs.write(folder, counts_inputs.sheet(3, 3), n_peaks=100))
    )
    target = "results/differential/size_factors.tsv"
    run(folder, target)
    shutil.copytree(folder, tmp_path / "copy", copy_function=shutil.copyfile)  # with the dates of now
    assert "Nothing is to be done" in run(tmp_path / "copy", target, "-n")
    shutil.rmtree(tmp_path / "copy/.snakemake")  # what was done there is not known any more
    assert "estimate_size_factors" in run(tmp_path / "copy", target, "-n")
