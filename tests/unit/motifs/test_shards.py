"""Numbers of parts from the size of inputs, and the estimate of rows they rest on."""

import gzip

import numpy as np
import pandas as pd
import pysam
import pytest

from workflow_lib.io import rows
from workflow_lib.motifs import shards


def peak_lines(n):
    rng = np.random.default_rng(1)
    start = rng.integers(0, 240_000_000, n)
    return "".join(f"chr{i % 22 + 1}\t{s}\t{s + 501}\n" for i, s in enumerate(start)).encode()


@pytest.mark.parametrize("text", [b"", b"a\n", b"a\nb", b"a\n\nb\n"])
def test_short_files_are_counted(tmp_path, text):
    plain, packed = tmp_path / "a.bed", tmp_path / "a.bed.gz"
    plain.write_bytes(text)
    packed.write_bytes(gzip.compress(text))
    assert rows.estimate(plain) == rows.estimate(packed) == len(text.splitlines())


def test_long_files_are_estimated_whatever_their_packing(tmp_path):
    text = peak_lines(300_000)
    paths = [tmp_path / name for name in ("plain.bed", "gzip.bed.gz", "bgzip.bed.gz")]
    paths[0].write_bytes(text)
    paths[1].write_bytes(gzip.compress(text))
    with pysam.BGZFile(str(paths[2]), "wb") as file:
        file.write(text)
    for path in paths:
        assert rows.estimate(path) == pytest.approx(300_000, rel=0.03)


def test_parquet_says_itself_how_many_rows_it_has(tmp_path):
    pd.DataFrame({"peak": range(1234)}).to_parquet(tmp_path / "counts.parquet")
    assert rows.estimate(tmp_path / "counts.parquet") == 1234


def test_a_file_cut_short_is_counted_as_far_as_it_goes(tmp_path):
    packed = gzip.compress(peak_lines(10_000))
    (tmp_path / "cut.gz").write_bytes(packed[: len(packed) // 2])
    assert 0 <= rows.estimate(tmp_path / "cut.gz") < 10_000


@pytest.mark.parametrize(
    ("n_peaks", "window", "parts"),
    [(0, 200, 1), (2_000, 200, 1), (100_001, 200, 1), (200_000, 200, 2), (200_000, 500, 5)],
)
def test_a_part_of_the_scan_is_twenty_megabases(tmp_path, n_peaks, window, parts):
    (tmp_path / "few.bed").write_bytes(b"chr1\t1\t2\n")
    (tmp_path / "peaks.bed").write_bytes(b"a\n" * n_peaks)
    assert shards.of_scan([tmp_path / "few.bed", tmp_path / "peaks.bed"], window) == parts


def test_the_number_of_parts_has_bounds(tmp_path):
    (tmp_path / "peaks.bed").write_bytes(b"a\n" * 1_000_000)
    assert shards.of_scan([tmp_path / "peaks.bed"], 5000) == shards.MOST
    assert shards.of_scan([tmp_path / "absent.bed"], 200) == shards.UNKNOWN
    assert shards.of_scan([], 200) == shards.UNKNOWN
