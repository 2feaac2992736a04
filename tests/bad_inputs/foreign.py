"""Files as other programs write them: refused by name, or read as they are meant."""

from collections.abc import Iterator

import clean_inputs as clean
import foreign_forms as forms
from breaking import Case, config, edit, put, rewrite


def bad() -> Iterator[Case]:
    """What is refused."""
    yield from _bad_annotations()
    yield from _bad_counts()
    yield from _bad_fragments()
    yield from forms.bad()
    yield from _bad_sheets()


def odd() -> Iterator[Case]:
    """What is read as the clean inputs are."""
    yield from _odd_annotations()
    yield from _odd_counts()
    yield from forms.odd()


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
        "GFF3 with a strand that is none",
        lambda: put(gtf, "chr1\tx\tgene\t1\t50\t.\tplus\t.\tID=g1\n"),
        "start 1, end 50, strand plus",
    )
    yield case(
        "GFF3 with an end before its start",
        lambda: put(gtf, "chr1\tx\tgene\t60\t50\t.\t+\t.\tID=g1\n"),
        "start 60, end 50",
    )
    yield case(
        "GFF3, an exon whose transcript is nowhere",
        lambda: put(gtf, "chr1\tx\tgene\t1\t50\t.\t+\t.\tID=g1\nchr1\tx\texon\t1\t50\t.\t+\t.\tParent=t9\n"),
        "genes.gtf:2: its Parent t9 is no ID in this file",
    )
    yield case("a quote that does not close", lambda: edit(gtf, '"B2";', '"B2;'), "a quote does not close")
    yield Case("blacklist", "two columns", lambda: put("blacklist.bed", "chr1\t5\n"), "fewer than the three")
    yield Case("blacklist", "text", lambda: put("blacklist.bed", "chr1\ta\tb\n"), "its start is `a`")
    yield Case(
        "blacklist",
        "regions of no length",
        lambda: put("blacklist.bed", "chr1\t5\t5\n"),
        "not after its start",
    )
    yield Case(
        "footprints",
        "sites of two columns",
        lambda: (put("sites.bed", "chr1\t500\n"), config("footprints: {sites: sites.bed}")),
        "fewer than the three columns",
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
PLAIN = "\t".join(clean.SAMPLES)
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
        "GRanges from 0",
        _matrix(f"seqnames\tstart\tend\twidth\tstrand\t{PLAIN}", lambda i, c, s, e: (c, 0, e, e, "*")),
        "is no interval",
    )
    yield case(
        "featureCounts with text for a place",
        _matrix(
            f"Geneid\tChr\tStart\tEnd\tStrand\tLength\t{PLAIN}", lambda i, c, s, e: (i, c, "x", e, "+", 9)
        ),
        "start or end is missing or no whole number",
    )
    yield case(
        "deepTools without a value",
        _matrix(f"#'chr'\t'start'\t'end'\t{PLAIN}", lambda i, *p: p, counts=lambda n: "" if n == "9" else n),
        "count has no value",
    )
    yield case(
        "Signac's names, one twice",
        clean.MATRIX.replace(":", "-").replace("900-1100", "500-800"),
        "the peak stands there more than once",
    )
    yield case(
        "BED-like with a peak twice",
        _matrix(f"chrom\tstart\tend\t{PLAIN}", lambda i, c, s, e: ("chr1", 100, 400)),
        "the peak stands there more than once",
    )
    yield case(
        "BED-like with text for a start",
        _matrix(f"chrom\tstart\tend\t{PLAIN}", lambda i, c, s, e: (c, "a", e)),
        "start or end is missing or no whole number",
    )
    yield case(
        "a sample under a file's name that is another's too",
        clean.MATRIX.replace("\tt2", "\tt1.bam"),
        "column t2: is missing",
    )
    yield case(
        "two columns for one sample",
        clean.MATRIX.replace("\tc1\tc2", "\ta/c1.bam\tb/c1.bam"),
        "column c1: is missing",
    )
    yield case("the header again", clean.MATRIX.splitlines()[0] + "\n" + clean.MATRIX, "is the header again")
    yield case(
        "rows that end in a tab",
        clean.MATRIX.replace("\n", "\t\n").replace("t2\t", "t2", 1),
        "line 2: ends in a tab that the header does not have. Fix: cat counts.tsv | sed",
    )
    yield case(
        "a column of values without a name",
        clean.MATRIX.replace("\n", "\t5\n").replace("t2\t5", "t2\t", 1),
        "line 1: column 6 has values and no name",
    )
    yield case(
        "a value beyond 64 bits, below blank lines",
        clean.MATRIX.replace("\t9\t", f"\t{'9' * 30}\t").replace("\n", "\n\n"),
        "line 7 (peak chr2:900-1100), column c2: count",
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
    apart = "".join(f"__{name}\t7\t8\t9\t10\n" for name in ("no_feature", "ambiguous", "not_aligned"))
    yield case(
        "HTSeq's rows of reads outside peaks",
        clean.MATRIX + apart,
        "rows of reads outside all peaks are left out (3): __no_feature, __ambiguous, __not_aligned",
    )
    yield case("Signac's names of peaks", clean.MATRIX.replace(":", "-"))
    yield case("names of peaks with underscores", clean.MATRIX.replace(":", "_").replace("00-", "00_"))
    yield case("line ends of old Macs", clean.MATRIX.replace("\n", "\r"))
    yield case("names of files for samples", clean.MATRIX.replace("\tc1\t", "\t/data/c1.bam\t"))
    yield case("a comment of one line before the header", "# raw counts\n" + clean.MATRIX)
    yield case("samples without their endings", clean.MATRIX.replace("\tc1\t", "\tc1.sorted.dedup.bam\t"))
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
    yield case("two columns", "chr1\t{start}", "has 2 columns")
    yield case("comments only", "# chr1\t{start}\t{end}", "holds no fragment")
    yield case("a negative start", "chr1\t-{start}\t{end}", "does not end after its start")
    yield case("a fraction for a start", "chr1\t{start}.5\t{end}", "column 2 of fragment 1 is '100.5'")
    yield case("no contig", "\t{start}\t{end}", "fragment 1 names no contig")
    yield case(
        "BEDPE with text", "chr1\t{start}\t{end}\tchr1\tx\t{end}\tn\t9\t+\t-", "column 5 of fragment 1"
    )
    yield case("ends before starts", "chr1\t{end}\t{start}", "does not end after its start")
    yield case("text for a start", "chr1\tstart{i}\t{end}", "column 2 of fragment 1 is 'start0'")
    yield case(
        "text for a count", "chr1\t{start}\t{end}\tACGTACGT-1\tmany", "column 5 of fragment 1 is 'many'"
    )


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
        "semicolons, and the line by which a spreadsheet knows them",
        lambda: rewrite(sheet, lambda b: b"sep=;\n" + b.replace(b"\t", b";")),
        "line 2: columns are separated by semicolons. Fix: tail -n +2 samples.tsv | tr ';'",
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
    yield case(
        "the header again", lambda: edit(sheet, "c1\t", "sample\tgroup\tbam\nc1\t"), "is the header again"
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
