"""Numbers of events of unequal probability, against counting all outcomes, the binomial, and convolution."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse, stats

from workflow_lib.stats import poisson_binomial


def mid_p(probabilities, observed):
    at_least, more = poisson_binomial.log_upper_tail(probabilities, observed)
    return np.logaddexp(at_least, more) - np.log(2)


def one_set(probabilities):
    n = len(probabilities)
    return sparse.csc_array((probabilities, np.arange(n), [0, n]), shape=(n, 1))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), max_size=8))
def test_the_distribution_is_that_of_all_outcomes(probabilities):
    expected = np.zeros(len(probabilities) + 1)
    for outcome in itertools.product([0, 1], repeat=len(probabilities)):
        terms = [p if happens else 1 - p for p, happens in zip(probabilities, outcome, strict=True)]
        expected[sum(outcome)] += np.prod(terms)
    np.testing.assert_allclose(poisson_binomial.distribution(np.array(probabilities)), expected, atol=1e-12)


@pytest.mark.parametrize("n", [5, 60, 400])
def test_equal_probabilities_give_the_binomial(n):
    for observed in (0, 1, n // 10, n // 3, n // 2, n - 1, n):
        tails = [stats.binom.logsf(observed - 1, n, 0.1), stats.binom.logpmf(observed, n, 0.1) - np.log(2)]
        found = poisson_binomial.log_mid_p(one_set(np.full(n, 0.1)), np.array([observed]))
        if tails[0] > -600:
            assert found == pytest.approx(np.log(np.exp(tails[0]) - np.exp(tails[1])), rel=1e-3, abs=1e-3)


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 300), st.floats(0.05, 3), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_many_sets_at_once_are_as_each_alone(n, shape, share, seed):
    rng = np.random.default_rng(seed)
    probabilities = rng.beta(shape, 3, n)
    probabilities[rng.random(n) < 0.05] = 0.0
    probabilities[rng.random(n) < 0.02] = 1.0
    observed = int(share * n)
    expected = mid_p(probabilities, observed)
    found = poisson_binomial.log_mid_p(one_set(probabilities), np.array([observed]))[0]
    if observed > np.count_nonzero(probabilities):
        assert np.isneginf(found)
    elif expected > -600:  # as far as convolution can go
        assert found == pytest.approx(expected, rel=2e-3, abs=0.03)


def test_sets_are_told_apart_and_an_empty_one_says_nothing():
    rng = np.random.default_rng(3)
    sets = [rng.beta(1, 4, n) for n in (0, 3, 40, 0, 200, 24, 25)]
    rows = np.concatenate([np.arange(len(one)) for one in sets])
    columns = np.repeat(np.arange(len(sets)), [len(one) for one in sets])
    chances = sparse.csc_array((np.concatenate(sets), (rows, columns)), shape=(200, len(sets)))
    observed = np.array([0, 1, 15, 0, 61, 9, 9])
    found = poisson_binomial.log_mid_p(chances, observed)
    expected = [mid_p(one, n) if len(one) else 0.0 for one, n in zip(sets, observed, strict=True)]
    np.testing.assert_allclose(found, expected, atol=0.01)


def test_far_tails_neither_vanish_nor_lose_precision():
    found = poisson_binomial.log_mid_p(one_set(np.full(500, 0.001)), np.array([400]))
    expected = np.logaddexp(
        stats.binom.logpmf(400, 500, 0.001) - np.log(2), stats.binom.logsf(400, 500, 0.001)
    )
    assert found < -2000
    assert found == pytest.approx(expected, rel=1e-4)
