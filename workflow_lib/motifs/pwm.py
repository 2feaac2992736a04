"""Position weight matrices, and the score that random sequence reaches with a given probability."""

import numpy as np

PSEUDOCOUNT = 0.8  # shared among the bases in proportion to the background
SAME = 1e-9  # bits: scores closer than this are one score that was summed in another order
EXACT_WORDS = 2**17  # words expected above the threshold up to which the exact method is tried
MAX_STATES = 2**16  # distinct partial sums that it may hold; more than that is a grid's work
COARSE = 0.02  # bits a bin of the grid that only brackets the threshold
FINE = 2e-3  # bits: the most that a word's score may lose to the fine grid, over all its columns


def check_background(background) -> np.ndarray:
    """The four base probabilities A, C, G, T as an array that sums to one.

    Raises
    ------
    ValueError
        If they are not four positive numbers that sum to one within 0.001.
    """
    values = np.asarray(background, dtype=float)
    if values.shape != (4,) or not (values > 0).all() or abs(values.sum() - 1) > 1e-3:
        raise ValueError(f"background must be four positive numbers that sum to 1, not {background}")
    return values / values.sum()


def weights(counts: np.ndarray, background) -> np.ndarray:
    """Log-odds weights in bits: log2(p / b), p = (count + 0.8 b) / (column sum + 0.8).

    Parameters
    ----------
    counts : (4, length) array, rows A, C, G, T
    background : (4,) base probabilities b

    Returns
    -------
    (4, length) array

    References
    ----------
    Wasserman and Sandelin 2004, Nat Rev Genet 5:276; the pseudocount is that of Nishida 2009,
    Nucleic Acids Res 37:939.
    """
    b = check_background(background)[:, None]
    counts = np.asarray(counts, dtype=float)
    return np.log2((counts + PSEUDOCOUNT * b) / (counts.sum(axis=0) + PSEUDOCOUNT) / b)


def reverse_complement(matrix: np.ndarray) -> np.ndarray:
    """The matrix as it reads on the other strand: both axes turned round, since A, C, G, T mirrors itself.

    Examples
    --------
    >>> import numpy as np
    >>> from workflow_lib.motifs import pwm
    >>> pwm.reverse_complement(np.array([[9, 0], [1, 0], [0, 2], [0, 8]])).tolist()
    [[8, 0], [2, 0], [0, 1], [0, 9]]
    """
    return matrix[::-1, ::-1]


