"""Report section on several contrasts: where they agree and where they differ."""

import pandas as pd

from workflow_lib.report import format
from workflow_lib.report.content import Gallery, Section, Text
from workflow_lib.report.figures import figure
from workflow_lib.results.run import Run

N_PAIRS = 15
SHOWN = ["contrast_a", "contrast_b", "n_a", "n_b", "n_both", "expected", "n_opposite", "correlation"]
HEADINGS = {
    "contrast_a": "contrast",
    "contrast_b": "other contrast",
    "n_a": "changed in the first",
    "n_b": "changed in the second",
    "n_both": "in both",
    "expected": "in both by chance",
    "n_opposite": "opposite",
    "correlation": "correlation of fold changes",
}
HOW = (
    "A peak that is significant in one contrast and not in another need not differ between them: it may lie "
    "just below the limit. Whether an effect differs is asked by an interaction. Contrasts that share "
    "samples share their noise, so that their fold changes correlate even where nothing changes."
)


def section(run: Run) -> Section:
    """Overlaps of changed peaks, fold changes and factors of all contrasts."""
    overlaps, pairs = run.table("overlaps"), run.table("pairs")
    n = len(run.contrasts)
    drawn = [figure(run, "overlap_figure", n=n), figure(run, "fold_changes_figure", n=n)]
    if run.has("factors_together_figure"):
        drawn.append(figure(run, "factors_together_figure", n=n))
    most = pairs.sort_values("n_both", ascending=False, kind="stable").head(N_PAIRS)
    caption = (
        f"Changed peaks that contrasts share{f', the first {N_PAIRS} pairs' if len(pairs) > N_PAIRS else ''}"
    )
    shown = format.table(
        most[SHOWN].assign(expected=[format.cell(f"{value:.1f}") for value in most["expected"]]),
        caption,
        href=run.href("pairs"),
        headings=HEADINGS,
    )
    parts = (Text((sentence(overlaps, n), HOW)), Gallery(tuple(drawn)), shown)
    return Section("together", "Contrasts together", parts)


def sentence(overlaps: pd.DataFrame, n_contrasts: int) -> str:
    """How many peaks change in how many contrasts, in words."""
    total = int(overlaps["n_peaks"].sum())
    if not total:
        return f"No peak changes in any of {n_contrasts} contrasts."
    alone = int(overlaps.loc[overlaps["n_contrasts"] == 1, "n_peaks"].sum())
    everywhere = int(overlaps.loc[overlaps["n_contrasts"] == n_contrasts, "n_peaks"].sum())
    return (
        f"{total:,} peaks change in one or more of {n_contrasts} contrasts: {alone:,} in one only, "
        f"{everywhere:,} in all."
    )
