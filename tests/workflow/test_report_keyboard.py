"""The report without a mouse: all is reached by Tab, is seen to have the focus, answers and is left."""

import sys
from pathlib import Path

import pytest

from workflow_lib import report as reports

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))
import fake_study

KEYS = {
    "Tab": 9,
    "Enter": 13,
    "Escape": 27,
    "End": 35,
    "Home": 36,
    "ArrowRight": 39,
    "ArrowDown": 40,
    "/": 191,
}
MOST = 1000  # stops of a page; more would be a trap
# What can be reached and is seen, without the inside of plots, which marks each as not yet reached.
WAITING = """(() => {
  const kinds = "a[href], button, input, select, summary, [tabindex='0']";
  const seen = [...document.querySelectorAll(kinds)].filter((one) => one.tabIndex >= 0 && !one.disabled
    && one.checkVisibility({visibilityProperty: true}) && !one.classList.contains("skip"));
  for (const one of seen) one.dataset.waits = "";
  return seen.length;
})()"""
# Where the focus is: whether on the page at all, and how it is marked there, plots included.
FOCUS = """(() => {
  let one = document.activeElement;
  while (one.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
  delete one.dataset.waits;
  const style = getComputedStyle(one);
  const marked = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
  return [one === document.body, marked, `${one.localName}.${one.className} ${one.textContent.slice(0, 40)}`];
})()"""
MISSED = "[...document.querySelectorAll('[data-waits]')].map((one) => one.outerHTML.slice(0, 80))"
FOCUSED = "document.activeElement"
CARDS = "[...document.querySelectorAll('#find article h3')].map((one) => one.textContent)"


@pytest.fixture(scope="module")
def study(browser, tmp_path_factory):
    """Three contrasts of 300 peaks; asked for after the browser."""
    run = fake_study.write(tmp_path_factory.mktemp("study") / "results", n_contrasts=3, n_peaks=300)
    run.page.write_text(reports.render(reports.collect(run)))
    return run


@pytest.fixture
def page(browser, study):
    browser.open(study.page, 1400, 1000)
    browser.wait("!document.querySelector('#find').hidden && Boolean(document.querySelector('.bk-Figure'))")
    return browser


def press(page, key: str, times: int = 1):
    for _ in range(times):
        page.press(key, KEYS[key])


def around(page) -> list[str]:
    """Tab from the top until the focus has left the page; what had it without being marked."""
    page.value(WAITING)
    unmarked = []
    for _ in range(MOST):
        press(page, "Tab")
        left, marked, name = page.value(FOCUS)
        if left:
            return unmarked
        if not marked:
            unmarked.append(name)
    pytest.fail("the focus does not leave the page")


def test_tab_reaches_all_that_is_seen_and_marks_it(page):
    assert around(page) == []
    assert page.value(MISSED) == []


