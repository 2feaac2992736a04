"""Figures of motifs: enrichment in changed peaks, and chromVAR's variability and z-scores."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from scipy.cluster.hierarchy import leaves_list, linkage

from workflow_lib.chromvar import MIN_PEAKS as FEW_PEAKS
from workflow_lib.chromvar.leading import most_variable
from workflow_lib.motifs.leading import found, motif_names, strongest
from workflow_lib.plots import labels, style

SMALLEST_PVALUE = 1e-300


def enrichment(up: pd.DataFrame, down: pd.DataFrame, alpha: float, n_top: int = 15) -> Figure:
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
        edgecolors=np.where(significant[:, None], colours, [to_rgba(style.GREY)]),
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


def variability(table: pd.DataFrame, n_samples: int, n_labels: int = 8) -> Figure:
    """Motifs ranked by chromVAR variability, with bootstrap intervals; the strongest are named.

    Variability is the standard deviation of a motif's z-scores over samples: 1 (dashed) is expected
    where accessibility differs by chance alone (Schep 2017). Motifs in few peaks are hollow and not named, of
    a cluster only the most variable motif is.

    Parameters
    ----------
    table : DataFrame
        motif_id, name, variability, ci_low, ci_high; where known, n_peaks and cluster.
    n_samples : int
    n_labels : int

    Returns
    -------
    Figure
    """
    drawn = table.dropna(subset="variability")
    if drawn.empty:
        return style.message("Variability: no motif has z-scores in two samples or more.")
    order = np.lexsort([np.arange(len(drawn)), -drawn["variability"].to_numpy()])
    drawn = drawn.iloc[order]
    rank = np.arange(1, len(drawn) + 1)
    height = drawn["variability"].to_numpy(float)
    low, high = (drawn[name].to_numpy(float) for name in ("ci_low", "ci_high"))
    with style.context():
        figure = style.figure(5.8, 4.2)
        axes = figure.subplots()
        many = len(drawn) > 500
        axes.vlines(rank, low, high, color=style.LIGHT_GREY, linewidth=1, rasterized=many, zorder=1)
        axes.axhline(1, color="black", linewidth=0.8, linestyle="--")
        few = (drawn["n_peaks"] < FEW_PEAKS).to_numpy() if "n_peaks" in drawn else np.zeros(len(drawn), bool)
        blue = style.OKABE_ITO["blue"]
        axes.scatter(rank[~few], height[~few], s=10, color=blue, linewidths=0, rasterized=many, zorder=3)
        axes.scatter(
            *(rank[few], height[few]),
            s=8,
            facecolors="white",
            edgecolors=style.GREY,
            linewidths=0.6,
            rasterized=many,
            zorder=2,
            label=f"in fewer than {FEW_PEAKS} peaks",
        )
        if few.any():
            axes.legend(loc="upper right")
        axes.set_xlim(0.5 - 0.03 * len(drawn), len(drawn) * 1.02 + 0.5)
        top = np.nanmax(np.append(high[: max(n_labels, 1)], height[0]))
        axes.set_ylim(0, 1.1 * max(1.2, float(top)))
        axes.set_xlabel("Motif, ranked by variability")
        axes.set_ylabel("Variability (sd of z over samples)")
        axes.set_title(
            f"n = {len(drawn):,} motifs, {n_samples} samples; bars: bootstrap interval", fontsize=10
        )
        axes.xaxis.set_major_formatter(style.plain_number)
        top_motifs = most_variable(drawn, n_labels)
        names = [str(name) for name in top_motifs["name"].fillna(top_motifs["motif_id"])]
        at = drawn.index.get_indexer(top_motifs.index)
        labels.place(axes, rank[at], height[at], names)
    return figure


def zscores(zscores: pd.DataFrame, variability: pd.DataFrame, groups: pd.Series, n_top: int = 30) -> Figure:
    """chromVAR z-scores of the most variable motifs, samples in columns by group.

    Parameters
    ----------
    zscores : DataFrame, motifs x samples
        Indexed by motif_id; NaN where a motif has too few reads in a sample.
    variability : DataFrame
        motif_id, name, variability; where known, n_peaks and cluster: see :func:`most_variable`.
    groups : Series indexed by sample
        All samples of the sheet, in its order.
    n_top : int

    Returns
    -------
    Figure
        One motif a cluster, ordered by average linkage; colours end at the 98th percentile of |z|; missing
        is grey.
    """
    ranked = most_variable(variability, n_top)
    if ranked.empty:
        return style.message("z-scores: no motif has z-scores in two samples or more.")
    samples = [sample for sample in groups.index if sample in zscores.columns]
    samples = sorted(samples, key=lambda sample: sorted(set(map(str, groups))).index(str(groups[sample])))
    z = zscores.loc[ranked["motif_id"], samples].to_numpy(float)
    order = (
        leaves_list(linkage(np.round(np.nan_to_num(z), 6), "average")) if len(z) > 2 else np.arange(len(z))
    )
    z = z[order]
    names = [
        style.literal(name) + (f" +{alike}" if alike else "")
        for name, alike in zip(motif_names(ranked), ranked["alike"], strict=True)
    ]
    names = [names[i] for i in order]
    finite = np.abs(z[np.isfinite(z)])
    limit = max(1.0, float(np.quantile(finite, 0.98))) if len(finite) else 1.0
    colours = style.group_colours(groups)
    with style.context():
        width = float(np.clip(0.4 * len(samples), 2.0, 9)) + 3.8
        figure = style.figure(width, 1.9 + 0.24 * len(z))
        axes = figure.subplots()
        image = axes.imshow(
            np.ma.masked_invalid(z), cmap=style.DIVERGING, vmin=-limit, vmax=limit, aspect="auto"
        )
        bar = figure.colorbar(image, ax=axes, shrink=0.5, pad=0.02, extend="both")
        bar.set_label("chromVAR z-score")
        axes.set_xticks(
            range(len(samples)),
            [style.literal(sample) for sample in samples],
            rotation=90,
            fontsize=float(np.clip(260 / len(samples), 4, 10)),
        )
        axes.set_yticks(range(len(z)), names, fontsize=9)
        axes.tick_params(length=0)
        for i, sample in enumerate(samples):
            axes.add_patch(
                Rectangle((i - 0.5, -1.5), 1, 0.7, color=colours[str(groups[sample])], linewidth=0)
            )
        axes.set_ylim(len(z) - 0.5, -1.6)
        for spine in axes.spines.values():
            spine.set_visible(False)
        folded = "; +n: similar ones" if ranked["alike"].any() else ""
        axes.set_title(f"{len(z)} most variable of {len(variability):,} motifs{folded}", fontsize=10)
        figure.legend(
            [Rectangle((0, 0), 1, 1, color=colour) for colour in colours.values()],
            [style.literal(name) for name in colours],
            loc="outside lower left",
            ncols=4,
            handlelength=1,
        )
    return figure
