"""Figure of the evidence for each factor: what every test says, side by side."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from workflow_lib.plots import style

N_TOP, LEAST = 25, 5
MARKERS = {"up": "^", "down": "v", "changed": "D", "rarer": "o"}

# heading, column of the adjusted p, and of the effect: its sign is the side, but for odds ratios in one set
COLUMNS = (
    ("all\nevidence", "padj", "side"),
    ("opened\nregions", "up_padj", "up_odds_ratio"),
    ("closed\nregions", "down_padj", "down_odds_ratio"),
    ("changed\nregions", "wide_padj", "wide_log2"),
    ("along all\nregions", "along_padj", "slope_z"),
    ("by sample", "activity_padj", "activity"),
    ("chromVAR", "chromvar_padj", "chromvar_delta"),
    ("footprint\ndepth", "depth_padj", "delta_depth"),
    ("flanks†", "flank_padj", "delta_flank"),
    ("promoter†", "promoter_padj", "promoter_log2FC"),
    ("expression†", "expression_padj", "expression_log2FC"),
)
WAYS = {"up_odds_ratio": "up", "down_odds_ratio": "down"}


def evidence(table: pd.DataFrame, alpha: float, n_top: int = N_TOP) -> Figure:
    """Tests of the leading clusters of motifs, one column a kind of evidence.

    Shape is the effect's side: a triangle up where activity rises from control to experiment, down where it
    falls; a motif that is enriched in opened regions speaks for a rise, in closed ones for a fall, and one
    that is rarer there than in its background is a circle. Where any difference counts there are no sides,
    and all are diamonds. Area is the effect's size, relative to the largest of the column. Colour is
    significance: vermillion and blue below `alpha`, grey above. A dot in a grey one: single motifs of the
    cluster are significant. A dash: not tested.

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
    hidden = ("up_padj", "down_padj") if _without_sides(top) else ("wide_padj",)
    columns = [
        column for column in COLUMNS if column[1] not in hidden and
        (column[1] in ("padj", "up_padj", "down_padj") or
         (column[1] in top and top[column[1]].notna().any()))
    ]  # fmt: skip
    with style.context():
        figure = style.figure(style.DOUBLE, 2.5 + 0.3 * len(top))
        axes = figure.subplots()
        axes.axvspan(-0.5, 0.5, color="0.94", zorder=0, linewidth=0)
        axes.hlines(range(len(top)), -0.5, len(columns) - 0.5, color="0.9", linewidth=0.6, zorder=0.5)
        alone = 0
        for x, (_, padj, effect) in enumerate(columns):
            _column(axes, x, top, padj, effect, alpha)
            alone += _dots(axes, x, top, padj, alpha)
        for y, p in enumerate(top["padj"]):
            colour = "black" if p < alpha else "0.45"
            axes.text(0.12, y, _written(p), fontsize=8.5, ha="left", va="center", color=colour)
        axes.set_xlim(-0.5, len(columns) - 0.5)
        axes.set_ylim(len(top) - 0.4, -0.6)
        axes.xaxis.tick_top()
        axes.set_xticks(range(len(columns)), [heading for heading, _, _ in columns], fontsize=9)
        axes.set_yticks(range(len(top)), [style.literal(name) for name in labels(top)], fontsize=9.5)
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.set_title(
            f"{n_called} of {len(tested):,} clusters of similar motifs changed; shown: {len(top)}; "
            "†: not counted",
            fontsize=10,
            pad=10,
        )
        figure.legend(
            handles=_legend(alpha, alone > 0, not _without_sides(top)),
            loc="outside lower center",
            ncols=4,
            columnspacing=1.5,
        )
    return figure


def _written(p: float) -> str:
    """The adjusted p of all evidence."""
    return f"{p:.0e}" if p < 0.001 else f"{p:.2g}"


def labels(table: pd.DataFrame) -> list[str]:
    """`name (id)` and how many similar motifs the row stands for."""
    return [
        f"{row.name} ({row.representative})"
        + (f" + {row.n_members - 1} similar" if row.n_members > 1 else "")
        for row in table[["name", "representative", "n_members"]].itertuples(index=False)
    ]


