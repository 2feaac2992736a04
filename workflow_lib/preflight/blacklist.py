"""What a blacklist, a file or found from the data, leaves of the peaks that counts bring."""

from collections.abc import Mapping

import pandas as pd

from workflow_lib.genome import reference
from workflow_lib.preflight.inventory import Input, Survey
from workflow_lib.preflight.problems import Problem

AUTO = "auto"
"""What `genome.blacklist` says in place of the name of a file."""


def file(config: Mapping) -> str | None:
    """The BED of `genome.blacklist`, if it names one."""
    given = config["genome"]["blacklist"]
    return None if given == AUTO else given


def check(
    config: Mapping, tables: Mapping[str, tuple[Input, pd.DataFrame]], source: str, result: Survey
) -> None:
    """Add to `result` how many peaks of `counts` the blacklist leaves out; a problem if that is all.

    Parameters
    ----------
    config : mapping
    tables : mapping of label to (Input, DataFrame)
        Those that were read, with chrom, start, end.
    source : str
        What messages call the configuration.
    result : Survey
    """
    if config["counts"] is None or config["genome"]["blacklist"] is None:
        return
    if "counts" not in tables:
        if not result.problems:
            result.notes.append(
                f"genome.blacklist is not applied if the peaks of {config['counts']} have no coordinates"
            )
        return
    if config["genome"]["blacklist"] == AUTO:
        result.notes.append(
            "genome.blacklist: auto leaves out peaks whose counts are extreme in all samples, and lists "
            "them in results/peaks/artefacts.tsv"
        )
        return
    if "blacklist" not in tables:
        return
    item, regions = tables["blacklist"]
    peaks = tables["counts"][1]
    inside = int((reference.count_overlaps(peaks, regions) > 0).sum()) if len(regions) else 0
    if inside == len(peaks):
        what = f"each of the {inside:,} peaks of {config['counts']} lies in {item.path}"
        fix = "give regions that are to be left out, or set genome.blacklist to null"
        result.problems.append(Problem(f"{source}, key genome.blacklist", what, fix))
    elif inside:
        result.notes.append(
            f"{item.path}: {inside:,} of {len(peaks):,} peaks of {config['counts']} lie in it and are "
            "left out"
        )
