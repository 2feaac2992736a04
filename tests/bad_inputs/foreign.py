"""Files as other programs write them: refused by name, or read as they are meant."""

from collections.abc import Iterator

import clean_inputs as clean
from gallery import Case, config, edit, put, rewrite


def bad() -> Iterator[Case]:
    """What is refused."""
    yield from _bad_annotations()
    yield from _bad_counts()
    yield from _bad_fragments()
    yield from _bad_motifs()
    yield from _bad_peaks()
    yield from _bad_sheets()


def odd() -> Iterator[Case]:
    """What is read as the clean inputs are."""
    yield from _odd_annotations()
    yield from _odd_counts()
    yield from _odd_motifs()
    yield from _odd_peaks()


def _bad_annotations() -> Iterator[Case]:
    def case(name: str, change, said: str, **more) -> Case:
        return Case("GTF", name, change, said, **more)

    gtf = "genes.gtf"
    yield case(
        "genes of another assembly",
        lambda: edit(gtf, "\t1600\t", "\t9000\t"),
        "3 of 6 features of genes.gtf end past the end of their contigs, such as chr2:800-9000 of 2,400 bp",
    )
    yield case(
        "genes that begin past the end of a contig",
        lambda: edit(gtf, "\t801\t1600", "\t2801\t2900"),
        "so it is of another assembly",
    )
    yield case(
        "cut short in an attribute", lambda: rewrite(gtf, lambda b: b[:-20]), "column 9 cannot be read"
    )
    yield case(
        "no semicolons",
        lambda: edit(gtf, '"g1"; transcript_id', '"g1" transcript_id'),
        "gene_id holds a quote",
    )
    yield case(
        "GFF3 with a start of 0",
        lambda: put(gtf, "chr1\tx\tgene\t0\t50\t.\t+\t.\tID=g1\n"),
        "genes.gtf:1: start 0, end 50",
    )
    yield case(
        "GFF3 cut short in a line",
        lambda: put(gtf, "chr1\tx\tgene\t1\t50\t.\t+\t.\tID=g1\nchr1\tx\tge"),
        "genes.gtf:2: a GFF3 line has 9 tab-separated columns, this one has 3",
    )
    yield Case(
        "blacklist",
        "of another assembly",
        lambda: put("blacklist.bed", "chr1\t2500\t260000\nchr2\t5000\t9000\n"),
        "2 of 2 regions of blacklist.bed end past the end of their contigs, such as chr1:2500-260000",
    )
    yield Case(
        "footprints",
        "sites of another assembly",
        lambda: (put("sites.bed", "chr1\t5000\t5010\n"), config("footprints: {sites: sites.bed}")),
        "1 of 1 sites of sites.bed ends past the end of its contig",
    )


def _odd_annotations() -> Iterator[Case]:
    gtf = "genes.gtf"

    def case(name: str, *changes: tuple[str, str], said: str = "") -> Case:
        def change():
            for old, new in changes:
                edit(gtf, old, new)

        return Case("GTF", name, change, said)

    yield case("symbols of FlyBase", ("gene_name", "gene_symbol"))
    yield case("symbols of NCBI", ("gene_name", "gene"))
    yield case("symbols of UCSC", ("gene_name", "geneSymbol"))
    yield case("symbols as Name", ("gene_name", "Name"))
    yield case(
        "attributes in another order",
        ('gene_id "g1"; transcript_id "t1"', 'transcript_id "t1"; gene_id "g1"'),
    )
    yield case("attributes without quotes", ('"g1"', "g1"), ('"t1"', "t1"))
    yield case("keys inside a note", ('gene_id "g2"', 'note "was; gene_id X"; gene_id "g2"'))
    yield case("one transcript_id for two genes", ('"t2"', '"t1"'))
    yield case(
        "ids of the gene left out", ('gene_id "g1"; ', 'gene_id ""; '), said="their gene_name stands in"
    )
    yield case("lines of a browser", ("#!genome", "track name=genes\nbrowser position chr1"))
    yield case("comments amid the lines", ("chr2\tx\tgene", "# more\nchr2\tx\tgene"))
    yield case(
        "a gene across the origin of a circular contig: a note",
        ("chr2\tx\tgene", 'chrM\tx\tregion\t1\t700\t.\t+\t.\tgene_id "m";\nchr2\tx\tgene'),
    )
    yield case(
        "lower-case key-value pairs after a comment sign", ("#!genome", "#gtf-version 2.2\n#!processor NCBI")
    )

    def gff3(text: str, name: str) -> Case:
        return Case("GTF", name, lambda: put(gtf, text))

    lines = [line.split("\t") for line in clean.GTF.splitlines()[1:]]
    yield gff3(_gff3(lines, "gene:", "transcript:"), "GFF3 of Ensembl")
    yield gff3(_gff3(lines, "gene-", "rna-").replace("Name=A1", "Name=A1;gene=A1"), "GFF3 of NCBI")
    yield gff3(_gff3(lines, "", "").replace("\ttranscript\t", "\tmRNA\t"), "GFF3 of FlyBase")
    yield Case(
        "blacklist",
        "a region that ends a bin past the contig: a note",
        lambda: put("blacklist.bed", "chr1\t2500\t3100\n"),
        "they are taken to end there",
    )


