"""The bigWig writer, read back by pyBigWig and summed up base by base."""

import struct
import zlib

import numpy as np
import pandas as pd
import pyBigWig
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_lib.io import bigwig

VALUES = st.sampled_from([0.0, 0.0, 0.5, 1.25, 7.0])
STEPS = st.lists(st.tuples(st.integers(1, 90), VALUES), min_size=1, max_size=60)


def dense(steps):
    """Value of every base."""
    return np.repeat([value for _, value in steps], [n for n, _ in steps])


def piece(steps, start=0):
    edges = start + np.cumsum([0] + [n for n, _ in steps])
    return edges[:-1], edges[1:], np.array([value for _, value in steps], np.float32)


def write(path, pieces, lengths):
    bigwig.write_bigwig(path, pd.Series(lengths), pieces)
    return pyBigWig.open(str(path))


def zoom_records(path):
    """Records of each zoom level, by its width, read by the layout alone."""
    content = path.read_bytes()
    (n_levels,) = struct.unpack_from("<H", content, 6)
    found = {}
    for level in range(n_levels):
        width, _, at, _ = struct.unpack_from("<IIQQ", content, 64 + 24 * level)
        (n_sections,) = struct.unpack_from("<I", content, at)
        rest, records = content[at + 4 :], []
        for _ in range(n_sections):
            section = zlib.decompressobj()
            records.append(np.frombuffer(section.decompress(rest), bigwig.SUMMARY))
            rest = section.unused_data
        found[width] = np.concatenate(records)
    return found


@settings(max_examples=150, deadline=None)
@given(STEPS, st.sampled_from([7, 10, 64]), st.sampled_from([2, 4]))
def test_summaries_add_up_to_what_the_bases_do(steps, width, coarser):
    bases = dense(steps)
    starts, ends, values = piece(steps)
    finest = bigwig.summarise(bigwig.summaries_of(starts, ends, values.astype(float)), width)
    for found, size in ((finest, width), (bigwig.summarise(finest, width * coarser), width * coarser)):
        assert found.starts[0] == 0
        assert found.ends[-1] == len(bases)
        assert (found.starts[1:] == found.ends[:-1]).all()
        for start, end, smallest, largest, total, squares in zip(*found, strict=True):
            here = bases[start:end]
            assert (smallest, largest) == (here.min(), here.max())
            assert total == pytest.approx(here.sum(), abs=1e-9)
            assert squares == pytest.approx((here**2).sum(), abs=1e-9)
            # either of one window, or of bases that are all alike
            assert (end - 1) // size == start // size or len(set(here)) == 1
        stops = set(found.ends.tolist())
        for bound in range(size, len(bases), size):
            around = bases[max(bound - size, 0) : bound + size]
            assert bound in stops or len(set(around)) == 1


@pytest.mark.parametrize("branches", [3, 256])
def test_every_contig_is_found_whatever_its_place_in_the_file(tmp_path, monkeypatch, branches):
    monkeypatch.setattr(bigwig, "BRANCHES", branches)
    monkeypatch.setattr(bigwig, "ITEMS", 4)
    rng = np.random.default_rng(1)
    names = [f"scaffold_{i}" for i in rng.permutation(700)]
    lengths = dict(zip(names, rng.integers(30, 3000, 700).tolist(), strict=True))
    bases = {}
    pieces = []
    for name in names[::2]:  # every other contig has no values at all
        edges = np.unique(np.r_[0, rng.integers(1, lengths[name], 12), lengths[name]])
        values = rng.integers(0, 4, len(edges) - 1).astype(np.float32)
        bases[name] = np.repeat(values, np.diff(edges))
        pieces.append((name, edges[:-1], edges[1:], values))
    file = write(tmp_path / "many.bw", pieces, lengths)
    assert file.chroms() == lengths
    for name in names:
        found = np.array(file.values(name, 0, lengths[name]))
        np.testing.assert_array_equal(found, bases.get(name, np.full(lengths[name], np.nan)))
    header = file.header()
    everything = np.concatenate(list(bases.values()))
    assert header["nBasesCovered"] == len(everything)
    assert (header["minVal"], header["maxVal"]) == (0, 3)
    assert (header["sumData"], header["sumSquared"]) == (everything.sum(), (everything**2).sum())


@pytest.mark.parametrize("at_a_time", [bigwig.PIECE, 700])
def test_zoom_levels_give_the_mean_and_the_extremes_of_long_windows(tmp_path, monkeypatch, at_a_time):
    monkeypatch.setattr(bigwig, "PIECE", at_a_time)
    rng = np.random.default_rng(2)
    widths, values = rng.integers(1, 200, 4000).tolist(), rng.integers(0, 5, 4000).tolist()
    steps = list(zip(widths, map(float, values), strict=True))
    steps.insert(2000, (3_000_000, 0.0))
    bases = dense(steps)
    half = len(steps) // 2
    middle = sum(n for n, _ in steps[:half])
    pieces = [("chr1", *piece(steps[:half])), ("chr1", *piece(steps[half:], middle))]
    path = tmp_path / "zoomed.bw"
    file = write(path, pieces, {"chr1": len(bases)})
    np.testing.assert_array_equal(file.values("chr1", 0, len(bases)), bases.astype(np.float32))
    assert file.header()["nLevels"] == len(bigwig.zoom_levels(len(bases))) > 4
    for found in zoom_records(path).values():
        assert (found["start"][1:] == found["end"][:-1]).all()
        assert found["n_bases"].sum() == len(bases)
        assert found["sum"].sum(dtype=float) == pytest.approx(bases.sum(), rel=1e-6)
    n_records = {width: len(found) for width, found in zoom_records(path).items()}
    assert max(n_records.values()) < 1000  # 3 Mb of zeros cost a record or two
    assert file.stats("chr1", 0, len(bases), type="max") == [bases.max()]
    assert file.stats("chr1", 0, len(bases)) == [pytest.approx(bases.mean(), rel=1e-5)]


def test_a_file_without_a_value_is_a_bigwig(tmp_path):
    file = write(tmp_path / "empty.bw", [], {"chr1": 100})
    assert file.chroms() == {"chr1": 100}
    assert file.intervals("chr1") is None
    assert file.header()["nBasesCovered"] == 0


def test_nothing_is_left_of_a_file_that_fails(tmp_path):
    def pieces():
        yield "chr1", np.array([0]), np.array([10]), np.array([1.0], np.float32)
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        bigwig.write_bigwig(tmp_path / "a.bw", pd.Series({"chr1": 100}), pieces())
    assert not list(tmp_path.iterdir())
