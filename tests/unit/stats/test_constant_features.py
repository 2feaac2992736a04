"""The prior of the variances where a part of the features is constant."""

import numpy as np
import pandas as pd
import pytest

from workflow_lib.stats import moderated

SAMPLES = pd.DataFrame({"group": ["a"] * 3 + ["b"] * 3}, index=[f"s{i}" for i in range(6)])
CONTRAST = {"variable": "group", "experiment": "b", "control": "a"}
WAVE = np.array([1, -1, 0, 0, 1, -1])  # residuals of variance 1 on four degrees of freedom


def scores(variances):
    """Features of exactly these residual variances, each with a difference of its own."""
    step = np.array([0, 0, 0, 1, 1, 1])
    rows = [np.sqrt(v) * WAVE + (i + 1) * step for i, v in enumerate(variances)]
    return pd.DataFrame(rows, columns=SAMPLES.index)


def prior(variances):
    table = moderated.test(scores(variances), SAMPLES, "~ group", CONTRAST)
    assert table["df_prior"].nunique() == 1
    return table["df_prior"].iloc[0], table["s2_prior"].iloc[0], table


VARIED = [0.02, 0.3, 1.0, 2.5, 9.0, 40.0]


@pytest.mark.parametrize("n_constant", [1, 3, 5])
def test_up_to_half_constant_they_are_raised_to_a_share_of_the_median(n_constant):
    constant = [0.0] * n_constant
    raised = [1e-5 * np.median(constant + VARIED)] * n_constant
    assert prior(constant + VARIED)[:2] == pytest.approx(prior(raised + VARIED)[:2], rel=1e-6)


def test_exactly_half_constant():
    # the median lies between 0 and the smallest of the others
    assert prior([0.0] * 6 + VARIED)[:2] == pytest.approx(prior([1e-5 * 0.01] * 6 + VARIED)[:2], rel=1e-4)


@pytest.mark.parametrize("n_constant", [7, 20])
def test_more_than_half_constant_the_others_give_the_scale(n_constant):
    constant = [0.0] * n_constant
    raised = [1e-5 * np.median(VARIED)] * n_constant
    df, s2, table = prior(constant + VARIED)
    assert (df, s2) == pytest.approx(prior(raised + VARIED)[:2], rel=1e-6)
    assert np.isfinite(s2)
    assert s2 > 0
    # a constant feature that differs between the groups is tested against what it shares with the others
    assert table["t"].notna().all()
    assert (table["s2_post"] > 0).all()
    assert table["t"].iloc[1] == pytest.approx(2 * table["t"].iloc[0])


def test_all_constant_there_is_nothing_to_test_against():
    table = moderated.test(scores([0.0] * 4), SAMPLES, "~ group", CONTRAST)
    assert table[["t", "pvalue", "padj", "s2_post"]].isna().all().all()
    assert table["coef"].tolist() == pytest.approx([1, 2, 3, 4])
