"""Gene models from GTF of several makers, and what is derived from them."""

import gzip

import pandas as pd
import pytest

from workflow_lib.errors import InputError
from workflow_lib.genome import genes
from workflow_lib.io import gtf


def line(feature, start, end, strand, attributes, chrom="chr1"):
    return f"{chrom}\ttest\t{feature}\t{start}\t{end}\t.\t{strand}\t.\t{attributes}\n"


PLUS = 'gene_id "G1.2"; transcript_id "T1"; gene_type "protein_coding"; gene_name "Abc";'
MINUS = 'gene_id "G2"; transcript_id "T2"; gene_biotype "lncRNA";'
GENCODE = (
    "##format: gtf\n"
    + line("gene", 101, 900, "+", 'gene_id "G1.2"; gene_type "protein_coding"; gene_name "Abc";')
    + line("transcript", 101, 900, "+", PLUS)
    + line("exon", 101, 200, "+", PLUS)
    + line("CDS", 151, 200, "+", PLUS)
    + line("start_codon", 151, 153, "+", PLUS)
    + line("exon", 301, 400, "+", PLUS)
    + line("CDS", 301, 350, "+", PLUS)
    + line("stop_codon", 351, 353, "+", PLUS)
    + line("UTR", 101, 150, "+", PLUS)
    + line("UTR", 351, 400, "+", PLUS)  # GENCODE counts the stop codon as UTR
    + line("exon", 801, 900, "+", PLUS)
    + line("gene", 2001, 3000, "-", 'gene_id "G2"; gene_biotype "lncRNA";')
    + line("transcript", 2001, 3000, "-", MINUS)
    + line("exon", 2801, 3000, "-", MINUS)
    + line("exon", 2501, 2600, "-", MINUS)
    + line("exon", 2001, 2100, "-", MINUS)
)


@pytest.fixture
def read(tmp_path):
    def of_text(text):
        path = tmp_path / "genes.gtf"
        path.write_bytes(text.encode())
        return genes.from_gtf(path)

    return of_text


def rows(table, *columns):
    return [tuple(row) for row in table[list(columns)].astype(object).to_numpy().tolist()]


