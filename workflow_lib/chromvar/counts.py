"""Counts in the form that products need."""

import numpy as np
from scipy import sparse


def dense(counts) -> np.ndarray:
    """Peaks x samples as a dense float array: samples of a bulk experiment are few.

    Raises
    ------
    ValueError
        If counts are not two-dimensional, or one is negative or missing.
    """
    values = counts.toarray() if sparse.issparse(counts) else np.asarray(counts)
    values = np.ascontiguousarray(values, dtype=float)
    if values.ndim != 2:
        raise ValueError(f"counts must be peaks x samples, not of shape {values.shape}")
    if not (values >= 0).all():  # NaN fails too
        raise ValueError("counts must be 0 or more, and none may be missing")
    return values
