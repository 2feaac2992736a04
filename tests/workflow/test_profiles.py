"""The profiles name rules that there are, and every rule says what it needs of a cluster."""

import re

import pytest
from conftest import ROOT, Project

RULES = Project(ROOT).rules()
NO_RULES = {"mem_mb", "my_account", "slurm_account", "slurm_partition"}
"""Other words with an underscore in profiles."""


@pytest.mark.parametrize("profile", sorted(path.parent.name for path in ROOT.glob("profiles/*/profile.yaml")))
def test_rules_that_a_profile_names_are_there(profile):
    text = (ROOT / "profiles" / profile / "profile.yaml").read_text()
    words = set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", text))
    assert words - NO_RULES <= RULES.keys()


@pytest.mark.parametrize(
    "name", sorted(name for name in RULES if " with:" not in RULES[name].splitlines()[0])
)
def test_a_rule_asks_for_memory_and_time_that_grow_with_the_attempt(name):
    for resource in ("mem_mb", "runtime"):
        asked = re.search(rf"\b{resource}=lambda [^:]*\battempt: *(.*?),\n", RULES[name], re.DOTALL)
        assert asked, resource
        assert "attempt" in asked.group(1)
