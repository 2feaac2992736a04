"""The insertion preference of Tn5, planted as a palindromic log-additive weight."""

import numpy as np
import pandas as pd

REACH = 5

# log2 preference for A, C, G, T at 0..5 bases to the right of the cut; the left side is its reverse
# complement. Shaped after the consensus A-GNTYWRANC-T (Goryshin et al. 1998, PNAS 95:10716).
_RIGHT = np.array(
    [
        [0.30, -0.30, -0.30, 0.30],
        [0.35, -0.35, 0.25, -0.25],
        [0.55, -0.30, -0.10, -0.15],
        [0.10, 0.05, -0.10, -0.05],
        [-0.45, 0.75, 0.05, -0.35],
        [-0.05, -0.10, -0.30, 0.45],
    ]
)
PREFERENCE = np.concatenate([_RIGHT[:0:-1, ::-1], _RIGHT])  # (11, 4): offsets -5..5, bases ACGT


def bias_table() -> pd.DataFrame:
    """The planted preference: columns position (-5..5, 0 is the cut), A, C, G, T (log2)."""
    table = pd.DataFrame(PREFERENCE, columns=list("ACGT"))
    table.insert(0, "position", np.arange(-REACH, REACH + 1))
    return table


def weights(codes: np.ndarray) -> np.ndarray:
    """Relative chance of a cut at each base of a sequence.

    Parameters
    ----------
    codes : (length,) uint8 array, 0..3 for ACGT, 4 for N

    Returns
    -------
    (length,) array of float
        Mean 1 over the bases that can be cut; 0 within 5 bases of N or of an end.
    """
    # a fifth column for N
    lookup = np.column_stack([PREFERENCE, np.full(len(PREFERENCE), -np.inf)])
    log2 = np.full(len(codes), -np.inf)
    inner = len(codes) - 2 * REACH
    if inner > 0:
        log2[REACH:-REACH] = sum(lookup[i][codes[i : i + inner]] for i in range(len(PREFERENCE)))
    drawn = np.exp2(log2)
    can = drawn > 0
    return drawn / drawn[can].mean() if can.any() else drawn
