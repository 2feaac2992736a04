"""How many parts a step is divided into, from what is known before a run starts."""

from collections.abc import Iterable
from pathlib import Path

from workflow_lib.io import rows

SCAN_BASES = 20_000_000
"""Bases of a part of the motif scan, such as 100,000 windows of 200 bp: a minute or two for 2,000 motifs."""
MOST = 100
UNKNOWN = 4
"""Parts where nothing is known yet, since the run makes the peaks itself."""


def of_scan(peak_files: Iterable[str | Path], window: int) -> int:
    """Parts of the motif scan.

    Parameters
    ----------
    peak_files : iterable of paths
        Files with a row a peak: of several the longest counts, since their peaks are much the same.
    window : int
        Bases scanned in each peak.

    Returns
    -------
    int
        About one part for `SCAN_BASES`, from 1 to `MOST`; `UNKNOWN` where one of the files is not there
        yet. The hits are the same whatever the number.
    """
    files = list(map(Path, peak_files))
    if not files or not all(path.is_file() for path in files):
        return UNKNOWN
    n_peaks = max(map(rows.estimate, files))
    return min(max(round(n_peaks * window / SCAN_BASES), 1), MOST)
