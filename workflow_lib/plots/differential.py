"""Figures of one contrast's differential peaks: MA, volcano and p-value histogram."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from workflow_lib.plots import labels, style

# Drawn in this order, so that the peaks that matter lie on top.
LAYERS = ("untested", "none", "down", "up")
SMALLEST_PVALUE = 1e-300


def ma(table: pd.DataFrame, alpha: float, experiment: str, control: str) -> Figure:
    """Fold change against mean accessibility, one point a peak.

    Parameters
    ----------
    table : DataFrame
        A differential table: columns baseMean, log2FoldChange (experiment over control), direction.
    alpha : float
        Level of the adjusted p-value at which directions were called; stated in the figure.
    experiment, control : str
        Names of the two groups.

    Returns
    -------
    Figure
        Fold changes beyond the 99.9th percentile of the tested peaks' sizes are drawn as triangles at the
        edge. The point layer is rasterised, the rest is vector.
    """
    drawn = table[np.isfinite(table["log2FoldChange"]) & (table["baseMean"] > 0)]
    if drawn.empty:
        return style.message("MA plot: no peak has a fold change.")
    with style.context():
        figure = style.figure(5.6, 4.2)
        axes = figure.subplots()
        fold = drawn["log2FoldChange"].to_numpy()
        called = drawn["direction"].isin(["up", "down", "none"]).to_numpy()
        reach = np.abs(fold[called] if called.any() else fold)
        limit = max(1.0, 1.15 * float(np.quantile(reach, 0.999)))
        axes.set_xscale("log")
        axes.set_ylim(-limit, limit)
        _points(axes, drawn["baseMean"].to_numpy(), fold, drawn["direction"])
        axes.axhline(0, color="black", linewidth=0.8)
        axes.xaxis.set_major_formatter(FuncFormatter(style.plain_number))
        axes.set_xlabel("Mean normalised count")
        axes.set_ylabel(style.literal(f"log₂ fold change, {experiment} / {control}"))
        _legend(figure, table, alpha)
    return figure


def volcano(table: pd.DataFrame, alpha: float, experiment: str, control: str, *, n_labels: int = 8) -> Figure:
    """Evidence against fold change, one point a peak, with the strongest peaks of each direction named.

    The height is -log10 of the unadjusted p-value, which orders peaks without the ties of adjusted ones;
    the dashed line is the largest p-value that is significant after adjustment.

    Parameters
    ----------
    table : DataFrame
        A differential table: peak, log2FoldChange, pvalue, padj, direction and, if annotated, gene_name.
    alpha : float
        Level of the adjusted p-value.
    experiment, control : str
        Names of the two groups.
    n_labels : int
        Most names in each direction. Peaks are named by their nearest gene, else by position; a gene
        is named once in each direction.

    Returns
    -------
    Figure
    """
    drawn = table[np.isfinite(table["log2FoldChange"]) & np.isfinite(table["pvalue"])]
    if drawn.empty:
        return style.message("Volcano plot: no peak was tested.")
    with style.context():
        figure = style.figure(5.6, 4.2)
        axes = figure.subplots()
        fold = drawn["log2FoldChange"].to_numpy()
        height = -np.log10(np.maximum(drawn["pvalue"].to_numpy(), SMALLEST_PVALUE))
        limit = max(1.0, 1.15 * float(np.quantile(np.abs(fold), 0.9995)))
        top = max(2.0, 1.1 * float(height.max()))
        axes.set_xlim(-limit, limit)
        axes.set_ylim(0, top)
        _points(axes, fold, height, drawn["direction"])
        significant = drawn["direction"].isin(["up", "down"]).to_numpy()
        if significant.any():
            level = float(height[significant].min())
            axes.axhline(level, color="black", linewidth=0.8, linestyle="--")
        axes.axvline(0, color="black", linewidth=0.8)
        axes.set_xlabel(style.literal(f"log₂ fold change, {experiment} / {control}"))
        axes.set_ylabel("\N{MINUS SIGN}log₁₀ p-value")
        _legend(figure, table, alpha)
        chosen, names = _strongest(drawn, n_labels)
        labels.place(axes, np.clip(fold[chosen], -limit, limit), height[chosen], names)
    return figure


def pvalue_histogram(table: pd.DataFrame, bins: int = 40) -> Figure:
    """Histogram of all p-values: flat where nothing changed, with a peak at 0 where something did.

    The dashed line is the mean height over p > 0.5, an estimate of the unchanged peaks' level
    (Storey and Tibshirani 2003, PNAS 100:9440, with lambda = 0.5).

    Parameters
    ----------
    table : DataFrame
        A differential table: column pvalue, missing where a peak was not tested.
    bins : int
        Number of bins of [0, 1]; even, so that 0.5 is an edge.

    Returns
    -------
    Figure
    """
    pvalues = table["pvalue"].dropna().to_numpy()
    if not len(pvalues):
        return style.message("p-value histogram: no peak was tested.")
    with style.context():
        figure = style.figure(5.6, 4.2)
        axes = figure.subplots()
        heights, edges = np.histogram(pvalues, bins=bins, range=(0, 1))
        level = float(heights[bins // 2 :].mean())
        axes.bar(edges[:-1], heights, width=1 / bins, align="edge", color=style.OKABE_ITO["sky"], linewidth=0)
        axes.axhline(level, color="black", linewidth=1, linestyle="--")
        axes.set_xlim(0, 1)
        axes.set_ylim(0, max(1.0, 1.08 * float(heights.max())))
        unchanged = min(1.0, level * bins / len(pvalues))
        axes.set_title(f"n = {len(pvalues):,} peaks; dashed: unchanged ones, {unchanged:.0%}", fontsize=10)
        axes.set_xlabel("p-value (unadjusted)")
        axes.set_ylabel(f"Peaks per bin of {1 / bins:g}")
        axes.yaxis.set_major_formatter(FuncFormatter(style.plain_number))
    return figure


def _points(axes: Axes, x: np.ndarray, y: np.ndarray, direction: pd.Series) -> None:
    """One rasterised layer a direction; points beyond the axes' limits become triangles at the edge.

    Limits in y have to be set before; in x only if points lie beyond them.
    """
    low, high = axes.get_ylim()
    left, right = axes.get_xlim() if axes.get_xscale() == "linear" else (0, np.inf)
    beyond = {"^": y > high, "v": y < low, ">": x > right, "<": x < left}
    marker = np.select(list(beyond.values()), list(beyond), default="o")
    margin = 0.012 * (high - low)
    y = np.clip(y, low + margin * (y < low), high - margin * (y > high))
    if np.isfinite(right):
        margin = 0.008 * (right - left)
        x = np.clip(x, left + margin * (x < left), right - margin * (x > right))
    for layer in LAYERS:
        significant = layer in ("up", "down")
        for shape in ("o", *beyond):
            at = (direction.to_numpy() == layer) & (marker == shape)
            if at.any():
                axes.scatter(
                    x[at],
                    y[at],
                    marker=shape,
                    color=style.DIRECTION[layer],
                    s=(8 if significant else 5) if shape == "o" else 14,
                    alpha=0.8 if significant else 0.4,
                    linewidths=0,
                    rasterized=True,
                )


def _legend(figure: Figure, table: pd.DataFrame, alpha: float) -> None:
    """Numbers of peaks in each direction, above the axes."""
    numbers = table["direction"].value_counts()
    shown = [name for name in ("up", "down", "none", "untested") if numbers.get(name, 0)]
    words = {"none": "not significant", "untested": "not tested"}
    handles = [
        Line2D([], [], linestyle="none", marker="o", markersize=5, color=style.DIRECTION[name])
        for name in shown
    ]
    names = [f"{words.get(name, name)} {numbers[name]:,}" for name in shown]
    figure.legend(
        handles,
        names,
        loc="outside upper left",
        ncols=len(shown),
        title=f"n = {len(table):,} peaks, adjusted p < {alpha:g}",
        alignment="left",
        handletextpad=0.1,
        columnspacing=0.9,
        fontsize=9.5,
        title_fontsize=10,
    )


def _strongest(drawn: pd.DataFrame, n: int) -> tuple[np.ndarray, list[str]]:
    """Rows and names of the peaks to label: the smallest p-values of each direction, taken in turn."""
    genes = drawn.get("gene_name", pd.Series(np.nan, index=drawn.index)).reset_index(drop=True)
    named = genes.notna().any()
    each = n if named else min(n, 3)
    frame = pd.DataFrame(
        {
            "row": np.arange(len(drawn)),
            "direction": drawn["direction"].to_numpy(),
            "pvalue": drawn["pvalue"].to_numpy(),
            "size": -np.abs(drawn["log2FoldChange"].to_numpy()),
            "name": genes if named else drawn["peak"].to_numpy(),
        }
    )
    frame = frame[frame["direction"].isin(["up", "down"]) & frame["name"].notna()]
    frame = frame.sort_values(["pvalue", "size", "row"]).drop_duplicates(["direction", "name"])
    frame = frame.groupby("direction", sort=False).head(each)
    return frame["row"].to_numpy(), [str(name) for name in frame["name"]]
