"""Profiles: changed peaks grouped by how their accessibility runs over the levels of a column."""

from workflow_lib.profiles.clusters import cluster, mean_profiles
from workflow_lib.profiles.values import level_means, levels_of, standardised, without_nuisance

__all__ = ["cluster", "level_means", "levels_of", "mean_profiles", "standardised", "without_nuisance"]
