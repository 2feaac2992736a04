"""Profiles: changed peaks grouped by how their accessibility runs over the levels of a column."""

from workflow_lib.profiles.clusters import cluster, mean_profiles

__all__ = ["cluster", "mean_profiles"]
