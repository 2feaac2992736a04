"""Figures of footprints: profiles by group, changes of depth and flanks, single sites."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from workflow_lib.footprints.by_site import edges
from workflow_lib.footprints.differential import LOW_POWER, NO_FOOTPRINT, NO_SITES
from workflow_lib.footprints.profiles import file_name
from workflow_lib.footprints.scores import NEAR
from workflow_lib.motifs.leading import strongest
from workflow_lib.plots import labels, style

UNIT = "relative to near flanks"
POSITION = "Position from the motif's middle (bp)"
NEIGHBOURS = 5  # bases that a drawn point is the mean of
REACH = 100  # bp shown where the figure is small
COLUMNS, N_SMALL, N_LABELS = 3, 12, 12
BIN = 5  # bp a column of the picture of single sites
CHANGES = (
    # legend, depth and flank significant, marker, colour, size
    ("neither", False, False, "o", style.LIGHT_GREY, 14),
    ("flanks", False, True, "s", style.OKABE_ITO["sky"], 20),
    ("depth", True, False, "^", style.OKABE_ITO["orange"], 42),
    ("depth and flanks", True, True, "D", style.OKABE_ITO["vermillion"], 36),
)


def draw_all(
    tables: Mapping[str, pd.DataFrame],
    heat: Mapping[str, Mapping[str, np.ndarray]],
    tests: pd.DataFrame,
    lengths: Mapping[str, int],
    groups: Sequence[str],
    colours: Mapping[str, str],
    folder: str | Path,
) -> None:
    """Draw `{motif}.svg` and `{motif}.sites.svg`, and PNG files of both, of every motif into a folder.

    Parameters
    ----------
    tables : mapping of motif_id to table of its profile
    heat : mapping of motif_id to what :func:`by_site` draws
    tests, lengths, groups, colours
        As in :func:`profiles`.
    folder : path
        Made even if nothing is drawn.
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    for _, test in tests[tests["motif_id"].isin(list(tables))].iterrows():
        motif_id = test["motif_id"]
        stem = Path(folder) / file_name(motif_id).removesuffix(".tsv")
        drawn = profile(tables[motif_id], test, lengths[motif_id], groups, colours)
        style.save(drawn, *style.forms(stem))
        drawn = by_site(heat[motif_id], test, lengths[motif_id], groups)
        style.save(drawn, *style.forms(f"{stem}.sites"))


def profile(
    table: pd.DataFrame, test: Mapping, length: int, groups: Sequence[str], colours: Mapping[str, str]
) -> Figure:
    """Cuts around one motif's sites by group: observed and expected above, corrected with bands below.

    Parameters
    ----------
    table : DataFrame
        Of :func:`workflow_lib.footprints.profiles.table`.
    test : mapping
        The motif's row of the contrast's table.
    length : int
        bp of the motif.
    groups : sequence of str
        To draw, the control first.
    colours : mapping of group to colour
    """
    if not _seen(table, groups):
        return style.message(f"{style.literal(title(test))}: there are no cuts around its sites.")
    position = table["position"]
    with style.context():
        figure = style.figure(7.2, 5.6)
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=[1, 1.7])
        for group in groups:
            colour = colours[group]
            above.plot(position, _smooth(table[f"{group}.observed"]), color=colour, linewidth=1)
            above.plot(
                position, _smooth(table[f"{group}.expected"]), color=colour, linewidth=1, linestyle=":"
            )
        _corrected(below, table, groups, colours)
        for axes in (above, below):
            _regions(axes, length)
        _name_regions(below, length)
        above.set_ylim(bottom=0)
        above.set_ylabel(f"Cuts,\n{UNIT}", fontsize=9.5)
        below.set_ylabel(f"Observed \N{MINUS SIGN} expected cuts,\n{UNIT}", fontsize=9.5)
        below.set_xlabel(f"{POSITION}; means of {NEIGHBOURS} bp")
        below.set_xlim(position.min(), position.max())
        above.set_title(style.literal(title(test)))
        below.set_title(style.literal(verdict(test)), fontsize=9.5)
        handles = [Line2D([], [], color=colours[group], label=style.literal(group)) for group in groups]
        handles += [
            Line2D([], [], color="black", linewidth=1, label="observed (upper panel)"),
            Line2D(
                [], [], color="black", linewidth=1, linestyle=":", label="expected from Tn5 sequence bias"
            ),
        ]
        figure.legend(
            handles=handles, loc="outside lower center", ncols=2 if len(groups) < 3 else 4, fontsize=9
        )
    return figure


