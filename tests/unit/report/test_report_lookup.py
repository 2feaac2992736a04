"""What a page carries to be searched: read back, it is what the tables say."""

import base64
import json
import zlib
from types import SimpleNamespace

import fake_results as fake
import fake_study
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_lib.report import format, lookup, packed

FORMS = {"u1": np.uint8, "u2": np.uint16, "u4": np.uint32, "i2": np.int16, "i4": np.int32}


def data(stored: str):
    return json.loads(zlib.decompress(base64.b64decode(stored)))


def numbers(stored: dict) -> np.ndarray:
    kind = np.dtype(FORMS[stored["form"]]).newbyteorder("<")
    planes = np.frombuffer(zlib.decompress(base64.b64decode(stored["data"])), np.uint8)
    return np.ascontiguousarray(planes.reshape(kind.itemsize, -1).T).view(kind).ravel()


def pvalue(code: int) -> float:
    """As the page's script reads a code."""
    if code == packed.MISSING_P:
        return np.nan
    if code == 0:
        return 0.0
    if code < packed.COARSE:
        power, digits = divmod(code - 1, 900)
        return float(f"{digits + 100}e{power - 5}")
    power, digits = divmod(code - packed.COARSE, 90)
    return float(f"{digits + 10}e{-power - 4}")


@given(st.lists(st.integers(-(2**31), 2**31 - 1), max_size=30))
def test_numbers_come_back(values):
    assert numbers(packed.numbers(np.array(values, dtype=np.int64), "i4")).tolist() == values
    some = np.abs(np.array(values, dtype=np.int64))
    assert numbers(packed.least(some)).tolist() == some.tolist()


def test_numbers_that_do_not_fit_are_refused():
    with pytest.raises(OverflowError, match="u1"):
        packed.numbers([256], "u1")
    with pytest.raises(OverflowError, match="i2"):
        packed.numbers([40_000], "i2")


@given(st.lists(st.floats(0, 1) | st.floats(-320, 0).map(lambda x: 10**x), min_size=1, max_size=40))
def test_pvalues_are_shown_as_tables_show_them(values):
    for p, code in zip(values, packed.pvalue_codes(values), strict=True):
        shown = pvalue(int(code))
        if p < 1e-300:
            assert shown < 1e-299
            continue
        told = float(format.number(p, "padj"))
        assert shown == pytest.approx(told, rel=0.0101 if p >= 0.001 else 0.101), (
            p
        )  # at most a tie's last digit
    assert packed.pvalue_codes([np.nan, 1.0, 0.05, 1.24e-5, 9.99e-4]).tolist()[0] == packed.MISSING_P
    exact = [pvalue(int(code)) for code in packed.pvalue_codes([1.0, 0.05, 1.24e-5, 9.99e-4])]
    assert exact == [1.0, 0.05, 1.2e-5, 1.0e-3]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study") / "results"
    return fake_study.write(folder, n_contrasts=3, n_peaks=400)


@pytest.fixture(scope="module")
def told(study):
    return lookup.collect(study)


def test_every_peak_and_every_contrast_can_be_looked_up(study, told):
    peaks = told["peaks"]
    contig, start, width = (numbers(peaks[name]) for name in ("contig", "start", "width"))
    names = [f"{peaks['contigs'][c]}:{s}-{s + w}" for c, s, w in zip(contig, start, width, strict=True)]
    for name, each in zip(study.contrasts, told["contrasts"], strict=True):
        table = study.table("differential", name)
        assert names == table["peak"].tolist()
        np.testing.assert_allclose(numbers(each["fold"]) / 100, table["log2FoldChange"], atol=0.00501)
        assert [lookup.WAYS[code] for code in numbers(each["way"])] == table["direction"].tolist()
        missing = numbers(each["padj"]) == packed.MISSING_P
        assert missing.tolist() == table["padj"].isna().tolist()
    genes, code = data(peaks["gene_name"]["words"]), numbers(peaks["gene_name"]["code"])
    assert [genes[c - 1] if c else None for c in code] == [
        None if pd.isna(gene) else gene
        for gene in study.table("differential", study.contrasts[0])["gene_name"]
    ]


def test_peaks_without_places_go_by_their_names():
    table = pd.DataFrame({"peak": ["Interval_1", "chr1:5-9", "Interval_2"], "pvalue": [0.5, 0.1, 0.2]})
    found = lookup._peaks(table)
    assert data(found["names"]) == table["peak"].tolist()
    assert not {"contig", "start", "width"} & set(found)
    named = SimpleNamespace(factors=None, peaks=table.iloc[[0, 2]])
    assert lookup.examples([named]) == ("Interval_2",)


