"""Figures of one contrast's differential peaks: MA, volcano, p-values, heat map and features."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import FuncFormatter, NullFormatter, PercentFormatter

from workflow_lib.genome.annotation import FEATURES
from workflow_lib.plots import labels, style
from workflow_lib.stats import ordination
from workflow_lib.stats.forms import CALLED
from workflow_lib.stats.levels import natural

# Drawn in this order, so that the peaks that matter lie on top.
LAYERS = ("untested", "none", "down", "up", "changed")
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
        edge. More than 5,000 points are rasterised, all else is vector.
    """
    drawn = table[np.isfinite(table["log2FoldChange"]) & (table["baseMean"] > 0)]
    if drawn.empty:
        return style.message("MA plot: no peak has a fold change.")
    with style.context():
        figure = style.figure(5.6, 4.2)
        axes = figure.subplots()
        fold = drawn["log2FoldChange"].to_numpy()
        called = drawn["direction"].isin([*CALLED, "none"]).to_numpy()
        reach = np.abs(fold[called] if called.any() else fold)
        limit = max(1.0, 1.15 * float(np.quantile(reach, 0.999)))
        axes.set_xscale("log")
        axes.set_ylim(-limit, limit)
        _points(axes, drawn["baseMean"].to_numpy(), fold, drawn["direction"])
        axes.axhline(0, color="black", linewidth=0.8)
        axes.xaxis.set_major_formatter(FuncFormatter(style.plain_number))
        axes.set_xlabel("Mean normalised count")
        axes.set_ylabel(style.literal(style.fold_axis(f"{experiment} / {control}")))
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
        Most names in each direction. Peaks are named by their gene, else by position; a gene
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
        significant = drawn["direction"].isin(CALLED).to_numpy()
        if significant.any():
            level = float(height[significant].min())
            axes.axhline(level, color="black", linewidth=0.8, linestyle="--")
        axes.axvline(0, color="black", linewidth=0.8)
        axes.set_xlabel(style.literal(style.fold_axis(f"{experiment} / {control}")))
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


def dispersions(table: pd.DataFrame) -> Figure:
    """Dispersion against mean: of each peak alone, the trend, and the one that the test uses.

    Parameters
    ----------
    table : DataFrame
        One row a fitted peak: baseMean, genewise, trend, used; as `Fit.dispersions` gives them.

    Returns
    -------
    Figure
    """
    shown = table[(table["baseMean"] > 0) & (table["used"] > 0)]
    if not len(shown):
        return style.message("Dispersions: none were estimated, since there are no replicates.")
    with style.context():
        figure = style.figure(5.6, 4.2)
        axes = figure.subplots()
        # estimates at the lower bound would stretch the axis over six decades of nothing
        low = float(shown["used"].min()) / 10
        layers = {"genewise": ("black", "each peak alone"), "used": (style.OKABE_ITO["sky"], "used")}
        for column, (colour, label) in layers.items():
            y = np.clip(shown[column], low, None)
            axes.scatter(
                shown["baseMean"], y, s=4, color=colour, alpha=0.4, linewidths=0, label=label,
                rasterized=len(shown) > style.MOST_POINTS,
            )  # fmt: skip
        curve = shown.sort_values("baseMean")
        axes.plot(curve["baseMean"], curve["trend"], color=style.OKABE_ITO["vermillion"], label="trend")
        axes.set_xscale("log")
        axes.set_yscale("log")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(FuncFormatter(style.plain_number))
            axis.set_minor_formatter(NullFormatter())
        axes.set_xlabel("Mean normalised count")
        axes.set_ylabel("Dispersion")
        bottom = "; bottom row: at or below it" if (shown["genewise"] < low).any() else ""
        axes.set_title(f"n = {len(shown):,} peaks{bottom}", fontsize=10)
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), markerscale=3)
    return figure


def heatmap(scores: pd.DataFrame, groups: pd.Series) -> Figure:
    """The strongest peaks of each direction over all samples.

    Parameters
    ----------
    scores : DataFrame
        Of :func:`workflow_lib.differential.leading.standard_scores`.
    groups : Series indexed by sample

    Returns
    -------
    Figure
        Colour is the number of standard deviations from the peak's mean over samples, to 2.5; similar peaks
        of a direction stand side by side.
    """
    if scores.empty:
        return style.message("Heat map: no peak is significant.")
    samples = sorted(
        scores.columns.drop(["peak", "name", "direction"]), key=lambda sample: natural(str(groups[sample]))
    )  # stable: else the sheet's order
    z, way = scores[samples].to_numpy(float), scores["direction"].to_numpy()
    order = np.concatenate(
        [
            rows[ordination.alike_together(z[rows])]
            for rows in (np.flatnonzero(way == name) for name in CALLED)
        ]
    )
    z, way, names = z[order], way[order], _rows_named(scores)[order]
    colours = style.group_colours(groups)
    height = float(np.clip(0.155 * len(z), 1.2, 9))
    n = len(samples)
    with style.context():
        figure = style.figure(float(np.clip(0.42 * n, 2.4, 9)) + 3.2, height + 1.9)
        axes = figure.subplots()
        image = axes.imshow(z, cmap=style.DIVERGING, vmin=-2.5, vmax=2.5, aspect="auto")
        bar = figure.colorbar(image, ax=axes, shrink=min(1.0, 2.0 / height), pad=0.02)
        bar.set_label("z-score of log₂ count")
        size = float(np.clip(72 * height / len(z) * 0.75, 5, 9))
        axes.set_yticks(range(len(z)), [style.literal(name) for name in names], fontsize=size)
        for label, name in zip(axes.get_yticklabels(), way, strict=True):
            label.set_color(style.DIRECTION[name])
        axes.set_xticks(
            range(n),
            [style.literal(sample) for sample in samples],
            rotation=90,
            fontsize=float(np.clip(260 / n, 4, 10)),
        )
        axes.tick_params(length=0)
        strip = 0.02 * len(z) + 0.25
        for i, sample in enumerate(samples):
            axes.add_patch(
                Rectangle((i - 0.5, -0.6 - strip), 1, strip, color=colours[str(groups[sample])], linewidth=0)
            )
        axes.set_ylim(len(z) - 0.5, -0.6 - strip)
        for spine in axes.spines.values():
            spine.set_visible(False)
        ways = ("changed",) if (way == "changed").any() else ("up", "down")
        counted = ", ".join(f"{(way == name).sum()} {name}" for name in ways)
        axes.set_title(f"n = {len(z)} peaks with the smallest p ({counted})", fontsize=10)
        shown = [name for name in colours if name in set(groups[samples].astype(str))]
        figure.legend(
            [Patch(color=colours[name]) for name in shown],
            [style.literal(name) for name in shown],
            loc="outside lower left",
            ncols=4,
        )
    return figure


