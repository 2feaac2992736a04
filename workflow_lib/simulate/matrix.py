"""Negative-binomial counts with planted changes: the statistical heart of the simulation."""

import numpy as np
import pandas as pd

CHANGES = ("none", "up", "down")


def draw_changes(
    n_peaks: int,
    rng: np.random.Generator,
    *,
    up: float = 0.12,
    down: float = 0.12,
    effect: tuple[float, float] = (1.0, 2.5),
    weights: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Choose the peaks that change, and by how much.

    Parameters
    ----------
    n_peaks : int
    rng : numpy.random.Generator
    up, down : float
        Shares of the peaks; the numbers of peaks are these exactly, after rounding.
    effect : (low, high)
        Bounds of |log2 fold change|, uniform between them.
    weights : (n_peaks,) array, optional
        Relative propensity of each peak to change; equal by default.

    Returns
    -------
    change : (n_peaks,) array of str, one of none, up, down
    log2_fold_change : (n_peaks,) array of float, 0 where nothing changes
    """
    n_up, n_down = round(n_peaks * up), round(n_peaks * down)
    chances = None if weights is None else np.asarray(weights, float) / np.sum(weights)
    chosen = rng.choice(n_peaks, size=n_up + n_down, replace=False, p=chances)
    change = np.full(n_peaks, "none", dtype=object)
    change[chosen[:n_up]] = "up"
    change[chosen[n_up:]] = "down"
    size = rng.uniform(*effect, size=n_peaks)
    return change, np.select([change == "up", change == "down"], [size, -size], 0.0)


def draw_dispersions(
    mean: np.ndarray,
    rng: np.random.Generator,
    *,
    asymptote: float = 0.03,
    extra: float = 0.5,
    scatter: float = 0.3,
) -> np.ndarray:
    """Dispersions around the trend asymptote + extra / mean, log-normal with sd `scatter` (natural log).

    References
    ----------
    Love, Huber & Anders 2014, Genome Biology 15:550, for the form of the trend.
    """
    trend = asymptote + extra / np.maximum(mean, 1e-8)
    return trend * np.exp(rng.normal(0.0, scatter, size=np.shape(mean)))


def negative_binomial(mean: np.ndarray, dispersion: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Counts with variance mean + dispersion * mean ** 2, as a Poisson whose rate is gamma.

    Parameters
    ----------
    mean, dispersion : arrays of float that broadcast; a dispersion of 0 gives Poisson counts

    Returns
    -------
    array of int64
    """
    mean, dispersion = np.broadcast_arrays(np.asarray(mean, float), np.asarray(dispersion, float))
    shape = 1.0 / np.maximum(dispersion, 1e-12)
    rate = np.where(dispersion > 0, rng.gamma(shape, mean / shape), mean)
    return rng.poisson(rate)


def counts(
    n_peaks: int,
    samples: pd.DataFrame,
    seed: int,
    *,
    variable: str = "group",
    experiment: str = "treated",
    mean: float = 80.0,
    spread: float = 0.8,
    up: float = 0.12,
    down: float = 0.12,
    effect: tuple[float, float] = (1.0, 2.5),
    asymptote: float = 0.03,
    extra: float = 0.5,
    scatter: float = 0.3,
    batch_share: float = 0.0,
    batch_sd: float = 0.5,
    depths: np.ndarray | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw a peaks x samples matrix of negative-binomial counts with its truth.

    Parameters
    ----------
    n_peaks : int
    samples : DataFrame indexed by sample
        With the column `variable`, and `batch` where `batch_share` > 0: the first batch in order of
        appearance is the reference, each other one has effects of its own.
    seed : int
    variable, experiment : str
        Samples whose `variable` equals `experiment` carry the planted changes.
    mean, spread : float
        Median of the peaks' log-normal mean count at depth 1, and its sd (natural log).
    up, down, effect
        See :func:`draw_changes`.
    asymptote, extra, scatter
        See :func:`draw_dispersions`.
    batch_share, batch_sd : float
        Share of the peaks that a batch moves, and the sd of the move (log2).
    depths : (n_samples,) array, optional
        Relative depth of each sample; by default uniform between 0.7 and 1.4.

    Returns
    -------
    counts : DataFrame of int64, peaks x samples
        Indexed by identifiers `chrS:start-end` of 501-bp peaks.
    truth : DataFrame indexed as the counts
        Columns mean, dispersion, change, log2_fold_change, and one batch_{name} (log2) a moved batch.
    """
    rng = np.random.default_rng(seed)
    start = np.arange(n_peaks) * 1000
    peaks = pd.Index([f"chrS:{s}-{s + 501}" for s in start], name="peak", dtype=object)
    change, log2_fold_change = draw_changes(n_peaks, rng, up=up, down=down, effect=effect)
    base = mean * np.exp(rng.normal(0.0, spread, size=n_peaks))
    dispersion = draw_dispersions(base, rng, asymptote=asymptote, extra=extra, scatter=scatter)
    if depths is None:
        depths = rng.uniform(0.7, 1.4, size=len(samples))
    truth = pd.DataFrame(
        {"mean": base, "dispersion": dispersion, "change": change, "log2_fold_change": log2_fold_change},
        index=peaks,
    )
    treated = (samples[variable] == experiment).to_numpy()
    log2_mean = np.log2(base)[:, None] + np.log2(depths)[None, :] + np.outer(log2_fold_change, treated)
    if batch_share > 0:
        for batch in pd.unique(samples["batch"])[1:]:
            moves = draw_batch(n_peaks, rng, share=batch_share, sd=batch_sd)
            truth[f"batch_{batch}"] = moves
            log2_mean += np.outer(moves, (samples["batch"] == batch).to_numpy())
    drawn = negative_binomial(2.0**log2_mean, dispersion[:, None], rng)
    return pd.DataFrame(drawn, index=peaks, columns=samples.index), truth


def draw_batch(n_peaks: int, rng: np.random.Generator, *, share: float, sd: float) -> np.ndarray:
    """Log2 effects of one batch: normal with `sd` on a share of the peaks, 0 elsewhere."""
    return np.where(rng.random(n_peaks) < share, rng.normal(0.0, sd, size=n_peaks), 0.0)
