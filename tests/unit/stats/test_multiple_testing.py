"""Benjamini-Hochberg adjustment."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from workflow_lib.stats.multiple_testing import bh

PVALUES = st.lists(st.floats(0, 1), max_size=40)


def test_written_out_example():
    # sorted 0.005, 0.02, 0.03, 0.8 times 4/1, 4/2, 4/3, 4/4; the running minimum from the end
    np.testing.assert_allclose(bh([0.03, 0.005, 0.8, 0.02]), [0.04, 0.02, 0.8, 0.04], rtol=1e-15)


def test_nan_is_not_a_test():
    np.testing.assert_allclose(bh([np.nan, 0.01, 0.04, np.nan]), [np.nan, 0.02, 0.04, np.nan], rtol=1e-15)


@pytest.mark.parametrize("empty", [[], [np.nan, np.nan]])
def test_nothing_tested(empty):
    np.testing.assert_array_equal(bh(empty), empty)


@given(PVALUES)
def test_equals_scipy(pvalues):
    expected = stats.false_discovery_control(pvalues) if pvalues else []
    np.testing.assert_allclose(bh(pvalues), expected, rtol=1e-12)


@given(st.lists(st.floats(1e-300, 1), min_size=1, max_size=40))
def test_log_space_agrees(pvalues):
    logs = bh(np.log10(pvalues), log10=True)
    np.testing.assert_allclose(logs, np.log10(bh(pvalues)), rtol=1e-9, atol=1e-12)


def test_log_space_goes_below_the_smallest_float():
    np.testing.assert_allclose(
        bh([-1000.0, -2000.0, 0.0], log10=True), [-1000 + np.log10(1.5), -2000 + np.log10(3), 0]
    )


def test_a_series_keeps_its_index_and_name():
    adjusted = bh(pd.Series([0.5, 0.01], index=["a", "b"], name="p"))
    pd.testing.assert_series_equal(adjusted, pd.Series([0.5, 0.02], index=["a", "b"], name="p"))


@pytest.mark.parametrize(("values", "log10"), [([-0.1], False), ([1.5], False), ([0.3], True)])
def test_impossible_pvalues_are_refused(values, log10):
    with pytest.raises(ValueError, match="between 0 and 1"):
        bh(values, log10=log10)
