"""What the report says of saturation and of places with extreme cuts."""

import numpy as np
import pandas as pd

from workflow_lib.report import quality

PEAKS = pd.DataFrame(
    {"peak": ["a", "b"], "chrom": ["chr1", "chr1"], "start": [100, 9_000], "end": [600, 9_500]}
)
PLACE = pd.DataFrame({"chrom": ["chr1"], "start": [0], "end": [5_000]})


def test_samples_that_more_reads_would_help_are_named():
    table = pd.DataFrame({"sample": ["a", "b", "c"], "found_by_half": [0.97, 0.71, np.nan]})
    (said,) = quality.saturation_sentences(table)
    assert "71 to 97 %" in said
    assert said.endswith("in b.")
    (said,) = quality.saturation_sentences(table.assign(found_by_half=[0.6, 0.7, 0.8]))
    assert said.endswith("in every sample.")
    (said,) = quality.saturation_sentences(table[:1])
    assert "97 % of the peaks" in said
    assert "few more" in said
    assert quality.saturation_sentences(table[2:]) == ()
    assert quality.saturation_sentences(table[["sample"]]) == ()


def test_places_with_extreme_cuts_are_told_with_what_became_of_their_peaks():
    (kept,) = quality.artefact_sentences(PLACE, PEAKS, left_out=False)
    assert "1 place has" in kept
    assert "1 of 2 peaks lies there and is tested" in kept
    (out,) = quality.artefact_sentences(PLACE, PEAKS[1:], left_out=True)
    assert "left out" in out
    (none,) = quality.artefact_sentences(PLACE, PEAKS[1:], left_out=False)
    assert "No peak lies there" in none
    nowhere = PEAKS.assign(chrom=None)
    assert "No peak" in quality.artefact_sentences(PLACE, nowhere, left_out=False)[0]
    assert quality.artefact_sentences(None, PEAKS, left_out=False) == ()
    assert quality.artefact_sentences(PLACE[:0], PEAKS, left_out=False) == ()
