"""Figures: same bytes every time, nothing crashes where there is little to draw, right numbers shown."""

import colorsys
import re
from pathlib import Path
from xml.etree import ElementTree

import fake_results as fake
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from PIL import Image

from workflow_lib.motifs import leading
from workflow_lib.plots import chromvar, differential, enrichment, labels, linkage, samples, style
from workflow_lib.stats import ordination

GROUPS = fake.SAMPLES["group"]
BATCHES = fake.SAMPLES["batch"]


def texts(figure) -> str:
    """All words in a figure."""
    return "\n".join(text.get_text() for text in figure.findobj(Text))


def logged(n: int = 500) -> pd.DataFrame:
    counts = fake.counts(n)
    return ordination.log_counts(counts, counts.sum() / counts.sum().mean())


def pca(values, groups, batches=None):
    table = ordination.components(values, *ordination.principal_components(values))
    return samples.pca(table, groups, batches)


def correlation(values, groups):
    return samples.correlation(ordination.correlation(values), groups)


def every_figure():
    z, variability, _ = fake.chromvar(60)
    table = fake.differential(800)
    return {
        "ma": differential.ma(table, 0.05, "treated", "control"),
        "volcano": differential.volcano(table, 0.05, "treated", "control"),
        "pvalues": differential.pvalue_histogram(table),
        "pca": pca(logged(), GROUPS, BATCHES),
        "correlation": correlation(logged(), GROUPS),
        "enrichment": enrichment.motifs(fake.enrichment("up", 60), fake.enrichment("down", 60), 0.05),
        "variability": chromvar.variability(variability, 6),
        "zscores": chromvar.zscores(z, variability, GROUPS),
    }


def test_files_are_the_same_bytes_each_time_and_name_no_date_or_program(tmp_path):
    for turn in ("first", "second"):
        for name, figure in every_figure().items():
            png = [tmp_path / turn / f"{name}.png"] if name in ("ma", "correlation") else []
            style.save(figure, tmp_path / turn / f"{name}.svg", *png)
    files = sorted(path.name for path in (tmp_path / "first").iterdir())
    assert len(files) == 10
    for name in files:
        content = (tmp_path / "first" / name).read_bytes()
        assert content == (tmp_path / "second" / name).read_bytes(), name
        assert b"Software" not in content
        assert b"dc:date" not in content
        assert len(content) > 5_000
    for path in (tmp_path / "first").glob("*.svg"):
        addresses = re.findall(r'href="([^"]+)"', path.read_text())
        assert all(address.startswith(("#", "data:")) for address in addresses)
        assert ElementTree.parse(path).getroot().tag.endswith("svg")


def test_many_points_stay_a_small_svg(tmp_path):
    style.save(differential.ma(fake.differential(40_000), 0.05, "a", "b"), tmp_path / "ma.svg")
    assert (tmp_path / "ma.svg").stat().st_size < 500_000


def test_group_colours_do_not_depend_on_order_or_repeats():
    expected = dict(zip("abc", style.GROUPS, strict=False))
    assert style.group_colours(["b", "a", "c", "a"]) == expected
    assert style.group_colours(["c", "b", "a"]) == expected
    assert len(set(style.group_colours(map(str, range(24))).values())) == 24


def test_group_colours_differ_from_directions_while_others_are_left():
    def hue(colour: str) -> float:
        return 360 * colorsys.rgb_to_hls(*to_rgb(colour))[0]

    for way in ("up", "down"):
        for colour in set(style.GROUPS) - {"#000000"}:
            apart = abs(hue(colour) - hue(style.DIRECTION[way])) % 360
            grounds = abs(sum(to_rgb(colour)) - sum(to_rgb(style.DIRECTION[way])))
            assert min(apart, 360 - apart) > 15 or grounds > 0.4, (way, colour)


def test_files_have_the_size_and_the_letters_of_print(tmp_path):
    for name, figure in every_figure().items():
        paths = style.forms(tmp_path / name)
        style.save(figure, *paths)
        svg = Path(paths[0]).read_text()
        millimetres = float(re.search(r'<svg [^>]*width="([0-9.]+)mm"', svg)[1])
        assert millimetres == pytest.approx(89, abs=0.01) or millimetres == pytest.approx(183, abs=0.01)
        shown = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
        words = {"".join(each.itertext()).replace("\xa0", " ").strip() for each in shown}
        assert {text.strip() for text in texts(figure).splitlines()} & words, name
        letters = {float(size) for size in re.findall(r"font-size: ([0-9.]+)px", svg)}
        assert max(letters) * style.SCALE == pytest.approx(7, abs=1)
        assert "Arial, Helvetica" in svg
        pdf = Path(paths[1 if paths[1].endswith(".pdf") else 2]).read_bytes()
        width = float(re.search(rb"/MediaBox \[ 0 0 ([0-9.]+)", pdf)[1])
        assert width == pytest.approx(millimetres / 25.4 * 72, abs=0.01)
        assert b"/Type3" not in pdf
        assert b"CreationDate" not in pdf
        with Image.open(tmp_path / f"{name}.png") as pixels:
            assert pixels.width == pytest.approx(millimetres / 25.4 * 300, abs=2)
            assert pixels.info["dpi"][0] == pytest.approx(300, abs=0.1)


