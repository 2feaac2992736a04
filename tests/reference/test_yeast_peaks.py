"""Peaks called from real reads against those that MACS3 called from the same BAM files."""

import numpy as np
import pandas as pd
import pytest

from workflow_lib.fragments import store as fragments
from workflow_lib.genome import reference
from workflow_lib.io import macs
from workflow_lib.peaks import calling, consensus

pytestmark = pytest.mark.skipif(macs.program() is None, reason="MACS is not installed (apt-get install macs)")
GROUPS = ("T0", "T15")


@pytest.fixture(scope="module")
def stores(shared):
    bams = shared / "data/yeast/bam"
    return {group: [fragments.from_bam(bams / f"{group}_rep{i}.bam") for i in (1, 2)] for group in GROUPS}


@pytest.fixture(scope="module")
def given(shared):
    """MACS3 -f BAMPE on both replicates, chrVII."""
    return {
        group: consensus.read_intervals(shared / f"data/yeast/peaks/{group}_peaks.narrowPeak")
        for group in GROUPS
    }


def called(stores, folder, mode):
    """Peaks of each group on chrVII, where nearly all reads are."""
    found = {}
    for group, members in stores.items():
        contigs = pd.Series(members[0].contigs)
        paths = []
        for i, store in enumerate(members):
            paths.append(folder / f"{group}_{i}.bed")
            calling.write_reads(store, paths[-1], mode=mode, leave_out=["chrM"])
        calls = calling.call(paths, contigs, mode=mode, cutoff=("q", 0.01), mappable=0.9, leave_out=["chrM"])
        calling.write(calls, folder / f"{group}.narrowPeak")
        table = consensus.read_intervals(folder / f"{group}.narrowPeak", contigs)
        found[group] = table[table["chrom"] == "chrVII"]
    return found


@pytest.mark.parametrize(
    ("mode", "found_of_given", "given_of_found", "summit_distance"),
    # measured: cuts 0.88, 0.88; 0.73, 0.68; 37, 38 bp. fragments 0.75, 0.76; 0.98, 0.96; 5, 4 bp
    [("cuts", 0.85, 0.6, 60), ("fragments", 0.7, 0.9, 15)],
)
def test_peaks_are_those_of_macs3_on_pairs(
    stores, given, tmp_path, mode, found_of_given, given_of_found, summit_distance
):
    for group, table in called(stores, tmp_path, mode).items():
        known = given[group]
        assert (reference.count_overlaps(known, table) > 0).mean() >= found_of_given
        assert (reference.count_overlaps(table, known) > 0).mean() >= given_of_found
        both = known[reference.count_overlaps(known, table) > 0]["summit"].to_numpy()
        apart = np.abs(both[:, None] - table["summit"].to_numpy()[None, :]).min(axis=1)
        assert np.median(apart) <= summit_distance
