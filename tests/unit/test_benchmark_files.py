"""How often a job is looked at for its benchmark file."""

import os
import runpy
from pathlib import Path

from snakemake import benchmark

RULES = Path(__file__).resolve().parents[2] / "rules" / "benchmarks.smk"


class Clock:
    """In place of the timer's thread: tells when each look is, in seconds from the start."""

    looks: tuple[float, ...] = (0.0,)

    def __init__(self, interval, function):
        self.interval = interval

    def start(self):
        Clock.looks += (Clock.looks[-1] + self.interval,)


def test_a_job_is_looked_at_ever_more_seldom_and_at_least_every_half_minute(monkeypatch):
    monkeypatch.setattr(benchmark, "BenchmarkTimer", benchmark.BenchmarkTimer)  # put back afterwards
    runpy.run_path(str(RULES))
    monkeypatch.setattr(benchmark, "DaemonTimer", Clock)
    monkeypatch.setattr(benchmark.BenchmarkTimer, "work", lambda self: None)
    monkeypatch.setattr(Clock, "looks", (0.0,))
    timer = benchmark.BenchmarkTimer(os.getpid(), benchmark.BenchmarkRecord())
    timer.start()
    for _ in range(8):
        timer._action()
    assert Clock.looks == (0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 61.5, 91.5, 121.5)


def test_snakemake_measures_a_job_by_that_timer(monkeypatch):
    monkeypatch.setattr(benchmark, "BenchmarkTimer", benchmark.BenchmarkTimer)
    seldom = runpy.run_path(str(RULES))["SeldomTimer"]
    made = []
    monkeypatch.setattr(seldom, "start", lambda self: made.append(self))
    with benchmark.benchmarked():
        pass
    assert len(made) == 1
