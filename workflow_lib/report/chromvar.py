"""Report sections on motif accessibility: between groups, across samples, and technical factors."""

from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from workflow_lib.chromvar import MIN_PEAKS
from workflow_lib.chromvar.diagnostics import FACTORS
from workflow_lib.chromvar.leading import most_variable
from workflow_lib.motifs.leading import strongest
from workflow_lib.report import format
from workflow_lib.report.content import Badge, Cell, Figure, Gallery, Section, Text
from workflow_lib.report.sections import N_MOTIFS, motif_columns

HEADINGS = {
    "n_peaks": "peaks",
    "stat": "moderated t",
    "pvalue": "p of t",
    "delta_z": "against comparable peaks (sd)",
    "competitive_pvalue": "p against comparable peaks",
    "joint_padj": "adjusted p, both",
}
LARGE, SURE = 1.5, 0.05
"""A factor is warned of if it explains that many times what chance does, at that permutation p."""


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """The motifs of one contrast that a table has room for: smallest joint p, one a cluster."""
    ordered = strongest(table, len(table), by="joint_pvalue")
    cluster = ordered["cluster"].fillna(ordered["motif_id"]) if "cluster" in ordered else ordered["motif_id"]
    alike = cluster.map(cluster.value_counts()) - 1
    return ordered.assign(alike=alike.astype(int))[~cluster.duplicated()].head(N_MOTIFS)


def deviations(
    name: str,
    sentence: str,
    table: pd.DataFrame,
    families: Mapping[str, str],
    logos: Collection[str],
    href: str = "",
) -> Section:
    """chromVAR's differences between the groups of one contrast.

    Parameters
    ----------
    name, sentence : str
        The contrast, and what it comes to.
    table : DataFrame
        As :func:`workflow_lib.chromvar.compare_groups`, with motif_id, name and, where known, cluster.
    families : mapping of motif_id to family
    logos : collection of motif_id
        Motifs whose logos the page can draw.
    href : str
    """
    parts: list = [Text((sentence,))]
    top = shown(table)
    if len(top):
        rows = motif_columns(top, families, logos)
        if top["alike"].any():
            rows["alike"] = [Cell(f"+{n}" if n else "") for n in top["alike"]]
        rows["direction"] = top["direction"].to_numpy()
        for column in ("n_peaks", "delta", "stat", "pvalue", "delta_z", "competitive_pvalue", "joint_padj"):
            rows[column] = top[column].to_numpy()
        among = f"{table['joint_pvalue'].notna().sum():,} motifs in {MIN_PEAKS} peaks or more"
        caption = (
            f"The {len(top)} strongest of {among}, one of each cluster, by the larger of two p-values. One "
            "asks whether the groups differ (moderated t, samples as units), the other whether the motif's "
            "peaks change more than peaks of similar count and GC (peaks as units)"
        )
        main = {"family", "direction", "delta", "n_peaks", "joint_padj"}
        parts.append(format.table(rows, caption, href=href, headings=HEADINGS, main=main))
    return Section(format.anchor("chromvar", name), "Motif accessibility between groups", tuple(parts))


def variability(
    sentences: Sequence[str],
    table: pd.DataFrame,
    families: Mapping[str, str],
    logos: Collection[str],
    figures: Sequence[Figure],
    href: str = "",
    technical: Section | None = None,
) -> Section:
    """Motifs whose accessibility varies between samples, whatever their groups; `table` may have clusters."""
    parts: list = [Text((*sentences, *missing(table))), Gallery(tuple(figures))]
    top = most_variable(table, N_MOTIFS)
    if len(top):
        rows = motif_columns(top, families, logos)
        if top["alike"].any():
            rows["alike"] = [Cell(f"+{n}" if n else "") for n in top["alike"]]
        for column in ("n_peaks", "variability"):
            if column in top:
                rows[column] = top[column].to_numpy()
        intervals = zip(top["ci_low"], top["ci_high"], strict=True)
        rows["bootstrap interval"] = [f"{low:.2f} to {high:.2f}" for low, high in intervals]
        rows["padj"] = top["padj"].to_numpy()
        few = f" in {MIN_PEAKS} peaks or more" if "n_peaks" in top else ""
        caption = f"The {len(top)} most variable motifs{few}, one of each cluster, of {len(table):,}"
        parts.append(format.table(rows, caption, href=href, headings=HEADINGS))
    below = () if technical is None else (technical,)
    return Section("variability", "Motif accessibility across samples", tuple(parts), below)