def same(one, other):
    for name in ("genes", "transcripts", "exons"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    return True


def test_coordinates_are_half_open_and_names_fall_back_to_ids(read):
    models = read(GENCODE)
    assert rows(models.genes, "gene_id", "gene_name", "gene_type", "chrom", "start", "end", "strand") == [
        ("G1.2", "Abc", "protein_coding", "chr1", 100, 900, "+"),
        ("G2", "G2", "lncRNA", "chr1", 2000, 3000, "-"),
    ]


def test_tss_of_a_minus_strand_transcript_is_its_last_base(read):
    models = read(GENCODE)
    assert rows(models.transcripts, "transcript_id", "gene", "start", "end", "tss") == [
        ("T1", 0, 100, 900, 100),
        ("T2", 1, 2000, 3000, 2999),
    ]


def test_exons_and_introns_are_numbered_along_the_transcript(read):
    models = read(GENCODE)
    assert rows(models.exons, "transcript", "start", "end", "number") == [
        (0, 100, 200, 1),
        (0, 300, 400, 2),
        (0, 800, 900, 3),
        (1, 2000, 2100, 3),
        (1, 2500, 2600, 2),
        (1, 2800, 3000, 1),
    ]
    assert rows(genes.introns(models), "transcript", "start", "end", "number") == [
        (0, 200, 300, 1),
        (0, 400, 800, 2),
        (1, 2100, 2500, 2),
        (1, 2600, 2800, 1),
    ]


def test_utrs_leave_out_the_stop_codon_and_end_with_exons(read):
    models = read(GENCODE)
    assert rows(genes.utrs(models), "transcript", "start", "end", "side") == [
        (0, 100, 150, "5"),
        (0, 353, 400, "3"),
        (0, 800, 900, "3"),
    ]
    assert rows(genes.coding(models), "transcript", "start", "end") == [(0, 150, 200), (0, 300, 353)]


def test_utr_sides_are_swapped_on_the_minus_strand(read):
    models = read(GENCODE.replace("\t+\t", "\t-\t"))
    assert rows(genes.utrs(models), "transcript", "start", "end", "side") == [
        (0, 100, 150, "3"),
        (0, 353, 400, "5"),
        (0, 800, 900, "5"),
    ]


def test_utr_lines_make_no_difference(read):
    without = "".join(part for part in GENCODE.splitlines(keepends=True) if "\tUTR\t" not in part)
    ensembl = (
        without + line("five_prime_utr", 101, 150, "+", PLUS) + line("three_prime_utr", 354, 400, "+", PLUS)
    )
    assert same(read(GENCODE), read(without))
    assert same(read(GENCODE), read(ensembl))


def test_genes_and_transcripts_are_derived_from_exons_alone(read):
    exons = "".join(part for part in GENCODE.splitlines(keepends=True) if "\texon\t" in part)
    models, whole = read(exons), read(GENCODE)
    pd.testing.assert_frame_equal(models.genes, whole.genes)
    pd.testing.assert_frame_equal(models.exons, whole.exons)
    assert models.transcripts["tss"].tolist() == [100, 2999]
    assert models.transcripts["coding_start"].tolist() == [-1, -1]


def test_exons_are_derived_from_coding_lines_that_touch(read):
    models = read(
        line("CDS", 11, 50, "+", PLUS)
        + line("CDS", 81, 90, "+", PLUS)
        + line("stop_codon", 91, 93, "+", PLUS)
    )
    assert rows(models.exons, "start", "end", "number") == [(10, 50, 1), (80, 93, 2)]


def test_a_gene_without_transcripts_counts_as_one(read):
    models = read(GENCODE + line("gene", 5001, 5100, "-", 'gene_id "G3"; transcript_id "";'))
    assert rows(models.transcripts.iloc[2:], "transcript_id", "gene", "tss") == [("G3", 2, 5099)]
    assert rows(models.exons.iloc[6:], "transcript", "start", "end", "number") == [(2, 5000, 5100, 1)]


def test_line_order_does_not_matter(read):
    lines = GENCODE.splitlines(keepends=True)
    assert same(read("".join(reversed(lines))), read(GENCODE))


def test_a_line_given_twice_counts_once(read):
    assert same(read(GENCODE + line("exon", 301, 400, "+", PLUS)), read(GENCODE))


def test_one_id_on_two_contigs_is_two_genes(read):
    models = read(GENCODE + line("exon", 301, 400, "+", PLUS, chrom="chrY"))
    assert rows(models.genes, "gene_id", "chrom", "start", "end") == [
        ("G1.2", "chr1", 100, 900),
        ("G2", "chr1", 2000, 3000),
        ("G1.2", "chrY", 300, 400),
    ]
    assert rows(models.exons.iloc[6:], "transcript", "chrom", "number") == [(2, "chrY", 1)]


@pytest.mark.parametrize(
    "attributes",
    [
        'transcript_id "T1"; gene_id "G1.2"; gene_name "Abc"; gene_type "protein_coding"',
        "gene_id G1.2; transcript_id T1; gene_name Abc; gene_type protein_coding;",
        'gene_id  "G1.2";transcript_id  "T1"; orig_transcript_id "X";gene_name "Abc";'
        'gene_type "protein_coding";\r',
    ],
)
def test_other_spellings_of_attributes(read, attributes):
    models = read(line("exon", 101, 200, "+", attributes))
    assert rows(models.genes, "gene_id", "gene_name", "gene_type") == [("G1.2", "Abc", "protein_coding")]
    assert models.transcripts["transcript_id"].tolist() == ["T1"]


def test_features_without_strand_are_left_out(read):
    assert same(
        read(GENCODE + line("exon", 6001, 6100, ".", 'gene_id "G9"; transcript_id "T9";')), read(GENCODE)
    )


def test_compression_does_not_matter_and_goes_by_content(tmp_path, read):
    path = tmp_path / "packed.gtf"
    path.write_bytes(gzip.compress(GENCODE.encode()))
    assert same(genes.from_gtf(path), read(GENCODE))


def test_models_survive_writing_and_give_the_same_bytes(tmp_path, read):
    models = read(GENCODE)
    for name in ("a", "b"):
        genes.write(models, tmp_path / f"{name}.parquet")
    assert same(genes.read(tmp_path / "a.parquet"), models)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_genes_of_some_types(read):
    kept = genes.of_types(read(GENCODE), ["lncRNA"])
    assert kept.genes["gene_id"].tolist() == ["G2"]
    assert rows(kept.transcripts, "transcript_id", "gene") == [("T2", 0)]
    assert rows(kept.exons, "transcript", "start") == [(0, 2000), (0, 2500), (0, 2800)]
    with pytest.raises(
        InputError, match="no gene is of type miRNA; the annotation has lncRNA, protein_coding"
    ):
        genes.of_types(read(GENCODE), ["miRNA"])


@pytest.mark.parametrize("name", ["abc", "ABC", "G1.2", "g1"])
def test_genes_are_found_by_name_or_id(read, name):
    assert genes.find(read(GENCODE), name)["gene_id"].tolist() == ["G1.2"]


def test_unknown_gene_is_not_found(read):
    assert len(genes.find(read(GENCODE), "ab")) == 0


def test_shared_start_sites_are_given_once(read):
    more = GENCODE + line("exon", 101, 500, "+", PLUS.replace("T1", "T1b"))
    assert rows(genes.tss(read(more)), "chrom", "position", "strand", "gene") == [
        ("chr1", 100, "+", 0),
        ("chr1", 2999, "-", 1),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("##gff-version 3\nchr1\tx\tregion\t1\t2\t.\t+\t.\tID=g\n", "this GFF3 has no gene and no exon"),
        ("chr1\tx\texon\t1\t2\t.\t+\t.\tParent=t1\n", ":1: its Parent t1 is no ID in this file"),
        ("chr1\tx\tgene\t1\t2\n", ":1: a GTF line has 9 tab-separated columns, this one has 5"),
        (GENCODE + line("exon", "1x", 2, "+", PLUS), ":18: start 1x, end 2"),
        (GENCODE + line("exon", 20, 10, "+", PLUS), ":18: start 20, end 10"),
        (GENCODE + line("exon", 0, 10, "+", PLUS), ":18: start 0, end 10"),
        (GENCODE + line("exon", 1, 10, "plus", PLUS), ":18: start 1, end 10, strand plus"),
        (GENCODE + line("exon", 1, 10, "+", 'note "x"; level 2;'), ":18: no gene_id in column 9"),
        (
            GENCODE + line("exon", 1, 10, "+", 'gene_id "G1"; transcript_id "T'),
            ":18: column 9 cannot be read",
        ),
        (GENCODE + line("exon", 1, 10, "+", 'gene_id "G1" transcript_id "T1"'), ":18: gene_id holds a quote"),
        ("#only a comment\n", "no gene, transcript, exon or CDS line"),
        (line("exon", 1, 10, ".", PLUS), "no feature has a strand"),
    ],
)
def test_bad_files_are_refused_with_place_and_fix(read, text, said):
    with pytest.raises(InputError) as error:
        read(text)
    assert said in str(error.value)
    assert "genes.gtf" in str(error.value)


