"""Checks before anything runs: configuration, sample sheet, design and input files, all problems at once."""

from workflow_lib.preflight.contrasted import profiled
