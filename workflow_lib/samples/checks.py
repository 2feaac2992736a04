"""What samples as wholes give away: a noisy one, structure that the sheet does not name, sex, and swaps.

All of it is a note in the section on samples; nothing is left out or refused.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from workflow_lib import beside
from workflow_lib.stats import levels, units

NOISY = 1.5
"""Times the median noise of the other samples from which on a sample is named."""
LEAST_MEAN = 10.0
MOST_PEAKS = 5000
CLEAR = 0.6
"""Share of samples that are nearest their own set before one that is not is called odd: a swap of two donors
with two samples each leaves this of five donors."""
MALE, FEMALE = 0.25, 0.05
"""Reads on Y relative to the samples that have most: at least, and at most."""
LEAST_Y = 50
"""Reads on Y, in the sample with most, without which nothing is said of sex."""
NO_MALE = 0.006
"""Reads on Y over those on X, in the samples with most, below which all samples are female."""
DRAWS = 100
BEYOND = 1.25
"""Times the largest share by chance from which on a pattern is named: depths that differ make small ones."""
MARGIN = 0.05
"""Differences of correlation that say nothing."""
COLUMNS = ["check", "sample", "value", "reference", "verdict", "sentence"]


def thinned(counts: pd.DataFrame, size_factors: pd.Series, seed: int) -> pd.DataFrame:
    """Counts as if every sample were as deep as the shallowest: each read stays with the same chance.

    A shallow sample is noisier by its counts alone, and what all of them share of that noise is no structure.
    With depths that differ tenfold and nothing else wrong, 60 % of studies had a noisy sample named.

    Parameters
    ----------
    counts : (n_peaks, n_samples) DataFrame of int
    size_factors : Series indexed by sample
    seed : int
    """
    depth = size_factors.reindex(counts.columns).to_numpy(float)
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        rng.binomial(counts.to_numpy(np.int64), np.minimum(depth.min() / depth, 1.0)),
        index=counts.index,
        columns=counts.columns,
    )


def log_values(counts: pd.DataFrame, size_factors: pd.Series) -> pd.DataFrame:
    """log2 normalised counts, 1 added, of the `MOST_PEAKS` peaks with most, of mean `LEAST_MEAN` or more."""
    normed = counts / size_factors.reindex(counts.columns).to_numpy()
    mean = normed.mean(axis=1)
    chosen = mean[mean >= LEAST_MEAN].nlargest(MOST_PEAKS).index
    return np.log2(normed.loc[counts.index.isin(chosen)] + 1)


def noise(values: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """How far each sample lies from the others of its group, and whether one is far noisier than the rest.

    Parameters
    ----------
    values : (n_peaks, n_samples) DataFrame
        Of :func:`log_values`.
    groups : Series indexed by sample

    Returns
    -------
    DataFrame
        Rows as `COLUMNS`: value is the sample's own noise, reference the median of the other samples' values.
        Samples without another in their group are left out; nothing is named among fewer than four.

    Notes
    -----
    The squared difference of two samples of a group (median absolute difference, less the median difference)
    is the sum of both samples' squared noises, so least squares over all pairs give each its own, whatever
    the others are like. Of two samples both have half.
    """
    distance: dict[str, float] = {}
    for _, names in groups.reindex(values.columns).groupby(groups):
        members = list(names.index)
        if len(members) < 2 or not len(values):
            continue
        squared = np.zeros((len(members), len(members)))
        for i, j in zip(*np.triu_indices(len(members), 1), strict=True):
            off = values[members[i]] - values[members[j]]
            squared[i, j] = squared[j, i] = float((off - off.median()).abs().median()) ** 2
        n, total = len(members), squared.sum() / 2
        own = squared.sum(axis=1) / 2 if n == 2 else (squared.sum(axis=1) - total / (n - 1)) / (n - 2)
        distance |= dict(zip(members, np.sqrt(np.maximum(own, 0.0)), strict=True))
    rows = []
    for sample in [name for name in values if name in distance]:
        value, rest = float(distance[sample]), [other for name, other in distance.items() if name != sample]
        usual = float(np.median(rest)) if len(rest) >= 3 else np.nan
        noisy = usual > 0 and value > NOISY * usual
        said = (
            f"{sample} is noisier than the other samples: the median region lies {value:.2f} log₂ off, in "
            f"them {usual:.2f}."
        )
        rows.append(("noise", sample, value, usual, "note" if noisy else "ok", said if noisy else ""))
    return _without_partners(pd.DataFrame(rows, columns=COLUMNS), groups)


def _without_partners(table: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """Where all of a group are noisy the fault cannot be laid on one."""
    noisy = table[table["verdict"] == "note"]
    for group, names in noisy.groupby(noisy["sample"].map(groups))["sample"]:
        if len(names) == int((table["sample"].map(groups) == group).sum()):
            who = " and ".join(names)
            said = f"{who} ({group}) differ more among themselves than samples of other groups do."
            table.loc[names.index, "sentence"] = said
    return table


def leaving_out(
    table: pd.DataFrame, called: Callable[[list[str]], Mapping[str, tuple[int, int]]]
) -> pd.DataFrame:
    """Add to the sentence of each noisy sample what leaving it out changes.

    Parameters
    ----------
    table : DataFrame
        Of :func:`noise`.
    called : callable
        Takes samples to leave out; gives, for each contrast, regions called with them and without.
    """
    table = table.copy()
    for at in table.index[table["verdict"] == "note"]:
        numbers = called([table.loc[at, "sample"]])
        told = "; ".join(
            f"{name}: {now:,} regions instead of {before:,}" for name, (before, now) in numbers.items()
        )
        if told:
            table.loc[at, "sentence"] += f" Without it: {told}."
    return table


def structure(values: pd.DataFrame, matrix: np.ndarray, covariates: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The largest component of what the design leaves, and what it goes with.

    Parameters
    ----------
    values : (n_peaks, n_samples) DataFrame
        Of :func:`log_values`.
    matrix : (n_samples, n_coefficients) array
        Design matrix.
    covariates : DataFrame indexed by sample
        Columns of the sheet, and technical numbers, to compare it with.
    seed : int

    Returns
    -------
    DataFrame
        One row as `COLUMNS`, or none with fewer than four residual degrees of freedom: value is the
        component's share of the residual variance, reference the largest of `DRAWS` draws in which each
        peak's residuals change signs and places by themselves (parallel analysis; Buja & Eyuboglu 1992).
    """
    basis, _ = np.linalg.qr(matrix)
    freedom = len(matrix) - np.linalg.matrix_rank(matrix)
    if freedom < 4 or len(values) < 50:
        return pd.DataFrame(columns=COLUMNS)
    left = values.to_numpy() - (values.to_numpy() @ basis) @ basis.T
    _, size, vt = np.linalg.svd(left, full_matrices=False)
    share = float(size[0] ** 2 / (size**2).sum())
    rng = np.random.default_rng(seed)
    null = np.linalg.svd(basis, full_matrices=True)[0][
        :, basis.shape[1] :
    ]  # rotations within the residual space
    free, drawn = left @ null, []
    for _ in range(DRAWS):
        turned = np.sign(rng.normal(size=free.shape)) * rng.permuted(free, axis=1)
        spectrum = np.linalg.svd(turned, compute_uv=False)
        drawn.append(float(spectrum[0] ** 2 / (spectrum**2).sum()))
    usual = max(drawn)
    said = ""
    if share > BEYOND * usual:
        score = pd.Series(vt[0], index=values.columns)
        with_what = strongest(score, covariates)
        extreme = score.abs().nlargest(max(1, round(len(score) / 6))).index
        said = (
            f"Beyond the design, one pattern makes {share:.0%} of the variation between samples (at most "
            f"{usual:.0%} by chance). "
        )
        if with_what:
            said += f"It goes with {with_what}."
        else:
            said += f"Nothing in the sheet goes with it; it is strongest in {', '.join(map(str, extreme))}."
    row = ("structure", "", share, usual, "note" if said else "ok", said)
    return pd.DataFrame([row], columns=COLUMNS)


