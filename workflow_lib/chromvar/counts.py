"""Counts and matches in the forms that products need."""

import numpy as np
import pandas as pd
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


def presence(matches) -> sparse.csc_array:
    """Motifs x peaks matrix of 0 and 1, the sparse view whose product walks peak by peak."""
    if isinstance(matches, pd.DataFrame):
        sparse_columns = all(isinstance(kind, pd.SparseDtype) for kind in matches.dtypes)
        matches = matches.sparse.to_coo() if len(matches.columns) and sparse_columns else matches.to_numpy()
    present = sparse.csr_array(matches)
    if present.shape[0] and not present.has_canonical_format:
        present = present.copy()
        present.sum_duplicates()
    present = sparse.csr_array(
        ((present.data > 0).astype(float), present.indices, present.indptr), shape=present.shape
    )
    return sparse.csc_array(present.T)
