"""Pictures of single places: coverage by group, peaks, motif hits, genes and links, above one another."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.legend_handler import HandlerTuple
from matplotlib.patches import Patch
from matplotlib.textpath import TextPath
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from workflow_lib import intervals
from workflow_lib.genome import genes
from workflow_lib.plots import style
from workflow_lib.stats.forms import CALLED
from workflow_lib.tracks import loci

WIDTH, LEFT, RIGHT, TOP, BOTTOM = style.DOUBLE, 1.5, 0.42, 0.62, 0.84  # inches
SIGNAL, PEAKS, MOTIF, LANE, LINKS, GAP = 0.85, 0.42, 0.17, 0.32, 0.5, 0.1
LABEL, SMALL = 9, 8  # points
ROOM = 0.08  # inches between a label and the next thing in its lane
MOST_LANES = 8
CHEVRONS = 0.22  # inches from one sign of a gene's direction to the next
DARK = "#404040"
Q_STEPS = ((1e-8, 1.0), (1e-4, 0.7), (1.0, 0.42))
"""How strong the colour of a changed peak is, by the q-value up to which."""


def draw(
    locus: loci.Locus,
    groups: Mapping[str, Sequence[str]],
    colours: Mapping[str, str],
    alpha: float,
    experiment: str,
    kind: str = "",
) -> Figure:
    """One locus.

    Parameters
    ----------
    locus : Locus
    groups : mapping of group to its samples
        In the order in which they are drawn.
    colours : mapping of group to colour
    alpha : float
        Of the test: the largest q-value of a changed peak.
    experiment : str
        The group in which `up` peaks are more open.
    kind : str
        Of the contrast, as :func:`workflow_lib.stats.forms.named` has it.
    """
    rows: list[tuple[float, Callable[[Axes], None]]] = []
    top = max((float(locus.coverage.of(samples)[2].max(initial=0)) for samples in groups.values()), default=0)
    for group, samples in groups.items():
        rows.append((SIGNAL, _signal(locus, group, samples, colours[group], top or 1.0)))
    if len(locus.links):
        rows.append((LINKS, lambda axes: _links(axes, locus.links)))
    rows.append((PEAKS, lambda axes: _peaks(axes, locus)))
    n_motifs = locus.hits["motif_id"].nunique()
    if n_motifs:
        rows.append((MOTIF * n_motifs + 0.04, lambda axes: _motifs(axes, locus)))
    if locus.models is not None:
        shown = _genes_in_lanes(locus)
        n_lanes = max(1, int(shown["lane"].max() + 1) if len(shown) else 1)
        rows.append((LANE * n_lanes + 0.04, lambda axes: _genes(axes, locus, shown, n_lanes)))
    height = TOP + BOTTOM + sum(size for size, _ in rows) + GAP * (len(rows) - 1)
    with style.context():
        figure = style.figure(WIDTH, height, exact=True)
        figure.set_layout_engine("none")  # every size is known, and text has its room
        level = height - TOP
        for size, put in rows:
            box = (LEFT / WIDTH, (level - size) / height, (WIDTH - LEFT - RIGHT) / WIDTH, size / height)
            axes = figure.add_axes(box)
            axes.set_xlim(locus.start, locus.end)
            axes.spines["bottom"].set_visible(False)
            axes.tick_params(axis="x", bottom=False, labelbottom=False)
            put(axes)
            level -= size + GAP
        _position(axes, locus)
        _header(figure, locus, height)
        _unit(figure, locus, height, len(groups))
        _legend(figure, height, alpha, experiment, kind)
    return figure


def draw_all(
    drawn: Iterable[tuple[str, loci.Locus]],
    groups: Mapping[str, Sequence[str]],
    colours: Mapping[str, str],
    alpha: float,
    experiment: str,
    folder: str | Path,
    kind: str = "",
) -> None:
    """Draw each locus of :func:`workflow_lib.tracks.loci.collect` into a folder, as SVG, PNG and PDF."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)  # there even if nothing is to be drawn
    for name, locus in drawn:
        figure = draw(locus, groups, colours, alpha, experiment, kind)
        style.save(figure, folder / f"{name}.svg", folder / f"{name}.png")


