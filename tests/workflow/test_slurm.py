"""The middle of the demo through a real one-node Slurm: the same bytes as on this machine alone."""

import shutil
from pathlib import Path

import cluster
import pytest

MIDDLE = [
    "motifs/hits.bed.gz",
    "motifs/hits.bed.gz.tbi",
    "motifs/matches.npz",
    "motifs/enrichment",
    "chromvar",
]
TARGETS = ["motifs/enrichment/treated_vs_control.up.tsv", "chromvar/variability.tsv"]
OPTIONS = [*cluster.OPTIONS, "--slurm-array-jobs", "scan_motifs"]


def test_parts_of_a_run_on_slurm_are_those_of_a_local_run(slurm, demo, copy_of_demo):
    results = copy_of_demo.folder / "results"
    for name in MIDDLE:
        shutil.rmtree(results / name) if (results / name).is_dir() else (results / name).unlink()
    targets = [f"results/{name}" for name in TARGETS]
    said = copy_of_demo.snakemake(*targets, *OPTIONS, "--set-scatter", "motifs=3")
    rules = [comment.split("_wildcards")[0] for _, state, comment in cluster.jobs() if state == "COMPLETED"]
    assert rules.count("rule_scan_motifs") == 3, said
    grouped = " ".join(rules)  # a group's job bears the names of its rules
    assert all(rule in grouped for rule in ("gather_hits", "test_enrichment", "compute_deviations")), rules
    ours, theirs = demo.tables(), copy_of_demo.tables()
    made = [name for name in theirs if name.startswith(("motifs", "chromvar"))]
    assert {"motifs/hits.bed.gz", "motifs/matches.npz", *TARGETS} <= set(made)
    assert [name for name in theirs if theirs[name] != ours[name]] == []


def test_nothing_of_the_cluster_is_left_behind():
    reason = cluster.why_not()
    if reason:
        pytest.skip(reason)
    before = of_others()
    with cluster.running() as folder:
        assert (cluster.SYSTEM / "slurm.conf").resolve() == folder / "slurm.conf"
        addresses = cluster.listening()
    assert addresses
    assert {address for address, _ in addresses} == {"127.0.0.1"}
    assert not folder.exists()
    assert of_others() == before
    links = cluster.SYSTEM.iterdir() if cluster.SYSTEM.is_dir() else ()
    assert [link for link in links if folder in link.resolve().parents] == []
    assert [command for command in commands() if str(folder) in command] == []


def of_others():
    """What the machine itself has of Slurm; the links of another test's cluster come and go."""
    ours = {*cluster.CONFIGURATION, f"{cluster.PREFIX}made"}
    return {path.name for path in cluster.SYSTEM.glob("*")} - ours


def commands():
    """Command lines of all processes."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield path.read_text().replace("\0", " ")
        except OSError:
            continue  # it ended meanwhile