def _without_sides(top: pd.DataFrame) -> bool:
    """Whether any difference counted."""
    return bool(top["side"].isna().all())


def effects(top: pd.DataFrame, effect: str) -> tuple[np.ndarray, np.ndarray]:
    """Side (up, down, or rarer than expected) and size (0 to 1, of the column's largest) of every row."""
    if effect == "side":
        side = np.where(_without_sides(top), "changed", top["side"].to_numpy(object))
        return side, np.full(len(top), 0.5)
    values = top[effect].to_numpy(float)
    if effect in WAYS:
        with np.errstate(divide="ignore", invalid="ignore"):
            values = np.log2(values)
        side = np.where(values > 0, WAYS[effect], "rarer").astype(object)
    else:
        side = np.where(values >= 0, "up", "down").astype(object)
    if _without_sides(top):
        side[:] = "changed"
    size = np.where(np.isfinite(values), np.abs(values), 0)
    return side, np.clip(size / (size.max(initial=0) or 1), 0, 1)


def _column(axes: Axes, x: int, top: pd.DataFrame, padj: str, effect: str, alpha: float) -> None:
    p = top[padj].to_numpy(float)
    y = np.arange(len(top))
    sides, sizes = effects(top, effect)
    missing = np.isnan(p)
    axes.scatter(np.full(missing.sum(), x), y[missing], marker="_", s=30, color=style.GREY, linewidths=0.8)
    at = x - 0.12 if effect == "side" else x
    for side, marker in MARKERS.items():
        for significant in (True, False):
            chosen = ~missing & (sides == side) & ((p < alpha) == significant)
            axes.scatter(
                np.full(chosen.sum(), at),
                y[chosen],
                marker=marker,
                s=_size(sizes[chosen]),
                color=style.DIRECTION.get(side, "0.35") if significant else style.LIGHT_GREY,
                edgecolors="none" if significant else style.GREY,
                linewidths=0.5,
                zorder=2,
            )


def _dots(axes: Axes, x: int, top: pd.DataFrame, padj: str, alpha: float) -> int:
    """Mark clusters that are not significant though motifs of theirs are; how many there are."""
    counted = padj.replace("padj", "motifs")
    if counted not in top:
        return 0
    some = top[counted].notna() & ~top[counted].astype(str).str.startswith("0 ")
    y = np.flatnonzero(some & (top[padj] >= alpha))
    drawn = axes.scatter(np.full(len(y), x), y, marker=".", s=14, color="0.2", linewidths=0, zorder=3)
    drawn.set_gid("alone")
    return len(y)


def _size(share) -> np.ndarray:
    """Area of a marker, in points squared."""
    return 22 + 150 * np.asarray(share, dtype=float)


def _legend(alpha: float, dots: bool, sides: bool) -> list[Line2D]:
    def handle(marker: str, colour: str, words: str, share: float = 0.5) -> Line2D:
        return Line2D(
            [], [], linestyle="", marker=marker, markersize=float(np.sqrt(_size(share))),
            markerfacecolor=colour, markeredgecolor="none", label=words,
        )  # fmt: skip

    ways = {"up": "rises", "down": "falls"} if sides else {"changed": "changes"}
    shown = [
        handle(MARKERS[way], style.DIRECTION[way], f"{word}, adjusted p < {alpha:g}")
        for way, word in ways.items()
    ] + [
        handle("^", style.LIGHT_GREY, "grey: not significant"),
        handle("o", style.LIGHT_GREY, "rarer than expected", 0.2),
        handle("^", style.GREY, "small effect", 0.05),
        handle("^", style.GREY, "largest effect of its column", 1.0),
        Line2D([], [], linestyle="", marker="_", color=style.GREY, label="not tested"),
    ]
    if dots:
        words = "black dot: single motifs are significant"
        shown.append(Line2D([], [], linestyle="", marker=".", markersize=5, color="0.2", label=words))
    return shown
