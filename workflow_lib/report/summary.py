"""What a run found, how sure that is and what it cannot tell: six plain sentences at most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from workflow_lib.differential import calibration
from workflow_lib.differential.shift import LOW_JACCARD
from workflow_lib.fragments.quality import LEVELS
from workflow_lib.report.answer import listed, one_a_family

N_CONTRASTS = 4  # of several contrasts, those that a sentence names
N_NAMES = 3  # factors of one direction, own genes, samples


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
        return f"{self.groups['experiment']} against {self.groups['control']}"


def sentences(
    found: Sequence[Found],
    alpha: float,
    min_abs_log2fc: float = 0,
    *,
    quality: pd.DataFrame | None = None,
    cautions: pd.DataFrame | None = None,
    families: Mapping[str, str] | None = None,
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

    Returns
    -------
    tuple of str
        At most six, each one sentence; what the run did not make has none.
    """
    tested = [each.factors.dropna(subset="padj") for each in found if each.factors is not None]
    called = [table[table["padj"] < alpha] for table in tested]
    said = (
        _peaks(found, alpha, min_abs_log2fc),
        _factors(found, tested, called, families or {}),
        _members(called, alpha),
        _reads(quality),
        _lost(cautions),
        _robust(found),
    )
    return tuple(sentence for sentence in said if sentence)


def _several(words: Sequence[str]) -> str:
    """Words on the first contrasts; how many there are beyond."""
    more = len(words) - N_CONTRASTS
    rest = f"; and {more} more contrast{'s' if more > 1 else ''}" if more > 0 else ""
    return "; ".join(words[:N_CONTRASTS]) + rest


def _peaks(found: Sequence[Found], alpha: float, min_abs_log2fc: float) -> str:
    if not found:
        return ""
    beyond = f" and a change of more than {min_abs_log2fc:g} in log₂" if min_abs_log2fc else ""
    level = f" (adjusted p-value below {alpha:g}{beyond})"
    said = _several([f"{each.where}: {_of_peaks(each)}" for each in found])
    return f"{said}{level if any(each.peaks['padj'].notna().any() for each in found) else ''}."


def _of_peaks(each: Found) -> str:
    table = each.peaks
    if table.empty:
        return "there is no peak to test"
    if table["pvalue"].isna().all():
        few = min(each.replicates) < 2
        return "no peak could be tested" + (" without replicates in both groups" if few else "")
    n_up, n_down = (int((table["direction"] == way).sum()) for way in ("up", "down"))
    tested = f"{table['padj'].notna().sum():,} tested peaks"
    if not n_up + n_down:
        return f"none of {tested} differs, which is no proof that all are equal"
    return f"of {tested}, {n_up:,} {'is' if n_up == 1 else 'are'} more open and {n_down:,} less open"


def _factors(
    found: Sequence[Found],
    tested: Sequence[pd.DataFrame],
    called: Sequence[pd.DataFrame],
    families: Mapping[str, str],
) -> str:
    if not tested:
        return ""
    if all(table.empty for table in tested):
        return "No motif could be tested for a change of factors."
    named = [_named(table, families) for table in called]
    if len(found) > 1:
        where = [each.where for each in found if each.factors is not None]
        said = [f"{place}, {words or 'none'}" for place, words in zip(where, named, strict=True)]
        return f"Factors by their motifs, or relatives of theirs: {_several(said)}."
    among = f"{len(tested[0]):,} groups of like motifs"
    if not named[0]:
        return f"None of {among} shows a change of activity, all evidence taken together."
    against = int(called[0]["conflicts"].notna().sum())
    doubt = f", {against:,} on evidence that contradicts itself" if against else ""
    return (
        f"In {found[0].groups['experiment']}, by their motifs, {named[0]}, or relatives of theirs "
        f"({len(called[0]):,} of {among} changed{doubt})."
    )


def _named(called: pd.DataFrame, families: Mapping[str, str]) -> str:
    """`TCF7 is more active and SPI1 is less active`."""
    words = []
    for side, activity in (("up", "more active"), ("down", "less active")):
        motifs = called[called["direction"] == side].rename(columns={"representative": "motif_id"})
        names = one_a_family(motifs, families, N_NAMES)["name"].astype(str).tolist()
        if names:
            words.append(f"{listed(names)} {'is' if len(names) == 1 else 'are'} {activity}")
    return " and ".join(words)


def _members(called: Sequence[pd.DataFrame], alpha: float) -> str:
    """Which member of a family it may be, as far as expression of their genes tells."""
    rows = pd.concat(called) if called else pd.DataFrame()
    if rows.empty:
        return ""
    said = "Motifs of one family look alike, so that the sequence does not tell which member binds"
    known = rows[rows["expression_padj"].notna()]
    if known.empty:
        return f"{said}."
    along = known["expression_log2FC"] * known["direction"].map({"up": 1, "down": -1}) > 0
    genes = known.loc[along & (known["expression_padj"] < alpha), "expression_gene"].drop_duplicates()
    if genes.empty:
        return f"{said}; none of their own genes changes its expression along with its motif."
    return f"{said}; of their own genes {listed(genes.head(N_NAMES).tolist())} {_plural(genes)}."


def _plural(genes: pd.Series) -> str:
    return "changes expression along with its motif" if len(genes) == 1 else "change along with their motifs"


def _reads(quality: pd.DataFrame | None) -> str:
    if quality is None or "verdict" not in quality or not quality["verdict"].isin(LEVELS).any():
        return ""
    numbers = quality["verdict"].value_counts()
    reached = [level for level in LEVELS if level in numbers]
    are = ["is " if numbers[reached[0]] == 1 else "are ", *[""] * (len(reached) - 1)]
    counted = listed([f"{numbers[level]:,} {verb}{level}" for level, verb in zip(reached, are, strict=True)])
    bad = quality.loc[quality["verdict"] == LEVELS[-1], "sample"].astype(str).tolist()
    names = (
        listed([*bad[:N_NAMES], f"{len(bad) - N_NAMES:,} more"] if len(bad) > N_NAMES else bad) if bad else ""
    )
    look = f"; look at {names} before you trust the rest" if bad else ""
    return f"By the worst measure of their reads, of {len(quality):,} samples {counted}{look}."


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
    words = list(dict.fromkeys(each.caution for each in found if each.caution))
    overlaps = pd.concat(methods)["jaccard"].dropna() if methods else pd.Series(dtype=float)
    if len(overlaps) and max(map(len, methods)) > 1:
        lowest = overlaps.min()
        words.append(
            f"the calls depend on the choice of size factors (overlap down to {lowest:.2f})"
            if lowest < LOW_JACCARD
            else f"the calls hardly depend on the choice of size factors (overlap {lowest:.2f} or more)"
        )
    runs = [calibration.summarise(each.nulls).set_index("kind") for each in found if each.nulls is not None]
    permuted = [table.loc[calibration.PERMUTED] for table in runs]
    most = [row["most_significant"] for row in permuted if row["runs"]]
    if most:
        n = int(max(most))
        calls = f"at most {n:,} {'peak is' if n == 1 else 'peaks are'}" if n else "no peak is"
        words.append(f"with labels permuted {calls} called")
    if not words:
        return ""
    said = ", and ".join(words)
    return f"{said[0].upper()}{said[1:]}."
