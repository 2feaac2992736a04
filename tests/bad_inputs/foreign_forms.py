"""Motifs and peaks as other programs write them: refused by name, or read as they are meant."""

from collections.abc import Iterator

import clean_inputs as clean
from breaking import Case, put


def bad() -> Iterator[Case]:
    """What is refused."""
    yield from _bad_motifs()
    yield from _bad_peaks()


def odd() -> Iterator[Case]:
    """What is read as the clean inputs are."""
    yield from _odd_motifs()
    yield from _odd_peaks()


COUNTS = {
    header: ["".join(column) for column in zip(*rows, strict=True)]
    for header, rows in {
        "MA0001.1 ONE": ("900150", "090105", "009105", "111750"),
        "MA0002.1 TWO": ("180159", "019101", "800100", "111750"),
    }.items()
}
"""Of each position of the clean motifs: A, C, G, T."""


def _bad_motifs() -> Iterator[Case]:
    def case(name: str, text: str, said: str) -> Case:
        return Case("motifs", name, lambda: put("motifs.jaspar", text), said)

    square = ">A\n10 0 0 10\n0 10 10 0\n10 0 10 0\n0 10 0 10\n"
    yield case("four by four, and no sum tells", square, "rows may be bases or positions")
    yield case("positions of three numbers", ">A\n1 2 3\n4 5 6\n7 8 9\n1 1 1\n9 9 9\n", "more than four rows")
    yield case(
        "one position short",
        ">A\n1 2 3 4\n4 5 6 1\n7 8 9 1\n1 1 1 1\n2 2 2 2\n>B\n1 2 3\n",
        "needs four",
    )
    yield case(
        "weights of HOCOMOCO (.pwm)",
        ">A\n-1.2 0.3 0.4 -2\n0.5 -1 -1 0.2\n1 -2 -2 -3\n0 -1 0 1\n-1 1 0 0\n",
        "has negative numbers, so these are weights",
    )
    yield case("TRANSFAC of shares that do not add up", TRANSFAC.format("0.5 0.1 0.1 0.1"), "sums to 0.8")
    yield case("TRANSFAC of RNA", TRANSFAC.format("5 1 1 1").replace("G T", "G U"), "expected A C G T")
    yield case(
        "MEME of proteins without their matrix",
        clean.MEME.replace("ALPHABET= ACGT", "ALPHABET= ACDEFGHIKLMNPQRSTVWY"),
        "only DNA (ACGT) motifs can be scanned",
    )
    yield case(
        "MEME of RNA by name",
        clean.MEME.replace("ALPHABET= ACGT", 'ALPHABET "RNA" RNA-LIKE'),
        "alphabet 'RNA': only DNA (ACGT)",
    )
    yield case(
        "MEME of modified DNA",
        clean.MEME.replace("ALPHABET= ACGT", 'ALPHABET "DNA with covalent modifications" DNA-LIKE'),
        "only DNA (ACGT) motifs can be scanned",
    )
    yield case(
        "MEME, no matrix amid others",
        clean.MEME.replace("MOTIF M1", "MOTIF M0\nMOTIF M1"),
        "M0 has no",
    )
    yield case("JASPAR without a matrix", clean.JASPAR + ">MA0003.1 THREE\n", "motif MA0003.1 has no matrix")
    yield case("JASPAR of RNA", clean.JASPAR.replace("T [", "U ["), "is of RNA (U)")
    yield case("CIS-BP without a matrix", "Pos\tA\tC\tG\tT\n", "motif motifs.jaspar has no matrix")
    yield case("CIS-BP of RNA", "Pos\tA\tC\tG\tU\n1\t1\t0\t0\t0\n", "the columns are of RNA (U)")
    yield case("CIS-BP that does not add up", "Pos\tA\tC\tG\tT\n1\t0.1\t0.2\t0.1\t0.1\n", "sums to 0.5")
    yield case("STAMP, a row too short", "DE\tONE\n0\t1\t2\t3\nXX\n", "a matrix row needs four numbers")
    yield case("UniPROBE without T", "Gene: X\nA:\t1\t2\nC:\t1\t2\nG:\t1\t2\n", "has 3 rows")
    yield case(
        "a spacer of zeros",
        ">A\nA [ 9 0 9 ]\nC [ 0 0 0 ]\nG [ 0 0 0 ]\nT [ 1 0 1 ]\n",
        "column 2 of motif A is all zero. Fix: if any base may stand there, write 1 for each",
    )