def test_lines_are_read_alike_in_blocks_of_any_size_and_one_by_one(tmp_path, monkeypatch):
    path = tmp_path / "genes.gtf"
    ids = ["T1", "T2", "N" * 200 + "1", "N" * 200 + "2", "T1"]
    text = "".join(
        line("exon", 100 * i + 1, 100 * i + 50, "+-"[i % 2], f'gene_id "G"; transcript_id "{name}"; n {i};')
        for i, name in enumerate(name for name in ids for _ in range(3))
    )
    path.write_text(GENCODE + text.removesuffix("\n"))
    whole = gtf.read(path)
    assert whole.transcripts["transcript_id"].tolist() == ["T1", "T2", *ids[:4]]
    assert whole.lines["owner"][-15:].tolist() == [2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 2, 2, 2]

    def same_as_whole():
        found = gtf.read(path)
        for name in ("lines", "transcripts", "genes"):
            pd.testing.assert_frame_equal(getattr(found, name), getattr(whole, name))

    for size in (1, 50, 700):
        monkeypatch.setattr(gtf, "BLOCK_BYTES", size)
        same_as_whole()
    path.write_text((GENCODE + text).replace("\n", "\textra\n"))
    same_as_whole()


def test_attributes_that_begin_alike_are_of_one_transcript_only_if_its_id_is_within(read):
    after = 'gene_id "G1"; note "the same in both, and longer than eight bytes"; transcript_id "T'
    models = read(line("exon", 1, 10, "+", f'{after}1";') + line("exon", 21, 30, "+", f'{after}11";'))
    assert models.transcripts["transcript_id"].tolist() == ["T1", "T11"]


def test_the_first_malformed_line_is_named_whatever_is_wrong_with_it(read):
    text = GENCODE + line("exon", 20, 10, "+", PLUS) + "chr1\tcut short\n"
    with pytest.raises(InputError, match=":18: start 20, end 10"):
        read(text)


def test_contigs_are_listed_in_order_of_appearance(tmp_path):
    path = tmp_path / "genes.gtf"
    path.write_text("#c\n" + "".join(line("exon", 1, 9, "+", PLUS, chrom=name) for name in "BBAC"))
    assert gtf.read(path).contigs == ["B", "A", "C"]
    assert gtf.read(path, limit=4).contigs == ["B", "A"]


