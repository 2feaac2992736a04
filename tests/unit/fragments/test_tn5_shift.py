"""Whether a BAM is shifted for Tn5 already."""

import numpy as np
import pytest

from workflow_lib.fragments import shifts


def five_prime_ends(shift, n=4000, favoured=0.3, seed=3):
    """5' bases of both strands of random events, some at favoured sites, after a shift (plus, minus)."""
    rng = np.random.default_rng(seed)
    favourites = rng.integers(1000, 1_000_000, n // 4)
    ends = []
    for distance, moved in ((0, shift[0]), (8, shift[1])):
        at_favourites = rng.choice(favourites, int(n * favoured))
        start = np.concatenate([at_favourites, rng.integers(1000, 1_000_000, n - len(at_favourites))])
        ends.append(start + distance + moved)
    return [ends[0]], [ends[1]]


@pytest.mark.parametrize(
    ("done", "needed", "words"),
    [
        ((0, 0), (4, -4), "not shifted"),
        ((4, -4), (0, 0), "already shifted by +4/-4"),
        ((4, -5), (0, 1), "already shifted by +4/-5"),
    ],
)
def test_what_was_done_is_found_and_completed_to_the_centre(done, needed, words):
    shift, evidence = shifts.detect(*five_prime_ends(done))
    assert shift == needed
    assert words in evidence


def test_without_a_signal_unshifted_is_assumed_and_said(caplog):
    shift, evidence = shifts.detect(*five_prime_ends((0, 0), favoured=0.0))
    assert shift == (4, -4)
    assert "undecided" in evidence
    assert "set reads.tn5_shift" in caplog.text


def test_an_unknown_shift_is_not_taken_for_a_known_one():
    _, evidence = shifts.detect(*five_prime_ends((2, -2)))
    assert "undecided" in evidence
    assert "strand distance 4" in evidence


def test_no_reads():
    assert shifts.detect([], [])[0] == (4, -4)
    assert shifts.detect([np.array([5])], [np.array([], dtype=int)])[0] == (4, -4)