def _gff3(lines: list[list[str]], gene: str, transcript: str) -> str:
    """The clean genes, whose gene, transcript and exon lines follow each other."""
    said = []
    for i, fields in enumerate(lines):
        n = 1 + i // 3
        name = ("A1", "B2")[n - 1]
        attributes = (
            f"ID={gene}g{n};Name={name}",
            f"ID={transcript}t{n};Parent={gene}g{n}",
            f"Parent={transcript}t{n}",
        )[i % 3]
        said.append("\t".join([*fields[:8], attributes]))
    return "##gff-version 3\n" + "\n".join(said) + "\n###\n"


ROWS = [line.split("\t") for line in clean.MATRIX.splitlines()[1:]]
PLACES = [("chr1", 100, 400), ("chr2", 500, 800), ("chr2", 900, 1100)]
FEATURECOUNTS = '# Program:featureCounts v2.0.6; Command:"featureCounts" "-F" "SAF"\n'


def _matrix(header: str, before, *, counts=str) -> str:
    """The clean counts, with what `before` gives of each place before them."""
    lines = (
        "\t".join([*map(str, before(i, *place)), *map(counts, row[1:])])
        for i, (place, row) in enumerate(zip(PLACES, ROWS, strict=True))
    )
    return header + "\n" + "\n".join(lines) + "\n"


def _bad_counts() -> Iterator[Case]:
    def case(name: str, text: str, said: str) -> Case:
        return Case("counts", name, lambda: put("counts.tsv", text), said, run="counts")

    multicov = _matrix("", lambda i, *place: place).lstrip("\n")
    yield case(
        "bedtools multicov, without a header",
        multicov,
        "(printf 'chrom\\tstart\\tend\\tc1\\tc2\\tt1\\tt2\\n' && cat counts.tsv) > counts.with_header.tsv",
    )
    yield case(
        "featureCounts of genes",
        FEATURECOUNTS
        + "Geneid\tChr\tStart\tEnd\tStrand\tLength\tc1\tc2\tt1\tt2\n"
        + "g1\tchr1;chr1\t1;90\t50;120\t+;+\t81\t1\t2\t3\t4\n",
        "featureCounts counted features of several parts, such as genes, not peaks",
    )
    yield case(
        "HOMER without -raw",
        "PeakID (cmd=annotatePeaks.pl p.txt hg38 -d c1/)\tChr\tStart\tEnd\tStrand\tPeak Score\t"
        + "\t".join(f"{name}/ Tag Count" for name in clean.SAMPLES)
        + "\np\tchr1\t101\t400\t+\t1\t1.5\t2\t3\t4\n",
        "annotatePeaks.pl of HOMER wrote normalised counts. Fix: run it again with -raw",
    )
    yield case(
        "deepTools with shares",
        _matrix("#'chr'\t'start'\t'end'\t'c1'\t'c2'\t't1'\t't2'", lambda i, *p: p, counts=lambda n: n + ".5"),
        "column c1: count 6.5 is not a whole number",
    )
    yield case(
        "two columns for one sample",
        clean.MATRIX.replace("\tc1\tc2", "\ta/c1.bam\tb/c1.bam"),
        "column c1: is missing",
    )
    yield case(
        "BED-like, an end before its start",
        _matrix("chrom\tstart\tend\tc1\tc2\tt1\tt2", lambda i, c, s, e: (c, e, s)),
        "chr1:400-100 is no interval",
    )
    yield Case(
        "expression",
        "featureCounts with text for a count",
        lambda: (
            put(
                "e.tsv",
                FEATURECOUNTS + "Geneid\tChr\tStart\tEnd\tStrand\tLength\tc1.bam\ng1\tc\t1\t2\t+\t2\tmany\n",
            ),
            config("linkage: {expression: e.tsv}"),
        ),
        "line 3 (gene g1), column c1: many is not a number",
    )


