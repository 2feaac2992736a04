"""Checks of samples on counts of another law than their own tests use: silent where nothing is wrong."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workflow_lib.differential import size_factors
from workflow_lib.samples import checks

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit" / "samples"))
import other_worlds as worlds


def notes(seed, **settings):
    """Check and sample of all that is noted in one study."""
    counts, sheet = worlds.world(seed, **settings)
    columns = [np.ones(len(sheet)), sheet["group"] == "trt"]
    if "donor" in sheet:
        columns += list(pd.get_dummies(sheet["donor"]).to_numpy(float).T[1:])
    found = checks.every(
        counts,
        size_factors.ratio(counts),
        sheet,
        pd.DataFrame(np.column_stack(columns).astype(float), index=sheet.index),
        pd.Series("chr1", counts.index),
        None,
        seed,
    )
    return [(row.check, row.sample) for row in found.itertuples() if row.verdict == "note"]


@pytest.mark.parametrize(
    "settings",
    [{"k": 3}, {"k": 4, "uneven": 1.0}, {"k": 8}, {"k": 4, "donors": 4}],
    ids=["3 + 3", "depths differ tenfold", "8 + 8", "donors"],
)
def test_nothing_is_noted_where_nothing_is_wrong(settings):
    assert sum(bool(notes(seed, n=1200, **settings)) for seed in range(4)) == 0


def test_a_noisy_sample_is_named_whatever_the_depths():
    for seed in range(3):
        found = notes(seed, n=1200, k=4, noisy=6.0, uneven=0.7)
        assert ("noise", "ctl1") in found
        assert [sample for check, sample in found if check == "noise"] == ["ctl1"]


@pytest.mark.parametrize(("males", "females"), [(5, 5), (1, 7), (0, 8), (8, 0)])
def test_sex_is_told_in_studies_of_one_sex_too(males, females):
    for seed in range(10):
        *reads, sexes = worlds.with_sex(seed, males, females)
        table = checks.sex(*reads, sexes)
        assert (table["verdict"] == "ok").all()
        told = [text.split()[1] for text in table["sentence"]]
        assert told == list(sexes) or (not told and not males)  # too few reads on Y to say anything


def test_samples_swapped_between_the_groups_of_one_donor_are_named():
    found = [notes(seed, k=6, donors=6, donor_sd=0.5, swapped=True) for seed in range(3)]
    assert all({("likeness by group", "ctl1"), ("likeness by group", "trt1")} <= set(one) for one in found)
