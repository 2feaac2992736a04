"""The report in a browser: whole, quiet, usable by mouse, by keyboard, on paper and without script."""

import itertools
import json
import time

import numpy as np
import pandas as pd
import pytest

from workflow_lib import report as reports
from workflow_lib.report import content, explorer

HOSTILE = '<img src=x onerror="window.hacked=1"></script><script>window.hacked=1</script>\'&amp;'
PLOTTED = "document.querySelectorAll('.explorer .bk-Figure').length >= 2"
OPENED = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
ROWS = "[...document.querySelectorAll('.explorer table[data-part=rows] tbody tr')]"
# Each visible figure: its name, width, height, and the share of its pixels that stand out from white.
MARKED_SHARES = """(() => {
  const drawn = (picture) => {
    const canvas = new OffscreenCanvas(300, 200).getContext("2d");
    canvas.fillStyle = "#ffffff";
    canvas.fillRect(0, 0, 300, 200);
    canvas.drawImage(picture, 0, 0, 300, 200);
    const pixels = canvas.getImageData(0, 0, 300, 200).data;
    let n = 0;
    for (let i = 0; i < pixels.length; i += 4) n += pixels[i] + pixels[i + 1] + pixels[i + 2] < 600;
    return n / 60000;
  };
  const inside = (element) => [element, ...element.querySelectorAll("*")].flatMap(
    (part) => [part, ...(part.shadowRoot ? inside(part.shadowRoot) : [])]);
  const images = [...document.querySelectorAll("figure img")].map((image) => [image.alt, image]);
  const plots = [...document.querySelectorAll(".plots .bk-Figure")].map(
    (plot, i) => [`plot ${i}`, inside(plot).filter((part) => part.localName === "canvas")[0]]);
  return [...images, ...plots].filter(([, picture]) => picture.checkVisibility()).map(([name, picture]) => {
    const box = picture.getBoundingClientRect();
    return [name, box.width, box.height, drawn(picture)];
  });
})()"""
# Where in the window the first row's point is, and what the name beside it says.
FIRST_POINT = """(() => {
  const plot = Bokeh.documents[0].roots()[0];
  const {frame} = Bokeh.index.find_one(plot);
  const {x0, y0} = plot.renderers[1].data_source.data;
  const box = document.querySelector(".explorer .bk-Figure").getBoundingClientRect();
  return [box.x + frame.x_scale.compute(x0[0]), box.y + frame.y_scale.compute(y0[0])];
})()"""
TOOLTIP = """(() => {
  const inside = (element) => [...element.querySelectorAll("*")].flatMap(
    (part) => [part, ...(part.shadowRoot ? inside(part.shadowRoot) : [])]);
  const tip = inside(document).find((part) => part.matches(".bk-Tooltip"));
  return tip ? tip.shadowRoot.textContent : "";
})()"""
STATUS = "document.querySelector('.explorer [data-part=status]').textContent"


@pytest.fixture(scope="module")
def report(browser, demo):
    """The demo's report; asked for after the browser, so that the demo is not run for nothing."""
    return demo.folder / "results/report.html"


@pytest.fixture
def page(browser, report):
    """The report in a window of usual size, as it is after opening."""
    if browser.opened != (report, 1280, 900, False, True):
        browser.open(report)
        browser.wait(PLOTTED)
    else:
        browser.value("document.querySelector('.explorer [data-part=clear]').click()")
        fill(browser, "direction", "*")
    return browser


@pytest.fixture(scope="module")
def peaks(report):
    return pd.read_csv(report.parent / "differential/treated_vs_control.tsv.gz", sep="\t")


