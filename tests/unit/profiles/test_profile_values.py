"""Levels that peaks are followed over, means without what other terms explain, and what clusters hold."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from workflow_lib import profiles
from workflow_lib.motifs import matching
from workflow_lib.profiles import sets, values
from workflow_lib.stats import forms

TIMES = pd.DataFrame(
    {
        "group": ["0h", "6h", "12h"] * 4,
        "hours": [0, 6, 12] * 4,
        "age": np.linspace(20, 60, 12),
        "cell": ["naive"] * 6 + ["memory"] * 6,
        "donor": ["a", "a", "a", "b", "b", "b"] * 2,
    },
    index=[f"s{i}" for i in range(12)],
)


@pytest.mark.parametrize(
    ("contrast", "levels"),
    [
        ({"variable": "group", "test": "any"}, ["0h", "6h", "12h"]),
        ({"variable": "group", "experiment": "12h", "control": "0h"}, ["0h", "6h", "12h"]),
        ({"variable": "hours"}, ["0", "6", "12"]),
        ({"variable": "cell", "experiment": "naive", "control": "memory"}, []),
        ({"variable": "cell", "test": "any"}, ["memory", "naive"]),
        (
            {"interaction": {"group": ["12h", "0h"], "cell": ["naive", "memory"]}},
            ["0h, memory", "0h, naive", "12h, memory", "12h, naive"],
        ),
    ],
)
def test_levels_of_each_form(contrast, levels):
    found = profiles.levels_of(forms.parse(contrast), TIMES)
    assert list(found) == levels
    assert all(members.sum() for members in found.values())


def test_levels_stay_within_where_and_many_values_are_no_levels():
    contrast = {"variable": "group", "experiment": "12h", "control": "0h", "where": {"cell": "naive"}}
    found = profiles.levels_of(forms.parse(contrast), TIMES)
    assert np.logical_or.reduce(list(found.values())).tolist() == (TIMES["cell"] == "naive").tolist()
    many = pd.concat([TIMES.assign(age=TIMES["age"] + i) for i in (0, 0.3)], ignore_index=True)
    assert profiles.levels_of(forms.parse({"variable": "age"}), many) == {}


def test_levels_that_lack_a_donor_can_be_compared():
    """Donor b, twice as accessible everywhere, was not seen at 12h: means show no change, raw ones do."""
    sheet = TIMES[(TIMES["donor"] == "a") | (TIMES["group"] != "12h")]
    rng = np.random.default_rng(1)
    shift = (sheet["donor"] == "b").to_numpy(float)
    logged = pd.DataFrame(5 + shift + 0.01 * rng.normal(size=(40, len(sheet))), columns=sheet.index)
    form = forms.parse({"variable": "group", "test": "any"})
    cells = profiles.levels_of(form, sheet)
    raw = profiles.level_means(logged, cells)
    found = profiles.level_means(profiles.without_nuisance(logged, sheet, "~ donor + group", form), cells)
    assert (raw["0h"] - raw["12h"]).mean() == pytest.approx(0.5, abs=0.01)
    assert (found["0h"] - found["12h"]).abs().mean() < 0.01
    assert np.allclose(found.mean().mean(), raw.mean().mean(), atol=0.2)
    unchanged = profiles.without_nuisance(logged, sheet, "~ group", form)
    pd.testing.assert_frame_equal(unchanged, logged)


def test_a_motif_of_one_cluster_is_found_there():
    rng = np.random.default_rng(2)
    n = 600
    bases = ["".join(rng.choice(list("ACGT"), 60)) for _ in range(n)]
    peaks = pd.Series([f"p{i}" for i in range(n)])
    clusters = pd.DataFrame({"peak": peaks[:100], "cluster": ["1"] * 60 + ["2"] * 40})
    hits = rng.random((n, 3)) < 0.1
    hits[:60, 0] = rng.random(60) < 0.6
    library = pd.DataFrame({"motif_id": ["m0", "m1", "m2"], "name": ["A", "B", "C"]})
    members = sets.memberships(peaks, clusters)
    assert [int(of.sum()) for of in members.values()] == [60, 40]
    covariates = matching.covariates(bases, np.full(n, 501), rng.uniform(20, 40, n))
    unchanged = np.arange(n) >= 100
    table = sets.motifs(
        list(peaks), sparse.csr_array(hits.astype(int)), members, unchanged, covariates, library
    )
    called = table[table["pvalue"] < 1e-4]
    assert called[["profile", "motif_id"]].to_numpy().tolist() == [[1, "m0"]]
    assert (table.loc[table["profile"] == 2, "foreground_size"] == 40).all()
    none = sets.motifs(list(peaks), sparse.csr_array(hits.astype(int)), {}, unchanged, covariates, library)
    assert none.empty
    assert set(none.columns) == set(table.columns)


def test_no_changed_peak_and_one_changed_peak():
    cells = profiles.levels_of(forms.parse({"variable": "group", "test": "any"}), TIMES)
    for n in (0, 1):
        logged = pd.DataFrame(np.arange(n * 12.0).reshape(n, 12), index=[f"p{i}" for i in range(n)])
        shapes = profiles.standardised(profiles.level_means(logged, cells))
        found = profiles.cluster(shapes)
        table = values.summary(shapes, found["cluster"], cells)
        assert len(table) == 3 * n
        assert list(table.columns[:3]) == ["cluster", "n_peaks", "level"]
