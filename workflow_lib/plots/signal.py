"""Coverage around the regions that changed: mean profiles above, a row a region below."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from workflow_lib.plots import style
from workflow_lib.stats.forms import CALLED

WORDS = {"up": "opened", "down": "closed", "changed": "changed"}
MOST_GROUPS = 6  # columns that a figure has room for
CENTRE = 0.5  # kb around the middle, by whose signal rows are ordered
BRIGHTEST = 0.99  # share of the values below the top of the colour scale


def changes(signal: pd.DataFrame, chosen: pd.DataFrame, groups: Sequence[str]) -> Figure:
    """Heat map and mean profile by group of the regions that opened, and of those that closed.

    Parameters
    ----------
    signal : DataFrame
        Of :func:`workflow_lib.tracks.signal.by_group`.
    chosen : DataFrame
        peak and direction of the contrast's regions.
    groups : sequence of str
        Which are shown, in their order.

    Returns
    -------
    Figure
        A column a group, on one scale; regions with more signal stand above.
    """
    ways = [way for way in CALLED if (chosen["direction"] == way).any()]
    if not ways:
        return style.message("Signal: no region changed.")
    positions = [column for column in signal.columns if column not in ("peak", "group")]
    x = np.array(positions, dtype=float) / 1000
    step = x[1] - x[0]
    extent = (x[0] - step / 2, x[-1] + step / 2)
    values = {
        (way, group): signal[signal["group"] == group]
        .set_index("peak")
        .loc[chosen.loc[chosen["direction"] == way, "peak"], positions]
        .to_numpy(float)
        for way in ways
        for group in groups
    }
    sizes = {way: int((chosen["direction"] == way).sum()) for way in ways}
    colours = style.group_colours(signal["group"].astype(str))
    top = float(np.quantile(np.concatenate([each.ravel() for each in values.values()]), BRIGHTEST)) or 1.0
    heights = [max(sizes[way] / max(sizes.values()), 0.15) for way in ways]
    with style.context():
        figure = style.figure(2.6 * len(groups) + 1.5, 2.4 + 4.2 * sum(heights))
        grid = figure.subplots(
            1 + len(ways), len(groups), height_ratios=[0.45 * sum(heights), *heights], squeeze=False
        )
        for row, way in enumerate(ways, start=1):
            centre = np.abs(x) < CENTRE
            order = np.argsort(
                -sum(values[way, group][:, centre].sum(axis=1) for group in groups), kind="stable"
            )
            for column, group in enumerate(groups):
                axes = grid[row, column]
                image = axes.imshow(
                    values[way, group][order], cmap=style.SEQUENTIAL, vmin=0, vmax=top, aspect="auto",
                    extent=(*extent, sizes[way], 0),
                )  # fmt: skip
                axes.set_yticks([])
                axes.tick_params(axis="x", labelbottom=row == len(ways))
                if not column:
                    axes.set_ylabel(f"{sizes[way]} {WORDS[way]}", color=style.DIRECTION[way])
        highest = max(float(each.mean(axis=0).max()) for each in values.values()) or 1.0
        for column, group in enumerate(groups):
            axes = grid[0, column]
            for way in ways:
                axes.plot(x, values[way, group].mean(axis=0), color=style.DIRECTION[way], label=WORDS[way])
            axes.set(xlim=extent, ylim=(0, 1.1 * highest))
            axes.tick_params(labelbottom=False, labelleft=not column)
            axes.set_title(style.literal(group), color=colours[group], fontsize=10)
        grid[0, 0].set_ylabel("Mean insertions")
        bar = figure.colorbar(image, ax=grid[1:, :], shrink=0.6, pad=0.02)
        bar.set_label("Insertions per base over size factor")
        figure.supxlabel("Distance from the middle of the region (kb)", fontsize=11)
        grid[0, 0].legend(loc="upper left", handlelength=1)
    return figure
