"""The profiles name rules that there are."""

import re

import pytest
import yaml
from conftest import ROOT, Project

RULES = Project(ROOT).rules()
NO_RULES = {"mem_mb", "my_account", "slurm_account", "slurm_partition"}
"""Other words with an underscore in profiles."""


@pytest.mark.parametrize("profile", sorted(path.parent.name for path in ROOT.glob("profiles/*/profile.yaml")))
def test_rules_that_a_profile_names_are_there(profile):
    text = (ROOT / "profiles" / profile / "profile.yaml").read_text()
    words = set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", text))
    assert words - NO_RULES <= RULES.keys()


def test_figures_share_jobs_on_slurm():
    profile = yaml.safe_load((ROOT / "profiles/slurm/profile.yaml").read_text())
    grouped = dict(entry.split("=") for entry in profile["groups"])
    plots = {name for name in RULES if name.startswith("plot_")}
    assert {name for name, group in grouped.items() if group == "figures"} >= plots
    sizes = dict(entry.split("=") for entry in profile["group-components"])
    assert set(sizes) <= set(grouped.values())
    assert int(sizes["figures"]) > profile["cores"]
