"""Checks before anything runs: configuration, sample sheet, design and input files, all problems at once."""

from workflow_lib.preflight.blacklist import AUTO as AUTO_BLACKLIST
from workflow_lib.preflight.contrasted import profiled
from workflow_lib.preflight.designs import design
from workflow_lib.preflight.environment import expand
from workflow_lib.preflight.files import Survey, about_files, labels, made_here, paths, survey
from workflow_lib.preflight.keys import configuration
from workflow_lib.preflight.linkage import absent as no_linkage
from workflow_lib.preflight.loading import Memory, Start, load, start, surveyed
from workflow_lib.preflight.problems import Problem, raise_all
from workflow_lib.preflight.regions import absent as no_regions
from workflow_lib.preflight.regions import gmt_files
from workflow_lib.preflight.samples import sheet

__all__ = [
    "AUTO_BLACKLIST",
    "Memory",
    "Problem",
    "Start",
    "Survey",
    "about_files",
    "configuration",
    "design",
    "expand",
    "gmt_files",
    "labels",
    "load",
    "made_here",
    "no_linkage",
    "no_regions",
    "paths",
    "profiled",
    "raise_all",
    "sheet",
    "start",
    "survey",
    "surveyed",
]
