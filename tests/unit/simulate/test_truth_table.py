"""Planted against called, on an example small enough to count by hand."""

import numpy as np
import pandas as pd
import pytest

from workflow_lib.simulate import truth


def peaks(n: int) -> list[str]:
    return [f"chr1:{1000 * i}-{1000 * i + 500}" for i in range(n)]


def planted(changes: str) -> pd.DataFrame:
    """One planted peak a letter: u, d or n; summit 250 bp into it."""
    names = {"u": "up", "d": "down", "n": "none"}
    table = pd.DataFrame({"change": [names[letter] for letter in changes]}, index=peaks(len(changes)))
    return table.assign(chrom="chr1", summit=1000 * np.arange(len(changes)) + 250)


def called(directions: str) -> pd.DataFrame:
    """One called peak a letter: u, d, n or - for untested."""
    names = {"u": "up", "d": "down", "n": "none", "-": "untested"}
    table = pd.DataFrame({"peak": peaks(len(directions)), "direction": [names[d] for d in directions]})
    return table.assign(log2FoldChange=np.arange(len(table), dtype=float))


def test_counts_power_and_false_discoveries():
    #                 up: 4, down: 3, none: 5
    table = truth.compare_peaks(planted("uuuudddnnnnn"), called("uuundd-nnnu-"))
    expected = pd.DataFrame(
        {
            "change": ["up", "down", "changed", "none"],
            "planted": [4, 3, 7, 5],
            "called_up": [3, 0, 3, 1],
            "called_down": [0, 2, 2, 0],
            "called_none": [1, 0, 1, 3],
            "called_untested": [0, 1, 1, 1],
            "called": [4, 2, 6, 6],
            "power": [3 / 4, 2 / 3, 5 / 7, np.nan],
            "false_discovery_proportion": [1 / 4, 0.0, 1 / 6, np.nan],
            "median_log2fc_error": [np.nan] * 4,
        }
    )
    pd.testing.assert_frame_equal(table, expected)


def test_wrong_direction_is_neither_power_nor_a_true_discovery():
    table = truth.compare_peaks(planted("ud"), called("du")).set_index("change")
    assert table.loc["changed", "called"] == 2
    assert table.loc["changed", "power"] == 0
    assert table.loc["changed", "false_discovery_proportion"] == 1


def test_nothing_called_has_no_false_discovery_proportion():
    table = truth.compare_peaks(planted("udn"), called("nn-")).set_index("change")
    assert table.loc["changed", "power"] == 0
    assert np.isnan(table.loc["changed", "false_discovery_proportion"])


def test_planted_peak_without_a_called_one_is_lost_and_a_called_one_without_a_planted_is_none():
    wider = pd.DataFrame(
        {
            "peak": ["chr1:100-400", "chr1:5000-5600", "chr2:0-1000"],  # covers peak 0, beside, other contig
            "direction": ["up", "up", "down"],
            "log2FoldChange": [1.0, 1.0, -1.0],
        }
    )
    table = truth.compare_peaks(planted("uu"), wider).set_index("change")
    assert table.loc["up", ["planted", "called_up", "called_untested"]].tolist() == [2, 1, 1]
    assert table.loc["none", ["planted", "called_up", "called_down"]].tolist() == [2, 1, 1]
    assert table.loc["changed", "false_discovery_proportion"] == pytest.approx(2 / 3)


def test_fold_change_error_is_the_median_of_estimate_minus_planted():
    simulated = planted("uuund").assign(log2_fold_change_counts=[0.5, 0.5, 0.5, 3.0, 5.0])
    table = truth.compare_peaks(simulated, called("uuund")).set_index("change")  # estimates 0, 1, 2, 3, 4
    assert table["median_log2fc_error"].tolist() == [0.5, -1.0, 0.0, 0.0]


def test_no_peaks_at_all():
    table = truth.compare_peaks(planted("u"), called("").astype({"peak": str})).set_index("change")
    assert table.loc["up", ["planted", "called_untested", "called"]].tolist() == [1, 1, 0]


@pytest.mark.parametrize(("position", "row"), [(99, -1), (100, 1), (149, 1), (150, 2), (249, 2), (250, -1)])
def test_covering_takes_the_peak_that_starts_last(position, row):
    ids = pd.Series(["chr2:100-200", "chr1:100-200", "chr1:150-250"])
    assert truth.covering(ids, pd.Series(["chr1"]), pd.Series([position])).tolist() == [row]


def test_motif_ranks_share_ties_and_miss_untested_motifs():
    planted_motifs = pd.DataFrame(
        {
            "motif_id": ["M3", "M1", "M9"],
            "name": ["c", "a", "z"],
            "role": ["driver_up", "decoy", "driver_down"],
        }
    )
    table = pd.DataFrame(
        {
            "motif_id": ["M1", "M2", "M3", "M4"],
            "log10_pvalue": [-1.0, -1.0, -400.0, np.nan],
            "padj": [0.2, 0.2, 0.0, np.nan],
            "log2_enrichment": [0.1, 0.2, 3.0, np.nan],
        }
    )
    variability = pd.DataFrame({"motif_id": ["M1", "M2", "M3", "M4"], "variability": [2.0, 1.0, 5.0, np.nan]})
    moved = pd.DataFrame(
        {
            "motif_id": ["M1", "M2", "M3", "M4"],
            "delta": [0.1, 0.0, 0.5, np.nan],
            "pvalue": [0.3, 0.2, 0.001, np.nan],
            "padj": [0.3, 0.3, 0.003, np.nan],
        }
    )
    ranks = truth.compare_motifs(planted_motifs, {"up": table, "down": table}, variability, moved)
    assert ranks["rank_up"].tolist() == [1, 2, pd.NA]
    assert ranks["rank_variability"].tolist() == [1, 2, pd.NA]
    assert ranks["rank_chromvar"].tolist() == [1, 3, pd.NA]
    assert ranks["log2_enrichment_down"].iloc[0] == 3.0
    assert ranks["n_motifs"].tolist() == [4, 4, 4]
