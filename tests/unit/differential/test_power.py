"""Power: by hand, against what simulated studies find, and at the edges."""

import numpy as np
import pandas as pd
import pytest

from workflow_lib import differential
from workflow_lib.differential import power
from workflow_lib.report import power as report

CONTRAST = {"variable": "group", "experiment": "b", "control": "a"}


def dispersions(mean, dispersion):
    return pd.DataFrame({"baseMean": np.asarray(mean, float), "used": dispersion})


def test_samples_needed_are_those_of_the_published_formula():
    # Hart et al. 2013: n = 2 (z(1 - alpha/2) + z(power))^2 (1/depth + CV^2) / ln(fold)^2
    depth, cv, fold = 10.0, 0.4, 2.0
    needed = 2 * (1.959964 + 0.841621) ** 2 * (1 / depth + cv**2) / np.log(fold) ** 2
    errors = power.standard_error(np.array([depth]), np.array([cv**2]), 1.0, needed)
    assert power.of_peaks(errors, fold, 0.05) == pytest.approx(0.8, abs=1e-4)


def test_the_threshold_is_where_the_false_discovery_rate_holds():
    errors = np.full(50, 0.2)
    cut = power.threshold(errors, 2.0, 0.05, 0.1)
    true = 0.1 * power.of_peaks(errors, 2.0, cut).mean()
    assert cut == pytest.approx(0.05 * (true + 0.9 * cut), rel=1e-6)
    assert power.threshold(np.full(50, 50.0), 1.01, 0.05, 0.001) < 1e-4


@pytest.mark.parametrize(("size", "fold"), [(3, 2.0), (5, 1.5), (5, 2.0)])
def test_simulated_studies_find_the_share_that_was_foretold(size, fold):
    said, found = [], []
    for seed in range(3):
        counts, samples, changed = study(seed, size, fold, changed=0.1)
        fitted = differential.fit(counts, samples, "~ group")
        one = power.table(fitted.dispersions, size, changed=0.1, numbers=[size], fold_changes=[fold])
        said.append(one.loc[one["study"], "power"].item())
        tested = differential.test(counts, samples, "~ group", CONTRAST, shrink=False)
        found.append((tested["padj"].to_numpy() < 0.05)[changed].mean())
    assert np.mean(found) == pytest.approx(np.mean(said), abs=0.08)


def study(seed, size, fold, changed, n_peaks=2000):
    """Counts of libraries of unlike depth, whose peaks vary each in its own measure."""
    random = np.random.default_rng(seed)
    mean = np.exp(random.normal(4, 1, n_peaks))
    dispersion = 0.06 * (1 + 5 / mean) * np.exp(random.normal(0, 0.4, n_peaks))
    is_changed = random.random(n_peaks) < changed
    half = random.choice([-0.5, 0.5], n_peaks) * np.log(fold) * is_changed
    depth = np.exp(random.normal(0, 0.3, 2 * size))
    side = np.repeat([-1, 1], size)
    expected = mean[:, None] * np.exp(half[:, None] * side) * depth
    shape = 1 / dispersion[:, None]
    names = [f"s{i}" for i in range(2 * size)]
    peaks = [f"chr1:{i * 600}-{i * 600 + 500}" for i in range(n_peaks)]
    counts = pd.DataFrame(random.negative_binomial(shape, shape / (shape + expected)), peaks, names)
    return counts, pd.DataFrame({"group": np.where(side > 0, "b", "a")}, names), is_changed


def test_more_samples_more_reads_and_larger_changes_are_found_more_often():
    random = np.random.default_rng(1)
    table = power.table(dispersions(random.lognormal(4, 1, 500), 0.05), 3)
    for by in ("replicates", "reads", "fold_change"):
        others = [name for name in ("replicates", "reads", "fold_change") if name != by]
        steps = table.sort_values(by).groupby(others)["power"].diff().dropna()
        assert (steps > -1e-9).all()
    assert (table["power_weak"] <= table["power_strong"] + 1e-9).all()
    assert table["study"].sum() == len(power.FOLD_CHANGES)


def test_advice_follows_what_limits_the_study():
    few_reads = power.sentences(power.table(dispersions([6.0] * 90, [0.001] * 90), 4))
    variable = power.sentences(power.table(dispersions([5000.0] * 90, [0.12] * 90), 4))
    assert "More samples help more" in variable[1]
    assert "More samples help more" not in few_reads[1]


def test_the_report_has_a_row_for_each_number_of_samples():
    table = power.table(dispersions([6.0, 60.0] * 45, [0.05] * 90), 4)
    shown = report.found(table, "differential/power.tsv")
    assert [column.heading for column in shown.columns][:2] == ["samples in each group", "1.25-fold"]
    assert len(shown.rows) == table["replicates"].nunique()
    (own,) = [row for row in shown.rows if row[0].text == "4 (this study)"]
    double = table[table["study"] & (table["fold_change"] == 2)]["power"].item()
    assert own[[column.heading for column in shown.columns].index("2-fold")].text == power.percent(double)


def test_edges():
    assert power.table(dispersions([], []), 3).empty
    assert power.table(dispersions([0.0, 5.0], [0.1, np.nan]), 3).empty
    assert power.sentences(power.table(dispersions([], []), 3)) == []
    one = power.table(dispersions([100.0], [0.05]), 3)
    assert one["n_peaks"].eq(1).all()
    assert one["power"].between(0, 1).all()
    assert power.table(dispersions([100.0], [0.05]), 1)["study"].sum() == 0  # one sample finds nothing
    assert power.replicates([]) == 1
    with pytest.raises(ValueError, match="changed"):
        power.table(dispersions([1.0], [0.1]), 3, changed=0)
    with pytest.raises(ValueError, match="fold change"):
        power.table(dispersions([1.0], [0.1]), 3, fold_changes=[0.5])
