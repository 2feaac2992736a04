"""DESeq2's negative binomial model, fitted once to all samples for any number of questions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd

from workflow_lib import beside
from workflow_lib.differential import dataset
from workflow_lib.differential import size_factors as factors
from workflow_lib.errors import InputError
from workflow_lib.stats import designs

SizeFactors: TypeAlias = pd.Series | Mapping[str, float] | Sequence[float] | np.ndarray
Offsets: TypeAlias = pd.DataFrame | np.ndarray


@dataclass(frozen=True, eq=False)
class Fit:
    """A model fitted to all samples; :func:`workflow_lib.differential.contrast` asks it questions.

    Attributes
    ----------
    samples : DataFrame
        The sheet, indexed by sample.
    design : str
    counts : (n_peaks, n_samples) DataFrame
        All peaks, columns as the sheet.
    size_factors : Series
    factors : (n_peaks, n_samples) or (1, n_samples) array
        What counts are divided by: size factors, times exp(offsets) if there are any.
    matrix : (n_samples, n_coefficients) DataFrame
        Of :func:`workflow_lib.stats.designs.conditioned`: covariates centred and scaled.
    tested : (n_peaks,) array of bool
        Peaks with enough counts to be fitted.
    in_filter : (n_peaks,) array of bool
        Peaks whose mean independent filtering looks at.
    data : DataSet or None
        None where no peak could be fitted or no residual degree of freedom is left.
    """

    samples: pd.DataFrame
    design: str
    counts: pd.DataFrame
    size_factors: pd.Series
    factors: np.ndarray
    matrix: pd.DataFrame
    tested: np.ndarray
    in_filter: np.ndarray
    data: dataset.DataSet | None

    @property
    def base_mean(self) -> np.ndarray:
        """Mean normalised count of all peaks, after replacement of outliers."""
        means = (self.counts.to_numpy() / self.factors).mean(axis=1)
        if self.data is not None:
            means[self.tested] = self.data.var["_normed_means"].to_numpy()
        return means

    @property
    def dispersions(self) -> pd.DataFrame:
        """Tested peaks: peak, baseMean, dispersion gene-wise, of the trend, MAP, and as used; outlier."""
        if self.data is None:
            return pd.DataFrame(columns=["peak", "baseMean", "genewise", "trend", "map", "used", "outlier"])
        var = self.data.var
        return pd.DataFrame(
            {
                "peak": var.index.to_numpy(),
                "baseMean": var["_normed_means"].to_numpy(),
                "genewise": var["genewise_dispersions"].to_numpy(),
                "trend": var["fitted_dispersions"].to_numpy(),
                "map": var["MAP_dispersions"].to_numpy(),
                "used": var["dispersions"].to_numpy(),
                "outlier": var["_outlier_genes"].to_numpy(),
            }
        )


def fit(
    counts: pd.DataFrame,
    samples: pd.DataFrame,
    design: str,
    *,
    reference: Mapping[str, str] | None = None,
    size_factors: SizeFactors | None = None,
    offsets: Offsets | None = None,
    min_count: int = 0,
    dispersion_trend: str = "parametric",
) -> Fit:
    """Fit dispersions and coefficients once, for any number of contrasts.

    Parameters
    ----------
    counts, samples, design, size_factors, offsets
        As :func:`workflow_lib.differential.test`.
    reference : mapping of column to level, optional
        Baselines; p-values depend on them by less than 1 in 1,000, as the fit stops at a tolerance.
    min_count : int
        Peaks with fewer counts in all samples together are not fitted.
    dispersion_trend : str
        `parametric` (turning local where that fails, as in R) or `local`.

    Returns
    -------
    Fit

    Raises
    ------
    InputError
        For samples that the counts lack, counts that are not non-negative integers, a sample without counts,
        size factors that are missing or not positive, offsets that do not fit the counts, or a design that
        the samples cannot answer.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from workflow_lib import differential
    >>> samples = pd.DataFrame({"group": ["control"] * 3 + ["treated"] * 3}, index=list("abcdef"))
    >>> rng = np.random.default_rng(1)
    >>> means = np.full((200, 6), 100.0)
    >>> means[:5, 3:] = 400  # five peaks open in the last three samples
    >>> counts = pd.DataFrame(rng.poisson(means), index=[f"p{i}" for i in range(200)], columns=samples.index)
    >>> fitted = differential.fit(counts, samples, "~ group")
    >>> contrast = {"variable": "group", "experiment": "treated", "control": "control"}
    >>> len(differential.contrast(fitted, contrast))
    200
    """
    counts = _checked(counts, samples)
    designs.refuse_confounded(designs.matrix(samples, design, reference), design)
    matrix, _ = designs.conditioned(samples, design, reference)
    totals = counts.to_numpy().sum(axis=1)
    tested = totals >= max(min_count, 1)
    in_filter = totals >= min_count
    logs = _offsets(offsets, counts)
    if logs is not None and size_factors is None:
        logs = logs - logs.mean(axis=1, keepdims=True)
    seen = tested if tested.any() else np.ones(len(counts), dtype=bool)
    left = counts.loc[seen] if logs is None else counts.loc[seen] / np.exp(logs[seen])
    chosen = _chosen(size_factors, left)
    factors = chosen.to_numpy()[None, :] * (1.0 if logs is None else np.exp(logs))
    data = None
    if tested.any() and len(matrix) > matrix.shape[1]:
        own = None if logs is None else factors[tested]
        data = dataset.fitted(counts.loc[tested], samples, matrix, chosen, dispersion_trend, own)
    return Fit(samples, design, counts, chosen, factors, matrix, tested, in_filter, data)


def _checked(counts: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    """The sheet's columns of the counts, which must be non-negative integers."""
    absent = samples.index.difference(counts.columns)
    if len(absent):
        raise InputError(f"count matrix: no column for sample {', '.join(map(str, absent))}")
    counts = counts[list(samples.index)]
    try:
        values = counts.to_numpy(dtype=float)
    except ValueError as error:
        raise InputError(f"count matrix: {error}; counts are non-negative integers") from error
    with np.errstate(invalid="ignore"):
        bad = ~(np.isfinite(values) & (values >= 0) & (values == np.round(values)))
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise InputError(
            f"count matrix: peak {counts.index[row]}, sample {counts.columns[column]}: "
            f"{values[row, column]:g} is not a non-negative integer"
        )
    empty = counts.columns[(values == 0).all(axis=0)]
    if len(empty):
        raise InputError(
            f"sample {', '.join(map(str, empty))}: no count in any peak; leave it out of the sample sheet"
        )
    return counts


