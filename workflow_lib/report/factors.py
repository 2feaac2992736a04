"""Report section on factors: all evidence for each group of like motifs, and where it disagrees."""

from collections.abc import Collection, Mapping

import pandas as pd

from workflow_lib.factors.evidence import OPEN
from workflow_lib.report import answer, format
from workflow_lib.report.content import Cell, Figure, Gallery, Section, Text
from workflow_lib.report.sections import named

N_SHOWN, LEAST = 20, 5
MAIN = {"direction", "padj", "in up peaks", "in down peaks", "chromVAR", "family"}
N_ALIKE = 4  # names of motifs folded into the one shown
CAUTIONS = (
    answer.FAMILY_CAUTION
    + " Motifs too much alike to tell apart share a row. Relatives that are less alike have rows of their "
    "own, so one factor may bring several rows up.",
    "Lines of evidence need not agree. Enrichment asks whether peaks that changed have the motif more often "
    "than like peaks that did not; chromVAR, whether all peaks with the motif change together; footprints, "
    "whether the sites themselves are protected otherwise. Not significant is not unchanged. Enriched, but "
    "chromVAR not significant: some of the motif's peaks change much and most do not move, or there are too "
    "few samples to tell. chromVAR significant, but enrichment not: many small changes that are not "
    "significant one by one. Many factors leave no footprint, and without reads, or with few sites, it is "
    "not tested: that says nothing against them.",
    "A group is tested as one, by all its motifs, and adjusted over groups; the tables of the single tests "
    "adjust over motifs. So a motif may be significant there and its group not, or the reverse: “1 of 5” "
    "counts the group's motifs that are significant in the test's own table. Conflicts are significant "
    "results that contradict each other; what is significant in one line, or for single motifs, but not for "
    "the group in another stands under “not confirmed”.",
    "Flanks of the sites and the factor's own gene are shown, not counted. Flanks follow accessibility, "
    "whatever moves it, and by themselves say little about the motif. The gene helps to choose among the "
    "members of a family, but a factor can change its activity without it.",
)
LINES = (
    ("in up peaks", "up_odds_ratio", "up"),
    ("in down peaks", "down_odds_ratio", "down"),
    ("chromVAR", "chromvar_delta", "chromvar"),
    ("footprint depth", "delta_depth", "depth"),
    ("flanks", "delta_flank", "flank"),
)


