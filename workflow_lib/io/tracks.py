"""BigWig files."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from workflow_lib.io.atomic import replacing_from_memory

BLOCK = 1_000_000  # intervals handed over at a time: the writer wants a contig name for each


def write_bigwig(
    path: str | Path,
    contigs: pd.Series,
    intervals: Iterable[tuple[str, np.ndarray, np.ndarray, np.ndarray]],
) -> None:
    """Write a bigWig, whole or not at all; its bytes depend on its content alone.

    Parameters
    ----------
    path : str or Path
    contigs : Series
        Lengths by name, in the order in which they stand in the file.
    intervals : iterable of (contig, starts, ends, values)
        In the order of `contigs`, each contig once or not at all; within a contig sorted and apart.
    """
    import pyBigWig  # an extension module, needed here alone

    with replacing_from_memory(path) as partial:
        file = pyBigWig.open(str(partial), "w")
        file.addHeader([(str(name), int(length)) for name, length in contigs.items()])
        for contig, starts, ends, values in intervals:
            for first in range(0, len(starts), BLOCK):
                block = slice(first, first + BLOCK)
                file.addEntries(
                    [str(contig)] * len(starts[block]),
                    starts[block].astype(np.uint32),
                    ends=ends[block].astype(np.uint32),
                    values=values[block].astype(np.float32),
                )
        file.close()
