"""Sequence logos."""

import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from workflow_lib.io.motifs import Motif
from workflow_lib.motifs import leading
from workflow_lib.plots import logos


def test_heights_are_bits_less_the_small_sample_correction():
    counts = np.array([[20.0, 5, 10], [0, 5, 10], [0, 5, 0], [0, 5, 0]])
    correction = 3 / (2 * np.log(2) * 20)  # 0.108 bits at 20 sites
    expected = np.zeros((4, 3))
    expected[0, 0] = 2 - correction
    expected[:2, 2] = (1 - correction) / 2
    np.testing.assert_allclose(logos.heights(counts), expected, atol=1e-12)  # none is below zero


def test_without_a_known_number_of_sites_there_is_no_correction():
    counts = np.array([[20.0, 10], [0, 10], [0, 0], [0, 0]])
    expected = [[2, 0.5], [0, 0.5], [0, 0], [0, 0]]
    np.testing.assert_allclose(logos.heights(counts, corrected=False), expected, atol=1e-12)


def letters_of(svg: str) -> list[tuple[str, float, float, float]]:
    """Base, left edge, base line and height of each letter."""
    found = []
    for use in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}use"):
        x, y, _, tall = map(float, re.findall(r"[\d.]+", use.get("transform")))
        found.append((use.get("{http://www.w3.org/1999/xlink}href")[1:], x, y, tall))
    return found


def test_letters_stand_on_one_another_the_largest_on_top():
    counts = np.array([[20.0, 10, 0], [0, 6, 0], [0, 4, 0], [0, 0, 20]])
    drawn = letters_of(logos.draw(counts, "x", corrected=False))
    assert [letter[0] for letter in drawn] == ["A", "G", "C", "A", "T"]
    assert drawn[0][3] == pytest.approx(drawn[4][3])
    tall = logos.heights(counts, corrected=False)
    scale = drawn[0][3] / 2
    for (base, x, y, height), (row, column) in zip(
        drawn, [(0, 0), (2, 1), (1, 1), (0, 1), (3, 2)], strict=True
    ):
        assert "ACGT"[row] == base
        assert height == pytest.approx(tall[row, column] * scale, rel=1e-4)
        assert x == pytest.approx(drawn[0][1] + column * logos.COLUMN)
        below = sum(tall[r, column] for r in range(4) if tall[r, column] < tall[row, column])
        assert drawn[0][2] - y == pytest.approx(below * scale, abs=1e-3)


def test_reverse_complement_is_the_logo_of_the_other_strand():
    counts = np.array([[30.0, 1, 0], [0, 20, 2], [0, 5, 9], [0, 4, 19]])
    assert logos.draw(counts, "x", reverse_complement=True) == logos.draw(counts[::-1, ::-1], "x")
    assert logos.draw(counts, "x", reverse_complement=True) != logos.draw(counts, "x")


@pytest.mark.parametrize(
    "title", ["", "CTCF (MA1)", "<b> & $x$ \n\x07", "a name much longer than its motif is"]
)
def test_any_title_makes_a_picture_that_holds_it(title):
    svg = logos.draw(np.eye(4) * 9, title)
    tree = ElementTree.fromstring(svg)
    drawn = [path for path in tree.iter("{http://www.w3.org/2000/svg}path") if path.get("fill") == logos.INK]
    axes_labels = 3 + 1 + 1  # 0 1 2, position 1, Bits
    assert len(drawn) == axes_labels + bool(title)
    numbers = [float(x) for x in re.findall(r"-?[\d.]+", drawn[-1].get("d"))[::2]]
    assert max(numbers) <= float(tree.get("width").removesuffix("pt"))


def test_a_column_that_says_nothing_has_no_letter():
    assert letters_of(logos.draw(np.full((4, 3), 2.0), "flat")) == []


@pytest.mark.parametrize(("motif_id", "name"), [("MA0139.2", "MA0139.2.svg"), ("a/b c", "a%2Fb%20c.svg")])
def test_file_names_are_safe(motif_id, name):
    assert logos.file_name(motif_id) == name


def test_the_strongest_of_each_table_are_drawn(tmp_path):
    motifs = [Motif(f"m{i}", f"m{i}", np.eye(4) * 9) for i in range(4)]
    tables = [
        pd.DataFrame({"motif_id": ["m0", "m1", "m2", "m3"], "pvalue": p, "log10_pvalue": np.log10(p)})
        for p in ([0.5, 0.01, 0.9, np.nan], [0.2, 0.3, 0.4, 0.1], [np.nan] * 4)
    ]
    chosen = leading.leading(motifs, tables, 1)
    assert [motif.id for motif in chosen] == ["m1", "m3"]
    logos.draw_all(chosen, tmp_path / "logos")
    drawn = ["m1.svg", "m3.svg"]
    folder = tmp_path / "logos"
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*.svg")) == drawn
    assert leading.leading(motifs, tables[2:], 1) == []
    logos.draw_all([], tmp_path / "none")
    assert (tmp_path / "none").is_dir()
