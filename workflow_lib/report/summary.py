"""What a run found, how sure that is and what it cannot tell: six plain sentences at most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workflow_lib.differential import calibration
from workflow_lib.differential.shift import LOW_JACCARD
from workflow_lib.fragments.quality import LEVELS
from workflow_lib.report import answer, directions
from workflow_lib.report.answer import listed, one_a_family
from workflow_lib.stats.forms import CALLED

N_CONTRASTS = 4  # up to which each has its own sentence; a table has all
N_NAMES = 3  # factors of one direction, own genes, samples
MEASURES = {
    "frip": "cuts in peaks",
    "tss_enrichment": "TSS enrichment",
    "nrf": "library complexity",
    "pbc1": "library complexity",
    "pbc2": "library complexity",
    "n_fragments": "number of fragments",
}
FEW = 5  # regions that shuffled labels may give in a result that counts as robust


@dataclass(frozen=True)
class Found:
    """What one contrast came to.

    Parameters
    ----------
    groups : mapping
        variable, experiment, control.
    peaks : DataFrame
        Differential table.
    replicates : (int, int)
        Samples of experiment and control.
    factors : DataFrame, optional
        Of :func:`workflow_lib.factors.evidence.rank`.
    methods : DataFrame, optional
        The contrast's rows of normalisation.tsv.
    nulls : DataFrame, optional
        The contrast's rows of calibration.tsv.
    caution : str
        What is to be said of its size factors.
    """

    groups: Mapping[str, str]
    peaks: pd.DataFrame
    replicates: tuple[int, int]
    factors: pd.DataFrame | None = None
    methods: pd.DataFrame | None = None
    nulls: pd.DataFrame | None = None
    caution: str = ""

    @property
    def where(self) -> str:
        return answer.compared(self.groups)


def sentences(
    found: Sequence[Found],
    alpha: float,
    min_abs_log2fc: float = 0,
    *,
    quality: pd.DataFrame | None = None,
    cautions: pd.DataFrame | None = None,
    families: Mapping[str, str] | None = None,
    motifs: pd.DataFrame | None = None,
) -> tuple[str, ...]:
    """Changed peaks, changed factors, what motifs cannot tell, the reads, and how far the calls hold.

    Parameters
    ----------
    found : sequence of Found, one a contrast
    alpha, min_abs_log2fc : float
    quality : DataFrame, optional
        sample, verdict.
    cautions : DataFrame, optional
        sample, caution, share: what is wrong with the reads.
    families : mapping of motif_id to family, optional
    motifs : DataFrame, optional
        n_peaks, a row a motif: how many peaks have it.

    Returns
    -------
    tuple of str
        The answer, line by line. Of several contrasts each has a line of its own for its regions and one for
        its factors. What the run did not make has none.
    """
    tested = [each.factors.dropna(subset="padj") for each in found if each.factors is not None]
    called = [table[table["padj"] < alpha] for table in tested]
    absent = _absent(motifs)
    said = (
        *_peaks(found, alpha, min_abs_log2fc),
        *([absent] if absent else _factors(found, tested, called, families or {})),
        _members(called, alpha),
        _reads(quality),
        _lost(cautions),
        _robust(found),
    )
    return tuple(sentence for sentence in said if sentence)


def _absent(motifs: pd.DataFrame | None) -> str:
    """That no motif of the library occurs anywhere, and why that may be."""
    if motifs is None or not len(motifs) or motifs["n_peaks"].fillna(0).any():
        return ""
    n = len(motifs)
    which = "The one motif" if n == 1 else f"None of the {n:,} motifs"
    return (
        f"{which} of the library occurs in {'no' if n == 1 else 'any'} region, so nothing is known of "
        "factors: are motifs.file and motifs.pvalue right, and is the genome that of the regions?"
    )


def _peaks(found: Sequence[Found], alpha: float, min_abs_log2fc: float) -> list[str]:
    """How many regions changed, a line a contrast; of many contrasts, in how many any did."""
    if not found:
        return []
    beyond = f", change of more than {min_abs_log2fc:g} in log₂" if min_abs_log2fc else ""
    level = f" (false discovery rate {100 * alpha:g} %{beyond})"
    if len(found) > N_CONTRASTS:
        numbers = [int(each.peaks["direction"].isin(CALLED).sum()) for each in found]
        n = sum(number > 0 for number in numbers)
        most = f", the most in {found[int(np.argmax(numbers))].where} ({max(numbers):,})" if n else ""
        return [f"Regions changed in {n} of {len(found)} contrasts{level}{most}."]
    lines = []
    for each in found:  # the level is said once
        tested = each.peaks["padj"].notna().any()
        lines.append(f"{each.where}: {_of_peaks(each)}{level if tested else ''}.")
        level = "" if tested else level
    return lines


def _of_peaks(each: Found) -> str:
    table = each.peaks
    if table.empty:
        return "there is no region to test"
    if table["pvalue"].isna().all():
        few = min(each.replicates) < 2
        return "no region could be tested" + (" without replicates in both groups" if few else "")
    n_up, n_down = (int((table["direction"] == way).sum()) for way in ("up", "down"))
    tested = int(table["padj"].notna().sum())
    if not table["direction"].isin(CALLED).any():
        return f"none of {tested:,} regions tested changed, which does not prove that all are equal"
    if each.groups.get("kind"):
        return f"of {tested:,} regions tested, {answer.changed(table, each.groups)}"
    return f"{n_up + n_down:,} of {tested:,} regions tested changed, {n_up:,} opened and {n_down:,} closed"


def _factors(
    found: Sequence[Found],
    tested: Sequence[pd.DataFrame],
    called: Sequence[pd.DataFrame],
    families: Mapping[str, str],
) -> list[str]:
    """Which motifs the changed regions carry, a line a contrast."""
    if not tested:
        return []
    if all(table.empty for table in tested):
        return ["No motif could be tested for a change of its factor."]
    if len(found) > N_CONTRASTS:
        n = sum(len(table) > 0 for table in called)
        return [f"Factors stand out in {n} of {len(tested)} contrasts."]
    of = [each for each in found if each.factors is not None]
    named = [
        _named(table, families, each.groups.get("kind") or "") for table, each in zip(called, of, strict=True)
    ]
    if len(found) > 1:
        where = [each.where for each in of]
        none = ["no motif could be tested." if one.empty else "no factor stands out." for one in tested]
        said = zip(where, named, none, strict=True)
        return [f"{place}: {_inner(words) if words else no}" for place, words, no in said]
    among = f"{len(tested[0]):,} clusters of similar motifs"
    if called[0].empty:
        return [f"None of {among} stands out, all evidence taken together."]
    against = int(called[0]["conflicts"].notna().sum())
    doubt = f", {against:,} of them on evidence that contradicts itself" if against else ""
    first = "" if _n_named(called[0], families) == len(called[0]) else " Of each family the first is named."
    return [f"{named[0]} {len(called[0]):,} of {among} changed{doubt}.{first}"]


def _inner(words: str) -> str:
    """A sentence behind a colon."""
    return words[:1].lower() + words[1:]


def _leading(called: pd.DataFrame, families: Mapping[str, str], side: str) -> pd.DataFrame:
    """The first clusters of one direction, one of each family."""
    motifs = called[called["direction"] == side].rename(columns={"representative": "motif_id"})
    return one_a_family(motifs, families, N_NAMES)


def _n_named(called: pd.DataFrame, families: Mapping[str, str]) -> int:
    known = answer.of_clusters(called, families)
    return sum(len(_leading(called, known, side)) for side in CALLED)


def _named(called: pd.DataFrame, families: Mapping[str, str], kind: str = "") -> str:
    """`Regions that opened carry the motif of TCF7 (TCF/LEF family).`, and the same of other directions."""
    words, families = [], answer.of_clusters(called, families)
    for side, change in directions.of_kind(kind).items():
        rows = _leading(called, families, side)
        names = []
        for motif, name in zip(rows["motif_id"], rows["name"].astype(str), strict=True):
            family = str(families.get(motif) or "")
            names.append(f"{name} ({family})" if family and family.casefold() != name.casefold() else name)
        if names:
            words.append(f"Regions {change} carry the binding motif of {listed(names)}.")
    return " ".join(words)


def _members(called: Sequence[pd.DataFrame], alpha: float) -> str:
    """Which member of a family it may be, as far as expression of their genes tells."""
    rows = pd.concat(called) if called else pd.DataFrame()
    if rows.empty:
        return ""
    said = "Members of a family bind the same sequence, so the motif alone cannot say which one acts."
    known = rows[rows["expression_padj"].notna() & rows["direction"].isin(["up", "down"])]
    if known.empty:
        return said
    along = known["expression_log2FC"] * known["direction"].map({"up": 1, "down": -1}) > 0
    genes = known.loc[along & (known["expression_padj"] < alpha), "expression_gene"].drop_duplicates()
    if genes.empty:
        return f"{said} None of the genes of these factors changes its expression along with the motif."
    named = listed(genes.head(N_NAMES).tolist())
    changes = (
        "gene {} changes its expression in the same direction as its motif"
        if len(genes) == 1
        else "genes {} change their expression in the same direction as their motifs"
    )
    return f"{said} The {changes.format(named)}."


def _reads(quality: pd.DataFrame | None) -> str:
    if quality is None or "verdict" not in quality or not quality["verdict"].isin(LEVELS).any():
        return ""
    n = len(quality)
    below = [(level, quality[quality["verdict"] == level]) for level in LEVELS[1:]]
    if not any(len(rows) for _, rows in below):
        return f"Data quality is good: all {n:,} samples meet every ENCODE recommendation{_judged(quality)}."
    n_best = int((quality["verdict"] == LEVELS[0]).sum())
    bad = below[-1][1]
    word = "needs a look" if len(bad) else "is good" if n_best >= n / 2 else "is acceptable"
    meet = "meets" if n_best == 1 else "meet"
    recommended = f"every ENCODE recommendation{_judged(quality)}"
    said = f"Data quality {word}: {n_best:,} of {n:,} samples {meet} {recommended}."
    for level, rows in below:
        names = rows["sample"].astype(str).tolist()
        if names:
            named = [*names[:N_NAMES], f"{len(names) - N_NAMES:,} more"] if len(names) > N_NAMES else names
            said += f" {listed(named)} {'is' if len(names) == 1 else 'are'} {level}{_below(rows)}."
    look = f" Look at {'it' if len(bad) == 1 else 'them'} before you trust the rest."
    return said + (look if len(bad) else "")


def _judged(quality: pd.DataFrame) -> str:
    """That not all of the recommendations are for this genome, where it is so."""
    said = quality["verdict_basis"].astype(str) if "verdict_basis" in quality else pd.Series(dtype=str)
    unjudged = said.str.contains("TSS enrichment not judged", regex=False).any()
    return " (but TSS enrichment, which has no bound for this genome)" if unjudged else ""


def _below(rows: pd.DataFrame) -> str:
    """` (library complexity)`: what is below the recommendation in these samples."""
    if "verdict_reasons" not in rows:
        return ""
    reasons = rows["verdict_reasons"].dropna().astype(str).str.split("; ").explode()
    words = [MEASURES[name] for name in reasons.str.split().str[0] if name in MEASURES]
    return f" ({', '.join(dict.fromkeys(words))})" if words else ""


def _lost(cautions: pd.DataFrame | None) -> str:
    """Samples of which many reads are lost."""
    if cautions is None or cautions.empty:
        return ""
    said = []
    for what, rows in cautions.groupby("caution", sort=False):
        names = rows["sample"].astype(str).tolist()
        named = [*names[:N_NAMES], f"{len(names) - N_NAMES:,} more"] if len(names) > N_NAMES else names
        low, high = (f"{100 * share:.0f}" for share in (rows["share"].min(), rows["share"].max()))
        said.append(f"{what} in {listed(named)} ({low if low == high else f'{low} to {high}'} %)")
    return f"Caution: {'; '.join(said)}: the section on the reads names the likely cause and the cure."


def _robust(found: Sequence[Found]) -> str:
    """Whether the calls hold under other size factors, and what permuted labels give."""
    methods = [each.methods for each in found if each.methods is not None]
    words, robust = [], True
    doubts = list(dict.fromkeys(each.caution for each in found if each.caution))
    lowest = [one for one in (table["jaccard"].min() for table in methods) if pd.notna(one)]
    if lowest and max(map(len, methods)) > 1:
        robust = min(lowest) >= LOW_JACCARD
        low, high = (f"{100 * share:.0f}" for share in (min(lowest), max(lowest)))
        by = "" if low == high else f" to {high}"
        others = max(map(len, methods)) - 1
        each_shares = (
            "the other way to normalise shares" if others == 1 else f"{others} other ways to normalise share"
        )
        share = f"{low}{by} %{' or more' if others > 1 else ''}"
        words.append(
            f"{each_shares} {share} of the changed regions with the one used"
            + (", depending on the contrast" if by else "")
            + ("" if robust else ", so the result depends on that choice")
        )
    runs = [calibration.summarise(each.nulls).set_index("kind") for each in found if each.nulls is not None]
    permuted = [table.loc[calibration.PERMUTED] for table in runs]
    most = [row["most_significant"] for row in permuted if row["runs"]]
    if most:
        n = int(max(most))
        none = f"at most {n:,} changed region{'s' if n > 1 else ''}" if n else "no changed region"
        drawn = int(max(row["n_tested"] for row in permuted if row["runs"]))
        part = any(
            table.loc[calibration.OBSERVED, "n_tested"] < 0.9 * each.peaks["pvalue"].notna().sum()
            for table, each in zip(runs, (each for each in found if each.nulls is not None), strict=True)
        )
        words.append(f"shuffled sample labels give {none}" + (f" among {drawn:,} drawn" if part else ""))
    said = [f"{doubt[0].upper()}{doubt[1:].rstrip('.')}." for doubt in doubts]
    if words:
        robust = robust and not doubts and (not most or max(most) <= FEW)
        if robust:
            said.append(f"The result is robust: {', and '.join(words)}.")
        else:
            said += [f"{one[0].upper()}{one[1:]}." for one in words]
    return " ".join(said)
