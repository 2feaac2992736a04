"""Locus pictures: one scale, no colliding labels, every odd locus drawn, the same bytes again."""

import fake_results as fake
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from workflow_lib.genome import genes
from workflow_lib.io import gtf, images, tables
from workflow_lib.plots import loci as pictures
from workflow_lib.plots import style
from workflow_lib.report import loci as report
from workflow_lib.report import packed
from workflow_lib.tracks import loci

GROUPS = {"control": ["c1", "c2"], "treated": ["t1"]}
COLOURS = style.group_colours(GROUPS)


def models_of(tmp_path, spans):
    """Genes (first, last, strand, coding) named G0, G1, ... with two exons each."""
    path = tmp_path / "genes.gtf"
    text = ""
    for i, (first, last, strand, coding) in enumerate(spans):
        about = f'gene_id "g{i}"; gene_name "GENE{i}"; transcript_id "t{i}";\n'
        third = (last - first) // 3
        for low, high in ((first, first + third), (last - third, last)):
            text += f"chr1\tx\texon\t{low}\t{high}\t.\t{strand}\t.\t{about}"
            text += f"chr1\tx\tCDS\t{low + 5}\t{high - 5}\t.\t{strand}\t.\t{about}" if coding else ""
    path.write_text(text)
    return genes.build(gtf.read(path))


def make(scale=1.0, models=None, motif_hits=None, peaks=None, links=None, single=0) -> loci.Locus:
    rng = np.random.default_rng(0)
    edges = np.arange(1000, 3001, 10)
    values = {name: scale * rng.poisson(2, 200) / 10 for name in ("c1", "c2", "t1")}
    values["t1"][90:110] *= 10
    changed = pd.DataFrame(
        {
            "peak": ["a", "b", "c", "d"], "start": [1900, 1960, 2400, 2900], "end": [1950, 2000, 2500, 3100],
            "padj": [1e-12, 0.01, np.nan, 0.9], "direction": ["up", "down", "untested", "none"],
        }
    )  # fmt: skip
    motifs = pd.DataFrame({"motif_id": ["M1"], "name": ["TCF7$x"], "direction": ["up"]})
    no_hits = pd.DataFrame(columns=["motif_id", "start", "end", "strand"])
    return loci.Locus(
        name="X$1",
        chrom="chr1",
        start=1000,
        end=3000,
        why="told",
        coverage=loci.Coverage(edges, values, 3 - single, single),
        peaks=changed if peaks is None else peaks,
        models=models,
        hits=no_hits if motif_hits is None else motif_hits,
        motifs=motifs,
        links=pd.DataFrame(columns=loci.LINK_COLUMNS) if links is None else links,
        fragments=180,
    )


def draw(locus):
    return pictures.draw(locus, GROUPS, COLOURS, 0.05, "treated")