def test_a_transcript_is_gene_place_and_id(read):
    """NCBI calls transcripts without accession alike, and files put together count anew."""
    shared = 'gene_id "{}"; transcript_id "unknown_transcript_1"; gene "{}";'
    models = read(
        line("CDS", 1201, 2000, "+", shared.format("g1", "A1"))
        + line("CDS", 801, 1600, "-", shared.format("g2", "B2"), chrom="chr2")
        + line("CDS", 5001, 5400, "+", shared.format("g3", "C3"))
    )
    assert rows(models.genes, "gene_id", "gene_name", "chrom", "start", "end") == [
        ("g1", "A1", "chr1", 1200, 2000),
        ("g3", "C3", "chr1", 5000, 5400),
        ("g2", "B2", "chr2", 800, 1600),
    ]
    assert models.transcripts["tss"].tolist() == [1200, 5000, 1599]


def test_copies_of_a_transcript_have_a_start_each(read):
    """Told by their own transcript lines; by distance; by exon lengths that repeat around another gene."""
    copied, other = 'gene_id "C"; transcript_id "C";', 'gene_id "M"; transcript_id "M";'
    exons = line("exon", 101, 300, "+", copied) + line("exon", 2501, 2700, "+", copied)
    between = line("exon", 1001, 1400, "+", other)
    assert rows(read(exons + between).transcripts, "transcript_id", "tss") == [
        ("C", 100),
        ("C", 2500),
        ("M", 1000),
    ]
    whole = line("transcript", 101, 300, "+", copied) + line("transcript", 2501, 2700, "+", copied)
    assert read(exons + whole).transcripts["tss"].tolist() == [100, 2500]
    far = line("exon", 101, 300, "+", copied) + line("exon", 9_000_001, 9_000_100, "+", copied)
    assert read(far).transcripts["tss"].tolist() == [100, 9_000_000]
    for one in (exons, exons + between.replace("\t+\t", "\t-\t"), exons.replace("2700", "2701") + between):
        models = read(one)
        assert models.transcripts["tss"][models.transcripts["transcript_id"] == "C"].tolist() == [100]


@pytest.mark.parametrize(
    "attributes",
    [
        'gene_id "FBgn1"; gene_symbol "abd-A"; transcript_id "T"; transcript_symbol "abd-A-RA";',
        'gene_id "YDR134C"; transcript_id "T"; gbkey "CDS"; gene "abd-A"; locus_tag "YDR134C"; ',
        'gene_id "uc001.3"; transcript_id "uc001.3"; geneSymbol "abd-A"; mRNA "NR"; protAcc "";',
        'gene_id "G"; transcript_id "T"; gene_name ""; Name "abd-A";',
        'note "was gene_id X; gene_name OLD"; gene_id "G"; transcript_id "T"; gene_name "abd-A"',
        'gene_id ""; transcript_id "unassigned_transcript_7"; gene "abd-A";',
    ],
)
def test_symbols_under_the_keys_of_other_makers(read, attributes):
    assert read(line("exon", 1, 90, "+", attributes)).genes["gene_name"].tolist() == ["abd-A"]


def test_keys_inside_quotes_are_none(read):
    text = 'note "moved; gene_id was AT9; transcript_id "AT9.1""; gene_id "AT1"; transcript_id "AT1.1";'
    models = read(line("exon", 1, 90, "+", text) + line("exon", 201, 290, "+", text.replace("AT1", "PHO;1")))
    assert models.genes["gene_id"].tolist() == ["AT1", "PHO;1"]
    assert models.transcripts["transcript_id"].tolist() == ["AT1.1", "PHO;1.1"]


def test_no_symbol_at_all_is_said_with_the_keys_there_are(tmp_path):
    path = tmp_path / "genes.gtf"
    path.write_text(line("exon", 1, 90, "+", 'gene_id "G"; transcript_id "T"; label "x";'))
    (note,) = gtf.read(path).notes
    assert "no gene has a symbol (gene_name, gene_symbol," in note
    assert note.endswith("column 9 has gene_id, label, transcript_id")


def test_augustus_and_braker(read):
    ids = 'transcript_id "g1.t1"; gene_id "g1";'
    models = read(
        line("gene", 101, 900, "+", "g1")
        + line("transcript", 101, 900, "+", "g1.t1")
        + line("CDS", 101, 300, "+", ids)
        + line("intron", 301, 700, "+", ids)
        + line("CDS", 701, 900, "+", ids)
    )
    assert models.genes["gene_id"].tolist() == ["g1"]
    assert rows(models.transcripts, "transcript_id", "gene", "tss") == [("g1.t1", 0, 100)]
    assert rows(models.exons, "start", "end") == [(100, 300), (700, 900)]


