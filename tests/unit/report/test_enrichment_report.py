"""Report sections and figures of the background and of the gradient."""

from pathlib import Path
from types import SimpleNamespace

import fake_results
import numpy as np
import pandas as pd
import pytest
import yaml

from workflow_lib.plots import enrichment as figures
from workflow_lib.plots import style
from workflow_lib.report import differential, enrichment, methods, sections
from workflow_lib.report.content import Figure, Gallery, Table

ROOT = Path(__file__).resolve().parents[3]

FEATURES = ["gc", "gc_squared", "width", "log_mean_count", "log_mean_count_squared", "kmer_AA", "kmer_ACG"]
FIGURE = Figure("data:", "alt", "caption")


def balance(after: float = 0.02) -> pd.DataFrame:
    table = pd.DataFrame({"feature": FEATURES, "smd_before": np.linspace(-0.9, 0.9, 7), "smd_after": 0.01})
    table.loc[3, "smd_after"] = -after
    return table.assign(n_foreground=120, n_background=850, n_effective=311.7)


def nothing() -> pd.DataFrame:
    return balance().assign(smd_before=np.nan, smd_after=np.nan, n_foreground=0, n_effective=0.0)


def paragraphs(section) -> str:
    return " ".join(section.parts[0].paragraphs)


def test_the_background_is_named_with_its_effective_number_and_balance():
    section = enrichment.background("a b", "peaks", {"up": balance(), "down": nothing()}, FIGURE, {"up": "x"})
    assert section.anchor == "background-a-b"
    assert "did not change" in paragraphs(section)
    assert "Caution" not in paragraphs(section)
    row = [cell.text for cell in section.parts[2].rows[0]]
    assert row == ["up", "120", "850", "312", "0.90", "0.02"]
    assert len(section.parts[2].rows) == 1


def test_what_is_not_balanced_is_a_caution():
    section = enrichment.background("c", "genome", {"up": balance(0.31)}, FIGURE, {"up": "x"})
    assert "windows of the genome" in paragraphs(section)
    assert "1 of 7 covariates differ by more than 0.1" in paragraphs(section)
    assert "log mean count" in paragraphs(section)


@pytest.mark.parametrize(
    ("contrast", "titles"),
    [
        (
            {"variable": "group", "experiment": "b", "control": "a"},
            ["Background of the enrichment", "Motifs along the fold change"],
        ),
        ({"variable": "group", "test": "any"}, ["Motifs along the fold change"]),
    ],
)
def test_without_directions_no_background_is_announced(contrast, titles, monkeypatch):
    monkeypatch.setattr(differential, "figure", lambda *of: FIGURE)
    gradient = pd.DataFrame(columns=["bin_number", "smd_after"])
    run = SimpleNamespace(
        settings={"enrichment": {"background": "peaks"}},
        has=lambda *key, **names: True,
        contrast=lambda name: contrast,
        table=lambda key, *of, **names: balance() if key == "balance" else gradient,
        href=lambda *of, **names: "x.tsv",
    )
    assert [section.title for section in differential._background(run, "c")] == titles


def test_without_changed_peaks_there_is_no_figure():
    section = enrichment.background("c", "peaks", {"up": nothing(), "down": nothing()}, FIGURE, {})
    assert not any(isinstance(part, Gallery) for part in section.parts)


@pytest.mark.parametrize(
    "tables", [{"up": balance(), "down": nothing()}, {"up": nothing(), "down": nothing()}]
)
def test_balance_is_drawn_or_said_to_be_missing(tables, tmp_path):
    figure = figures.balance(tables)
    style.save(figure, tmp_path / "a.svg")
    words = [
        text.get_text() for axes in figure.axes for text in (*axes.texts, axes.title, *axes.get_yticklabels())
    ]
    assert any("no peaks to compare" in text.lower() for text in words)
    assert ("GC content" in words) == tables["up"]["smd_after"].notna().any()
    style.save(figures.balance(tables), tmp_path / "b.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_a_gradient_says_which_bins_are_not_balanced():
    table = pd.DataFrame({"bin_number": [1, 2, 3], "smd_after": [0.01, 0.2, 0.05]})
    assert "1 bin(s) could not be balanced within 0.1 standard deviations: 2." in paragraphs(
        enrichment.gradient("c", table, FIGURE)
    )
    assert "too few peaks" in paragraphs(enrichment.gradient("c", table.iloc[:0], FIGURE))


def test_all_peaks_have_a_section_of_their_own():
    table = pd.DataFrame({"motif_id": ["m1", "m2"], "name": ["A", "B"], "foreground_hits": [30, 2]})
    table = table.assign(
        background_hits=[1.5, 2.0], log2_enrichment=[3.0, 0.0], odds_ratio=[9.0, 1.0], pvalue=[1e-9, 0.5],
        log10_pvalue=[-9.0, -0.3], padj=[2e-9, 0.5], cluster=None, representative=None,
    )  # fmt: skip
    section = enrichment.all_peaks(table, balance(), "all.tsv")
    assert "120 peaks against 850 windows" in paragraphs(section)
    assert [row[0].text for row in section.parts[1].rows] == ["m1", "m2"]


def test_alike_motifs_are_folded_and_short_ones_marked():
    table = fake_results.enrichment("up").assign(cluster=lambda t: t["motif_id"], reaches_pvalue=True)
    together = table["motif_id"].isin(["MA0003.1", "MA0013.1", "MA0050.1"])
    table.loc[together, "cluster"] = "MA0003.1"
    table["representative"] = table["motif_id"] == table["cluster"]
    table.loc[table["motif_id"] == "MA0003.1", "reaches_pvalue"] = False
    none = fake_results.enrichment("down").assign(padj=float("nan"))
    section = sections.enrichment(
        "t_vs_c", ["Said."], {"up": table, "down": none}, {}, {}, Figure("data:,", "", ""), {"up": "up.tsv"}
    )
    (shown,) = (part for part in section.parts if isinstance(part, Table))
    headings = [column.heading for column in shown.columns]
    first = dict(zip(headings, (cell.text for cell in shown.rows[0]), strict=True))
    assert first["name"] == "TF3 †"
    assert first["alike"] == "and 2 similar: TF13, TF50"
    assert "†: too short to reach the p-value" in shown.caption
    names = [row[headings.index("name")].text for row in shown.rows]
    assert "TF13" not in names  # folded into the stronger one


def test_motifs_that_were_left_out_are_counted_in_the_methods():
    settings = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
    settings["motifs"]["short_motifs"] = "exclude"
    text = " ".join(methods.paragraphs(settings, bams=True, motifs=True, too_short=(3, 1200)))
    assert "Of 1,200 motifs 3 are too short to reach that p-value and were left out" in text
