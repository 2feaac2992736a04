"""Figures of what was assumed: fold changes under each normalisation, and p-values where nothing differs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from workflow_lib.differential.calibration import OBSERVED, PERMUTED, SPLIT
from workflow_lib.plots import style
from workflow_lib.stats.forms import CALLED

AXES = {"trended": "log₂ mean normalised count", "gc": "GC content"}
WORDS = {OBSERVED: "true labels", PERMUTED: "permuted labels", SPLIT: "groups split in halves"}


def ma_panels(
    table: pd.DataFrame, methods: Sequence[str], chosen: str, experiment: str, control: str
) -> Figure:
    """One MA plot a method of size factors, side by side on the same axes.

    Parameters
    ----------
    table : DataFrame
        For each method the columns {method}.baseMean, {method}.log2FoldChange and {method}.direction.
    methods : sequence of str
        In the order of the panels.
    chosen : str
        The method that the run used; marked.
    experiment, control : str
        Names of the two groups.

    Returns
    -------
    Figure
        The dashed green line is the median fold change of the tested peaks. Points beyond the axes lie at
        their edge; more than 5,000 points are rasterised.
    """
    folds = table[[f"{method}.log2FoldChange" for method in methods]].to_numpy(float)
    means = table[[f"{method}.baseMean" for method in methods]].to_numpy(float)
    drawn = np.isfinite(folds) & (means > 0)
    if not drawn.any():
        return style.message("MA plots by normalisation: no peak has a fold change.")
    directions = table[[f"{method}.direction" for method in methods]].to_numpy(dtype=object)
    tested = drawn & (directions != "untested")
    reach = np.abs(folds[tested] if tested.any() else folds[drawn])
    limit = max(1.0, 1.15 * float(np.quantile(reach, 0.999)))
    across = min(3, len(methods))
    down = -(-len(methods) // across)
    with style.context():
        figure = style.figure(3.0 * across + 0.6, 2.9 * down + 0.3)
        grid = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False).ravel()
        for axes, method, fold, mean, direction, shown in zip(
            grid, methods, folds.T, means.T, directions.T, drawn.T, strict=False
        ):
            axes.set_xscale("log")
            axes.set_ylim(-limit, limit)
            for layer in ("untested", "none", "down", "up", "changed"):
                at = shown & (direction == layer)
                called = layer in CALLED
                axes.scatter(
                    mean[at],
                    np.clip(fold[at], -limit, limit),
                    s=5 if called else 3,
                    color=style.DIRECTION[layer],
                    alpha=0.7 if called else 0.35,
                    linewidths=0,
                    rasterized=len(table) * len(methods) > style.MOST_POINTS,
                )
            axes.axhline(0, color="black", linewidth=0.8)
            usable = shown & (direction != "untested")
            middle = float(np.median(fold[usable if usable.any() else shown])) if shown.any() else 0.0
            axes.axhline(middle, color=style.OKABE_ITO["green"], linewidth=1.2, linestyle="--")
            ways = ("changed",) if (direction == "changed").any() else ("up", "down")
            numbers = " ".join(f"{(direction == way).sum():,} {way}" for way in ways)
            star = " (used)" if method == chosen else ""
            axes.set_title(f"{method}{star}\n{numbers}", fontsize=10)
            axes.xaxis.set_major_formatter(FuncFormatter(style.plain_number))
        for axes in grid[len(methods) :]:
            axes.set_visible(False)
        figure.supxlabel("Mean normalised count", fontsize=11)
        figure.supylabel(style.literal(style.fold_axis(f"{experiment} / {control}")), fontsize=11)
    return figure


def curves(found: pd.DataFrame, groups: pd.Series) -> Figure:
    """Each sample's counts relative to all samples, along mean count and along GC content.

    Parameters
    ----------
    found : DataFrame
        method, covariate, sample, log2_ratio: of :func:`workflow_lib.differential.offsets.estimate`.
    groups : Series indexed by sample
    """
    methods = [method for method in AXES if (found["method"] == method).any()]
    if not methods:
        return style.message("Counts by mean and GC: too few peaks for a curve.")
    colours = style.group_colours(groups)
    limit = max(0.5, 1.1 * float(found["log2_ratio"].abs().max()))
    with style.context():
        figure = style.figure(3.6 * len(methods) + 1.6, 3.2)
        grid = figure.subplots(1, len(methods), sharey=True, squeeze=False).ravel()
        for axes, method in zip(grid, methods, strict=True):
            own = found[found["method"] == method]
            for sample, table in own.groupby("sample", sort=False):
                axes.plot(
                    table["covariate"],
                    table["log2_ratio"],
                    color=colours[groups[sample]],
                    linewidth=1.2,
                    alpha=0.8,
                )
            axes.axhline(0, color="black", linewidth=0.8)
            axes.set_ylim(-limit, limit)
            axes.set_xlabel(AXES[method])
        grid[0].set_ylabel("log₂ ratio to the mean of all samples")
        handles = [Line2D([], [], color=colours[group], label=style.literal(group)) for group in colours]
        grid[-1].legend(handles=handles, title="group", loc="center left", bbox_to_anchor=(1.02, 0.5))
    return figure


def calibration(histograms: pd.DataFrame) -> Figure:
    """p-values where nothing differs, against the flat line that they should follow.

    Parameters
    ----------
    histograms : DataFrame
        kind, run, start, n: of :func:`workflow_lib.differential.calibration.calibrate`.

    Returns
    -------
    Figure
        One panel a kind of null: the share of p-values in each bin, over that of uniform ones; a thin line a
        run, a thick one their mean. The true labels are not shown.
    """
    kinds = [kind for kind in (PERMUTED, SPLIT) if (histograms["kind"] == kind).any()]
    if not kinds:
        return style.message("Calibration: there is no other way to label these samples.")
    with style.context():
        figure = style.figure(max(5.6, 3.6 * len(kinds) + 0.6), 3.2)
        grid = figure.subplots(1, len(kinds), sharey=True, squeeze=False).ravel()
        top = 1.5
        for axes, kind in zip(grid, kinds, strict=True):
            runs = histograms[histograms["kind"] == kind].pivot(index="start", columns="run", values="n")
            density = runs / runs.sum().where(runs.sum() > 0) * len(runs)
            edges = np.append(runs.index.to_numpy(float), 1.0)
            for run in density:
                axes.stairs(density[run], edges, color=style.OKABE_ITO["sky"], linewidth=0.6, alpha=0.6)
            axes.stairs(density.mean(axis=1), edges, color=style.OKABE_ITO["blue"], linewidth=2)
            axes.axhline(1, color="black", linewidth=1, linestyle="--")
            axes.set_xlim(0, 1)
            n = runs.shape[1]
            axes.set_title(f"{WORDS[kind]}\nn = {n} labelling{'' if n == 1 else 's'}", fontsize=10)
            axes.set_xlabel("p-value (unadjusted)")
            top = max(top, 1.1 * float(np.nan_to_num(density.to_numpy(float)).max()))
        grid[0].set_ylim(0, top)
        grid[0].set_ylabel("Density (uniform: 1)")
    return figure
