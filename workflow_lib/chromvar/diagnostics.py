"""Do z-scores follow depth, share of reads in peaks or GC content, rather than biology?"""

from collections.abc import Mapping
from itertools import permutations, product
from math import factorial, prod
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtr

from workflow_lib.stats.multiple_testing import bh

MIN_SAMPLES = 4
"""With fewer, a correlation over samples says nothing: three points lie near a line by chance."""

MOST_PERMUTATIONS = 1000
FACTORS = {"log10_depth": "depth", "frip": "share of reads in peaks", "gc": "GC content"}
MEASURES = [
    *("median_abs_rho", "share_nominal", "variance_explained", "expected", "pvalue", "padj"),
    *("within_explained", "within_expected", "within_pvalue", "r2_pc1", "r2_group", "pc1_share"),
]


class Technical(NamedTuple):
    """`factors`: a row a factor; `samples`: a row a sample, with the factors and the samples' scores."""

    factors: pd.DataFrame
    samples: pd.DataFrame


def sample_factors(counts: pd.DataFrame, gc: np.ndarray, frip: Mapping[str, float] | None) -> pd.DataFrame:
    """Technical measures of each sample.

    Parameters
    ----------
    counts : (n_peaks, n_samples) DataFrame
    gc : (n_peaks,) array, NaN where unknown
    frip : mapping of sample to share of reads in peaks, if known

    Returns
    -------
    DataFrame indexed by sample
        log10_depth (of all counts in peaks), frip, gc (mean of the peaks' GC over counts); NaN where unknown.
    """
    values = counts.to_numpy(float)
    known = np.isfinite(gc)
    depth, strong = values.sum(axis=0), np.asarray(gc, float)[known] @ values[known]
    table = pd.DataFrame(index=counts.columns.rename("sample"))
    with np.errstate(divide="ignore", invalid="ignore"):  # samples without a count: missing
        table["log10_depth"] = np.where(depth > 0, np.log10(depth), np.nan)
        table["frip"] = pd.Series(frip if frip is not None else {}, dtype=float).reindex(table.index)
        table["gc"] = strong / values[known].sum(axis=0)
    return table


def technical(zscores: pd.DataFrame, factors: pd.DataFrame, groups: pd.Series, seed: int = 0) -> Technical:
    """How much of the z-scores' variation over samples each technical factor can explain.

    Every motif's z-scores are regressed on the factor. The share of all motifs' variation that it explains
    is compared with that of permuted samples: all permutations where these are few, else random ones. A motif
    is correlated with thousands of others, but they are permuted together. Null: the samples' factor is
    unrelated to their z-scores. With six samples any factor explains a fifth on average. A factor that
    differs between the groups cannot be separated from them: `r2_group` says how far it does. Therefore
    the same is asked of what is left within groups, samples permuted within theirs.

    Parameters
    ----------
    zscores : (n_motifs, n_samples) DataFrame
        Motifs with a missing score in a sample with any score are left out.
    factors : DataFrame indexed by sample
        As :func:`sample_factors`.
    groups : Series indexed by sample
    seed : int
        Of random permutations, for seven samples or more.

    Returns
    -------
    factors : DataFrame
        factor, n_samples, n_motifs, median_abs_rho (Spearman), share_nominal (share of motifs whose
        correlation, Pearson's, has p < 0.05), variance_explained, expected (its mean over permutations),
        r2_pc1 (of the first principal component of the samples' z-scores), r2_group, pvalue, padj (BH),
        within_explained, within_expected, within_pvalue (within groups; within_expected is one over the
        degrees of freedom left, the mean over permutations if all groups vary alike), pc1_share (of the
        variation). NaN
        with fewer than MIN_SAMPLES samples or where the factor is unknown or constant.
    samples : DataFrame
        sample, group, the factors, rms_z (root mean square of z over motifs), pc1.
    """
    scored = zscores.loc[:, zscores.notna().any()]
    scored = scored.dropna()
    z = scored.to_numpy(float)
    centred = z - z.mean(axis=1, keepdims=True) if z.size else z
    pc1, share = _first_component(centred)
    table = factors.reindex(zscores.columns).rename_axis("sample")
    table.insert(0, "group", groups.reindex(table.index).astype(str))
    table["rms_z"] = np.sqrt((scored**2).mean()).reindex(table.index) if len(scored) else np.nan
    table["pc1"] = pd.Series(pc1, scored.columns).reindex(table.index)
    rows = []
    for name in factors.columns:
        found = table.loc[scored.columns]
        known = found[name].notna().to_numpy()
        rows.append({"factor": name, "n_samples": int(known.sum()), "n_motifs": len(scored)})
        values = found.loc[known, name].to_numpy(float)
        if known.sum() >= MIN_SAMPLES and len(scored) and np.ptp(values) > 1e-12 * np.abs(values).max():
            part = z[:, known] - z[:, known].mean(axis=1, keepdims=True)
            if (part**2).sum() > 0:
                rows[-1] |= _explained(values, part, pc1[known], found.loc[known, "group"], seed)
    result = pd.DataFrame(rows, columns=["factor", "n_samples", "n_motifs", *MEASURES])
    result["padj"] = bh(result["pvalue"])
    result["pc1_share"] = share
    return Technical(result, table.reset_index())


