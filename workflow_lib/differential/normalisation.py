"""How the choice of size factors changes the answer, and whether all peaks shift at once."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.stats import spearmanr, t

from workflow_lib import differential, logs
from workflow_lib.stats import levels

KEPT = ("baseMean", "log2FoldChange", "stat", "direction")
LARGE_SHIFT = 0.25
"""log2; a difference between normalisations of a fifth."""
LOW_JACCARD = 0.8


def compare(
    counts: pd.DataFrame,
    samples: pd.DataFrame,
    design: str,
    contrast: Mapping[str, str],
    size_factors: pd.DataFrame,
    *,
    alpha: float = 0.05,
    min_abs_log2fc: float = 0.0,
    min_count: int = 0,
) -> pd.DataFrame:
    """Test one contrast under each set of size factors.

    Parameters
    ----------
    counts : (n_peaks, n_samples) DataFrame of non-negative integers
    samples, design, contrast, alpha, min_abs_log2fc, min_count
        As :func:`workflow_lib.differential.test` takes them.
    size_factors : (n_samples, n_methods) DataFrame
        A column a method; a column `used` is passed over, being one of the others again.

    Returns
    -------
    (n_peaks, ...) DataFrame
        peak; n_up and n_down, how many methods call it so; n_methods, their sum; then for each method
        {method}.baseMean, {method}.log2FoldChange, {method}.stat and {method}.direction.
    """
    columns: dict[str, np.ndarray] = {}
    others = size_factors.columns.drop("used", errors="ignore")
    for method in logs.counted(others, "normalisations tested"):
        result = differential.test(
            counts,
            samples,
            design,
            contrast,
            size_factors=size_factors[method],
            alpha=alpha,
            min_abs_log2fc=min_abs_log2fc,
            min_count=min_count,
            shrink=False,
        )
        columns |= {f"{method}.{name}": result[name].to_numpy() for name in KEPT}
    table = pd.DataFrame(columns, index=pd.RangeIndex(len(counts)))
    directions = table[[name for name in table if name.endswith(".direction")]]
    called = {f"n_{way}": (directions == way).sum(axis=1) for way in ("up", "down")}
    front = pd.DataFrame({"peak": counts.index, **called, "n_methods": called["n_up"] + called["n_down"]})
    return pd.concat([front, table], axis=1)


def methods(table: pd.DataFrame) -> list[str]:
    """The methods that a table of :func:`compare` holds, in its order."""
    return [name.removesuffix(".direction") for name in table if name.endswith(".direction")]


def summarise(table: pd.DataFrame, size_factors: pd.DataFrame, chosen: str) -> pd.DataFrame:
    """One row a method: what it calls, and how well it agrees with the chosen one.

    Parameters
    ----------
    table : DataFrame
        Of :func:`compare`.
    size_factors : (n_samples, n_methods) DataFrame
    chosen : str
        The method that the run used.

    Returns
    -------
    DataFrame
        method, chosen (yes or no), n_tested, n_up, n_down, jaccard (of the called peaks with their direction,
        with those of the chosen method; NA if neither calls any), rank_correlation (Spearman, of the Wald
        statistic with the chosen one's; NA if nothing was tested), median_log2fc (of the tested peaks),
        min_size_factor, max_size_factor.
    """
    rows = []
    reference = table[f"{chosen}.direction"]
    for method in methods(table):
        direction, stat = table[f"{method}.direction"], table[f"{method}.stat"]
        called, expected = direction.isin(["up", "down"]), reference.isin(["up", "down"])
        shared = int((called & (direction == reference)).sum())
        union = int(called.sum() + expected.sum()) - shared
        both = stat.notna() & table[f"{chosen}.stat"].notna()
        varies = both.sum() > 2 and stat[both].nunique() > 1
        rows.append(
            {
                "method": method,
                "chosen": "yes" if method == chosen else "no",
                "n_tested": int((direction != "untested").sum()),
                "n_up": int((direction == "up").sum()),
                "n_down": int((direction == "down").sum()),
                "jaccard": shared / union if union else np.nan,
                "rank_correlation": (
                    float(spearmanr(stat[both], table[f"{chosen}.stat"][both]).statistic)
                    if varies
                    else np.nan
                ),
                "median_log2fc": table[f"{method}.log2FoldChange"][stat.notna()].median(),
                "min_size_factor": size_factors[method].min(),
                "max_size_factor": size_factors[method].max(),
            }
        )
    return pd.DataFrame(rows)


def global_shift(
    size_factors: pd.DataFrame,
    samples: pd.DataFrame,
    contrast: Mapping[str, str],
    frip: pd.Series | None = None,
) -> dict[str, float | str]:
    """Whether reads in peaks and reads in all tell different stories about depth in the two groups.

    Parameters
    ----------
    size_factors : DataFrame indexed by sample
        With `ratio` (from the peaks) and `library` (from all reads).
    samples : DataFrame indexed by sample
    contrast : mapping
        variable, experiment, control.
    frip : Series indexed by sample, optional
        Share of insertions in peaks. Without it no reads outside peaks are known, so that `library` is of
        reads in peaks too.

    Returns
    -------
    dict
        shift_log2: what is added to every log2 fold change if `library` takes the place of `ratio`, the
        difference of the groups' means of log2(ratio / library); shift_se: its standard error by the samples
        within groups (NaN with one in a group); frip_experiment, frip_control: the groups' mean shares;
        verdict: `unknown` without frip, `alike` where the shift is below `LARGE_SHIFT`, `uncertain` where it
        is larger and no more than samples of one group differ by chance (Welch's t test at 5 %), else
        `shifted`.

    Notes
    -----
    The median of ratios makes the middle peak not change. If all peaks gain accessibility at once, `ratio`
    takes the gain for depth and hides it; if one group's libraries merely have more background, `library`
    makes a loss of it. The numbers cannot say which; a spike-in can.
    """
    members = levels.sides(samples, contrast)
    ratio = np.log2(size_factors["ratio"] / size_factors["library"]).reindex(samples.index)
    sides = [ratio[chosen] for chosen in members.values()]
    shift = float(sides[0].mean() - sides[1].mean())
    of_means = [side.var(ddof=1) / len(side) for side in sides]
    error = float(np.sqrt(sum(of_means)))
    found: dict[str, float | str] = {"shift_log2": shift, "shift_se": error}
    for side, chosen in members.items():
        found[f"frip_{side}"] = np.nan if frip is None else float(frip.reindex(samples.index)[chosen].mean())
    if frip is None:
        verdict = "unknown"
    elif abs(shift) < LARGE_SHIFT:
        verdict = "alike"
    else:
        freedom = _welch_freedom(of_means, [len(side) for side in sides])
        verdict = "shifted" if abs(shift) > t.ppf(0.975, freedom) * error else "uncertain"
    return found | {"verdict": verdict}


def _welch_freedom(variances: Sequence[float], sizes: Sequence[int]) -> float:
    """Satterthwaite's degrees of freedom of a difference of means with these variances; at least 1.

    NaN, for which no difference is beyond chance, with one sample in a group.
    """
    parts = [variance**2 / max(n - 1, 1) for variance, n in zip(variances, sizes, strict=True)]
    return sum(variances) ** 2 / sum(parts) if sum(parts) else 1.0


def sentence(
    shift: Mapping[str, float | str],
    summary: pd.DataFrame,
    table: pd.DataFrame,
    contrast: Mapping[str, str],
) -> str:
    """In plain words: does the choice of size factors matter in this contrast?

    Parameters
    ----------
    shift : mapping
        Of :func:`global_shift`.
    summary, table : DataFrame
        Of :func:`summarise` and :func:`compare`.
    contrast : mapping
    """
    chosen = summary.loc[summary["chosen"] == "yes", "method"].iloc[0]
    against = f"{contrast['experiment']} / {contrast['control']}"
    size = abs(float(shift["shift_log2"]))
    higher = "higher" if float(shift["shift_log2"]) > 0 else "lower"
    frip = f"{100 * float(shift['frip_experiment']):.1f} % against {100 * float(shift['frip_control']):.1f} %"
    others = summary[(summary["chosen"] == "no") & (summary["jaccard"] < LOW_JACCARD)]
    if shift["verdict"] == "unknown":
        said = (
            "Whether all peaks shift at once cannot be seen here: reads outside peaks are not known, so "
            "every method but given factors or a spike-in takes a change of all peaks for depth."
        )
        if len(others):
            said += f" The choice of size factors matters: {_disagreements(others, chosen)}."
    elif shift["verdict"] == "shifted":
        said = (
            f"The choice of size factors matters: depth by all reads and depth by peaks differ by group, so "
            f"that every fold change ({against}) is {size:.2f} {higher} in log₂ under library than under "
            f"ratio (cuts in peaks {frip}). ratio takes this for technical, library for a change of all "
            f"peaks at once; this run used {chosen}. Only a spike-in or knowledge of the samples can decide."
        )
    elif shift["verdict"] == "uncertain":
        said = (
            f"Fold changes ({against}) would be {size:.2f} {higher} in log₂ under library than under ratio, "
            f"but samples of one group differ as much among themselves, or are too few to tell (cuts in "
            f"peaks {frip})."
        )
        if len(others):
            said += f" The called peaks depend on the choice: {_disagreements(others, chosen)}."
    elif len(others):
        said = (
            "The choice of size factors matters for some peaks, although depth by all reads and depth by "
            f"peaks agree between groups (fold changes {size:.2f} {higher} in log₂ under library, cuts in "
            f"peaks {frip}): {_disagreements(others, chosen)}."
        )
    else:
        said = (
            "The choice of size factors matters little: depth by all reads and depth by peaks agree between "
            f"groups (fold changes {size:.2f} {higher} in log₂ under library than under ratio, cuts in peaks "
            f"{frip})."
        )
    n_any, n = int((table["n_methods"] > 0).sum()), len(summary)
    if n_any and n > 1:
        n_all = int((np.maximum(table["n_up"], table["n_down"]) == n).sum())
        said += f" Of {n_any:,} peaks that any of {n} methods calls, {n_all:,} are called alike by all."
    return said


def _disagreements(others: pd.DataFrame, chosen: str) -> str:
    """Jaccard index of each method that is far from the chosen one."""
    told = ", ".join(f"{row.jaccard:.2f} under {row.method}" for row in others.itertuples())
    return f"the Jaccard index of the called peaks with those under {chosen} is {told}"