def title(test: Mapping) -> str:
    """`CTCF (MA0139.2), 253 sites`."""
    name, motif_id = test["name"], test["motif_id"]
    known = name if isinstance(name, str) and name != motif_id else None
    said = f"{known} ({motif_id})" if known else str(motif_id)
    n = int(test["n_sites"])
    return f"{said}, {n:,} {'site' if n == 1 else 'sites'}"


def verdict(test: Mapping) -> str:
    """What the test says of the change in depth, and what to know about it."""
    if pd.isna(test["delta_depth"]):
        said = "change in depth: not tested"
    else:
        said = f"change in depth {_signed(test['delta_depth'])}"
        if pd.notna(test["delta_depth_ci_low"]):
            low, high = (_signed(test[f"delta_depth_ci_{side}"]) for side in ("low", "high"))
            said += f" ({low} to {high})"
        said += f", adjusted p {test['padj']:.2g}" if pd.notna(test["padj"]) else ", without a test"
    return said + (f"; {test['note']}" if isinstance(test["note"], str) else "")


def profiles(
    tables: Mapping[str, pd.DataFrame],
    tests: pd.DataFrame,
    lengths: Mapping[str, int],
    groups: Sequence[str],
    colours: Mapping[str, str],
) -> Figure:
    """Corrected profiles of the leading motifs by group, a panel a motif, all on one scale.

    Parameters
    ----------
    tables : mapping of motif_id to table of its profile
    tests : DataFrame
        The contrast's table: panels are in order of its p-values, untested motifs last.
    lengths : mapping of motif_id to bp
    groups, colours
        As in :func:`profile`.
    """
    order = tests[tests["motif_id"].isin(list(tables))].sort_values("pvalue", kind="stable")
    rows = [row for _, row in order.iterrows() if _seen(tables[row["motif_id"]], groups)][:N_SMALL]
    if not rows:
        return style.message("Profiles: no motif has cuts around its sites.")
    n = min(len(rows), COLUMNS)
    with style.context():
        figure = style.figure(2.7 * n + 1.0, 2.1 * -(-len(rows) // n) + 1.0)
        panels = figure.subplots(-(-len(rows) // n), n, sharex=True, sharey=True, squeeze=False)
        for axes, row in zip(panels.flat, rows, strict=False):
            table, motif_id = tables[row["motif_id"]], row["motif_id"]
            _corrected(axes, table[table["position"].abs() <= REACH], groups, colours)
            _regions(axes, lengths[motif_id])
            name = row["name"] if isinstance(row["name"], str) else motif_id
            axes.set_title(style.literal(f"{name}, {row['n_sites']:,} sites"), fontsize=10)
            axes.annotate(
                _short(row), (0.98, 0.03), xycoords="axes fraction", ha="right", va="bottom", fontsize=8
            )
        for axes in panels.flat[len(rows) :]:
            axes.set_axis_off()
        panels[0, 0].set_xlim(-REACH, REACH)
        panels[0, 0].set_xticks([-REACH // 2, 0, REACH // 2])
        for axes in panels.flat[max(len(rows) - n, 0) : len(rows)]:
            axes.tick_params(labelbottom=True)
        near = [
            table[table["position"].abs() <= REACH] for table in (tables[row["motif_id"]] for row in rows)
        ]
        _scale(panels[0, 0], near, groups)
        figure.supylabel(f"Observed \N{MINUS SIGN} expected cuts, {UNIT}", fontsize=10)
        figure.supxlabel(f"{POSITION}; means of {NEIGHBOURS} bp", fontsize=10)
        handles = [Line2D([], [], color=colours[group], label=style.literal(group)) for group in groups]
        figure.legend(handles=handles, loc="outside upper right", ncols=4)
    return figure


def changes(tests: pd.DataFrame, alpha: float, experiment: str, control: str) -> Figure:
    """Change of depth against change of flanks, a point a motif.

    Parameters
    ----------
    tests : DataFrame
        The contrast's table.
    alpha : float
        Significance, by colour and by shape, of both adjusted p-values.
    experiment, control : str
    """
    shown = tests.dropna(subset=["delta_flank", "delta_depth"])
    if shown.empty:
        return style.message("Depth against flanks: there is no motif with enough sites.")
    deep, open_ = shown["padj"] < alpha, shown["flank_padj"] < alpha
    tested = shown["padj"].notna().any()
    over = style.literal(f"{experiment} \N{MINUS SIGN} {control}")
    with style.context():
        figure = style.figure(6.4, 5.2)
        axes = figure.subplots()
        axes.axhline(0, color=style.GREY, linewidth=0.8, zorder=0)
        axes.axvline(0, color=style.GREY, linewidth=0.8, zorder=0)
        for z, (words, depth, flank, marker, colour, size) in enumerate(CHANGES):
            chosen = shown[(deep == depth) & (open_ == flank)]
            if chosen.empty and (depth or flank):
                continue
            axes.scatter(
                chosen["delta_flank"],
                chosen["delta_depth"],
                marker=marker,
                s=size,
                facecolors=colour,
                edgecolors=style.GREY if colour == style.LIGHT_GREY else "black",
                linewidths=0.4,
                zorder=1 + z,
                label=f"{words if tested else 'without a test'}: {len(chosen):,}",
            )
        axes.margins(0.08)
        axes.set_xlabel(f"Change of the flanks' accessibility ({over}), log₂")
        axes.set_ylabel(f"Change of depth ({over}),\nshare of near-flank cuts")
        axes.set_title(f"{len(shown):,} motifs with enough sites", fontsize=11)
        heading = f"Changed (adjusted p < {alpha:g})" if tested else None
        figure.legend(loc="outside lower center", ncols=4, title=heading, fontsize=9, title_fontsize=9)
        named = _named(shown, deep, open_)
        names = [name if isinstance(name, str) else motif for name, motif in
                 zip(named["name"], named["motif_id"], strict=True)]  # fmt: skip
        rest = shown[(deep | open_) & ~shown["motif_id"].isin(named["motif_id"])]
        others = rest["delta_flank"], rest["delta_depth"]
        labels.place(axes, named["delta_flank"], named["delta_depth"], names, clear=4, others=others)
    return figure


def by_site(panels: Mapping[str, np.ndarray], test: Mapping, length: int, groups: Sequence[str]) -> Figure:
    """Heat map of cuts around single sites by falling score, a panel a group, on one scale.

    Parameters
    ----------
    panels : mapping of group to (n_rows, 2 * flank + 1) array
        As :func:`workflow_lib.footprints.by_site.collect` gives it for the motif.
    test, length, groups
        As in :func:`profile`.
    """
    shown = {group: _binned(panels[group]) for group in groups if group in panels}
    values = np.concatenate([rows.ravel() for rows in shown.values()]) if shown else np.zeros(0)
    if not np.isfinite(values).any():
        return style.message(f"{style.literal(title(test))}: there are no cuts around its sites.")
    top = max(float(np.nanquantile(values, 0.96)), 1e-9)
    n_rows, n_sites = len(next(iter(shown.values()))), int(test["n_sites"])
    with style.context():
        figure = style.figure(2.9 * len(shown) + 1.5, 4.6)
        row = figure.subplots(1, len(shown), sharex=True, sharey=True, squeeze=False)[0]
        for axes, (group, rows) in zip(row, shown.items(), strict=True):
            half = BIN * rows.shape[1] / 2
            image = axes.imshow(
                rows, cmap=style.SEQUENTIAL, vmin=0, vmax=top, aspect="auto", extent=(-half, half, n_rows, 0)
            )
            for edge in edges(length):
                axes.axvline(edge - 0.5, color="white", linewidth=0.6, linestyle=(0, (4, 4)))
            axes.set_title(style.literal(group), fontsize=11)
            axes.locator_params(axis="x", nbins=3)
            axes.set_yticks([])
        each = f";\n{n_rows} rows, means of neighbours" if n_sites > n_rows else ""
        row[0].set_ylabel(f"{n_sites:,} sites by score, best on top{each}")
        figure.supxlabel(POSITION, fontsize=11)
        figure.suptitle(style.literal(title(test)), x=0.01, ha="left", fontsize=12)
        bar = figure.colorbar(image, ax=row, shrink=0.8, extend="max")
        bar.set_label(f"Cuts, {UNIT} of all sites")
    return figure


def _named(shown: pd.DataFrame, deep: pd.Series, open_: pd.Series) -> pd.DataFrame:
    """Representatives to label: changed in depth first, then those whose flanks changed most."""
    flanks = strongest(shown[open_ & ~deep], len(shown), by="flank_pvalue")
    largest = flanks["delta_flank"].abs().sort_values(ascending=False, kind="stable").index[: N_LABELS // 2]
    return pd.concat([strongest(shown[deep], N_LABELS), flanks.loc[largest]]).head(N_LABELS)


def _seen(table: pd.DataFrame, groups: Sequence[str]) -> bool:
    return any(table[f"{group}.corrected"].notna().any() for group in groups)


def _smooth(values: pd.Series) -> np.ndarray:
    """Means of neighbouring bases; missing ones are left out."""
    return values.rolling(NEIGHBOURS, center=True, min_periods=1).mean().to_numpy()


def _corrected(axes: Axes, table: pd.DataFrame, groups: Sequence[str], colours: Mapping[str, str]) -> None:
    axes.axhline(0, color=style.GREY, linewidth=0.8, zorder=1)
    for group in groups:
        low, high = (_smooth(table[f"{group}.corrected_{side}"]) for side in ("low", "high"))
        axes.fill_between(
            table["position"], low, high, color=colours[group], alpha=0.22, linewidth=0, zorder=2
        )
    for group in groups:
        drawn = _smooth(table[f"{group}.corrected"])
        axes.plot(table["position"], drawn, color=colours[group], linewidth=1.4, zorder=3)


def _regions(axes: Axes, length: int) -> None:
    """The motif's width and the near flanks."""
    left, right = edges(length)
    axes.axvspan(left - 0.5, right - 0.5, color="0.82", linewidth=0, zorder=0)
    for low, high in ((left - NEAR[1], left - NEAR[0]), (right + NEAR[0], right + NEAR[1])):
        axes.axvspan(low - 0.5, high - 0.5, color="0.94", linewidth=0, zorder=0)


def _name_regions(axes: Axes, length: int) -> None:
    left, right = edges(length)
    middle, away = (left + right - 1) / 2, (right - left + sum(NEAR)) / 2
    for x, y, words in (
        (middle - away, 0.01, "near\nflank"),
        (middle + away, 0.01, "near\nflank"),
        (middle, 0.1, "motif"),
    ):
        where = axes.get_xaxis_transform()
        axes.text(x, y, words, transform=where, ha="center", va="bottom", fontsize=8, color="0.35")


def _scale(axes: Axes, tables: Sequence[pd.DataFrame], groups: Sequence[str]) -> None:
    """One scale for all panels, which one wide band must not decide."""
    bounds = [
        np.nanquantile(_smooth(table[f"{group}.corrected{side}"]), q)
        for table in tables
        for group in groups
        for side, q in (("", 0.005), ("", 0.995), ("_low", 0.1), ("_high", 0.9))
        if table[f"{group}.corrected{side}"].notna().any()
    ]
    axes.set_ylim(min(bounds) - 0.15, max(bounds) + 0.15)


def _short(row: Mapping) -> str:
    """What fits into a small panel."""
    said = [] if pd.isna(row["delta_depth"]) else [f"Δ depth {_signed(row['delta_depth'])}"]
    said += [f"adj. p {row['padj']:.1g}"] if pd.notna(row["padj"]) else ["not tested"]
    note = row["note"] if isinstance(row["note"], str) else ""
    told = "; ".join(words for words in (NO_SITES, NO_FOOTPRINT, LOW_POWER.split(": ")[-1]) if words in note)
    return ", ".join(said) + (f"\n{told}" if told else "")


def _signed(value: float) -> str:
    return f"{round(value, 2) + 0.0:+.2f}".replace("-", "\N{MINUS SIGN}")


def _binned(rows: np.ndarray) -> np.ndarray:
    """Means of `BIN` columns, the middle one in the middle of a bin; what is over at the ends is left out."""
    middle = rows.shape[1] // 2
    each = (middle - BIN // 2) // BIN
    start = middle - BIN // 2 - each * BIN
    part = rows[:, start : start + (2 * each + 1) * BIN]
    return part.reshape(len(rows), 2 * each + 1, BIN).mean(axis=2)
