"""Whether changed peaks lie near genes or within regions of a set more often than comparable peaks do."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, sparse
from scipy.special import ndtri

from workflow_lib.regions.loci import Loci
from workflow_lib.stats import poisson_binomial
from workflow_lib.stats.multiple_testing import bh

CONFIDENCE = 0.95
SMALLEST_PVALUE = float(np.finfo(float).tiny)
PRIOR_SD = 0.5  # of how loci depart from what independent peaks would do
LEAST = 1e-9  # of a propensity: what never changes is still a member
MOST_NAMED = 100  # genes named in a row


@dataclass(frozen=True)
class Changes:
    """Peaks of a foreground and its background, and how likely each locus is to hold one of the former.

    Attributes
    ----------
    locus : (n_peaks,) array of int
        Of the peaks of both sets, numbered from 0; -1 for others.
    changed : (n_peaks,) array of bool
    hazard : (n_peaks,) array of float
        -log(1 - propensity); 0 for peaks in neither set.
    level, slope : float
        The chance of a locus, or a part of one, whose peaks' hazards add up to h, is
        1 - exp(-exp(level + slope log h)). With 0 and 1 peaks are independent.
    """

    locus: np.ndarray
    changed: np.ndarray
    hazard: np.ndarray
    level: float
    slope: float

    def chance(self, hazard: np.ndarray) -> np.ndarray:
        """Chance of a changed peak among peaks with this sum of hazards."""
        with np.errstate(divide="ignore"):
            return -np.expm1(-np.exp(self.level + self.slope * np.log(hazard)))


def changes(foreground, background, locus: np.ndarray, propensity: np.ndarray) -> Changes:
    """Fit how often loci hold a changed peak.

    Parameters
    ----------
    foreground, background : (n_peaks,) arrays of bool
    locus : (n_peaks,) array of int
        Of :class:`workflow_lib.regions.loci.Loci`.
    propensity : (n_peaks,) array
        Of :func:`workflow_lib.stats.propensity.of`.
    """
    foreground = np.asarray(foreground, dtype=bool)
    used = foreground | np.asarray(background, dtype=bool)
    number = np.full(len(locus), -1)
    number[used] = np.unique(np.asarray(locus)[used], return_inverse=True)[1]
    hazard = np.where(used, -np.log1p(-np.clip(propensity, LEAST, 1 - LEAST)), 0.0)
    sums = np.bincount(number[used], weights=hazard[used])
    seen = np.bincount(number[used], weights=foreground[used]) > 0
    level, slope = _fit(np.log(np.maximum(sums, 1e-12)), seen)
    return Changes(number, foreground & used, np.nan_to_num(hazard), level, slope)


def test(found: Changes, members, sets: pd.DataFrame) -> pd.DataFrame:
    """Test sets of peaks: do more of their loci hold a changed peak than comparable loci do?

    Parameters
    ----------
    found : Changes
    members : (n_peaks, n_sets) sparse matrix
        Which peaks are in which set.
    sets : DataFrame
        What leads the table, a row a set.

    Returns
    -------
    DataFrame
        The columns of `sets`, then n_peaks, n_peaks_changed, n_loci, n_loci_changed, expected (loci changed
        under the null), odds_ratio, ci_low, ci_high, pvalue, log10_pvalue, padj, hypergeometric_pvalue.

    Notes
    -----
    Null: given how many peaks a locus has, and given these peaks' propensities, being in the set does not
    change whether the locus holds a changed peak. The number of such loci is then a sum of independent events
    of known probability, and the p-value its upper-tail mid-p
    (:func:`workflow_lib.stats.poisson_binomial.log_mid_p`). The unit is the locus and not the peak, since
    peaks of one locus change together: a gene in a desert with fifty peaks counts once, and so do two genes
    of a set that share their peaks. Genes with many peaks are expected to have a changed one more often, as
    Welch et al. 2014 (ChIP-Enrich, Nucleic Acids Res 42:e105) do by a curve over locus length. Assumes that
    loci change independently, and propensities that hold what else decides (GC content, mean count, width).

    hypergeometric_pvalue is the test of McLean et al. 2010 (GREAT, Nature Biotechnology 28:495) with the
    tested peaks as its background, for comparison: it takes peaks as independent and alike.
    """
    from scipy.stats import hypergeom  # a second to load, which jobs without sets can spare

    members = sparse.csc_array(members)
    used = found.locus >= 0
    to_locus = sparse.csr_array(
        (np.ones(used.sum()), (found.locus[used], np.flatnonzero(used))),
        shape=(int(found.locus.max(initial=-1)) + 1, len(used)),
    )
    inside = sparse.csc_array(members.astype(bool).astype(float))
    hazard = sparse.csc_array(to_locus @ (sparse.diags_array(found.hazard) @ inside))
    hazard.sort_indices()
    seen = sparse.csc_array(to_locus @ (sparse.diags_array(found.changed.astype(float)) @ inside))
    seen.eliminate_zeros()
    chances = sparse.csc_array((found.chance(hazard.data), hazard.indices, hazard.indptr), shape=hazard.shape)
    table = _tested(chances, np.diff(seen.indptr), sets)
    n_peaks, n_changed = (_sums(inside, each) for each in (used, found.changed))
    table.insert(sets.shape[1], "n_peaks", n_peaks)
    table.insert(sets.shape[1] + 1, "n_peaks_changed", n_changed)
    population, successes = int(used.sum()), int(found.changed.sum())
    tail = hypergeom.logsf(n_changed - 1, population, n_peaks, successes)
    return table.assign(hypergeometric_pvalue=np.maximum(np.exp(tail), SMALLEST_PVALUE))


def of_gene_sets(found: Changes, loci: Loci, genes, sets: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Test sets of genes; see :func:`test`.

    Parameters
    ----------
    found : Changes
    loci : Loci
    genes : (n_genes, n_sets) sparse matrix
        Which genes are in which set.
    sets : DataFrame
    names : sequence of str
        Of the genes.

    Returns
    -------
    DataFrame
        As :func:`test`, then genes: those of the set within whose reach a changed peak lies, separated by
        commas, in gene order, at most `MOST_NAMED`.
    """
    genes = sparse.csc_array(genes)
    table = test(found, loci.genes @ genes, sets)
    near = np.asarray(found.changed.astype(float) @ loci.genes).ravel() > 0
    named = []
    for i in range(genes.shape[1]):
        rows = np.sort(genes.indices[genes.indptr[i] : genes.indptr[i + 1]])
        rows = rows[near[rows]]
        text = ",".join(dict.fromkeys(str(names[row]) for row in rows[:MOST_NAMED]))
        named.append(text + (",..." if len(rows) > MOST_NAMED else ""))
    return table.assign(genes=named)


