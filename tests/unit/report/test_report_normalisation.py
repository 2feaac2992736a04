"""What the report says of size factors and calibration, and the figures of a contrast's strongest peaks."""

import fake_results as fake
import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from workflow_lib import report
from workflow_lib.differential import leading
from workflow_lib.io import tables
from workflow_lib.plots import differential
from workflow_lib.report import normalisation

SHIFT = {
    "contrast": fake.CONTRAST,
    "shift_log2": -0.6,
    "shift_se": 0.1,
    "frip_experiment": 0.2,
    "frip_control": 0.3,
    "verdict": "shifted",
    "sentence": "The choice of size factors matters: told at length.",
}
SUMMARY = pd.DataFrame(
    {
        "contrast": fake.CONTRAST,
        "method": ["ratio", "library"],
        "chosen": ["yes", "no"],
        "n_tested": [100, 100],
        "n_up": [10, 4],
        "n_down": [11, 40],
        "jaccard": [1.0, 0.3],
        "rank_correlation": [1.0, 0.9],
        "median_log2fc": [0.0, -0.6],
        "min_size_factor": [0.9, 0.7],
        "max_size_factor": [1.1, 1.4],
    }
)
BIAS = pd.DataFrame(
    {
        "contrast": fake.CONTRAST,
        "covariate": ["mean count", "GC content"],
        "verdict": ["differ", "alike"],
        "used": ["no", "no"],
        "sentence": "Weak regions gain: told at length.",
    }
)
RUNS = pd.DataFrame(
    {
        "contrast": fake.CONTRAST,
        "kind": ["observed", "permuted", "permuted", "split"],
        "run": [1, 1, 2, np.nan],
        "experiment": ["t1+t2", "c1+t1", "c1+t2", np.nan],
        "residual_df": [2, 2, 2, np.nan],
        "n_tested": [100, 100, 100, np.nan],
        "n_significant": [21, 0, 1, np.nan],
        "share_below_0.05": [0.3, 0.02, 0.04, np.nan],
        "ks_distance": [0.3, 0.1, 0.1, np.nan],
        "possible": [1, 2, 2, np.nan],
        "note": [np.nan, np.nan, np.nan, "groups of 2 and 2 samples, and halves take three in each"],
    }
)


@pytest.mark.parametrize("calibrated", [True, False])
def test_report_has_the_section_and_warns_in_its_answer(tmp_path, calibrated):
    results = fake.write(tmp_path, motifs=False, drawn=False, n=100)
    given = {"normalisation": SUMMARY, "global_shift": pd.DataFrame([SHIFT]), "count_bias": BIAS}
    if calibrated:
        given["calibration"] = RUNS
    for name, table in given.items():
        results[name] = str(tmp_path / f"differential/{name}.tsv")
        tables.write_table(table, results[name])
        picture = tmp_path / f"differential/figures/{fake.CONTRAST}.{name}.svg"
        tables.write_text(fake.LOGO, picture)
    found = fake.collected(results, tmp_path / "report.html")
    assert SHIFT["sentence"] in found.answer[0].details
    (contrast,) = [section for section in found.sections if section.title == fake.CONTRAST]
    section = contrast.sections[0]
    assert section.title == "Normalisation and calibration"
    html = report.render(found)
    assert "ratio (used)" in html
    assert ("No split groups: groups of 2 and 2 samples" in html) == calibrated
    assert ("<caption><span>Tests where nothing differs" in html) == calibrated
    assert html.count("Fold change by mean accessibility, once for each set") == 1


def test_a_calm_verdict_does_not_reach_the_answer():
    agreed, calm = SUMMARY.assign(jaccard=[1, 0.95]), BIAS.assign(verdict="alike")
    assert normalisation.warning(SHIFT | {"verdict": "alike"}, agreed, calm) == ()
    assert normalisation.warning(SHIFT, agreed, calm) == (SHIFT["sentence"],)
    assert normalisation.warning(SHIFT | {"verdict": "background"}, agreed, calm) == (SHIFT["sentence"],)
    assert normalisation.warning(SHIFT | {"verdict": "alike"}, SUMMARY, calm) == (SHIFT["sentence"],)
    told = normalisation.warning(SHIFT | {"verdict": "alike"}, agreed, BIAS)
    assert told == ("Weak regions gain: told at length.",)
    assert normalisation.warning(SHIFT | {"verdict": "alike"}, agreed, BIAS.assign(used="yes")) == ()