def _signal(locus, group: str, samples: Sequence[str], colour: str, top: float):
    """Mean of a group's samples as area, and from its lowest to its highest sample as band."""

    def put(axes: Axes) -> None:
        mean, low, high = locus.coverage.of(samples)
        edges = locus.coverage.edges
        for peak in locus.peaks.itertuples():
            if peak.direction in CALLED:
                axes.axvspan(peak.start, peak.end, color=style.DIRECTION[peak.direction], alpha=0.10, lw=0)
        axes.stairs(mean, edges, fill=True, fc=_mixed(colour, 0.55), ec=_darker(colour), lw=0.6)
        if len(samples) > 1:
            axes.stairs(high, edges, baseline=low, fill=True, color=_darker(colour), alpha=0.35, lw=0)
        axes.set_ylim(0, top * 1.04)
        axes.yaxis.set_major_locator(MaxNLocator(2, steps=[1, 2, 2.5, 5, 10]))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.tick_params(axis="y", labelsize=SMALL, length=3)
        axes.spines["bottom"].set_visible(True)
        axes.spines["bottom"].set(color=style.LIGHT_GREY)
        _beside(axes, f"{style.literal(group)}\nn = {len(samples)}", _darker(colour), bold=True, shift=0.36)
        if not high.any():
            _nothing(axes, "no insertion here")

    return put


def _peaks(axes: Axes, locus: loci.Locus) -> None:
    """Consensus peaks, coloured by direction and adjusted p; that of changed ones where there is room."""
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    _beside(axes, "peaks", y=0.75)
    inches = _inches(locus)
    for peak in locus.peaks.itertuples():
        axes.broken_barh(
            [(peak.start, peak.end - peak.start)],
            (0.56, 0.40),
            facecolor=_shade(peak),
            edgecolor=DARK,
            lw=0.5,
        )
    if not len(locus.peaks):
        _nothing(axes, "no peak here", y=0.75)
    taken: list[tuple[float, float]] = []
    changed = locus.peaks[locus.peaks["direction"].isin(CALLED)]
    for peak in changed.sort_values("padj", kind="stable").itertuples():
        text = f"adj. p {peak.padj:.2g}"
        half = (_text_width(text, SMALL) + ROOM) * inches / 2
        middle = min(max((peak.start + peak.end) / 2, locus.start + half), locus.end - half)
        if all(middle + half <= low or middle - half >= high for low, high in taken):
            taken.append((middle - half, middle + half))
            axes.text(middle, 0.42, text, fontsize=SMALL, ha="center", va="top", color=DARK)