def test_a_transgene_of_an_exon_with_gene_id_alone(tmp_path):
    path = tmp_path / "genes.gtf"
    path.write_text(GENCODE + line("exon", 1, 720, "+", 'gene_id "GFP";', chrom="GFP"))
    models = genes.from_gtf(path)
    assert rows(models.transcripts.iloc[2:], "transcript_id", "chrom", "tss") == [("GFP", "GFP", 0)]
    assert "1 exons or coding parts have no transcript_id: one transcript a gene" in gtf.read(path).notes


GFF3 = {
    "Ensembl": (
        "gene",
        "ID=gene:G1;Name=Abc;biotype=protein_coding;gene_id=G1;version=2",
        "ID=transcript:T1;Parent=gene:G1;Name=Abc-201;transcript_id=T1",
        "Parent=transcript:T1;Name=E1;exon_id=E1",
    ),
    "NCBI": (
        "gene",
        "ID=gene-G1;Dbxref=GeneID:1;Name=Abc;gbkey=Gene;gene=Abc;gene_biotype=protein_coding",
        "ID=rna-T1;Parent=gene-G1;Name=T1;gene=Abc;transcript_id=T1",
        "ID=exon-T1-1;Parent=rna-T1;gene=Abc",
    ),
    "GENCODE": (
        "gene",
        "ID=G1;gene_id=G1;gene_type=protein_coding;gene_name=Abc;level=2",
        "ID=T1;Parent=G1;gene_id=G1;transcript_id=T1;gene_name=Abc",
        "ID=exon:T1:1;Parent=T1;gene_id=G1;transcript_id=T1",
    ),
    "FlyBase": ("gene", "ID=G1;Name=Abc;biotype=protein_coding", "ID=T1;Name=Abc-RA;Parent=G1", "Parent=T1"),
}


@pytest.mark.parametrize("maker", GFF3)
def test_gff3_is_read_as_its_gtf(read, maker):
    kind, of_gene, of_transcript, of_exon = GFF3[maker]
    text = (
        "##gff-version 3\n"
        + line("region", 1, 9000, "+", "ID=chr1:1..9000")
        + line(kind, 101, 900, "+", of_gene)
        + line("mRNA", 101, 900, "+", of_transcript)
        + line("exon", 101, 200, "+", of_exon)
        + line("CDS", 151, 200, "+", of_exon.replace("exon", "cds"))
        + line("exon", 801, 900, "+", of_exon.replace("-1", "-2"))
        + "###\n##FASTA\n>chr1\nACGT\n"
    )
    ids = 'gene_id "G1"; transcript_id "T1"; gene_name "Abc"; gene_type "protein_coding";'
    ids += ' db_xref "GeneID:1";' if maker == "NCBI" else ""
    parts = (("transcript", 101, 900), ("exon", 101, 200), ("CDS", 151, 200), ("exon", 801, 900))
    assert same(read(text), read("".join(line(kind, *place, "+", ids) for kind, *place in parts)))


def test_gff3_of_bacteria_genes_own_their_coding_parts(read):
    models = read(
        line("gene", 101, 900, "-", "ID=gene-b1;Name=thrA;locus_tag=b1")
        + line("CDS", 101, 900, "-", "ID=cds-b1;Parent=gene-b1")
        + line("pseudogene", 2001, 2100, "+", "ID=gene-b2;Name=insB%3B1")
        + line("exon", 4001, 4100, "+", "Parent=tx1,tx2")
        + line("gene", 4001, 4900, "+", "ID=g3;Name=x")
        + line("tRNA", 4001, 4100, "+", "ID=tx1;Parent=g3")
        + line("tRNA", 4001, 4900, "+", "ID=tx2;Parent=g3")
    )
    assert rows(models.genes, "gene_id", "gene_name", "start") == [
        ("b1", "thrA", 100),
        ("b2", "insB;1", 2000),
        ("g3", "x", 4000),
    ]
    assert rows(models.transcripts, "transcript_id", "gene", "tss") == [
        ("b1", 0, 899),
        ("b2", 1, 2000),
        ("tx1", 2, 4000),
        ("tx2", 2, 4000),
    ]


def test_ensembl_yeast(shared):
    models = genes.from_gtf(shared / "data/yeast/ref/sacCer3.ensembl96.gtf.gz")
    assert len(models.genes) == 7036
    hxk2 = genes.find(models, "HXK2")
    assert rows(hxk2, "gene_id", "chrom", "start", "end", "strand") == [
        ("YGL253W", "chrVII", 23934, 25395, "+")
    ]
    unnamed = genes.find(models, "YDL248W")
    assert unnamed["gene_name"].tolist() == ["YDL248W"]