def test_tab_reaches_all_that_is_unfolded_and_marks_it(page):
    page.value("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    unsorted = "[...document.querySelectorAll('table.sortable:not(.dataTable)')]"
    page.wait(f"!{unsorted}.some((one) => one.checkVisibility())")
    assert around(page) == []
    assert page.value(MISSED) == []


def test_the_first_stop_leads_past_the_contents(page):
    press(page, "Tab")
    assert page.value(f"{FOCUSED}.textContent") == "Skip to the answer"
    assert page.value(f"{FOCUSED}.getBoundingClientRect().x >= 0")
    press(page, "Enter")
    press(page, "Tab")
    assert page.value(f"Boolean({FOCUSED}.closest('#answer'))")


def test_a_fold_opens_and_closes(page):
    page.value("document.querySelector('#samples summary').focus()")
    for opened in (True, False):
        press(page, "Enter")
        assert page.value("document.querySelector('#samples details').open") is opened


def test_arrows_go_through_the_contrasts_and_tab_goes_on(page, study):
    shown = "document.querySelector('section.panel:not([hidden])').dataset.name"
    page.value("document.querySelector('[role=tab][aria-selected=true]').focus()")
    names = list(study.contrasts)
    press(page, "ArrowRight")
    assert page.value(shown) == page.value(f"{FOCUSED}.textContent") == names[1]
    press(page, "End")
    assert page.value(shown) == names[2]
    press(page, "ArrowRight")
    assert page.value(shown) == names[0]
    press(page, "Tab")
    assert page.value(f"{FOCUSED}.getAttribute('role') !== 'tab'")


def test_the_search_is_reached_answers_and_is_left(page):
    press(page, "/")
    assert page.value(f"{FOCUSED} === document.querySelector('#find input')")
    page.call("Input.insertText", text="TCF7")
    press(page, "Enter")
    page.wait(f"{CARDS}.length > 0")
    assert page.value(CARDS)[0] == "TCF7"
    for _ in range(60):
        press(page, "Tab")
        if page.value(f"Boolean({FOCUSED}.closest('#find td')) && {FOCUSED}.localName === 'button'"):
            break
    region = page.value(f"{FOCUSED}.textContent")
    press(page, "Enter")
    page.wait(f"{CARDS}[0] === {region!r}")
    assert page.value(f"{FOCUSED}.textContent") == region  # the heading of its card, from which Tab goes on
    page.value("document.querySelector('#find input').focus()")
    press(page, "Escape")
    page.wait(f"{CARDS}.length === 0")


def test_the_key_of_the_search_is_no_part_of_a_region(page):
    region = page.value("[...document.querySelectorAll('#find-how [data-ask]')].at(-1).dataset.ask")
    press(page, "/")
    page.call("Input.insertText", text=f"/{region}")
    press(page, "Enter")
    page.wait(f"{CARDS}.length === 1")


def test_a_near_name_that_is_taken_has_the_focus(page):
    page.value("document.querySelector('#find input').focus()")
    page.call("Input.insertText", text="TCF")
    press(page, "Enter")
    page.wait("document.querySelectorAll('#find [role=status] button').length > 0")
    page.value("document.querySelector('#find [role=status] button').focus()")
    press(page, "Enter")
    page.wait(f"{CARDS}.length > 0")
    page.wait(f"{FOCUSED}.closest('article') !== null")


def test_a_long_table_scrolls_by_arrows(page):
    page.value("document.querySelector('#methods details.chapter').open = true")
    page.value("document.querySelectorAll('#methods details').forEach((fold) => { fold.open = true; })")
    boxes = "[...document.querySelectorAll('#methods .scroll')]"
    long = f"{boxes}.find((box) => box.scrollHeight > box.clientHeight + 50)"
    page.value(f"{long}.focus({{preventScroll: false}})")
    press(page, "ArrowDown", 3)
    page.wait(f"{long}.scrollTop > 0")


def test_paper_has_the_figures_of_every_contrast(page):
    pictures = "[...document.querySelectorAll('section.panel .paper img')]"
    page.wait(f"{pictures}.every((one) => one.src && !one.dataset.packed)")
    page.call("Emulation.setEmulatedMedia", media="print")
    try:
        panels = page.value(
            f"{pictures}.filter((one) => one.checkVisibility() && one.naturalWidth)"
            ".map((one) => one.closest('section.panel').dataset.name)"
        )
        closed = "[...document.querySelectorAll('details:not([open])')]"
        folded = page.value(f"{closed}.filter((one) => one.checkVisibility()).length")
        boxes = "[...document.querySelectorAll('.scroll')].filter((box) => box.checkVisibility())"
        scrolls = page.value(f"{boxes}.filter((box) => getComputedStyle(box).overflowX !== 'visible').length")
    finally:
        page.call("Emulation.setEmulatedMedia", media="")
    assert len(set(panels)) == 3
    assert all(panels.count(name) >= 2 for name in panels)
    assert folded == 0  # a heading without its chapter says nothing
    assert scrolls == 0