def missing(table: pd.DataFrame) -> tuple[str, ...]:
    """A sentence on motifs without z-scores and why, or none."""
    if "note" not in table or table["note"].isna().all():
        return ()
    reasons = table["note"].dropna().value_counts(sort=False)
    words = "; ".join(f"{n:,} ({reason})" for reason, n in sorted(reasons.items()))
    return (f"Some motifs lack z-scores: {words}.",)


def technical(table: pd.DataFrame, figures: Sequence[Figure], href: str = "") -> Section:
    """How far depth, share of reads in peaks and GC content explain the z-scores.

    Parameters
    ----------
    table : DataFrame
        Factors of :func:`workflow_lib.chromvar.technical`.
    figures : sequence of Figure
    href : str
    """
    asked = table[table["n_samples"] > 0]
    if not asked["pvalue"].notna().any():
        text = ("Too few samples have z-scores to compare them with depth, share of reads in peaks or GC.",)
        return Section("technical", "Technical factors", (Text(text),))
    said = warnings(table) or (
        "No factor below explains clearly more of the z-scores' variation over samples than chance.",
    )
    n = int(asked["n_samples"].max())
    small = (
        f"With {n} samples any factor explains {100 / (n - 1):.0f} % on average, and only strong ones "
        "can be distinguished from chance."
    )
    rows = pd.DataFrame({"factor": [FACTORS.get(name, name) for name in asked["factor"]]})
    for column, heading in (("variance_explained", "explains"), ("expected", "by chance")):
        rows[heading] = [_percent(value) for value in asked[column]]
    rows["pvalue"] = asked["pvalue"].to_numpy()
    rows["between groups"] = [_percent(value) for value in asked["r2_group"]]
    rows["explains within groups"] = [_percent(value) for value in asked["within_explained"]]
    rows["by chance, within"] = [_percent(value) for value in asked["within_expected"]]
    rows["within_pvalue"] = asked["within_pvalue"].to_numpy()
    rows["median_abs_rho"] = asked["median_abs_rho"].to_numpy()
    headings = {
        "pvalue": "permutation p",
        "within_pvalue": "permutation p, within",
        "median_abs_rho": "median |rho|",
    }
    caption = "Share of all motifs' variation over samples that a factor explains"
    parts = (
        Text((*said, small)),
        Gallery(tuple(figures)),
        format.table(rows, caption, href=href, headings=headings),
    )
    explained = Badge("motifs may follow technical factors", "fair", "Factors") if warnings(table) else None
    return Section("technical", "Technical factors", parts, badge=explained)


def warnings(table: pd.DataFrame) -> tuple[str, ...]:
    """A sentence for each technical factor that explains clearly more of the z-scores than chance."""
    said = []
    for row in table.itertuples():
        words = f"Caution: {FACTORS.get(row.factor, row.factor)} explains"
        if row.within_pvalue < SURE and row.within_explained > LARGE * row.within_expected:
            said.append(
                f"{words} {_percent(row.within_explained).text} of the variation of motif accessibility "
                f"within groups (chance: {_percent(row.within_expected).text}, permutation p "
                f"{format.number(row.within_pvalue, 'pvalue')}): what varies between replicates may be "
                "technical."
            )
        elif row.pvalue < SURE and row.variance_explained > LARGE * row.expected:
            told = (
                f"but it differs mostly between the groups ({_percent(row.r2_group).text}), so these data "
                "cannot tell whether it follows the biology or makes it"
                if row.r2_group > 0.5
                else "so that part of what varies between samples may be technical"
            )
            said.append(
                f"{words} {_percent(row.variance_explained).text} of the variation of motif accessibility "
                f"over samples (chance: {_percent(row.expected).text}, permutation p "
                f"{format.number(row.pvalue, 'pvalue')}), {told}."
            )
    return tuple(said)


def _percent(share: float) -> Cell:
    return Cell("NA" if pd.isna(share) else f"{100 * share:.0f} %")
