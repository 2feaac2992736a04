"""Peaks as callers and other programs write them: BED and narrowPeak, and what only looks like them."""

import io
import re
from pathlib import Path
from shlex import quote

import numpy as np
import pandas as pd

from workflow_lib.errors import InputError
from workflow_lib.io import bed
from workflow_lib.io.sheets import to_tabs
from workflow_lib.io.text import blocks, line_chunks

BIG = {0x8789F2EB: "bigBed", 0x888FFC26: "bigWig"}
"""Magic numbers of UCSC's binary files."""
MACS = "chr\tstart\tend\tlength\t"
EPIC2 = "#Chromosome\tStart\tEnd\tPValue\tScore\tStrand"
UCSC = "#bin\tchrom\tchromStart\tchromEnd"
HOMER = "#PeakID\tchr\tstart\tend\tstrand"
R_HEADER = re.compile(r'"?seqnames"?[\t,]"?start"?[\t,]"?end"?')
HEADER = re.compile(r"#?\"?(chrom|chr|chromosome|seqnames|peak_?id|geneid)\b.*\b(start|end)\b", re.IGNORECASE)
REGION = re.compile(rb".+:\d+-\d+")
GAPPED_COLUMNS, IDR_COLUMNS, SEACR_COLUMNS = 15, 20, 6
IDR = re.compile(r"-?\d+(\t[-.\d]+){2}(\t-?\d+\t-?\d+\t[^\t]+\t-?\d+){2}")
"""Columns 10 to 20 of IDR: summit, local and global IDR; start, end, signal and summit in two replicates."""
STRANDS = (b"+", b"-", b".")
SUMMIT_WIDTH = 501
"""Of a window around a summit, where one file of nothing but summits is given for all samples."""


def read(path: str | Path) -> pd.DataFrame:
    """Read peaks, with places as :func:`workflow_lib.io.bed.read` gives them.

    Besides BED and narrowPeak (so Genrich, ENCODE, SICER's islands, MACS2 and MACS3): the .xls of MACS and
    the peak files of HOMER, both counted from 1; SEACR, whose summit is the middle of its region of highest
    signal; gappedPeak of HMMRATAC, of which the open region is taken; IDR, of which the first ten columns are
    a narrowPeak; tables of R that begin with seqnames, start, end (GRanges, DiffBind), counted from 1.

    Returns
    -------
    DataFrame
        chrom, start, end, score, summit, line, as of :func:`workflow_lib.io.bed.read`.

    Raises
    ------
    InputError
        Naming a malformed line; or what the file is, with the command that makes a BED of it.
    """
    _refuse_binary(path)
    first = [line.decode("utf-8", "replace").rstrip("\r") for line in next(line_chunks(path), (1, []))[1]]
    told = [line for line in first if line.strip()]
    if first and first[0].startswith(EPIC2):
        # its tenth column is a fold change and no summit
        score = pd.to_numeric(_strings(path, 5)[4], errors="coerce").to_numpy()
        return bed.read(path, columns=5).assign(score=score)
    if first and first[0].startswith(UCSC):
        command = f"tail -n +2 {quote(str(path))} | cut -f2-4 > peaks.bed"
        raise InputError(f"{path}: has UCSC's column of bins before the contig; {command}")
    header = next((i for i, line in enumerate(first) if line.startswith((MACS, HOMER))), None)
    if header is not None:
        return _macs(path, header) if first[header].startswith(MACS) else _homer(path, header)
    begin = next((line for line in told if not line.startswith(("#", "track", "browser"))), "")
    if R_HEADER.match(begin) or begin.startswith('"","seqnames"'):
        if not begin.startswith("seqnames\tstart\tend"):
            raise InputError(
                f'{path}: is a table of R, counted from 1; in R, rtracklayer::export(peaks, "peaks.bed")'
            )
        return _table(path, first.index(begin), {"chrom": "seqnames", "start": "start", "end": "end"})
    if HEADER.match(begin) and not begin.split()[1].isdigit():
        raise InputError(
            f"{path}, line {first.index(begin) + 1}: this is a header, which a BED has not; "
            f"tail -n +{first.index(begin) + 2} {quote(str(path))} > peaks.bed"
        )
    _refuse_homer_without_header(path, begin)
    for mark, name in ((",", "commas"), (";", "semicolons")):
        if "\t" not in begin and begin.count(mark) > 1:
            number = first.index(begin) + 1
            command = to_tabs(mark, path, number, quoted='"' in begin)
            raise InputError(f"{path}, line {number}: columns are separated by {name}: {command}")
    return _of_columns(path, bed.read(path), begin)


def are_summits(table: pd.DataFrame) -> bool:
    """Whether every interval is one base, as in what MACS calls summits.bed."""
    return len(table) > 0 and bool((table["end"] - table["start"] == 1).all())


