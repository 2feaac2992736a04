"""Figures of enrichment: enriched motifs, the balance of backgrounds, and motifs along the fold change."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, to_rgba
from matplotlib.figure import Figure

from workflow_lib.motifs.leading import found, motif_names, strongest
from workflow_lib.motifs.matching import BALANCED
from workflow_lib.plots import style
from workflow_lib.stats import ordination

NAMES = {
    "gc": "GC content",
    "gc_squared": "GC content, squared",
    "width": "width",
    "log_mean_count": "log mean count",
    "log_mean_count_squared": "log mean count, squared",
}
N_FEATURES = 20
COLOUR_LIMIT = 3.0  # log2 enrichment beyond which the heat map's colours stay
SMALLEST_PVALUE = 1e-300


def motifs(up: pd.DataFrame, down: pd.DataFrame, alpha: float, n_top: int = 15) -> Figure:
    """The most enriched motifs of each direction, side by side.

    A dot stands at the log2 enrichment (foreground share of peaks with the motif over the background's);
    its colour is -log10 of the adjusted p-value; it is hollow above `alpha`. The number at the right is
    that of changed peaks with the motif.

    Parameters
    ----------
    up, down : DataFrame
        Enrichment tables: motif_id, name, foreground_hits, foreground_size, log2_enrichment, pvalue, padj.
    alpha : float
    n_top : int
        Most motifs in each direction; those without a hit in its peaks are left out.

    Returns
    -------
    Figure
    """
    tables = {"up": up, "down": down}
    chosen = {way: strongest(found(table), n_top) for way, table in tables.items()}
    if not any(len(table) for table in chosen.values()):
        return style.message("Motif enrichment: no motif could be tested.")
    strength = np.concatenate([_height(table["padj"]) for table in chosen.values()])
    scale = Normalize(0, max(2.0, float(np.nanmax(strength))))
    rows = max(len(table) for table in chosen.values())
    with style.context():
        figure = style.figure(10.5, 1.5 + 0.3 * max(rows, 4))
        panels = figure.subplots(1, 2)
        figure.set_layout_engine("constrained", wspace=0.04)
        for axes, (direction, table) in zip(panels, chosen.items(), strict=True):
            _name_panel(axes, tables[direction], direction)
            _enrichment_panel(axes, table, alpha, scale, rows)
        bar = figure.colorbar(ScalarMappable(scale, style.SEQUENTIAL), ax=panels, shrink=0.6, pad=0.01)
        bar.set_label("\N{MINUS SIGN}log₁₀ adjusted p")
    return figure


def _name_panel(axes: Axes, table: pd.DataFrame, direction: str) -> None:
    """The direction and its number of peaks, and why there is nothing to draw where that is so."""
    words = {"up": "more open", "down": "less open"}[direction]
    tested = table["pvalue"].notna().any()
    size = table["foreground_size"].iloc[0] if tested else 0
    axes.set_title(f"{words} ({direction}), n = {size:,.0f} peaks", color=style.DIRECTION[direction])
    if not tested:
        axes.text(0, 0.5, "No motif could be tested.", transform=axes.transAxes)
    elif found(table).empty:
        axes.text(0, 0.5, "No motif has a hit in them.", transform=axes.transAxes)


def _enrichment_panel(axes: Axes, table: pd.DataFrame, alpha: float, scale: Normalize, rows: int) -> None:
    """Dots of one direction, best on top."""
    if not len(table):
        axes.set_axis_off()
        return
    y = np.arange(len(table), dtype=float)
    x = table["log2_enrichment"].to_numpy(float)
    finite = x[np.isfinite(x)]
    low, high = (min(0.0, finite.min()), max(0.5, finite.max())) if len(finite) else (0.0, 1.0)
    span = high - low
    x = np.clip(np.nan_to_num(x, nan=0.0, posinf=high, neginf=low), low, high)
    significant = (table["padj"] < alpha).to_numpy()
    colours = style.SEQUENTIAL(scale(_height(table["padj"])))
    axes.hlines(y, 0, x, color=style.LIGHT_GREY, linewidth=1.2, zorder=1)
    axes.scatter(
        x,
        y,
        s=60,
        zorder=2,
        linewidths=1.2,
        facecolors=np.where(significant[:, None], colours, [[1, 1, 1, 1]]),
        edgecolors=list(map(tuple, np.where(significant[:, None], colours, [to_rgba(style.GREY)]))),
    )
    for at, hits in zip(y, table["foreground_hits"], strict=True):
        axes.text(
            1.0, at, f"{hits:,.0f}", transform=axes.get_yaxis_transform(), ha="right", va="center", fontsize=9
        )
    axes.text(1.0, -1, "hits", transform=axes.get_yaxis_transform(), ha="right", va="center", fontsize=9)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_xlim(low - 0.04 * span, high + 0.22 * span)
    axes.set_ylim(max(rows, 4) - 0.5, -1.5)
    axes.set_yticks(y, [style.literal(name) for name in motif_names(table)], fontsize=9.5)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("log₂ enrichment over background")


def _height(padj: pd.Series) -> np.ndarray:
    """-log10 of adjusted p-values, 0 where missing, finite where they are 0."""
    return -np.log10(np.maximum(padj.fillna(1).to_numpy(float), SMALLEST_PVALUE))


def balance(tables: Mapping[str, pd.DataFrame]) -> Figure:
    """How far foreground and background differ in each covariate, before (hollow) and after weighting (full).

    Parameters
    ----------
    tables : mapping of direction to DataFrame
        As :func:`workflow_lib.motifs.matching.balance` gives them.

    Returns
    -------
    Figure
        A panel a direction: covariates that are no k-mers, then the k-mers that differed most.
    """
    shown = {way: table.dropna(subset="smd_after") for way, table in tables.items()}
    if not any(len(table) for table in shown.values()):
        return style.message("Balance of the background: no peaks to compare.")
    rows = max(min(len(table), N_FEATURES) for table in shown.values())
    with style.context():
        figure = style.figure(10.5, 1.8 + 0.24 * rows)
        for axes, (way, table) in zip(
            figure.subplots(1, len(shown), squeeze=False)[0], shown.items(), strict=True
        ):
            _balance_panel(axes, way, table)
        handles, words = figure.axes[0].get_legend_handles_labels()
        if not handles:
            handles, words = figure.axes[-1].get_legend_handles_labels()
        figure.legend(handles, words, loc="outside lower center", ncols=3)
    return figure


def _balance_panel(axes: Axes, way: str, table: pd.DataFrame) -> None:
    colour = style.DIRECTION.get(way, style.OKABE_ITO["blue"])
    if table.empty:
        axes.set_title(way, color=colour)
        axes.set_axis_off()
        axes.text(0, 0.5, "No peaks to compare.", transform=axes.transAxes)
        return
    first = table.iloc[0]
    kmer = table["feature"].str.startswith("kmer_")
    order = table[kmer]["smd_before"].abs().sort_values(ascending=False, kind="stable").index
    chosen = pd.concat([table[~kmer], table.loc[order[: max(N_FEATURES - int((~kmer).sum()), 0)]]])
    y = np.arange(len(chosen))
    before, after = (chosen[name].abs().to_numpy() for name in ("smd_before", "smd_after"))
    axes.hlines(y, np.minimum(before, after), np.maximum(before, after), color=style.LIGHT_GREY, linewidth=1)
    axes.axvline(BALANCED, color="black", linewidth=0.8, linestyle="--", label=f"balanced below {BALANCED:g}")
    axes.scatter(
        before, y, s=28, facecolors="white", edgecolors=style.GREY, zorder=2, label="before weighting"
    )
    axes.scatter(after, y, s=28, color=colour, zorder=3, label="after weighting")
    names = [NAMES.get(name, name.removeprefix("kmer_")) for name in chosen["feature"]]
    axes.set_yticks(y, names, fontsize=9)
    axes.set_ylim(len(y) - 0.4, -0.6)
    axes.set_xlim(0, 1.08 * max(0.25, float(before.max()), float(after.max())))
    axes.set_xlabel("|standardised mean difference|")
    axes.set_title(
        f"{way}: {first['n_foreground']:,.0f} peaks; background {first['n_background']:,.0f}, "
        f"effective {first['n_effective']:,.0f}",
        color=colour,
        fontsize=10,
    )


def gradient(table: pd.DataFrame, alpha: float, n_top: int = 30) -> Figure:
    """Enrichment of the strongest motifs in bins of peaks along the fold change.

    Parameters
    ----------
    table : DataFrame
        As :func:`workflow_lib.motifs.gradient.test` gives it.
    alpha : float
        Bins whose adjusted p-value is not below it are grey.
    n_top : int
        Most motifs shown, of those significant in some bin; of a cluster its representative alone.

    Returns
    -------
    Figure
    """
    strongest_bin = table.sort_values("log10_pvalue", kind="stable").drop_duplicates("motif_id")
    significant = strongest_bin[strongest_bin["padj"] < alpha]
    if strongest_bin.empty:
        return style.message("Motifs along the fold change: too few peaks for three bins.")
    if significant.empty:
        return style.message("Motifs along the fold change: none is enriched or depleted in any bin.")
    best = strongest(significant, min(len(significant), n_top))
    bins = table.drop_duplicates("bin_number").sort_values("bin_number")
    rows = table[table["motif_id"].isin(best["motif_id"])]
    grid = {
        name: rows.pivot(index="motif_id", columns="bin_number", values=name)
        .loc[best["motif_id"]]
        .to_numpy(float)
        for name in ("log2_enrichment", "padj")
    }
    values = np.clip(np.nan_to_num(grid["log2_enrichment"]), -COLOUR_LIMIT, COLOUR_LIMIT)
    order = ordination.alike_together(values)
    limit = max(1.0, float(np.abs(values).max()))
    with style.context():
        figure = style.figure(4.2 + 0.5 * len(bins), 2.2 + 0.24 * len(values))
        axes = figure.subplots()
        shown = np.where(grid["padj"] < alpha, values, np.nan)[order]
        image = axes.imshow(shown, cmap=style.DIVERGING, vmin=-limit, vmax=limit, aspect="auto")
        bar = figure.colorbar(image, ax=axes, shrink=0.5, pad=0.02)
        bar.set_label("log₂ enrichment\nagainst other peaks", fontsize=9)
        names = motif_names(best)
        axes.set_yticks(range(len(values)), [style.literal(names[i]) for i in order], fontsize=9)
        ranges = [text.split(": ", 1)[1] for text in bins["bin"]]
        axes.set_xticks(range(len(bins)), ranges, rotation=90, fontsize=9)
        axes.set_xlabel("log₂ fold change of the peaks in the bin")
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        few, many = bins["n_peaks"].min(), bins["n_peaks"].max()
        counted = f"{few:,}" if few == many else f"{few:,} to {many:,}"
        axes.set_title(f"{counted} peaks a bin; grey: adjusted p ≥ {alpha:g}", fontsize=10)
    return figure
