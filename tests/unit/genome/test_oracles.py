"""Intervals and sequences against plain loops, and against pysam on FASTA files of many shapes."""

import shutil

import numpy as np
import pandas as pd
import pysam
import pytest
from Bio import bgzf

from workflow_lib.genome import reference

CONTIGS = ["1", "chr2", "chrX"]


def some_intervals(rng, n, contigs=CONTIGS, offset=0):
    start = offset + rng.integers(0, 5000, n)
    return pd.DataFrame(
        {"chrom": rng.choice(contigs, n), "start": start, "end": start + rng.integers(1, 300, n)}
    )


def counted(queries, intervals):
    """Each query against each interval."""
    return [
        sum(q.chrom == i.chrom and q.start < i.end and i.start < q.end for i in intervals.itertuples())
        for q in queries.itertuples()
    ]


@pytest.mark.parametrize(
    ("n_queries", "n_intervals", "contigs", "offset"),
    [
        (150, 100, CONTIGS, 0),
        (100, 100, [f"scaffold_{i}" for i in range(60)], 0),
        (60, 60, CONTIGS, 2**31 - 2500),  # contigs longer than 32 bits say
        (0, 5, CONTIGS, 0),
        (5, 0, CONTIGS, 0),
        (1, 1, ["1"], 0),
    ],
)
def test_overlaps_are_those_of_a_plain_loop(n_queries, n_intervals, contigs, offset):
    rng = np.random.default_rng(n_queries + n_intervals)
    queries = some_intervals(rng, n_queries, [*contigs, "elsewhere"], offset)
    queries.index = queries.index[::-1]  # rows are counted by their place
    intervals = some_intervals(rng, n_intervals, contigs, offset)
    assert reference.count_overlaps(queries, intervals).tolist() == counted(queries, intervals)


def test_intervals_that_touch_do_not_overlap():
    one = pd.DataFrame({"chrom": ["1", "1", "1"], "start": [0, 5, 10], "end": [5, 10, 15]})
    other = pd.DataFrame({"chrom": ["1"], "start": [5], "end": [10]})
    assert reference.count_overlaps(one, other).tolist() == [0, 1, 0]


@pytest.mark.parametrize("seed", range(3))
def test_neighbours_are_those_of_a_plain_loop(seed):
    rng = np.random.default_rng(seed)
    sites = np.unique(rng.integers(0, 2**43, 40) // 2**20 * 2**20)
    places = np.concatenate([sites[:5], rng.integers(0, 2**43, 60), [0, 2**43]])
    rng.shuffle(places)
    before = [max((i for i, site in enumerate(sites) if site <= place), default=-1) for place in places]
    after = [min((i for i, site in enumerate(sites) if site >= place), default=-1) for place in places]
    assert reference.nearest_before(places, sites).tolist() == before
    assert reference.nearest_after(places, sites).tolist() == after
    nothing = np.array([], dtype=np.int64)
    for neighbour in (reference.nearest_before, reference.nearest_after):
        assert neighbour(places, nothing).tolist() == [-1] * len(places)
        assert neighbour(nothing, sites).tolist() == []


def written(path, rng, width, end="\n", last="\n", lengths=(3210, 997, 60, 1)):
    """A FASTA of contigs of these lengths, with lines of one width."""
    parts = []
    for number, length in enumerate(lengths):
        text = "".join(rng.choice(list("ACGTacgtNnRY"), length))
        lines = [text[i : i + width] for i in range(0, length, width)]
        parts.append(f">c{number} described{end}" + end.join(lines))
    path.write_bytes((end.join(parts) + last).encode())
    return path


def windows_of(contigs, rng, n=40):
    """Windows of all lengths, from single bases to whole contigs."""
    rows = [(name, 0, length) for name, length in contigs.items()]
    for _ in range(n):
        name = rng.choice(contigs.index)
        start, end = np.sort(rng.integers(0, contigs[name] + 1, 2))
        rows += [(name, start, end)] if end > start else []
    return pd.DataFrame(rows, columns=["chrom", "start", "end"])


def expected(path, windows):
    """What pysam reads, with its own index beside a copy."""
    with pysam.FastaFile(str(path)) as genome:
        found = [genome.fetch(row.chrom, row.start, row.end).upper() for row in windows.itertuples()]
    return ["".join(base if base in "ACGT" else "N" for base in text) for text in found]


@pytest.mark.parametrize("ending", ["\n", "\r\n", " \n"])
@pytest.mark.parametrize("width", [1, 7, 60, 10_000])
@pytest.mark.parametrize("packed", [False, True])
def test_sequences_are_those_of_pysam(tmp_path, monkeypatch, ending, width, packed):
    monkeypatch.setattr(reference.fasta_io, "PIECE", 500)
    rng = np.random.default_rng(width)
    path = written(tmp_path / "genome.fa", rng, width, ending, last=rng.choice(["", ending]))
    if packed:
        pysam.tabix_compress(str(path), str(tmp_path / "packed"))
        path = tmp_path / "packed"  # no ending says that it is compressed
    shutil.copy(path, tmp_path / ("copy.gz" if packed else "copy"))
    ours = reference.write_index(path, tmp_path / "g.fai", tmp_path / "g.gzi")
    windows = windows_of(ours.contigs, rng)
    assert ours.fetch(windows) == expected(tmp_path / ("copy.gz" if packed else "copy"), windows)
    assert len(ours.sequence("c0")) == 3210


def test_a_sequence_may_begin_where_a_full_block_ends(tmp_path):
    rng = np.random.default_rng(5)
    plain = written(tmp_path / "plain.fa", rng, 150_000, lengths=(150_000,))
    path = tmp_path / "genome.fa.gz"
    with bgzf.BgzfWriter(str(path)) as out:  # blocks of 65,536 bytes; bgzip's own are smaller
        out.write(plain.read_bytes())
    ours = reference.write_index(path, tmp_path / "g.fai", tmp_path / "g.gzi")
    edge = 65_536 - len(">c0 described\n")
    windows = pd.DataFrame([("c0", at, at + 100) for at in range(edge - 2, edge + 3)])
    windows.columns = ["chrom", "start", "end"]
    assert ours.fetch(windows) == expected(plain, windows)
    assert ours.sequence("c0") == expected(plain, windows_of(ours.contigs, rng, 0))[0]


@pytest.mark.parametrize("index", ["fai", "gzi"])
def test_without_its_index_a_genome_is_refused_and_nothing_is_made(tmp_path, index):
    path = written(tmp_path / "genome.fa", np.random.default_rng(1), 60)
    ours = reference.write_index(path, tmp_path / "g.fai", tmp_path / "g.gzi")
    (tmp_path / f"g.{index}").unlink()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(reference.InputError, match="cannot be opened with its index"):
        ours.sequence("c0")
    assert sorted(tmp_path.iterdir()) == before


def test_a_genome_newer_than_its_index_is_read_and_not_indexed_again(tmp_path):
    path = written(tmp_path / "genome.fa", np.random.default_rng(1), 60)
    ours = reference.write_index(path, tmp_path / "g.fai", tmp_path / "g.gzi")
    before = (tmp_path / "g.fai").stat()
    path.touch()
    assert len(ours.sequence("c1")) == 997
    assert (tmp_path / "g.fai").stat().st_mtime_ns == before.st_mtime_ns