TRANSFAC = "AC  T1\nXX\nP0 A C G T\n01 {} A\nXX\n//\n"


def _odd_motifs() -> Iterator[Case]:
    def case(name: str, text: str) -> Case:
        return Case("motifs", name, lambda: put("motifs.jaspar", text))

    def records(head: str, row, end: str = "") -> str:
        return "".join(
            head.format(*header.split())
            + "".join(row(i, list(bases)) for i, bases in enumerate(positions, 1))
            + end
            for header, positions in COUNTS.items()
        )

    tabs = lambda i, bases: "\t".join(bases) + "\n"  # noqa: E731
    numbered = lambda i, bases: f"{i:02d} {' '.join(bases)} N\n"  # noqa: E731
    yield case("a row a position (GimmeMotifs)", "# made\n" + records(">{0}\t{1}\n", tabs))
    yield case("a row a position (HOCOMOCO .pcm)", records(">{0} {1}\n", lambda i, b: " ".join(b) + "\n"))
    yield case("Cluster-Buster", records(">{0} {1}\n# WEIGHT 2.7\n", tabs))
    yield case("SwissRegulon", records("//\nID {0}\nNA {1}\nPO A C G T cons inf\n", numbered))
    yield case("TRANSFAC", records("AC {0}\nXX\nNA {1}\nP0 A C G T\n", numbered, "XX\n//\n"))
    yield case(
        "CIS-BP",
        records(
            "Motif\t{0}\nTF Name\t{1}\nPos\tA\tC\tG\tT\n", lambda i, b: f"{i}\t" + "\t".join(b) + "\n", "\n"
        ),
    )
    yield case(
        "JASPAR without letters",
        "".join(
            f">{header}\n" + "".join(" ".join(row) + "\n" for row in zip(*positions, strict=True))
            for header, positions in COUNTS.items()
        ),
    )


PEAKS = [line.split("\t") for line in clean.NARROWPEAK.splitlines()]
MACS_HEAD = "# This file is generated by MACS version 3.0.1\n# name = x\n\n"


def _peaks(header: str, row) -> str:
    """The clean peaks: `row` gets contig, start, end, summit (0-based)."""
    rows = (row(c, int(s), int(e), int(s) + int(peak[9])) for peak in PEAKS for c, s, e in [peak[:3]])
    return header + "".join("\t".join(map(str, fields)) + "\n" for fields in rows)


