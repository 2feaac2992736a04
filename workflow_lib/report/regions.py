"""Report section on gene sets and regions of other studies."""

import pandas as pd

from workflow_lib.report import directions, format
from workflow_lib.report.content import Section, Table, Text
from workflow_lib.results.run import Run
from workflow_lib.stats import forms

N_SETS = 15
SHOWN = ["set", "n_loci_changed", "expected", "odds_ratio", "padj", "genes"]
RANKED = ["set", "n_peaks", "shift", "padj"]
MOST_GENES = 8
HEADINGS = {
    "n_loci_changed": "changed loci",
    "expected": "expected",
    "odds_ratio": "odds ratio",
    "n_peaks": "peaks",
    "shift": "shift (s.d.)",
}
MOVES = {
    "any": "change more (above 0) or less than others",
    "interaction": "have a positive (above 0) or a negative difference together",
}
"""What regions of a set do along the ranks, by kinds of contrasts in which nothing opens or closes."""
KINDS = {"genes": "gene sets", "regions": "sets of regions"}
HOW = (
    "A set is compared with comparable regions of this study, not with the genome: the same number of peaks "
    "nearby, and peaks of similar GC content, width and counts. Peaks that the same genes may answer for "
    "count once, as one locus, since they change together.",
    "A peak is within reach of a gene if it lies in its regulatory domain. That is from 5 kb before its "
    "start to 1 kb behind it, and on to the nearest other gene, at most 1 Mb. That a peak is near a gene "
    "does not show that it acts on it.",
)


def section(run: Run, contrast: str) -> Section:
    """Sets among opened and closed peaks, and along all peaks, of one contrast."""
    said, parts = [], []
    groups = forms.named(run.contrast(contrast))
    undirected = directions.is_any(groups)
    if undirected:
        said.append(f"{directions.untested('sets', 'regions')}, but along all regions.")
    for direction, which in directions.of_kind(groups["kind"]).items() if not undirected else ():
        table = run.table("regions", contrast, direction=direction)
        said.append(sentence(table, which, run.alpha))
        found = _first(table, run.alpha)
        if len(found):
            href = run.href("regions", contrast, direction=direction)
            parts.append(_table(found, f"Sets among regions {which}", href))
    ranked = run.table("region_ranks", contrast)
    found = ranked[ranked["padj"] < run.alpha].head(N_SETS)
    if len(found):
        shown = found[RANKED].assign(shift=[format.cell(f"{value:+.2f}") for value in found["shift"]])
        what = MOVES.get(groups["kind"], "open (above 0) or close together")
        caption = f"Sets whose regions {what}, over all regions tested"
        parts.append(format.table(shown, caption, href=run.href("region_ranks", contrast), headings=HEADINGS))
    said += left_out(run.table("region_sets", contrast))
    title = (
        f"Gene sets and other regions: {contrast}"
        if len(run.contrasts) > 1
        else "Gene sets and other regions"
    )
    return Section(f"regions-{contrast}", title, (Text((*said, *HOW)), *parts))


def sentence(table: pd.DataFrame, which: str, alpha: float) -> str:
    """Which sets are more common among regions of one direction, such as `that opened`, in one sentence."""
    parts = []
    if len(table) and table["padj"].isna().all():
        return f"There are no regions {which}, or too few, so no set was tested among them."
    for kind, words in KINDS.items():
        rows = table[table["kind"] == kind]
        found = rows[rows["padj"] < alpha]
        if not len(rows):
            continue
        named = ", ".join(found["set"].head(3)) + (" and others" if len(found) > 3 else "")
        parts.append(f"{len(found):,} of {len(rows):,} {words}" + (f" ({named})" if len(found) else ""))
    if not parts:
        return f"No set could be tested among regions {which}."
    return f"More common among regions {which} than among comparable regions: {' and '.join(parts)}."


def left_out(sets: pd.DataFrame) -> list[str]:
    """A sentence on sets that were not tested, if any."""
    rows = sets[~sets["used"].astype(bool)]
    if not len(rows):
        return []
    counted = "; ".join(f"{n:,} with {why}" for why, n in rows["reason"].value_counts().sort_index().items())
    return [f"Of {len(sets):,} sets {len(rows):,} were not tested: {counted}."]


def _first(table: pd.DataFrame, alpha: float) -> pd.DataFrame:
    """Significant sets; the first three where there are none."""
    found = table[table["padj"] < alpha]
    return found.head(N_SETS) if len(found) else table.dropna(subset="pvalue").head(3)


def _table(found: pd.DataFrame, caption: str, href: str) -> Table:
    shown = found[SHOWN].assign(
        expected=[format.cell(f"{value:.1f}") for value in found["expected"]],
        odds_ratio=[
            format.cell(f"{odds:.2f} ({low:.2f} to {high:.2f})")
            for odds, low, high in found[["odds_ratio", "ci_low", "ci_high"]].itertuples(index=False)
        ],
        genes=[_some(text) for text in found["genes"]],
    )
    return format.table(shown, caption, href=href, headings=HEADINGS)


def _some(text) -> str | None:
    if not isinstance(text, str) or not text:
        return None
    genes = text.split(",")
    rest = len(genes) - MOST_GENES
    return ", ".join(genes[:MOST_GENES]) + (f" and {rest} more" if rest > 0 else "")
