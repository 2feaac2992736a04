"""Links of peaks with genes: pairs against a naive oracle, correlations against scipy, every edge."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from workflow_lib import linkage
from workflow_lib.errors import InputError
from workflow_lib.genome.genes import GeneModels
from workflow_lib.intervals import peak_ids
from workflow_lib.linkage import background, gene_expression
from workflow_lib.plots import linkage as plots
from workflow_lib.report import linkage as report

SAMPLES = pd.DataFrame(
    {"group": ["a"] * 4 + ["b"] * 4, "batch": ["x", "y"] * 4},
    index=pd.Index([f"s{i}" for i in range(8)], name="sample"),
)


def models(*transcripts: tuple[str, str, int, str]) -> GeneModels:
    """Genes from (gene_id, chrom, tss, strand) of their transcripts."""
    table = pd.DataFrame(transcripts, columns=["gene_id", "chrom", "tss", "strand"])
    table["chrom"] = pd.Categorical(table["chrom"])
    genes = table.drop_duplicates("gene_id").reset_index(drop=True)
    genes = genes.assign(
        gene_name="n" + genes["gene_id"], gene_type="x", start=genes["tss"], end=genes["tss"]
    )
    table["gene"] = genes.set_index("gene_id").index.get_indexer(table["gene_id"])
    return GeneModels(genes, table, pd.DataFrame())


def peaks_at(*places: tuple[str, int]) -> pd.DataFrame:
    chrom, summit = (list(column) for column in zip(*places, strict=True))
    summit = np.array(summit)
    return pd.DataFrame(
        {"peak": peak_ids(chrom, summit - 100, summit + 100), "chrom": chrom, "summit": summit}
    )


def data(n_peaks: int = 240, seed: int = 0):
    """Peaks on two contigs, a gene on each, the first one driven by peak 3."""
    rng = np.random.default_rng(seed)
    peaks = peaks_at(*((f"chr{1 + i % 2}", 1000 * (i + 1)) for i in range(n_peaks)))
    counts = pd.DataFrame(rng.poisson(100, (n_peaks, 8)), index=peaks["peak"], columns=SAMPLES.index)
    values = pd.DataFrame(rng.poisson(500, (2, 8)), index=["G1", "G2"], columns=SAMPLES.index)
    return counts, peaks, values, models(("G1", "chr1", 5000, "+"), ("G2", "chr2", 9000, "-"))


def run(counts, peaks, values, genes, **options) -> linkage.Linkage:
    ones = pd.Series(1.0, index=SAMPLES.index)
    options = {"distance": 20_000, "seed": 1} | options
    return linkage.link(counts, ones, peaks, values, genes, SAMPLES, "~ batch + group", ["group"], **options)


def by_sample(links, counts, values, genes, adjust="nuisance") -> pd.DataFrame:
    ones = pd.Series(1.0, index=SAMPLES.index)
    asked = (SAMPLES, "~ batch + group", ["group"], adjust)
    return linkage.by_sample(links, counts, ones, values, genes.genes, *asked)


@pytest.mark.parametrize("adjust", ["nuisance", "none", "design"])
def test_both_sides_of_the_strongest_links_have_the_correlation_that_is_told(adjust):
    counts, peaks, values, genes = data()
    links = run(counts, peaks, values, genes, adjust=adjust).links
    table = by_sample(links, counts, values, genes, adjust)
    pairs = table.drop_duplicates(["gene_id", "peak"])
    assert len(pairs) == 6
    assert pairs["pvalue"].is_monotonic_increasing
    assert pairs["pvalue"].iloc[0] == links["pvalue"].min()
    assert set(table["scale"]) == {"counts"}
    for _, link in table.groupby(["gene_id", "peak"]):
        assert list(link["sample"]) == list(SAMPLES.index)
        assert np.corrcoef(link["accessibility"], link["expression"])[0, 1] == pytest.approx(
            link["pearson"].iloc[0]
        )
    missing = by_sample(links, counts, values.drop(columns="s3"), genes, adjust)
    assert "s3" not in set(missing["sample"])
    figure = plots.links(table, SAMPLES["group"], alpha=0.05)
    assert len(figure.axes) == 6


def test_distance_is_from_the_nearest_tss_in_the_genes_direction():
    genes = models(("A", "chr1", 1000, "+"), ("A", "chr1", 3000, "+"), ("B", "chr1", 2000, "-"))
    peaks = peaks_at(("chr1", 900), ("chr1", 2100), ("chr1", 9000), ("chr2", 1000))
    found = linkage.pairs(genes, np.ones(2, bool), peaks, np.ones(4, bool), 1100)
    assert found.to_dict("list") == {
        "gene": [0, 0, 1, 1],
        "peak": [0, 1, 0, 1],
        "tss": [1000, 3000, 2000, 2000],
        "distance": [-100, -900, 1100, -100],
    }


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 300)), max_size=8),
    st.lists(
        st.tuples(st.sampled_from(["1", "2"]), st.integers(0, 300)), min_size=1, max_size=8, unique=True
    ),
    st.integers(0, 120),
)
def test_pairs_are_those_of_a_naive_search(sites, places, distance):
    contig = {"A": "1", "B": "1", "C": "2"}
    genes = models(*((gene, contig[gene], tss, "+-"[gene == "B"]) for gene, tss in sites))
    peaks = peaks_at(*places)
    found = linkage.pairs(genes, np.ones(len(genes.genes), bool), peaks, np.ones(len(peaks), bool), distance)
    expected = set()
    for g, name in enumerate(genes.genes["gene_id"]):
        for p, (chrom, summit) in enumerate(places):
            own = [tss for gene, tss in sites if gene == name and contig[gene] == chrom]
            near = min(own, key=lambda tss: (abs(tss - summit), tss), default=None)
            if near is not None and abs(near - summit) <= distance:
                expected.add((g, p, near, (summit - near) * (-1 if name == "B" else 1)))
    assert set(found.itertuples(index=False, name=None)) == expected
    assert len(found) == len(expected)


def test_correlations_are_partial_ones_given_the_batch():
    counts, peaks, values, genes = data()
    links = run(counts, peaks, values, genes).links
    first = links.iloc[0]
    a = np.log2(counts.loc[first["peak"]] + 1).to_numpy()
    b, scale = gene_expression.log_expression(values)
    b = b.loc["G1"].to_numpy()
    assert scale == "counts"
    batch = (SAMPLES["batch"] == "y").to_numpy()

    def left(v, *labels):
        columns = np.column_stack([np.ones(8), *labels]).astype(float)
        return v - columns @ np.linalg.lstsq(columns, v, rcond=None)[0]

    assert first["pearson"] == pytest.approx(stats.pearsonr(left(a, batch), left(b, batch))[0], abs=1e-12)
    ranks = [left(stats.rankdata(v), batch) for v in (a, b)]
    assert first["spearman"] == pytest.approx(stats.pearsonr(*ranks)[0], abs=1e-12)
    both = batch, (SAMPLES["group"] == "b").to_numpy()
    within = stats.pearsonr(left(a, *both), left(b, *both))[0]
    assert first["pearson_within"] == pytest.approx(within, abs=1e-12)
    t = within * np.sqrt(4 / (1 - within**2))  # 8 samples - 3 coefficients - 1
    assert first["pvalue_within"] == pytest.approx(2 * stats.t.sf(abs(t), 4), rel=1e-9)
    assert (links["n"] == 8).all()


def test_without_adjustment_correlations_are_scipys():
    counts, peaks, values, genes = data()
    links = run(counts, peaks, values, genes, adjust="none").links
    log2 = gene_expression.log_expression(values)[0]
    for row in links.iloc[[0, 5, -1]].itertuples():
        accessible = np.log2(counts.loc[row.peak] + 1)
        assert row.pearson == pytest.approx(stats.pearsonr(accessible, log2.loc[row.gene_id])[0])
        assert row.spearman == pytest.approx(stats.spearmanr(accessible, log2.loc[row.gene_id])[0])


def test_the_whole_design_is_taken_out_on_demand_and_nothing_where_too_few_samples_would_be_left():
    counts, peaks, values, genes = data()
    links = run(counts, peaks, values, genes, adjust="design").links
    assert links["pearson"].to_numpy() == pytest.approx(links["pearson_within"].to_numpy())
    six = counts.columns[:5]
    few = run(counts, peaks, values[six], genes, adjust="design")
    assert few.facts["adjusted_for"] == "nothing (too few samples)"
    assert (few.links["n"] == 5).all()


def test_background_is_of_other_contigs_and_z_follows_from_it():
    counts, peaks, values, genes = data()
    result = run(counts, peaks, values, genes, adjust="none", distance=3000)
    log2 = gene_expression.log_expression(values)[0]
    others = (peaks["chrom"] == "chr2").to_numpy()  # 120 peaks, one class: 100 of them are drawn
    r = [stats.pearsonr(np.log2(row + 1), log2.loc["G1"])[0] for row in counts.to_numpy()[others]]
    first = result.links.iloc[0]
    assert first["background_mean"] == pytest.approx(np.mean(np.arctanh(r)), abs=0.15)
    assert first["background_sd"] == pytest.approx(np.std(np.arctanh(r)), rel=0.25)
    z = (np.arctanh(first["pearson"]) - first["background_mean"]) / first["background_sd"]
    assert first["zscore"] == pytest.approx(z)


def test_a_peak_that_follows_less_than_others_is_no_link():
    assert background._level(np.array([-5.0, 5.0, 5.0]), np.array([0.1, -0.2, 0.3])).tolist() == [
        0,
        0,
        2500,
    ]


def test_leaving_a_value_out_is_what_it_says():
    y = np.random.default_rng(0).normal(size=(2, 40))
    z = background._left_out(y, y.mean(axis=1), y.std(axis=1, ddof=1))
    rest = np.delete(y[1], 7)
    assert z[1, 7] == pytest.approx((y[1, 7] - rest.mean()) / rest.std(ddof=1))


def test_classes_are_of_equal_size_and_ordered():
    mean = np.arange(1000.0)
    mean[3] = np.nan
    found = background.classes(mean, np.tile([0.3, 0.6], 500))
    assert found[3] == -1
    assert set(found) == {-1, 0, 1, 2, 3}
    assert {int(n) for n in np.bincount(found[found >= 0])} <= {249, 250}
    assert set(found[[0, 2]]) == {0}
    assert set(found[[1, 5]]) == {1}  # as low, but richer in GC
    assert set(background.classes(mean, None)) == {-1, 0, 1, 2, 3}


def test_constant_missing_and_unknown_genes_are_counted_and_left_out():
    counts, peaks, values, genes = data()
    values = values.astype(float)
    values.loc["G2", "s3"] = np.nan
    values.loc["elsewhere"] = 3.0
    counts.iloc[2] = 7  # a constant peak near G1
    result = run(counts, peaks, values, genes)
    assert set(result.links["gene_id"]) == {"G1"}
    assert peaks["peak"][2] not in set(result.links["peak"])
    assert result.facts["n_genes_unknown"] == 1
    assert result.facts["n_genes_missing"] == 1
    assert result.facts["n_peaks_constant"] == 1


def test_no_links_give_empty_tables_figures_and_a_report():
    counts, peaks, values, genes = data()
    for change in (
        {"values": values.set_axis(["X", "Y"])},
        {"peaks": peaks.assign(chrom="chrX")},
        {"peaks": peaks.assign(chrom=None, summit=np.nan)},
        {"values": values * 0 + 5},
    ):
        result = run(**({"counts": counts, "peaks": peaks, "values": values, "genes": genes} | change))
        assert list(result.links.columns) == linkage.COLUMNS
        assert result.links.empty
        summary = linkage.summarise(result, 0.05)
        section = report.section(summary, result.links, [], {"links": ""})
        assert section.parts[0].paragraphs[0] == "No pair of a gene and a peak nearby could be tested."
        plots.background(result.histogram, 0)
        asked = {"counts": counts, "values": values} | {k: v for k, v in change.items() if k == "values"}
        strongest = by_sample(result.links, asked["counts"], asked["values"], genes)
        assert strongest.empty
        plots.links(strongest, SAMPLES["group"], alpha=0.05)
        assert linkage.bedpe(result.links, genes, 0.05).empty
        assert linkage.around(result.links, "chr1", 0, 10**6).columns.tolist() == linkage.AROUND


def test_a_single_contig_has_no_background():
    counts, peaks, values, genes = data()
    one = peaks["chrom"] == "chr1"
    result = run(counts[one.to_numpy()], peaks[one].reset_index(drop=True), values, genes)
    assert len(result.links)
    assert result.links["pearson"].notna().all()
    assert result.links[["zscore", "pvalue", "padj"]].isna().all(axis=None)
    text = report.section(linkage.summarise(result, 0.05), result.links, [], {"links": ""}).parts[0]
    assert any("have no p-value" in paragraph for paragraph in text.paragraphs)


def test_what_is_taken_out_is_told_by_the_columns_of_the_sheet():
    result = run(*data())
    told = linkage.summarise(result, 0.05)
    told.loc[told["item"] == "adjusted_for", "value"] = "batch[T.B], batch[T.C], age"
    text = report.section(told, result.links, [], {"links": ""}).parts[0]
    assert any("Taken out of both sides: batch, age." in paragraph for paragraph in text.paragraphs)


def test_below_five_samples_it_refuses():
    counts, peaks, values, genes = data()
    with pytest.raises(InputError, match="4 samples have both accessibility and expression"):
        run(counts, peaks, values.iloc[:, :4], genes)


def test_the_seed_decides():
    inputs = data()
    pd.testing.assert_frame_equal(run(*inputs).links, run(*inputs).links)
    assert not run(*inputs).links["pvalue"].equals(run(*inputs, seed=2).links["pvalue"])


def test_around_gives_arcs_with_both_ends_inside_the_best_last():
    links = pd.DataFrame(
        {
            "gene_id": ["a", "b", "c", "d"],
            "gene_name": ["A", "B", "C", "D"],
            "chrom": ["1", "1", "1", "2"],
            "tss": [100, 100, 900, 100],
            "peak": ["1:200-300", "1:400-500", "1:400-500", "2:200-300"],
            "pearson": [0.5, -0.9, 0.1, 0.2],
            "padj": [0.2, 0.01, 0.3, np.nan],
        }
    )
    found = linkage.around(links, "1", 50, 500)
    assert found[["gene_id", "mid", "correlation"]].to_numpy().tolist() == [["a", 250, 0.5], ["b", 450, -0.9]]
    assert linkage.around(links, "1", 50, 500, alpha=0.05)["gene_id"].tolist() == ["b"]
    assert linkage.around(links, "1", 50, 450)["gene_id"].tolist() == ["a"]


def test_bedpe_has_the_significant_links_only():
    counts, peaks, values, genes = data()
    links = run(counts, peaks, values, genes).links.head(2).assign(padj=[0.001, 0.5], pearson=-0.987654)
    table = linkage.bedpe(links, genes, 0.05)
    assert table.to_numpy().tolist() == [
        ["chr1", 900, 1100, "chr1", 5000, 5001, "nG1", 988, ".", "+"],
    ]


def test_names_are_matched_by_id_then_name_then_other_version():
    genes = pd.DataFrame(
        {"gene_id": ["E1.4", "E2.1", "E3.1", "E4.1"], "gene_name": ["TP53", "Y_RNA", "Y_RNA", "AC1.1"]}
    )
    found = gene_expression.match(pd.Index(["E1", "E2.1", "Y_RNA", "AC1.1", "AC1"]), genes)
    assert found.tolist() == ["E1.4", "E2.1", None, "E4.1", None]
    with pytest.raises(InputError, match=r"rows E1, TP53 are all of gene E1\.4"):
        gene_expression.match(pd.Index(["E1", "TP53"]), genes)


def test_counts_get_size_factors_and_other_scales_a_common_unit():
    counts = pd.DataFrame({"a": [10, 20, 30], "b": [20, 40, 60]})
    log2, scale = gene_expression.log_expression(counts)
    assert scale == "counts"
    assert log2["a"].to_numpy() == pytest.approx(log2["b"].to_numpy())
    tpm = pd.DataFrame({"a": [0.1, 0.2], "b": [0.3, 0.0]})
    log2, scale = gene_expression.log_expression(tpm)
    assert scale == "normalised"
    assert log2.loc[0, "a"] == pytest.approx(np.log2(0.1e6 / 0.3 + 1))
    assert log2.loc[1, "b"] == 0
    pd.testing.assert_frame_equal(gene_expression.log_expression(tpm * 1.7)[0], log2)


def test_taking_out_keeps_means():
    values = pd.DataFrame([[1.0, 3, 1, 3, 1, 3, 1, 3]], columns=SAMPLES.index)
    left = linkage.adjusted(values, SAMPLES, "~ batch + group", ["group"], "nuisance")
    assert left.to_numpy() == pytest.approx(np.full((1, 8), 2.0))
    same = linkage.adjusted(values, SAMPLES, "~ batch + group", ["group"], "none")
    assert same.to_numpy() == pytest.approx(values.to_numpy())
