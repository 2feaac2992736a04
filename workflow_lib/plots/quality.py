"""Figures of the quality of reads: fragment lengths, TSS profiles, reads in peaks against TSS enrichment."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from workflow_lib.fragments import quality, quality_tables
from workflow_lib.plots import labels, style

LONGEST = 800
LINE_STYLES = ("-", "--", ":", "-.")


def fragment_sizes(sizes: pd.DataFrame, groups: pd.Series) -> Figure:
    """Share of fragments by length, a line a sample; colour is group.

    Parameters
    ----------
    sizes : DataFrame
        Columns sample, length, count.
    groups : Series indexed by sample
        Of all samples.

    Returns
    -------
    Figure
        One that says so where no sample has fragments (single-end reads).
    """
    if sizes.empty:
        return style.message("Fragment lengths: single-end reads have none.")
    with style.context():
        figure = style.figure(6.4, 3.8)
        axes = figure.subplots()
        for sample, (colour, line) in _looks(groups).items():
            here = sizes[sizes["sample"] == sample]
            if len(here):
                counts = np.zeros(LONGEST + 1)
                inside = here[here["length"] <= LONGEST]
                counts[inside["length"]] = inside["count"]
                axes.plot(100 * counts / here["count"].sum(), color=colour, linestyle=line, linewidth=1.1)
        top = axes.get_ylim()[1]
        names = ("no nucleosome", "1", "2")
        for (low, high), name in zip(quality.NUCLEOSOMES.values(), names, strict=True):
            axes.axvline(high, color=style.LIGHT_GREY, linewidth=0.8, zorder=0)
            axes.text((low + high) / 2, 1.01 * top, name, fontsize=8, color="#444444", ha="center")
        axes.set_xlim(0, LONGEST)
        axes.set_ylim(0, top)
        axes.set_xlabel("Fragment length (bp)")
        axes.set_ylabel("% of fragments per bp")
        _legend(figure, groups)
    return figure


def tss_profile(profiles: pd.DataFrame, groups: pd.Series) -> Figure:
    """Insertions around TSSs over their mean in the outer flanks, a line a sample; colour is group.

    Parameters
    ----------
    profiles : DataFrame
        Columns sample, position, count.
    groups : Series indexed by sample
    """
    if profiles.empty:
        return style.message("TSS profile: there are no gene models (genome.annotation).")
    counts = {
        sample: here.sort_values("position")["count"].to_numpy()
        for sample, here in profiles.groupby("sample", sort=False)
    }
    lines = quality_tables.smoothed(counts)
    if lines.empty:
        return style.message(
            "TSS profile: no insertion lies 1.9 to 2 kb from a TSS, so there is no background."
        )
    with style.context():
        figure = style.figure(6.0, 3.8)
        axes = figure.subplots()
        for sample, (colour, line) in _looks(groups).items():
            if sample in lines.index:
                axes.plot(lines.columns, lines.loc[sample], color=colour, linestyle=line, linewidth=1.0)
        axes.axhline(1, color=style.GREY, linewidth=0.8, linestyle=":")
        axes.set_ylim(bottom=0)
        axes.set_xlim(-quality.TSS_FLANK, quality.TSS_FLANK)
        axes.set_xticks(np.linspace(-quality.TSS_FLANK, quality.TSS_FLANK, 5))
        axes.set_xlabel("Distance from TSS (bp)")
        axes.set_ylabel("Insertions over flanks")
        _legend(figure, groups)
    return figure


def saturation(curves: pd.DataFrame, groups: pd.Series) -> Figure:
    """Peaks that parts of the cuts find against the number of cuts, a line a sample; colour is group.

    Parameters
    ----------
    curves : DataFrame
        Columns sample, n_cuts, n_peaks.
    groups : Series indexed by sample
    """
    if not len(curves) or not curves["n_peaks"].any():
        return style.message("Saturation: no peak stands out from the background of any sample.")
    with style.context():
        figure = style.figure(6.0, 3.8)
        axes = figure.subplots()
        for sample, (colour, line) in _looks(groups).items():
            here = curves[curves["sample"].astype(str) == str(sample)]
            axes.plot(
                np.append(0, here["n_cuts"]) / 1e6,
                np.append(0, here["n_peaks"]),
                color=colour,
                linestyle=line,
                linewidth=1.2,
            )
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=0)
        axes.set_xlabel("Nuclear cuts (million)")
        axes.set_ylabel("Peaks found (p < 1e-5)")
        _legend(figure, groups)
    return figure


def tss_enrichment(samples: pd.DataFrame, assembly: str | None = None) -> Figure:
    """FRiP against TSS enrichment, a point a sample, with ENCODE's bounds; colour is group.

    Parameters
    ----------
    samples : DataFrame
        Columns sample, group, frip, tss_enrichment.
    assembly : str, optional
        Whose bounds of TSS enrichment to draw.
    """
    known = samples.dropna(subset=["frip", "tss_enrichment"])
    if known.empty:
        return style.message("FRiP against TSS enrichment: no sample has both.")
    groups = samples.set_index("sample")["group"].astype(str)
    colours = style.group_colours(groups)
    bounds = quality.bounds(assembly)
    with style.context():
        figure = style.figure(5.8, 4.0)
        axes = figure.subplots()
        for bound, line in zip(bounds["frip"], (":", "--"), strict=True):
            axes.axhline(bound, color=style.GREY, linewidth=0.8, linestyle=line, zorder=0)
        for bound, line in zip(bounds.get("tss_enrichment", ()), (":", "--"), strict=False):
            axes.axvline(bound, color=style.GREY, linewidth=0.8, linestyle=line, zorder=0)
        colour = [colours[group] for group in known["group"].astype(str)]
        axes.scatter(
            known["tss_enrichment"], known["frip"], c=colour, s=50, edgecolors="black", linewidths=0.5
        )
        axes.set_xlim(0, 1.15 * max(*bounds.get("tss_enrichment", (0, 0)), known["tss_enrichment"].max()))
        axes.set_ylim(0, min(1.02, max(0.4, 1.25 * known["frip"].max())))
        axes.set_xlabel("TSS enrichment (centre 11 bp over flanks)")
        axes.set_ylabel("Insertions in peaks (FRiP)")
        axes.set_title(f"n = {len(known)} samples", fontsize=10)
        handles = [
            Line2D([], [], linestyle="none", marker="o", color=colour, markeredgecolor="black")
            for colour in colours.values()
        ]
        figure.legend(handles, [style.literal(name) for name in colours], loc="outside right upper")
        labels.place(
            axes, known["tss_enrichment"].to_numpy(), known["frip"].to_numpy(), list(known["sample"]), clear=4
        )
    return figure


def _looks(groups: pd.Series) -> dict[str, tuple[str, str]]:
    """Colour and line style of each sample: its group, and which of the group's samples it is."""
    colours = style.group_colours(groups)
    number = groups.groupby(groups).cumcount()
    return {
        sample: (colours[str(group)], LINE_STYLES[number[sample] % len(LINE_STYLES)])
        for sample, group in groups.items()
    }


def _legend(figure: Figure, groups: pd.Series, most: int = 12) -> None:
    """Samples in their line styles; only groups if there are too many samples."""
    looks = _looks(groups)
    if len(looks) > most:
        looks = {name: (colour, "-") for name, colour in style.group_colours(groups).items()}
    handles = [Line2D([], [], color=colour, ls=kind) for colour, kind in looks.values()]
    figure.legend(handles, [style.literal(name) for name in looks], loc="outside right upper", fontsize=9)
