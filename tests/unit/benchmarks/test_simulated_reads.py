"""Reads of the benchmarks are such as other programs take."""

import numpy as np
import pysam
import pytest

from benchmarks import simulated_reads
from workflow_lib.io import alignments


def test_names_of_simulated_reads_are_text_and_all_different():
    names = simulated_reads.illumina_names(500, np.random.default_rng(1))
    assert len(set(names)) == 500
    assert set(np.char.str_len(names)) == {names.dtype.itemsize}


def test_reads_whose_names_would_be_filled_with_zero_bytes_are_refused(tmp_path):
    contigs = {"chr1": 1000}
    n = np.zeros(2, np.int64)
    bases = np.zeros((2, 10), np.uint8)
    for names, refused in ((["r1", "r2"], False), (["r1", "r10"], True)):
        reads = alignments.Reads(np.array(names, "S"), n, n, n, n, n, n, n, bases)
        if refused:
            with pytest.raises(ValueError, match="one length"):
                alignments.write_bam(reads, contigs, tmp_path / "a.bam")
        else:
            alignments.write_bam(reads, contigs, tmp_path / "a.bam")
            with pysam.AlignmentFile(str(tmp_path / "a.bam")) as made:
                assert [read.query_name for read in made] == names