@pytest.mark.parametrize("name", ["$x$", r"$\bad{$", "a_b^c", "<b>"])
def test_names_are_drawn_as_they_are(name, tmp_path):
    values = logged(50).rename(columns={"control_1": name})
    groups = GROUPS.rename({"control_1": name})
    figure = pca(values, groups)
    style.save(figure, tmp_path / "pca.png")
    assert name in texts(figure).replace(r"\$", "$")


def test_labels_meet_neither_each_other_nor_the_edge():
    with style.context():
        figure = style.figure()
        axes = figure.subplots()
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 15))
    axes.scatter(x, y)
    left_out = labels.place(axes, x, y, [f"label {i}" for i in range(15)])
    figure.draw_without_rendering()
    boxes = [Text.get_window_extent(text) for text in axes.texts]  # the words, without the leader
    assert len(boxes) == 15 - left_out >= 10
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:i])
        assert axes.bbox.x0 <= box.x0
        assert box.x1 <= axes.bbox.x1


def test_labels_without_room_are_left_out():
    with style.context():
        axes = style.figure(2, 2).subplots()
    assert labels.place(axes, np.full(40, 0.5), np.full(40, 0.5), ["a long label"] * 40) > 20
    assert labels.place(axes, [], [], []) == 0


def test_labels_do_not_cover_points_without_a_name():
    with style.context():
        figure = style.figure()
        axes = figure.subplots()
    rest = np.linspace(0.52, 0.6, 9), np.full(9, 0.5)  # where the name would stand otherwise
    assert labels.place(axes, [0.5], [0.5], ["a name"], others=rest) == 0
    figure.draw_without_rendering()
    box = Text.get_window_extent(axes.texts[0])
    seen = axes.transData.transform(np.column_stack(rest))
    assert not any(box.contains(*point) for point in seen)


def test_principal_components_agree_with_eigenvectors_of_the_covariance():
    values = logged(300)
    scores, shares = ordination.principal_components(values, n_top=10**6)
    centred = values.to_numpy() - values.to_numpy().mean(axis=1, keepdims=True)
    eigenvalues, eigenvectors = np.linalg.eigh(centred.T @ centred)
    assert shares == pytest.approx(eigenvalues[::-1][:5] / eigenvalues.sum())
    expected = eigenvectors[:, ::-1][:, :5] * np.sqrt(eigenvalues[::-1][:5])
    assert np.abs(scores.to_numpy()) == pytest.approx(np.abs(expected), abs=1e-5)


def test_sign_of_components_is_fixed():
    values = logged(300)
    scores, _ = ordination.principal_components(values)
    mirrored, _ = ordination.principal_components(-values)  # turns every component round
    pd.testing.assert_frame_equal(scores, mirrored)
    for name in scores:
        far = scores[name][scores[name].abs() >= 0.1 * scores[name].abs().max()]
        assert far.iloc[0] > 0


def test_only_the_most_variable_peaks_are_used():
    values = pd.DataFrame([[0, 0, 9.0], [5, 5, 5], [0, 1, 0]], columns=list("abc"))
    scores, shares = ordination.principal_components(values, n_top=1)
    assert shares.tolist() == [1.0]
    assert scores["PC1"].tolist() == pytest.approx([3, 3, -6])


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (pd.DataFrame({"a": [1.0, 2.0]}), "1 sample"),
        (pd.DataFrame({"a": [1.0, 2.0], "b": [2.0, 1.0]}), "2 sample"),
        (pd.DataFrame({"a": [1.0, 2.0], "b": [1.0, 2.0], "c": [1.0, 2.0]}), "no peak varies"),
        (pd.DataFrame({"a": [], "b": [], "c": []}, dtype=float), "no peak varies"),
    ],
)
def test_pca_says_why_there_is_none(values, words, tmp_path):
    groups = pd.Series("g", index=values.columns)
    figure = pca(values, groups)
    assert words in texts(figure)
    style.save(figure, tmp_path / "pca.svg")
    style.save(correlation(values, groups), tmp_path / "correlation.svg")


def test_pca_with_one_component_only(tmp_path):
    values = pd.DataFrame({"a": [0.0, 0.0], "b": [1.0, 2.0], "c": [2.0, 4.0]})
    figure = pca(values, pd.Series("g", index=list("abc")))
    assert "PC1 (100% of variance)" in texts(figure)
    assert "PC2 (0% of variance)" in texts(figure)
    style.save(figure, tmp_path / "pca.png")