def _odd_counts() -> Iterator[Case]:
    def case(name: str, text: str | bytes, said: str = "") -> Case:
        return Case("counts", name, lambda: put("counts.tsv", text), said, run="counts")

    samples = list(clean.SAMPLES)
    plain = "\t".join(samples)
    files = "\t".join(f"../bam/{name}.mLb.clN.sorted.bam" for name in samples)
    featurecounts = _matrix(
        "Geneid\tChr\tStart\tEnd\tStrand\tLength\t" + files,
        lambda i, c, s, e: (f"Interval_{i}", c, s + 1, e, "+", e - s),
    )
    yield case("featureCounts", FEATURECOUNTS + featurecounts, "samples by the names of their files")
    yield case("featureCounts without its comment", featurecounts)
    yield case("BED-like", _matrix(f"chrom\tstart\tend\t{plain}", lambda i, *p: p))
    yield case("BED-like with #chr", _matrix(f"#chr\tstart\tend\t{plain}", lambda i, *p: p))
    yield case(
        "GRanges as R writes them, from 1",
        _matrix(
            f"seqnames\tstart\tend\twidth\tstrand\t{plain}", lambda i, c, s, e: (c, s + 1, e, e - s, "*")
        ),
    )
    quoted = "\t".join(f"'{name}.bam'" for name in samples)
    yield case(
        "deepTools", _matrix(f"#'chr'\t'start'\t'end'\t{quoted}", lambda i, *p: p, counts=lambda n: n + ".0")
    )
    tags = "\t".join(f"{name}/ Tag Count in given bp (10.0 Total, factor = 1)" for name in samples)
    homer = "PeakID (cmd=annotatePeaks.pl p.txt hg38 -raw -d c1/ c2/)\tChr\tStart\tEnd\tStrand\tPeak Score"
    yield case("HOMER", _matrix(f"{homer}\t{tags}", lambda i, c, s, e: (f"p{i}", c, s + 1, e, "+", 9)))
    yield case(
        "HOMER with annotation",
        _matrix(
            f"{homer}\tAnnotation\tGene Name\t{tags}",
            lambda i, c, s, e: (f"p{i}", c, s + 1, e, "+", 9, "intron", "X"),
        ),
    )
    yield case("Signac's names of peaks", clean.MATRIX.replace(":", "-"))
    yield case("names of peaks with underscores", clean.MATRIX.replace(":", "_").replace("00-", "00_"))
    yield case("line ends of old Macs", clean.MATRIX.replace("\n", "\r"))
    yield case("names of files for samples", clean.MATRIX.replace("\tc1\t", "\t/data/c1.bam\t"))
    yield case("comments before the header", "# made by hand\n## twice\n" + clean.MATRIX)


