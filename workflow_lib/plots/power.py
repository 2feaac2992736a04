"""Power against the number of samples and against reads."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from workflow_lib.plots import style


def curves(table: pd.DataFrame) -> Figure:
    """Two panels: by samples in each group, and by reads of each sample.

    Parameters
    ----------
    table : DataFrame
        As `differential.power.table` makes it.

    Returns
    -------
    Figure
        Without rows, one that says so.
    """
    own = table[table["study"]]
    if own.empty:
        return style.message("Power: no peak has a dispersion.")
    size = own["replicates"].iloc[0]
    with style.context():
        figure = style.figure(6.4, 3.2)
        left, right = figure.subplots(1, 2, sharey=True)
        _lines(left, table[table["reads"] == 1], "replicates", size)
        _lines(right, table[table["replicates"] == size], "reads", 1)
        left.set_xlabel("Samples in each group")
        left.set_ylabel("Changed regions that are found")
        right.set_xlabel("Reads, times this study's")
        right.set_xscale("log", base=2)
        right.set_xticks(sorted(table["reads"].unique()), [f"{x:g}" for x in sorted(table["reads"].unique())])
        right.minorticks_off()
        left.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        left.set_ylim(-0.02, 1.02)
        figure.legend(
            *left.get_legend_handles_labels(), title="Fold change", loc="outside right center", frameon=False
        )
    return figure


def _lines(axes: Axes, table: pd.DataFrame, by: str, own: float) -> None:
    colours = style.SEQUENTIAL(pd.Series(range(table["fold_change"].nunique())) / 5)
    for (fold, rows), colour in zip(table.groupby("fold_change"), colours, strict=True):
        axes.plot(rows[by], rows["power"], color=colour, label=f"{fold:g}", zorder=2)
        here = rows[rows[by] == own]
        axes.plot(here[by], here["power"], "o", mfc="white", mec=colour, zorder=3)
    axes.axhline(0.8, color=style.LIGHT_GREY, linewidth=0.8, zorder=1)
