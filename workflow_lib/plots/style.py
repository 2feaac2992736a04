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
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_pdf import Op, PdfFile, PdfPages
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

# Up: more open in the experiment. These two hues mean that and nothing else: no group has them.
DIRECTION = {
    "up": OKABE_ITO["vermillion"],
    "down": OKABE_ITO["blue"],
    "changed": OKABE_ITO["vermillion"],
    "none": GREY,
    "untested": LIGHT_GREY,
}
# Groups: neither the hues of directions nor the grey of what is not significant; neighbours differ in
# lightness too, so that any colour blindness leaves them apart.
GROUPS = ("#1B9E77", "#7B3294", "#000000", "#A6961D", "#E7298A", "#00594A", "#8DD3A8", "#BFA0D6")

# The usual colours of bases in logos, shaded so that yellow and green keep apart on white.
BASES = {"A": "#109648", "C": "#255C99", "G": "#E69F00", "T": "#D62839"}

DIVERGING = mpl.colormaps["RdBu_r"].with_extremes(bad=LIGHT_GREY)  # fold changes, z-scores; centred on 0
SEQUENTIAL = mpl.colormaps["viridis"].with_extremes(bad=LIGHT_GREY)  # magnitudes

# Figures are laid out in inches of their own, with 11-point letters, and printed at 7/11 of that, so that
# letters have 7 points: two widths, those of one and of two columns of a journal.
SCALE = 7 / 11
SINGLE, DOUBLE = (mm / 25.4 / SCALE for mm in (89, 183))  # 5.5 and 11.3 inches
NARROW = 7.0  # inches up to which a figure becomes one column wide
DPI = 300  # of PNG files and of rasterised layers, at the size of print
LAYOUT_DPI = DPI * SCALE
LABEL = 40  # letters of a line beside an axis
MOST_POINTS = 5000  # beyond, points are rasterised

# Letters are measured as DejaVu Sans, which matplotlib brings along: the same layout on every machine. It is
# wider than what readers have: what fits here fits there.
FONT = "DejaVu Sans"
SHOWN_FONT = "Arial, Helvetica, 'DejaVu Sans', sans-serif"

RC: dict[Any, object] = {
    "figure.dpi": LAYOUT_DPI,
    "savefig.dpi": LAYOUT_DPI,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "font.family": FONT,
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
    "svg.fonttype": "none",  # text stays text, to be searched and edited
    "pdf.fonttype": 42,
    "svg.hashsalt": "atacdiff",  # element ids follow from content, not from chance
    "path.simplify": True,
}


def context():
    """The settings of every figure, as a context manager: make figures inside it."""
    return mpl.rc_context(RC)


def figure(width: float = 5.0, height: float = 4.0, *, exact: bool = False) -> Figure:
    """An empty figure whose layout makes room for labels; call inside :func:`context`.

    Parameters
    ----------
    width, height : float
        Inches of the layout, which has 11-point letters. The width becomes that of one column of a journal
        (89 mm in print) or of two (183 mm), unless it is `exact`.
    """
    if not exact:
        width = SINGLE if width <= NARROW else DOUBLE
    return Figure(figsize=(width, height), layout="constrained")


def literal(text: object) -> str:
    """A user's own words (sample, gene, motif name) as label text: a dollar sign stays a dollar sign."""
    return str(text).replace("$", r"\$")


def plain_number(value: float, position: float = 0) -> str:
    """A tick label such as 0.1, 10 or 10,000; fits `axis.set_major_formatter`."""
    return f"{value:,.0f}" if abs(value) >= 1 else f"{value:g}"


