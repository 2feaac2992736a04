"""The answer in a few sentences, no stronger than the tables behind it."""

from collections.abc import Mapping, Sequence

import pandas as pd

from workflow_lib.chromvar import MIN_PEAKS
from workflow_lib.motifs.leading import strongest
from workflow_lib.report import directions
from workflow_lib.report.format import number
from workflow_lib.stats.forms import CALLED

FAMILY_CAUTION = (
    "Members of a family bind the same sequence, so a motif stands for its family: "
    "these data cannot say which member acts."
)

MOVES = {
    "any": ("higher in the last level than in the first:", "lower:"),
    "interaction": ("with a positive difference:", "with a negative one:"),
}
"""How accessibility of motifs moves, by kinds of contrasts in which nothing opens or closes."""


def differential_sentence(
    table: pd.DataFrame,
    contrast: Mapping[str, str],
    replicates: Sequence[int],
    alpha: float,
    min_abs_log2fc: float = 0,
) -> str:
    """How many peaks differ, in which direction, out of how many tested.

    Parameters
    ----------
    table : DataFrame
        Differential table: pvalue, padj, direction.
    contrast : mapping
        variable, experiment, control.
    replicates : two int
        Numbers of samples of the experiment and of the control.
    alpha, min_abs_log2fc : float
    """
    where = compared(contrast)
    if table.empty:
        return f"{where}: there is no peak to test."
    if table["pvalue"].isna().all():
        reason = (
            "without replicates in both groups the variation between samples is unknown"
            if min(replicates) < 2
            else "the counts are too low, or the design leaves no sample to estimate the variation from"
        )
        return (
            f"{where} ({replicates[0]} against {replicates[1]} samples): no peak could be tested, since "
            f"{reason}. Fold changes are given without p-values."
        )
    tested = f"{table['padj'].notna().sum():,} regions tested (of {len(table):,})"
    beyond = f", change of more than {min_abs_log2fc:g} in log₂" if min_abs_log2fc else ""
    level = f"(false discovery rate {100 * alpha:g} %{beyond})"
    if not table["direction"].isin(CALLED).any():
        return (
            f"{where}: none of the {tested} changed {level}. "
            "This does not prove that all are equal: small changes need more replicates or reads."
        )
    if contrast.get("kind"):
        return f"{where}: of the {tested}, {changed(table, contrast)} {level}."
    n_up, n_down = (int((table["direction"] == way).sum()) for way in ("up", "down"))
    return (
        f"{where}: {n_up + n_down:,} of the {tested} changed, {n_up:,} opened and {n_down:,} closed {level}."
    )


def compared(contrast: Mapping[str, str]) -> str:
    """What a contrast compares, as the start of a sentence."""
    if not contrast.get("kind"):
        return contrast.get("words") or f"{contrast['experiment']} against {contrast['control']}"
    words = contrast["words"]
    return words[:1].upper() + words[1:]


def changed(table: pd.DataFrame, contrast: Mapping[str, str]) -> str:
    """How many peaks changed, and to which side if the contrast has sides."""
    n_up, n_down, n = (int((table["direction"] == way).sum()) for way in CALLED)
    kind = contrast.get("kind")
    if kind == "any":
        return f"{n:,} {'changes' if n == 1 else 'change'}"
    if kind == "slope":
        return f"{n_up:,} open and {n_down:,} close as {contrast['variable']} rises"
    if kind == "interaction":
        return f"the difference is positive in {n_up:,} and negative in {n_down:,}"
    return f"{n_up:,} {'is' if n_up == 1 else 'are'} more open and {n_down:,} less open"


def enrichment_sentence(
    table: pd.DataFrame, families: Mapping[str, str], direction: str, alpha: float, kind: str = ""
) -> str:
    """The leading motifs among peaks of one direction, at most one of each family.

    Parameters
    ----------
    table : DataFrame
        Enrichment table.
    families : mapping of motif_id to family
        Motifs without one stand for themselves.
    direction : str
        up or down.
    alpha : float
    kind : str
        Of the contrast, as :func:`workflow_lib.stats.forms.named` has it.
    """
    where = f"Motifs in {directions.peaks(direction, kind)}"
    tested = table.dropna(subset="padj")
    if tested.empty:
        missing = "such" if not (table["foreground_size"] > 0).any() else "unchanged"
        return f"{where}: not tested, since there are no {missing} peaks."
    significant = strongest(tested[tested["padj"] < alpha], len(tested))
    if significant.empty:
        return f"{where}: none of {len(tested):,} is significantly enriched."
    named = [_motif(row, families) for row in one_a_family(significant, families, 3).itertuples()]
    number = f"{len(significant):,} of {len(tested):,}"
    if len(significant) == 1:
        return f"{where}: {number} is enriched, {named[0]}."
    return f"{where}: {number} are enriched, led by {listed(named)}."


def variability_sentence(table: pd.DataFrame, families: Mapping[str, str], alpha: float) -> str:
    """The motif whose accessibility varies most between samples."""
    tested = table.dropna(subset="variability")
    if tested.empty:
        return "chromVAR: no motif has z-scores in two samples or more, so variability is unknown."
    top = next(tested.nlargest(1, "variability").itertuples())
    significant = int((tested["padj"] < alpha).sum())
    words = _motif(top, families, with_p=False)
    if not significant:
        return (
            f"chromVAR: no motif's accessibility varies more between samples than chance allows; "
            f"the largest variability is {top.variability:.2g}, of {words}."
        )
    return (
        f"chromVAR: the accessibility of {significant:,} of {len(tested):,} motifs varies more between "
        f"samples than chance allows, most for {words}: variability {top.variability:.3g}, where chance "
        "gives 1."
    )


