"""Write docs/errors.md from the gallery: `python tests/bad_inputs/document.py`."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import breaking  # noqa: E402
import clean_inputs as clean  # noqa: E402
import foreign  # noqa: E402
import gallery  # noqa: E402
import legal  # noqa: E402

from workflow_lib.errors import InputError  # noqa: E402

PAGE = ROOT / "docs" / "errors.md"
WHEN = {
    breaking.START: "",
    breaking.READING: " (found when it is read)",
}
HEAD = """# What is refused, and what the message says

Written by `python tests/bad_inputs/document.py` from the cases of tests/bad_inputs/, which the tests run.

atacdiff lists all problems of configuration, sheet, design and input files at once, before any job starts.
The exit code is 1, and nothing is written under results/. For that, annotation, peaks and tables are read
to their ends, and so is a genome without index. This is done once, and again when one of them changes. Some
faults show only when a file is read, such as a BAM that is damaged in its middle. They stop the job that
reads the file, and what earlier jobs made is whole. A configuration that is not YAML or not UTF-8 stops
Snakemake before atacdiff sees it. Snakemake names no line then. `atacdiff check CONFIG`
and `make run CONFIG=...` name it, also for a tab.

| in | what is wrong | what you read |
|---|---|---|
"""
LEGAL = """
## Odd, legal, and read as if it were not odd

| in | what |
|---|---|
"""
NOTES = """
Overlapping, doubled and unsorted peaks are legal where one file is given for all samples (they are sorted,
and each is counted); counts of a motif whose columns differ in sum are legal too, as in a third of JASPAR's
matrices; so is MEME's `nsites= 0`, which says that their number is unknown. Reads may differ in length.

## Fuzzed

Readers of files met 20,000 files each that were spoiled or arbitrary before 2.0.0, and those of text, which
changed since, 3,000 or fewer each (`ATACDIFF_FUZZ=20000
pytest tests/fuzz`), the two of parquet besides 5,000 tables with columns of any types: each gave a valid
result or the declared error on one line. What this found was mended and is tried first ever since, or is
a case above: names of peaks that end before they start (chr2:500-000) or beyond 64 bits, quotes and zero
bytes in names of contigs, parquet with times, lists or numbers for names. The tests of every change try
200 files a reader, always the same.
"""


def in_copies(work: Callable[[breaking.Case], str], cases: list) -> list[str]:
    """What `work` gives for each case, each in a fresh copy of the clean inputs."""
    found = []
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        clean.write(Path(folder))
        for case in cases:
            with tempfile.TemporaryDirectory() as copy:
                shutil.copytree(folder, copy, dirs_exist_ok=True)
                os.chdir(copy)
                case.change()
                found.append(work(case))
                os.chdir(before)
    return found


def message(case: breaking.Case) -> str:
    """The sentence of a refusal that holds `case.said`, without the number before it."""
    try:
        breaking.check(case)
    except InputError as error:
        told = [line for line in str(error).splitlines() if case.said in line]
        lines = [line.strip().partition(". ")[2] or line for line in told]
        return (lines or [str(error)])[0].replace(str(Path.cwd()) + "/", "")
    raise AssertionError(case)


def page() -> str:
    """The whole document."""
    bad, odd = [*gallery.bad(), *foreign.bad()], [*legal.cases(), *foreign.odd()]
    rows = [
        f"| {case.area} | {case.name}{WHEN[case.found]} | {_cell(said)} |\n"
        for case, said in zip(bad, in_copies(message, bad), strict=True)
    ]
    return HEAD + "".join(rows) + LEGAL + "".join(f"| {c.area} | {c.name} |\n" for c in odd) + NOTES


def _cell(text: str) -> str:
    short = text if len(text) <= 300 else f"{text[:300]} …"
    return "`` " + short.replace("|", "\\|").replace("\x00", "\\0") + " ``"


if __name__ == "__main__":
    PAGE.write_text(page())
