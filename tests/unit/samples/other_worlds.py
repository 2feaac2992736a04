"""Counts of samples that differ as libraries do, by another law than the tests of the checks themselves use.

Peaks have dispersions of their own that fall with the mean, samples trends in mean, and donors effects in all
peaks; nothing is gamma noise of one shape.
"""

import numpy as np
import pandas as pd


def world(
    seed: int,
    *,
    n: int = 2000,
    k: int = 4,
    donors: int = 0,
    donor_sd: float = 0.3,
    uneven: float = 0.3,
    noisy: float = 1.0,
    swapped: bool = False,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counts and sheet of two groups of `k` samples.

    Parameters
    ----------
    seed : int
    n, k : int
        Peaks, samples a group.
    donors : int
        Sample i of each group is of donor i % donors; 0 for none.
    donor_sd : float
        Of a donor's effect, log2.
    uneven : float
        Sd of the log of depth.
    noisy : float
        Times the dispersion of the first sample.
    swapped : bool
        The first sample of either group has the other's name.
    """
    rng = np.random.default_rng([seed, 7])
    names = [f"{group}{i + 1}" for group in ("ctl", "trt") for i in range(k)]
    sheet = pd.DataFrame({"group": [name[:3] for name in names]}, index=pd.Index(names, name="sample"))
    height = rng.pareto(1.2, n) * 15 + 8
    dispersion = (0.02 + 1.5 / height) * rng.chisquare(6, n) / 6
    change = rng.standard_t(3, n) * 0.4 * (rng.random(n) < 0.2)
    person = rng.normal(0, donor_sd, (max(donors, 1), n))
    counts = {}
    for i, name in enumerate(names):
        log2 = change * (sheet["group"].iloc[i] == "trt")
        if donors:
            log2 = log2 + person[i % k % donors]
        log2 = log2 + rng.normal(0, 0.05) * (np.log2(height) - np.log2(height).mean())
        mean = height * 2.0**log2 * np.exp(rng.normal(0, uneven))
        size = 1 / (dispersion * (noisy if i == 0 else 1.0))
        counts[name] = rng.negative_binomial(size, size / (size + mean))
    if donors:
        sheet["donor"] = [f"p{i % k % donors}" for i in range(2 * k)]
    table = pd.DataFrame(counts).set_axis([f"peak{i}" for i in range(n)])
    if swapped:
        table = table.rename(columns={"ctl1": "trt1", "trt1": "ctl1"})[names]
    return table, sheet


def with_sex(seed: int, males: int, females: int) -> tuple[pd.Series, pd.Series, pd.Series, pd.Series]:
    """Reads on X, Y and elsewhere, and the sex: few peaks on Y, some reads of X that align there."""
    rng = np.random.default_rng([seed, 11])
    sexes = pd.Series(["male"] * males + ["female"] * females)
    depth = np.exp(rng.normal(np.log(5e6), 0.6, len(sexes)))
    male = (sexes == "male").to_numpy()
    on_x = rng.poisson(depth * np.where(male, 0.022, 0.035) * rng.lognormal(0, 0.15, len(sexes)))
    on_y = rng.poisson(depth * np.where(male, 8e-4 * rng.uniform(0.6, 1, len(sexes)), 0) + 2e-4 * on_x)
    return pd.Series(on_x), pd.Series(on_y), pd.Series(rng.poisson(depth * 0.95)), sexes