def test_methods_of_a_test_without_directions_show_what_changed():
    of_others = SUMMARY.assign(n_changed=np.nan)  # as where a run has contrasts of both kinds
    headings = [column.heading for column in normalisation.methods(of_others).columns]
    assert {"up", "down"} <= set(headings)
    assert "changed" not in headings
    table = normalisation.methods(SUMMARY.assign(n_up=0, n_down=0, n_changed=[21.0, 44.0]))
    headings = [column.heading for column in table.columns]
    assert not {"up", "down"} & set(headings)
    assert [row[headings.index("changed")].text for row in table.rows] == ["21", "44"]


def test_null_tests_show_median_and_most():
    table = normalisation.null_tests(RUNS)
    texts = [[cell.text for cell in row] for row in table.rows]
    assert [row[:5] for row in texts] == [
        ["true labels", "1", "2", "100", "21"],
        ["labels permuted", "2", "2", "100", "0 (1)"],
    ]
    assert texts[1][5] == "3.0 %"


def words(figure) -> str:
    return "\n".join(text.get_text() for text in figure.findobj(Text))


def test_heat_map_has_the_smallest_p_values_and_z_scores():
    table = fake.differential(400)
    counts = fake.counts(400)
    scores = leading.standard_scores(table, counts, counts.sum() / counts.sum().mean(), n_each=4)
    figure = differential.heatmap(scores, fake.SAMPLES["group"])
    axes = figure.axes[0]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    strongest = table[table["direction"] == "up"].nsmallest(4, "pvalue")
    named = strongest["gene_name"] + "  " + strongest["peak"]
    assert set(labels[:4]) == set(named.fillna(strongest["peak"]))
    drawn = np.asarray(axes.images[0].get_array())
    assert drawn.shape == (8, 6)
    np.testing.assert_allclose(drawn.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(drawn.std(axis=1, ddof=1), 1)
    assert [label.get_text() for label in axes.get_xticklabels()] == list(fake.SAMPLES.index)


def test_heat_map_of_peaks_without_variation_and_of_none():
    table = fake.differential(400)
    flat = pd.DataFrame(3, index=table["peak"], columns=fake.SAMPLES.index)
    sizes = pd.Series(1.0, index=fake.SAMPLES.index)
    scores = leading.standard_scores(table, flat, sizes)
    figure = differential.heatmap(scores, fake.SAMPLES["group"])
    assert (np.asarray(figure.axes[0].images[0].get_array()) == 0).all()
    nothing = leading.standard_scores(table.assign(direction="none"), flat, sizes)
    assert "no peak is significant" in words(differential.heatmap(nothing, fake.SAMPLES["group"]))
    one = leading.standard_scores(table, flat.iloc[:, :1], sizes)
    assert (one[fake.SAMPLES.index[0]] == 0).all()


def test_features_count_up_and_down_by_class():
    table = pd.DataFrame(
        {
            "direction": ["up", "up", "down", "none", "untested", "up"],
            "feature": ["promoter", "distal", "distal", "distal", "promoter", None],
        }
    )
    text = words(differential.features(table))
    assert "promoter (2)" in text
    assert "distal (3)" in text
    assert "n = 5 peaks" in text
    widths = [[bar.get_width() for bar in axes.patches] for axes in differential.features(table).axes]
    assert widths[0] == [1, 1, 0, -1]  # up then down, promoter then distal
    np.testing.assert_allclose(widths[1], [1 / 2, 1 / 3, 0, 1 / 3])
    assert "not annotated" in words(differential.features(table.assign(feature=None)))
    assert "no peak is significant" in words(differential.features(table.assign(direction="none")))