def section(
    contrast: str,
    table: pd.DataFrame,
    families: Mapping[str, str],
    logos: Collection[str],
    figure: Figure | None,
    groups: Mapping[str, str],
    alpha: float,
    href: str = "",
) -> Section:
    """The sentence, how it was found, the figure and the leading rows.

    Parameters
    ----------
    contrast : str
    table : DataFrame
        Of :func:`workflow_lib.factors.evidence.rank`.
    families : mapping of motif_id to family
    logos : collection of motif_id
        Motifs whose logos the page can draw.
    figure : Figure or None
        None where it stands elsewhere.
    groups : mapping
        variable, experiment, control.
    alpha : float
    href : str
        Address of the whole table.
    """
    sentence = answer.factors_sentence(table, families, groups, alpha)
    anchor = format.anchor("factors", contrast)
    top = shown(table)
    if top.empty:
        return Section(anchor, "Factors", (Text((sentence,)),))
    caption = (
        f"The {len(top)} leading of {len(table):,} groups of like motifs, by all evidence. Odds ratios, "
        "differences and, in brackets, the group's adjusted p and how many of its motifs are significant by "
        "themselves; effects are those of the motif with the clearest evidence"
    )
    if (top["padj"] == 1).any():
        caption += (
            ". Groups with an adjusted p of 1 and no p below 0.1 begin with those whose odds ratio is left "
            "most open"
        )
    if "reaches_pvalue" in top and not top["reaches_pvalue"].all():
        caption += "; †: too short to reach the p-value, its best word alone is a hit"
    parts = (
        Text((sentence, _formula(top), *CAUTIONS)),
        Gallery(() if figure is None else (figure,)),
        format.table(_rows(top, families, logos), caption, href=href, main=MAIN),
    )
    return Section(anchor, "Factors", parts)


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Rows that the report shows: those of which adjustment leaves something, five to twenty."""
    tested = table.dropna(subset="padj")
    n = int((tested["padj"] < 1).sum())
    return tested.head(min(max(n, LEAST), N_SHOWN))


def _formula(top: pd.DataFrame) -> str:
    """How the p-value came about, of the lines that were tested."""
    footprints = top["depth_padj"].notna().any()
    without = "" if footprints else " Footprints were not tested in this run."
    if "verdict" not in top:
        lines = "enrichment in changed peaks, chromVAR" + (" and depth of footprints" if footprints else "")
        return (
            f"The combined p-value takes {lines} together (Cauchy combination, robust to their "
            "dependence), once for a rise of activity and once for a fall, and doubles the smaller; it is "
            f"adjusted over all groups.{without}"
        )
    depth = " Depth of footprints is a second line, at half weight." if footprints else without
    return (
        "A group is called if its peaks say so (enrichment in changed peaks, the same at a false discovery "
        "rate of 20 %, and the trend along all peaks) and its samples do (the activity of its sites in each "
        f"sample, tested by the design): the larger p counts, adjusted over all groups.{depth} What peaks "
        "call must pass by its own variation between samples too: else it “varies between samples”. Each "
        "group is tested again given the groups that lead: "
        "“explained by” names the one whose sites it shares. “Both directions” says that its peaks open "
        "and close alike."
    )


def _rows(top: pd.DataFrame, families: Mapping[str, str], logos: Collection[str]) -> pd.DataFrame:
    """Cells of the leading rows."""
    rows = pd.DataFrame(index=range(len(top)))
    motifs, names = top["representative"].astype(str).tolist(), top["name"].astype(str).tolist()
    short = ~top["reaches_pvalue"].astype(bool) if "reaches_pvalue" in top else [False] * len(top)
    names = [f"{name}{' †' if mark else ''}" for name, mark in zip(names, short, strict=True)]
    rows["name"] = [named(name, motif, logos) for name, motif in zip(names, motifs, strict=True)]
    rows["motif_id"] = motifs
    rows["direction"] = top["direction"].tolist()
    rows["padj"] = top["padj"].tolist()
    for heading, effect, line in LINES:
        if top[f"{line}_padj"].notna().any():
            name = "odds_ratio" if effect.endswith("odds_ratio") else "delta"
            tested = zip(top[effect], top[f"{line}_padj"], top[f"{line}_motifs"], strict=True)
            rows[heading] = [_tested(*values, name) for values in tested]
    if "activity_padj" in top and top["activity_padj"].notna().any():
        tested = zip(top["activity"], top["activity_padj"], [" of 1"] * len(top), strict=True)
        rows["by sample"] = [_tested(*values, "delta") for values in tested]
    if "verdict" in top:
        rows["verdict"] = top["verdict"].tolist()
    rows["agree"] = top["agreement"].tolist()
    for column, heading in (("conflicts", "conflicts"), ("unconfirmed", "not confirmed")):
        rows[heading] = [text if isinstance(text, str) else "" for text in top[column]]
    if top["log2_limit"].notna().any():
        rows["not excluded"] = [_limit(value) for value in top["log2_limit"]]
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


def _limit(log2: float) -> Cell:
    """`to 2.10`: the largest odds ratio that the data leave open."""
    if pd.isna(log2):
        return Cell("NA")
    words = "any" if log2 >= OPEN else f"to {format.number(2.0**log2, 'odds_ratio')}"
    return Cell(words, order=float(log2))


def _tested(effect: float, padj: float, motifs: str, name: str) -> Cell:
    """`2.13 (1e-05; 3 of 5)`, sorted by the p-value."""
    if pd.isna(padj):
        return Cell("NA")
    several = "" if motifs.endswith(" of 1") else f"; {motifs}"
    words = f"{format.number(effect, name)} ({format.number(padj, 'padj')}{several})"
    return Cell(words, order=float(padj))
