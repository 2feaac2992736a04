"""Intervals and sequences against the libraries that the field uses for them."""

import numpy as np
import pandas as pd
import pyfaidx
import pyranges
import pytest

from workflow_lib.genome import reference


def some_intervals(rng, n):
    start = rng.integers(0, 5000, n)
    return pd.DataFrame(
        {
            "chrom": rng.choice(["1", "chr2", "chrX"], n),
            "start": start,
            "end": start + rng.integers(1, 300, n),
        }
    )


def as_ranges(table):
    return pyranges.PyRanges(
        table.set_axis(["Chromosome", "Start", "End"], axis=1).assign(row=range(len(table)))
    )


@pytest.mark.parametrize("seed", range(5))
def test_overlaps_are_those_of_pyranges(seed):
    rng = np.random.default_rng(seed)
    queries, intervals = some_intervals(rng, 300), some_intervals(rng, 200)
    counted = as_ranges(queries).count_overlaps(as_ranges(intervals)).df.sort_values("row")
    np.testing.assert_array_equal(reference.count_overlaps(queries, intervals), counted["NumberOverlaps"])


def test_sequences_are_those_of_pyfaidx(tmp_path):
    rng = np.random.default_rng(1)
    path = tmp_path / "genome.fa"
    with open(path, "w") as out:
        for name, length in {"1": 3210, "chr2": 997}.items():
            text = "".join(rng.choice(list("ACGTacgtN"), length))
            out.write(
                f">{name} described\n" + "\n".join(text[i : i + 60] for i in range(0, length, 60)) + "\n"
            )
    ours = reference.write_index(path, tmp_path / "g.fai", tmp_path / "g.gzi")
    theirs = pyfaidx.Fasta(str(path), indexname=str(tmp_path / "other.fai"), sequence_always_upper=True)
    windows = pd.DataFrame(
        {"chrom": ["1", "1", "chr2", "chr2"], "start": [0, 59, 996, 100], "end": [1, 3210, 997, 700]}
    )
    expected = [str(theirs[row.chrom][row.start : row.end]) for row in windows.itertuples()]
    assert ours.fetch(windows) == expected
    assert ours.contigs.to_dict() == {name: len(theirs[name]) for name in theirs.keys()}  # noqa: SIM118
