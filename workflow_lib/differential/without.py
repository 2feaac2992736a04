"""What leaving samples out changes."""

from collections.abc import Collection, Mapping

import pandas as pd

from workflow_lib import differential
from workflow_lib.errors import InputError


def calls(
    counts: pd.DataFrame,
    samples: pd.DataFrame,
    dropped: Collection[str],
    design: str,
    contrasts: Mapping[str, Mapping],
    size_factors: pd.Series,
    *,
    offsets: pd.DataFrame | None = None,
    alpha: float = 0.05,
    min_abs_log2fc: float = 0.0,
    min_count: int = 0,
) -> dict[str, tuple[int, int]]:
    """Peaks that each contrast calls with all samples, and without some of them.

    Parameters
    ----------
    counts, samples, design, size_factors, offsets, alpha, min_abs_log2fc, min_count
        As :func:`workflow_lib.differential.test`: those of the run's own test.
    dropped : collection of str
        Samples to leave out.
    contrasts : mapping of name to contrast

    Returns
    -------
    dict of name to (int, int)
        Without contrasts that the remaining samples cannot answer.
    """
    left = samples.drop(index=list(dropped))
    numbers_of = {}
    for name, contrast in contrasts.items():
        numbers: list[int] = []
        for sheet in (samples, left):
            try:
                table = differential.test(
                    counts[list(sheet.index)],
                    sheet,
                    design,
                    contrast,
                    size_factors=size_factors,
                    offsets=offsets,
                    alpha=alpha,
                    min_abs_log2fc=min_abs_log2fc,
                    min_count=min_count,
                    shrink=False,
                )
            except InputError:
                break
            if table["pvalue"].notna().any():
                numbers.append(int((table["padj"] < alpha).sum()))
        if len(numbers) == 2:
            numbers_of[name] = (numbers[0], numbers[1])
    return numbers_of
