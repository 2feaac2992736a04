"""The report: one offline file that says no more than its tables, and is whole whatever a run made."""

import base64
import hashlib
import json
import re
import zlib
from html.parser import HTMLParser
from pathlib import Path

import fake_results as fake
import numpy as np
import pandas as pd
import pytest

from workflow_lib import report
from workflow_lib.report import answer, content, format, methods, sections

CONTRAST = {"variable": "group", "experiment": "treated", "control": "control"}
HOSTILE = "<script>alert('x')</script>&\"\\"


class Page(HTMLParser):
    """Elements with their attributes, and the text between them."""

    def __init__(self, html: str):
        super().__init__()
        self.elements: list[tuple[str, dict]] = []
        self.text = ""
        self.scripts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data):
        if self.cdata_elem == "script":
            self.scripts[-1] += data
        elif self.cdata_elem is None:
            self.text += data

    def all(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.elements if name == tag]


def collected(results: dict, folder: Path, **changes) -> content.Content:
    if "samples" in changes:
        changes["samples"] = changes["samples"].to_dict(orient="index")
    return fake.collected(results, folder / "report.html", **changes)


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> tuple[Path, dict]:
    """A demo run with everything: its folder and its results."""
    folder = tmp_path_factory.mktemp("run") / "results"
    return folder, fake.write(folder, n=800)


@pytest.fixture(scope="module")
def html(run) -> str:
    folder, results = run
    return report.render(collected(results, folder, notes=["a note"]))


def test_the_head_names_the_study_its_date_and_what_the_page_is_about(run, html):
    folder, results = run
    named = collected(results, folder, date="2026-01-31", settings={**fake.SETTINGS, "title": HOSTILE})
    assert (named.title, named.subject) == (HOSTILE, "Differential chromatin accessibility")
    assert named.facts[0] == ("Date", "2026-01-31")
    assert collected(results, folder).title == folder.parent.name
    assert "Date" not in dict(collected(results, folder).facts)
    assert folder.parent.name in Page(html).text


def test_nothing_is_asked_of_other_places(html):
    page = Page(html)
    for tag, attributes in page.elements:
        for name in ("src", "srcset", "data", "action", "poster", "background"):
            assert attributes.get(name, "data:").startswith("data:"), (tag, attributes)
        assert tag not in ("iframe", "object", "embed", "video", "audio", "form", "base")
        if tag == "link":
            assert attributes["href"] == "data:,"
        assert not any(name.startswith("on") for name in attributes)
    styles = "".join(re.findall(r"<style>(.*?)</style>", html, re.DOTALL))
    assert len(styles) > 10_000
    assert styles.count("url(") == styles.count("url(data:")
    assert "@import" not in styles


