"""Tables put side by side by peak."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_lib import beside
from workflow_lib.errors import InputError

PEAKS = ["chr1:5-9", "chr1:0-4", "chr2:0-4"]


def table(peaks, **columns):
    return pd.DataFrame({"peak": peaks, "value": range(len(peaks)), **columns})


@given(st.permutations(PEAKS))
def test_another_order_is_followed(order):
    found = beside.aligned(table(order), PEAKS, "counts")
    assert list(found.index) == PEAKS
    assert found["value"].tolist() == [order.index(peak) for peak in PEAKS]
    of_series = beside.aligned(table(order).set_index("peak")["value"], PEAKS, "counts")
    assert of_series.tolist() == found["value"].tolist()


@pytest.mark.parametrize(
    ("peaks", "said"),
    [
        (PEAKS[:2], "counts: is of other peaks: 1 peaks are not in it, such as chr2:0-4;"),
        ([*PEAKS, "chr3:0-4"], "1 of its own are in no other table, such as chr3:0-4;"),
        ([*PEAKS[:2], "chr3:0-4"], "such as chr2:0-4; 1 of its own .* such as chr3:0-4"),
        ([*PEAKS, PEAKS[0]], "counts: peak chr1:5-9 stands there twice"),
        ([], "3 peaks are not in it"),
    ],
)
def test_tables_of_other_peaks_are_refused(peaks, said):
    with pytest.raises(InputError, match=said):
        beside.aligned(table(peaks), PEAKS, "counts")


def test_lists_that_name_a_peak_twice_are_refused():
    twice = [PEAKS[0], PEAKS[0]]
    for peaks in (PEAKS, twice):
        with pytest.raises(InputError, match="chr1:5-9 stands there twice"):
            beside.aligned(table(peaks), twice, "counts")


def test_some_rows_may_be_asked_for_and_more_than_once():
    assert beside.rows(table(PEAKS), [PEAKS[2], PEAKS[0], PEAKS[2]], "counts")["value"].tolist() == [2, 0, 2]
    with pytest.raises(InputError, match="counts: has no row of peak chr9:1-2"):
        beside.rows(table(PEAKS), ["chr9:1-2"], "counts")
    with pytest.raises(InputError, match="stands there twice"):
        beside.rows(table([PEAKS[0], PEAKS[0]]), PEAKS[:1], "counts")


def test_rows_without_names_are_counted():
    assert beside.of_rows([1, 2], 2, "matches") == [1, 2]
    with pytest.raises(InputError, match="matches: is of 2 peaks, and there are 3"):
        beside.of_rows([1, 2], 3, "matches")


def test_motifs_are_told_as_such():
    with pytest.raises(InputError, match="is of other motifs"):
        beside.aligned(pd.DataFrame({"motif": ["a"]}), ["b"], "scores", of="motif")
