"""Who is compared, in the order to show them."""

import pandas as pd

from workflow_lib.stats import sides


def test_levels_have_control_and_experiment_first():
    column = pd.Series({"s1": "z", "s2": "b", "s3": "a", "s4": "b"})
    levels = sides.samples_by_level(
        column.to_frame("group"), {"variable": "group", "control": "z", "experiment": "b"}
    )
    assert list(levels.items()) == [("z", ["s1"]), ("b", ["s2", "s4"]), ("a", ["s3"])]


def test_a_contrast_compares_the_groups_that_have_its_levels():
    groups = {"a": "late", "b": "early", "c": "late", "d": "other"}
    levels = {"a": "1", "b": "0", "c": "1", "d": "2"}
    assert sides.groups(
        pd.DataFrame({"group": groups, "day": levels}), {"variable": "day", "experiment": "1", "control": "0"}
    ) == ["early", "late"]
