"""Nearest gene and genomic feature of peaks, against a naive oracle and written-out cases."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_lib.errors import InputError
from workflow_lib.genome import annotation, genes
from workflow_lib.peaks import consensus


def gtf_lines(transcripts):
    """Exon and CDS lines of (gene, transcript, chrom, strand, exons, coding span or None), from 0-based."""
    lines = []
    for gene, transcript, chrom, strand, exons, coding in transcripts:
        kind = "lncRNA" if coding is None else "protein_coding"
        names = (
            f'gene_id "{gene}"; transcript_id "{transcript}"; gene_type "{kind}"; gene_name "{gene.lower()}";'
        )
        parts = [("exon", start, end) for start, end in exons]
        if coding is not None:
            clipped = [("CDS", max(start, coding[0]), min(end, coding[1])) for start, end in exons]
            parts += [part for part in clipped if part[1] < part[2]]
        for feature, start, end in parts:
            lines.append(f"{chrom}\ttest\t{feature}\t{start + 1}\t{end}\t.\t{strand}\t.\t{names}\n")
    return "".join(lines)


@pytest.fixture(scope="module")
def models_of(tmp_path_factory):
    path = tmp_path_factory.mktemp("annotation") / "genes.gtf"

    def models(transcripts):
        path.write_text(gtf_lines(transcripts))
        return genes.from_gtf(path)

    return models


def summits(*places, chrom="chr1"):
    """Peaks of 101 bp around summits."""
    place = np.array(places)
    table = pd.DataFrame({"chrom": chrom, "start": place - 50, "end": place + 51, "summit": place})
    table.insert(0, "peak", [f"{chrom}:{p - 50}-{p + 51}" for p in places])
    return table


PLUS = ("GP", "TP", "chr1", "+", [(50_000, 50_200), (53_000, 53_200), (56_000, 56_400)], (50_100, 56_100))
MINUS = (
    "GM",
    "TM",
    "chr1",
    "-",
    [(150_000, 150_400), (153_000, 153_200), (156_000, 156_200)],
    (150_300, 156_100),
)


def test_columns_and_their_order(models_of):
    found = annotation.annotate(summits(49_900), models_of([PLUS, MINUS]))
    assert found.to_dict("records") == [
        {
            "peak": "chr1:49850-49951",
            "chrom": "chr1",
            "start": 49_850,
            "end": 49_951,
            "summit": 49_900,
            "feature": "promoter",
            "gene_id": "GP",
            "gene_name": "gp",
            "gene_type": "protein_coding",
            "tss_distance": -100,
            "transcript_id": "TP",
            "nearest_gene_id": "GP",
            "nearest_gene_name": "gp",
        }
    ]


def test_distance_is_negative_upstream_in_the_genes_own_direction(models_of):
    found = annotation.annotate(
        summits(49_990, 50_000, 50_010, 156_189, 156_199, 156_209), models_of([PLUS, MINUS])
    )
    # the TSS of the minus gene is the last base of its interval, 156,199
    assert found["tss_distance"].tolist() == [-10, 0, 10, 10, 0, -10]


def test_promoter_follows_the_strand_and_its_bounds_are_inclusive(models_of):
    places = [47_999, 48_000, 50_500, 50_501, 158_200, 158_199, 155_699, 155_698]
    found = annotation.annotate(summits(*places), models_of([PLUS, MINUS]), promoter=(-2000, 500))
    assert found["tss_distance"].tolist() == [-2001, -2000, 500, 501, -2001, -2000, 500, 501]
    assert (found["feature"] == "promoter").tolist() == [False, True, True, False] * 2


def test_features_by_the_first_that_holds(models_of):
    models = models_of([PLUS, MINUS])
    along = summits(50_050, 50_150, 51_000, 53_100, 54_000, 56_050, 56_100, 59_999, 60_000)
    assert annotation.annotate(along, models, promoter=(-2000, -1))["feature"].tolist() == [
        "5'UTR", "first exon", "first intron", "exon", "intron", "exon", "3'UTR", "proximal", "distal",
    ]  # fmt: skip
    along = summits(156_149, 156_050, 155_000, 153_100, 152_000, 150_350, 150_299)
    assert annotation.annotate(along, models, promoter=(-2000, -1))["feature"].tolist() == [
        "5'UTR", "first exon", "first intron", "exon", "intron", "exon", "3'UTR",
    ]  # fmt: skip


def test_the_edge_of_a_peak_does_not_decide(models_of):
    """A wide peak reaches a promoter and an exon, its summit neither."""
    wide = summits(54_000).assign(start=40_000, end=56_300)
    assert annotation.annotate(wide, models_of([PLUS]))["feature"].tolist() == ["intron"]


def test_the_gene_named_is_the_one_whose_exon_or_intron_it_is_and_the_nearest_tss_has_its_own(models_of):
    other = ("GO", "TO", "chr1", "-", [(54_500, 55_000)], None)
    found = annotation.annotate(summits(56_050), models_of([PLUS, other]), promoter=(0, 0))
    columns = ["feature", "gene_id", "transcript_id", "nearest_gene_id", "tss_distance"]
    assert found[columns].to_numpy().tolist() == [["exon", "GP", "TP", "GO", -1051]]


def test_of_several_genes_the_preferred_types_go_first(models_of):
    inner = ("GI", "TI", "chr1", "+", [(55_900, 55_950), (56_000, 56_100)], None)
    models = models_of([PLUS, inner])
    models.genes["gene_type"] = models.genes["gene_id"].map({"GP": "protein_coding", "GI": "lncRNA"})
    for prefer, gene in (((), "GI"), (("protein_coding",), "GP"), (("lncRNA",), "GI")):
        found = annotation.annotate(summits(56_050), models, promoter=(0, 0), prefer=prefer)
        assert (found["gene_id"][0], found["nearest_gene_id"][0]) == (gene, "GI")


def test_ties_go_to_the_first_gene_of_the_genome(models_of):
    left = ("GZ", "TZ", "chr1", "+", [(1000, 1100)], None)
    right = ("GA", "TA", "chr1", "+", [(2000, 2100)], None)
    for order in ([left, right], [right, left]):
        found = annotation.annotate(summits(1500), models_of(order))
        assert found[["gene_id", "tss_distance"]].to_numpy().tolist() == [["GZ", 500]]
    shared = ("GB", "TB", "chr1", "+", [(1000, 1050)], None)
    found = annotation.annotate(summits(1500), models_of([left, right, shared]))
    assert found["gene_id"].tolist() == ["GB"]  # same start as GZ, and ends first


def test_contig_without_genes_and_contig_unknown(models_of):
    found = annotation.annotate(summits(500, chrom="chrUn"), models_of([PLUS]))
    assert found["feature"].tolist() == ["distal"]
    assert found[["gene_id", "gene_name", "gene_type", "tss_distance", "transcript_id"]].isna().all(axis=None)


def test_no_peaks_give_an_empty_table(models_of):
    found = annotation.annotate(summits(500).iloc[:0], models_of([PLUS]))
    assert list(found.columns) == annotation.COLUMNS
    assert len(found) == 0


def test_peaks_without_coordinates_get_nothing(models_of):
    found = annotation.annotate(consensus.from_matrix(["p1", "p2"], None), models_of([PLUS]))
    assert found["peak"].tolist() == ["p1", "p2"]
    assert found.drop(columns="peak").isna().all(axis=None)


def test_gene_types_leave_out_other_genes_altogether(models_of):
    noise = ("GN", "TN", "chr1", "+", [(53_900, 54_100)], None)
    models = models_of([PLUS, noise])
    assert annotation.annotate(summits(54_050), models)["gene_id"].tolist() == ["GN"]
    found = annotation.annotate(summits(54_050), models, gene_types=["protein_coding"])
    assert found[["gene_id", "feature"]].to_numpy().tolist() == [["GP", "intron"]]
    with pytest.raises(InputError, match=r"annotation\.gene_types"):
        annotation.annotate(summits(54_050), models, gene_types=["nothing"])


def naive(summit, chrom, transcripts, promoter, proximal):
    """(feature, its gene, its transcript, distance, nearest gene) by looking at every transcript."""
    spans = {}
    for gene, _, contig, strand, exons, _ in transcripts:
        if contig == chrom:
            key = (gene, strand)
            start, end = exons[0][0], exons[-1][1]
            old = spans.get(key, (start, end))
            spans[key] = (min(old[0], start), max(old[1], end))
    nearest, best = None, {}
    for gene, transcript, contig, strand, exons, coding in transcripts:
        if contig != chrom:
            continue
        plus = strand == "+"
        distance = summit - exons[0][0] if plus else exons[-1][1] - 1 - summit
        gene_order = (*spans[gene, strand], gene, not plus)
        key = (abs(distance), gene_order, exons[0][0], exons[-1][1], transcript)
        if nearest is None or key < nearest[0]:
            nearest = (key, gene, transcript, distance)
        held = []
        if promoter[0] <= distance <= promoter[1]:
            held.append("promoter")
        along = exons if plus else exons[::-1]
        for i, (start, end) in enumerate(along):
            if start <= summit < end:
                held.append("first exon" if i == 0 else "exon")
                if coding is not None and summit < coding[0]:
                    held.append("5'UTR" if plus else "3'UTR")
                if coding is not None and summit >= coding[1]:
                    held.append("3'UTR" if plus else "5'UTR")
        for i, (one, other) in enumerate(pairwise(along)):
            if min(one[1], other[1]) <= summit < max(one[0], other[0]):
                held.append("first intron" if i == 0 else "intron")
        if abs(distance) < proximal:
            held.append("proximal")
        for name in held:
            best[name] = min(best.get(name, (key, gene, transcript)), (key, gene, transcript))
    if nearest is None:
        return ("distal", None, None, None, None)
    feature = min([*best, "distal"], key=annotation.FEATURES.index)
    owner = nearest[1:3] if feature in ("proximal", "distal") else best[feature][1:]
    return (feature, *owner, nearest[3], nearest[1])


@st.composite
def random_transcript(draw):
    cuts = sorted(draw(st.sets(st.integers(0, 120), min_size=2, max_size=6)))
    cuts = cuts[: len(cuts) // 2 * 2]
    exons = list(zip(cuts[::2], cuts[1::2], strict=True))
    coding = None
    if draw(st.booleans()):
        inside = [place for start, end in exons for place in range(start, end)]
        first, last = sorted((draw(st.sampled_from(inside)), draw(st.sampled_from(inside))))
        coding = (first, last + 1)
    gene = draw(st.sampled_from("ABCD"))
    return gene, draw(st.sampled_from(["chr1", "chr2"])), draw(st.sampled_from("+-")), exons, coding


@settings(max_examples=40, deadline=None)
@given(
    st.lists(random_transcript(), min_size=1, max_size=8),
    st.lists(
        st.tuples(st.sampled_from(["chr1", "chr2", "chr3"]), st.integers(0, 140)), min_size=1, max_size=20
    ),
    st.integers(-15, 0),
    st.integers(0, 6),
    st.integers(0, 30),
)
def test_same_as_looking_at_every_transcript(models_of, drawn, places, first, last, proximal):
    transcripts = [(gene, f"T{i}", *rest) for i, (gene, *rest) in enumerate(drawn)]
    table = pd.concat([summits(place, chrom=chrom) for chrom, place in places])
    found = annotation.annotate(table, models_of(transcripts), promoter=(first, last), proximal=proximal)
    columns = ["feature", "gene_id", "transcript_id", "tss_distance", "nearest_gene_id"]
    expected = [naive(place, chrom, transcripts, (first, last), proximal) for chrom, place in places]
    got = [tuple(None if pd.isna(v) else v for v in row) for row in found[columns].itertuples(index=False)]
    assert got == expected


def test_yeast_peaks_near_known_genes(shared):
    yeast = shared / "data" / "yeast"
    models = genes.from_gtf(yeast / "ref" / "sacCer3.ensembl96.gtf.gz")
    table = consensus.as_given(consensus.read_intervals(yeast / "peaks" / "T0_peaks.narrowPeak"))
    found = annotation.annotate(table, models).set_index("peak")
    # the summit of chrVII:23204-23740 is 23,438; HXK2 is chrVII:23,935-25,395 (1-based, plus strand)
    row = found.loc["chrVII:23204-23740"]
    assert row[["gene_name", "tss_distance", "feature"]].tolist() == ["HXK2", 23_438 - 23_934, "promoter"]
    assert (found["feature"] == "promoter").mean() > 0.9
