"""Figures of chromVAR: variability, z-scores over samples, and technical factors."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from workflow_lib.chromvar import MIN_PEAKS
from workflow_lib.chromvar.leading import most_variable
from workflow_lib.motifs.leading import motif_names
from workflow_lib.plots import labels, style
from workflow_lib.stats import ordination

AXES = {
    "log10_depth": "log₁₀ counts in peaks",
    "frip": "Share of cuts in peaks",
    "gc": "Mean GC of counts in peaks",
}
COLUMNS = 4


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
        many = len(drawn) > style.MOST_POINTS
        axes.vlines(rank, low, high, color=style.LIGHT_GREY, linewidth=1, rasterized=many, zorder=1)
        axes.axhline(1, color="black", linewidth=0.8, linestyle="--")
        few = (drawn["n_peaks"] < MIN_PEAKS).to_numpy() if "n_peaks" in drawn else np.zeros(len(drawn), bool)
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
            label=f"in fewer than {MIN_PEAKS} peaks",
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
    order = ordination.alike_together(np.nan_to_num(z))
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
