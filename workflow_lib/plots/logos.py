"""Sequence logos: how much each base at each position of a motif says, in bits."""

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

import logomaker
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from workflow_lib.plots import style

MARGIN, COLUMN, HEIGHT = 0.9, 0.32, 1.8  # inches


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
) -> Figure:
    """The logo of a count matrix, 0 to 2 bits.

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
    letters = pd.DataFrame(
        heights(counts, corrected=corrected).T, columns=list("ACGT"), index=np.arange(1, length + 1)
    )
    with style.context():
        figure = style.figure(COLUMN * length + MARGIN, HEIGHT, exact=True)
        axes = figure.subplots()
        logomaker.Logo(letters, ax=axes, color_scheme=style.BASES, show_spines=False, font_name="DejaVu Sans")
        axes.set_ylim(0, 2)
        axes.set_xlim(0.45, length + 0.55)
        axes.spines["bottom"].set_visible(True)
        axes.spines["left"].set_visible(True)
        axes.set_yticks([0, 1, 2])
        axes.set_ylabel("Bits")
        axes.set_xticks([1, *range(5, length + 1, 5)])
        if title:
            axes.set_title(style.literal(title))
    return figure


def file_name(motif_id: str) -> str:
    """The logo's file name: the motif's id, other signs than letters, digits and `_.-~` as %XX."""
    return quote(motif_id, safe="") + ".svg"


def draw_all(motifs: Iterable, folder: str | Path) -> None:
    """Draw the logos of motifs into a folder."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)  # there even if nothing could be tested
    for motif in motifs:
        title = motif.id if motif.name == motif.id else f"{motif.name} ({motif.id})"
        style.save(draw(motif.counts, title, corrected=motif.sites_known), folder / file_name(motif.id))