def _bad_peaks() -> Iterator[Case]:
    def case(name: str, content: str | bytes, said: str) -> Case:
        return Case("peaks", name, lambda: put("peaks.narrowPeak", content), said)

    bed3 = lambda c, s, e, top: (c, s, e)  # noqa: E731
    yield case(
        "a header",
        _peaks("chrom\tstart\tend\n", bed3),
        "which a BED has not. Fix: tail -n +2 peaks.narrowPeak > peaks.bed",
    )
    yield case(
        "a header after a comment", _peaks("# x\nchr\tstart\tend\n", bed3), "tail -n +3 peaks.narrowPeak"
    )
    yield case(
        "HOMER's positions without a header",
        _peaks("", lambda c, s, e, top: ("p", c, s + 1, e, "+", 9)),
        "has a name before the contig, as HOMER's files of positions, which count from 1. Fix: awk",
    )
    yield case(
        "quoted by R (DiffBind)",
        '"seqnames"\t"start"\t"end"\t"width"\n"1"\t"chr1"\t101\t400\t300\n',
        "is a table of R, counted from 1",
    )
    yield case(
        "commas of R",
        "seqnames,start,end,width,strand\nchr1,101,400,300,*\n",
        "is a table of R, counted from 1",
    )
    yield case(
        "a narrowPeak separated by commas",
        clean.NARROWPEAK.replace("\t", ","),
        "line 1: columns are separated by commas. Fix: tr ',' '\\t' < peaks.narrowPeak > tabs.tsv",
    )
    yield case(
        "a table of UCSC with bins",
        _peaks("#bin\tchrom\tchromStart\tchromEnd\tname\n", lambda c, s, e, top: (585, c, s, e, "p")),
        "has UCSC's column of bins before the contig. Fix: tail -n +2 peaks.narrowPeak | cut -f2-4",
    )
    yield case("GRanges beyond 64 bits", f"seqnames\tstart\tend\nchr1\t1\t{'9' * 30}\n", ":2: its end is")
    yield case(
        "bigBed", b"\xeb\xf2\x89\x87\x04\x00", "is a bigBed. Fix: bigBedToBed peaks.narrowPeak peaks.bed"
    )
    yield case("bigWig", b"\x26\xfc\x8f\x88\x04\x00", "is a bigWig, a track of signal and no peaks")
    macs = MACS_HEAD + "chr\tstart\tend\tlength\tabs_summit\tpileup\t-log10(pvalue)\n"
    yield case("MACS .xls with a start of 0", macs + "chr1\t0\t400\t300\t1\t9\t9\n", ":5: its start is `0`")
    homer = "#PeakID\tchr\tstart\tend\tstrand\tNormalized Tag Count\n"
    yield case("HOMER with a start of 0", homer + "p\tchr1\t0\t400\t+\t9\n", ":2: its start is `0`")
    yield case("HOMER with text", homer + "p\tchr1\tx\t400\t+\t9\n", ":2: its start is `x`")
    yield case(
        "GRanges with a start of 0",
        "seqnames\tstart\tend\nchr1\t0\t400\n",
        ":2: its start is `0`",
    )
    yield case("MACS .xls cut short", macs + "chr1\t101\t4", "peaks.narrowPeak:5: its summit is")
    yield case(
        "MACS .xls backwards", macs + "chr1\t401\t100\t300\t1\t9\t9\n", ":5: its end is before its start"
    )
    yield case(
        "SEACR with a broken region",
        _peaks("", lambda c, s, e, top: (c, s, e, 9, 1, f"{c}:{s}-{e}")) + "chr2\t900\t950\t9\t1\tchr2\n",
        "peaks.narrowPeak:3: column 6 is no region",
    )
    yield case(
        "15 columns that are no gappedPeak",
        _peaks("", lambda c, s, e, top: (c, s, e, "p", 9, ".", "x", "y", *"1234567")),
        "7 and 8 are no region as in a gappedPeak. Fix: cut -f1-5",
    )


def _odd_peaks() -> Iterator[Case]:
    def case(name: str, text: str, said: str = "") -> Case:
        return Case("peaks", name, lambda: put("peaks.narrowPeak", text), said)

    yield case(
        "the .xls of MACS, from 1",
        _peaks(
            MACS_HEAD + "chr\tstart\tend\tlength\tabs_summit\tpileup\t-log10(pvalue)\tname\n",
            lambda c, s, e, top: (c, s + 1, e, e - s, top + 1, 9, 9.1, "p"),
        ),
    )
    yield case("SEACR", _peaks("", lambda c, s, e, top: (c, s, e, 99.5, 7, f"{c}:{top - 5}-{top + 5}")))
    yield case(
        "a track line and more columns of IDR",
        "track type=narrowPeak\n" + clean.NARROWPEAK,
    )

    yield case(
        "HOMER, from 1, without its summits: a BED of them",
        _peaks("", lambda c, s, e, top: (c, s, e, f"{c}-{s}", 9, "+", 5.5, 9.1, 7.2, top - s)),
    )
    yield case("Windows line ends and a browser line", "browser position chr1\n" + clean.NARROWPEAK)

    def summits() -> None:
        put(
            "peaks.narrowPeak",
            _peaks("", lambda c, s, e, top: (c, s, e, "p", 9, ".", 5.5, 9.1, 7.2, top - s)),
        )

    yield Case("peaks", "Genrich", summits)
