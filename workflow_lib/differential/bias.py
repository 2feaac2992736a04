"""Do samples differ in how counts go with mean or GC content, and do the groups compared?"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from workflow_lib.stats import forms

LARGE = 0.2
"""log2; a smaller difference between the ends of the curves is of no consequence."""
END = 0.25
"""Share of the bins at either end whose mean is taken."""
COVARIATES = {"trended": "mean count", "gc": "GC content"}
OF_REGIONS = {"trended": ("strong", "weak"), "gc": ("GC-rich", "GC-poor")}


def slopes(curves: pd.DataFrame) -> pd.DataFrame:
    """How far each sample's curve rises from its lower to its upper end.

    Parameters
    ----------
    curves : DataFrame
        method, covariate, sample, log2_ratio: of :func:`workflow_lib.differential.offsets.estimate`.

    Returns
    -------
    (n_samples, n_methods) DataFrame
        Mean log2 ratio over the last quarter of the bins minus that over the first.
    """
    found = {}
    for method, table in curves.groupby("method", sort=False):
        table = table.sort_values(["sample", "covariate"], kind="stable")
        # by number: bins of small counts share a covariate
        place = table.groupby("sample").cumcount()
        wide = table.assign(place=place).pivot(index="place", columns="sample", values="log2_ratio")
        n = max(1, round(END * len(wide)))
        found[str(method)] = wide.iloc[-n:].mean() - wide.iloc[:n].mean()
    return pd.DataFrame(found)


def welch(values: Sequence[np.ndarray]) -> tuple[float, float, bool]:
    """Difference of two groups' means, its standard error, and whether it is beyond chance at 5 %.

    With one sample in a group, or two alike, nothing is beyond chance.
    """
    sides = [np.asarray(side, dtype=float) for side in values]
    difference = float(sides[0].mean() - sides[1].mean())
    of_means = [float(side.var(ddof=1)) / len(side) if len(side) > 1 else np.nan for side in sides]
    error = float(np.sqrt(sum(of_means)))
    parts = [variance**2 / max(len(side) - 1, 1) for variance, side in zip(of_means, sides, strict=True)]
    freedom = sum(of_means) ** 2 / sum(parts) if sum(parts) else 1.0
    return difference, error, bool(abs(difference) > stdtrit(freedom, 0.975) * error)


def sides_of(samples: pd.DataFrame, contrast: Mapping) -> list[np.ndarray] | None:
    """Samples of experiment and of control; None for a contrast that does not compare two sets."""
    found = forms.parse(contrast).sides(samples)
    both = [found[side] for side in ("experiment", "control")]
    return both if all(members.any() for members in both) else None


def diagnose(
    curves: pd.DataFrame,
    samples: pd.DataFrame,
    contrast: Mapping,
    stat: pd.Series,
    covariates: Mapping[str, pd.Series],
    used: str,
) -> pd.DataFrame:
    """Whether the groups of a contrast differ in their curves, and the statistic goes with mean or GC.

    Parameters
    ----------
    curves : DataFrame
        Of :func:`workflow_lib.differential.offsets.estimate`.
    samples : DataFrame indexed by sample
    contrast : mapping
    stat : (n_peaks,) Series
        Statistic of the run's own test, NaN where there is none.
    covariates : mapping of method to (n_peaks,) Series
        log mean count (`trended`), GC content (`gc`).
    used : str
        Method of the run's offsets, or `none`.

    Returns
    -------
    DataFrame
        A row for each method: covariate; spearman (of the statistic with it); difference_log2 (experiment
        minus control, of the samples' slopes) and its standard error by the samples within groups; verdict:
        `alike` below `LARGE`, `differ` beyond chance by Welch's t at 5 %, else `uncertain`, `unknown` where
        the contrast does not compare two groups; used (yes, if these offsets were used).
    """
    of_samples = slopes(curves).reindex(samples.index)
    sides = sides_of(samples, contrast)
    rows = []
    for method, values in covariates.items():
        both = stat.notna() & values.notna()
        usable = both.sum() > 2 and stat[both].nunique() > 1 and values[both].nunique() > 1
        row = {
            "covariate": COVARIATES[method],
            "spearman": stat[both].rank().corr(values[both].rank()) if usable else np.nan,
            "difference_log2": np.nan,
            "difference_se": np.nan,
            "verdict": "unknown",
        }
        if sides is not None and method in of_samples:
            difference, error, beyond = welch([of_samples[method][members] for members in sides])
            verdict = "alike" if abs(difference) < LARGE else "differ" if beyond else "uncertain"
            row |= {"difference_log2": difference, "difference_se": error, "verdict": verdict}
        rows.append(row | {"used": "yes" if method == used else "no"})
    return pd.DataFrame(rows, index=pd.Index(covariates, name="method"))


def sentence(found: pd.DataFrame, contrast: Mapping, summary: pd.DataFrame | None = None) -> str:
    """In plain words: do the groups differ in signal-to-noise or in GC bias?

    Parameters
    ----------
    found : DataFrame
        Of :func:`diagnose`.
    contrast : mapping
    summary : DataFrame, optional
        Of :func:`workflow_lib.differential.normalisation.summarise`: how many calls the offsets leave.
    """
    said = []
    experiment, control = forms.parse(contrast).names
    for method, row in found.iterrows():
        if row["verdict"] not in ("differ", "uncertain"):
            continue
        high, low = OF_REGIONS[str(method)]
        gain = (low, high) if row["difference_log2"] < 0 else (high, low)
        size = abs(row["difference_log2"])
        text = (
            f"In {experiment}, {gain[0]} regions are {size:.2f} log₂ higher relative to "
            f"{gain[1]} ones than in {control}"
        )
        if np.isfinite(row["spearman"]):
            text += f" (statistic against {row['covariate']}: Spearman {row['spearman']:+.2f})"
        if row["verdict"] == "uncertain":
            said.append(f"{text}, but samples of one group differ as much, or are too few to tell.")
            continue
        cause = (
            "a different share of background reads"
            if method == "trended"
            else "amplification or sequencing that treats GC differently"
        )
        said.append(f"{text}. This is most often technical: {cause}.")
        if row["used"] == "yes":
            said.append("The offsets of this run take it off.")
        else:
            said.append(f"differential.offsets: {method} would take it off{_left(summary, str(method))}.")
    if said:
        return " ".join(said)
    if (found["verdict"] == "alike").any():
        which = " or ".join(found.loc[found["verdict"] == "alike", "covariate"])
        return f"The groups do not differ in how counts depend on {which}."
    return ""


def _left(summary: pd.DataFrame | None, method: str) -> str:
    """How many regions are called with the offsets instead of how many; empty if not known."""
    if summary is None or method not in set(summary["method"]):
        return ""
    numbers = summary.set_index("method").filter([f"n_{way}" for way in forms.CALLED])
    called = numbers.sum(axis=1).astype(int)
    now = called[summary.loc[summary["chosen"] == "yes", "method"].iloc[0]]
    return f" and call {called[method]:,} regions instead of {now:,}"
