"""The search of a page with many contrasts: factors, aliases, genes and regions; tabs, keyboard, size."""

import json
import sys
from pathlib import Path

import pytest

from workflow_lib import report as reports

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))
import fake_study

CARDS = "[...document.querySelectorAll('#find article h3')].map((one) => one.textContent)"
STATUS = "document.querySelector('#find [role=status]').textContent"
WIDER = """[...document.querySelectorAll('main *')].filter((one) => one.checkVisibility()
  && one.scrollWidth > one.clientWidth + 2 && getComputedStyle(one).display !== 'inline'
  && getComputedStyle(one).overflowX === 'visible' && !one.closest('svg, .hidden, .bk-Figure'))
  .map((one) => `${one.localName}.${one.className}`)"""


@pytest.fixture(scope="module")
def study(browser, tmp_path_factory):
    """Seven contrasts of 600 peaks; asked for after the browser."""
    run = fake_study.write(tmp_path_factory.mktemp("study") / "results", n_contrasts=7, n_peaks=600)
    run.page.write_text(reports.render(reports.collect(run)))
    return run


@pytest.fixture(scope="module")
def page(browser, study):
    browser.open(study.page, 1400, 1000)
    browser.wait("!document.querySelector('#find').hidden")
    return browser


def ask(page, text: str) -> list[str]:
    """Headings of the cards that an entry brings."""
    page.value("document.querySelector('#find input').value = ''")
    page.value("document.querySelector('#find [data-part=clear]').click()")
    page.wait(f"{CARDS}.length === 0 && {STATUS} === ''")
    page.value("document.querySelector('#find input').focus()")
    page.call("Input.insertText", text=text)
    page.press("Enter", 13)
    page.wait(f"{STATUS} !== ''")
    return page.value(CARDS)


def table(page, caption: str) -> list[list[str]]:
    """Cells of the first table of the cards whose caption begins so."""
    return page.value(
        "(() => { const found = [...document.querySelectorAll('#find table')]"
        f".find((one) => one.caption.textContent.startsWith({json.dumps(caption)}));"
        "return [...found.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent)); })()"
    )


def test_a_factor_is_found_by_alias_with_one_number_a_test(page, study):
    assert ask(page, "PU.1") == ["SPI1"]
    rows = {name: (effect, p) for name, effect, p in table(page, "Evidence in day1_vs_day0")}
    mine = study.table("factors", "day1_vs_day0").set_index("name").loc["SPI1"]
    assert float(rows["in regions that opened"][1]) == pytest.approx(mine["up_padj"], rel=0.06)
    assert float(rows["all evidence"][1]) == pytest.approx(mine["padj"], rel=0.06)
    assert len(table(page, "In every contrast")) == 7
    assert page.value("document.querySelectorAll('#find article .logo svg path').length") > 10
    assert page.value("document.querySelectorAll('#find article svg.chart').length") >= 1


def test_another_contrast_changes_the_card(page, study):
    ask(page, "SPI1")
    page.value(
        "(() => { const list = document.querySelector('.panels select');"
        "list.value = 'contrast-day3_vs_day0'; list.dispatchEvent(new Event('change')); })()"
    )
    page.wait("document.querySelector('#find caption').textContent.includes('day3_vs_day0')")
    rows = {name: p for name, _, p in table(page, "Evidence in day3_vs_day0")}
    mine = study.table("factors", "day3_vs_day0").set_index("name").loc["SPI1"]
    assert float(rows["all evidence"]) == pytest.approx(mine["padj"], rel=0.06)
    assert (
        page.value("[...document.querySelectorAll('section.panel')].filter((one) => !one.hidden).length") == 1
    )


def test_several_names_at_once_in_their_order(page, study):
    peaks = study.table("differential", "day1_vs_day0")
    chrom, start, end = study.places.iloc[5]
    region = f"{chrom}:{start + 1:,}-{end:,}"
    cards = ask(page, f"TCF7, {region} gene20; nothing-such")
    assert cards[0] == "TCF7"
    assert cards[1] == peaks["peak"].iloc[5]
    assert cards[2] == "Regions whose gene is GENE20"
    assert "Nothing is called nothing-such" in page.value(STATUS)
    assert len(table(page, "Change in every contrast")) == 7


