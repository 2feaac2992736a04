"""Motif hits: shards as parquet, gathered into one indexed BED and one sparse peaks x motifs matrix."""

import csv
import gzip
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pysam
from scipy import sparse

from workflow_lib.errors import InputError
from workflow_lib.io.atomic import replacing
from workflow_lib.io.text import check_whole

BATCH = 250_000  # hits held at once while gathering, beside those that wait for their turn
LONGEST_CONTIG = 2**29  # what a .tbi index can address
CONTIG_STEP = 2**40  # more than any contig is long: contig number * this + start orders the genome
DECIMALS = 4  # of scores in the BED
STRANDS = ("+", "-")
COLUMNS = ["chrom", "start", "end", "motif_id", "score", "strand", "peak"]

_SCHEMA = pa.schema(
    [
        ("peak", pa.int32()),
        ("motif", pa.int32()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("minus", pa.bool_()),
        ("score", pa.float64()),
    ]
)


def write_shard(hits: pd.DataFrame, path: str | Path) -> None:
    """Write hits of some peaks: peak (row), motif (column), start, end (genome), strand, score.

    Rows must be in order of peak.
    """
    if not hits["peak"].is_monotonic_increasing:
        raise ValueError("hits of a shard must be in order of peak")
    table = hits.assign(minus=(hits["strand"] == "-").to_numpy(bool))
    with replacing(path) as partial:
        pq.write_table(
            pa.Table.from_pandas(table, schema=_SCHEMA, preserve_index=False), partial, row_group_size=BATCH
        )


def read_shard(path: str | Path) -> pd.DataFrame:
    """Hits that :func:`write_shard` wrote."""
    with _shard(path) as file:
        return _frame(file.read())


def gather(
    shards: Sequence[str | Path],
    windows: pd.DataFrame,
    motif_ids: Sequence[str],
    bed: str | Path,
    matches: str | Path,
) -> int:
    """Merge the shards of a scan; the result does not depend on how many there are.

    Parameters
    ----------
    shards : sequence of paths
        In order of their peaks.
    windows : DataFrame
        peak, chrom, start of the scanned windows, one row a peak in genome order of the peaks. Windows may
        overlap, and their starts need not rise.
    motif_ids : sequence of str
        In order of the library.
    bed : path
        Becomes a bgzip BED with columns chrom, start, end, motif_id, score (bits, four decimals), strand,
        peak, in order of genome, start, end, motif, strand, peak; `bed`.tbi is its index. A site that lies
        in the windows of two peaks is there for both.
    matches : path
        Becomes the sparse peaks x motifs matrix, number of hits.

    Returns
    -------
    int
        Number of hits.

    Raises
    ------
    InputError
        If a hit lies beyond 512 Mbp, where a .tbi index ends.
    """
    n_peaks, n_motifs = len(windows), len(motif_ids)
    chrom, contigs = pd.factorize(windows["chrom"].to_numpy(object))
    if (np.diff(chrom) < 0).any():
        raise ValueError("windows must keep the peaks of a contig together")
    place = chrom * CONTIG_STEP + windows["start"].to_numpy(np.int64)
    names = [pa.array(list(values), pa.string()) for values in (contigs, motif_ids, windows["peak"])]
    pairs: list[tuple[np.ndarray, np.ndarray]] = []
    n_hits = 0
    index = Path(f"{bed}.tbi")
    with replacing(index) as partial_index, replacing(bed) as partial:
        with pysam.BGZFile(str(partial), "wb", None) as out:
            for hits in _in_genome_order(_batches(shards), chrom, place):
                if hits["end"].max() > LONGEST_CONTIG:
                    raise InputError(
                        f"{bed}: a hit lies beyond 512 Mbp, where a .tbi index ends; split the contig"
                    )
                out.write(_bed_lines(hits, chrom, names))
                pairs.append(np.unique(hits["peak"] * n_motifs + hits["motif"], return_counts=True))
                n_hits += len(hits)
        pysam.tabix_index(str(partial), force=True, preset="bed", index=str(partial_index))
    write_matches(_matches(pairs, (n_peaks, n_motifs)), matches)
    return n_hits


def _batches(shards) -> Iterator[pd.DataFrame]:
    """Hits of all shards, some at a time, in order of peak."""
    last = -1
    for shard in shards:
        with _shard(shard) as file:
            for batch in file.iter_batches(BATCH):
                hits = _frame(batch)
                if hits.empty:
                    continue
                if hits["peak"].iloc[0] < last:
                    raise ValueError(f"{shard}: shards must come in order of their peaks")
                last = hits["peak"].iloc[-1]
                yield hits


@contextmanager
def _shard(path) -> Iterator[pq.ParquetFile]:
    try:
        with pq.ParquetFile(path) as file:
            yield file
    except (pa.ArrowException, OSError) as error:
        said = " ".join(str(error).split())
        raise InputError(f"{path}: not a whole parquet file ({said}); delete it and run again") from error


def _frame(stored) -> pd.DataFrame:
    table = stored.to_pandas()
    table["strand"] = pd.Categorical.from_codes(table.pop("minus").astype(np.int8), list(STRANDS))
    columns = ["peak", "motif", "start", "end", "strand", "score"]
    return table.astype({"peak": np.int64, "motif": np.int64})[columns]


def _in_genome_order(batches, chrom, place) -> Iterator[pd.DataFrame]:
    """Sort hits that come by peak; each is given out once no later peak can bring one that precedes it."""
    # Windows to come begin here or after, whatever their order: that decides which hits are final.
    bound = np.minimum.accumulate(place[::-1])[::-1]
    waiting: list[pd.DataFrame] = []
    for batch in batches:
        hits = pd.concat([*waiting, batch], ignore_index=True)
        key = chrom[hits["peak"]] * CONTIG_STEP + hits["start"]
        done = (key < bound[batch["peak"].iloc[-1]]).to_numpy()
        if done.any():
            yield _sorted(hits[done], chrom)
        waiting = [hits[~done]] if not done.all() else []
    for hits in waiting:
        yield _sorted(hits, chrom)


def _sorted(hits: pd.DataFrame, chrom) -> pd.DataFrame:
    first_last = [
        chrom[hits["peak"]],
        *(hits[name] for name in ("start", "end", "motif")),
        hits["strand"].cat.codes,
    ]
    return hits.iloc[np.lexsort([hits["peak"], *reversed(first_last)])]


def _bed_lines(hits: pd.DataFrame, chrom, names) -> bytes:
    """The text of hits; `names` holds contigs, motif ids and peaks."""
    contigs, motif_ids, peaks = names
    # Fixed decimals by whole numbers: a vectorised "%.4f" that never says -0.0000.
    units = np.rint(hits["score"].to_numpy() * 10**DECIMALS).astype(np.int64)
    whole, part = (pa.array(x).cast(pa.string()) for x in divmod(np.abs(units), 10**DECIMALS))
    sign = pa.array(np.where(units < 0, "-", "").tolist(), pa.string())
    strand = pa.array(list(STRANDS)).take(pa.array(hits["strand"].cat.codes.to_numpy()))
    columns = [
        contigs.take(pa.array(chrom[hits["peak"]])),
        pa.array(hits["start"].to_numpy()).cast(pa.string()),
        pa.array(hits["end"].to_numpy()).cast(pa.string()),
        motif_ids.take(pa.array(hits["motif"].to_numpy())),
        pc.binary_join_element_wise(sign, whole, ".", pc.utf8_lpad(part, DECIMALS, "0"), ""),
        strand,
        peaks.take(pa.array(hits["peak"].to_numpy())),
    ]
    lines = pc.binary_join_element_wise(*columns, "\t")
    return "\n".join([*lines.to_pylist(), ""]).encode()


def _matches(pairs, shape) -> sparse.csr_array:
    """Number of hits of each peak and motif, from their joint codes and counts."""
    code = np.concatenate([np.empty(0, np.int64), *(codes for codes, _ in pairs)])
    count = np.concatenate([np.empty(0, np.int64), *(counts for _, counts in pairs)])
    row, column = divmod(code, max(shape[1], 1))
    matrix = sparse.coo_array((count.astype(np.int32), (row, column)), shape=shape).tocsr()
    matrix.sum_duplicates()  # a peak's hits may come in two batches
    return matrix


def write_matches(matches, path: str | Path) -> None:
    """Write a sparse peaks x motifs matrix as npz (CSR)."""
    with replacing(path) as partial, open(partial, "wb") as out:
        sparse.save_npz(out, sparse.csr_matrix(matches))


def read_matches(path: str | Path) -> sparse.csr_matrix:
    """Read the sparse peaks x motifs matrix of number of hits.

    Raises
    ------
    InputError
        If the file is not one.
    """
    try:
        with open(path, "rb") as file:
            return sparse.csr_matrix(sparse.load_npz(file))
    except (ValueError, EOFError, OSError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(
            f"{path}: not a whole matrix of matches ({error}); delete it and run again"
        ) from error


def read_hits(path: str | Path) -> pd.DataFrame:
    """The gathered BED: chrom, start, end, motif_id, score, strand, peak (texts as categories)."""
    check_whole(path)
    kinds = dict.fromkeys(("chrom", "motif_id", "strand", "peak"), "category")
    try:
        plain = {"sep": "\t", "header": None, "quoting": csv.QUOTE_NONE, "na_filter": False}
        return pd.read_csv(path, names=COLUMNS, dtype=kinds, compression="gzip", **plain)
    except (pd.errors.ParserError, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{path}: not a whole table of hits ({error}); delete it and run again") from error


def read_in_parts(path: str | Path, rows: int = BATCH) -> Iterator[pd.DataFrame]:
    """The gathered BED, so many rows at a time: columns as of :func:`read_hits`, texts as text."""
    check_whole(path)
    texts = dict.fromkeys(("chrom", "motif_id", "strand", "peak"), str)
    plain = {"sep": "\t", "header": None, "quoting": csv.QUOTE_NONE, "na_filter": False}
    try:
        with pd.read_csv(
            path, names=COLUMNS, dtype=texts, compression="gzip", chunksize=rows, **plain
        ) as parts:
            yield from parts
    except pd.errors.EmptyDataError:
        return
    except (pd.errors.ParserError, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{path}: not a whole table of hits ({error}); delete it and run again") from error


def read_hits_within(
    path: str | Path, chrom: str, start: int, end: int, motif_ids: Collection[str]
) -> pd.DataFrame:
    """Hits of some motifs that overlap an interval, columns as of :func:`read_hits` but `peak`.

    A hit in the windows of two peaks is given once. Only the part of the file that its index names is read.
    """
    check_whole(path)
    found: list[list[str]] = []
    with pysam.TabixFile(str(path)) as file:
        if chrom in file.contigs:
            lines = (line.split("\t") for line in file.fetch(chrom, start, end))
            found = [fields[:-1] for fields in lines if fields[3] in motif_ids]
    kinds = {"start": np.int64, "end": np.int64, "score": float}
    return pd.DataFrame(found, columns=COLUMNS[:-1]).astype(kinds).drop_duplicates(ignore_index=True)
