"""What a report says of exports that failed."""

import os

from workflow_lib.io import pages

PAGE = f"<h1>Answer</h1>\n{pages.EMPTY}\n<p>more</p>\n"


def test_a_missing_export_is_said_and_unsaid(tmp_path):
    page = tmp_path / "report.html"
    page.write_text(PAGE)
    os.utime(page, (5, 5))
    pages.tell_missing(page, {"experiment.h5mu": "No space left on <device>."})
    text = page.read_text()
    assert "Not written: experiment.h5mu (No space left on &lt;device&gt;)." in text
    assert page.stat().st_mtime == 5
    pages.tell_missing(page, {"tables.xlsx": "two"})
    assert "h5mu" not in page.read_text()
    pages.tell_missing(page, {})
    assert page.read_text() == PAGE
    pages.tell_missing(tmp_path / "absent.html", {"a": "b"})


def test_the_reason_is_the_last_error_of_the_log(tmp_path):
    log = tmp_path / "job.log"
    assert pages.reason(log) == f"see {log}"
    log.write_text("12:00:00 INFO 5 peaks\n12:00:01 ERROR results/a.tsv: not whole; delete it\n")
    assert pages.reason(log) == "results/a.tsv: not whole; delete it"
    log.write_text(
        "12:00:01 ERROR uncaught exception\nTraceback (most recent call last):\n  x\nOSError: disk full\n"
    )
    assert pages.reason(log) == "OSError: disk full"
