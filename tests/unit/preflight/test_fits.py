"""The line that says yes, and a profile that is not there."""

import pandas as pd
import pytest

from workflow_lib.preflight import fits


def config(**changes):
    genome = {"name": "sacCer3", "fasta": "genome.fa", **changes.pop("genome", {})}
    return {"genome": genome, "counts": None, "peaks": {"call": False}, "demo": None} | changes


SAMPLES = pd.DataFrame({"group": ["T0", "T0", "T15", "T15"]}, index=list("abcd"))


@pytest.mark.parametrize(
    ("settings", "rows", "notes", "jobs", "said"),
    [
        (
            config(),
            {"peaks": 120},
            1,
            67,
            "4 samples (T0 2, T15 2), 120 peaks, sacCer3: all inputs fit. 1 note. 67 jobs.",
        ),
        (
            config(genome={"name": None, "fasta": "x/mm39.fa.gz"}),
            {"peaks:T0": 1000, "peaks:T15": 500},
            0,
            1,
            "4 samples (T0 2, T15 2), 1,500 peaks in 2 files, mm39: all inputs fit. 1 job.",
        ),
        (
            config(counts="c.tsv", genome={"name": None, "fasta": None}),
            {"counts": 1},
            2,
            0,
            "4 samples (T0 2, T15 2), 1 peak with counts, no genome: all inputs fit. 2 notes. "
            "Nothing is to be done: all results are up to date.",
        ),
    ],
)
def test_what_a_run_starts_from(settings, rows, notes, jobs, said):
    assert fits.sentence(settings, SAMPLES, rows, notes, jobs) == said


def test_a_profile_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("default", "slurm"):
        (tmp_path / "checkout/profiles" / name).mkdir(parents=True)
        (tmp_path / "checkout/profiles" / name / "profile.yaml").write_text("")
    checkout = str(tmp_path / "checkout")

    def wrong(*arguments):
        return fits.missing_profile(["snakemake", *arguments], checkout)

    assert wrong("--cores", "2") is None
    assert wrong("--workflow-profile", "slurm") is None
    assert wrong("--workflow-profile=none") is None
    for arguments in (["--workflow-profile", "profiles/slurm"], ["--workflow-prof=profiles/slurm/"]):
        assert "write --workflow-profile slurm" in wrong(*arguments)
    assert "one of default, slurm" in wrong("--workflow-profile", "elsewhere")
    (tmp_path / "profiles/own").mkdir(parents=True)
    assert wrong("--workflow-profile", "own") is None
