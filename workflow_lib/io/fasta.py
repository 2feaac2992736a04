"""Reference sequence (indexed FASTA) and the peak sequences that rules hand on."""

import csv
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyfaidx
import pysam

from workflow_lib.errors import InputError
from workflow_lib.intervals import peak_ids
from workflow_lib.io.atomic import replacing
from workflow_lib.io.text import check_whole, is_bgzipped, is_gzipped, line_chunks

NO_BLOCKS = struct.pack("<Q", 0)  # the block index of a file that is not compressed
UNAMBIGUOUS = str.maketrans(
    dict.fromkeys(map(chr, range(33, 127)), "N")
    | {base: base.upper() for base in "ACGTacgt"}
    | dict.fromkeys(" \t")  # at the ends of lines
)
PIECE = 1_000_000
"""Bases that are read at a time: a contig at once would be in memory three times."""


def write_index(fasta: str | Path, fai: str | Path, gzi: str | Path) -> None:
    """Index a FASTA, plain or bgzip, into the two files named; nothing is written beside the FASTA.

    Raises
    ------
    InputError
        If the file is gzip but not bgzip, empty, or not a FASTA with equally long lines.
    """
    if not Path(fasta).is_file() or not Path(fasta).stat().st_size:
        raise InputError(f"{fasta}: no such file, or empty; genome.fasta needs a FASTA")
    if is_gzipped(fasta) and not is_bgzipped(fasta):
        raise InputError(
            f"{fasta}: compressed by gzip, which cannot be indexed; write it anew with "
            f"`gunzip -c {quote(Path(fasta).name)} | bgzip > genome.fa.gz`"
        )
    with replacing(fai) as partial_fai, replacing(gzi) as partial_gzi:
        partial_gzi.write_bytes(NO_BLOCKS)
        try:
            # whole paths, so that no name is taken for an option
            source = str(Path(fasta).absolute())
            pysam.faidx("--fai-idx", str(partial_fai), "--gzi-idx", str(partial_gzi), source)
        except pysam.SamtoolsError as error:
            raise InputError(
                f"{fasta}: not a FASTA that can be indexed ({' '.join(str(error).split())}); "
                "each sequence needs a name of its own and lines of one length"
            ) from error
        if not partial_fai.stat().st_size:
            raise InputError(f"{fasta}: holds no sequence")


def read_index(fai: str | Path) -> pd.Series:
    """Lengths of the contigs in a FASTA index, by name, in the order of the FASTA."""
    check_whole(fai)
    types = {"contig": str, "length": np.int64}
    plain = {"sep": "\t", "header": None, "quoting": csv.QUOTE_NONE, "na_filter": False}
    table = pd.read_csv(fai, names=list(types), usecols=[0, 1], dtype=types, **plain)
    return table.set_index("contig")["length"]


def fetch(fasta: str | Path, fai: str | Path, gzi: str | Path, windows: pd.DataFrame) -> list[str]:
    """Sequences of windows (chrom, start, end) in upper case; every letter but A, C, G, T becomes N.

    100,000 windows of a bgzipped human genome take some ten seconds, if sorted.

    Raises
    ------
    InputError
        If a window is not wholly in the FASTA, as when the index belongs to another file.
    """
    sequences = []
    with _opened(fasta, fai, gzi) as genome:
        for chrom, start, end in zip(windows["chrom"], windows["start"], windows["end"], strict=True):
            if chrom not in genome.index:
                raise InputError(f"{fasta}: has no contig {chrom}")
            pieces = range(start, end, PIECE)
            try:
                read = (genome.from_file(chrom, at + 1, min(at + PIECE, end)) for at in pieces)
                sequence = "".join(read).translate(UNAMBIGUOUS)
            except (pyfaidx.FetchError, ValueError):  # outside; not text
                sequence = ""
            if len(sequence) != end - start:
                raise InputError(f"{fasta}: {chrom}:{start}-{end} is not wholly inside the contig")
            sequences.append(sequence)
    return sequences


