"""How benchmarks measure: CPU seconds of this process, so that other work on the machine counts little."""

import resource
import statistics
import time
from collections.abc import Callable
from typing import TypeVar

from harness import machine as machine

Result = TypeVar("Result")


def measure(work: Callable[[], Result], repeat: int = 3) -> tuple[Result, float]:
    """The result of the last run, and the median CPU seconds of all (user and system, all threads)."""
    seconds = []
    for _ in range(repeat):
        start = time.process_time()
        result = work()
        seconds.append(time.process_time() - start)
    return result, statistics.median(seconds)


def peak_memory() -> float:
    """Most memory that this process has held so far, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
