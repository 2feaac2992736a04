"""Groups split in halves, three of them: every half has its share of every group."""

import itertools

import pandas as pd
import pytest

from workflow_lib.differential import labellings

CONTRAST = {"variable": "group", "experiment": "b", "control": "a"}


def sheet(*sizes):
    group = [name for name, size in zip("abc", sizes, strict=False) for _ in range(size)]
    names = [f"{name}{i}" for i, name in enumerate(group)]
    return pd.DataFrame({"group": group}, index=pd.Index(names, name="sample"))


def firsts(samples, **options):
    """Number of first halves in each group, one row a split, and how many splits there are."""
    found, possible = labellings.splits(samples, "~ group", CONTRAST, **options)
    halves = [split.samples[split.contrast["variable"]] == split.contrast["experiment"] for split in found]
    return [half.groupby(samples["group"]).sum().to_dict() for half in halves], found, possible


@pytest.mark.parametrize("sizes", [(3, 3, 3), (3, 5, 3), (4, 3, 4), (3, 4, 5), (4, 4, 4)])
def test_each_group_is_halved_and_odd_ones_take_turns(sizes):
    samples = sheet(*sizes)
    rows, found, _ = firsts(samples)
    assert rows
    for row, split in zip(rows, found, strict=True):
        for name, size in zip("abc", sizes, strict=True):
            assert row[name] in (size // 2, size - size // 2)
        # the halves are as large as one another, give or take one
        assert abs(2 * sum(row.values()) - sum(sizes)) <= 1
        assert sorted(split.experiment) == sorted(
            samples.index[split.samples[split.contrast["variable"]] == split.contrast["experiment"]]
        )
        # the groups stay in the model
        assert split.samples["group"].equals(samples["group"])
        assert split.design.startswith("~ group +")
        assert split.residual_df == sum(sizes) - 4


def test_all_splits_of_three_groups_are_counted_once():
    samples = sheet(3, 3, 3)
    _, found, possible = firsts(samples, limit=1000)
    # 1 or 2 of 3 in turn, mirror images once: by brute force
    seen = set()
    for first in itertools.product(*(itertools.combinations(range(i, i + 3), k) for i, k in
                                     ((0, 1), (3, 2), (6, 1)))):  # fmt: skip
        chosen = frozenset(row for part in first for row in part)
        seen.add(min(chosen, frozenset(range(9)) - chosen, key=sorted))
    assert possible == len(found) == len(seen) == 27
    assert len({split.experiment for split in found}) == 27


def test_groups_of_two_cannot_be_split():
    assert labellings.splits(sheet(3, 3, 2), "~ group", CONTRAST)[0] != []  # c is not compared
    assert labellings.splits(sheet(3, 2, 3), "~ group", CONTRAST) == ([], 0)
