"""What the report says of footprints, also where there is little to say."""

import posixpath

import fake_footprints
import fake_results as fake
import numpy as np
import pandas as pd
import pytest

from workflow_lib import report as whole
from workflow_lib.io import tables
from workflow_lib.report import footprints, methods
from workflow_lib.report.content import Figure, Gallery, Table, Text

GROUPS = {"variable": "group", "experiment": "treated", "control": "control"}
FIGURE = Figure("data:image/svg+xml;base64,AAAA", "alt", "caption")
UNTESTED = dict.fromkeys(("stat", "pvalue", "padj", "flank_padj", "delta_depth_ci_low"), np.nan)


def section(table, figures=(FIGURE,), drawn=None):
    return footprints.section("A vs B", table, {}, {}, figures, (), drawn or {}, GROUPS, 0.05, "f.tsv")


def parts(found, kind):
    return [part for part in found.parts if isinstance(part, kind)]


def words(found):
    return " ".join(text for part in parts(found, Text) for text in part.paragraphs)


def test_the_sentence_counts_and_names_representatives():
    table = fake_footprints.changes(12)
    table.loc[4, ["representative", "cluster"]] = [False, "M0"]
    table.loc[8, "delta_depth"] = -0.3
    table.loc[11, "n_sites"] = 3
    table.loc[11, ["padj", "pvalue", "flank_padj"]] = np.nan
    assert footprints.sentence(table, GROUPS, 0.05) == (
        "Footprints: 11 of 12 motifs have 10 sites or more. Of these, 3 changed in depth (adjusted p "
        "below 0.05); deeper in treated: TF0 (M0) and 1 similar to these; shallower in treated: TF8 (M8). "
        "The flanks "
        "of 5 changed."
    )


def test_many_changes_are_not_all_named():
    said = footprints.sentence(fake_footprints.changes(40), GROUPS, 0.05)
    assert "TF16 (M16) and 5 more" in said
    assert "TF20" not in said


def test_nothing_significant_is_said_and_shown():
    found = section(fake_footprints.changes(12, padj=0.9, flank_padj=0.7))
    assert "none changed in depth (adjusted p below 0.05). No flanks changed." in words(found)
    table = parts(found, Table)[0]
    assert len(table.rows) == 12
    assert parts(found, Gallery)


def test_no_footprint_and_low_power_are_said_with_their_numbers():
    table = fake_footprints.changes(10)
    table.loc[:5, "note"] = "no footprint"
    table.loc[5:7, "note"] = "no footprint; wide interval: low power"
    found = section(table)
    said = words(found)
    assert "8 of these 10 motifs have no footprint" in said
    assert "That is common" in said
    assert "for 3 motifs the 95 % interval" in said
    assert "nothing is claimed of any single site" in " ".join(found.guide)
    quiet = words(section(fake_footprints.changes(3)))
    assert "no footprint:" not in quiet
    assert "Low power" not in quiet


def test_table_has_depths_interval_and_note():
    table = fake_footprints.changes(3)
    table.loc[0, "note"] = "wide interval: low power"
    shown = parts(section(table, drawn={"M0": "figures/M0.svg"}), Table)[0]
    headings = [column.heading for column in shown.columns]
    assert headings == [
        "name",
        "motif",
        "sites",
        "cuts a site",
        "depth in control",
        "depth in treated",
        "change (95 % interval)",
        "adjusted p",
        "change of flanks (log₂)",
        "its adjusted p",
        "to note",
    ]
    first = shown.rows[0]
    assert [cell.text for cell in first[:7]] == [
        "TF0", "M0", "50", "80", "0.10", "0.50", "0.40 (0.30 to 0.50)",
    ]  # fmt: skip
    assert first[1].href == "figures/M0.svg"
    assert first[-1].text == "wide interval: low power"
    assert shown.href == "f.tsv"


def test_one_replicate_shows_depths_without_p():
    table = fake_footprints.changes(5, **UNTESTED, representative=False)
    found = section(table)
    assert "too few samples with cuts for a test" in words(found)
    shown = parts(found, Table)[0]
    assert "without a test" in shown.caption
    assert [row[0].text for row in shown.rows] == ["TF0", "TF4", "TF1", "TF2", "TF3"]  # deepest first
    assert shown.rows[0][6].text == "0.40"
    assert shown.rows[0][7].text == "NA"


def test_single_motif():
    found = section(fake_footprints.changes(1))
    assert "1 of 1 motifs have 10 sites or more" in words(found)
    assert len(parts(found, Table)[0].rows) == 1


@pytest.mark.parametrize("n", [0, 4])
def test_no_sites_at_all_leave_a_sentence(n):
    table = fake_footprints.changes(
        4, n_sites=0, **UNTESTED, delta_depth=np.nan, note="no sites", representative=False
    ).head(n)
    found = section(table)
    assert [type(part) for part in found.parts] == [Text]
    assert words(found) == (f"Footprints could not be compared: of {n} motifs none has 10 sites or more.")


def test_nothing_but_missing_values_in_motifs_with_sites():
    lost = ["delta_depth", "delta_depth_ci_high", "depth_control", "depth_experiment", "delta_flank"]
    lost += ["flank_control", "flank_experiment", "cuts_per_site"]
    table = fake_footprints.changes(4, **UNTESTED, **dict.fromkeys(lost, np.nan), representative=False)
    found = section(table.assign(note="a sample has no cuts in the sites"))
    assert [type(part) for part in found.parts] == [Text]
    assert "too few samples with cuts for a test" in words(found)


