"""Programs that a run needs beside Python's packages."""

from collections.abc import Mapping

from workflow_lib.io import macs
from workflow_lib.preflight.problems import Problem


def missing(config: Mapping, source: str = "config") -> list[Problem]:
    """A problem for each program that is asked for and not on the PATH.

    Parameters
    ----------
    config : mapping
        With its defaults.
    source : str
        What messages call the configuration.
    """
    if not config["peaks"]["call"] or config["counts"] is not None or macs.program() is not None:
        return []
    what = f"needs MACS, and neither {' nor '.join(macs.PROGRAMS)} is on the PATH"
    return [
        Problem(f"{source}, key peaks.call", what, f"{macs.INSTALL}, or name called peaks in peaks.files")
    ]