def test_log_counts_divide_by_size_factors_of_the_right_sample():
    counts = pd.DataFrame({"a": [0, 6], "b": [3, 1]})
    expected = pd.DataFrame({"a": [0.0, 2.0], "b": [np.log2(7), np.log2(3)]})
    found = ordination.log_counts(counts, pd.Series({"b": 0.5, "a": 2.0}))
    pd.testing.assert_frame_equal(found, expected)


def test_correlations_agree_with_numpy_and_are_missing_where_nothing_varies(tmp_path):
    values = logged(100)
    assert ordination.correlations(values) == pytest.approx(np.corrcoef(values.T), abs=1e-8)
    values["flat"] = 1.0
    r = ordination.correlations(values)
    assert np.isnan(r[-1]).all()
    assert np.isfinite(r[:-1, :-1]).all()
    groups = pd.concat([GROUPS, pd.Series({"flat": "control"})])
    style.save(correlation(values, groups), tmp_path / "r.svg")


@pytest.mark.parametrize("name", ["ma", "volcano"])
def test_numbers_of_peaks_are_stated(name):
    table = fake.differential(800)
    figure = getattr(differential, name)(table, 0.05, "treated", "control")
    said = texts(figure)
    for direction, words in (
        ("up", "up"),
        ("down", "down"),
        ("none", "not significant"),
        ("untested", "not tested"),
    ):
        assert f"{words} {(table['direction'] == direction).sum()}" in said
    assert "n = 800 peaks, adjusted p < 0.05" in said
    assert "log₂ fold change, treated / control" in said


def test_every_peak_is_drawn_once_within_the_axes():
    table = fake.differential(800)
    table.loc[0, "log2FoldChange"] = 50.0
    table.loc[1, "log2FoldChange"] = -50.0
    table.loc[2, "pvalue"] = 0.0
    for draw in (differential.ma, differential.volcano):
        figure = draw(table, 0.05, "a", "b")
        axes = figure.axes[0]
        points = np.concatenate([c.get_offsets() for c in axes.findobj(PathCollection)])
        assert len(points) == 800
        assert np.isfinite(points.astype(float)).all()
        low, high = axes.get_ylim()
        assert low <= points[:, 1].min()
        assert points[:, 1].max() <= high
        assert high < 400


def test_volcano_names_the_strongest_peaks_once_a_gene():
    table = fake.differential(800)
    said = texts(differential.volcano(table, 0.05, "a", "b", n_labels=3))
    for direction in ("up", "down"):
        rows = table[table["direction"] == direction].dropna(subset="gene_name").sort_values("pvalue")
        assert rows["gene_name"].iloc[0] in said
    assert said.count("Gene") <= 6
    bare = texts(differential.volcano(table.drop(columns="gene_name"), 0.05, "a", "b"))
    assert table.sort_values("pvalue")["peak"].iloc[0] in bare


def test_no_tested_peak_is_said():
    table = fake.differential(50)
    table[["pvalue", "padj", "stat"]] = np.nan
    table["direction"] = "untested"
    assert "not tested 50" in texts(differential.ma(table, 0.05, "a", "b"))
    assert "no peak was tested" in texts(differential.volcano(table, 0.05, "a", "b"))
    assert "no peak was tested" in texts(differential.pvalue_histogram(table))
    assert "no peak has a fold change" in texts(differential.ma(table.head(0), 0.05, "a", "b"))


def test_histogram_states_the_share_of_unchanged_peaks():
    pvalues = np.concatenate([np.zeros(500), (np.arange(500) + 0.5) / 500])
    said = texts(differential.pvalue_histogram(pd.DataFrame({"pvalue": [*pvalues, np.nan]})))
    assert "n = 1,000 peaks; dashed: unchanged ones, 50%" in said


def test_strongest_orders_by_log_p_then_effect_then_place():
    table = pd.DataFrame(
        {
            "motif_id": list("abcde"),
            "pvalue": [0.0, 0.0, 0.5, np.nan, 0.5],
            "log10_pvalue": [-400.0, -500.0, -0.3, np.nan, -0.3],
            "log2_enrichment": [1.0, 1.0, 0.1, 0.0, 0.2],
        }
    )
    assert leading.strongest(table, 9)["motif_id"].tolist() == ["b", "a", "e", "c"]
    assert leading.strongest(table, 1)["motif_id"].tolist() == ["b"]
    chosen = table.assign(representative=[True, False, False, False, True])
    assert leading.strongest(chosen, 9)["motif_id"].tolist() == ["a", "e"]
    assert len(leading.strongest(table.assign(representative=np.nan), 9)) == 4


