"""Figures of peak-gene links: the strongest ones sample by sample, and all against their background."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter

from workflow_lib.plots import style

AXES = {"counts": "log₂(count + 1)", "normalised": "log₂(per million + 1)"}


def links(table: pd.DataFrame, groups: pd.Series, *, alpha: float) -> Figure:
    """Accessibility against expression for a few links, a dot a sample, coloured by group.

    Parameters
    ----------
    table : DataFrame
        Of :func:`workflow_lib.linkage.by_sample`.
    groups : Series indexed by sample
    alpha : float
        Titles say which links are significant.
    """
    if table.empty:
        return style.message("Links of peaks with genes: none could be tested.")
    drawn = list(table.groupby(["gene_id", "peak"], sort=False))
    colours = style.group_colours(groups)
    columns = min(3, len(drawn))
    rows = -(-len(drawn) // columns)
    with style.context():
        figure = style.figure(3.4 * columns + 0.4, 2.95 * rows + 0.5)
        panels = figure.subplots(rows, columns, squeeze=False).ravel()
        for panel, (_, link) in zip(panels, drawn, strict=False):
            panel.scatter(
                link["accessibility"],
                link["expression"],
                color=[colours[str(groups[name])] for name in link["sample"]],
                s=40,
                edgecolors="black",
                linewidths=0.5,
            )
            _titles(panel, link.iloc[0], alpha)
        for panel in panels[len(drawn) :]:
            panel.set_axis_off()
        figure.supxlabel("Accessibility, normalised, log₂(count + 1)", fontsize=11)
        figure.supylabel(f"Expression, normalised, {AXES[table['scale'].iloc[0]]}", fontsize=11)
        handles = [
            Line2D([], [], linestyle="none", marker="o", color=colour, markeredgecolor="black", markersize=6)
            for colour in colours.values()
        ]
        names = [style.literal(name) for name in colours]
        figure.legend(handles, names, loc="outside upper right", ncols=4, handletextpad=0.2)
    return figure


def background(histogram: pd.DataFrame, n_links: int) -> Figure:
    """z of links as bars, and of the same genes with matched peaks of other contigs as a line.

    Parameters
    ----------
    histogram : DataFrame
        zscore (middle of a bin), links and background (shares).
    n_links : int
    """
    if not histogram["links"].sum():
        return style.message("Links and their background: no link could be tested.")
    middle = histogram["zscore"].to_numpy()
    width = middle[1] - middle[0]
    with style.context():
        figure = style.figure(5.6, 3.8)
        axes = figure.subplots()
        axes.bar(
            middle,
            histogram["links"],
            width=width,
            color=style.OKABE_ITO["sky"],
            label="peaks near the gene",
        )
        axes.step(
            middle,
            histogram["background"],
            where="mid",
            color="black",
            linewidth=1.2,
            label="matched peaks of other contigs",
        )
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(FuncFormatter(style.plain_number))
        axes.yaxis.set_minor_formatter(NullFormatter())
        seen = histogram[["links", "background"]].to_numpy()
        axes.set_ylim(0.5 * seen[seen > 0].min(), 4 * seen.max())
        axes.set_xlabel("Correlation with the gene: distance from the background (z)")
        axes.set_ylabel("Share")
        axes.set_title(f"n = {n_links:,} pairs of gene and peak", fontsize=10)
        figure.legend(loc="outside lower center", ncols=2)
    return figure


def _titles(panel: Axes, link, alpha: float) -> None:
    name = style.literal(link.gene_name)
    stars = "" if link.padj < alpha else ", not significant"
    panel.set_title(
        f"{name}\n{style.literal(link.peak)} ({link.distance:+,.0f} bp)\n"
        f"r = {link.pearson:.2f}, p = {link.pvalue:.1g}, adjusted p = {link.padj:.2g}{stars}",
        fontsize=8.5,
    )
    panel.margins(0.12)
    panel.locator_params(nbins=4)
