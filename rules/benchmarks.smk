"""How often Snakemake looks at a job for its benchmark file (docs/adr/236)."""

from snakemake import benchmark


class SeldomTimer(benchmark.BenchmarkTimer):
    """Looks half a second after a job's start, then after twice the time of before, up to every 30 seconds.

    A look lists all processes of the machine and reads the job's memory map, page by page: a hundredth of a
    second of CPU and more. Of itself Snakemake looks 30 times in the first quarter of a minute of each job.
    """

    def _schedule(self):
        wait = benchmark.BENCHMARK_INTERVAL_SHORT * 2 ** (self._times_called - 1)
        self._timer = benchmark.DaemonTimer(min(wait, self._interval), self._action)
        self._timer.start()


benchmark.BenchmarkTimer = SeldomTimer
