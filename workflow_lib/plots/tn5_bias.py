"""Figure of what Tn5 prefers around its cuts, and how alike strands and samples are in it."""

import logomaker
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from workflow_lib.plots import style


def draw(logos: pd.DataFrame, sample: str) -> Figure:
    """What Tn5 prefers around its cuts in one sample, on both strands, which mirror each other.

    Parameters
    ----------
    logos : DataFrame
        strand, position, A, C, G, T (log2 of observed over expected), of one sample.
    sample : str
    """
    if logos.empty or not np.isfinite(logos[list("ACGT")].to_numpy(float)).any():
        return style.message(
            f"Tn5 sequence bias of {style.literal(sample)}: there are no cuts to tell it from."
        )
    r = mirrored(logos)
    with style.context():
        figure = style.figure(7.2, 4.2)
        rows = figure.subplots(2, 1, sharex=True, sharey=True)
        for axes, strand, words in zip(rows, "+-", ("plus", "minus"), strict=True):
            own = logos[logos["strand"] == strand].set_index("position")[list("ACGT")].fillna(0.0)
            logomaker.Logo(own, ax=axes, color_scheme=style.BASES, show_spines=False, font_name="DejaVu Sans")
            axes.spines["left"].set_visible(True)
            axes.axhline(0, color="black", linewidth=0.8)
            axes.set_title(f"Cuts of {words}-strand reads", fontsize=10)
        rows[1].set_xticks(range(-10, 11, 5))
        rows[1].set_xlabel("Position from the cut along the genome (bp)")
        figure.supylabel("log₂ of bases observed over expected", fontsize=11)
        figure.suptitle(
            style.literal(f"{sample}: strands mirror each other, r = {r:.3f}"), x=0.01, ha="left", fontsize=12
        )
    return figure


def mirrored(logos: pd.DataFrame) -> float:
    """Correlation of one sample's preferences on the plus strand with the reverse complement of the other."""
    of = {s: logos[logos["strand"] == s].sort_values("position")[list("ACGT")].to_numpy(float) for s in "+-"}
    plus, minus = of["+"].ravel(), of["-"][::-1, ::-1].ravel()
    known = np.isfinite(plus) & np.isfinite(minus)
    if known.sum() < 2 or plus[known].std() == 0 or minus[known].std() == 0:
        return float("nan")
    return float(np.corrcoef(plus[known], minus[known])[0, 1])


def alike(logos: pd.DataFrame) -> pd.DataFrame:
    """How alike the preferences of strands and of samples are.

    Parameters
    ----------
    logos : DataFrame
        sample, strand, position, A, C, G, T.

    Returns
    -------
    DataFrame
        One row a sample, in order: sample; strands (see :func:`mirrored`); others, the correlation with the
        mean of the other samples, NaN for a single one.
    """
    wide = logos.set_index(["sample", "strand", "position"])[list("ACGT")].stack().unstack("sample")
    rows = []
    for sample in dict.fromkeys(logos["sample"]):
        rest = wide.drop(columns=sample, errors="ignore")
        others = wide[sample].corr(rest.mean(axis=1)) if sample in wide and rest.shape[1] else np.nan
        rows.append((sample, mirrored(logos[logos["sample"] == sample]), others))
    return pd.DataFrame(rows, columns=["sample", "strands", "others"])
