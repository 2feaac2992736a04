"""Sequence logos: how much each base at each position of a motif says, in bits.

They are written as SVG directly: the outline of each letter is made once, and a logo is these, stretched.
"""

import functools
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path as Outline
from matplotlib.textpath import TextPath

from workflow_lib.io.tables import write_text
from workflow_lib.plots import style

COLUMN, HEIGHT = 23.0, 130.0
"""Points: a letter's width, and the picture's height."""
LEFT, RIGHT, TOP, BOTTOM = 46.0, 6.0, 24.0, 24.0
BITS = 2.0
FONT = FontProperties(family="DejaVu Sans")
INK = "#000000"


def heights(counts: np.ndarray, *, corrected: bool = True) -> np.ndarray:
    """Letter heights in bits, corrected for the number of sites.

    Parameters
    ----------
    counts : (4, length) array, rows A, C, G, T
    corrected : bool
        False where the number of sites is not known: then e below is 0.

    Returns
    -------
    (4, length) array
        Base frequency times the column's information, 2 - (H + e) bits, not below 0. H is the entropy of
        the frequencies, e = 3 / (2 ln(2) n) the entropy that n sites lack on average.

    References
    ----------
    Schneider and Stephens 1990, Nucleic Acids Res 18:6097; the correction is that of Schneider 1986,
    J Mol Biol 188:415, in its approximate form.
    """
    sites = counts.sum(axis=0)
    p = counts / sites
    entropy = -(p * np.log2(np.where(p > 0, p, 1.0))).sum(axis=0)
    information = 2 - entropy - (3 / (2 * np.log(2) * sites) if corrected else 0.0)
    return p * np.maximum(information, 0.0)


def draw(
    counts: np.ndarray,
    title: str = "",
    *,
    reverse_complement: bool = False,
    corrected: bool = True,
) -> str:
    """The logo of a count matrix, 0 to 2 bits, as SVG.

    Parameters
    ----------
    counts : (4, length) array, rows A, C, G, T
    title : str
    reverse_complement : bool
        As the other strand reads it.
    corrected : bool
        See :func:`heights`.
    """
    if reverse_complement:
        counts = counts[::-1, ::-1]
    length = counts.shape[1]
    label, label_width = _words(title, LEFT, TOP - 9, 12)
    wide = LEFT + max(COLUMN * length, label_width) + RIGHT
    floor, bit = HEIGHT - BOTTOM, (HEIGHT - TOP - BOTTOM) / BITS
    drawn = []
    for column, tall in enumerate(heights(counts, corrected=corrected).T):
        at = 0.0
        for base in np.argsort(tall, kind="stable"):
            if tall[base] > 0:
                place = f"translate({LEFT + COLUMN * column:.6g} {floor - at * bit:.6g})"
                size = f"scale({COLUMN:.6g} {tall[base] * bit:.6g})"
                drawn.append(f'<use xlink:href="#{"ACGT"[base]}" transform="{place} {size}"/>')
                at += tall[base]
    drawn += [*_axes(length, floor, bit), label]
    letters = (
        f'<path id="{base}" d="{_letter(base)}" fill="{colour}"/>' for base, colour in style.BASES.items()
    )
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1" '
        f'width="{wide:.6g}pt" height="{HEIGHT:.6g}pt" viewBox="0 0 {wide:.6g} {HEIGHT:.6g}">',
        f"<defs>{''.join(letters)}</defs>",
        f'<rect width="{wide:.6g}" height="{HEIGHT:.6g}" fill="#ffffff"/>',
        *drawn,
        "</svg>",
    ]
    return "\n".join(line for line in lines if line) + "\n"


def _axes(length: int, floor: float, bit: float) -> list[str]:
    """Bits on the left, positions below."""
    drawn = [
        _line(LEFT, floor, LEFT + COLUMN * length, floor),
        _line(LEFT, floor, LEFT, floor - BITS * bit),
    ]
    for bits in (0, 1, 2):
        y = floor - bits * bit
        drawn += [_line(LEFT - 3.5, y, LEFT, y), _words(str(bits), LEFT - 6, y + 3.6, 10, before=1)[0]]
    for position in [1, *range(5, length + 1, 5)]:
        x = LEFT + COLUMN * (position - 0.5)
        drawn += [_line(x, floor, x, floor + 3.5), _words(str(position), x, floor + 15, 10, before=0.5)[0]]
    turned = f"translate({LEFT - 26:.6g} {floor - bit:.6g}) rotate(-90)"
    return [*drawn, f'<g transform="{turned}">{_words("Bits", 0, 0, 11, before=0.5)[0]}</g>']


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return (
        f'<path d="M {x1:.6g} {y1:.6g} L {x2:.6g} {y2:.6g}" stroke="{INK}" stroke-width="0.8" fill="none"/>'
    )


@functools.cache
def _letter(base: str) -> str:
    """Outline of a letter that stands on the base line, one wide and one high, upwards."""
    outline = TextPath((0, 0), base, size=100, prop=FONT)
    box = outline.get_extents()
    unit = (outline.vertices - [box.x0, box.y0]) / [box.width, box.height]
    return _path(unit * [0.94, -1] + [0.03, 0], outline.codes, 4)


def _words(text: str, x: float, y: float, size: float, *, before: float = 0.0) -> tuple[str, float]:
    """Outlines of a text on a base line, such a share of it before the place named; and how wide it is."""
    plain = "".join(" " if unicodedata.category(sign)[0] == "C" else sign for sign in text)
    if not plain.strip():
        return "", 0.0
    outline = TextPath((0, 0), style.literal(plain), size=size, prop=FONT)
    wide = float(outline.get_extents().x1)
    moved = np.asarray(outline.vertices) * [1, -1] + [x - before * wide, y]
    return f'<path d="{_path(moved, outline.codes, 2)}" fill="{INK}"/>', wide


def _path(vertices: np.ndarray, codes: np.ndarray, digits: int) -> str:
    """An outline in the words of SVG."""
    said = {Outline.MOVETO: "M", Outline.LINETO: "L", Outline.CURVE3: "Q", Outline.CURVE4: "C"}
    parts, before, n_left = [], None, 0
    for code, (x, y) in zip(codes, np.round(vertices, digits) + 0.0, strict=True):
        if code == Outline.CLOSEPOLY:
            parts.append("Z")
        else:
            goes_on = code == before and n_left
            n_left = (n_left if goes_on else {Outline.CURVE3: 2, Outline.CURVE4: 3}.get(code, 1)) - 1
            parts.append(("" if goes_on else said[code] + " ") + f"{x:.6g} {y:.6g}")
        before = code
    return " ".join(parts)


def file_name(motif_id: str) -> str:
    """The logo's file name: the motif's id, other signs than letters, digits and `_.-~` as %XX."""
    return quote(motif_id, safe="") + ".svg"


def draw_all(motifs: Iterable, folder: str | Path) -> None:
    """Draw the logos of motifs into a folder."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)  # there even if nothing could be tested
    for motif in motifs:
        title = motif.id if motif.name == motif.id else f"{motif.name} ({motif.id})"
        write_text(draw(motif.counts, title, corrected=motif.sites_known), folder / file_name(motif.id))