def _chosen(given: SizeFactors | None, counts: pd.DataFrame) -> pd.Series:
    """Size factors as a Series in the order of the samples."""
    if given is None:
        return factors.ratio(counts)
    names = counts.columns
    if isinstance(given, pd.Series | Mapping):
        chosen = pd.Series(given, dtype=float).reindex(names)
    elif len(given) != len(names):
        raise InputError(f"{len(given)} size factors for {len(names)} samples; give one for each")
    else:
        chosen = pd.Series(np.asarray(given, dtype=float), index=names)
    bad = ~(np.isfinite(chosen) & (chosen > 0))
    if bad.any():
        raise InputError(
            f"sample {names[bad][0]}: size factor {chosen[bad].iloc[0]:g} is not a positive number"
        )
    return chosen


def _offsets(given: Offsets | None, counts: pd.DataFrame) -> np.ndarray | None:
    """Offsets as an array with the rows and columns of the counts."""
    if given is None:
        return None
    if isinstance(given, pd.DataFrame):
        absent = counts.columns.difference(given.columns)
        if len(absent):
            raise InputError(f"offsets: no column for sample {absent[0]}")
        given = beside.aligned(given[counts.columns], counts.index, "offsets")
    values = np.asarray(given, dtype=float)
    if values.shape != counts.shape:
        raise InputError(
            f"offsets: {' x '.join(map(str, values.shape))} values for {len(counts)} peaks x "
            f"{counts.shape[1]} samples; give one for each count"
        )
    if not np.isfinite(values).all():
        row, column = np.argwhere(~np.isfinite(values))[0]
        raise InputError(
            f"offsets: peak {counts.index[row]}, sample {counts.columns[column]}: "
            f"{values[row, column]:g} is no number"
        )
    return values