def _rows_named(scores: pd.DataFrame) -> np.ndarray:
    """Gene and peak of each row; of peaks without a gene the peak."""
    peaks, names = scores["peak"].astype(str), scores["name"].astype(str)
    return names.where(names == peaks, names + "  " + peaks).to_numpy(object)


def features(table: pd.DataFrame) -> Figure:
    """Numbers of up and down peaks by where they lie, beside each class's share of all peaks.

    Parameters
    ----------
    table : DataFrame
        A differential table: columns direction and feature.

    Returns
    -------
    Figure
        Left: called peaks of each class, up to the right and down to the left. Right: the share of the
        class's peaks that are called; the dashed line is that of all peaks.
    """
    if "feature" not in table or not table["feature"].notna().any():
        return style.message("Features: peaks are not annotated.")
    known = table.dropna(subset="feature")
    present = set(known["feature"])
    classes = [name for name in FEATURES if name in present] + sorted(present - set(FEATURES))
    numbers = pd.crosstab(known["feature"], known["direction"]).reindex(
        index=classes, columns=list(LAYERS), fill_value=0
    )
    total = numbers.sum(axis=1)
    if numbers["changed"].any():
        numbers["up"] = numbers["changed"]
    if not numbers[["up", "down"]].to_numpy().any():
        return style.message("Features: no peak is significant.")
    with style.context():
        figure = style.figure(7.2, 0.36 * len(classes) + 1.5)
        axes, shares = figure.subplots(1, 2, sharey=True, width_ratios=[3, 2])
        place = np.arange(len(classes))
        reach = float(numbers[["up", "down"]].to_numpy().max())
        sides = (("changed", 1),) if numbers["changed"].any() else (("up", 1), ("down", -1))
        for name, sign in sides:
            axes.barh(place, sign * numbers[name], color=style.DIRECTION[name], linewidth=0)
            for at, n in zip(place, numbers[name], strict=True):
                axes.text(
                    sign * (n + 0.02 * reach),
                    at,
                    f"{n:,}",
                    ha="left" if sign > 0 else "right",
                    va="center",
                    fontsize=8.5,
                )
            shares.barh(
                place + 0.2 * -sign,
                numbers[name] / total,
                height=0.4,
                color=style.DIRECTION[name],
                linewidth=0,
            )
            shares.axvline(
                numbers[name].sum() / len(known), color=style.DIRECTION[name], linewidth=1, linestyle="--"
            )
        axes.set_xlim(-1.25 * reach, 1.25 * reach)
        axes.axvline(0, color="black", linewidth=0.8)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{abs(value):,.0f}"))
        axes.xaxis.get_major_locator().set_params(integer=True, nbins=5)
        axes.set_yticks(place, [f"{style.literal(name)} ({total[name]:,})" for name in classes])
        axes.set_ylim(len(classes) - 0.5, -0.5)
        axes.set_xlabel("Changed peaks" if numbers["changed"].any() else "Peaks down | up")
        shares.set_xlabel("Share of the class's peaks")
        shares.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        shares.xaxis.get_major_locator().set_params(nbins=4)
        figure.suptitle(
            f"n = {len(known):,} peaks; dashed: share of all peaks", fontsize=10, x=0.01, ha="left"
        )
    return figure


def _points(axes: Axes, x: np.ndarray, y: np.ndarray, direction: pd.Series) -> None:
    """One layer a direction; points beyond the axes' limits become triangles at the edge.

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
        significant = layer in CALLED
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
                    rasterized=len(direction) > style.MOST_POINTS,
                )


def _legend(figure: Figure, table: pd.DataFrame, alpha: float) -> None:
    """Numbers of peaks in each direction, above the axes."""
    numbers = table["direction"].value_counts()
    shown = [name for name in (*CALLED, "none", "untested") if numbers.get(name, 0)]
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
    frame = frame[frame["direction"].isin(CALLED) & frame["name"].notna()]
    frame = frame.sort_values(["pvalue", "size", "row"]).drop_duplicates(["direction", "name"])
    frame = frame.groupby("direction", sort=False).head(each)
    return frame["row"].to_numpy(), [str(name) for name in frame["name"]]
