"""Report sections on the enrichment's background, on all peaks, and on motifs along the fold change."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from workflow_lib.motifs.leading import strongest
from workflow_lib.motifs.matching import BALANCED, worst
from workflow_lib.plots.enrichment import NAMES
from workflow_lib.report import format
from workflow_lib.report.content import Cell, Figure, Gallery, Section, Text

KINDS = {
    "peaks": "peaks that were tested and did not change",
    "genome": "windows of the genome outside peaks",
}
N_MOTIFS = 15


def background(
    contrast: str, kind: str, balance: Mapping[str, pd.DataFrame], figure: Figure, hrefs: Mapping[str, str]
) -> Section:
    """What changed peaks are compared with, and how like them that is.

    Parameters
    ----------
    contrast : str
    kind : str
        `peaks` or `genome`.
    balance, hrefs : mapping of direction to balance table and its address
    figure : Figure
    """
    sentences = [
        f"Changed peaks are compared with {KINDS[kind]}. The two sets differ in "
        + ("GC and k-mer content, width and mean count" if kind == "peaks" else "GC and k-mer content")
        + ", and the test takes this into account. The table shows how far they differ, before and after "
        "weighting."
    ]
    rows = []
    for way, table in balance.items():
        if table["smd_after"].notna().any():
            rows.append(_balance_row(way, table))
            sentences += caution(way, table)
    parts: list = [Text(tuple(sentences))]
    if rows:
        parts += [Gallery((figure,)), format.table(pd.DataFrame(rows), "Balance of the background")]
        for way, table in balance.items():
            rows_of_way = _differing(table)
            if len(rows_of_way):
                caption = f"Covariates of {way} peaks that differ most from their background"
                parts.append(format.table(rows_of_way, caption, href=hrefs[way]))
    return Section(format.anchor("background", contrast), "Background of the enrichment", tuple(parts))


def caution(way: str, table: pd.DataFrame) -> list[str]:
    """A sentence for a background that is not balanced, or none."""
    left = table[table["smd_after"].abs() > BALANCED]
    if left.empty:
        return []
    named = left.reindex(left["smd_after"].abs().sort_values(ascending=False, kind="stable").index)["feature"]
    words = ", ".join(_words(name) for name in named[:3])
    return [
        f"Caution: for the {way} peaks {len(left)} of {len(table)} covariates differ by more than "
        f"{BALANCED:g} standard deviations after weighting ({words}{', ...' if len(left) > 3 else ''}). "
        "Be careful with motifs that depend on these."
    ]


def all_peaks(table: pd.DataFrame, balance: pd.DataFrame, href: str) -> Section:
    """Motifs of all peaks against windows of the genome."""
    first = balance.iloc[0]
    text = (
        f"All {first['n_foreground']:,} peaks against {first['n_background']:,} windows of the genome. "
        "It says which motifs open chromatin has, not which changed."
    )
    parts: list = [Text((text, *caution("all", balance)))]
    top = strongest(table.dropna(subset="padj"), N_MOTIFS)
    if len(top):
        names = [
            "motif_id",
            "name",
            "foreground_hits",
            "background_hits",
            "log2_enrichment",
            "odds_ratio",
            "padj",
        ]
        headings = {
            "foreground_hits": "peaks with the motif",
            "background_hits": "windows with it, expected",
        }
        parts.append(
            format.table(
                top[names], f"The {len(top)} strongest of {len(table):,} motifs", href=href, headings=headings
            )
        )
    return Section("motifs-all-peaks", "Motifs in all peaks", tuple(parts))


def gradient(contrast: str, table: pd.DataFrame, figure: Figure) -> Section:
    """Motifs in bins of peaks along the fold change."""
    n_bins = int(table["bin_number"].nunique())
    if not n_bins:
        text: Sequence[str] = ("There are too few peaks for three bins along the fold change.",)
        return Section(
            format.anchor("gradient", contrast), "Motifs along the fold change", (Text(tuple(text)),)
        )
    text = [
        f"All peaks in {n_bins} equal bins by (shrunken) fold change, whether significant or not; each bin "
        "against all others, given composition, width and mean count. A motif that drives the change "
        "rises or falls along the bins."
    ]
    left = table.drop_duplicates("bin_number")
    off = left[left["smd_after"] > BALANCED]
    if len(off):
        text.append(
            f"Caution: {len(off)} bin(s) could not be balanced within {BALANCED:g} standard deviations: "
            + ", ".join(str(number) for number in off["bin_number"])
            + "."
        )
    return Section(
        format.anchor("gradient", contrast),
        "Motifs along the fold change",
        (Text(tuple(text)), Gallery((figure,))),
    )


def _balance_row(way: str, table: pd.DataFrame) -> dict:
    before, after = worst(table)
    first = table.iloc[0]
    return {
        "peaks": Cell(way, tone=way if way in ("up", "down") else ""),
        "n": int(first["n_foreground"]),
        "background": int(first["n_background"]),
        "effective": Cell(f"{first['n_effective']:,.0f}"),
        "largest difference before": Cell(f"{before:.2f}"),
        "after": Cell(f"{after:.2f}"),
    }


def _differing(table: pd.DataFrame, n: int = 5) -> pd.DataFrame:
    """The covariates that differed most before weighting, in words and numbers."""
    known = table.dropna(subset="smd_after")
    chosen = known.iloc[np.argsort(-known["smd_before"].abs().to_numpy(), kind="stable")[:n]]
    return pd.DataFrame(
        {
            "covariate": [_words(name) for name in chosen["feature"]],
            "difference before": [Cell(format.number(value, "stat")) for value in chosen["smd_before"]],
            "difference after": [Cell(format.number(value, "stat")) for value in chosen["smd_after"]],
        }
    )


def _words(feature: str) -> str:
    return NAMES.get(feature, feature.replace("kmer_", "share of "))