def deviation_sentence(
    table: pd.DataFrame, families: Mapping[str, str], contrast: Mapping[str, str], alpha: float
) -> str:
    """How many motifs' accessibility differs between the groups beyond comparable peaks, and the strongest.

    Parameters
    ----------
    table : DataFrame
        chromVAR's differences: motif_id, name, delta, padj, joint_pvalue, joint_padj.
    families : mapping of motif_id to family
    contrast : mapping
        variable, experiment, control.
    alpha : float
    """
    where = f"chromVAR, {contrast.get('words') or compared(contrast)}"
    if table["padj"].isna().all():
        return f"{where}: not tested; without replicates there is no variation to test against."
    tested = table.dropna(subset="joint_padj")
    if tested.empty:
        return f"{where}: not tested; no motif has {MIN_PEAKS} peaks."
    alone = int((table["padj"] < alpha).sum())
    rest = f" The t-test without comparable regions would call {alone:,} of {table['padj'].notna().sum():,}."
    significant = strongest(tested[tested["joint_padj"] < alpha], len(tested), by="joint_pvalue")
    among = f"{len(tested):,} motifs in {MIN_PEAKS} peaks or more"
    if significant.empty:
        start = f"{where}: none of {among} changes in accessibility more than comparable regions do."
        return start + (rest if alone else "")
    significant = significant.assign(padj=significant["joint_padj"])
    named = []
    kind = contrast.get("kind") or ""
    for sign, words in zip((1, -1), MOVES.get(kind, ("gaining", "losing")), strict=True):
        side = significant[significant["delta"] * sign > 0]
        if len(side):
            motifs = [_motif(row, families) for row in one_a_family(side, families, 2).itertuples()]
            named.append(f"{words} {listed(motifs)}")
    move = "change" if kind in MOVES else "open or close"
    return (
        f"{where}: regions with {len(significant):,} of {among} {move} together, more than "
        f"comparable regions do: {'; '.join(named)}." + (rest if alone > len(significant) else "")
    )


def factors_sentence(
    table: pd.DataFrame, families: Mapping[str, str], contrast: Mapping[str, str], alpha: float
) -> str:
    """Which factors changed, in one sentence: at most three a direction, at most one of each family.

    Parameters
    ----------
    table : DataFrame
        Of :func:`workflow_lib.factors.evidence.rank`.
    families : mapping of motif_id to family
    contrast : mapping
        variable, experiment, control.
    alpha : float
    """
    families = of_clusters(table, families)
    where = f"Factors, {contrast.get('words') or compared(contrast)}"
    tested = table.dropna(subset="padj")
    if tested.empty:
        return f"{where}: no motif could be tested."
    called = tested[tested["padj"] < alpha].rename(columns={"representative": "motif_id"})
    number = f"of {len(tested):,} clusters of similar motifs"
    if called.empty:
        return f"{where}: none {number} shows a change when all evidence is taken together."
    named = []
    for side, words in (("up", "More active"), ("down", "Less active"), ("changed", "Different")):
        motifs = called[called["direction"] == side]
        if len(motifs):
            first = one_a_family(motifs, families, 3)
            named.append(f"{words}: {listed([_cluster(row, families) for row in first.itertuples()])}")
    doubtful = int(called["conflicts"].notna().sum())
    doubt = f" (lines of evidence contradict each other on {doubtful:,})" if doubtful else ""
    return (
        f"{where}: {len(called):,} {number} changed{doubt}. {'. '.join(named)}. Each name stands for its "
        "family, whose members bind the same sequence."
    )


def of_clusters(table: pd.DataFrame, families: Mapping[str, str]) -> dict[str, str]:
    """Families of motifs, those of the representatives of clusters as the table of clusters has them."""
    if "family" not in table:
        return dict(families)
    key = "motif_id" if "motif_id" in table else "representative"
    own = table.dropna(subset="family").set_index(key)["family"].astype(str)
    return {**families, **own.to_dict()}


def one_a_family(table: pd.DataFrame, families: Mapping[str, str], n: int) -> pd.DataFrame:
    """The first row of each family, at most n rows; a dimer belongs to the families of both halves."""
    seen: set[str] = set()
    first = []
    for motif in table["motif_id"]:
        own = set(families.get(motif, motif).split("; "))
        first.append(not own & seen)
        seen |= own if first[-1] else set()
    return table[pd.Series(first, index=table.index, dtype=bool)].head(n)


def _motif(row, families: Mapping[str, str], with_p: bool = True) -> str:
    """`NAME (ID, family; adjusted p 1e-5)`."""
    name = row.name if isinstance(row.name, str) else row.motif_id
    family = families.get(row.motif_id)
    inside = ", ".join(str(part) for part in (row.motif_id, family) if isinstance(part, str) and part != name)
    if with_p:
        inside = f"{inside}; adjusted p {number(row.padj, 'padj')}"
    return f"{name} ({inside})" if inside else str(name)


def _cluster(row, families: Mapping[str, str]) -> str:
    """`NAME or 4 similar (ID, family; adjusted p 1e-5)`."""
    likely = getattr(row, "likely_members", None)
    n = len(likely.split(", ")) if isinstance(likely, str) else row.n_members
    others = f" or {n - 1:,} similar" if n > 1 else ""
    name, bracket, rest = _motif(row, families).partition(" (")
    return f"{name}{others}{bracket}{rest}"


def listed(words: list[str]) -> str:
    """a; a and b; a, b and c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
