"""Quality measures against loops and written-out values."""

import json

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from workflow_lib.fragments import measures, multiqc, quality, quality_tables
from workflow_lib.fragments.pairing import Locations
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.plots import quality as figures
from workflow_lib.stats import ordination


def store_of(pairs, *, paired=True, length=20_000, locations=None, n_duplicates=0, mito=()):
    """A store of fragments on chr1 given as (first cut, last cut)."""
    pairs = sorted(pairs)
    mapped = {"chr1": 2 * len(pairs), "chrM": 2 * len(mito)}
    columns = {
        name: {
            "chr1": np.array([pair[i] for pair in pairs], np.int32),
            "chrM": np.array([m[i] for m in mito], np.int32),
        }
        for i, name in enumerate(("plus", "minus"))
    }
    return FragmentStore(
        contigs={"chr1": length, "chrM": 500},
        paired=paired,
        tn5_shift=(4, -4),
        tn5_evidence="set",
        n_reads=sum(mapped.values()),
        n_mapped=sum(mapped.values()),
        n_duplicates=n_duplicates,
        mapped_per_contig=mapped,
        locations=locations or {},
        **columns,
    )


PEAKS = pd.DataFrame({"chrom": ["chr1"], "start": [100], "end": [200], "a": [1]})


def test_lengths_fall_into_the_classes_of_nucleosomes():
    store = store_of([(100, 190), (100, 290), (100, 290), (100, 500)])  # 99, 199, 199, 409 bp
    sizes = quality.fragment_sizes(store, ["chr1"])
    assert {i: int(n) for i, n in enumerate(sizes) if n} == {99: 1, 199: 2, 409: 1}
    assert quality.nucleosome_shares(sizes) == {"nfr": 0.25, "mono": 0.5, "di": 0.25}
    assert quality.summary(store, PEAKS, ["chrM"])["nfr_ratio"] == 0.5


def test_complexity_by_the_definitions_of_encode():
    locations = {"chr1": Locations(10, 6, 4, 1), "chrM": Locations(100, 1, 0, 0)}
    found = quality.complexity(store_of([], locations=locations), ["chr1"])
    assert found == {"nrf": 0.6, "pbc1": pytest.approx(4 / 6), "pbc2": 4.0}
    assert np.isnan(quality.complexity(store_of([]), ["chr1"])["nrf"])


sites = st.lists(st.tuples(st.integers(0, 19_999), st.sampled_from("+-")), max_size=6)
cut_pairs = st.lists(
    st.tuples(st.integers(0, 19_999), st.integers(0, 19_999)).map(sorted).map(tuple), max_size=40
)


@given(sites, cut_pairs)
def test_the_tss_profile_is_that_of_a_loop(sites, pairs):
    tss = pd.DataFrame(sites, columns=["position", "strand"]).assign(chrom="chr1")
    expected = np.zeros(4001, dtype=int)
    for position, strand in sites:
        if not 2000 <= position < 18_000:
            continue
        for cut in (cut for pair in pairs for cut in pair):
            distance = (cut - position) * (1 if strand == "+" else -1)
            if abs(distance) <= 2000:
                expected[distance + 2000] += 1
    np.testing.assert_array_equal(quality.tss_profile(store_of(pairs), tss, ["chr1"]), expected)


def test_enrichment_is_the_centre_over_the_flanks():
    profile = np.full(4001, 2)
    profile[1995:2006] = 22
    assert quality.tss_enrichment(profile) == 11
    assert quality.tss_enrichment_encode(profile) == pytest.approx((11 * 22 + 40 * 2) / 51 / 2)
    assert np.isnan(quality.tss_enrichment(np.zeros(4001)))


@pytest.mark.parametrize(
    ("measures", "size", "level", "reasons"),
    [
        ({}, 10**7, "ideal", "none"),
        ({"frip": 0.25}, 10**7, "acceptable", "frip 0.25 < 0.3"),
        ({"frip": 0.25, "nrf": 0.5}, 10**7, "concerning", "frip 0.25 < 0.3; nrf 0.50 < 0.7"),
        ({"n_fragments": 5_000_000}, 10**7, "ideal", "none"),
        ({"n_fragments": 5_000_000}, 3 * 10**9, "concerning", "n_fragments 5,000,000 < 12,500,000"),
        ({"tss_enrichment": np.nan}, 10**7, "ideal", "none"),
    ],
)
def test_the_worst_measure_decides(measures, size, level, reasons):
    best = {"tss_enrichment": 9, "frip": 0.5, "nrf": 0.95, "pbc1": 0.95, "pbc2": 8, "n_fragments": 3e7}
    assert quality.verdict(best | measures, size) == (level, reasons)


@pytest.mark.parametrize(
    ("assembly", "level"),
    [("hg38", "ideal"), ("GRCh38", "ideal"), ("hg19", "acceptable"), ("mm10", "concerning"), ("x", "ideal")],
)
def test_tss_enrichment_is_judged_by_the_assembly(assembly, level):
    measures = {"tss_enrichment": 8, "frip": 0.5, "nrf": 0.95, "pbc1": 0.95, "pbc2": 8}
    assert quality.verdict(measures, 10**6, assembly)[0] == level
    assert ("has no bounds for this genome" in quality.basis(assembly)) == (assembly == "x")