def test_counts_are_exact(study, told):
    counts = study.table("counts").set_index("peak")
    values = numbers(told["counts"]["values"]).reshape(len(study.samples), -1).T
    assert np.array_equal(values, counts.to_numpy())
    factors = study.size_factors
    assert [each["factor"] for each in told["samples"]] == pytest.approx(factors.tolist())


def test_of_many_peaks_the_counts_of_the_strongest_are_carried(study, monkeypatch):
    monkeypatch.setattr(lookup, "MOST_COUNTS", 60 * len(study.samples))
    counts = lookup.collect(study)["counts"]
    rows = numbers(counts["rows"])
    assert counts["n"] == len(rows) == 60
    tables = [study.table("differential", name)["pvalue"].to_numpy() for name in study.contrasts]
    smallest = np.min(tables, axis=0)
    assert smallest[rows].max() <= np.delete(smallest, rows).min()


def test_sites_are_those_of_the_clusters_motifs(study, told):
    motifs = data(told["motifs"])
    matches = study.path("matches")
    from workflow_lib.io import hits

    dense = hits.read_matches(matches).toarray() > 0
    sizes, steps = numbers(told["sites"]["sizes"]), numbers(told["sites"]["steps"])
    ends = np.cumsum(sizes)
    for k, size in enumerate(sizes):
        found = np.cumsum(steps[ends[k] - size : ends[k]])
        mine = np.flatnonzero(np.array(motifs["cluster"]) == k)
        assert found.tolist() == np.flatnonzero(dense[:, mine].any(axis=1)).tolist()


def test_names_lead_to_motifs_and_aliases_to_what_they_stand_for(told):
    motifs = data(told["motifs"])
    names = motifs["names"]
    assert [motifs["name"][i] for i in names["own"]["tcf7"]] == ["TCF7"]
    assert [motifs["id"][i] for i in names["own"]["ma0000"]] == ["MA0000.1"]
    assert "FOS::JUN" in {motifs["name"][i] for i in names["own"]["jun"]}
    for alias, name in (("pu1", "SPI1"), ("tbet", "TBX21"), ("tcf1", "TCF7")):
        assert [motifs["name"][i] for i in names["alias"][alias]] == [name]


def test_evidence_has_every_cluster(study, told):
    for name, each in zip(study.contrasts, told["contrasts"], strict=True):
        rows = data(each["factors"])
        assert rows["cluster"] == study.table("factors", name)["cluster"].tolist()
        np.testing.assert_allclose(rows["padj"], study.table("factors", name)["padj"], rtol=1e-3)


def test_logos_have_the_heights_of_the_motifs(study):
    made = lookup.logos(study)
    assert data(made["motifs"]) == [f"MA{i:04d}.1" for i in range(40)]
    heights = numbers(made["heights"]).reshape(-1, 4) / made["bits"]
    assert len(heights) == numbers(made["lengths"]).sum()
    assert 0 < heights.sum(axis=1).max() <= 2.02


def test_without_motifs_peaks_can_still_be_found(tmp_path):
    results = fake.write(tmp_path, motifs=False, drawn=False, n=30, demo=False)
    made = lookup.collect(fake.run_of(results, tmp_path / "report.html"))
    assert made["peaks"]["n"] == 30
    assert not {"motifs", "sites", "profiles"} & set(made)
    assert lookup.logos(fake.run_of(results, tmp_path / "report.html")) is None


@pytest.mark.parametrize(
    ("contrast", "sides"),
    [
        ({"variable": "group", "test": "any"}, {"changed": "that changed"}),
        ({"variable": "batch"}, {"up": "that opened", "down": "that closed"}),
        (
            {"interaction": {"group": ["treated", "control"], "batch": ["1", "2"]}},
            {"up": "whose difference is positive", "down": "whose difference is negative"},
        ),
    ],
)
def test_cards_are_told_what_the_regions_of_a_contrast_did(tmp_path, contrast, sides):
    results = fake.write(tmp_path, motifs=False, reads=False, drawn=False, n=50)
    run = fake.run_of(results, settings=fake.SETTINGS | {"contrasts": {fake.CONTRAST: contrast}})
    assert lookup.collect(run)["contrasts"][0]["sides"] == sides
