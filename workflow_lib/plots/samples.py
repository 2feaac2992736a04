"""Figures that compare samples as wholes: principal components and correlation."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from workflow_lib.plots import labels, style

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")


def pca(table: pd.DataFrame, groups: pd.Series, batches: pd.Series | None = None) -> Figure:
    """The samples on their first two principal components; colour is group, marker is batch.

    Parameters
    ----------
    table : DataFrame
        component, share, n_peaks, sample, score.
    groups : Series indexed by sample
    batches : Series indexed by sample, optional

    Returns
    -------
    Figure
        With fewer than three samples, or where nothing varies, a figure that says so.
    """
    if len(groups) < 3:
        return style.message(f"PCA: {len(groups)} sample(s); it takes three to show a pattern.")
    if table.empty:
        return style.message("PCA: no peak varies between samples.")
    scores = table.pivot(index="sample", columns="component", values="score").loc[table["sample"].unique()]
    shares = table.drop_duplicates("component").set_index("component")["share"]
    if "PC2" not in scores:
        scores, shares = scores.assign(PC2=0.0), pd.concat([shares, pd.Series({"PC2": 0.0})])
    samples = list(scores.index)
    colours = style.group_colours(groups)
    batch = pd.Series("", index=samples) if batches is None else batches.reindex(samples).astype(str)
    kinds = sorted(set(batch))
    markers = {kind: MARKERS[i % len(MARKERS)] for i, kind in enumerate(kinds)}
    with style.context():
        figure = style.figure(6.2, 4.4)
        axes = figure.subplots()
        for sample in samples:
            axes.scatter(
                scores.loc[sample, "PC1"],
                scores.loc[sample, "PC2"],
                color=colours[str(groups[sample])],
                marker=markers[batch[sample]],
                s=55,
                edgecolors="black",
                linewidths=0.5,
            )
        axes.margins(0.18)
        used = int(table["n_peaks"].iloc[0])
        axes.set_title(f"n = {len(samples)} samples, {used:,} most variable peaks", fontsize=10)
        axes.set_xlabel(f"PC1 ({shares['PC1']:.0%} of variance)")
        axes.set_ylabel(f"PC2 ({shares['PC2']:.0%} of variance)")
        handles = [_dot(colours[name]) for name in colours]
        names = [style.literal(name) for name in colours]
        if len(kinds) > 1:
            handles += [_dot("white", markers[kind]) for kind in kinds]
            names += [style.literal(f"batch {kind}") for kind in kinds]
        figure.legend(handles, names, loc="outside right upper", handletextpad=0.2)
        labels.place(axes, scores["PC1"].to_numpy(), scores["PC2"].to_numpy(), samples, size=9.5, clear=5)
    return figure


def association(table: pd.DataFrame) -> Figure:
    """Heat map of what explains principal components: shade is R², the number in a cell its p-value."""
    if table.empty:
        return style.message("Principal components and covariates: too few samples for any association.")
    components, names = list(dict.fromkeys(table["component"])), list(dict.fromkeys(table["covariate"]))
    r2 = table.pivot(index="covariate", columns="component", values="r2").loc[names, components].to_numpy()
    pvalue = table.pivot(index="covariate", columns="component", values="pvalue").loc[names, components]
    shares = table.drop_duplicates("component").set_index("component")["share"]
    with style.context():
        figure = style.figure(1.0 * len(components) + 2.6, 0.45 * len(names) + 1.5)
        axes = figure.subplots()
        image = axes.imshow(np.ma.masked_invalid(r2), cmap=style.SEQUENTIAL, vmin=0, vmax=1, aspect="auto")
        figure.colorbar(image, ax=axes, pad=0.02).set_label("R²")
        axes.set_xticks(range(len(components)), [f"{name}\n{shares[name]:.0%}" for name in components])
        axes.set_yticks(range(len(names)), [style.literal(name) for name in names])
        axes.tick_params(length=0)
        for i, j in np.ndindex(r2.shape):
            p = pvalue.iloc[i, j]
            if np.isfinite(p):
                shown = f"p = {p:.2g}" if p >= 0.001 else f"p = {p:.0e}"
                colour = "white" if r2[i, j] < 0.6 else "black"
                axes.text(j, i, shown, ha="center", va="center", fontsize=8.5, color=colour)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.set_title("Components (share of variance) by covariates", fontsize=10)
    return figure


def correlation(table: pd.DataFrame, groups: pd.Series) -> Figure:
    """Pearson correlation between samples over all peaks.

    Parameters
    ----------
    table : DataFrame
        sample, other, pearson, n_peaks; samples in the order to draw.
    groups : Series indexed by sample

    Returns
    -------
    Figure
        Heat map with a strip of group colours. A sample that does not vary has no correlation: its cells are
        grey.
    """
    samples = list(table["sample"].unique())
    n, n_peaks = len(samples), int(table["n_peaks"].max()) if len(table) else 0
    if n < 2 or n_peaks < 2:
        return style.message(f"Correlation: {n} sample(s), {n_peaks:,} peak(s): nothing to compare.")
    square = table.pivot(index="sample", columns="other", values="pearson").loc[samples, samples]
    r = square.to_numpy(float)
    finite = r[np.isfinite(r) & ~np.eye(n, dtype=bool)]
    low = float(np.floor(finite.min() * 50) / 50) if len(finite) else 0.0
    colours = style.group_colours(groups)
    with style.context():
        side = float(np.clip(0.42 * n, 2.6, 9))
        figure = style.figure(side + 2.6, side + 1.4)
        axes = figure.subplots()
        image = axes.imshow(np.ma.masked_invalid(r), cmap=style.SEQUENTIAL, vmin=low, vmax=1)
        bar = figure.colorbar(image, ax=axes, shrink=0.6, pad=0.02)
        bar.set_label("Pearson r of log₂ counts")
        size = float(np.clip(260 / n, 4, 10))
        names = [style.literal(sample) for sample in samples]
        axes.set_xticks(range(n), names, rotation=90, fontsize=size)
        axes.set_yticks(range(n), names, fontsize=size)
        axes.tick_params(length=0)
        if n <= 12:
            for i, j in np.ndindex(n, n):
                if np.isfinite(r[i, j]):
                    dark = r[i, j] < low + 0.6 * (1 - low)
                    axes.text(
                        j,
                        i,
                        f"{r[i, j]:.2f}",
                        ha="center",
                        va="center",
                        fontsize=8.5,
                        color="white" if dark else "black",
                    )
        for i, sample in enumerate(samples):
            axes.add_patch(
                Rectangle((i - 0.5, -1.05), 1, 0.4, color=colours[str(groups[sample])], linewidth=0)
            )
        axes.set_ylim(n - 0.5, -1.1)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.set_title(f"n = {n_peaks:,} peaks", fontsize=10)
        figure.legend(
            [_dot(colour, "s") for colour in colours.values()],
            [style.literal(name) for name in colours],
            loc="outside lower left",
            ncols=4,
            handletextpad=0.2,
        )
    return figure


def _dot(colour: str, marker: str = "o") -> Line2D:
    return Line2D(
        [],
        [],
        linestyle="none",
        marker=marker,
        color=colour,
        markersize=7,
        markeredgecolor="black",
        markeredgewidth=0.5,
    )
