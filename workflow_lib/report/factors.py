"""Report section on factors: all evidence for each group of like motifs, and where it disagrees."""

from collections.abc import Mapping

import pandas as pd

from workflow_lib.report import answer, format
from workflow_lib.report.content import Cell, Figure, Gallery, Section, Text

N_SHOWN, LEAST = 20, 10
N_ALIKE = 4  # names of motifs folded into the one shown
CAUTIONS = (
    answer.FAMILY_CAUTION
    + " Motifs too much alike to tell apart share a row. Relatives that are less alike have rows of their "
    "own, so one factor may bring several rows up.",
    "Lines of evidence need not agree. Enrichment asks whether peaks that changed have the motif more often "
    "than like peaks that did not; chromVAR, whether all peaks with the motif change together; footprints, "
    "whether the sites themselves are protected otherwise. Enriched, but chromVAR unchanged: some of the "
    "motif's peaks change much and most do not move, or there are too few samples to tell. chromVAR changed, "
    "but not enriched: many small changes that are not significant one by one. Many factors leave no "
    "footprint, and without reads, or with few sites, it is not tested: that says nothing against them.",
    "Flanks of the sites and the factor's own gene are shown, not counted. Flanks follow accessibility, "
    "whatever moves it, and by themselves say little about the motif. The gene helps to choose among the "
    "members of a family, but a factor can change its activity without it.",
)
LINES = (
    ("in up peaks", "up_odds_ratio", "up_padj"),
    ("in down peaks", "down_odds_ratio", "down_padj"),
    ("chromVAR", "chromvar_delta", "chromvar_padj"),
    ("footprint depth", "delta_depth", "depth_padj"),
    ("flanks", "delta_flank", "flank_padj"),
)


def section(
    contrast: str,
    table: pd.DataFrame,
    families: Mapping[str, str],
    logos: Mapping[str, str],
    figure: Figure,
    groups: Mapping[str, str],
    alpha: float,
    href: str = "",
) -> Section:
    """The sentence, how it was found, the figure and the leading rows.

    Parameters
    ----------
    contrast : str
    table : DataFrame
        Of :func:`workflow_lib.factors.rank`.
    families : mapping of motif_id to family
    logos : mapping of motif_id to data address
    figure : Figure
    groups : mapping
        variable, experiment, control.
    alpha : float
    href : str
        Address of the whole table.
    """
    sentence = answer.factors_sentence(table, families, groups, alpha)
    anchor = "factors-" + "".join(letter if letter.isalnum() else "-" for letter in contrast)
    top = shown(table, alpha)
    if top.empty:
        return Section(anchor, "Factors", (Text((sentence,)),))
    caption = (
        f"The {len(top)} leading of {len(table):,} groups of like motifs, by all evidence. Odds ratios, "
        "differences and, in brackets, adjusted p; of a group the motif with the clearest evidence is shown"
    )
    if "reaches_pvalue" in top and not top["reaches_pvalue"].all():
        caption += "; †: too short to reach the p-value, its best word alone is a hit"
    parts = (
        Text((sentence, _formula(top), *CAUTIONS)),
        Gallery((figure,)),
        format.table(_rows(top, families, logos), caption, href=href),
    )
    return Section(anchor, "Factors", parts)


def shown(table: pd.DataFrame, alpha: float) -> pd.DataFrame:
    """Rows that the report shows: the significant ones, at least ten and at most twenty."""
    tested = table.dropna(subset="padj")
    n = int((tested["padj"] < alpha).sum())
    return tested.head(min(max(n, LEAST), N_SHOWN))


def _formula(top: pd.DataFrame) -> str:
    """How the p-value came about, of the lines that were tested."""
    footprints = top["depth_padj"].notna().any()
    lines = "enrichment in changed peaks, chromVAR" + (" and depth of footprints" if footprints else "")
    without = "" if footprints else " Footprints were not tested in this run."
    return (
        f"The combined p-value takes {lines} together (Cauchy combination, robust to their dependence), once "
        "for a rise of activity and once for a fall, and doubles the smaller; it is adjusted over all groups."
        f"{without}"
    )


def _rows(top: pd.DataFrame, families: Mapping[str, str], logos: Mapping[str, str]) -> pd.DataFrame:
    """Cells of the leading rows."""
    rows = pd.DataFrame(index=range(len(top)))
    motifs, names = top["representative"].astype(str).tolist(), top["name"].astype(str).tolist()
    if any(motif in logos for motif in motifs):
        rows["logo"] = [
            Cell("", image=logos[motif], alt=f"Sequence logo of {name}") if motif in logos else Cell("")
            for motif, name in zip(motifs, names, strict=True)
        ]
    short = ~top["reaches_pvalue"].astype(bool) if "reaches_pvalue" in top else [False] * len(top)
    rows["motif_id"] = motifs
    rows["name"] = [f"{name}{' †' if mark else ''}" for name, mark in zip(names, short, strict=True)]
    rows["direction"] = top["direction"].tolist()
    rows["padj"] = top["padj"].tolist()
    for heading, effect, padj in LINES:
        if top[padj].notna().any():
            name = "odds_ratio" if effect.endswith("odds_ratio") else "delta"
            rows[heading] = [_tested(value, p, name) for value, p in zip(top[effect], top[padj], strict=True)]
    rows["agree"] = top["agreement"].tolist()
    rows["conflicts"] = [text if isinstance(text, str) else "" for text in top["conflicts"]]
    rows["alike"] = [_alike(row.name, row.members, row.n_members) for row in _tuples(top)]
    known = [families.get(motif) for motif in motifs]
    if any(known):
        rows["family"] = [family or "NA" for family in known]
    for prefix, heading in (
        ("promoter", "promoters of its genes"),
        ("expression", "expression of its genes"),
    ):
        if top[f"{prefix}_genes"].notna().any():
            rows[heading] = [text if isinstance(text, str) else "NA" for text in top[f"{prefix}_genes"]]
    return rows


def _tuples(top: pd.DataFrame):
    return top[["name", "members", "n_members"]].itertuples(index=False)


def _alike(name: str, members: str, n_members: int) -> str:
    """`and 4 alike: Lef1, TCF7L1, …`"""
    if n_members < 2:
        return ""
    others = [other for other in str(members).split(", ") if other != name]
    named = ", ".join(others[:N_ALIKE]) + (", …" if others[N_ALIKE:] else "")
    return f"and {n_members - 1} alike" + (f": {named}" if named else "")


def _tested(effect: float, padj: float, name: str) -> Cell:
    """`2.13 (1e-05)`, sorted by the p-value."""
    if pd.isna(padj):
        return Cell("NA")
    return Cell(f"{format.number(effect, name)} ({format.number(padj, 'padj')})", order=float(padj))
