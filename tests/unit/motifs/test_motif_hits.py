"""Shards of hits, and what they are gathered into."""

import gzip

import numpy as np
import pandas as pd
import pysam
import pytest
from scipy import sparse

from workflow_lib.errors import InputError
from workflow_lib.io import hits as store
from workflow_lib.io.motifs import Motif
from workflow_lib.motifs import scan
from workflow_lib.motifs.library import MotifLibrary

EVEN = [0.25] * 4
N_PEAKS = 37
PVALUE = 1e-2


@pytest.fixture(scope="module")
def library():
    rng = np.random.default_rng(2)
    motifs = (
        Motif(f"m{i}", f"m{i}", rng.dirichlet([0.3] * 4, length).T * 50) for i, length in enumerate((4, 6, 9))
    )
    return MotifLibrary(tuple(motifs)).calibrated(PVALUE, EVEN)


@pytest.fixture(scope="module")
def peaks():
    """Sequences of windows on three contigs (chr10 before chr2) that overlap and whose starts do not rise."""
    rng = np.random.default_rng(1)
    chrom = np.repeat(["chr1", "chr10", "chr2"], [20, 2, N_PEAKS - 22])
    genome = {
        name: "".join(rng.choice(list("ACGTN"), 1200, p=[0.24] * 4 + [0.04])) for name in pd.unique(chrom)
    }
    summit = np.concatenate(
        [np.sort(rng.integers(100, 900, (chrom == name).sum())) for name in pd.unique(chrom)]
    )
    start = summit + rng.integers(-90, 90, N_PEAKS)
    windows = pd.DataFrame({"chrom": chrom, "start": start, "end": start + 120})
    windows.insert(0, "peak", [f"{c}:{s - 200}-{s + 200}" for c, s in zip(chrom, summit, strict=True)])
    assert (np.diff(start[:20]) < 0).any()
    return {row.peak: genome[row.chrom][row.start : row.end] for row in windows.itertuples()}, windows


def gathered(folder, peaks, library, n, batch=store.BATCH, engine="moods"):
    """Scan in n parts, gather, and return the folder and the number of hits."""
    sequences, windows = peaks
    folder.mkdir()
    shards = []
    for i in range(1, n + 1):
        shards.append(folder / f"{i}-of-{n}.parquet")
        found = scan.scan_part(sequences, windows, library, f"{i}-of-{n}", engine=engine)
        store.write_shard(found, shards[-1])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "BATCH", batch)
        number = store.gather(shards, windows, library.ids, folder / "hits.bed.gz", folder / "matches.npz")
    return folder, number


@pytest.fixture(scope="module")
def whole(tmp_path_factory, peaks, library):
    return gathered(tmp_path_factory.mktemp("hits") / "whole", peaks, library, 1)


def test_bed_holds_every_hit_in_genome_order(whole, peaks, library):
    folder, number = whole
    sequences, windows = peaks
    expected = scan.scan(sequences, library, PVALUE, EVEN).astype(
        {"name": str, "motif_id": str, "strand": str}
    )
    place = windows.set_index("peak").loc[expected["name"]]
    for column in ("start", "end"):
        expected[column] += place["start"].to_numpy()
    expected["chrom"] = place["chrom"].to_numpy()
    expected["score"] = expected["score"].round(4)
    rank = {name: i for i, name in enumerate(["chr1", "chr10", "chr2"])}
    order = {peak: i for i, peak in enumerate(windows["peak"])}
    expected = expected.sort_values(
        ["chrom", "start", "end", "motif_id", "strand", "name"],
        key=lambda column: column.map({"chrom": rank, "name": order}.get(column.name, {})).fillna(column),
    )
    expected = expected[["chrom", "start", "end", "motif_id", "score", "strand", "name"]]
    found = store.read_hits(folder / "hits.bed.gz")
    assert list(found) == ["chrom", "start", "end", "motif_id", "score", "strand", "peak"]
    assert number == len(found) == len(expected) > 100
    texts = {"chrom": str, "motif_id": str, "strand": str, "peak": str}
    assert found.astype(texts).to_numpy().tolist() == expected.to_numpy().tolist()


def test_scores_have_four_decimals(whole):
    with gzip.open(whole[0] / "hits.bed.gz", "rt") as lines:
        scores = [line.split("\t")[4] for line in lines]
    assert all(len(score.partition(".")[2]) == 4 for score in scores)


def test_scores_below_one_and_below_zero_are_written_right(tmp_path):
    hits = pd.DataFrame({"peak": 0, "motif": 0, "start": range(5), "end": 9, "strand": "-"})
    hits["score"] = [-0.00001, -0.05, -12.3456789, 0.9999999, 0.0123]
    store.write_shard(hits, tmp_path / "shard.parquet")
    windows = pd.DataFrame({"peak": ["p"], "chrom": ["c"], "start": [0], "end": [9]})
    store.gather([tmp_path / "shard.parquet"], windows, ["m"], tmp_path / "h.bed.gz", tmp_path / "m.npz")
    with gzip.open(tmp_path / "h.bed.gz", "rt") as lines:
        assert [line.split("\t")[4] for line in lines] == [
            "0.0000",
            "-0.0500",
            "-12.3457",
            "1.0000",
            "0.0123",
        ]