def _of_columns(path, table: pd.DataFrame, begin: str) -> pd.DataFrame:
    """What columns of a BED mean in the files of some callers."""
    n = begin.rstrip("\r\t").count("\t") + 1
    if n == SEACR_COLUMNS and REGION.fullmatch(begin.split("\t")[5].encode()):
        columns = _strings(path, n)
        top = columns[5].str.extract(r":(\d+)-(\d+)$").astype(float)
        if top.isna().any(axis=None):
            at = int(np.argmax(top.isna().any(axis=1)))
            raise InputError(
                f"{path}:{table['line'].iloc[at]}: column 6 is no region; correct or delete the line"
            )
        summit = ((top[0] + top[1]) // 2).astype(np.int64).to_numpy()
        summit = np.clip(summit, table["start"], table["end"] - 1)
        return table.assign(summit=summit, score=pd.to_numeric(columns[3], errors="coerce").to_numpy())
    if n == IDR_COLUMNS and IDR.fullmatch(begin.rstrip("\r").split("\t", 9)[9]):
        return bed.read(path, columns=bed.NARROWPEAK_COLUMNS)
    if n == GAPPED_COLUMNS:
        columns = _strings(path, n)
        low, high = (pd.to_numeric(columns[i], errors="coerce").to_numpy(float) for i in (6, 7))
        if np.isnan(low).any() or np.isnan(high).any() or (high <= low).any():
            command = f"cut -f1-5 {quote(str(path))} > peaks.bed"
            raise InputError(f"{path}: columns 7 and 8 are no region as in a gappedPeak; {command}")
        score = pd.to_numeric(columns[12], errors="coerce").to_numpy()
        return table.assign(start=low.astype(np.int64), end=high.astype(np.int64), score=score)
    if n > SEACR_COLUMNS and n != bed.NARROWPEAK_COLUMNS:
        strand = begin.rstrip("\r").split("\t")[5].encode()
        if strand not in STRANDS:  # no BED, so its fifth column is no score
            return table.assign(score=np.nan)
    return table


def _macs(path, header: int) -> pd.DataFrame:
    places = {
        "chrom": "chr",
        "start": "start",
        "end": "end",
        "summit": "abs_summit",
        "score": "-log10(pvalue)",
    }
    return _table(path, header, places)


def _homer(path, header: int) -> pd.DataFrame:
    places = {"chrom": "chr", "start": "start", "end": "end", "score": "Normalized Tag Count"}
    return _table(path, header, places)


def _table(path, header: int, places: dict[str, str]) -> pd.DataFrame:
    """A table with a header, counted from 1."""
    text = b"".join(blocks(path)).decode("utf-8-sig", "replace")
    options = {"dtype": str, "keep_default_na": False, "skip_blank_lines": False}
    table = pd.read_csv(io.StringIO(text), sep="\t", skiprows=header, **options)
    line = np.arange(len(table)) + header + 2
    told = table.fillna("").apply(lambda cells: cells.str.strip() != "").any(axis=1).to_numpy()
    table, line = table[told], line[told]
    given = {name: table[column] for name, column in places.items() if column in table.columns}
    numbers = {
        name: pd.to_numeric(given[name], errors="coerce")
        for name in ("start", "end", "summit")
        if name in given
    }
    for name, values in numbers.items():
        bad = (values.isna() | (values < 1) | (values % 1 != 0) | (values > 2**53)).to_numpy()
        if bad.any():
            at = int(np.argmax(bad))
            raise InputError(
                f"{path}:{line[at]}: its {name} is `{given[name].iloc[at]}`, not a whole number from 1; "
                "correct or delete the line"
            )
    start, end = (numbers[name].to_numpy(np.int64) for name in ("start", "end"))
    if (end < start).any():
        raise InputError(
            f"{path}:{line[int(np.argmax(end < start))]}: its end is before its start; correct it"
        )
    nothing = pd.Series(np.nan, index=table.index)
    return pd.DataFrame(
        {
            "chrom": given["chrom"].str.strip().astype(object),
            "start": start - 1,
            "end": end,
            "score": pd.to_numeric(given.get("score", nothing), errors="coerce"),
            "summit": numbers["summit"].to_numpy(np.int64) - 1 if "summit" in numbers else bed.NO_SUMMIT,
            "line": line,
        }
    )


def _strings(path, n: int) -> pd.DataFrame:
    """All columns of a BED as text, in the rows that :func:`workflow_lib.io.bed.read` reads."""
    rows = [
        line.decode("utf-8", "replace").rstrip("\r").split("\t")[:n]
        for _, lines in line_chunks(path)
        for line in lines
        if line.strip() and not line.startswith(bed.HEADERS)
    ]
    return pd.DataFrame(rows, columns=range(n))


def _refuse_binary(path) -> None:
    with open(path, "rb") as file:
        begin = file.read(4)
    for order in ("little", "big"):
        kind = BIG.get(int.from_bytes(begin, order))  # type: ignore[arg-type]
        if kind == "bigBed":
            made = quote(str(Path(path).with_suffix(".bed")))
            raise InputError(f"{path}: is a bigBed; bigBedToBed {quote(str(path))} {made}")
        if kind:
            raise InputError(
                f"{path}: is a {kind}, a track of signal and no peaks; name the peaks called on it"
            )


def _refuse_homer_without_header(path, begin: str) -> None:
    """HOMER's positions: a name, then contig, start, end, strand, counted from 1."""
    fields = begin.split("\t")
    strands = ("+", "-", ".", "0", "1")
    if (
        len(fields) >= 5
        and fields[4] in strands
        and not fields[1].isdigit()
        and fields[2].isdigit()
        and fields[3].isdigit()
    ):
        awk = quote('BEGIN {OFS = "\\t"} {print $2, $3 - 1, $4, $1}')
        raise InputError(
            f"{path}: has a name before the contig, as HOMER's files of positions, which count from 1; "
            f"awk {awk} {quote(str(path))} > peaks.bed"
        )
