"""Do all peaks shift at once? Reads in peaks against reads outside them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workflow_lib.differential.bias import LARGE, sides_of, welch
from workflow_lib.stats import forms

LARGE_SHIFT = 0.25
"""log2; a difference between normalisations of a fifth."""
OF_BACKGROUND = 0.25
"""Share of the shift that the curves' ends differ by where background reads make it."""
LOW_JACCARD = 0.8


def global_shift(
    size_factors: pd.DataFrame,
    samples: pd.DataFrame,
    contrast: Mapping,
    frip: pd.Series | None = None,
    slopes: pd.Series | None = None,
) -> dict[str, float | str]:
    """Whether reads in peaks and reads outside them tell different stories about depth in the two groups.

    Parameters
    ----------
    size_factors : DataFrame indexed by sample
        With `ratio` (from the peaks) and `library` (from all reads).
    samples : DataFrame indexed by sample
    contrast : mapping
    frip : Series indexed by sample, optional
        Share of insertions in peaks. Without it no reads outside peaks are known, so that `library` is of
        reads in peaks too.
    slopes : Series indexed by sample, optional
        How much higher strong peaks are than weak ones (column `trended` of
        :func:`workflow_lib.differential.bias.slopes`).

    Returns
    -------
    dict
        shift_log2: the difference of the groups' means of log2(ratio / reads outside peaks), so what is added
        to every log2 fold change if depth is taken from outside peaks (without frip: from all reads);
        shift_se: its standard error by the samples within groups (NaN with one in a group); slope_log2: the
        same difference of `slopes`; frip_experiment, frip_control: the groups' mean shares; verdict:
        `unknown` without frip, `alike` where the shift is below `LARGE_SHIFT`, `uncertain` where it is larger
        and no more than samples of one group differ by chance (Welch's t test at 5 %), `background` where
        weak peaks differ from strong ones as more background reads in all of them would make it, else
        `shifted`.

    Notes
    -----
    The median of ratios makes the middle peak not change. If all peaks gain accessibility at once, `ratio`
    takes the gain for depth and hides it. Reads outside peaks do not contain the gain; where one group's
    libraries have more background, they do, and then weak peaks, which are background to a larger part, gain
    more than strong ones. No sequencing data of these libraries can say whether all peaks opened evenly or
    the background fell everywhere and evenly; a spike-in can.
    """
    moved: dict[str, float | str] = {"shift_log2": np.nan, "shift_se": np.nan, "slope_log2": np.nan}
    sides = sides_of(samples, contrast)
    if sides is None:
        return moved | {"frip_experiment": np.nan, "frip_control": np.nan, "verdict": "unknown"}
    depth = size_factors["library"].reindex(samples.index)
    if frip is not None:
        outside = (1 - frip.reindex(samples.index)).clip(lower=1e-6)
        depth = depth * outside
    ratio = np.log2(size_factors["ratio"].reindex(samples.index) / depth)
    shift, error, beyond = welch([ratio[members] for members in sides])
    moved |= {"shift_log2": shift, "shift_se": error}
    tilted = False
    if slopes is not None and slopes.notna().any():
        slope, _, certain = welch([slopes.reindex(samples.index)[members] for members in sides])
        moved["slope_log2"] = slope
        tilted = certain and slope * shift > 0 and abs(slope) >= max(LARGE, OF_BACKGROUND * abs(shift))
    for side, members in zip(("experiment", "control"), sides, strict=True):
        moved[f"frip_{side}"] = np.nan if frip is None else float(frip.reindex(samples.index)[members].mean())
    if frip is None:
        verdict = "unknown"
    elif abs(shift) < LARGE_SHIFT:
        verdict = "alike"
    elif not beyond:
        verdict = "uncertain"
    else:
        verdict = "background" if tilted else "shifted"
    return moved | {"verdict": verdict}


def sentence(
    shift: Mapping[str, float | str], summary: pd.DataFrame, table: pd.DataFrame, contrast: Mapping
) -> str:
    """In plain words: does the choice of size factors matter in this contrast?

    Parameters
    ----------
    shift : mapping
        Of :func:`global_shift`.
    summary, table : DataFrame
        Of :func:`workflow_lib.differential.normalisation.summarise` and `compare`.
    contrast : mapping
    """
    chosen = summary.loc[summary["chosen"] == "yes", "method"].iloc[0]
    others = summary[(summary["chosen"] == "no") & (summary["jaccard"] < LOW_JACCARD)]
    said = _of_shift(shift, contrast, chosen)
    if len(others) and shift["verdict"] not in ("shifted", "background"):
        matters = f"The choice of normalisation matters: {_disagreements(others, chosen)}."
        said = f"{said} {matters}" if shift["verdict"] != "alike" else f"{matters} {said}"
    elif shift["verdict"] == "alike":
        said = f"The choice of normalisation matters little. {said}"
    n_any, n = int((table["n_methods"] > 0).sum()), len(summary)
    if n_any and n > 1:
        either = table["n_methods"] - table["n_up"] - table["n_down"]  # of a test without directions
        n_all = int((np.maximum(np.maximum(table["n_up"], table["n_down"]), either) == n).sum())
        said += f" Of {n_any:,} peaks that any of {n} methods calls, {n_all:,} are called alike by all."
    return said


def _of_shift(shift: Mapping[str, float | str], contrast: Mapping, chosen: str) -> str:
    """What reads outside peaks say."""
    if shift["verdict"] == "unknown":
        return (
            "Whether all peaks shift at once cannot be seen here: reads outside peaks are not known, or no "
            "two groups are compared. Only given factors or a spike-in distinguish a change of all peaks "
            "from depth."
        )
    experiment, control = forms.parse(contrast).names
    size = abs(float(shift["shift_log2"]))
    way = "higher" if float(shift["shift_log2"]) > 0 else "lower"
    frip = f"{100 * float(shift['frip_experiment']):.1f} % against {100 * float(shift['frip_control']):.1f} %"
    measured = (
        f"Measured against reads outside peaks, all peaks together are {size:.2f} log₂ {way} in {experiment} "
        f"than in {control} (cuts in peaks {frip})"
    )
    if shift["verdict"] == "alike":
        return f"{measured}: reads in peaks and outside them agree on depth."
    if shift["verdict"] == "uncertain":
        return (
            f"{measured}, but samples of one group differ as much among themselves, or are too few to tell."
        )
    if shift["verdict"] == "background":
        more, tilt = (control, "strong") if float(shift["shift_log2"]) > 0 else (experiment, "weak")
        return (
            f"{measured}, and {tilt} peaks gain relative to the others. More background reads in {more} do "
            f"this, so it is most likely a difference of signal-to-noise and no change of all regions. This "
            f"run used {chosen}; differential.offsets: trended takes such a difference off. A spike-in would "
            f"decide."
        )
    opened = "opened" if float(shift["shift_log2"]) > 0 else "closed"
    return (
        f"{measured}. Weak and strong peaks do not differ as more background reads would make them. "
        f"Either all regions {opened} at once, or the background "
        f"changed evenly. ratio takes this for depth and hides it, reads outside peaks show it; this run "
        f"used {chosen}. Only a spike-in or knowledge of the samples can decide."
    )


def _disagreements(others: pd.DataFrame, chosen: str) -> str:
    """Jaccard index of each method that is far from the chosen one."""
    told = ", ".join(f"{row.jaccard:.2f} under {row.method}" for row in others.itertuples())
    return f"the Jaccard index of the called peaks with those under {chosen} is {told}"
