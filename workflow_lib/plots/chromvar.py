"""Figures of chromVAR: z-scores of single motifs sample by sample, and technical factors."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from workflow_lib.chromvar.leading import most_variable
from workflow_lib.plots import style

AXES = {
    "log10_depth": "log₁₀ counts in peaks",
    "frip": "Share of cuts in peaks",
    "gc": "Mean GC of counts in peaks",
}
COLUMNS = 4


def samples(zscores: pd.DataFrame, variability: pd.DataFrame, groups: pd.Series, n_top: int = 12) -> Figure:
    """z-scores of the most variable motifs, a panel a motif, a point a sample, side by side by group.

    Parameters
    ----------
    zscores : DataFrame, motifs x samples, indexed by motif_id
    variability : DataFrame
        motif_id, name, variability; where known, n_peaks and cluster: one motif of each is drawn.
    groups : Series indexed by sample
        All samples of the sheet, in its order.
    n_top : int

    Returns
    -------
    Figure
        A bar marks the mean of a group; the line is 0, the background's mean.
    """
    top = most_variable(variability, n_top)
    if top.empty:
        return style.message("z-scores by sample: no motif has z-scores in two samples or more.")
    colours = style.group_colours(groups)
    names = [str(group) for group in groups]
    place = {group: i for i, group in enumerate(colours)}
    rows = -(-len(top) // COLUMNS)
    with style.context():
        figure = style.figure(2.3 * min(len(top), COLUMNS) + 0.8, 1.7 * rows + 0.9)
        panels = figure.subplots(rows, min(len(top), COLUMNS), sharex=True, sharey=True, squeeze=False)
        for axes, motif in zip(panels.flat, top.itertuples(), strict=False):
            z = zscores.loc[motif.motif_id, list(groups.index)].to_numpy(float)
            axes.axhline(0, color=style.GREY, linewidth=0.8, zorder=1)
            for group, colour in colours.items():
                member = np.array([name == group for name in names])
                _strip(axes, place[group], z[member], colour)
            name = motif.motif_id if pd.isna(motif.name) else motif.name
            peaks = f", {motif.n_peaks:,} peaks" if "n_peaks" in top else ""
            axes.set_title(f"{style.literal(name)}{peaks}", fontsize=9.5)
            axes.set_xlim(-0.6, len(colours) - 0.4)
            axes.set_xticks([])
        for axes in panels.flat[len(top) :]:
            axes.set_axis_off()
        figure.supylabel("chromVAR z-score", fontsize=11)
        figure.legend(
            [Line2D([], [], marker="o", linestyle="none", color=colour) for colour in colours.values()],
            [style.literal(f"{name} (n = {names.count(name)})") for name in colours],
            loc="outside lower left",
            ncols=4,
        )
    return figure


def _strip(axes: Axes, centre: float, z: np.ndarray, colour: str) -> None:
    """Samples of one group in the sheet's order, and their mean."""
    x = centre + (np.linspace(-0.25, 0.25, len(z)) if len(z) > 1 else np.zeros(len(z)))
    axes.scatter(x, z, s=24, color=colour, linewidths=0, zorder=3)
    if np.isfinite(z).any():
        axes.hlines(np.nanmean(z), centre - 0.35, centre + 0.35, color=colour, linewidth=1.5, zorder=2)


def technical(samples: pd.DataFrame, factors: pd.DataFrame) -> Figure:
    """The samples' first component of all z-scores against depth, share of reads in peaks and GC content.

    Parameters
    ----------
    samples, factors : DataFrame
        As :func:`workflow_lib.chromvar.technical` gives.

    Returns
    -------
    Figure
        Only factors that are known; each panel says how much of all z-scores' variation its factor explains.
    """
    known = [name for name in factors["factor"] if samples[name].notna().any()]
    if not known or not samples["pc1"].notna().any():
        return style.message("Technical factors: there are no z-scores to compare them with.")
    told = factors.set_index("factor")
    colours = style.group_colours(samples["group"])
    with style.context():
        figure = style.figure(3.1 * len(known) + 0.9, 3.5)
        panels = figure.subplots(1, len(known), sharey=True, squeeze=False)[0]
        for axes, name in zip(panels, known, strict=True):
            for group, colour in colours.items():
                member = samples["group"].astype(str) == group
                axes.scatter(samples.loc[member, name], samples.loc[member, "pc1"], s=34, color=colour)
            axes.axhline(0, color=style.GREY, linewidth=0.8, zorder=0)
            axes.margins(0.12)
            axes.locator_params(axis="x", nbins=4)
            axes.set_xlabel(AXES.get(name, style.literal(name)))
            axes.set_title(_explained(told.loc[name]), fontsize=9)
        share = told["pc1_share"].iloc[0]
        panels[0].set_ylabel(
            "z-scores, first component" + (f" ({100 * share:.0f} %)" if share == share else "")
        )
        figure.legend(
            [Line2D([], [], marker="o", linestyle="none", color=colour) for colour in colours.values()],
            [style.literal(name) for name in colours],
            loc="outside lower left",
            ncols=4,
        )
    return figure


def _explained(row: pd.Series) -> str:
    if pd.isna(row["pvalue"]):
        return f"n = {row['n_samples']:.0f}: too few or too alike"
    return (
        f"explains {100 * row['variance_explained']:.0f} % "
        f"(by chance {100 * row['expected']:.0f} %), p = {row['pvalue']:.2g}"
    )
