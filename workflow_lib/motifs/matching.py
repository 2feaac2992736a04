"""A background one can compare with: weights that give other peaks the foreground's composition and depth."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

COMPLEMENT = str.maketrans("ACGT", "TGCA")
CHUNK = 20_000  # sequences whose k-mers are counted in one go: bounds memory

BALANCED = 0.1  # the largest |standardised mean difference| that passes for balanced (Austin 2009)
TARGET = 0.05  # where the search for weights stops
LEAST_EFFECTIVE = 100  # peaks that weights leave if the background has twice as many
RIDGE = 0.25 ** np.arange(-3, 11)  # from weights almost even to weights almost free
MOST_STEPS = 50
TOLERANCE = 1e-10


def kmers(k: int) -> list[str]:
    """k-mers in alphabetical order, of each and its reverse complement the first only."""
    words = [""]
    for _ in range(k):
        words = [word + base for word in words for base in "ACGT"]
    return [word for word in words if word <= _reverse_complement(word)]


def composition(sequences: Sequence[str]) -> pd.DataFrame:
    """Base and k-mer content of sequences, both strands taken together.

    Parameters
    ----------
    sequences : sequence of str
        Upper case; k-mers with a letter other than A, C, G, T are left out.

    Returns
    -------
    DataFrame
        A row a sequence: `gc`, the share of G and C (the 1-mers, both strands together), and `kmer_AA`,
        `kmer_AC`, ... the shares of the 10 canonical 2-mers and 32 canonical 3-mers among all of their
        length. NaN where a sequence has none.
    """
    names = {k: kmers(k) for k in (1, 2, 3)}
    columns = ["gc", *(f"kmer_{word}" for k in (2, 3) for word in names[k])]
    shares = np.empty((len(sequences), len(columns)))
    for first in range(0, len(sequences), CHUNK):
        part = sequences[first : first + CHUNK]
        counts = _kmer_counts(part)
        blocks = []
        for k, words in names.items():
            folded = counts[k] @ _folding(k, words)
            total = folded.sum(axis=1, keepdims=True)
            blocks.append(np.divide(folded, total, out=np.full(folded.shape, np.nan), where=total > 0))
        shares[first : first + len(part)] = np.hstack([blocks[0][:, 1:], *blocks[1:]])
    return pd.DataFrame(shares, columns=columns)


def covariates(
    sequences: Sequence[str],
    width: Sequence[int] | None = None,
    mean_count: Sequence[float] | None = None,
) -> pd.DataFrame:
    """What a motif's occurrence may follow without its factor being at work.

    Parameters
    ----------
    sequences : sequence of str
        Of each peak, as they were scanned.
    width : (n_peaks,) int, optional
        Of the peaks, in bp.
    mean_count : (n_peaks,) float, optional
        Mean normalised count of each peak.

    Returns
    -------
    DataFrame
        A row a peak: gc, gc_squared, where given width, log_mean_count (natural, of the count plus one) and
        its square, then the k-mers of :func:`composition`. The squares, of the distance from the mean, let
        weights match the spread as well: CpG-rich motifs do not follow GC content in a straight line.
    """
    table = composition(sequences)
    gc = table["gc"]
    leading = {"gc": gc, "gc_squared": (gc - gc.mean()) ** 2}
    if width is not None:
        leading["width"] = pd.Series(np.asarray(width, dtype=float))
    if mean_count is not None:
        logged = pd.Series(np.log1p(np.asarray(mean_count, dtype=float)))
        leading |= {"log_mean_count": logged, "log_mean_count_squared": (logged - logged.mean()) ** 2}
    return pd.DataFrame(leading).join(table.drop(columns="gc"))


def weights(covariates: pd.DataFrame, foreground, background) -> np.ndarray:
    """Weights of background peaks under which their mean of every covariate is near the foreground's.

    Parameters
    ----------
    covariates : (n_peaks, n_covariates) DataFrame
        NaN in a background peak gives it weight 0, in a foreground peak leaves it out of the means.
    foreground, background : (n_peaks,) arrays of bool

    Returns
    -------
    (n_peaks,) array of float
        0 outside the background, mean 1 inside it (over peaks without NaN). All equal where either set is
        empty.

    Notes
    -----
    Entropy balancing (Hainmueller 2012) with a ridge, since near balance serves better than exact (Wang and
    Zubizarreta 2020): weights are proportional to exp(x' b), where b minimises
    log mean exp((x - m)' b) + r |b|^2 / 2, with m the foreground's means and x in the standard deviations
    that :func:`balance` uses. At the minimum every standardised difference is r |b_j|. The ridge r goes down
    by fours from 64 until none exceeds 0.05, or until the weights would leave fewer effective peaks than
    :func:`least_effective`. Newton's method; the problem is convex, so nothing depends on start or chance.

    References
    ----------
    Hainmueller 2012, Political Analysis 20:25. Wang and Zubizarreta 2020, Biometrika 107:93. GC and k-mers:
    Heinz et al. 2010, Molecular Cell 38:576 (HOMER); Machlab et al. 2022, Bioinformatics 38:2624 (monaLisa).
    """
    values, fg, bg = _complete(covariates, foreground, background)
    result = np.zeros(len(values))
    result[bg] = 1.0
    if not fg.any() or bg.sum() < 2:
        return result
    scale = _scale(values, fg, bg)
    used = scale > 0
    x = (values[np.ix_(bg, used)] - values[np.ix_(fg, used)].mean(axis=0)) / scale[used]
    least = least_effective(int(fg.sum()), int(bg.sum()))
    slopes = np.zeros(x.shape[1])
    best = np.full(len(x), 1 / len(x))
    for ridge in RIDGE:
        slopes = _balanced(x, ridge, slopes)
        share = _shares(x @ slopes)
        if effective_size(share) < least:
            break
        best = share
        if np.abs(share @ x).max(initial=0.0) <= TARGET:
            break
    result[bg] = best * len(x)
    return result


def balance(covariates: pd.DataFrame, foreground, background, weights) -> pd.DataFrame:
    """How far foreground and background differ in each covariate, before and after weighting.

    Returns
    -------
    DataFrame
        A row a covariate: feature; smd_before, smd_after: foreground mean less background mean over the root
        of the mean of both (unweighted) variances, so that before and after have one unit, 0 where nothing
        varies, NA with an empty set; foreground_mean, background_mean, weighted_mean; and, the same in all
        rows, n_foreground, n_background, n_effective (Kish 1965). Peaks without known bases are left out.
    """
    values, fg, bg = _complete(covariates, foreground, background)
    share = np.where(bg, np.asarray(weights, dtype=float), 0.0)
    table = pd.DataFrame({"feature": covariates.columns.to_numpy()})
    if fg.any() and share.sum() > 0:
        scale = _scale(values, fg, bg)
        means = values[fg].mean(axis=0), values[bg].mean(axis=0), share @ values / share.sum()
        for name, mean in (("smd_before", means[1]), ("smd_after", means[2])):
            gap = means[0] - mean
            table[name] = np.divide(gap, scale, out=np.zeros_like(gap), where=scale > 0)
        table = table.assign(foreground_mean=means[0], background_mean=means[1], weighted_mean=means[2])
    else:
        names = ["smd_before", "smd_after", "foreground_mean", "background_mean", "weighted_mean"]
        table[names] = np.nan
    return table.assign(
        n_foreground=int(fg.sum()), n_background=int(bg.sum()), n_effective=effective_size(share)
    )


def least_effective(n_foreground: int, n_background: int) -> float:
    """Effective peaks that weights must leave: those of the foreground, or 100; at most half the background.

    Below that the background, not the foreground, would decide what can be seen; and the means of a small
    foreground are mostly chance, which is not worth matching.
    """
    return min(max(n_foreground, LEAST_EFFECTIVE), n_background / 2)


def worst(balance: pd.DataFrame) -> tuple[float, float]:
    """Largest absolute standardised mean difference before and after; NaN if there is none."""
    return float(balance["smd_before"].abs().max()), float(balance["smd_after"].abs().max())


def effective_size(weights: np.ndarray) -> float:
    """Kish's number of peaks that weights amount to, (sum w)^2 / sum w^2; 0 if all weights are 0.

    References
    ----------
    Kish 1965, Survey Sampling, Wiley.
    """
    highest = weights.max(initial=0.0)
    if highest == 0:
        return 0.0
    scaled = weights / highest  # the squares of tiny weights would be lost, those of huge ones endless
    return float(scaled.sum() ** 2 / (scaled**2).sum())


def _balanced(x: np.ndarray, ridge: float, slopes: np.ndarray) -> np.ndarray:
    """The minimum of log mean exp(x b) + ridge |b|^2 / 2, by damped Newton steps from `slopes`."""
    height = _height(x, ridge, slopes)
    for _ in range(MOST_STEPS):
        share = _shares(x @ slopes)
        mean = share @ x
        gradient = mean + ridge * slopes
        if np.abs(gradient).max(initial=0.0) < TOLERANCE:
            break
        curvature = (x * share[:, None]).T @ x - np.outer(mean, mean) + ridge * np.eye(len(slopes))
        step = np.linalg.solve(curvature, gradient)
        length = 1.0
        while length > 1e-6:
            lower = _height(x, ridge, slopes - length * step)
            if lower <= height - 1e-4 * length * (gradient @ step):
                break
            length /= 2
        else:
            break  # nothing left to gain but rounding
        slopes, height = slopes - length * step, lower
    return slopes


def _height(x, ridge, slopes) -> float:
    exponent = x @ slopes
    highest = exponent.max()
    return float(highest + np.log(np.exp(exponent - highest).mean()) + ridge / 2 * slopes @ slopes)


def _shares(exponent: np.ndarray) -> np.ndarray:
    """exp of the exponents, scaled to add up to 1."""
    raised = np.exp(exponent - exponent.max())
    return raised / raised.sum()


def _scale(values, foreground, background) -> np.ndarray:
    """Root of the mean of both sets' variances; exactly 0 for what does not vary."""
    scale = np.sqrt((values[foreground].var(axis=0) + values[background].var(axis=0)) / 2)
    everywhere = values[foreground | background]
    return np.where(np.ptp(everywhere, axis=0) > 1e-12 * np.abs(everywhere).max(axis=0), scale, 0.0)


def _complete(covariates, foreground, background) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, and both sets without peaks in which a value is unknown; in both sets means foreground."""
    values = covariates.to_numpy(dtype=float)
    known = np.isfinite(values).all(axis=1)
    foreground, background = np.asarray(foreground, dtype=bool), np.asarray(background, dtype=bool)
    if foreground.shape != known.shape or background.shape != known.shape:
        raise ValueError(f"foreground and background must be {len(known)} booleans, one a peak")
    return np.where(known[:, None], values, 0.0), foreground & known, background & known & ~foreground


def _kmer_counts(sequences: Sequence[str]) -> dict[int, np.ndarray]:
    """Number of each k-mer (k = 1, 2, 3; alphabetical) on the plus strand of each sequence."""
    codes = np.full(256, 4, dtype=np.int64)
    codes[[ord(base) for base in "ACGT"]] = range(4)
    text = np.frombuffer("N".join([*sequences, ""]).encode("ascii", "replace"), dtype=np.uint8)
    base = codes[text]
    row = np.repeat(np.arange(len(sequences)), [len(sequence) + 1 for sequence in sequences])
    counts = {}
    for k in (1, 2, 3):
        n = max(len(base) - k + 1, 0)
        word, known = np.zeros(n, dtype=np.int64), np.ones(n, dtype=bool)
        for i in range(k):
            word = 4 * word + base[i : i + n]
            known &= base[i : i + n] < 4
        cell = row[:n][known] * 4**k + word[known]
        counts[k] = np.bincount(cell, minlength=len(sequences) * 4**k).reshape(len(sequences), 4**k)
    return counts


def _folding(k: int, canonical: list[str]) -> np.ndarray:
    """Matrix that adds the counts of each k-mer and its reverse complement, all k-mers by canonical ones."""
    words = [""]
    for _ in range(k):
        words = [word + base for word in words for base in "ACGT"]
    column = {word: i for i, word in enumerate(canonical)}
    folding = np.zeros((len(words), len(canonical)))
    for i, word in enumerate(words):
        folding[i, column[min(word, _reverse_complement(word))]] = 1
    return folding


def _reverse_complement(word: str) -> str:
    return word.translate(COMPLEMENT)[::-1]
