"""Progress of long steps: what the log says, when, and how much is left."""

import logging
import re
import sys

import pytest

from workflow_lib import logs


class Clock:
    """Seconds that pass when told to."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def log(caplog):
    caplog.set_level(logging.INFO, logger=logs.NAME)
    return logging.getLogger(logs.NAME)


def test_counts_and_time_left_at_most_every_few_seconds(log, caplog):
    clock = Clock()
    meter = logs.Progress(log, 4000, "sites scored", clock)
    said = []
    for _ in range(4):
        clock.now += 10
        meter.advance(1000)
        said.append(len(caplog.messages))
    assert said == [0, 1, 1, 2]
    assert caplog.messages == [
        "sites scored: 2,000 of 4,000 (50 %), about 20 s left",
        "sites scored: all 4,000 in 40 s",
    ]


def test_a_short_step_says_nothing(log, caplog):
    assert list(logs.counted([3, 1, 2], "motifs scanned")) == [3, 1, 2]
    assert caplog.messages == []


def test_an_empty_step_and_one_of_unknown_length(log, caplog):
    assert list(logs.counted([], "motifs scanned")) == []
    assert list(logs.counted(iter("ab"), "motifs scanned")) == ["a", "b"]
    clock = Clock()
    meter = logs.Progress(log, 0, "parts", clock)
    clock.now += 60
    meter.advance()
    assert caplog.messages == ["parts: 1 in 60 s"]


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (99, "99 s"), (100, "2 min"), (3600, "60 min"), (9000, "2.5 h")]
)
def test_durations_in_words(seconds, words):
    assert logs.duration(seconds) == words


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_in_the_file_and_on_a_terminal_alone(tmp_path, monkeypatch, capsys, terminal):
    root, log = logging.getLogger(), logging.getLogger(logs.NAME)
    before, level, hook = list(root.handlers), root.level, sys.excepthook
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
    try:
        log = logs.to_file(str(tmp_path / "step.log"))
        clock = Clock()
        meter = logs.Progress(log, 10, "parts", clock)
        clock.now += 30
        meter.advance(5)
        log.info("done")
    finally:
        for handler in [handler for handler in root.handlers if handler not in before]:
            root.removeHandler(handler)
            handler.close()
        root.setLevel(level)
        sys.excepthook = hook
        logging.captureWarnings(False)
    written, shown = (tmp_path / "step.log").read_text(), capsys.readouterr().err
    assert "parts: 5 of 10 (50 %), about 30 s left" in written
    assert ("parts: 5 of 10" in shown) == terminal
    assert "done" in written
    assert "done" in shown


def test_the_date_can_be_fixed_for_pages_that_are_made_again(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert logs.today() == "2023-11-14"
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", logs.today())
