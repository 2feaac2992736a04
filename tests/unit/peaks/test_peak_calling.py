"""MACS as it is called: what it is given, what is made of its answer, and how its failures are told."""

import stat

import numpy as np
import pandas as pd
import pytest

from workflow_lib.errors import InputError
from workflow_lib.io import macs
from workflow_lib.peaks import calling
from workflow_lib.preflight import programs

CONTIGS = pd.Series({"chr2": 1000, "chr1": 500, "chrM": 100})
SETTINGS = {"mode": "cuts", "cutoff": ("q", 0.01), "mappable": 0.9}


@pytest.fixture
def on_path(tmp_path, monkeypatch):
    """A function that puts a program of this name on the PATH, which is empty but for the shell's own."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setattr(macs.shutil, "which", lambda name: path if (path := folder / name).exists() else None)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    def put(name, script):
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    return put


def answering(*lines):
    """A script that writes its arguments to a file and these narrowPeak lines as its answer."""
    made = "\n".join(line.replace(" ", "\t") for line in lines)
    return (
        'echo "$@" > arguments; while [ "$1" != --outdir ]; do shift; done\n'
        f"cat > $2/atacdiff_peaks.narrowPeak <<'END'\n{made}\nEND\n"
        + ("" if lines else ": > $2/atacdiff_peaks.narrowPeak\n")
    )


def test_macs3_is_preferred_and_macs2_will_do(on_path):
    assert macs.program() is None
    on_path("macs2", "")
    assert macs.program() == "macs2"
    on_path("macs3", "")
    assert macs.program() == "macs3"


def test_without_macs_the_preflight_says_how_to_get_it(on_path):
    config = {"peaks": {"call": True}, "counts": None}
    (problem,) = programs.missing(config, "own.yaml")
    assert str(problem).startswith("own.yaml, key peaks.call: needs MACS")
    assert "apt-get install macs" in problem.fix
    assert programs.missing({"peaks": {"call": False}, "counts": None}) == []
    assert programs.missing({"peaks": {"call": True}, "counts": "counts.tsv"}) == []
    with pytest.raises(InputError, match="neither macs3 nor macs2 is on the PATH"):
        calling.call(["a.bed"], CONTIGS, **SETTINGS)
    on_path("macs2", "")
    assert programs.missing(config) == []


def test_peaks_come_in_genome_order_and_end_with_their_contig(on_path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    on_path("macs3", answering(
        "chr1 400 560 x_1 20 . 3.5 4.25 2 150", "chr1 10 90 x_2 10 . 2 3 1 40", "chr2 5 50 x_3 7 . 1 2.5 1 9",
        "decoy 5 50 x_4 7 . 1 2.5 1 9",
    ))  # fmt: skip
    found = calling.call(["a.bed", "b.bed"], CONTIGS, **SETTINGS, leave_out=["chrM"])
    assert found[["chrom", "start", "end", "name", "pvalue", "summit"]].to_numpy().tolist() == [
        ["chr2", 5, 50, "peak_1", "2.5", 9],
        ["chr1", 10, 90, "peak_2", "3", 40],
        ["chr1", 400, 500, "peak_3", "4.25", 99],
    ]
    arguments = (tmp_path / "arguments").read_text()
    assert arguments.startswith(
        "callpeak -t a.bed b.bed -f BED --nomodel --shift -75 --extsize 150 --keep-dup all -g 1350 -q 0.01 "
    )
    calling.write(found, tmp_path / "a.narrowPeak")
    assert (tmp_path / "a.narrowPeak").read_text().splitlines()[2].split("\t")[:4] == [
        "chr1", "400", "500", "peak_3"
    ]  # fmt: skip


def test_fragments_are_piled_up_as_they_are(on_path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    on_path("macs3", answering())
    found = calling.call(
        ["a.bed"], CONTIGS, mode="fragments", cutoff=("p", 0.01), mappable=1, leave_out=["chrM"]
    )
    assert len(found) == 0
    assert "-f BEDPE --keep-dup all -g 1500 -p 0.01 " in (tmp_path / "arguments").read_text()
    calling.write(found, tmp_path / "a.narrowPeak")
    assert (tmp_path / "a.narrowPeak").read_bytes() == b""


def test_a_failure_is_told_in_the_programs_words(on_path):
    on_path("macs2", "echo first; echo no space left on device >&2; exit 3")
    with pytest.raises(InputError, match=r"macs2 callpeak failed \(exit 3\)(.|\n)*no space left on device"):
        calling.call(["a.bed"], CONTIGS, **SETTINGS)


class Store:
    """As much of a store as is needed."""

    def __init__(self, paired, n=1):
        self.paired, self.n = paired, n
        self.contigs = {"chr1": 500, "chrM": 100, "chr2": 1000}

    def cuts(self, contig):
        rng = np.random.default_rng(len(contig))
        return np.sort(rng.integers(0, self.contigs[contig], self.n)).astype(np.int32)

    def fragments(self, contig):
        return self.cuts(contig), self.cuts(contig)


def test_mitochondrial_reads_are_left_out_and_single_ends_have_no_fragments(tmp_path):
    assert calling.write_reads(Store(True), tmp_path / "a", mode="cuts", leave_out=["chrM"]) == 2
    assert "chrM" not in (tmp_path / "a").read_text()
    assert calling.write_reads(Store(True), tmp_path / "b", mode="fragments") == 3
    with pytest.raises(InputError, match=r"single-end reads have no fragments; set peaks\.mode to cuts"):
        calling.write_reads(Store(False), tmp_path / "c", mode="fragments")


@pytest.mark.skipif(macs.program() is None, reason="MACS is not installed (apt-get install macs)")
@pytest.mark.parametrize("n", [0, 5])
def test_no_reads_or_ten_give_no_peaks_and_no_error(tmp_path, n):
    n_written = calling.write_reads(Store(True, n), tmp_path / "a", mode="cuts", leave_out=["chrM"])
    assert n_written == 2 * n
    assert len(calling.call([tmp_path / "a"], CONTIGS, **SETTINGS)) == 0
