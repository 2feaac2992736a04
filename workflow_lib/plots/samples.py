"""Figures that compare samples as wholes: principal components and correlation."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from workflow_lib.plots import labels, style
from workflow_lib.stats.ordination import principal_components

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")


def pca(
    values: pd.DataFrame, groups: pd.Series, batches: pd.Series | None = None, n_top: int = 2000
) -> Figure:
    """The samples on their first two principal components; colour is group, marker is batch.

    Parameters
    ----------
    values : DataFrame, peaks x samples
        Log-normalised counts.
    groups : Series indexed by sample
    batches : Series indexed by sample, optional
    n_top : int
        Number of most variable peaks to use.

    Returns
    -------
    Figure
        With fewer than three samples, or where nothing varies, a figure that says so.
    """
    if values.shape[1] < 3:
        return style.message(f"PCA: {values.shape[1]} sample(s); it takes three to show a pattern.")
    scores, shares = principal_components(values, n_top)
    if not len(shares):
        return style.message("PCA: no peak varies between samples.")
    if len(shares) == 1:
        scores, shares = scores.assign(PC2=0.0), np.append(shares, 0.0)
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
        used = min(n_top, int((values.to_numpy(float).var(axis=1) > 1e-12).sum()))
        axes.set_title(f"n = {len(samples)} samples, {used:,} most variable peaks", fontsize=10)
        axes.set_xlabel(f"PC1 ({shares[0]:.0%} of variance)")
        axes.set_ylabel(f"PC2 ({shares[1]:.0%} of variance)")
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


def correlation(values: pd.DataFrame, groups: pd.Series) -> Figure:
    """Pearson correlation between samples over all peaks, similar samples side by side.

    Parameters
    ----------
    values : DataFrame, peaks x samples
        Log-normalised counts.
    groups : Series indexed by sample

    Returns
    -------
    Figure
        Heat map with a strip of group colours, ordered by average linkage of 1 - r. A sample that does not
        vary has no correlation: its cells are grey.
    """
    n = values.shape[1]
    if n < 2 or len(values) < 2:
        return style.message(f"Correlation: {n} sample(s), {len(values):,} peak(s): nothing to compare.")
    r = correlations(values)
    order = _similar_order(r)
    r = r[np.ix_(order, order)]
    samples = [values.columns[i] for i in order]
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
        axes.set_title(f"n = {len(values):,} peaks", fontsize=10)
        figure.legend(
            [_dot(colour, "s") for colour in colours.values()],
            [style.literal(name) for name in colours],
            loc="outside lower left",
            ncols=4,
            handletextpad=0.2,
        )
    return figure


def correlations(values: pd.DataFrame) -> np.ndarray:
    """Pearson correlation of each pair of columns; NaN where one does not vary. Rounded to 9 decimals."""
    centred = values.to_numpy(float)
    centred = centred - centred.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        r = (centred.T @ centred) / np.outer(length, length)
    return np.where(np.outer(length, length) > 0, np.round(np.clip(r, -1, 1), 9), np.nan)


def _similar_order(r: np.ndarray) -> np.ndarray:
    """Leaves of average linkage on 1 - r; the given order if a correlation is missing."""
    if len(r) < 3 or not np.isfinite(r).all():
        return np.arange(len(r))
    distance = squareform(np.clip(1 - (r + r.T) / 2, 0, None), checks=False)
    return leaves_list(linkage(distance, "average"))


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
