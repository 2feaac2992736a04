"""Sequence logos."""

import numpy as np
import pandas as pd
import pytest

from workflow_lib.io.motifs import Motif
from workflow_lib.motifs import leading
from workflow_lib.plots import logos, style


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


def test_reverse_complement_is_the_logo_of_the_other_strand(tmp_path):
    counts = np.array([[30.0, 1, 0], [0, 20, 2], [0, 5, 9], [0, 4, 19]])
    style.save(logos.draw(counts, "x", reverse_complement=True), tmp_path / "a.svg")
    style.save(logos.draw(counts[::-1, ::-1], "x"), tmp_path / "b.svg")
    style.save(logos.draw(counts, "x"), tmp_path / "c.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert (tmp_path / "a.svg").read_bytes() != (tmp_path / "c.svg").read_bytes()


def test_axes_are_bits_from_0_to_2():
    (axes,) = logos.draw(np.eye(4) * 9, "CTCF (MA1)").axes
    assert axes.get_ylim() == (0, 2)
    assert axes.get_ylabel() == "Bits"
    assert axes.get_title(loc="left") == "CTCF (MA1)"


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