def _bad_fragments() -> Iterator[Case]:
    def case(name: str, line: str, said: str) -> Case:
        lines = "".join(line.format(start=100 + i, end=180 + 3 * i, i=i) + "\n" for i in range(40))
        return Case(
            "fragments", name, lambda: (put("t1.bed", lines), edit("samples.tsv", "t1.bam", "t1.bed")), said
        )

    yield case(
        "reads of bedtools bamtobed",
        "chr1\t{start}\t{end}\tr{i}/1\t60\t+",
        "is of reads and not of fragments",
    )
    yield case("a tagAlign", "chr1\t{start}\t{end}\tN\t1000\t+", "is a tagAlign: of reads")
    yield case("one column", "chr1:{start}-{end}", "has 1 column")
    yield case("ends before starts", "chr1\t{end}\t{start}", "does not end after its start")
    yield case("text for a start", "chr1\tstart{i}\t{end}", "column 2 of fragment 1 is 'start0'")
    yield case(
        "text for a count", "chr1\t{start}\t{end}\tACGTACGT-1\tmany", "column 5 of fragment 1 is 'many'"
    )


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
        "alphabet 'RNA'. Fix: only DNA",
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
        "bigBed", b"\xeb\xf2\x89\x87\x04\x00", "is a bigBed. Fix: bigBedToBed peaks.narrowPeak peaks.bed"
    )
    yield case("bigWig", b"\x26\xfc\x8f\x88\x04\x00", "is a bigWig, a track of signal and no peaks")
    macs = MACS_HEAD + "chr\tstart\tend\tlength\tabs_summit\tpileup\t-log10(pvalue)\n"
    yield case("MACS .xls with a start of 0", macs + "chr1\t0\t400\t300\t1\t9\t9\n", ":5: its start is `0`")
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

    def summits() -> None:
        put(
            "peaks.narrowPeak",
            _peaks("", lambda c, s, e, top: (c, s, e, "p", 9, ".", 5.5, 9.1, 7.2, top - s)),
        )

    yield Case("peaks", "Genrich", summits)


def _bad_sheets() -> Iterator[Case]:
    def case(name: str, change, said: str) -> Case:
        return Case("sheet", name, change, said)

    def header(new: str):
        return lambda: edit("samples.tsv", "sample\tgroup\tbam", new)

    sheet = "samples.tsv"
    yield case("condition for group", header("sample\tcondition\tbam"), "rename column 'condition' to group")
    yield case("treatment for group", header("sample\tTreatment\tbam"), "rename column 'Treatment' to group")
    yield case(
        "DiffBind's columns", header("SampleID\tgroup\tbamReads"), "rename column 'SampleID' to sample"
    )
    yield case("file for bam", header("sample\tgroup\tfile"), "rename column 'file' to bam")
    yield case(
        "no column that could be the group",
        header("sample\tx\tbam"),
        "add the column (there are sample, x, bam)",
    )

    def extra(name: str, second: str = ""):
        add = f"\t{name}" + (f"\t{second}" if second else "")
        value = "\ta" + ("\tb" if second else "")
        return lambda: rewrite(
            sheet,
            lambda b: "".join(
                line + (value if i else add) + "\n" for i, line in enumerate(b.decode().splitlines())
            ).encode(),
        )

    yield case("a column _index", extra("_index"), "has a name that tables of MuData cannot have")
    yield case(
        "a column __categories", extra("__categories"), "cannot have. Fix: rename it, such as categories_1"
    )
    yield case("two columns that are one when exported", extra("a/b", "a_b"), "is called as column a/b where")
    yield case(
        "commas with empty cells",
        lambda: put(
            sheet,
            "sample,group,x,bam\nc1,control,,c1.bam\nc2,control,1,c2.bam\nt1,treated,,t1.bam\n"
            "t2,treated,2,t2.bam\n",
        ),
        "Fix: tr ',' '\\t' < samples.tsv > tabs.tsv",
    )
    yield case(
        "semicolons of a spreadsheet",
        lambda: rewrite(sheet, lambda b: b.replace(b"\t", b";")),
        "columns are separated by semicolons. Fix: tr ';'",
    )
    yield case(
        "commas in quoted cells",
        lambda: rewrite(sheet, lambda b: b.replace(b"control\t", b'"control"\t').replace(b"\t", b",")),
        "columns are separated by commas. Fix: python3 -c",
    )
    yield case(
        "one fault in several lines",
        lambda: rewrite(sheet, lambda b: b.replace(b"control", b"NA")),
        "samples.tsv, lines 2, 3, column group: has no value",
    )
    yield case("a sheet of one column", lambda: put(sheet, "sample\nc1\n"), "column group: is missing")
    yield case("a sheet of quotes", header('"sample"\t"group"\t"bam'), "column bam: is missing")
    yield case(
        "sample names of numbers and blanks", lambda: edit(sheet, "c1\t", "1 a\t"), "is not fit for the name"
    )
    yield case(
        "a path in a sample's name",
        lambda: edit(sheet, "c1\t", "x/c1\t"),
        "is not fit for the name of a file",
    )
    yield case(
        "a group that begins with a point", lambda: edit(sheet, "\ttreated", "\t.treated"), "is not fit for"
    )
