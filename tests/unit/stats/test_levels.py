"""Levels of a column are what the config writes, whatever type the sheet gave the column."""

import numpy as np
import pandas as pd
import pytest

from workflow_lib import chromvar, differential
from workflow_lib.differential import calibration
from workflow_lib.differential import shift as shifts
from workflow_lib.footprints import differential as footprints
from workflow_lib.stats import forms, levels

DOSES = [0.5, 0.5, 0.5, 1, 1, 1, 2, 2, 2]
DESIGN = "~ C(dose)"
CONTRAST = {"variable": "dose", "experiment": "2", "control": "1"}
NAMES = pd.Index([f"s{i}" for i in range(9)], name="sample")
NUMBERS = pd.DataFrame({"dose": DOSES}, index=NAMES)
TEXTS = pd.DataFrame({"dose": [f"{dose:g}" for dose in DOSES]}, index=NAMES)


@pytest.mark.parametrize(
    ("value", "text"), [(2.0, "2"), (0.5, "0.5"), (2, "2"), ("2.0", "2.0"), (True, "True")]
)
def test_a_level_is_written_as_in_the_config(value, text):
    assert levels.label(value) == text


def test_columns_that_a_formula_takes_for_labels():
    sheet = pd.DataFrame(
        {"batch": [1, 2], "age": [30, 41], "age_class": [1, 2], "sex": ["f", "m"], "treated": [True, False]}
    )
    formula = "~ batch + age + C( age_class) + sex + treated"
    assert [levels.are_labels(sheet[name], formula) for name in sheet] == [True, False, True, True, True]


def test_the_sides_of_a_contrast_of_numbers():
    found = forms.parse(CONTRAST).sides(NUMBERS)
    assert found["experiment"].tolist() == [False] * 6 + [True] * 3
    assert found["control"].tolist() == [False] * 3 + [True] * 3 + [False] * 3


def counts(n_peaks: int) -> pd.DataFrame:
    drawn = np.random.default_rng(3).negative_binomial(10, 0.1, (n_peaks, len(NAMES)))
    return pd.DataFrame(drawn, [f"chr1:{i}-{i + 1}" for i in range(n_peaks)], NAMES)


def test_peaks():
    found = [differential.test(counts(200), sheet, DESIGN, CONTRAST) for sheet in (NUMBERS, TEXTS)]
    assert found[0]["pvalue"].notna().all()
    pd.testing.assert_frame_equal(*found)


def test_calibration():
    ones = pd.Series(1.0, index=NAMES)
    found = [
        calibration.calibrate(counts(50), sheet, DESIGN, CONTRAST, ones, most_permuted=1, most_split=1)[0]
        for sheet in (NUMBERS, TEXTS)
    ]
    assert found[0]["kind"].tolist() == ["observed", "permuted", "split"]
    pd.testing.assert_frame_equal(*found)


def test_global_shift():
    factors = pd.DataFrame({"ratio": np.arange(1.0, 10), "library": 1.0}, index=NAMES)
    found = [shifts.global_shift(factors, sheet, CONTRAST) for sheet in (NUMBERS, TEXTS)]
    assert found[0]["shift_log2"] == pytest.approx(np.log2([7 * 8 * 9 / (4 * 5 * 6)])[0] / 3)
    assert found[0]["shift_log2"] == found[1]["shift_log2"]


def test_motifs_and_footprints():
    rng = np.random.default_rng(4)
    deviations = pd.DataFrame(rng.normal(size=(12, 9)), [f"m{i}" for i in range(12)], NAMES)
    pd.testing.assert_frame_equal(
        *(chromvar.welch(deviations, sheet, CONTRAST) for sheet in (NUMBERS, TEXTS))
    )
    assert chromvar.welch(deviations, NUMBERS, CONTRAST)["pvalue"].notna().all()
    scores = (
        deviations.rename_axis("motif_id")
        .reset_index()
        .melt("motif_id", var_name="sample", value_name="depth")
    )
    scores = scores.assign(flank=scores["depth"], depth_se=1.0, flank_se=1.0, n_sites=50, cuts_per_site=9.0)
    motifs = pd.DataFrame({"name": deviations.index, "cluster": deviations.index}, index=deviations.index)
    found = [footprints.test(scores, motifs, sheet, DESIGN, CONTRAST) for sheet in (NUMBERS, TEXTS)]
    assert found[0]["depth_control"].notna().all()
    pd.testing.assert_frame_equal(*found)