def test_enrichment_shows_hits_and_hides_nothing_infinite(tmp_path):
    up = fake.enrichment("up", 60)
    up.loc[3, "log2_enrichment"] = np.inf
    up.loc[13, "padj"] = 0.0
    nothing = fake.enrichment("down", 60)
    nothing[["pvalue", "log10_pvalue", "padj", "log2_enrichment"]] = np.nan
    figure = enrichment.motifs(up, nothing, 0.05)
    style.save(figure, tmp_path / "up.svg")
    said = texts(figure)
    assert "more open (up), n = 150 peaks" in said
    assert "TF3 (MA0003.1)" in said
    assert str(int(up.loc[3, "foreground_hits"])) in said
    assert "No motif could be tested." in said
    assert "no motif could be tested" in texts(enrichment.motifs(nothing, nothing, 0.05))


def test_motifs_without_a_hit_are_not_among_the_most_enriched():
    up, down = fake.enrichment("up", 60), fake.enrichment("down", 60)
    up.loc[3, "foreground_hits"] = 0
    down["foreground_hits"] = 0
    said = texts(enrichment.motifs(up, down, 0.05))
    assert "TF13 (MA0013.1)" in said
    assert "TF3 (MA0003.1)" not in said
    assert "less open (down), n = 150 peaks" in said
    assert "No motif has a hit in them." in said


def test_variability_names_the_first_and_says_how_many():
    _, table, _ = fake.chromvar(60)
    said = texts(chromvar.variability(table, 6))
    assert "TF3" in said
    assert "n = 60 motifs, 6 samples" in said
    table["variability"] = np.nan
    assert "no motif has z-scores" in texts(chromvar.variability(table, 1))


def test_zscores_take_the_most_variable_motifs_with_samples_by_group(tmp_path):
    z, variability, _ = fake.chromvar(60)
    z.iloc[3, 0] = np.nan
    shuffled = z[["treated_2", "control_3", "treated_1", "control_1", "treated_3", "control_2"]]
    figure = chromvar.zscores(shuffled, variability, GROUPS, n_top=5)
    axes = figure.axes[0]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == list(GROUPS.index)
    shown = {tick.get_text() for tick in axes.get_yticklabels()}
    assert len(shown) == 5
    assert {"TF3 (MA0003.1)", "TF8 (MA0008.1)"} <= shown
    style.save(figure, tmp_path / "z.svg")
    style.save(chromvar.zscores(z.head(1), variability.head(1), GROUPS), tmp_path / "one.svg")
    variability["variability"] = np.nan
    assert "no motif has z-scores" in texts(chromvar.zscores(z, variability, GROUPS))


@pytest.mark.parametrize(
    ("over", "label"),
    [
        ("treated / control", "log₂ fold change, treated / control"),
        (
            "stimulated (TCD8naive) / resting (TCD8naive)",
            "log₂ fold change,\nstimulated (TCD8naive) /\nresting (TCD8naive)",
        ),
        (
            "(a / b) in naive cells / (a / b) in memory",
            "log₂ fold change,\n(a / b) in naive cells /\n(a / b) in memory",
        ),
        ("x" * 50, f"log₂ fold change,\n{'x' * 50}"),
    ],
)
def test_labels_of_fold_changes_fit_beside_an_axis(over, label):
    assert style.fold_axis(over) == label


def test_logarithmic_axes_have_plain_numbers(tmp_path):
    """An exponent is smaller than the smallest letter that a journal prints."""
    table = pd.DataFrame(
        {"baseMean": [2.0, 3000.0], "genewise": [0.3, 0.004], "trend": 0.1, "used": [0.2, 0.02]}
    )
    links = pd.DataFrame(
        {"zscore": [-1.0, 0.0, 1.0], "links": [0.001, 0.9, 0.1], "background": [0.01, 0.9, 0.1]}
    )
    for figure in (differential.dispersions(table), linkage.background(links, 9)):
        style.save(figure, tmp_path / "a.svg")
        text = (tmp_path / "a.svg").read_text()
        sizes = [float(size) for size in re.findall(r"font(?:-size)?: ?([\d.]+)px", text)]
        assert min(sizes) >= 8  # 5 points at the size of print
        assert ">0.1<" in text


def test_dispersions_are_drawn_or_their_absence_said(tmp_path):
    rng = np.random.default_rng(1)
    mean = rng.gamma(2, 50, 500)
    table = pd.DataFrame({"baseMean": mean, "genewise": 1e-8, "trend": 0.05 + 1 / mean, "used": 0.05})
    axes = differential.dispersions(table).axes[0]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["each peak alone", "used", "trend"]
    assert axes.get_ylim()[0] > 1e-4
    absent = differential.dispersions(table.iloc[:0])
    assert any("no replicates" in text.get_text() for text in absent.findobj() if hasattr(text, "get_text"))