def _motifs(axes: Axes, locus: loci.Locus) -> None:
    """Hits as arrowheads in their strand's direction, a line a motif."""
    here = locus.motifs[locus.motifs["motif_id"].isin(locus.hits["motif_id"])]
    axes.set_ylim(len(here) - 0.5, -0.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    for row, motif in enumerate(here.itertuples()):
        axes.axhline(row, color=style.LIGHT_GREY, lw=0.6, zorder=0)
        hits = locus.hits[locus.hits["motif_id"] == motif.motif_id]
        colour = style.DIRECTION[motif.direction]
        for strand, marker in (("+", ">"), ("-", "<")):
            some = hits[hits["strand"] == strand]
            middle = (some["start"] + some["end"]) / 2
            axes.plot(
                middle, [row] * len(some), marker, ms=5, color=colour, mec="white", mew=0.4, clip_on=True
            )
        axes.text(
            -0.01,
            row,
            style.literal(motif.name),
            transform=axes.get_yaxis_transform(),
            fontsize=SMALL,
            ha="right",
            va="center",
        )


def _genes_in_lanes(locus: loci.Locus) -> pd.DataFrame:
    """Genes with their clipped spans, where their labels begin, and lanes in which nothing collides.

    The longest coding genes come first; what would lie in a lane beyond `MOST_LANES` is left out.
    """
    assert locus.models is not None
    models, inches = locus.models, _inches(locus)
    table = models.genes.reset_index(names="gene")
    coding = set(models.transcripts.loc[models.transcripts["coding_start"] >= 0, "gene"])
    label = np.where(table["strand"] == "+", table["gene_name"] + " →", "← " + table["gene_name"])
    table = table.assign(
        label=label,
        low=table["start"].clip(lower=locus.start),
        high=table["end"].clip(upper=locus.end),
        asked=table["gene_name"] == locus.name,
        coding=table["gene"].isin(coding),
        length=table["end"] - table["start"],
    )
    table = table.sort_values(["asked", "coding", "length"], ascending=False, kind="stable")
    width = np.array([_text_width(text, LABEL) * inches for text in table["label"]])
    begin = np.maximum(np.minimum(table["low"], locus.end - width), locus.start)
    reach = np.maximum(table["high"], begin + width) + ROOM * inches
    lane = loci.lanes(list(np.minimum(table["low"], begin)), list(reach))
    table = table.assign(label_start=begin, lane=lane)
    return table[table["lane"] < MOST_LANES]


def _genes(axes: Axes, locus: loci.Locus, shown: pd.DataFrame, n_lanes: int) -> None:
    """A line a gene with chevrons, its exons (all transcripts together): coding thick, others thinner."""
    assert locus.models is not None
    axes.set_ylim(n_lanes, 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    left_out = len(locus.models.genes) - len(shown)
    _beside(axes, f"genes\n(+ {left_out} more)" if left_out else "genes")
    if not len(shown):
        _nothing(axes, "no gene here")
    thin, thick = (
        _of_genes(locus.models, parts) for parts in (locus.models.exons, genes.coding(locus.models))
    )
    step = CHEVRONS * _inches(locus)
    colour = DARK
    for gene in shown.itertuples():
        y = gene.lane + 0.72
        axes.plot([gene.low, gene.high], [y, y], color=colour, lw=0.9, solid_capstyle="butt", zorder=1)
        signs = np.arange(gene.low + step / 2, gene.high, step)
        axes.plot(
            signs, [y] * len(signs), ">" if gene.strand == "+" else "<", ms=2.8, mew=0, color=colour, zorder=1
        )
        coding = thick.get(gene.gene, [])
        for parts, size in ((thin.get(gene.gene, []), 0.20 if coding else 0.40), (coding, 0.40)):
            if parts:
                axes.broken_barh(parts, (y - size / 2, size), facecolor=colour, lw=0, zorder=2)
        look: dict[str, Any] = {"style": "italic", "weight": "bold" if gene.asked else "normal"}
        axes.text(
            gene.label_start, gene.lane + 0.44, style.literal(gene.label), fontsize=LABEL, va="bottom", **look
        )


def _of_genes(models: genes.GeneModels, parts: pd.DataFrame) -> dict[int, list[tuple[int, int]]]:
    """Start and length of each part of a gene once, by gene."""
    table = pd.DataFrame(
        {
            "gene": models.transcripts["gene"].to_numpy()[parts["transcript"].to_numpy()],
            "start": parts["start"].to_numpy(),
            "size": (parts["end"] - parts["start"]).to_numpy(),
        }
    ).drop_duplicates()
    return {
        int(gene): list(zip(rows["start"].tolist(), rows["size"].tolist(), strict=True))
        for gene, rows in table.groupby("gene")
    }


def _links(axes: Axes, links: pd.DataFrame) -> None:
    """An arc from each peak to its gene's start: colour is the correlation's sign, width its size."""
    axes.set_ylim(0, 1.05)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    _beside(axes, "links")
    turn = np.linspace(0, np.pi, 60)
    longest = float((links["mid"] - links["tss"]).abs().max()) or 1.0
    for link in links.itertuples():
        middle, half = (link.mid + link.tss) / 2, (link.tss - link.mid) / 2
        rise = 0.3 + 0.7 * abs(2 * half) / longest
        axes.plot(
            middle - half * np.cos(turn), rise * np.sin(turn), lw=0.6 + 1.6 * abs(link.correlation),
            color=style.DIRECTION["up" if link.correlation > 0 else "down"], alpha=0.8,
        )  # fmt: skip


def _position(axes: Axes, locus: loci.Locus) -> None:
    """The coordinates under the last row: 1-based, with thousands separators."""
    axes.spines["bottom"].set_visible(True)
    ticks = MaxNLocator(5, integer=True, steps=[1, 2, 2.5, 5, 10]).tick_values(locus.start + 1, locus.end)
    ticks = [tick for tick in ticks if locus.start + 1 <= tick <= locus.end]
    axes.xaxis.set_major_locator(FixedLocator([tick - 0.5 for tick in ticks]))  # the middle of the base
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{round(value + 0.5):,}"))
    axes.tick_params(axis="x", bottom=True, labelbottom=True, labelsize=SMALL)
    axes.set_xlabel(f"Position on {style.literal(locus.chrom)} (bp)", fontsize=LABEL)


def _header(figure: Figure, locus: loci.Locus, height: float) -> None:
    """Name and window to the left, why it is shown below, a scale bar to the right."""
    why = locus.why.replace("q = ", "adjusted p ")
    below = f"{intervals.region(locus.chrom, locus.start, locus.end)}; {why}"
    left, first, second = LEFT / WIDTH, 1 - 0.16 / height, 1 - 0.37 / height
    figure.text(left, first, style.literal(locus.name), fontsize=11, va="top", weight="bold")
    figure.text(left, second, style.literal(below), fontsize=SMALL, va="top", color=DARK)
    length = scale(locus.end - locus.start)
    size = length / _inches(locus)
    bar = figure.add_axes(((WIDTH - RIGHT - size) / WIDTH, 1 - 0.34 / height, size / WIDTH, 0.12 / height))
    bar.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
    bar.set_axis_off()
    bar.plot([0, 0, 0, 1, 1, 1], [0, 1, 0.5, 0.5, 1, 0], color="black", lw=1, clip_on=False)
    bar.text(0.5, 1.1, bases(length), fontsize=SMALL, ha="center", va="bottom")


def _unit(figure: Figure, locus: loci.Locus, height: float, n_groups: int) -> None:
    """What the coverage axes measure, once for all of them."""
    size = n_groups * SIGNAL + (n_groups - 1) * GAP
    text = "Insertions per base\nover size factor"
    chosen = locus.coverage
    if locus.fragments is not None and chosen.paired:
        text += f"\n(fragments ≤ {locus.fragments:,} bp)"
    elif chosen.paired:
        text += "\n(all fragments)"
    if chosen.single:
        text += "\n(single-end reads)"
    figure.text(
        0.07 / WIDTH,
        1 - (TOP + size / 2) / height,
        text,
        rotation=90,
        fontsize=SMALL,
        va="center",
        ha="left",
        linespacing=1.15,
    )


def _legend(figure: Figure, height: float, alpha: float, experiment: str, kind: str) -> None:
    """Colours of peaks, and what area and band are."""
    look: dict[str, Any] = {"ec": DARK, "lw": 0.5}
    ways = ("changed",) if kind == "any" else ("up", "down")
    meaning = {
        "any": "changed is any difference",
        "interaction": f"up is a higher {experiment}",
    }.get(kind, f"up is more open in {experiment}")
    steps = [step for _, step in reversed(Q_STEPS)]
    handles: list[Any] = [
        *(tuple(Patch(fc=_mixed(style.DIRECTION[way], step), **look) for step in steps) for way in ways),
        *(Patch(fc=colour, **look) for colour in ("white", style.LIGHT_GREY)),
    ]
    limits = f"adj. p ≤ {alpha:g}, 1e-4, 1e-8"
    title = f"Area: mean of samples; band: lowest to highest. Peaks: {meaning}"
    figure.legend(
        handles,
        [*(f"{way}, {limits}" for way in ways), "no change", "not tested"],
        loc="lower left",
        bbox_to_anchor=(LEFT / WIDTH, 0.02 / height),
        ncols=4,
        fontsize=SMALL,
        handler_map={tuple: HandlerTuple(ndivide=None, pad=0)},
        borderaxespad=0,
        borderpad=0,
        columnspacing=1.4,
        handlelength=2.4,
        title=style.literal(title),
        title_fontsize=SMALL,
        alignment="left",
    )


def scale(span: int) -> int:
    """The length of a scale bar: 1, 2 or 5 times a power of ten, a tenth to a quarter of the span."""
    power = 10 ** int(np.floor(np.log10(max(span, 10) / 4)))
    return max(power * factor for factor in (1, 2, 5) if power * factor <= max(span, 10) / 4)


def bases(length: int) -> str:
    """A length in bp, kb or Mb."""
    for size, unit in ((1_000_000, "Mb"), (1_000, "kb")):
        if length >= size:
            return f"{length / size:g} {unit}"
    return f"{length} bp"


def _beside(
    axes: Axes, text: str, colour: str = "black", *, bold: bool = False, y: float = 0.5, shift=0.08
) -> None:
    """A row's name to the left of it."""
    at = -shift / (WIDTH - LEFT - RIGHT)
    axes.text(
        at, y, text, transform=axes.transAxes, fontsize=LABEL, ha="right", va="center", color=colour,
        weight="bold" if bold else "normal",
    )  # fmt: skip


def _nothing(axes: Axes, text: str, y: float = 0.5) -> None:
    """Words in an empty row."""
    axes.text(
        0.5, y, text, transform=axes.transAxes, fontsize=SMALL, ha="center", va="center", color=style.GREY
    )


def _inches(locus: loci.Locus) -> float:
    """Bases an inch."""
    return (locus.end - locus.start) / (WIDTH - LEFT - RIGHT)


def _text_width(text: str, size: float) -> float:
    """Width in inches of a text as the figures write it."""
    with style.context():
        return TextPath((0, 0), style.literal(text), prop=FontProperties(size=size)).get_extents().width / 72


def _shade(peak) -> str:
    if peak.direction in CALLED:
        step = next(step for limit, step in Q_STEPS if peak.padj <= limit)
        return _mixed(style.DIRECTION[peak.direction], step)
    return "white" if peak.direction == "none" else style.LIGHT_GREY


def _mixed(colour: str, share: float) -> str:
    """A colour with white."""
    red, green, blue = (share * part + 1 - share for part in to_rgb(colour))
    return to_hex((red, green, blue))


def _darker(colour: str) -> str:
    red, green, blue = (0.6 * part for part in to_rgb(colour))
    return to_hex((red, green, blue))