def fold_axis(over: str) -> str:
    """Label of an axis of fold changes, in lines short enough for the side of a figure.

    Examples
    --------
    >>> fold_axis("treated / control")
    'log₂ fold change, treated / control'
    >>> fold_axis("stimulated (TCD8naive) / resting (TCD8naive)")
    'log₂ fold change,\\nstimulated (TCD8naive) /\\nresting (TCD8naive)'
    """
    label = f"log₂ fold change, {over}"
    if len(label) <= LABEL:
        return label
    cuts = [found.end() for found in re.finditer(" / ", over)]
    if len(over) <= LABEL or not cuts:
        return f"log₂ fold change,\n{over}"
    middle = min(cuts, key=lambda cut: abs(cut - len(over) / 2))
    return f"log₂ fold change,\n{over[:middle].rstrip()}\n{over[middle:]}"


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
    dict of group to hex colour, in sorted order of the names. The first eight are those of `GROUPS`; later
    ones are paler or darker forms of them.
    """
    names = sorted({str(group) for group in groups})
    return {name: _shade(GROUPS[i % len(GROUPS)], i // len(GROUPS)) for i, name in enumerate(names)}


def _shade(colour: str, step: int) -> str:
    """The colour itself at step 0, then alternately darker and paler forms."""
    if step == 0:
        return colour
    hue, lightness, saturation = colorsys.rgb_to_hls(*to_rgb(colour))
    lightness = 0.25 if step % 2 else 0.82
    return to_hex(colorsys.hls_to_rgb((hue + 0.05 * (step - 1)) % 1, lightness, saturation))


def forms(stem: str | Path) -> list[str]:
    """Paths of a figure in all forms."""
    return [f"{stem}.{suffix}" for suffix in _WRITERS]


def save(figure: Figure, *paths: str | Path) -> None:
    """Write a figure to each path, in the format of its suffix (.svg, .pdf, .png), at the size of print.

    The bytes depend on the figure alone: no date, no software version, ids salted with a constant. The layout
    is made once, for all forms: to make it takes as long as to draw one.
    """
    engine = figure.get_layout_engine()
    with context():
        figure.draw_without_rendering()
        figure.set_layout_engine(None)
        for path in paths:
            suffix = Path(path).suffix.lstrip(".").lower()
            _WRITERS[suffix](figure, Path(path))
        figure.set_layout_engine(engine)


def _write_svg(figure: Figure, path: Path) -> None:
    """Text as text, in letters that readers have, and a size in millimetres."""
    with replacing(path) as partial:
        figure.savefig(partial, format="svg", metadata={"Date": None, "Creator": None}, dpi=LAYOUT_DPI)
        head, mark, rest = partial.read_text(encoding="utf-8").partition("<svg ")
        opening, end, rest = rest.partition(">")
        for side, inches in zip(("width", "height"), figure.get_size_inches(), strict=True):
            opening = re.sub(
                rf'\b{side}="[^"]*"', f'{side}="{25.4 * SCALE * inches:.2f}mm"', opening, count=1
            )
        text = "".join((head, mark, opening, end, rest))
        partial.write_text(re.sub(rf"'{FONT}'(, sans-serif)?", SHOWN_FONT, text), encoding="utf-8")


def _write_png(figure: Figure, path: Path) -> None:
    said, print_size = {"Software": None}, {"dpi": (DPI, DPI)}
    with replacing(path) as partial:
        figure.savefig(partial, format="png", metadata=said, dpi=LAYOUT_DPI, pil_kwargs=print_size)


def _write_pdf(figure: Figure, path: Path) -> None:
    """Text as text, on a page of the figure's size in print."""
    unnamed = {"CreationDate": None, "Creator": None, "Producer": None}
    with replacing(path) as partial, _ScaledPages(str(partial), metadata=unnamed) as pages:
        figure.savefig(pages, format="pdf", dpi=LAYOUT_DPI)


_WRITERS = {"svg": _write_svg, "png": _write_png, "pdf": _write_pdf}


class _ScaledFile(PdfFile):
    """A PDF whose pages are drawn smaller than they are laid out."""

    def newPage(self, width: float, height: float) -> None:
        super().newPage(SCALE * width, SCALE * height)
        self.output(SCALE, 0, 0, SCALE, 0, 0, Op.concat_matrix)


class _ScaledPages(PdfPages):
    def _ensure_file(self) -> PdfFile:
        if self._file is None:
            self._file = _ScaledFile(self._filename, metadata=self._metadata)
        return self._file
