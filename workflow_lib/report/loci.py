"""Report section with pictures of single places."""

import posixpath
from collections.abc import Mapping, Sequence

import pandas as pd

from workflow_lib import intervals
from workflow_lib.report import format
from workflow_lib.report.content import Cell, Figure, Gallery, Section, Text
from workflow_lib.report.figures import figure, room
from workflow_lib.results.run import Run

ORIENTATION = {
    "smallest p-value, not significant": "No peak changed significantly: those with the smallest p-values "
    "are shown for orientation.",
    "largest fold change, not tested": "Nothing could be tested: the largest fold changes among the better "
    "covered half of the peaks are shown for orientation.",
}
SHOWN = 12  # pictures in the page; the folder has all


def figures(run: Run, contrast: str, places: pd.DataFrame) -> list[Figure]:
    """The first pictures of a contrast.

    Parameters
    ----------
    run : Run
    contrast : str
    places : DataFrame
        loci.tsv.
    """
    return [
        figure(
            run,
            "loci",
            contrast,
            locus=place.file,
            name=place.name,
            where=_where(place),
            why=place.why.replace("q = ", "adjusted p "),
        )
        for place in places.head(room(run, SHOWN)).itertuples()
    ]


def section(
    contrast: str, places: pd.DataFrame, drawn: Sequence[Figure], settings: Mapping, href: str
) -> Section:
    """Pictures of the places of a contrast, and a table of all.

    Parameters
    ----------
    contrast : str
    places : DataFrame
        loci.tsv: name, chrom, start, end, why, file.
    drawn : sequence of Figure
        Of the first places, see :func:`figures`.
    settings : mapping
        `loci` of the configuration.
    href : str
        Address of the folder with the pictures.
    """
    anchor = format.anchor("loci", contrast)
    if places.empty:
        text = "None was asked for: loci.genes is empty, and loci.top is 0 or there is no peak."
        return Section(anchor, "Loci", (Text((text,)),))
    longest = settings["max_fragment"]
    counted = f"fragments up to {longest:,} bp" if longest is not None else "all fragments"
    said = [
        "The curves show cuts per base, divided by each sample's size factor, on one scale for all groups: "
        f"the mean (area) and the range of the samples (band). They are from {counted} (of single-end reads "
        "all). Peaks are coloured by direction. Motif hits are those of the most enriched motifs."
    ]
    said += [words for kind, words in ORIENTATION.items() if places["why"].str.startswith(kind).any()]
    rows = pd.DataFrame(
        {
            "locus": [Cell(str(name), href=posixpath.join(href, f"{file}.svg")) for name, file in
                      zip(places["name"], places["file"], strict=True)],
            "position": [_where(place) for place in places.itertuples()],
            "why": places["why"].astype(str).str.replace("q = ", "adjusted p "),
        }
    )  # fmt: skip
    all_drawn = len(drawn) == len(places)  # then the table repeats what stands below the pictures
    n = len(places)
    listed = f"The {n} places drawn" if n > 1 else "The place drawn"
    table = format.table(rows, listed, href=posixpath.join(href, "loci.tsv"), folded=all_drawn)
    return Section(anchor, "Loci", (Text(tuple(said)), Gallery(tuple(drawn)), table))


def _where(place) -> str:
    return intervals.region(place.chrom, place.start, place.end)
