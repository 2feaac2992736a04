"""Sequences around peak summits."""

import pandas as pd

from workflow_lib.errors import InputError
from workflow_lib.genome.reference import Genome

WINDOW_COLUMNS = ["peak", "chrom", "start", "end"]


def windows(peaks: pd.DataFrame, width: int, contigs: pd.Series) -> pd.DataFrame:
    """Windows of `width` bp with the summit in the middle, cut off where the contig ends.

    Parameters
    ----------
    peaks : DataFrame
        peak, chrom, summit (0-based base).
    width : int
        The summit stands at place width // 2, counted from 0, of a whole window.
    contigs : Series
        Lengths by contig name.

    Returns
    -------
    DataFrame
        peak, chrom, start, end; a row for each peak, in order; shorter than `width` only at contig ends.

    Raises
    ------
    InputError
        Naming the first peak whose summit is not on a contig.
    """
    if peaks["chrom"].isna().any():
        raise InputError(
            f"peak {peaks['peak'][peaks['chrom'].isna()].iloc[0]}: has no coordinates, so no sequence; "
            "name peaks chrom:start-end, or set genome.fasta to null"
        )
    length = peaks["chrom"].map(contigs)
    off = ~((peaks["summit"] >= 0) & (peaks["summit"] < length)).to_numpy()
    if off.any():
        row = peaks[off].iloc[0]
        raise InputError(
            f"peak {row['peak']}: its summit {row['summit']} is not on a contig of genome.fasta; "
            "use the FASTA that the peaks were called on"
        )
    start = peaks["summit"] - width // 2
    table = peaks[["peak", "chrom"]].assign(
        start=start.clip(lower=0), end=(start + width).clip(upper=length.astype("int64"))
    )
    return table[WINDOW_COLUMNS].reset_index(drop=True)


def extract(peaks: pd.DataFrame, width: int, genome: Genome) -> tuple[list[str], pd.DataFrame]:
    """Sequence of each peak's window, upper case, every letter but A, C, G, T as N; and the windows."""
    table = windows(peaks, width, genome.contigs)
    return genome.fetch(table), table