def threshold(matrix: np.ndarray, background, pvalue: float) -> tuple[float, float]:
    """The lowest score t with P(score >= t) <= pvalue for a random word of the background.

    Parameters
    ----------
    matrix : (4, length) array
        Log-odds weights, rows A, C, G, T.
    background : (4,) base probabilities
    pvalue : float
        Of one position on one strand, 0 < pvalue < 1.

    Returns
    -------
    threshold : float
        Half of `SAME` below the lowest score that counts as a hit, so that no such word is lost to the
        order of its summands, and no word below is let in. If even the best word is likelier than
        `pvalue` (the motif is too short), that of the best word.
    attained : float
        P(score >= threshold); above `pvalue` only for a motif that is too short.

    Notes
    -----
    Works on deficits (best score minus score): the words near the top are few, and a partial sum whose
    deficit is already too large drops out. A coarse grid brackets the threshold; up to there the
    distribution of the distinct deficits is exact. Where that has more than `MAX_STATES` values (at 1e-5:
    motifs longer than 16), deficits are rounded *down* to a grid on which a word loses less than `FINE`
    bits: P(score >= threshold) <= pvalue still holds, the threshold is at most `FINE` bits above the exact
    one (0.14 % in p), and `attained` is an upper bound.

    References
    ----------
    Staden 1989, Comput Appl Biosci 5:89 (the dynamic programme); Touzet and Varre 2007, Algorithms Mol
    Biol 2:15 (bracketing by rounding).

    Examples
    --------
    >>> import numpy as np
    >>> from workflow_lib.motifs import pwm
    >>> matrix = np.log2(np.array([[0.7, 0.1, 0.1, 0.1]] * 6).T / 0.25)  # AAAAAA
    >>> score, attained = pwm.threshold(matrix, [0.25] * 4, 1e-3)
    >>> round(float(score), 2), round(float(attained), 5)
    (8.91, 0.00024)
    """
    if not 0 < pvalue < 1:
        raise ValueError(f"pvalue must lie between 0 and 1, not {pvalue}")
    background = check_background(background)
    matrix = np.asarray(matrix, dtype=float)
    best = float(matrix.max(axis=0).sum())
    deficits = matrix.max(axis=0) - matrix
    # Columns that decide most come first: words then drop out early.
    deficits = deficits[:, np.argsort(-deficits.sum(axis=0), kind="stable")]
    width = deficits.shape[1]

    span = deficits.max(axis=0).sum()
    coarse = min(COARSE, span / 2000) or COARSE
    limit = _grid_limit(deficits, background, pvalue, coarse)[0] + (width + 2) * coarse
    if pvalue * 4.0**width <= EXACT_WORDS:
        states = _distribution(deficits, background, limit)
        if states is not None:
            values, chances = states
            cumulative = np.cumsum(chances)
            last = max(int(np.searchsorted(cumulative, pvalue * (1 + SAME), side="right")), 1) - 1
            return best - float(values[last]) - SAME / 2, float(min(cumulative[last], 1.0))

    limit, attained = _grid_limit(deficits, background, pvalue, min(FINE / width, limit / 4096), limit)
    if limit > 0:
        return best - limit + SAME / 2, attained
    # Nothing but the best word passes, or not even that.
    attained = float(np.prod((background[:, None] * (deficits < SAME / width)).sum(axis=0)))
    return best - SAME / 2, min(attained, 1.0)


def _grid_limit(deficits, background, pvalue, bin_width, limit=None) -> tuple[float, float]:
    """The largest deficit below which words are surely not likelier than `pvalue`, and a bound on their p.

    Deficits are rounded down to bins, which can only raise the probability of those up to any limit.
    """
    bins = np.floor(deficits / bin_width).astype(np.int64)
    most = int(bins.max(axis=0).sum())
    size = min(most, 400 if limit is None else int(limit / bin_width)) + 1
    while True:
        distribution = np.zeros(size)
        distribution[0] = 1.0
        for column in bins.T:
            after = np.zeros(size)
            for shift, chance in zip(column.tolist(), background.tolist(), strict=True):
                if shift < size:
                    after[shift:] += chance * distribution[: size - shift]
            distribution = after
        cumulative = np.cumsum(distribution)
        within = int(np.searchsorted(cumulative, pvalue, side="right"))
        if within < size or size > most:
            return within * bin_width, float(cumulative[within - 1]) if within else 0.0
        size = min(2 * size, most + 1)


def _distribution(deficits, background, limit) -> tuple[np.ndarray, np.ndarray] | None:
    """Distinct total deficits up to `limit` in rising order, with their probabilities; None if too many."""
    values, chances = np.zeros(1), np.ones(1)
    for column in deficits.T:
        values = (values[:, None] + column).ravel()
        keep = values <= limit
        values = values[keep]
        chances = (chances[:, None] * background).ravel()[keep]
        if values.size > MAX_STATES // 4:
            values, chances = _merged(values, chances)
        if values.size > MAX_STATES:
            return None
    return _merged(values, chances)


def _merged(values, chances):
    """Sorted; of values closer than `SAME` to their neighbour the largest stands for all."""
    order = np.argsort(values)
    values = values[order]
    first = np.flatnonzero(np.r_[True, np.diff(values) > SAME])
    last = np.r_[first[1:], values.size] - 1
    return values[last], np.add.reduceat(chances[order], first)
