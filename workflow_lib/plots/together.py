"""Figures of several contrasts: overlaps of changed peaks, fold change by fold change, factors."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from workflow_lib.plots import style
from workflow_lib.together.peaks import ALIKE, called

MOST_SETS, MOST_PANELS, MOST_FACTORS = 24, 9, 40
TONE = {"up": style.DIRECTION["up"], "down": style.DIRECTION["down"], "mixed": style.GREY}
SAID = {"up": "more open in all of them", "down": "less open in all", "mixed": "neither, or no direction"}
LAYERS = (
    ("in neither", style.LIGHT_GREY),
    ("in the horizontal one only", style.OKABE_ITO["orange"]),
    ("in the vertical one only", style.OKABE_ITO["sky"]),
    ("in both", style.OKABE_ITO["black"]),
)
HIGHEST = 12.0
"""-log10 of p at which colours of factors end."""
LONG_NAME = 30


def overlap(overlaps: pd.DataFrame, names: list[str]) -> Figure:
    """Changed peaks by the contrasts that call them: bars of exact combinations over a matrix of dots.

    Parameters
    ----------
    overlaps : DataFrame
        Of :func:`workflow_lib.together.peaks.overlaps`.
    names : list of str
        Contrasts, first on top.

    Returns
    -------
    Figure
        The largest `MOST_SETS` combinations, and on the left all changed peaks of each contrast.

    References
    ----------
    Lex et al. 2014, IEEE Trans Vis Comput Graph 20:1983 (UpSet).
    """
    if overlaps.empty:
        return style.message("Overlap of contrasts: no peak changed in any.")
    shown = overlaps.head(MOST_SETS)
    members = [set(text.split(",")) for text in overlaps["contrasts"]]
    totals = [
        sum(n for n, of in zip(overlaps["n_peaks"], members, strict=True) if name in of) for name in names
    ]
    x = np.arange(len(shown))
    with style.context():
        figure = style.figure(4.4 + 0.42 * len(shown), 3.0 + 0.3 * len(names))
        grid = figure.add_gridspec(
            2, 2, width_ratios=[1.5, max(0.42 * len(shown), 2.0)], height_ratios=[2.4, 0.3 * len(names)]
        )
        bars, dots, left = (figure.add_subplot(grid[where]) for where in ((0, 1), (1, 1), (1, 0)))
        base = np.zeros(len(shown))
        for way in ALIKE:
            bars.bar(x, shown[way], bottom=base, width=0.62, color=TONE[way])
            base += shown[way].to_numpy(float)
        for at, n in enumerate(shown["n_peaks"]):
            bars.text(at, n, f"{n:,}", ha="center", va="bottom", fontsize=8.5)
        bars.set_ylabel("Peaks")
        bars.set_xticks([])
        bars.set_ylim(0, 1.1 * float(base.max()))
        of = f"; {len(shown)} of {len(overlaps)} combinations" if len(overlaps) > len(shown) else ""
        bars.set_title(f"{overlaps['n_peaks'].sum():,} peaks change in one contrast or more{of}", fontsize=11)
        bars.legend(handles=[Patch(color=TONE[way], label=SAID[way]) for way in ALIKE], fontsize=9)
        _dots(dots, members, names, len(shown))
        dots.set_xlim(bars.get_xlim())
        _totals(left, totals)
        left.set_ylim(dots.get_ylim())
    return figure


def fold_changes(wide: pd.DataFrame, pairs: pd.DataFrame) -> Figure:
    """Fold change in one contrast against that in another, a panel a pair.

    Parameters
    ----------
    wide : DataFrame
        Of :func:`workflow_lib.together.peaks.side_by_side`.
    pairs : DataFrame
        Of :func:`workflow_lib.together.peaks.pairs`.

    Returns
    -------
    Figure
        At most `MOST_PANELS` pairs, those that share most changed peaks.
    """
    usable = pairs[pairs["n_tested"] > 0]
    if usable.empty:
        return style.message("Fold changes: no peak was tested in two contrasts.")
    shown = usable.sort_values("n_both", ascending=False, kind="stable").head(MOST_PANELS)
    columns = min(3, len(shown))
    rows = -(-len(shown) // columns)
    with style.context():
        figure = style.figure(3.3 * columns, 3.2 * rows + 0.6)
        panels = figure.subplots(rows, columns, squeeze=False)
        for axes, pair in zip(panels.flat, shown.itertuples(), strict=False):
            _pair(axes, wide, pair)
        for axes in panels.flat[len(shown) :]:
            axes.set_axis_off()
        of = f"; {len(shown)} of {len(usable)} pairs" if len(usable) > len(shown) else ""
        figure.suptitle(f"log₂ fold change in two contrasts{of}", fontsize=11, x=0.01, ha="left")
        handles = [Patch(color=colour, label=f"changed {said}") for said, colour in LAYERS]
        figure.legend(handles=handles, loc="outside lower left", ncols=2, fontsize=9)
    return figure


def _pair(axes: Axes, wide: pd.DataFrame, pair) -> None:
    """Points of one pair of contrasts; those beyond the 99.9th percentile stand at the edge."""
    a, b = str(pair.contrast_a), str(pair.contrast_b)
    x, y = (wide[f"{name}.log2FoldChange"].to_numpy(float) for name in (a, b))
    found = called(wide, [a, b]).to_numpy()
    tested = np.isfinite(x) & np.isfinite(y)
    limit = 0.5
    if tested.any():
        limit = max(limit, 1.1 * float(np.quantile(np.abs(np.r_[x[tested], y[tested]]), 0.999)))
    kind = found[:, 0] + 2 * found[:, 1]
    many = tested.sum() > style.MOST_POINTS
    for code, (_, colour) in enumerate(LAYERS):
        of = tested & (kind == code)
        points = np.clip(x[of], -limit, limit), np.clip(y[of], -limit, limit)
        axes.scatter(*points, s=5 if code else 2, color=colour, linewidths=0, rasterized=many)
    for line in (axes.axhline, axes.axvline):
        line(0, color=style.GREY, linewidth=0.6, zorder=0)
    axes.axline((0, 0), slope=1, color=style.GREY, linewidth=0.6, linestyle="--", zorder=0)
    axes.set_xlim(-limit, limit)
    axes.set_ylim(-limit, limit)
    axes.set_aspect("equal")
    axes.set_xlabel(style.literal(_short(a)), fontsize=9.5)
    axes.set_ylabel(style.literal(_short(b)), fontsize=9.5)
    axes.tick_params(labelsize=8.5)
    opposite = f", {pair.n_opposite:,} opposite" if pair.n_opposite else ""
    axes.set_title(f"r = {pair.correlation:.2f}; {pair.n_both:,} in both{opposite}", fontsize=9)


def factors(table: pd.DataFrame, names: list[str], alpha: float) -> Figure:
    """Clusters of motifs by contrasts, coloured by the evidence and its sign.

    Parameters
    ----------
    table : DataFrame
        Of :func:`workflow_lib.together.factors.evidence`.
    names : list of str
        Contrasts.
    alpha : float
        A dot marks an adjusted p-value below it.

    Returns
    -------
    Figure
        The first `MOST_FACTORS` of the clusters that are significant in a contrast, in order of their
        evidence; the first ten where none is.
    """
    tested = table.dropna(subset="signed")
    if tested.empty:
        return style.message("Factors by contrast: no motif could be tested.")
    hits = list(dict.fromkeys(tested.loc[tested["padj"] < alpha, "cluster"]))
    shown = hits[:MOST_FACTORS] or list(dict.fromkeys(tested["cluster"]))[:10]
    rows = tested.set_index(["cluster", "contrast"])
    signed = rows["signed"].unstack().reindex(index=shown, columns=names)
    padj = rows["padj"].unstack().reindex(index=shown, columns=names)
    sided = rows["side"].notna().unstack().reindex(index=shown, columns=names).eq(True).to_numpy()
    values = np.clip(signed.to_numpy(float), -HIGHEST, HIGHEST)
    labels = table.drop_duplicates("cluster").set_index("cluster")["name"].reindex(shown)
    with style.context():
        figure = style.figure(4.6 + 0.5 * len(names), 2.0 + 0.24 * len(shown) + 0.06 * max(map(len, names)))
        axes = figure.subplots()
        axes.set_facecolor(style.LIGHT_GREY)
        scales: list[tuple] = [
            (TwoSlopeNorm(0, -HIGHEST, HIGHEST), style.DIVERGING, sided, "blue falls, red rises")
        ]
        if (~sided & np.isfinite(values)).any():
            scales.append((Normalize(0, HIGHEST), "Purples", ~sided, "no direction"))
        for norm, colours, mask, said in scales:
            axes.imshow(np.ma.masked_where(~mask, values), aspect="auto", cmap=colours, norm=norm)
            bar = figure.colorbar(ScalarMappable(norm, colours), ax=axes, shrink=0.6, pad=0.02)
            bar.set_label(f"\N{MINUS SIGN}log₁₀ p: {said}", fontsize=9)
        dots, columns = np.nonzero(padj.to_numpy(float) < alpha)
        axes.plot(columns, dots, "o", color="black", markersize=3)
        axes.set_xticks(np.arange(len(names)), [style.literal(_short(name)) for name in names], rotation=90)
        axes.set_yticks(np.arange(len(shown)), [style.literal(_short(str(name))) for name in labels])
        axes.tick_params(axis="y", labelsize=9)
        of = f"; {len(shown)} of {len(hits)} significant" if len(hits) > len(shown) else ""
        axes.set_title(f"Dot: adjusted p < {alpha:g}{of}", fontsize=9.5)
    return figure


def _dots(axes: Axes, members: list[set[str]], names: list[str], n_shown: int) -> None:
    """Which contrasts each bar is of."""
    rows = np.arange(len(names))
    for i in rows[::2]:
        axes.axhspan(i - 0.5, i + 0.5, color="#F2F2F2", linewidth=0)
    for at, of in enumerate(members[:n_shown]):
        inside = [i for i in rows if names[i] in of]
        axes.plot([at] * len(rows), rows, "o", color=style.LIGHT_GREY, markersize=6)
        axes.plot([at] * len(inside), inside, "o-", color="black", markersize=6, linewidth=1.6)
    axes.set_xticks([])
    axes.set_yticks(rows, [style.literal(_short(name)) for name in names])
    axes.set_ylim(len(names) - 0.5, -0.5)
    for side in ("bottom", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)


def _totals(axes: Axes, totals: list[int]) -> None:
    """All changed peaks of each contrast."""
    axes.barh(np.arange(len(totals)), totals, color="black", height=0.55)
    for i, n in enumerate(totals):
        axes.text(n, i, f"{n:,} ", ha="right", va="center", fontsize=8.5)
    axes.set_xlim(max(totals) * 1.35, 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("Changed peaks", fontsize=9.5)
    axes.tick_params(axis="x", labelsize=8)
    axes.locator_params(axis="x", nbins=3)


def _short(name: str) -> str:
    return name if len(name) <= LONG_NAME else f"{name[: LONG_NAME - 1]}…"