def _explained(
    values: np.ndarray, z: np.ndarray, pc1: np.ndarray, groups: pd.Series, seed: int
) -> dict[str, float]:
    """One factor's row; z is centred."""
    n = len(values)
    unit = _unit(values)
    squares = (z**2).sum(axis=1)
    varying = squares > 0
    r = np.abs(z[varying] @ unit) / np.sqrt(squares[varying])
    t = r * np.sqrt((n - 2) / np.maximum(1 - r**2, 1e-15))
    ranks = pd.DataFrame(z[varying]).rank(axis=1).to_numpy()
    ranks -= ranks.mean(axis=1, keepdims=True)
    rho = np.abs(ranks @ _unit(pd.Series(values).rank().to_numpy())) / np.sqrt((ranks**2).sum(axis=1))
    levels = groups.to_numpy()
    one = np.zeros(n, dtype=int)
    explained, pvalue = _against_permutations(values, z, one, seed)
    within, within_pvalue = _against_permutations(values, z, levels, seed)
    left = n - len(np.unique(levels))
    return {
        "median_abs_rho": float(np.median(rho)),
        "share_nominal": float((2 * stdtr(n - 2, -t) < 0.05).mean()),
        "variance_explained": explained,
        "expected": 1 / (n - 1),
        "pvalue": pvalue,
        "within_explained": within,
        "within_expected": 1 / left if left else np.nan,
        "within_pvalue": within_pvalue,
        "r2_pc1": float((unit @ _unit(pc1)) ** 2),
        "r2_group": float(1 - (_centred(unit, levels) ** 2).sum()),
    }


def _against_permutations(
    values: np.ndarray, z: np.ndarray, groups: np.ndarray, seed: int
) -> tuple[float, float]:
    """Share of z's variation within groups that the factor explains, and the share of permutations with more.

    NaN where the factor or z does not vary within groups.
    """
    x, z = _centred(values, groups), _centred(z, groups)
    length, whole = np.linalg.norm(x), (z**2).sum()
    if length <= 1e-9 * np.abs(values).max() or not whole:
        return np.nan, np.nan
    # Variation explained by x is x'Sx, with S the samples' products over all motifs.
    products, x = z.T @ z / whole, x / length
    permuted = x[_orders(groups, seed)]
    observed = float(x @ products @ x)
    explained = np.einsum("ks,st,kt->k", permuted, products, permuted)
    return observed, float((explained >= observed * (1 - 1e-9)).mean())  # the observed order is among them


def _orders(groups: np.ndarray, seed: int) -> np.ndarray:
    """Permutations of samples within their groups, the identity first: all of them, or a random sample."""
    members = [np.flatnonzero(groups == level) for level in pd.unique(groups)]
    if prod(factorial(len(rows)) for rows in members) <= MOST_PERMUTATIONS:
        found = [np.concatenate(parts) for parts in product(*map(permutations, members))]
    else:
        rng = np.random.default_rng(seed)
        found = [np.concatenate(members)]
        found += [
            np.concatenate([rng.permutation(rows) for rows in members]) for _ in range(MOST_PERMUTATIONS - 1)
        ]
    orders = np.empty((len(found), len(groups)), dtype=int)
    orders[:, np.concatenate(members)] = found
    return orders


def _centred(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Less the mean of each group, along the last axis."""
    left = np.array(values, dtype=float)
    for level in pd.unique(groups):
        rows = groups == level
        left[..., rows] -= left[..., rows].mean(axis=-1, keepdims=True)
    return left


def _unit(values: np.ndarray) -> np.ndarray:
    """Centred, and of length 1; zeros if constant."""
    centred = values - values.mean()
    length = np.linalg.norm(centred)
    return centred / length if length > 0 else centred


def _first_component(centred: np.ndarray) -> tuple[np.ndarray, float]:
    """Scores of the samples on the first principal component of motifs, and its share of the variance."""
    if not centred.size or not (centred**2).sum():
        return np.zeros(centred.shape[1]), np.nan
    values, vectors = np.linalg.eigh(centred.T @ centred)
    scores = vectors[:, -1] * np.sqrt(max(values[-1], 0.0) / len(centred))
    largest = scores[np.argmax(np.abs(scores))]
    return scores * np.sign(largest), float(values[-1] / values.sum())