def test_only_the_scripts_of_the_page_may_run_and_nothing_may_be_asked_for(html):
    page = Page(html)
    policy = next(a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    kinds = [attributes.get("type", "") for attributes in page.all("script")]
    run = [code for kind, code in zip(kinds, page.scripts, strict=True) if kind != "application/json"]
    hashes = [base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() for code in run]
    assert len(hashes) == 5  # a line for the style, two for plots, tables, our own
    assert policy == (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src "
        + " ".join(f"'sha256-{digest}'" for digest in hashes)
    )


def test_addresses_lead_to_results_sections_or_references(html, run):
    page = Page(html)
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    missing = {"peaks/consensus.bed", "counts/counts.tsv.gz"}  # that the fixture names but does not write
    for link in page.all("a"):
        address = link["href"]
        if address.startswith("#"):
            assert address[1:] in ids
        elif not address.startswith(("https://doi.org/10.", "https://pmc.ncbi.nlm.nih.gov/articles/")):
            assert address in missing or (run[0] / address).is_file(), address


def test_every_heading_of_a_table_says_what_it_means(html):
    page = Page(html)
    told = [heading for heading in page.all("th") if heading.get("title")]
    assert len(told) > 60
    assert len(page.all("th")) - len(told) == len(["batch"])  # a column of the user's own


def test_figures_and_tables_can_be_read_by_ear(html):
    page = Page(html)
    assert all(image["alt"].strip() for image in page.all("img"))
    assert len([image for image in page.all("img") if image.get("class") != "logo"]) == 10
    assert len(page.all("table")) == html.count("<caption>") + 1 == 16
    assert all(head.get("scope") == "col" for head in page.all("th"))
    assert page.all("html")[0]["lang"] == "en"


def test_same_content_same_bytes_and_small(html, run):
    folder, results = run
    assert report.render(collected(results, folder, notes=["a note"])) == html
    assert len(html) < 5_000_000
    assert not re.search(r"\b20\d\d-\d\d-\d\d\b", Page(html).text)


def test_demo_states_planted_against_called(html):
    page = Page(html)
    assert "Planted against found" in page.text
    assert re.search(r"Of \d+ peaks planted to change, \d+ were called with the right direction", page.text)
    assert "drives peaks up" in page.text
    assert "1 (2.0e-40)" in page.text  # the driver leads the enrichment of the up peaks


def test_whatever_a_name_holds_is_text(tmp_path):
    folder = tmp_path / "results"
    results = fake.write(folder, drawn=False, n=200, demo=False)
    table = pd.read_csv(results["differential"][0], sep="\t")
    table["gene_name"] = HOSTILE
    table.to_csv(results["differential"][0], sep="\t", index=False, quoting=3, escapechar=None)
    renamed = fake.SAMPLES.assign(covariate=HOSTILE)
    made = collected(
        results,
        folder,
        samples=renamed,
        notes=[HOSTILE],
        skipped=[(HOSTILE, HOSTILE)],
        settings={**fake.SETTINGS, "design": HOSTILE},
    )
    html = report.render(made)
    assert "<script>alert" not in html
    assert html.count("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&#34;\\") > 10
    told = [json.loads(code) for code in Page(html).scripts if code.startswith('"')]
    rows = json.loads(zlib.decompress(base64.b64decode(told[0])))["rows"]
    assert rows["gene_name"] == [HOSTILE] * 200


def test_counts_only(tmp_path):
    folder = tmp_path / "results"
    results = fake.write(folder, drawn=False, n=300, motifs=False, reads=False, demo=False)
    skipped = [("Reads", "the run starts from counts"), ("Motifs", "no genome")]
    page = Page(report.render(collected(results, folder, skipped=skipped)))
    assert "the run starts from counts" in page.text
    assert "no genome" in page.text
    for word in ("chromVAR", "Motif accessibility", "Planted", "feature", "JASPAR", "mapping quality"):
        assert word not in page.text.split("Settings")[0], word
    assert "size factor" in page.text
    assert "Counts were given" in page.text


def test_no_replicates(tmp_path):
    folder = tmp_path / "results"
    results = fake.write(folder, drawn=False, n=300, tested=False, demo=False)
    samples = fake.SAMPLES.iloc[[0, 3]]
    page = Page(report.render(collected(results, folder, samples=samples)))
    assert (
        "treated against control (1 against 1 samples): no peak could be tested, since without replicates in "
        "both groups the variation between samples is unknown. Fold changes are given without p-values."
        in page.text
    )
    assert "not tested; without replicates there is no variation to test against" in page.text
    assert "Volcano plot" not in report.render(collected(results, folder, samples=samples))


def test_nothing_significant(tmp_path):
    folder = tmp_path / "results"
    results = fake.write(folder, drawn=False, n=300, null=True, demo=False)
    page = Page(report.render(collected(results, folder)))
    assert "treated against control: none of " in page.text
    assert "does not prove that all are equal" in page.text
    assert "Motifs in more open peaks: not tested, since there are no such peaks." in page.text
    assert "in 10 peaks or more changes in accessibility more than comparable regions do" in page.text
    assert "No peak is significant; the 10 smallest p-values, for orientation only" in page.text
    assert "these data cannot say which member acts" in page.text


def differential(up: int, down: int, none: int, untested: int) -> pd.DataFrame:
    numbers = {"up": up, "down": down, "none": none, "untested": untested}
    direction = np.repeat(list(numbers), list(numbers.values()))
    padj = np.select([np.isin(direction, ["up", "down"]), direction == "none"], [0.01, 0.5], np.nan)
    return pd.DataFrame({"direction": direction, "padj": padj, "pvalue": 0.001})


def test_differential_sentence():
    assert answer.differential_sentence(differential(1200, 30, 4000, 9), CONTRAST, (3, 3), 0.05) == (
        "treated against control: 1,230 of the 5,230 regions tested (of 5,239) changed, 1,200 opened and 30 "
        "closed (false discovery rate 5 %)."
    )
    assert "change of more than 1 in log₂" in answer.differential_sentence(
        differential(1, 0, 1, 0), CONTRAST, (3, 3), 0.1, 1.0
    )
    assert answer.differential_sentence(differential(0, 0, 0, 0), CONTRAST, (3, 3), 0.05) == (
        "treated against control: there is no peak to test."
    )
    lost = differential(0, 0, 0, 4).assign(pvalue=np.nan)
    assert "the counts are too low" in answer.differential_sentence(lost, CONTRAST, (3, 3), 0.05)


def enriched(**columns) -> pd.DataFrame:
    table = pd.DataFrame({"motif_id": ["M1", "M2", "M3", "M4"], "name": ["FOS", "JUN", "GATA1", np.nan]})
    return table.assign(foreground_size=10, log2_enrichment=1.0, **columns)


def test_enrichment_sentence_names_one_motif_a_family():
    table = enriched(log10_pvalue=[-5.0, -9.0, -3.0, -0.1], padj=[2e-5, 4e-9, 0.001, 0.9])
    families = {"M1": "AP-1", "M2": "AP-1", "M3": "GATA"}
    assert answer.enrichment_sentence(table, families, "up", 0.05) == (
        "Motifs in more open peaks: 3 of 4 are enriched, led by JUN (M2, AP-1; adjusted p 4.0e-09) and GATA1 "
        "(M3, GATA; adjusted p 0.001)."
    )
    assert answer.enrichment_sentence(table, {}, "down", 1e-6) == (
        "Motifs in less open peaks: 1 of 4 is enriched, JUN (M2; adjusted p 4.0e-09)."
    )
    assert answer.enrichment_sentence(table, families, "up", 1e-12) == (
        "Motifs in more open peaks: none of 4 is significantly enriched."
    )


def test_enrichment_sentence_says_which_peaks_are_missing():
    untested = enriched(log10_pvalue=np.nan, padj=np.nan)
    assert answer.enrichment_sentence(untested, {}, "up", 0.05).endswith("there are no unchanged peaks.")
    untested["foreground_size"] = 0
    assert answer.enrichment_sentence(untested, {}, "up", 0.05).endswith("there are no such peaks.")


def test_of_an_interaction_motifs_are_in_peaks_of_a_difference():
    table = enriched(log10_pvalue=[-5.0, -9.0, -3.0, -0.1], padj=[2e-5, 4e-9, 0.001, 0.9])
    said = answer.enrichment_sentence(table, {}, "down", 1e-6, "interaction")
    assert said.startswith("Motifs in peaks whose difference is negative: 1 of 4 is enriched")
    figure = content.Figure("data:,", "", "")
    table = fake.enrichment("up")
    made = sections.enrichment("a", [said], {"up": table}, {}, {}, figure, {"up": ""}, "interaction")
    assert "motifs in peaks whose difference is positive (up), by p-value" in made.parts[-1].caption
    moved = fake.chromvar(60)[2]
    groups = CONTRAST | {"kind": "interaction", "words": "the effect of group in a, less that in b"}
    moving = answer.deviation_sentence(moved, {}, groups, 0.05)
    assert "change together" in moving
    assert "open or close" not in moving


def test_motifs_of_a_contrast_without_directions_are_not_missed(tmp_path):
    """Its changed peaks are neither opened nor closed, which is no lack of them."""
    results = fake.write(tmp_path, null=True, reads=False, demo=False, drawn=False, n=300)
    contrasts = {fake.CONTRAST: {"variable": "group", "test": "any"}}
    made = collected(results, tmp_path / "report.html", settings=fake.SETTINGS | {"contrasts": contrasts})
    said = "This contrast has no direction, so motifs were not tested among opened or closed peaks."
    assert made.answer[0].details.count(said) == 1
    assert not any("there are no such peaks" in text for text in made.answer[0].details)


def test_chromvar_sentences():
    _, variability, moved = fake.chromvar(60)
    said = answer.variability_sentence(variability, {"MA0003.1": "ETS"}, 0.05)
    assert re.fullmatch(
        r"chromVAR: the accessibility of \d+ of 60 motifs varies more between samples than chance "
        r"allows, most for TF3 \(MA0003\.1, ETS\): variability 8\.\d+, where chance gives 1\.",
        said,
    )
    said = answer.deviation_sentence(moved, {}, CONTRAST, 0.05)
    assert re.fullmatch(
        r"chromVAR, treated against control: regions with 2 of 60 motifs in 10 peaks or more open or close "
        r"together, more than comparable regions do: gaining TF3 \(.*\); losing TF8 \(.*\)\.( The t-test by "
        r"itself, which does not ask what comparable regions do, would call \d+ of 60\.)?",
        said,
    )
    said = answer.deviation_sentence(moved, {}, {"kind": "any", "words": "any difference"}, 0.05)
    assert (
        "change together, more than comparable regions do: higher in the last level than in the first" in said
    )
    said = answer.deviation_sentence(moved.assign(joint_padj=1.0), {}, CONTRAST, 0.05)
    assert (
        "none of 60 motifs in 10 peaks or more changes in accessibility more than comparable regions do"
        in said
    )
    said = answer.deviation_sentence(moved.assign(joint_padj=np.nan), {}, CONTRAST, 0.05)
    assert said.endswith("not tested; no motif has 10 peaks.")
    said = answer.deviation_sentence(moved.assign(padj=np.nan), {}, CONTRAST, 0.05)
    assert "without replicates" in said


@pytest.mark.parametrize(
    ("value", "name", "text"),
    [
        (1234567, "", "1,234,567"),
        (0.5, "", "0.5"),
        (0.123456, "", "0.123"),
        (1234.5, "", "1,234"),
        (0.00001234, "", "1.23e-05"),
        (3.0, "", "3"),
        (np.nan, "", "NA"),
        (-np.inf, "", "\N{MINUS SIGN}∞"),
        (-0.001, "log2FoldChange", "0.00"),
        (-1.236, "log2FoldChange", "-1.24"),
        (4.2e-9, "padj", "4.2e-09"),
        (0.0414, "padj", "0.0414"),
        (0.0, "pvalue", "< 1e-300"),
        (1.0, "padj", "1"),
    ],
)
def test_numbers(value, name, text):
    assert format.number(value, name) == text


def test_top_peaks_are_the_strongest_called_ones():
    table = pd.DataFrame(
        {
            "peak": list("abcd"),
            "direction": ["up", "none", "down", "up"],
            "log2FoldChange": [1.0, 0.1, -3.0, 2.0],
            "pvalue": [1e-4, 1e-9, 1e-9, 1e-9],
            "padj": [1e-3, 0.5, 1e-8, 1e-8],
        }
    )
    top = sections.top_peaks(table, "differential/a.tsv.gz")
    assert [row[0].text for row in top.rows] == ["c", "d", "a"]
    assert [column.hint.partition(":")[0] for column in top.columns] == [
        "id of the peak, chrom",
        "what the run calls the peak",
        "log2FoldChange",
        "padj",
    ]
    assert top.columns[2].hint.endswith(
        ": fold change, experiment over control, by maximum likelihood (log2)"
    )
    assert top.caption == "The 3 strongest of 3 changed peaks, by p-value"
    assert top.rows[0][1].tone == "down"
    few = sections.top_peaks(table, most=2)
    assert [row[0].text for row in few.rows] == ["c", "d"]
    assert few.caption == "The 2 strongest of 3 changed peaks, by p-value"


def test_features_are_in_order_with_shares():
    table = pd.DataFrame(
        {"direction": ["up", "up", "none", "none"], "feature": ["distal", "promoter", "distal", "odd"]}
    )
    made = sections.features(table)
    assert [[cell.text for cell in row] for row in made.rows] == [
        ["promoter", "1 (50 %)", "1 (25 %)"],
        ["distal", "1 (50 %)", "2 (50 %)"],
        ["odd", "0 (0 %)", "1 (25 %)"],
    ]
    assert [column.heading for column in made.columns] == ["feature", "up (n = 2)", "all peaks (n = 4)"]


def test_features_of_peaks_without_a_direction():
    table = pd.DataFrame({"direction": ["changed", "none"], "feature": ["distal", "promoter"]})
    made = sections.features(table)
    assert [column.heading for column in made.columns][1:] == ["changed (n = 1)", "all peaks (n = 2)"]
    assert [row[1].text for row in made.rows] == ["0 (0 %)", "1 (100 %)"]
    assert {row[1].tone for row in made.rows} == {"changed"}
    assert all(column.hint for column in made.columns)


def test_opposite_signs_of_fold_changes_are_said():
    table = fake.differential(800)
    rows = table.index[table["direction"] == "up"][:3]
    table.loc[rows, "log2FoldChange_shrunk"] *= -1
    section = sections.contrast("c", "sentence", table, content.Gallery(()), [])
    assert section.parts[0].paragraphs[1].startswith("In 3 called peak(s)")
    plain = sections.contrast("c", "sentence", fake.differential(800), content.Gallery(()), [])
    assert len(plain.parts[0].paragraphs) == 1


def test_sample_names_that_are_numbers_keep_their_form():
    renamed = dict(zip(fake.SAMPLES.index, ["01", "02", "03", "04", "05", "06"], strict=True))
    factors = pd.DataFrame({"sample": list(renamed.values()), "used": 1.5})
    section = sections.samples(fake.SAMPLES.rename(renamed), factors, [])
    assert [row[0].text for row in section.parts[0].rows] == list(renamed.values())
    assert {row[-1].text for row in section.parts[0].rows} == {"1.500"}


def test_methods_follow_the_settings():
    settings = {**fake.SETTINGS, "reads": {"min_mapq": 10, "tn5_shift": [4, -5], "count": "fragments"}}
    text = "\n".join(methods.paragraphs(settings, bams=True, motifs=True))
    for words in (
        "mapping quality of at least 10",
        "set to +4/-5",
        "Counts are fragments",
        "design “~ batch + group”",
        "JASPAR2026 CORE, vertebrates",
        "p = 1e-05",
        "compared with peaks that did not change.",
        "regression on composition, width and mean count.",
        "50 sets of background peaks",
        "seed 42",
    ):
        assert words in text
    limit = {**settings, "chromvar": {"iterations": 0}}
    text_of_limit = "\n".join(methods.paragraphs(limit, bams=True, motifs=True))
    assert "corrected by the mean over all draws of background peaks" in text_of_limit
    assert "null hypothesis" not in text
    assert "offsets" not in text
    other = settings | {"enrichment": {"background": "genome"}, "block": "donor"}
    other["differential"] = settings["differential"] | {"offsets": "gc"}
    text = "\n".join(methods.paragraphs(other, bams=False, motifs=True))
    for words in (
        "smooth offsets by GC content; Wald",
        "regression on composition. The",
        "Samples of one donor",
    ):
        assert words in text
    assert any("cqn" in work.text for work in methods.references(other, bams=False, motifs=True))
    cited = [work.text for work in methods.references(settings, bams=False, motifs=False)]
    assert any("DESeq2" in text for text in cited)
    assert not any("chromVAR" in text for text in cited)


def test_methods_tell_of_every_stage_that_ran():
    settings = fake.SETTINGS | {"linkage": {"distance": 250_000, "adjust": "nuisance"}}
    settings["motifs"] = settings["motifs"] | {"species": ["Homo sapiens", 10090]}
    made = {"bams": False, "motifs": True, "ranked": True, "linked": True}
    text = "\n".join(methods.paragraphs(settings, **made))
    assert "vertebrates, species Homo sapiens and 10090, were scanned" in text
    assert "Factors. Two kinds of evidence on each motif had to agree." in text
    assert "The larger p-value counts." in text
    assert "footprint depth" not in text
    assert "footprint depth joined at half weight" in "\n".join(
        methods.paragraphs(settings, **made | {"bams": True})
    )
    assert "Links. Accessibility (log₂ of normalised counts) of peaks within 250,000 bp of a TSS" in text
    assert "no contrast compares taken out of both. p-values" in text
    assert {"Liu", "Stuart", "Granja"} <= {w.text.split()[0] for w in methods.references(settings, **made)}
    assert "Sets." not in text
    assert "Sets. A gene's regulatory domain" in "\n".join(methods.paragraphs(settings, **made, sets=True))
    alone = "\n".join(methods.paragraphs(settings, bams=False, motifs=False, sets=True))
    assert "logistic regression on width and mean count" in alone
    assert any("GREAT" in work.text for work in methods.references(settings, **made, sets=True))
    without = made | {"ranked": False, "linked": False}
    begins = {each.split()[0] for each in methods.paragraphs(settings, **without)}
    assert not {"Factors.", "Links."} & begins
    assert len(methods.references(settings, **without)) == len(methods.references(settings, **made)) - 3


def test_settings_become_rows():
    assert methods.flattened({"a": {"b": None, "c": [1, 2.5]}, "d": True, "e": {}}) == [
        ("a.b", "none"),
        ("a.c", "1, 2.5"),
        ("d", "yes"),
        ("e", "none"),
    ]


def test_figures_lead_to_the_table_that_they_draw(tmp_path):
    results = fake.write(tmp_path, drawn=True, n=300)
    html = report.render(fake.collected(results, tmp_path / "report.html"))
    found = [
        attributes["data-table"] for tag, attributes in Page(html).elements if "data-table" in attributes
    ]
    assert found
    for address in found:
        assert (tmp_path / address).is_file(), address