def test_quotes_in_names_are_names(tmp_path):
    hits = pd.DataFrame({"peak": 0, "motif": [0, 1], "start": [1, 2], "end": 9, "strand": "-", "score": 1.0})
    store.write_shard(hits, tmp_path / "shard.parquet")
    windows = pd.DataFrame({"peak": ["p"], "chrom": ['c"'], "start": [0], "end": [9]})
    motifs = ['"m"', '"n']
    store.gather([tmp_path / "shard.parquet"], windows, motifs, tmp_path / "h.bed.gz", tmp_path / "m.npz")
    found = store.read_hits(tmp_path / "h.bed.gz")
    assert found["motif_id"].tolist() == motifs
    assert found["chrom"].tolist() == ['c"', 'c"']


def test_index_answers(whole):
    folder, _ = whole
    found = store.read_hits(folder / "hits.bed.gz")
    with pysam.TabixFile(str(folder / "hits.bed.gz")) as bed:
        assert sorted(bed.contigs) == ["chr1", "chr10", "chr2"]
        lines = list(bed.fetch("chr10"))
    assert len(lines) == (found["chrom"] == "chr10").sum() > 0


def test_matches_count_hits(whole, peaks, library):
    folder, number = whole
    sequences, _ = peaks
    matches = store.read_matches(folder / "matches.npz")
    assert matches.shape == (N_PEAKS, 3)
    assert matches.dtype == np.int32
    assert matches.has_canonical_format
    assert matches.sum() == number
    hits = scan.scan(sequences, library, PVALUE, EVEN)
    expected = pd.crosstab(hits["name"], hits["motif_id"], dropna=False)
    assert matches.toarray().tolist() == expected.to_numpy().tolist()
    assert matches.max() > 1


@pytest.mark.parametrize(("n", "batch"), [(2, 10), (3, 250_000), (7, 1), (16, 33), (50, 250_000)])
def test_same_bytes_at_any_number_of_parts(tmp_path, whole, peaks, library, n, batch):
    folder, number = gathered(tmp_path / "parts", peaks, library, n, batch)
    assert number == whole[1]
    for name in ("hits.bed.gz", "hits.bed.gz.tbi", "matches.npz"):
        assert (folder / name).read_bytes() == (whole[0] / name).read_bytes(), name


@pytest.mark.parametrize("n", [1, 5])
def test_same_bytes_by_the_index_of_words(tmp_path, whole, peaks, library, n):
    folder, _ = gathered(tmp_path / "index", peaks, library, n, engine="index")
    for name in ("hits.bed.gz", "hits.bed.gz.tbi", "matches.npz"):
        assert (folder / name).read_bytes() == (whole[0] / name).read_bytes(), name


def test_no_hit_gives_whole_files(tmp_path, peaks, library):
    _, windows = peaks
    silent = dict.fromkeys(windows["peak"], "N" * 120)
    folder, number = gathered(tmp_path / "none", (silent, windows), library, 3)
    assert number == 0
    assert len(store.read_hits(folder / "hits.bed.gz")) == 0
    assert store.read_matches(folder / "matches.npz").nnz == 0
    with pysam.TabixFile(str(folder / "hits.bed.gz")) as bed:
        assert bed.contigs == []


def test_no_peak(tmp_path, peaks, library):
    _, windows = peaks
    folder, number = gathered(tmp_path / "none", ({}, windows.iloc[:0]), library, 2)
    assert number == 0
    assert store.read_matches(folder / "matches.npz").shape == (0, 3)


def test_shards_keep_every_bit(tmp_path, peaks, library):
    hits = scan.scan_part(*peaks, library, "2-of-3")
    store.write_shard(hits, tmp_path / "shard.parquet")
    pd.testing.assert_frame_equal(store.read_shard(tmp_path / "shard.parquet"), hits)


def test_shards_in_the_wrong_order_are_refused(tmp_path, peaks, library):
    for i in (1, 2):
        store.write_shard(scan.scan_part(*peaks, library, f"{i}-of-2"), tmp_path / f"{i}.parquet")
    shards = [tmp_path / "2.parquet", tmp_path / "1.parquet"]
    with pytest.raises(ValueError, match="order of their peaks"):
        store.gather(shards, peaks[1], library.ids, tmp_path / "h.bed.gz", tmp_path / "m.npz")
    assert not (tmp_path / "h.bed.gz").exists()


def test_matches_that_are_none_are_refused(tmp_path):
    (tmp_path / "m.npz").write_text("nonsense")
    with pytest.raises(InputError, match=r"m\.npz: not a whole matrix"):
        store.read_matches(tmp_path / "m.npz")


def test_matches_written_twice_are_the_same_bytes(tmp_path):
    matrix = sparse.random(50, 20, density=0.2, random_state=0, format="csr")
    for name in ("a.npz", "b.npz"):
        store.write_matches(matrix, tmp_path / name)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
