"""How much each motif's accessibility varies over samples."""

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from workflow_lib.stats.multiple_testing import bh


def variability(zscores, seed: int = 0, *, resamples: int = 1000) -> pd.DataFrame:
    """How much each motif's accessibility varies over samples beyond chance.

    Null: the motif's z-scores are independent standard normal, so that (n - 1) sd^2 follows chi-square with
    n - 1 degrees of freedom; one-sided. With few deep samples the background's spread is far below the
    biological one, so a small p-value says "varies", not "varies between conditions".

    Parameters
    ----------
    zscores : (n_motifs, n_samples) array or DataFrame
        NaN are left out; n is the motif's own number of z-scores.
    seed : int
    resamples : int
        Bootstrap samples of the samples.

    Returns
    -------
    (n_motifs, 5) DataFrame
        variability (standard deviation, ddof 1), ci_low, ci_high (2.5 and 97.5 % points of the bootstrap),
        pvalue, padj (BH). NaN with fewer than two z-scores.

    References
    ----------
    Schep et al. 2017, Nature Methods 14:975, Online Methods, "Variability".

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from workflow_lib import chromvar
    >>> zscores = pd.DataFrame([[-4.0, -4.0, 4.0, 4.0], [1.0, -1.0, 0.5, -0.5]], index=["varies", "quiet"])
    >>> chromvar.variability(zscores, seed=1)["variability"].round(2).to_dict()
    {'varies': 4.62, 'quiet': 0.91}
    """
    index = zscores.index if isinstance(zscores, pd.DataFrame) else None
    z = np.asarray(zscores, dtype=float)
    seen = np.isfinite(z)
    n = seen.sum(axis=1)
    n_safe = np.maximum(n, 1)
    # Centred first: the bootstrap needs only sums of z and z^2, and small ones keep their digits.
    centred = np.where(seen, z, 0.0)
    centred -= (centred.sum(axis=1) / n_safe)[:, None]
    centred[~seen] = 0.0
    variance = np.full(len(z), np.nan)
    np.divide((centred**2).sum(axis=1), n - 1, out=variance, where=n > 1)
    table = pd.DataFrame({"variability": np.sqrt(variance)}, index=index)
    table[["ci_low", "ci_high"]] = _bootstrap_interval(centred, seen, seed, resamples)
    table["pvalue"] = chdtrc(np.where(n > 1, n - 1, np.nan), (n - 1) * variance)
    table["padj"] = bh(table["pvalue"])
    return table


def _bootstrap_interval(centred: np.ndarray, seen: np.ndarray, seed: int, resamples: int) -> np.ndarray:
    """(n_motifs, 2) bounds of the standard deviation over resampled samples."""
    n_motifs, n_samples = centred.shape
    bounds = np.full((n_motifs, 2), np.nan)
    enough = seen.sum(axis=1) > 1
    if not enough.any():
        return bounds
    rng = np.random.default_rng(seed)
    draws = rng.integers(n_samples, size=(resamples, n_samples))
    times = np.stack([np.bincount(draw, minlength=n_samples) for draw in draws], axis=1).astype(float)
    centred, seen = centred[enough], seen[enough].astype(float)
    n = seen @ times
    first, second = centred @ times, centred**2 @ times
    spread = np.maximum(second - np.divide(first**2, n, out=np.zeros_like(n), where=n > 0), 0.0)
    sd = np.sqrt(np.divide(spread, n - 1, out=np.full_like(n, np.nan), where=n > 1))
    whole = ~np.isnan(sd).any(axis=1)
    found = np.empty((len(sd), 2))
    found[whole] = np.quantile(sd[whole], [0.025, 0.975], axis=1).T
    if not whole.all():
        found[~whole] = np.nanquantile(sd[~whole], [0.025, 0.975], axis=1).T
    bounds[enough] = found
    return bounds