def test_a_region_finds_all_that_overlap_it_and_no_others(page, study):
    places = study.places
    first = places.iloc[50]
    low, high = int(first["start"]) + 40, int(places.iloc[53]["start"]) + 1  # reaches one base of the fourth
    if places.iloc[53]["chrom"] != first["chrom"]:
        pytest.skip("a contig ends there")
    ask(page, f"{first['chrom']}:{low + 1:,}-{high:,}")
    overlap = (places["chrom"] == first["chrom"]) & (places["start"] < high) & (places["end"] > low)
    found = {row[0] for row in table(page, "")}
    assert found == set(places.index[overlap])
    ask(page, f"{first['chrom']}:{low + 1:,}-{high - 1:,}")
    assert places.index[53] not in {row[0] for row in table(page, "")}


def test_dots_of_a_peak_are_its_normalised_counts(page, study):
    peak = study.places.index[7]
    ask(page, peak)
    titles = page.value(
        "[...document.querySelectorAll('#find article circle title')].map((one) => one.textContent)"
    )
    expected = study.counts.loc[peak] / study.size_factors
    assert titles == [f"{sample}: {value:.1f}" for sample, value in expected.items()]


def test_names_that_are_nearly_right_are_offered(page):
    assert ask(page, "tcf") == []
    assert "TCF7" in page.value(STATUS)
    page.value("document.querySelector('#find [role=status] button').click()")
    page.wait(f"{CARDS}.includes('TCF7')")


def test_the_keyboard_reaches_everything(page):
    page.value("document.activeElement.blur()")
    page.press("/", 191)
    assert page.value("document.activeElement.closest('#find') !== null")
    ask(page, "TCF7")
    page.value("document.querySelector('#find article td button').focus()")
    peak = page.value("document.activeElement.textContent")
    page.press("Enter", 13)
    page.wait(f"{CARDS}[0] === {json.dumps(peak)}")
    assert page.value("document.activeElement.textContent") == peak
    page.value("document.querySelector('#find input').focus()")
    page.press("Escape", 27)
    page.wait(f"{CARDS}.length === 0")


def test_figures_are_saved_and_data_copied(page, tmp_path):
    page.call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    ask(page, "TCF7")
    labels = page.value(
        "[...document.querySelectorAll('#find figure .save button')].map((one) => one.textContent)"
    )
    assert labels[:3] == ["Save SVG", "Save PNG", "Copy data"]
    for k, suffix in enumerate((".svg", ".png")):
        page.value(f"document.querySelectorAll('#find figure .save button')[{k}].click()")
        until(lambda suffix=suffix: [one for one in tmp_path.glob(f"*{suffix}") if one.stat().st_size])
    assert next(tmp_path.glob("*.svg")).read_text().startswith("<svg")
    assert next(tmp_path.glob("*.png")).read_bytes().startswith(b"\x89PNG")
    every = "[...document.querySelectorAll('figure')].every((one) => one.querySelector('.save button'))"
    assert page.value(every)


def until(condition):
    import time

    limit = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.05)


def test_a_study_of_many_contrasts_is_short_small_and_quiet(page, study):
    assert page.errors == []
    assert page.requests == [study.page.resolve().as_uri()]
    assert study.page.stat().st_size < 4_500_000
    page.value("document.querySelector('#find [data-part=clear]').click()")
    assert page.value("document.documentElement.scrollHeight") < 8000
    assert page.value("document.querySelectorAll('#answer table tbody tr').length") == 7


@pytest.mark.parametrize("width", [1400, 420])
def test_nothing_is_wider_than_its_box(page, study, width):
    ask(page, "TCF7 SPI1 GENE20")
    page.resize(width, 900)
    page.value("new Promise((done) => setTimeout(done, 400))")
    try:
        assert page.value("document.documentElement.scrollWidth") <= width
        assert page.value(WIDER) == []
    finally:
        page.resize(1400, 1000)


def test_a_study_in_which_nothing_changed_is_five_screens(browser, tmp_path):
    run = fake_study.write(tmp_path / "results", n_contrasts=2, n_peaks=300, share=0)
    run.page.write_text(reports.render(reports.collect(run)))
    browser.open(run.page, 1400, 1000)
    browser.wait("!document.querySelector('#find').hidden && Boolean(document.querySelector('.bk-Figure'))")
    assert "none of" in browser.value("document.querySelector('.summary').textContent")
    assert browser.value("document.documentElement.scrollHeight") <= 5000
