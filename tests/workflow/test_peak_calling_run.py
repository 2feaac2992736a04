"""Peaks called and tracks written in a whole run, on a small simulated experiment with planted peaks."""

import shutil
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import yaml

from workflow_lib import simulate
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.genome import reference
from workflow_lib.io import macs

LENGTHS = {"chr1": 500_000, "chr2": 300_000}
CHOSEN = ["control_1", "control_2", "treated_1"]
TARGETS = ["results/tracks/igv_session.xml", "results/counts/counts.tsv.gz"]


def configured(project, **peaks):
    """Inputs with 200 peaks on 800 kb, and a config that calls peaks in them."""
    demo = simulate.demo(5, lengths=LENGTHS, n_genes=20, n_peaks=200, depth=30_000)
    demo.write(project.folder / "inputs")
    sheet = simulate.SAMPLES.loc[CHOSEN, ["group"]].assign(bam=[f"inputs/{sample}.bam" for sample in CHOSEN])
    sheet.to_csv(project.folder / "sheet.tsv", sep="\t")
    config = {
        "samples": "sheet.tsv",
        "genome": {"fasta": "inputs/genome.fa"},
        "peaks": {"call": True} | peaks,
        "demo": None,
    }
    (project.folder / "own.yaml").write_text(yaml.safe_dump(config))
    return [*TARGETS, "--cores", 2, "--configfile", "own.yaml"]


def test_without_macs_a_run_that_calls_peaks_does_not_start(new_project, tmp_path):
    project = new_project()
    for name in ("bash", "sh", "which"):  # what snakemake itself asks for
        (tmp_path / name).symlink_to(shutil.which(name))
    (project.folder / "own.yaml").write_text("samples: sheet.tsv\npeaks: {call: true}\ndemo: null\n")
    (project.folder / "sheet.tsv").write_text(
        "sample\tgroup\tbam\na_1\tcontrol\ta.bam\nb_1\ttreated\tb.bam\n"
    )
    said = project.snakemake("-n", "--configfile", "own.yaml", fails=True, PATH=str(tmp_path))
    assert "key peaks.call: needs MACS" in said
    assert "apt-get install macs" in said


@pytest.fixture(scope="module")
def run(new_project):
    if macs.program() is None:
        pytest.skip("MACS is not installed (apt-get install macs)")
    project = new_project()
    project.snakemake(*configured(project))
    return project


def test_planted_peaks_are_called_and_nothing_else(run):
    truth = pd.read_csv(run.folder / "inputs/truth/peaks.tsv", sep="\t")
    found = run.table("peaks/peaks.tsv")
    strong = truth[truth["strength"] >= truth["strength"].median()]
    assert (reference.count_overlaps(strong, found) > 0).mean() >= 0.95
    assert (reference.count_overlaps(truth, found) > 0).mean() >= 0.6
    assert (reference.count_overlaps(found, truth) > 0).mean() >= 0.97


def test_summits_lie_where_they_were_planted(run):
    truth = pd.read_csv(run.folder / "inputs/truth/peaks.tsv", sep="\t")
    found = run.table("peaks/peaks.tsv")
    assert (found["end"] - found["start"] == 501).all()
    assert (found["summit"] == found["start"] + 250).all()
    apart = [
        np.abs(truth.loc[truth["chrom"] == chrom, "summit"] - summit).min()
        for chrom, summit in zip(found["chrom"], found["summit"], strict=True)
    ]
    assert np.median(apart) <= 25
    assert set(found[["control", "treated"]].to_numpy().ravel()) == {0, 1}


def test_the_reads_for_the_caller_are_gone_and_the_calls_stay(run):
    folder = run.folder / "results/peaks"
    assert not (folder / "reads").exists()
    assert len(list((folder / "calls/samples").iterdir())) == 3
    assert len(list((folder / "calls/groups").iterdir())) == 2


def test_tracks_sum_to_cuts_over_the_size_factors_of_the_test(run):
    import pyBigWig

    factors = run.table("differential/size_factors.tsv", index_col="sample")["used"]
    sums = {}
    for sample in factors.index:
        store = FragmentStore.read(run.folder / f"results/fragments/{sample}.h5")
        with pyBigWig.open(str(run.folder / f"results/tracks/{sample}.bw")) as file:
            assert file.chroms() == LENGTHS
            sums[sample] = sum(
                (end - start) * value for name in LENGTHS for start, end, value in file.intervals(name)
            )
        n_cuts = sum(len(store.cuts(name)) for name in LENGTHS)
        assert sums[sample] == pytest.approx(n_cuts / factors[sample], rel=1e-6)
    with pyBigWig.open(str(run.folder / "results/tracks/control.bw")) as file:
        total = sum((end - start) * value for name in LENGTHS for start, end, value in file.intervals(name))
    assert total == pytest.approx(np.mean([sums["control_1"], sums["control_2"]]), rel=1e-6)


def test_every_file_that_the_session_names_is_there(run):
    folder = run.folder / "results/tracks"
    session = ElementTree.parse(folder / "igv_session.xml").getroot()
    paths = [resource.get("path") for resource in session.iter("Resource")]
    assert len(paths) == 9  # five tracks, the peaks, opened and closed ones, hits
    for path in [*paths, session.get("genome")]:
        assert (folder / path).is_file(), path
    hub = dict(line.split(" ", 1) for line in (folder / "hub.txt").read_text().splitlines())
    assert (folder / hub["genomesFile"]).is_file()