def strongest(score: pd.Series, covariates: pd.DataFrame) -> str:
    """The covariate that explains most of a score, in words; empty where none explains half of it."""
    best, words = 0.5, ""
    for name in covariates:
        column = covariates[name].reindex(score.index)
        if column.isna().any() or column.nunique() < 2:
            continue
        labels = levels.labels(column) if not pd.api.types.is_numeric_dtype(column) else None
        if labels is None:
            r2, used = float(np.corrcoef(score, column.astype(float))[0, 1] ** 2), 1
        else:
            fitted = score.groupby(labels.to_numpy()).transform("mean")
            used = labels.nunique() - 1
            r2 = float(1 - ((score - fitted) ** 2).sum() / ((score - score.mean()) ** 2).sum())
        if len(score) - used < 3:
            continue
        adjusted = 1 - (1 - r2) * (len(score) - 1) / (len(score) - 1 - used)
        if adjusted > best:
            best, words = adjusted, f"{name} (R² {r2:.2f})"
    return words


def sex(on_x: pd.Series, on_y: pd.Series, elsewhere: pd.Series, given: pd.Series | None) -> pd.DataFrame:
    """Sex by reads on X and Y, against what the sheet says.

    Parameters
    ----------
    on_x, on_y, elsewhere : Series indexed by sample
        Reads on the two chromosomes and on all others.
    given : Series indexed by sample, optional
        Column `sex` of the sheet: words that begin with m or f, or XY, XX.

    Returns
    -------
    DataFrame
        One row a sample as `COLUMNS`: value is reads on Y over those elsewhere, reference that of the samples
        with most; the sentence says male, female or unclear. None where X or Y has no reads anywhere, or too
        few on Y.
    """
    share = on_y / elsewhere
    top = reference = float(share.nlargest(max(1, len(share) // 4)).median())
    if on_y.max() < LEAST_Y or on_x.max() == 0:
        return pd.DataFrame(columns=COLUMNS)
    with np.errstate(divide="ignore", invalid="ignore"):
        of_x = float((on_y / on_x).nlargest(max(1, len(share) // 4)).median())
    if of_x < NO_MALE:  # what most have on Y are reads of X that align there
        top = np.inf
    rows = []
    for sample, value in share.items():
        seen = "male" if value >= MALE * top else "female" if value <= FEMALE * top else "unclear"
        told = None if given is None or pd.isna(given[sample]) else _named_sex(str(given[sample]))
        odd = told is not None and seen != told
        said = f"{sample}: {seen} by reads on Y"
        if odd:
            said += f", {given[sample]} by the sheet" if given is not None else ""
        rows.append(
            ("sex", sample, float(value), reference, "note" if odd or seen == "unclear" else "ok", f"{said}.")
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def _named_sex(word: str) -> str | None:
    lower = word.strip().lower()
    if lower == "xy" or lower[:1] == "m":
        return "male"
    return "female" if lower == "xx" or lower[:1] in ("f", "w") else None


def by_group(values: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    """Is each sample most like its group? Where donors gave samples of several groups, apart from donors.

    Samples of one donor are alike, so that a swap within a donor hides behind it. Then each donor's mean is
    taken off, and a sample is compared with those of other donors only: what is left of the others of its own
    is its mirror image.

    Parameters
    ----------
    values : (n_peaks, n_samples) DataFrame
        Of :func:`log_values`.
    samples : DataFrame indexed by sample
    """
    plain = likeness(values, samples["group"], "group")
    for name in _of_donors(samples):
        groups = samples["group"].astype(str).groupby(samples[name].astype(str)).nunique()
        if (groups > 1).mean() >= CLEAR:
            paired = likeness(values, samples["group"], "group", within=samples[name], apart=True)
            # numbers given anew in each group are no pairs, and as such hide what is plain
            return plain if _n_notes(plain) > _n_notes(paired) else paired
    return plain


def _n_notes(table: pd.DataFrame) -> int:
    return int((table["verdict"] == "note").sum())


def _of_donors(samples: pd.DataFrame) -> list[str]:
    """Columns, without gaps, that name who gave a sample."""
    known = {"pair", *units.SUBJECTS}
    return [name for name in samples if str(name).casefold() in known and samples[name].notna().all()]


def likeness(
    values: pd.DataFrame,
    sets: pd.Series,
    name: str,
    within: pd.Series | None = None,
    apart: bool = False,
) -> pd.DataFrame:
    """Is each sample most like the others of its set (group, donor)? One that is not suggests a swap.

    Parameters
    ----------
    values : (n_peaks, n_samples) DataFrame
        Of :func:`log_values`.
    sets : Series indexed by sample
    name : str
        Of the column.
    within : Series indexed by sample, optional
        Sets whose means are taken off before (groups, when donors are compared).
    apart : bool
        Whether samples of the same set `within` are not compared with each other.

    Returns
    -------
    DataFrame
        Rows as `COLUMNS` of samples with another in their set: value is the mean correlation with these,
        reference the highest with another set. A note only where at least `CLEAR` of the samples are most
        like their own set by more than `MARGIN`, so that sets are told apart at all.
    """
    if values.shape[1] < 4:
        return pd.DataFrame(columns=COLUMNS)
    table = values.sub(values.mean(axis=1), axis=0)
    kin = np.arange(values.shape[1])
    if within is not None:
        blocks = levels.labels(within.reindex(values.columns)).to_numpy()
        table = table - table.T.groupby(blocks).transform("mean").T
        kin = blocks if apart else kin
    variable = table.var(axis=1).nlargest(2000).index
    with np.errstate(invalid="ignore", divide="ignore"):  # a donor with one sample has nothing left
        related = np.nan_to_num(np.corrcoef(table.loc[variable].to_numpy().T))
    labels = levels.labels(sets.reindex(values.columns)).to_numpy()
    rows = []
    for i, sample in enumerate(values.columns):
        means = {}
        for label in dict.fromkeys(labels):
            members = np.flatnonzero((labels == label) & (kin != kin[i]))
            if len(members):
                means[label] = float(related[i, members].mean())
        own = means.pop(labels[i], np.nan)
        if np.isfinite(own) and means:
            nearest = max(means, key=lambda label: means[label])
            rows.append((sample, own, means[nearest], nearest))
    odd = [other - own > MARGIN for _, own, other, _ in rows]
    clear = len(rows) >= 4 and np.mean([own - other > MARGIN for _, own, other, _ in rows]) >= CLEAR
    return pd.DataFrame(
        [
            (
                f"likeness by {name}", sample, own, other, "note" if clear and far else "ok",
                f"{sample} is more like {name} {nearest} (correlation {other:.2f}) than like its own, "
                f"{sets[sample]} ({own:.2f}): was it swapped?" if clear and far else "",
            )
            for (sample, own, other, nearest), far in zip(rows, odd, strict=True)
        ],
        columns=COLUMNS,
    )  # fmt: skip


def chromosomes(names: Sequence[str]) -> tuple[str, str] | None:
    """The names that X and Y have among the contigs; None unless both are there."""
    for x, y in (("chrX", "chrY"), ("X", "Y")):
        if x in names and y in names:
            return x, y
    return None


def every(
    counts: pd.DataFrame,
    size_factors: pd.Series,
    samples: pd.DataFrame,
    matrix: pd.DataFrame,
    chrom: pd.Series,
    technical: pd.DataFrame | None,
    seed: int,
) -> pd.DataFrame:
    """All checks, one after the other.

    Parameters
    ----------
    counts : (n_peaks, n_samples) DataFrame
    size_factors : Series indexed by sample
    samples : DataFrame indexed by sample
    matrix : DataFrame
        Design matrix, rows as `samples`.
    chrom : Series indexed by peak
        Contig of each peak, NaN where it is not known.
    technical : DataFrame indexed by sample, optional
        Numbers, named as sentences shall name them, with which unnamed structure may go.
    seed : int

    Returns
    -------
    DataFrame
        check, sample, value, reference, verdict (ok or note), sentence.
    """
    even = thinned(counts, size_factors, seed)
    values = log_values(even, pd.Series(1.0, counts.columns))
    checks = [noise(values, samples["group"].astype(str))]
    sheet = samples.drop(columns=["size_factor", "spike_in", "replicate"], errors="ignore")
    sheet = sheet.assign(**{"depth in peaks": np.log2(counts.sum() + 1).reindex(samples.index)})
    if technical is not None:
        sheet = sheet.join(technical.reindex(samples.index))
    checks.append(structure(values, matrix.to_numpy(float), sheet, seed))
    chrom = beside.aligned(chrom, counts.index, "contigs of the peaks")
    names = chromosomes(list(chrom.dropna().unique()))
    if names is not None:
        on = {name: counts[chrom == name].sum() for name in names}
        elsewhere = counts[~chrom.isin(names)].sum()
        checks.append(sex(on[names[0]], on[names[1]], elsewhere, samples.get("sex")))
    if len(values) >= 50:
        checks.append(by_group(values, samples))
        for name in _of_donors(samples):
            checks.append(likeness(values, samples[name], name, within=samples["group"]))
    return pd.concat([table for table in checks if len(table)] or [pd.DataFrame(columns=COLUMNS)])