def preference(folder, *logos):
    """The section of samples with such logos, of a run that is written below a folder."""
    results = fake.write(folder, motifs=False, drawn=False, n=20)
    table = pd.concat(logos)
    tables.write_table(table, folder / "footprints/bias_logos.tsv")
    for sample in table["sample"].unique():
        tables.write_text(fake.LOGO, folder / f"qc/figures/tn5_bias/{sample}.svg")
    return footprints.preference(fake.run_of(results, folder / "report.html"))


def test_strands_that_do_not_mirror_are_warned_of(tmp_path):
    good = [fake_footprints.bias_logo(0, "s1"), fake_footprints.bias_logo(0, "s2")]
    said = preference(tmp_path, *good)
    assert "In every sample it does (correlation 1.000 or more)." in said.parts[0].paragraphs[0]
    assert said.parts[1].figures[0].href == "qc/figures/tn5_bias/s1.svg"
    bad = preference(tmp_path, *good, fake_footprints.bias_logo(0, "bad", noise=30))
    assert "does not mirror itself on the two strands in bad" in bad.parts[0].paragraphs[0]
    assert bad.parts[1].figures[0].href == "qc/figures/tn5_bias/bad.svg"
    blank = fake_footprints.bias_logo(0, "s1").assign(**dict.fromkeys("ACGT", np.nan))
    assert "in s1 (" in preference(tmp_path, blank).parts[0].paragraphs[0]
    hrefs = [f"qc/figures/tn5_bias/{sample}.svg" for sample in ("s1", "s2", "bad")]
    assert [row[0].href for row in bad.parts[2].rows] == hrefs


def test_methods_and_references_speak_of_footprints_with_reads_alone():
    settings = {**fake.SETTINGS, "footprints": {"bias": "kmer", "sites": "in_peaks", "flank": 250}}
    made = {"motifs": True}
    said = methods.paragraphs(settings, bams=True, **made)
    one = [text for text in said if text.startswith("Footprints.")]
    assert len(one) == 1
    assert "all hits in peaks" in one[0]
    assert "6-mers" in one[0]
    assert not any("Footprints." in text for text in methods.paragraphs(settings, bams=False, **made))
    other = {**settings, "footprints": {"bias": "none", "sites": "up", "flank": 250}}
    text = next(t for t in methods.paragraphs(other, bams=True, **made) if t.startswith("Footprints."))
    assert "the hits in up peaks" in text
    assert "the same at every base" in text
    cited = [work.text for work in methods.references(settings, bams=True, motifs=True)]
    assert any("Baek" in text for text in cited)
    assert not any("Baek" in w.text for w in methods.references(settings, bams=False, motifs=True))


def test_section_stands_in_the_contrast_after_chromvar(tmp_path):
    results = fake.write(tmp_path, drawn=False)
    table = fake_footprints.changes(4)
    table["motif_id"] = ["MA0003.1", "MA0008.1", "MA0013.1", "MA0018.1"]
    folder = tmp_path / "footprints/figures" / fake.CONTRAST
    for name in ("MA0003.1.svg", "MA0003.1.sites.svg"):
        tables.write_text(fake.LOGO, folder / name)
    for kind in ("profiles", "changes"):
        tables.write_text(fake.LOGO, f"{folder}.{kind}.svg")
    tables.write_text(fake.LOGO, tmp_path / "qc/figures/tn5_bias/control_1.svg")
    tables.write_table(table, tmp_path / f"footprints/{fake.CONTRAST}.tsv")
    tables.write_table(fake_footprints.bias_logo(0, "control_1"), tmp_path / "footprints/bias_logos.tsv")
    results |= {
        "footprints": [str(tmp_path / f"footprints/{fake.CONTRAST}.tsv")],
        "footprint_figures": [str(folder)],
        "footprint_sites": [str(folder)],
        "footprint_leading": [f"{folder}.profiles.svg"],
        "footprint_changes": [f"{folder}.changes.svg"],
        "bias_logos": str(tmp_path / "footprints/bias_logos.tsv"),
        "bias_figures": str(tmp_path / "qc/figures/tn5_bias"),
    }
    content = fake.collected(results, tmp_path / "report.html")
    contrast = next(found for found in content.sections if found.title == fake.CONTRAST)
    titles = [found.title for found in contrast.sections]
    assert titles.index("Footprints") == titles.index("Motif accessibility between groups") + 1
    own = contrast.sections[titles.index("Footprints")]
    changes, leading, one_by_one = parts(own, Gallery)
    assert changes.figures[0].href.endswith(f"{fake.CONTRAST}.changes.svg")
    assert leading.figures[0].href.endswith(f"{fake.CONTRAST}.profiles.svg")
    assert [posixpath.basename(figure.href) for figure in one_by_one.figures] == [
        "MA0003.1.svg",
        "MA0003.1.sites.svg",
    ]
    assert parts(own, Table)[0].rows[0][1].href == f"footprints/figures/{fake.CONTRAST}/MA0003.1.svg"
    assert parts(own, Table)[0].rows[0][0].logo == "MA0003.1"
    quality = next(found for found in content.sections if found.anchor == "quality")
    assert [found.anchor for found in quality.sections] == ["tn5-bias"]
    assert any("changed in depth" in text for text in content.answer[0].details)
    assert "Footprints" in whole.render(content)