def write_sequences(sequences, windows: pd.DataFrame, path: str | Path) -> None:
    """Write peak sequences as bgzip FASTA, headers `peak window=chrom:start-end`, one line a sequence.

    Parameters
    ----------
    sequences : iterable of str
    windows : DataFrame
        peak, chrom, start, end; a row for each sequence, in order.
    """
    places = peak_ids(windows["chrom"], windows["start"], windows["end"])
    records = zip(windows["peak"], places, sequences, strict=True)
    text = "".join(f">{peak} window={window}\n{sequence}\n" for peak, window, sequence in records)
    with replacing(path) as partial, pysam.BGZFile(str(partial), "w", None) as stream:
        stream.write(text.encode())


def read_sequences(path: str | Path) -> tuple[dict[str, str], pd.DataFrame]:
    """Read what :func:`write_sequences` wrote.

    Returns
    -------
    dict of str to str
        Sequence by peak, in file order.
    DataFrame
        peak, chrom, start, end of the windows, in the same order.

    Raises
    ------
    InputError
        If the file is cut short, a header has another form, or a peak stands twice.
    """
    check_whole(path)
    headers: list[str] = []
    bodies: list[list[str]] = []
    for _, lines in line_chunks(path):
        for line in lines:
            text = line.decode("utf-8", "replace").rstrip()
            if text.startswith(">"):
                headers.append(text[1:])
                bodies.append([])
            elif text:
                if not bodies:
                    raise InputError(f"{path}: does not begin with a FASTA header")
                bodies[-1].append(text)
    parts = pd.Series(headers, dtype=object).str.extract(r"^(\S+) window=(\S+):(\d+)-(\d+)$")
    bad = parts[0].isna().to_numpy()
    if bad.any():
        raise InputError(
            f"{path}: header `{headers[int(np.argmax(bad))]}` is not `peak window=chrom:start-end`"
        )
    windows = pd.DataFrame(
        {
            "peak": parts[0],
            "chrom": parts[1],
            "start": parts[2].astype(np.int64),
            "end": parts[3].astype(np.int64),
        }
    )
    sequences = dict(zip(windows["peak"], map("".join, bodies), strict=True))
    if len(sequences) != len(windows):
        raise InputError(f"{path}: peak {windows['peak'][windows['peak'].duplicated()].iloc[0]} stands twice")
    return sequences, windows


class _Block(pyfaidx.BgzfBlock):
    """A block of a bgzip file that pyfaidx finds for the place at which it begins.

    Of itself pyfaidx takes the block before and reads on from its end, a place that it cannot name if that
    block is full (64 kB).
    """

    def __lt__(self, other) -> bool:
        return self.ustart <= other


@contextmanager
def _opened(fasta: str | Path, fai: str | Path, gzi: str | Path) -> Iterator[pyfaidx.Faidx]:
    """The FASTA with indices that stand elsewhere, which are neither made nor changed here."""
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        # pyfaidx goes by the ending of the name
        link = Path(folder) / ("genome.fa.gz" if is_gzipped(fasta) else "genome.fa")
        link.symlink_to(Path(fasta).absolute())
        # an index older than the FASTA is a matter of the workflow, which makes it again
        warnings.simplefilter("ignore", RuntimeWarning)
        indices = {"indexname": str(fai), "gzi_indexname": str(gzi)}
        try:
            if not Path(gzi).is_file():  # pyfaidx would make it
                raise FileNotFoundError(f"no file {gzi}")
            genome = pyfaidx.Faidx(str(link), rebuild=False, build_index=False, **indices)
        except (OSError, ValueError, struct.error) as error:
            raise InputError(f"{fasta}: cannot be opened with its index {fai} ({error})") from error
        try:
            if is_gzipped(fasta):
                genome.gzi_index = [_Block(*block) for block in genome.gzi_index]
            yield genome
        finally:
            genome.close()
