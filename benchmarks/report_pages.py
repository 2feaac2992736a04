"""How long and how heavy the report is, as a reader's browser has it.

`python benchmarks/report_pages.py [REPORT.html ...]` makes a study of twelve contrasts of 50,000 peaks, with
as many motifs and clusters as the whole library has, and builds its report. Printed are size, screens, words
and times in headless Chromium and, with every fold open, by how much it is wider than the screen; the same of
each report named (the demo's: results/report.html). "Answer" is from opening to the card of a factor that is
asked for at once, "next" the seconds that the next question takes.
"""

import argparse
import re
import sys
import tempfile
import time
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(HOME), str(HOME / "tests/unit"), str(HOME / "tests/workflow")]

SCREENS = ((1400, 1000), (420, 900))
SITES = 40  # motif hits in each peak
FACTORS = ("TCF7", "Spi1")  # that the demo and the study made here have
OPEN_ALL = "document.querySelectorAll('details').forEach(fold => fold.open = true)"
READY = "!document.querySelector('#find').hidden"
CARDS = "document.querySelectorAll('#find article').length"
ASK = """(() => {{ const input = document.querySelector('#find input'); input.value = '{}';
  input.dispatchEvent(new KeyboardEvent('keydown', {{key: 'Enter'}})); }})()"""
CLEAR = "document.querySelector('#find [data-part=clear]').click()"
PAINT = "Math.round(performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1)"
FIRST_FIGURE = (
    "(() => { const one = document.querySelector('figure'); if (!one) return -1;"
    " return one.getBoundingClientRect().top + scrollY; })()"
)
HEIGHT = "document.documentElement.scrollHeight"
WIDTH = "document.documentElement.scrollWidth"
WORDS = "document.body.innerText.split(/\\s+/).length"
HEADINGS = (
    "screen\tMB\tscreens\twords\tfirst figure on screen\tpaint, ms\tusable, s"
    "\tanswer, s\tnext, s\tscreens with all open\tpx too wide\terrors"
)


def twelve_contrasts(folder: Path, n_peaks: int, n_motifs: int, n_clusters: int) -> Path:
    """A report of twelve contrasts, written anew."""
    import fake_study

    from workflow_lib import report

    size = {"n_peaks": n_peaks, "n_motifs": n_motifs, "n_clusters": n_clusters, "sites": SITES}
    run = fake_study.write(folder / "results", n_contrasts=12, **size)
    page = folder / "results/report.html"
    page.write_text(report.render(report.collect(run)))
    return page


def asked(browser, name: str, started: float) -> float | str:
    """Seconds since then when the card of a factor is there; the page's cards are cleared again."""
    browser.value(ASK.format(name))
    browser.wait(f"{CARDS} > 0 || document.querySelector('#find [role=status]').textContent !== ''")
    took = round(time.perf_counter() - started, 1)
    found = browser.value(CARDS)
    browser.value(CLEAR)
    browser.wait(f"{CARDS} === 0")
    return took if found else "-"


def measured(browser, page: Path, width: int, height: int) -> list:
    """One line of the table: the page on a screen of this size."""
    started = time.perf_counter()
    browser.open(page, width, height)
    browser.wait(READY)
    usable = time.perf_counter() - started
    shown = [
        round(browser.value(HEIGHT) / height, 1),
        browser.value(WORDS),
        int(browser.value(FIRST_FIGURE) // height) + 1,
        browser.value(PAINT),
        round(usable, 1),
    ]
    shown.append(asked(browser, FACTORS[0], started))
    shown.append(asked(browser, FACTORS[1], time.perf_counter()))
    browser.value(OPEN_ALL)
    time.sleep(2)  # figures are unpacked when their fold opens
    opened = [round(browser.value(HEIGHT) / height, 1), max(browser.value(WIDTH) - width, 0)]
    size = round(page.stat().st_size / 1e6, 2)
    return [f"{width}x{height}", size, *shown, *opened, len(browser.errors)]


def main() -> None:
    """Measure the study made here and the reports named."""
    import chromium

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reports", nargs="*", type=Path)
    parser.add_argument("--peaks", type=int, default=50_000)
    parser.add_argument("--motifs", type=int, default=1019)
    parser.add_argument("--clusters", type=int, default=360)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pages = [
            *given.reports,
            twelve_contrasts(Path(folder), given.peaks, given.motifs, given.clusters),
        ]
        browser = chromium.Browser(Path(folder) / "browser")
        try:
            for page in pages:
                print(f"{page}\n{HEADINGS}")
                for width, height in SCREENS:
                    print(*measured(browser, page.resolve(), width, height), sep="\t")
                browser.open(page.resolve(), *SCREENS[0])
                browser.wait(READY)
                print("pages in print:", len(re.findall(rb"/Type */Page\b(?!s)", browser.printed())))
        finally:
            browser.close()


if __name__ == "__main__":
    main()
