"""The look that all figures share, and the one way to save them.

A plotting function makes its figure inside :func:`context`, returns it, and the caller saves it::

    def profile(table) -> Figure:
        with style.context():
            figure = style.figure(5, 3.5)
            axes = figure.subplots()
            axes.plot(table["position"], table["count"])
            axes.set_xlabel("Distance from TSS (bp)")
        return figure

    style.save(profile(table), "profile.svg", "profile.png")

Figures are made without pyplot, so nothing is shown, kept or shared between calls.
"""

import colorsys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from workflow_lib.io.atomic import replacing

# Okabe and Ito 2008, "Color Universal Design": distinguishable with any common colour blindness.
OKABE_ITO = {
    "black": "#000000",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "purple": "#CC79A7",
}
GREY = "#8C8C8C"
LIGHT_GREY = "#D0D0D0"

# Up: more open in the experiment. These two hues are kept from groups as long as others are left.
DIRECTION = {
    "up": OKABE_ITO["vermillion"],
    "down": OKABE_ITO["blue"],
    "changed": OKABE_ITO["vermillion"],
    "none": GREY,
    "untested": LIGHT_GREY,
}
GROUP_ORDER = ("green", "orange", "purple", "sky", "black", "yellow", "blue", "vermillion")

# The usual colours of bases in logos, shaded so that yellow and green keep apart on white.
BASES = {"A": "#109648", "C": "#255C99", "G": "#E69F00", "T": "#D62839"}

DIVERGING = mpl.colormaps["RdBu_r"].with_extremes(bad=LIGHT_GREY)  # fold changes, z-scores; centred on 0
SEQUENTIAL = mpl.colormaps["viridis"].with_extremes(bad=LIGHT_GREY)  # magnitudes

DPI = 150  # of PNG files and of rasterised layers inside SVG files

RC: dict[Any, object] = {
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "font.family": "DejaVu Sans",  # ships with matplotlib: the same letters on every machine
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.labelsize": 11,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "legend.fontsize": 10,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "lines.linewidth": 1.5,
    "axes.unicode_minus": True,
    "image.interpolation": "nearest",
    # Letters as outlines: an SVG then looks the same where the font is not installed.
    "svg.fonttype": "path",
    "svg.hashsalt": "atacdiff",  # element ids follow from content, not from chance
    "path.simplify": True,
}


def context():
    """The settings of every figure, as a context manager: make figures inside it."""
    return mpl.rc_context(RC)


def figure(width: float = 5.0, height: float = 4.0) -> Figure:
    """An empty figure of so many inches whose layout makes room for labels; call inside :func:`context`."""
    return Figure(figsize=(width, height), layout="constrained")


def literal(text: object) -> str:
    """A user's own words (sample, gene, motif name) as label text: a dollar sign stays a dollar sign."""
    return str(text).replace("$", r"\$")


def plain_number(value: float, position: float = 0) -> str:
    """A tick label such as 0.1, 10 or 10,000; fits `axis.set_major_formatter`."""
    return f"{value:,.0f}" if abs(value) >= 1 else f"{value:g}"


def message(text: str, width: float = 5.0, height: float = 2.0) -> Figure:
    """A figure that only says why there is nothing to draw."""
    with context():
        empty = figure(width, height)
        axes = empty.subplots()
        axes.set_axis_off()
        axes.text(0.5, 0.5, text, ha="center", va="center", wrap=True, transform=axes.transAxes)
    return empty


def group_colours(groups: Iterable[str]) -> dict[str, str]:
    """A colour for each group.

    Pass **all** groups of the sample sheet, whichever a figure shows: the colours follow from the sorted
    set of names, so that a group looks the same in every figure.

    Parameters
    ----------
    groups : iterable of str
        Group names, in any order, repeats allowed.

    Returns
    -------
    dict of group to hex colour, in sorted order of the names. The first eight are Okabe-Ito colours; later
    ones are paler or darker forms of them.
    """
    base = [OKABE_ITO[name] for name in GROUP_ORDER]
    names = sorted({str(group) for group in groups})
    return {name: _shade(base[i % len(base)], i // len(base)) for i, name in enumerate(names)}


def _shade(colour: str, step: int) -> str:
    """The colour itself at step 0, then alternately darker and paler forms."""
    if step == 0:
        return colour
    hue, lightness, saturation = colorsys.rgb_to_hls(*to_rgb(colour))
    lightness = 0.25 if step % 2 else 0.82
    return to_hex(colorsys.hls_to_rgb((hue + 0.05 * (step - 1)) % 1, lightness, saturation))


def save(figure: Figure, *paths: str | Path) -> None:
    """Write a figure to each path, in the format of its suffix (.svg, .png).

    The bytes depend on the figure alone: no date, no software version, ids salted with a constant.
    """
    for path in paths:
        suffix = Path(path).suffix.lstrip(".").lower()
        metadata = {"svg": {"Date": None, "Creator": None}, "png": {"Software": None}}[suffix]
        with context(), replacing(path) as partial:
            figure.savefig(partial, format=suffix, metadata=metadata, dpi=DPI)