def build(stores, tss=None):
    measured = [(name, measures.measure(store, PEAKS, ["chrM"], tss)) for name, store in stores]
    return quality_tables.build(measured, PEAKS, {name: "a" for name, _ in stores})


def test_tables_of_ten_reads_no_read_and_single_reads():
    few = store_of([(100 + i, 300 + i) for i in range(5)])
    single = store_of([(100, 300)], paired=False)
    tss = pd.DataFrame({"chrom": ["chr1"], "position": [5000], "strand": ["+"]})
    found = build([("few", few), ("none", store_of([])), ("single", single)], tss)
    samples = found.tables["samples"].set_index("sample")
    columns = (
        "n_reads n_fragments pct_dup pct_mito tss_enrichment frip nfr_ratio nrf pbc1 pbc2 tn5_shift verdict"
    )
    assert list(samples.columns[:13]) == ["group", *columns.split()]
    assert samples["n_fragments"].tolist() == [5, 0, 2]
    assert samples["frip"].tolist()[0] == 0.5
    assert samples.loc["none", ["frip", "nrf", "tss_enrichment", "pct_dup"]].isna().all()
    assert samples.loc["none", "verdict"] == "not judged"
    assert samples["n_peaks"].tolist() == [1, 1, 1]
    assert set(found.tables["fragment_sizes"]["sample"]) == {"few"}
    assert len(found.tables["tss_profile"]) == 3 * 4001
    groups = samples["group"]
    for figure in (
        figures.fragment_sizes(found.tables["fragment_sizes"], groups),
        figures.tss_profile(found.tables["tss_profile"], groups),
        figures.tss_enrichment(samples.reset_index()),
    ):
        figure.draw_without_rendering()


def test_duplicates_that_a_fragment_file_does_not_tell_are_missing():
    assert np.isnan(quality.summary(store_of([(1, 2)], n_duplicates=None), PEAKS, ["chrM"])["pct_dup"])


def test_multiqc_gets_one_row_a_sample_and_settings_it_can_read():
    found = build([("x", store_of([(100, 300)], mito=[(5, 80)])), ("y", store_of([(100, 150)]))])
    lines = found.multiqc["samples_mqc"].splitlines()
    settings = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# "))
    assert json.loads(settings["plot_type"]) == "generalstats"
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    assert rows[0][:5] == ["Sample", "verdict", "n_fragments", "pct_dup", "pct_mito"]
    assert [row[0] for row in rows[1:]] == ["x", "y"]
    assert rows[1][4] == "50"
    assert {name for entry in json.loads(settings["pconfig"]) for name in entry} == set(rows[0][1:])


def test_multiqc_gets_verdicts_with_their_colours():
    table = pd.DataFrame({"sample": ["x", "y"], "verdict": ["ideal", "concerning"], "frip": [0.3, 0.1]})
    head, rows = multiqc.general_statistics(table).split("# pconfig: ")[1].split("\n", 1)
    columns = {name: entry[name] for entry in json.loads(head) for name in entry}
    assert columns["verdict"]["cond_formatting_rules"]["fail"] == [{"s_eq": "concerning"}]
    assert rows.splitlines() == ["Sample\tverdict\tfrip", "x\tideal\t0.3", "y\tconcerning\t0.1"]


def test_multiqc_gets_graphs_whose_positions_are_numbers():
    found = build([("x", store_of([(100, 300)])), ("y", store_of([(100, 150)]))])
    for name, ends in (("fragment_sizes_mqc", (1, 800)), ("tss_profile_mqc", (-1995, 1995))):
        read = yaml.safe_load(found.multiqc[name])
        assert read["plot_type"] == "linegraph"
        assert "categories" not in read["pconfig"]
        assert set(read["data"]) <= {"x", "y"}
        for line in read["data"].values():
            positions = list(line)
            assert positions == sorted(positions)
            assert (positions[0], positions[-1]) == ends
            assert all(isinstance(value, int | float) for value in line.values())
    tiny = pd.DataFrame({0.05: [0.00001], 1.0: [np.nan]}, index=["x"])
    drawn = yaml.safe_load(multiqc.line_graph("a", "b", "c", tiny, x_label="x", y_label="y"))
    assert drawn["data"] == {"x": {0.05: 0.00001}}


def test_a_covariate_that_makes_a_component_explains_it():
    scores = pd.DataFrame({"PC1": [1.0, 1.1, -1.0, -1.1], "PC2": [1.0, -1.0, 1.0, -1.0]}, index=list("wxyz"))
    sheet = pd.DataFrame(
        {"group": list("aabb"), "age": [1, 2, 3, 4.5], "constant": 1, "name": list("wxyz")},
        index=list("wxyz"),
    )
    found = ordination.associations(scores, np.array([0.8, 0.2]), sheet).set_index(["covariate", "component"])
    assert set(found.index.get_level_values(0)) == {"group", "age"}
    assert found.loc[("group", "PC1"), "r2"] > 0.99
    assert found.loc[("group", "PC2"), "r2"] == 0
    assert found.loc[("group", "PC1"), "pvalue"] < 0.01 < found.loc[("age", "PC2"), "pvalue"]
