"""Which peaks have a hit of which motif, as sparse matrices."""

import numpy as np
import pandas as pd
from scipy import sparse


def matrix(hits: pd.DataFrame, n_peaks: int, n_motifs: int) -> sparse.csr_array:
    """Number of hits, peaks x motifs, of a table with the columns peak and motif (numbers of either).

    Examples
    --------
    >>> import pandas as pd
    >>> from workflow_lib.motifs import matches
    >>> hits = pd.DataFrame({"peak": [0, 0, 2], "motif": [1, 1, 0]})
    >>> matches.matrix(hits, n_peaks=3, n_motifs=2).toarray().tolist()
    [[0, 2], [0, 0], [1, 0]]
    """
    ones = np.ones(len(hits), dtype=np.int32)
    return sparse.coo_array((ones, (hits["peak"], hits["motif"])), shape=(n_peaks, n_motifs)).tocsr()


def presence(matches) -> sparse.csr_array:
    """1 where a motif has a hit in a peak, however many; nothing is stored elsewhere.

    Parameters
    ----------
    matches : (n_peaks, n_motifs) sparse matrix, array or DataFrame
        Number of hits. Entries that stand there twice or are 0 do no harm; never made dense if sparse.

    Returns
    -------
    (n_peaks, n_motifs) sparse array of float
    """
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
    if present.nnz and not present.data.all():
        present = present.copy()
        present.eliminate_zeros()
    return present
