"""Keys that were moved or taken away: older configurations still run, with a note."""

from pathlib import Path

import pytest

from workflow_lib import preflight
from workflow_lib.io import sheets
from workflow_lib.preflight import keys

SCHEMA = sheets.read_yaml(Path(__file__).parents[2] / "config/schemas/config.schema.yaml")
MINIMAL = {
    "peaks": {"files": "peaks.bed"},
    "contrasts": {"b_vs_a": {"variable": "group", "experiment": "b", "control": "a"}},
}


def read(**given):
    return keys.read(MINIMAL | given, SCHEMA, source="own.yaml")


def test_an_older_configuration_means_what_it_meant():
    found = read(differential={"alpha": 0.1, "shrink": False}, enrichment={"test": "fisher"})
    assert found.problems == []
    assert found.config["alpha"] == 0.1
    assert found.config["differential"]["shrink"] is False
    assert found.config == read(alpha=0.1, differential={"shrink": False}).config
    assert found.notes == [
        "own.yaml: differential.alpha is now called alpha, at the left margin; the old name still works",
        "own.yaml: enrichment.test has no effect and can be removed",
    ]


def test_todays_keys_need_no_note():
    found = read(alpha=0.1)
    assert (found.problems, found.notes, found.config["alpha"]) == ([], [], 0.1)


def test_both_names_may_stand_there_if_they_agree():
    found = read(alpha=0.1, differential={"alpha": 0.1})
    assert found.problems == []
    (problem,) = read(alpha=0.05, differential={"alpha": 0.1}).problems
    assert "own.yaml, key differential.alpha: is 0.1 although alpha, its name now, is 0.05" in str(problem)
    assert "remove it" in problem.fix


@pytest.mark.parametrize("alpha", ["0.1", 5, None, float("nan"), [0.1]])
def test_a_bad_value_is_told_by_the_name_that_was_written(alpha):
    (problem,) = read(differential={"alpha": alpha}).problems
    assert str(problem).startswith("own.yaml, key differential.alpha")


@pytest.mark.parametrize("part", [None, 5, "alpha", ["alpha"]])
def test_parts_that_are_no_mappings_are_refused_as_before(part):
    assert any("key differential" in str(problem) for problem in read(differential=part).problems)


def test_the_given_configuration_is_not_changed():
    given = MINIMAL | {"differential": {"alpha": 0.1}}
    preflight.configuration(given, SCHEMA)
    assert given["differential"] == {"alpha": 0.1}
