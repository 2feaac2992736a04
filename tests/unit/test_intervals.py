"""Unions of intervals against marking every base."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workflow_lib import intervals


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 8)), max_size=12))
def test_unions_cover_the_same_bases_and_own_their_intervals(drawn):
    table = np.array(sorted((start, start + n) for start, n in drawn), dtype=np.int64).reshape(-1, 2)
    start, end, owner = intervals.union(*table.T)
    covered = np.zeros(50, dtype=int)
    for first, last in zip(start, end, strict=True):
        covered[first:last] += 1
    expected = np.zeros(50, dtype=int)
    for first, last in table:
        expected[first:last] = 1
    np.testing.assert_array_equal(covered, expected)
    assert (start[1:] > end[:-1]).all()  # those that touch are one
    assert ((start[owner] <= table[:, 0]) & (table[:, 1] <= end[owner])).all()
