"""Faults of genes, peaks and sets of either."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import clean_inputs as clean
from breaking import Case, bomb, config, edit, put, rewrite, sparse


def annotations() -> Iterator[Case]:
    def case(name: str, change, said: str, **more) -> Case:
        return Case("GTF", name, change, said, **more)

    gtf = "genes.gtf"
    yield case(
        "GFF3 without a gene",
        lambda: put(gtf, "##gff-version 3\nchr1\tx\tregion\t1\t50\t.\t+\t.\tID=r1\n"),
        "this GFF3 has no gene and no exon",
    )
    yield case(
        "GFF3 cut short of its transcripts",
        lambda: put(gtf, "chr1\tx\texon\t1\t50\t.\t+\t.\tParent=t1\n"),
        "genes.gtf:1: its Parent t1 is no ID in this file",
    )
    yield case("comments only", lambda: put(gtf, "#!genome\n"), "no gene, transcript, exon or CDS line")
    yield case(
        "blanks for tabs",
        lambda: rewrite(gtf, lambda b: b.replace(b"\t", b" ")),
        "a GTF line has 9 tab-separated columns, this one has 1",
    )
    yield case(
        "BED", lambda: put(gtf, "chr1\t1\t50\n"), "a GTF line has 9 tab-separated columns, this one has 3"
    )
    yield case("a start of 0", lambda: edit(gtf, "1201\t2000", "0\t2000"), "genes.gtf:2: start 0, end 2000")
    yield case(
        "an end before its start",
        lambda: edit(gtf, "1201\t2000", "1201\t100"),
        "genes.gtf:2: start 1201, end 100",
    )
    yield case(
        "a place beyond 64 bits",
        lambda: edit(gtf, "1201\t2000", f"1201\t{'9' * 30}"),
        "genes.gtf:2: start 1201, end 999",
    )
    yield case("a strand that is none", lambda: edit(gtf, "\t+\t", "\tplus\t"), "strand plus")
    yield case(
        "a gene without id",
        lambda: edit(gtf, 'gene_id "g1"; gene_name "A1"', 'label "g1"'),
        "no gene_id in column 9",
    )
    yield case(
        "gzip cut short",
        lambda: (
            put("genes.gtf.gz", gzip.compress(Path(gtf).read_bytes() * 50)[:-60]),
            config("genome: {annotation: genes.gtf.gz}"),
        ),
        "genes.gtf.gz: cannot be read to its end",
    )
    yield case(
        "gzip by name only",
        lambda: (put("g.gtf.gz", b"\x1f\x8b nothing"), config("genome: {annotation: g.gtf.gz}")),
        "g.gtf.gz: cannot be read to its end",
    )
    yield case(
        "contigs with other names",
        lambda: rewrite(gtf, lambda b: b.replace(b"chr", b"")),
        "has other names of contigs than genome.fa: 1 for chr1",
    )
    yield case(
        "contigs of another genome",
        lambda: rewrite(gtf, lambda b: b.replace(b"chr", b"scaffold")),
        "have no contig in common",
    )
    yield case("a line of 5 GB", lambda: sparse(gtf), "the line is longer than 16 MB")
    yield case(
        "a gzip bomb",
        lambda: (bomb("g.gtf.gz", b"chr1\t"), config("genome: {annotation: g.gtf.gz}")),
        "the line is longer than 16 MB",
    )
    yield case(
        "a fault far down",
        lambda: put(
            gtf,
            clean.GTF
            + clean.GTF.splitlines()[1].replace("g1", "g{}") * 0
            + "".join(_genes(30_000))
            + 'chr1\tx\tgene\t0\t5\t.\t+\t.\tgene_id "z";\n',
        ),
        "genes.gtf:30008: start 0",
    )


def _genes(n: int) -> Iterator[str]:
    for i in range(n):
        yield f'chr1\tx\tgene\t{1 + i % 900}\t{1900 + i % 900}\t.\t+\t.\tgene_id "h{i}"; note "{"x" * 40}";\n'


def peaks() -> Iterator[Case]:
    def case(name: str, change, said: str, **more) -> Case:
        return Case("peaks", name, change, said, **more)

    peaks = "peaks.narrowPeak"
    yield case("empty", lambda: put(peaks, ""), "peaks.narrowPeak is empty (0 bytes)")
    yield case("header only", lambda: put(peaks, "track name=x\n# nothing\n"), "holds no peak")
    yield case(
        "blanks for tabs in one line",
        lambda: edit(peaks, "chr2\t500\t800", "chr2 500 800"),
        "peaks.narrowPeak:2: 8 columns, the first interval has 10",
    )
    yield case("two columns", lambda: put(peaks, "chr1\t100\n"), "fewer than the three columns")
    yield case(
        "a negative start",
        lambda: edit(peaks, "chr1\t100", "chr1\t-100"),
        "peaks.narrowPeak:1: its start is negative",
    )
    yield case(
        "an end before its start",
        lambda: edit(peaks, "500\t800", "800\t500"),
        "peaks.narrowPeak:2: its end is not after its start",
    )
    yield case(
        "a peak of no length", lambda: put(peaks, "chr1\t100\t100\n"), "its end is not after its start"
    )
    yield case(
        "a start that is no number",
        lambda: edit(peaks, "chr1\t100", "chr1\t1e2"),
        "its start is `1e2`, not a whole number",
    )
    yield case(
        "a number with an underscore",
        lambda: edit(peaks, "chr1\t100", "chr1\t1_00"),
        "its start is `1_00`, not a whole number",
    )
    yield case(
        "a number beyond 64 bits", lambda: edit(peaks, "100\t400", f"100\t{'4' * 40}"), "not a whole number"
    )
    yield case(
        "a summit outside",
        lambda: edit(peaks, "\t150\n", "\t900\n"),
        "its summit (column 10) lies outside the peak",
    )
    yield case(
        "past the end of its contig",
        lambda: edit(peaks, "500\t800", "500\t2800"),
        "ends past the end of its contig (2,400 bp in genome.fa)",
    )
    yield case(
        "a contig that is not there",
        lambda: edit(peaks, "chr2", "chr9"),
        "is on a contig that is not in genome.fa",
    )
    yield case(
        "a contig's name with a blank",
        lambda: edit(peaks, "chr2", "chr 2"),
        "its contig is `chr 2`, which is no name",
    )
    yield case(
        "a contig's name in Latin-1",
        lambda: edit(peaks, "chr2", "chré", encoding="latin-1"),
        "which is no name",
    )
    yield case(
        "names without chr",
        lambda: rewrite(peaks, lambda b: b.replace(b"chr", b"")),
        "has other names of contigs than genome.fa: 1 for chr1",
    )
    yield case(
        "UTF-16", lambda: rewrite(peaks, lambda b: b.decode().encode("utf-16")), "peaks.narrowPeak: is UTF-16"
    )
    yield case("a BAM", lambda: config("peaks: {files: c1.bam}"), "c1.bam: is a BAM, which holds reads")
    yield case(
        "one file for two groups",
        lambda: config(f"peaks: {{files: {{control: {peaks}, treated: {peaks}}}}}"),
        "is given for control too",
    )
    yield case(
        "a group that is not there",
        lambda: config(f"peaks: {{files: {{contrl: {peaks}}}}}"),
        "is neither a sample nor a group",
    )
    yield case(
        "a line of 5 GB",
        lambda: sparse(peaks, b"chr1\t1\t"),
        "peaks.narrowPeak:1: the line is longer than 16 MB",
    )
    yield case(
        "a gzip bomb",
        lambda: (bomb("p.bed.gz", b"chr1\t1\t"), config("peaks: {files: p.bed.gz}")),
        "p.bed.gz:1: the line is longer than 16 MB",
    )
    yield case(
        "a blacklist with a fault",
        lambda: put("blacklist.bed", "chr1\t9\t5\n"),
        "blacklist.bed:1: its end is not after its start",
    )


def sets() -> Iterator[Case]:
    """Gene sets, regions of other studies and blacklists."""

    def gmt(name: str, text: str | bytes, said: str, file: str = "s.gmt") -> Case:
        def change():
            put(file, text)
            config(f"regions: {{gene_sets: {file}}}")

        return Case("gene sets", name, change, said)

    good = "A\tna\tA1\tB2\n"
    yield gmt("empty", "", "s.gmt is empty (0 bytes)")
    yield gmt("blank lines only", "\n\n", "s.gmt: holds no gene set")
    yield gmt(
        "no description", good + "B\tA1\n", "s.gmt, line 2: has 2 fields where there are at least three"
    )
    yield gmt("blanks for tabs", "A na A1 B2\n", "s.gmt, line 1: has spaces where tabs are needed")
    yield gmt("commas", "A,na,A1,B2\n", "s.gmt, line 1: has commas where tabs are needed")
    yield gmt("a set twice", good + good, "s.gmt, line 2: the set A stands in line 1 too")
    yield gmt(
        "genes of another species",
        "A\tna\tYAL001C\tYAL002W\n",
        "none of the 2 genes of s.gmt (YAL001C, YAL002W) is in the annotation, which has A1, B2",
    )
    yield gmt(
        "Entrez ids",
        "A\tna\t1017\t7157\n",
        "Fix: these look like Entrez ids, which the annotation does not have",
    )

    def two_files():
        put("s.gmt", good)
        put("t.gmt", good + good.replace("A", "B", 1))
        config("regions: {gene_sets: [s.gmt, t.gmt]}")

    yield Case("gene sets", "a set in two files", two_files, "1 of the sets of t.gmt (A) are in s.gmt too")
    yield gmt("UTF-16", good.encode("utf-16"), "s.gmt: is UTF-16")
    yield gmt(
        "gzip cut short", gzip.compress(good.encode() * 99)[:-9], "s.gmt.gz: cannot be read", "s.gmt.gz"
    )
    yield Case(
        "gene sets",
        "missing file",
        lambda: config("regions: {gene_sets: [s.gmt]}"),
        "key regions.gene_sets: there is no file s.gmt",
    )

    def bed(name: str, text: str, said: str) -> Case:
        def change():
            put("s.bed", text)
            config("regions: {sets: {ours: s.bed}}")

        return Case("regions", name, change, said)

    yield bed("contigs with other names", "1\t20\t50\n", "s.bed has other names of contigs than genome.fa")
    yield bed("of another genome", "scaffold_7\t20\t50\n", "s.bed and genome.fa have no contig in common")
    yield bed(
        "of another assembly",
        "chr1\t20\t50\nchr2\t5000\t5100\n",
        "1 of 2 regions of s.bed ends past the end of its contig, such as chr2:5000-5100 of 2,400 bp",
    )
    yield bed("two columns", "chr1\t20\n", "s.bed:1: fewer than the three columns chrom, start, end")
    yield bed("an end before its start", "chr1\t50\t20\n", "s.bed:1: its end is not after its start")
    yield bed("text", "chr1\ta\t20\n", "s.bed:1: its start is `a`, not a whole number")
    yield Case(
        "regions",
        "missing file",
        lambda: config("regions: {sets: {ours: s.bed}}"),
        "key regions.sets.ours: there is no file s.bed",
    )
    yield Case(
        "blacklist",
        "a word that is none",
        lambda: config("genome: {blacklist: automatic}"),
        "there is no file automatic. Fix: write auto, null or the path of a BED",
    )
    yield Case(
        "blacklist",
        "all peaks of the counts",
        lambda: (
            put("b.bed", "chr1\t0\t3000\nchr2\t0\t2400\n"),
            config("genome: {blacklist: b.bed}", "counts"),
        ),
        "each of the 3 peaks of counts.tsv lies in b.bed",
        run="counts",
    )
