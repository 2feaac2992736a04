"""Numbers of independent events of unequal probability: by convolution, or by saddlepoint for many sets."""

import numpy as np
from scipy import sparse
from scipy.special import erfcx

EXACT = 24  # events up to which sums over many sets are exact
STEPS, CLOSE = 60, 1e-10
TINY = 1e-300
NEAR_MEAN = 1e-3  # in standard deviations: there the saddlepoint's formula is 0 / 0


def distribution(probabilities: np.ndarray) -> np.ndarray:
    """Probability of each number of events, 0 to all, by convolution.

    Parameters
    ----------
    probabilities : (n,) array within [0, 1]

    Returns
    -------
    (n + 1,) array of float
        Sums of positive terms only: tails keep their relative precision.

    Examples
    --------
    >>> distribution(np.array([0.5, 0.5])).tolist()
    [0.25, 0.5, 0.25]
    """
    found = np.zeros(len(probabilities) + 1)
    found[0] = 1.0
    for i, p in enumerate(np.asarray(probabilities, dtype=float).tolist(), 1):
        found[1 : i + 1] = found[1 : i + 1] * (1 - p) + found[:i] * p
        found[0] *= 1 - p
    return found


def log_upper_tail(probabilities: np.ndarray, least: int) -> tuple[float, float]:
    """Logarithms of P(at least `least` events) and of P(more than `least`), exact; -inf where impossible."""
    found = distribution(probabilities)
    least = max(int(least), 0)
    with np.errstate(divide="ignore"):
        at_least, more = (float(np.log(min(found[first:].sum(), 1.0))) for first in (least, least + 1))
    return at_least, more


def log_mid_p(chances, observed: np.ndarray) -> np.ndarray:
    """Upper-tail mid-p of the number of events in each of many sets.

    Parameters
    ----------
    chances : (n_events, n_sets) sparse matrix
        The probability of each event, as an entry of each set that it is a member of. An entry of 0 that is
        stored is an event that cannot happen.
    observed : (n_sets,) array of int
        Events that happened in each set.

    Returns
    -------
    (n_sets,) array of float
        Natural logarithm of P(more) + P(as many) / 2; 0 for sets without events.

    Notes
    -----
    Null: events are independent, and their probabilities are right. Exact for sets of at most `EXACT` events.
    For larger ones Lugannani and Rice's saddlepoint formula with the correction for whole numbers (Daniels
    1987, International Statistical Review 55:37), whose relative error does not grow in the tail: at most
    0.5 % of p for sets of 25 to 400 events and p down to 1e-130.
    """
    chances = sparse.csc_array(chances)
    observed = np.asarray(observed, dtype=np.int64)
    size = np.diff(chances.indptr)
    result = np.zeros(len(size))
    for i in np.flatnonzero((size > 0) & (size <= EXACT)).tolist():
        here = chances.data[chances.indptr[i] : chances.indptr[i + 1]]
        result[i] = np.logaddexp(*log_upper_tail(here, observed[i])) - np.log(2)
    large = np.flatnonzero(size > EXACT)
    if len(large):
        each = chances.data[np.repeat(size > EXACT, size)]
        owner = np.repeat(np.arange(len(large)), size[large])
        tails = [_log_saddlepoint(each, owner, observed[large] + more) for more in (0, 1)]
        result[large] = np.logaddexp(*tails) - np.log(2)
    return np.minimum(result, 0.0)


def common_log_odds(chances, observed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The shift of all log odds of a set under which as many events are expected as were seen.

    Parameters
    ----------
    chances, observed
        As :func:`log_mid_p`; none and all are moved by half an event, which keeps the answer finite.

    Returns
    -------
    log_odds, standard_error : (n_sets,) arrays of float
        Natural logarithms; NaN for sets without events.
    """
    chances = sparse.csc_array(chances)
    size = np.diff(chances.indptr)
    owner = np.repeat(np.arange(len(size)), size)
    p = np.clip(chances.data, 1e-12, 1 - 1e-12)
    logit = np.log(p) - np.log1p(-p)
    target = np.clip(observed, 0.5, np.maximum(size - 0.5, 0.5))
    log_odds = _tilt(logit, owner, np.where(size > 0, target, 0.0))
    there = _logistic(logit + log_odds[owner])
    information = np.bincount(owner, weights=there * (1 - there), minlength=len(size))
    known = size > 0
    error = np.divide(1.0, np.sqrt(information), out=np.full(len(size), np.nan), where=information > 0)
    return np.where(known, log_odds, np.nan), np.where(known, error, np.nan)


def _log_saddlepoint(p: np.ndarray, owner: np.ndarray, least: np.ndarray) -> np.ndarray:
    """log P(at least `least` events) of each set; `owner` is the set of each probability, in order."""

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(owner, weights=values, minlength=len(least))

    certain, possible = total(p >= 1), total(p > 0)
    inner = (least > certain) & (least < possible)
    mean, sd = total(p), np.sqrt(np.maximum(total(p * (1 - p)), TINY))
    target = np.where(inner, least, mean)
    with np.errstate(divide="ignore"):
        log_p, log_not = np.log(p), np.log1p(-p)
    t = _tilt(log_p - log_not, owner, target)
    tilted = _logistic(log_p - log_not + t[owner])
    spread = np.sqrt(total(tilted * (1 - tilted)))
    cumulant = total(np.logaddexp(log_not, log_p + t[owner]))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        w = np.sign(t) * np.sqrt(np.maximum(2 * (t * target - cumulant), 0.0))
        bracket = np.sqrt(np.pi / 2) * erfcx(w / np.sqrt(2)) + 1 / (-np.expm1(-t) * spread) - 1 / w
        tail = -0.5 * w * w - 0.5 * np.log(2 * np.pi) + np.log(bracket)
    # around the mean by Edgeworth's first term
    centre = np.log(0.5 + (0.5 / sd - total(p * (1 - p) * (1 - 2 * p)) / (6 * sd**3)) / np.sqrt(2 * np.pi))
    inside = np.where(np.abs(target - mean) < NEAR_MEAN * sd, centre, tail)
    all_of_them = total(np.where(p > 0, log_p, 0.0))
    outside = np.where(least <= certain, 0.0, np.where(least == possible, all_of_them, -np.inf))
    return np.minimum(np.where(inner, inside, outside), 0.0)


def _tilt(logit: np.ndarray, owner: np.ndarray, target: np.ndarray) -> np.ndarray:
    """What to add to the logits of each set to make its expected number of events `target`, by Newton."""
    t = np.zeros(len(target))
    for _ in range(STEPS):
        tilted = _logistic(logit + t[owner])
        short = target - np.bincount(owner, weights=tilted, minlength=len(t))
        slope = np.bincount(owner, weights=tilted * (1 - tilted), minlength=len(t))
        step = np.clip(short / np.maximum(slope, TINY), -2.0, 2.0)
        t += step
        if np.abs(step).max(initial=0.0) < CLOSE:
            break
    return t


def _logistic(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(x, -700, 700)))