def _tested(chances: sparse.csc_array, observed: np.ndarray, sets: pd.DataFrame) -> pd.DataFrame:
    size = np.diff(chances.indptr)
    log10p = poisson_binomial.log_mid_p(chances, observed) / np.log(10)
    log10p = np.where(size > 0, log10p, np.nan)
    log_odds, error = poisson_binomial.common_log_odds(chances, observed)
    reach = ndtri(0.5 + CONFIDENCE / 2) * error
    adjusted = bh(log10p, log10=True)
    with np.errstate(over="ignore"):
        return sets.reset_index(drop=True).assign(
            n_loci=size,
            n_loci_changed=observed,
            expected=_sums(chances, np.ones(chances.shape[0])),
            odds_ratio=np.exp(log_odds),
            ci_low=np.exp(log_odds - reach),
            ci_high=np.exp(log_odds + reach),
            pvalue=np.maximum(10.0**log10p, SMALLEST_PVALUE),
            log10_pvalue=log10p,
            padj=np.maximum(10.0**adjusted, SMALLEST_PVALUE),
        )


def _sums(matrix: sparse.csc_array, weights: np.ndarray) -> np.ndarray:
    found = np.asarray(weights.astype(float) @ matrix).ravel()
    return found.round().astype(np.int64) if weights.dtype == bool else found


def _fit(log_hazard: np.ndarray, seen: np.ndarray) -> tuple[float, float]:
    """Level and slope of the complementary log-log model, drawn to 0 and 1 by a normal prior."""
    if not seen.any() or seen.all():
        return 0.0, 1.0

    def cost(b: np.ndarray) -> tuple[float, np.ndarray]:
        rate = np.exp(np.clip(b[0] + b[1] * log_hazard, -30, 30))
        log_chance = np.log(-np.expm1(-rate))
        slope = np.where(seen, -rate / np.expm1(rate), rate)  # of the cost in the linear predictor
        value = -log_chance[seen].sum() + rate[~seen].sum()
        pull = np.array([b[0], b[1] - 1]) / PRIOR_SD**2
        gradient = np.array([slope.sum(), slope @ log_hazard]) + pull
        return float(value + ((b - [0, 1]) ** 2).sum() / (2 * PRIOR_SD**2)), gradient

    best = optimize.minimize(cost, np.array([0.0, 1.0]), jac=True, method="L-BFGS-B")
    return float(best.x[0]), float(best.x[1])
