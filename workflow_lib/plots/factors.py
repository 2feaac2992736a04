"""Figure of the evidence for each factor: what every test says, side by side."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from workflow_lib.plots import style

N_TOP, LEAST = 25, 5
HIGHEST = 12.0  # -log10 of adjusted p at which markers stop growing
MARKERS = {"up": "^", "down": "v", "changed": "D"}

# heading, column of the adjusted p, and the side: fixed, or a column whose sign gives it
COLUMNS = (
    ("all\nevidence", "padj", "direction"),
    ("enriched in\nup peaks", "up_padj", "up"),
    ("enriched in\ndown peaks", "down_padj", "down"),
    ("enriched in\nchanged peaks", "wide_padj", "changed"),
    ("along\nall peaks", "along_padj", "slope_z"),
    ("by sample", "activity_padj", "activity"),
    ("chromVAR", "chromvar_padj", "chromvar_delta"),
    ("footprint\ndepth", "depth_padj", "delta_depth"),
    ("flanks\n(not counted)", "flank_padj", "delta_flank"),
    ("its promoter\n(not counted)", "promoter_padj", "promoter_log2FC"),
    ("expression\n(not counted)", "expression_padj", "expression_log2FC"),
)


def evidence(table: pd.DataFrame, alpha: float, n_top: int = N_TOP) -> Figure:
    """Tests of the leading groups of motifs, one column a kind of evidence.

    A triangle points up (vermillion) where activity rises from control to experiment and down (blue) where it
    falls; where any difference counts it is a diamond. It grows with -log10 of the adjusted p, is full below
    `alpha` and hollow above. A dot in a hollow one: the group is not significant, but single motifs of it
    are. A dash: not tested.

    Parameters
    ----------
    table : DataFrame
        Of :func:`workflow_lib.factors.evidence.rank`.
    alpha : float
    n_top : int
        Most rows: those of which adjustment leaves something, or at least the first five.

    Returns
    -------
    Figure
    """
    tested = table.dropna(subset="padj")
    n_called = int((tested["padj"] < alpha).sum())
    top = tested.head(int(np.clip((tested["padj"] < 1).sum(), LEAST, n_top)))
    if top.empty:
        return style.message("Evidence for factors: no motif could be tested.")
    without = top["side"].isna().all()
    columns = [
        column for column in COLUMNS if column[1] == "padj" or
        (column[1] in ("up_padj", "down_padj") and not without) or
        (column[1] in top and top[column[1]].notna().any() and (without or column[1] != "wide_padj"))
    ]  # fmt: skip
    with style.context():
        figure = style.figure(4.2 + 1.05 * len(columns), 2.6 + 0.3 * len(top))
        axes = figure.subplots()
        axes.axvspan(-0.5, 0.5, color="0.94", zorder=0, linewidth=0)
        axes.hlines(range(len(top)), -0.5, len(columns) - 0.5, color="0.9", linewidth=0.6, zorder=0.5)
        alone = 0
        for x, (_, padj, side) in enumerate(columns):
            sides = np.full(len(top), "changed", object) if without else _sides(top, side)
            _column(axes, x, top, padj, sides, alpha)
            alone += _dots(axes, x, top, padj, alpha)
        axes.set_xlim(-0.5, len(columns) - 0.5)
        axes.set_ylim(len(top) - 0.4, -0.6)
        axes.xaxis.tick_top()
        axes.set_xticks(range(len(columns)), [heading for heading, _, _ in columns], fontsize=9)
        axes.set_yticks(range(len(top)), [style.literal(name) for name in labels(top)], fontsize=9.5)
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.set_title(
            f"{n_called} of {len(tested):,} groups of like motifs changed; shown: {len(top)}",
            fontsize=10,
            pad=10,
        )
        figure.legend(
            handles=_legend(alpha, dots=alone > 0, sides=not without),
            loc="outside lower center",
            ncols=3,
            columnspacing=1.5,
        )
    return figure


def labels(table: pd.DataFrame) -> list[str]:
    """`name (id)` and how many motifs like it the row stands for."""
    return [
        f"{row.name} ({row.representative})" + (f" + {row.n_members - 1} alike" if row.n_members > 1 else "")
        for row in table[["name", "representative", "n_members"]].itertuples(index=False)
    ]


def _sides(top: pd.DataFrame, side: str) -> np.ndarray:
    """up or down of every row."""
    if side in MARKERS:
        return np.full(len(top), side, object)
    if side == "direction":
        return top["side"].to_numpy(object)
    return np.where(top[side] >= 0, "up", "down").astype(object)


def _column(axes: Axes, x: int, top: pd.DataFrame, padj: str, sides: np.ndarray, alpha: float) -> None:
    p = top[padj].to_numpy(float)
    y = np.arange(len(top))
    missing = np.isnan(p)
    axes.scatter(np.full(missing.sum(), x), y[missing], marker="_", s=30, color=style.GREY, linewidths=0.8)
    for side, marker in MARKERS.items():
        for full in (True, False):
            chosen = ~missing & (sides == side) & ((p < alpha) == full)
            colour = style.DIRECTION[side]
            axes.scatter(
                np.full(chosen.sum(), x),
                y[chosen],
                marker=marker,
                s=_size(p[chosen]),
                facecolors=colour if full else "white",
                edgecolors=colour,
                linewidths=0.9,
                alpha=1.0 if full else 0.6,
                zorder=2,
            )


def _dots(axes: Axes, x: int, top: pd.DataFrame, padj: str, alpha: float) -> int:
    """Mark groups that are not significant though motifs of theirs are; how many there are."""
    counted = padj.replace("padj", "motifs")
    if counted not in top:
        return 0
    some = top[counted].notna() & ~top[counted].astype(str).str.startswith("0 ")
    y = np.flatnonzero(some & (top[padj] >= alpha))
    drawn = axes.scatter(np.full(len(y), x), y, marker=".", s=14, color="0.2", linewidths=0, zorder=3)
    drawn.set_gid("alone")
    return len(y)


def _size(padj) -> np.ndarray:
    """Area of a marker, in points squared."""
    height = -np.log10(np.maximum(np.asarray(padj, dtype=float), 10.0**-HIGHEST))
    return 22 + 170 * height / HIGHEST


def _legend(alpha: float, dots: bool, sides: bool) -> list[Line2D]:
    def handle(marker: str, colour: str, padj: float, words: str, full: bool = True) -> Line2D:
        return Line2D(
            [], [], linestyle="", marker=marker, markersize=float(np.sqrt(_size(padj))),
            markerfacecolor=colour if full else "white", markeredgecolor=colour, label=words,
        )  # fmt: skip

    grey = style.GREY
    ways = {"up": "rises", "down": "falls"} if sides else {"changed": "changes"}
    shown = [handle(MARKERS[way], style.DIRECTION[way], 1e-4, words) for way, words in ways.items()]
    shown += [
        handle("^", grey, alpha, f"hollow: adjusted p ≥ {alpha:g}", full=False),
        handle("^", grey, 1e-3, "adjusted p = 0.001"),
        handle("^", grey, 10.0**-HIGHEST, f"10⁻{str(int(HIGHEST)).translate(_RAISED)} or less"),
        handle("_", grey, 1e-3, "not tested"),
    ]
    if dots:
        words = "in a hollow one: single motifs are significant"
        shown.append(Line2D([], [], linestyle="", marker=".", markersize=5, color="0.2", label=words))
    return shown


_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
