"""Gene sets as files give them, and their genes in an annotation."""

import gzip

import pandas as pd
import pytest

from workflow_lib.errors import InputError
from workflow_lib.genome import genes
from workflow_lib.io import gene_sets
from workflow_lib.regions import sets

GENES = pd.DataFrame(
    {
        "gene_id": ["ENSG01.4", "ENSG02.1", "ENSG03.9", "ENSG04.2"],
        "gene_name": ["IL2RA", "IFNG", "U6", "U6"],
    }
)


def gmt(tmp_path, content, name="sets.gmt"):
    path = tmp_path / name
    content = content.encode()
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def read(tmp_path, content):
    return gene_sets.read_gmt(gmt(tmp_path, content))


def test_sets_are_read_as_they_are_downloaded(tmp_path):
    content = "T_CELL\thttp://example.org\tIFNG\tIL2RA\tIFNG\t\r\n\r\nOTHER\t\tTP53,1.0\tIL2,0.5\n"
    for name in ("a.b.v2024.gmt", "a.b.v2024.gmt.gz"):
        found = gene_sets.read_gmt(gmt(tmp_path, content, name))
        assert [one.name for one in found] == ["T_CELL", "OTHER"]
        assert found[0].genes == ("IFNG", "IL2RA")
        assert found[1].genes == ("TP53", "IL2")
        assert {one.source for one in found} == {"a.b.v2024"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("A\tna\tX\nB\tna\n", "line 2: has 2 fields where there are at least three"),
        ("A na X Y Z\n", "line 1: has spaces where tabs are needed"),
        ("A\tna\tX\nB\tna\tX\nA\tna\tY\n", "line 3: the set A stands in line 1 too"),
        ("\n\n", "holds no gene set"),
    ],
)
def test_what_is_no_gmt_is_refused_with_its_line(tmp_path, content, said):
    with pytest.raises(InputError, match=said):
        read(tmp_path, content)


def test_a_set_that_two_files_have_is_refused(tmp_path):
    paths = [gmt(tmp_path, f"A\tna\t{gene}\n", f"{gene}.gmt") for gene in "XY"]
    with pytest.raises(InputError, match=r"Y\.gmt: the set A is in .*X\.gmt too"):
        gene_sets.read_all(paths)


def test_genes_are_found_by_id_with_or_without_version_or_by_name_whatever_its_case(tmp_path):
    content = (
        "IDS\tna\tENSG01.4\tENSG02\tENSG03.1\nNAMES\tna\til2ra\tIfng\tNOBODY\nMANY\tna\tU6\nNONE\tna\t7157\n"
    )
    found = sets.match(read(tmp_path, content), GENES)
    assert found.sets["n_genes"].tolist() == [3, 3, 1, 1]
    assert found.sets["n_found"].tolist() == [3, 2, 1, 0]
    assert found.genes.toarray().T.tolist() == [[1, 1, 1, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0]]
    assert (found.n_names, found.n_found, found.unknown) == (8, 6, ("NOBODY", "7157"))


def test_a_gene_named_twice_in_a_set_counts_once(tmp_path):
    found = sets.match(read(tmp_path, "A\tna\tENSG01\tIL2RA\n"), GENES)
    assert found.genes.toarray().ravel().tolist() == [1, 0, 0, 0]


def test_peaks_overlap_the_regions_of_each_set():
    peaks = pd.DataFrame({"chrom": ["a", "a", "b"], "start": [0, 100, 0], "end": [50, 150, 50]})
    one = pd.DataFrame({"chrom": ["a", "a"], "start": [49, 10], "end": [100, 20]})
    two = pd.DataFrame({"chrom": ["b"], "start": [0], "end": [1]})
    assert sets.overlaps(peaks, {"one": one, "two": two}).toarray().tolist() == [[1, 0], [0, 0], [0, 1]]
    assert sets.overlaps(peaks, {}).shape == (3, 0)


REFSEQ = {
    "annotation.gtf": (
        'c\tBestRefSeq\tgene\t{start}\t{end}\t.\t+\t.\tgene_id "{name}"; transcript_id ""; '
        'db_xref "GeneID:{entrez}"; db_xref "HGNC:HGNC:6008"; gene "{name}"; gene_biotype "protein_coding";\n'
        'c\tBestRefSeq\texon\t{start}\t{end}\t.\t+\t.\tgene_id "{name}"; transcript_id "NM_{entrez}.2"; '
        'db_xref "GeneID:{entrez}"; gene "{name}";\n'
    ),
    "annotation.gff": (
        "c\tBestRefSeq\tgene\t{start}\t{end}\t.\t+\t.\tID=gene-{name};"
        "Dbxref=HGNC:HGNC:6008,GeneID:{entrez},MIM:147730;Name={name};gene={name};gene_biotype=protein_coding\n"
        "c\tBestRefSeq\texon\t{start}\t{end}\t.\t+\t.\tID=exon-{name};Parent=gene-{name};gene={name}\n"
    ),
}


@pytest.mark.parametrize("name", REFSEQ)
def test_entrez_ids_reach_the_genes_of_an_annotation_that_has_them(tmp_path, name):
    known = [("IL2RA", 3559), ("IFNG", 3458), ("CD69", 969)]
    text = "".join(
        REFSEQ[name].format(name=gene, entrez=entrez, start=1000 * i + 1, end=1000 * i + 500)
        for i, (gene, entrez) in enumerate(known)
    )
    head = "##gff-version 3\n" if name.endswith("gff") else ""
    (tmp_path / name).write_text(head + text)
    genes.write(genes.from_gtf(tmp_path / name), tmp_path / "genes.parquet")
    models = genes.read(tmp_path / "genes.parquet")
    found = sets.match(gene_sets.read_gmt(gmt(tmp_path, "A\tna\t3559\t969\t7124\tifng\n")), models.genes)
    assert models.genes["gene_name"][found.genes.toarray()[:, 0] > 0].tolist() == ["IL2RA", "IFNG", "CD69"]
    assert (found.n_names, found.n_found, found.unknown) == (4, 3, ("7124",))


def test_without_entrez_ids_in_the_annotation_none_is_found(tmp_path):
    given = gene_sets.read_gmt(gmt(tmp_path, "A\tna\t3559\t969\n"))
    assert sets.match(given, GENES.assign(entrez_id=None)).n_found == 0
