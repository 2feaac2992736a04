"""The moderated t-test by its public name; see :mod:`workflow_lib.stats.moderated`."""

from workflow_lib.stats.moderated import test

__all__ = ["test"]