def fill(browser, field: str, value: str):
    """Type into a filter of the explorer, or choose from it."""
    where = f".explorer [data-filter={field}]"
    browser.value(
        f"(() => {{ const input = document.querySelector({json.dumps(where)});"
        f"input.value = {json.dumps(value)};"
        "input.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )


def names(browser) -> list[str]:
    return browser.value(f"{ROWS}.map((row) => row.cells[0].textContent)")


def test_no_error_and_no_request(page, report):
    assert page.errors == []
    assert page.requests == [report.resolve().as_uri()]
    assert page.value("document.title") == "Demo: simulated treatment"


def test_the_answer_is_a_few_screens_and_the_rest_is_folded(browser, report):
    browser.open(report, 1400, 1000)
    browser.wait(PLOTTED)
    assert browser.value("document.documentElement.scrollHeight") < 8000
    wide = (
        "[...document.querySelectorAll('.scroll, .dt-layout-table')].filter((box) => box.checkVisibility() "
        "&& box.scrollWidth > box.clientWidth + 1).map((box) => box.textContent.slice(0, 40))"
    )
    assert browser.value(wide) == []
    browser.value(OPENED)
    assert browser.value(wide) == []
    assert browser.value("document.documentElement.scrollHeight") > 12000


def test_a_link_opens_what_it_leads_to(browser, report):
    browser.open(report, 1400, 1000)
    browser.wait(PLOTTED)
    inside = "document.getElementById('quality').querySelector('table')"
    assert not browser.value(f"{inside}.checkVisibility({{contentVisibilityAuto: true}})")
    browser.value("document.querySelector('nav.contents a[href=\"#quality\"]').click()")
    browser.wait(f"{inside}.checkVisibility({{contentVisibilityAuto: true}})")


def test_columns_that_do_not_decide_come_on_demand(page):
    page.value(OPENED)
    shown = "[...document.querySelectorAll('#quality th')].filter((th) => th.checkVisibility()).length"
    few = page.value(shown)
    page.value("document.querySelector('#quality button[data-columns]').click()")
    assert page.value(shown) > few
    page.value("document.querySelector('#quality button[data-columns]').click()")
    assert page.value(shown) == few


def test_every_figure_has_a_size_and_shows_something(page):
    page.value(OPENED)
    page.wait(
        "![...document.querySelectorAll('figure img')].some((one) => one.checkVisibility() && !one.src)"
    )
    page.wait("[...document.images].every((image) => image.complete)")
    figures = page.value(MARKED_SHARES)
    assert len(figures) > 12
    assert sum(name.startswith("plot") for name, *_ in figures) == 2
    for name, width, height, share in figures:
        assert width > 200, name
        assert height > 100, name
        assert share > 0.002, name
    logos = page.value(
        "[...document.querySelectorAll('main .logo')].map((one) => one.querySelectorAll('path').length)"
    )
    assert len(logos) > 10
    assert min(logos) > 0


def test_search_by_gene_finds_its_peaks(page, peaks):
    gene = peaks.loc[peaks["pvalue"].idxmin(), "gene_name"]
    fill(page, "direction", "")
    fill(page, "text", gene)
    expected = peaks[peaks["gene_name"].str.contains(gene)]
    assert page.value(STATUS) == f"{len(expected)} of {len(peaks):,} rows"
    found = names(page)
    assert found
    assert set(found) <= set(expected["peak"])


def test_filters_leave_what_the_table_says(page, peaks):
    changed = peaks["direction"].isin(["up", "down"]).sum()
    assert page.value(STATUS).startswith(f"{changed:,} of ")
    fill(page, "direction", "down")
    fill(page, "log2FoldChange", "1")
    fill(page, "padj", "0.001")
    expected = peaks.query("direction == 'down' and abs(log2FoldChange) >= 1 and padj <= 0.001")
    assert len(expected)
    assert page.value(STATUS).startswith(f"{len(expected):,} of ")
    fill(page, "feature", "promoter")
    assert page.value(STATUS).startswith(f"{(expected['feature'] == 'promoter').sum():,} of ")
    page.value("document.querySelector('.explorer [data-part=clear]').click()")
    assert page.value(STATUS) == f"{len(peaks):,} of {len(peaks):,} rows"


def test_a_column_sorts_and_a_row_is_marked_by_keyboard(page, peaks):
    fill(page, "direction", "")
    page.value("document.querySelector('.explorer thead th[title^=baseMean] [role=button]').focus()")
    page.press("Enter", 13)
    page.wait("document.querySelector('.explorer th[title^=baseMean]').ariaSort === 'ascending'")
    page.press("Enter", 13)
    page.wait("document.querySelector('.explorer th[title^=baseMean]').ariaSort === 'descending'")
    assert names(page)[0] == peaks.loc[peaks["baseMean"].idxmax(), "peak"]
    page.value("document.querySelector('.explorer button.row').focus()")
    page.press("Enter", 13)
    assert page.value("document.querySelectorAll('.explorer tr.marked').length") == 1
    rings = "Bokeh.documents[0].roots().map((plot) => plot.renderers.at(-1).data_source.data.x.length)"
    assert page.value(rings) == [1, 1]


def test_points_chosen_in_a_plot_stay_in_the_table(browser, report, peaks):
    page = browser
    page.open(report)  # anew: where the page is scrolled to matters to the mouse
    page.wait(PLOTTED)
    page.value(
        "document.querySelector('.explorer .bk-Figure').scrollIntoView({behavior: 'instant', block: 'end'})"
    )
    x, y, width, height = page.value(
        "(() => { const box = document.querySelector('.explorer .bk-Figure').getBoundingClientRect();"
        " return [box.x, box.y, box.width, box.height]; })()"
    )
    middle, right, top, bottom = x + 0.6 * width, x + width - 12, y + 50, y + 0.7 * height
    corners = [(middle, top), (right, top), (right, bottom), (middle, bottom), (middle, top)]
    page.mouse("mouseMoved", *corners[0], buttons=0)
    page.mouse("mousePressed", *corners[0])
    for (x0, y0), (x1, y1) in itertools.pairwise(corners):
        for step in (0.25, 0.5, 0.75, 1):
            page.mouse("mouseMoved", x0 + step * (x1 - x0), y0 + step * (y1 - y0))
            time.sleep(0.02)
    page.mouse("mouseReleased", *corners[-1])
    page.wait(f"{STATUS}.includes('chosen in a plot')")
    found = peaks.set_index("peak").loc[names(page)]
    assert len(found)
    assert (found["direction"] == "up").all()
    page.value("document.querySelector('.explorer [data-part=clear]').click()")
    assert page.value(STATUS) == f"{len(peaks):,} of {len(peaks):,} rows"


def test_filtered_rows_are_downloaded(page, peaks, tmp_path):
    page.call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    fill(page, "direction", "down")
    page.value("document.querySelector('.explorer .buttons-csv').click()")
    until = time.monotonic() + 10
    while not list(tmp_path.glob("*.csv")):
        assert time.monotonic() < until, "nothing was downloaded"
        time.sleep(0.05)
    table = pd.read_csv(next(tmp_path.glob("*.csv")))
    expected = peaks[peaks["direction"] == "down"].set_index("peak").loc[table["peak"]]
    assert len(table) == (peaks["direction"] == "down").sum()
    np.testing.assert_allclose(table["log2FoldChange"], expected["log2FoldChange"], rtol=1e-3)
    places = table["chrom"] + ":" + table["start"].astype(str) + "-" + table["end"].astype(str)
    assert places.tolist() == table["peak"].tolist()
    assert {"lfcSE", "pvalue"} <= set(table.columns)
    assert page.errors == []


def test_a_narrow_screen_does_not_overflow(browser, report):
    browser.open(report, 390, 800)
    browser.wait(PLOTTED)
    assert browser.value("document.documentElement.scrollWidth") <= 390
    assert browser.errors == []


def test_a_phone_shows_the_numbers_of_a_contrast(browser, report):
    browser.open(report, 420, 800)
    shown = browser.value(
        "[...document.querySelectorAll('.unprinted + .scroll th')]"
        ".filter(th => th.offsetWidth && th.getBoundingClientRect().right <= innerWidth)"
        ".map(th => th.textContent.trim()).join()"
    )
    assert shown == "contrast,tested,opened,closed"


def test_dark_pages_are_dark_and_figures_lie_on_white(browser, report):
    browser.open(report, dark=True)
    browser.wait(PLOTTED)
    colours = browser.value(
        "[document.body, document.querySelector('figure img'), document.querySelector('.plots .bk-Figure')]"
        ".map((element) => getComputedStyle(element).backgroundColor)"
    )
    assert colours == ["rgb(20, 23, 26)", "rgb(255, 255, 255)", "rgb(255, 255, 255)"]


def test_without_script_the_page_is_whole(browser, report):
    browser.open(report, script=False)
    browser.call("Emulation.setScriptExecutionDisabled", value=False)
    assert not browser.value("document.querySelector('.explorer .live').checkVisibility()")
    assert browser.value("document.querySelector('.explorer .paper table').rows.length") > 10
    assert browser.value("document.querySelector('.explorer .paper').checkVisibility()")


def test_paper_shows_still_figures_and_tables(page):
    page.call("Emulation.setEmulatedMedia", media="print")
    shown = page.value(
        "['.explorer .live', '.explorer .paper img', 'nav.contents', '.lead img']"
        ".map((name) => document.querySelector(name).checkVisibility({contentVisibilityAuto: true}))"
    )
    page.call("Emulation.setEmulatedMedia", media="")
    assert shown[:3] == [False, True, False]
    pdf = page.printed()
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type/Page\n") <= 20


def test_names_are_text_whatever_they_hold(browser, tmp_path):
    n = 40
    rng = np.random.default_rng(1)
    table = pd.DataFrame(
        {
            "peak": [f"{HOSTILE}{i}" for i in range(n)],
            "gene_name": HOSTILE,
            "feature": HOSTILE,
            "direction": "up",
            "baseMean": rng.uniform(1, 100, n),
            "log2FoldChange": rng.normal(size=n),
            "pvalue": rng.uniform(size=n),
            "padj": 0.01,
        }
    )
    made = explorer.peaks(HOSTILE, table, HOSTILE, ((), None))
    section = content.Section("a", HOSTILE, (made,))
    path = tmp_path / "hostile.html"
    path.write_text(reports.render(content.Content(HOSTILE, (), sections=(section,))))
    browser.open(path)
    browser.wait(PLOTTED)
    assert names(browser)[0].startswith(HOSTILE)
    fill(browser, "text", "hacked")
    browser.value("document.querySelector('.explorer .bk-Figure').scrollIntoView({behavior: 'instant'})")
    x, y = browser.value(FIRST_POINT)
    browser.mouse("mouseMoved", x - 3, y, buttons=0)
    browser.mouse("mouseMoved", x, y, buttons=0)
    browser.wait(TOOLTIP)
    assert HOSTILE in browser.value(TOOLTIP)
    assert browser.value("typeof window.hacked") == "undefined"
    assert browser.errors == []
    assert browser.requests == [path.resolve().as_uri()]
