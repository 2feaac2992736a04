"""Figures of profiles: changed peaks over the levels of a column, by cluster, and the clusters' motifs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, TwoSlopeNorm
from matplotlib.figure import Figure

from workflow_lib.motifs.leading import found, motif_names, strongest
from workflow_lib.plots import style
from workflow_lib.profiles.values import numbered

PREFIX = "mean."
"""Columns of a table of profiles that hold the means at its levels begin so."""
MOST_ROWS = 1200
"""Rows of the heat map; more peaks than that are drawn as means of neighbours within their cluster."""
REACH = 2.0
"""Standard deviations at which the colours end."""
MOTIFS_EACH = 4
LONG = 36
"""Letters of all levels together from which on their names are turned."""


def clusters(table: pd.DataFrame, summary: pd.DataFrame) -> Figure:
    """Heat map of changed peaks over levels, cluster by cluster, and the mean profile of each cluster.

    Parameters
    ----------
    table : DataFrame
        peak, cluster, membership and a column of means for each level.
    summary : DataFrame
        Of :func:`workflow_lib.profiles.values.summary`.

    Returns
    -------
    Figure
        Rows of a cluster are sorted by membership. Bands are the middle half of the peaks.
    """
    if table.empty:
        return style.message("Profiles: no peak changed.")
    table, summary = numbered(table), numbered(summary)
    levels = list(dict.fromkeys(summary["level"]))
    sizes = summary.drop_duplicates("cluster").set_index("cluster")["n_peaks"]
    columns = 1 if len(sizes) <= 3 else 2
    rows = -(-len(sizes) // columns)
    turned = max(map(len, levels)) * len(levels) > LONG
    with style.context():
        height = max(4.2, 1.35 * rows + (1.6 if turned else 0.9))
        width = min(max(0.5 * len(levels), 2.2), 5) + 2.9 * columns + 1.2
        figure = style.figure(width, height)
        ratios = [min(max(0.5 * len(levels), 2.2), 5) + 1.2, 2.9 * columns]
        left, right = figure.subfigures(1, 2, width_ratios=ratios, squeeze=False)[0]
        _heat_map(left, table, sizes, levels, turned)
        _mean_profiles(right, summary, levels, rows, columns, turned)
    return figure


def _heat_map(figure, table: pd.DataFrame, sizes: pd.Series, levels: list[str], turned: bool) -> None:
    """Standard deviations from each peak's mean over the levels; white lines part the clusters."""
    ordered = table.sort_values(["cluster", "membership"], ascending=[True, False], kind="stable")
    values = ordered[[f"{PREFIX}{level}" for level in levels]].to_numpy(float)
    centred = values - values.mean(axis=1, keepdims=True)
    spread = centred.std(axis=1, keepdims=True)
    centred = np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 1e-9)
    share = max(1, -(-len(centred) // MOST_ROWS))
    axes = figure.subplots()
    begin = 0
    for number, size in sizes.items():
        block = centred[begin : begin + size]
        starts = np.arange(0, size, share)
        drawn = np.add.reduceat(block, starts) / np.diff(np.append(starts, size))[:, None]
        axes.imshow(
            drawn,
            aspect="auto",
            cmap=style.DIVERGING,
            norm=TwoSlopeNorm(0, -REACH, REACH),
            extent=(-0.5, len(levels) - 0.5, begin + size, begin),
        )
        if size > 0.02 * len(centred):
            axes.text(-0.62, begin + size / 2, str(number), ha="right", va="center", fontsize=10)
        begin += size
        if begin < len(centred):
            axes.axhline(begin, color="white", linewidth=2)
    axes.set_xlim(-0.5, len(levels) - 0.5)
    axes.set_ylim(len(centred), 0)
    axes.set_yticks([])
    axes.set_ylabel("Cluster", labelpad=16)
    _name_levels(axes, levels, turned)
    axes.set_title(f"{len(centred):,} changed peaks", fontsize=11)
    scale = ScalarMappable(TwoSlopeNorm(0, -REACH, REACH), style.DIVERGING)
    bar = figure.colorbar(scale, ax=axes, shrink=0.5, pad=0.03)
    bar.set_label("Standard deviations from the peak's mean", fontsize=9)


def _mean_profiles(figure, summary: pd.DataFrame, levels, rows: int, columns: int, turned: bool) -> None:
    """A panel a cluster: mean and middle half at each level, and the number of peaks."""
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    order = panels.T.flat if columns == 2 else panels.flat
    x = np.arange(len(levels))
    drawn = 0
    for axes, (number, rows_of) in zip(order, summary.groupby("cluster"), strict=False):
        of = rows_of.set_index("level").loc[levels]
        axes.axhline(0, color=style.GREY, linewidth=0.8)
        axes.fill_between(x, of["q25"], of["q75"], color=style.OKABE_ITO["sky"], alpha=0.35, linewidth=0)
        axes.plot(x, of["mean"], color=style.OKABE_ITO["blue"], marker="o", markersize=3.5)
        axes.set_title(f"{number}: {of['n_peaks'].iloc[0]:,} peaks", fontsize=10)
        axes.set_ylim(-2.2, 2.2)
        axes.set_xlim(-0.4, len(levels) - 0.6)
        _name_levels(axes, levels, turned)
        drawn += 1
    for axes in list(panels.T.flat if columns == 2 else panels.flat)[drawn:]:
        axes.set_axis_off()
    figure.supylabel("Accessibility (s.d. from the peak's mean)", fontsize=9.5)


def _name_levels(axes: Axes, levels: Sequence[str], turned: bool) -> None:
    names = [style.literal(level) for level in levels]
    axes.set_xticks(np.arange(len(levels)), names, rotation=90 if turned else 0, fontsize=8.5)


def motifs(table: pd.DataFrame, alpha: float) -> Figure:
    """The most enriched motifs of each cluster, over all clusters.

    Parameters
    ----------
    table : DataFrame
        Of :func:`workflow_lib.profiles.sets.motifs`.
    alpha : float
        A dot marks an adjusted p-value below it.

    Returns
    -------
    Figure
    """
    by = {int(number): rows for number, rows in table.groupby("profile")}
    chosen: list[str] = []
    for rows in by.values():
        called = found(rows)
        called = called[called["padj"] < alpha]
        chosen += [
            motif for motif in strongest(called, MOTIFS_EACH)["motif_id"].astype(str) if motif not in chosen
        ]
    if not chosen:
        return style.message("Motifs by cluster of profiles: none is significant.")
    tall = table.set_index(["motif_id", "profile"])
    numbers = sorted(by)
    enriched = tall["log2_enrichment"].unstack().reindex(index=chosen, columns=numbers)
    padj = tall["padj"].unstack().reindex(index=chosen, columns=numbers)
    names = table.drop_duplicates("motif_id").set_index("motif_id").loc[chosen].reset_index()
    with style.context():
        figure = style.figure(3.4 + 0.5 * len(numbers), 1.4 + 0.27 * len(chosen))
        axes = figure.subplots()
        values = enriched.to_numpy(float)
        reach = float(np.nanquantile(np.abs(values[np.isfinite(values)]), 0.98)) if len(chosen) else 1.0
        reach = max(reach, 0.5)
        axes.imshow(values, aspect="auto", cmap=style.DIVERGING, norm=Normalize(-reach, reach))
        rows, columns = np.nonzero(padj.to_numpy(float) < alpha)
        axes.plot(columns, rows, "o", color="black", markersize=3)
        axes.set_xticks(np.arange(len(numbers)), [str(number) for number in numbers])
        axes.set_yticks(np.arange(len(chosen)), [style.literal(name) for name in motif_names(names)])
        axes.tick_params(axis="y", labelsize=9)
        axes.set_xlabel("Cluster of profiles")
        axes.set_title(f"Dot: adjusted p < {alpha:g}", fontsize=9.5)
        bar = figure.colorbar(
            ScalarMappable(Normalize(-reach, reach), style.DIVERGING), ax=axes, shrink=0.6, pad=0.02
        )
        bar.set_label("log₂ enrichment", fontsize=9.5)
    return figure
