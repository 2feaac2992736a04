"""All that a run knows of the peaks of a region."""

import pandas as pd

from workflow_lib import intervals, near
from workflow_lib.errors import InputError
from workflow_lib.questions.explain import page, parts
from workflow_lib.report.content import Content, Finding
from workflow_lib.results.run import Run

DETAILED = 5
"""Peaks of a wide region that are told of one by one; all are listed."""


def peak(run: Run, name: str) -> Content:
    """A page about the peaks that overlap a region, or about one peak by its id.

    Parameters
    ----------
    run : Run
    name : str
        An id of the run's tables (`chrom:start-end`, from 0), else a region as browsers write it (from 1,
        both ends in, thousands separators allowed).

    Raises
    ------
    InputError
        If it is neither, or no peak lies there; the nearest are named.
    """
    peaks = overlapping(run, name)
    shown = peaks[:DETAILED]
    findings = [parts.finding(run, one) for one in shown]
    if len(peaks) > 1:
        words = "all of them below" if len(shown) == len(peaks) else f"details of the first {len(shown)}"
        findings.insert(0, Finding(f"{name} overlaps {len(peaks):,} peaks; {words}."))
    sections = [
        parts.listed(run, peaks, f"Peaks that overlap {name}"),
        parts.tests(run, shown),
        parts.counts(run, shown),
        parts.motifs(run, shown),
        parts.links(run, shown),
        parts.loci(run, run.places.loc[peaks]),
    ]
    return page.content(run, f"Peak {name}", findings, sections)


def overlapping(run: Run, name: str) -> list[str]:
    """Ids of the peaks there, in the order of the run's tables."""
    places = run.places
    if name in places.index:
        return [name]
    region = intervals.parse_region(name)
    if region is None:
        raise InputError(f"{name!r}: neither a peak of this run nor a region like chr1:10,001-10,500")
    chrom, start, end = region
    here = places[places["chrom"] == chrom]
    if here.empty:
        known = places["chrom"].dropna().unique()
        raise InputError(f"{name}: no peak on {chrom!r}; {near.offer(chrom, known)}")
    found = here.index[(here["start"] < end) & (here["end"] > start)]
    if len(found):
        return list(found)
    gap = pd.concat([here["start"] - end, start - here["end"]], axis=1).max(axis=1)
    closest = gap.nsmallest(3)
    offered = ", ".join(f"{peak} ({distance:,} bp away)" for peak, distance in closest.items())
    raise InputError(f"{name}: no peak of this run there; the nearest are {offered}")