def boxes(figure, wanted):
    """Extents of the texts that `wanted` accepts."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    texts = [text for axes in figure.axes for text in axes.texts] + list(figure.texts)
    return [text.get_window_extent(renderer) for text in texts if wanted(text.get_text())]


def test_all_groups_share_one_scale_that_holds_every_sample():
    locus = make()
    figure = draw(locus)
    limits = {axes.get_ylim() for axes in figure.axes[:2]}
    assert len(limits) == 1
    ((low, high),) = limits
    assert low == 0
    assert max(values.max() for values in locus.coverage.values.values()) <= high


def test_gene_labels_meet_nothing_in_a_crowd(tmp_path):
    rng = np.random.default_rng(3)
    starts = rng.integers(400, 3000, 30)
    spans = [(s, s + rng.integers(60, 700), "+-"[i % 2], i % 3 > 0) for i, s in enumerate(starts)]
    locus = make(models=models_of(tmp_path, spans))
    locus = loci.Locus(**{**vars(locus), "models": genes.within(locus.models, "chr1", 1000, 3000)})
    figure = draw(locus)
    found = boxes(figure, lambda text: text.strip("← →").startswith("GENE"))
    assert len(found) >= 10
    assert all(not a.overlaps(b) for i, a in enumerate(found) for b in found[:i])
    inside = figure.axes[0].get_window_extent()
    assert all(box.x0 >= inside.x0 - 1 and box.x1 <= inside.x1 + 1 for box in found)
    (row,) = [text.get_text() for axes in figure.axes for text in axes.texts if "more)" in text.get_text()]
    assert row == f"genes\n(+ {len(locus.models.genes) - len(found)} more)"


def test_adjusted_p_is_written_where_there_is_room():
    figure = draw(make())
    said = [text.get_text() for axes in figure.axes for text in axes.texts if "adj. p 1" in text.get_text()]
    assert said == ["adj. p 1e-12"]  # that of the neighbour would lie on it


def test_positions_count_from_one_with_separators():
    figure = draw(make())
    labels = [label.get_text() for label in figure.axes[2].get_xticklabels()]
    assert "1,500" in labels
    at = dict(zip(labels, figure.axes[2].get_xticks(), strict=True))
    assert at["1,500"] == 1499.5
    assert any(text.get_text() == "chr1:1,001-3,000; told" for text in figure.texts)


@pytest.mark.parametrize(("single", "words"), [(0, "fragments ≤ 180 bp"), (3, "single-end reads")])
def test_the_axis_says_what_was_counted(single, words):
    figure = draw(make(single=single))
    assert any(words in text.get_text() for text in figure.texts)
    assert single == 0 or not any("≤ 180" in text.get_text() for text in figure.texts)


def test_empty_rows_say_so(tmp_path):
    nothing = make(0.0, models_of(tmp_path, [(9000, 9900, "+", True)]), peaks=make().peaks.head(0))
    bare = loci.Locus(**{**vars(nothing), "models": genes.within(nothing.models, "chr1", 1000, 3000)})
    said = [text.get_text() for axes in draw(bare).axes for text in axes.texts]
    assert said.count("no insertion here") == 2
    assert {"no gene here", "no peak here"} <= set(said)


def test_hits_and_links_add_rows():
    found = pd.DataFrame(
        {"motif_id": ["M1"] * 2, "start": [1100, 1200], "end": [1110, 1210], "strand": ["+", "-"]}
    )
    links = pd.DataFrame({"mid": [1925], "tss": [1100], "correlation": [-0.9], "padj": [0.01]})
    plain, full = draw(make()), draw(make(motif_hits=found, links=links))
    assert len(full.axes) == len(plain.axes) + 2
    assert any(text.get_text() == r"TCF7\$x" for axes in full.axes for text in axes.texts)


def test_the_same_locus_gives_the_same_bytes(tmp_path):
    locus = make(models=models_of(tmp_path, [(1200, 2200, "-", True)]))
    for name in ("one", "two"):
        style.save(draw(locus), tmp_path / f"{name}.svg", tmp_path / f"{name}.png")
    for suffix in ("svg", "png"):
        assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"two.{suffix}").read_bytes()


@pytest.mark.parametrize(
    ("span", "length", "words"),
    [(10_000, 2000, "2 kb"), (300, 50, "50 bp"), (9_000_000, 2_000_000, "2 Mb"), (1, 2, "2 bp")],
)
def test_scale_bars(span, length, words):
    assert pictures.scale(span) == length
    assert pictures.bases(length) == words


def test_report_shows_pictures_and_links_files(tmp_path):
    places = pd.DataFrame(
        {
            "name": ["Abc", "chr1:5-9"], "chrom": "chr1", "start": [999, 5], "end": [2000, 9],
            "why": ["gene asked for as abc", "smallest p-value, not significant: q = 0.3"],
            "file": ["01_Abc", "02_x"],
        }
    )  # fmt: skip
    for name in places["file"]:
        tables.write_text(fake.LOGO, tmp_path / f"loci/k/{name}.svg")
    run = fake.run_of(fake.write(tmp_path, motifs=False, drawn=False, n=20), tmp_path / "report.html")
    drawn = report.figures(run, "k", places)
    assert drawn[0].packed == packed.text(images.svg_text(tmp_path / "loci/k/01_Abc.svg"))
    assert drawn[0].href == "loci/k/01_Abc.svg"
    assert drawn[0].caption == "Abc: chr1:1,000-2,000; gene asked for as abc"
    made = report.section("k", places, drawn, {"max_fragment": None}, "loci/k")
    assert made.anchor == "loci-k"
    assert "all fragments" in made.parts[0].paragraphs[0]
    assert made.parts[0].paragraphs[1] == (
        "No peak changed significantly: those with the smallest p-values are shown for orientation."
    )
    assert (
        report.section("k", places.head(0), [], {"max_fragment": 180}, "loci/k")
        .parts[0]
        .paragraphs[0]
        .startswith("None")
    )


def test_the_legend_names_the_directions_that_the_contrast_has():
    def told(experiment, kind):
        figure = pictures.draw(make(), GROUPS, COLOURS, 0.05, experiment, kind)
        (legend,) = figure.legends
        return [text.get_text() for text in legend.get_texts()], legend.get_title().get_text()

    labels, title = told("treated", "")
    assert [label.partition(",")[0] for label in labels] == ["up", "down", "no change", "not tested"]
    assert title.endswith("Peaks: up is more open in treated")
    labels, title = told("the last level", "any")
    assert [label.partition(",")[0] for label in labels] == ["changed", "no change", "not tested"]
    assert "last level" not in title
    assert "open" not in told("(treated / control) in naive", "interaction")[1]
