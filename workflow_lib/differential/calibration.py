"""Tests where nothing can differ: labels permuted, and groups split in halves. Are p-values uniform there?"""

import itertools
import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import kstest

from workflow_lib import design as designs
from workflow_lib import differential, logs
from workflow_lib.errors import InputError

log = logging.getLogger("atacdiff")

PERMUTED, SPLIT, OBSERVED = "permuted", "split", "observed"
MOST_PERMUTED, MOST_SPLIT = 20, 10
MOST_PEAKS = 20_000
"""Peaks beyond so many add nothing but time: a share of 5 % is then known to 0.2 %."""
FEW_PEAKS = 100
"""Of fewer p-values the share below 0.05 says little."""
ENUMERATED = 20_000
"""Labellings are listed up to so many, and beyond drawn at random."""
HALF = "half_of_group"
BINS = 20
TOO_FEW, TOO_MANY = 0.02, 0.075
"""Median shares of p-values below 0.05 beyond which they are called too large, or too small."""


@dataclass(frozen=True)
class Labelling:
    """A sheet in which the contrast, by construction, compares like with like."""

    kind: str
    experiment: tuple[str, ...]
    samples: pd.DataFrame
    design: str
    contrast: Mapping[str, str]
    residual_df: int
    weights: tuple[float, ...]
    """Of samples in the linear estimate, up to scale: alike for labellings that are one test."""


def permutations(
    samples: pd.DataFrame,
    design: str,
    contrast: Mapping[str, str],
    *,
    limit: int = MOST_PERMUTED,
    seed: int = 0,
) -> tuple[list[Labelling], int]:
    """Other ways of naming the same numbers of samples experiment and control.

    Labels move only between samples that are alike in the design's other categorical columns (within batches
    or pairs), so that the design keeps its rank and the labels stay unrelated to those columns. The true
    labels are left out and so are their mirror image and mirror images of one another, whose p-values are
    the same. Samples of other levels keep theirs.

    Parameters
    ----------
    samples, design, contrast
        As :func:`workflow_lib.differential.test` takes them.
    limit : int
        At most so many, chosen at random among all by `seed`.
    seed : int

    Returns
    -------
    labellings : list of Labelling
    possible : int
        How many distinct ones there are: where not all were tried, the design may not fit some; -1 if too
        many to count.
    """
    variable, experiment, control = (str(contrast[key]) for key in ("variable", "experiment", "control"))
    level = samples[variable].astype(str)
    members = samples.index[level.isin([experiment, control])]
    true = (level[members] == experiment).to_numpy()
    strata = _strata(samples.loc[members], design, variable)
    blocks = [(rows, int(true[rows].sum())) for rows in strata]
    chosen, possible = _assignments(blocks, limit, seed, true)
    labellings = []
    for labels in chosen:
        sheet = samples.assign(**{variable: level})
        sheet.loc[members, variable] = np.where(labels, experiment, control)
        labellings += _fitting(PERMUTED, members[labels], sheet, design, contrast)
    return _distinct(labellings, len(chosen), possible)


def splits(
    samples: pd.DataFrame,
    design: str,
    contrast: Mapping[str, str],
    *,
    limit: int = MOST_SPLIT,
    seed: int = 0,
) -> tuple[list[Labelling], int]:
    """Each group split in halves, the first halves of all groups against the second ones, in the same design.

    The groups stay in the model, so that true changes between them do not disturb the comparison as they do
    where labels are permuted; it costs one degree of freedom. Every level of the contrast's variable is
    split; odd groups give their larger half to either side in turn.

    Parameters and result as in :func:`permutations`; empty unless both groups have three samples.
    """
    variable = str(contrast["variable"])
    level = samples[variable].astype(str).to_numpy()
    sizes = [int((level == str(contrast[side])).sum()) for side in ("experiment", "control")]
    if min(sizes) < 3:
        return [], 0
    blocks, odd = [], 0
    for name in sorted(set(level)):
        rows = np.flatnonzero(level == name)
        blocks.append((rows, (len(rows) + odd) // 2))
        odd ^= len(rows) % 2
    chosen, possible = _assignments(blocks, limit, seed, None)
    halves = {"variable": HALF, "experiment": "first", "control": "second"}
    labellings = []
    for labels in chosen:
        sheet = samples.assign(**{HALF: np.where(labels, "first", "second")})
        labellings += _fitting(SPLIT, samples.index[labels], sheet, f"{design} + {HALF}", halves)
    return _distinct(labellings, len(chosen), possible)


def calibrate(
    counts: pd.DataFrame,
    samples: pd.DataFrame,
    design: str,
    contrast: Mapping[str, str],
    size_factors: pd.Series,
    *,
    alpha: float = 0.05,
    min_count: int = 0,
    seed: int = 0,
    most_permuted: int = MOST_PERMUTED,
    most_split: int = MOST_SPLIT,
    most_peaks: int = MOST_PEAKS,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Test the true labels, permuted ones and split groups.

    Parameters
    ----------
    counts : (n_peaks, n_samples) DataFrame of non-negative integers
        Of the peaks that can be tested, at most `most_peaks` are used, drawn by `seed`.
    samples, design, contrast, size_factors, alpha, min_count
        As :func:`workflow_lib.differential.test` takes them. The null is always of no change: a threshold on
        fold changes would make p-values larger than uniform.
    seed : int
    most_permuted, most_split, most_peaks : int

    Returns
    -------
    runs : DataFrame
        kind (observed, permuted, split), run (from 1), experiment (samples labelled so, joined by `+`),
        residual_df, n_tested, n_significant, share_below_0.05 (of the p-values), ks_distance (of the
        p-values from uniform; peaks are not independent, so no p-value of it is given), possible (distinct
        labellings of this kind; NA if too many to count), note (why there is none of a kind).
    histograms : DataFrame
        kind, run, start (of one of 20 bins of p), n.
    """
    usable = counts[counts.sum(axis=1) >= max(min_count, 1)]
    if len(usable) > most_peaks:
        drawn = np.random.default_rng(seed).choice(len(usable), most_peaks, replace=False)
        usable = usable.iloc[np.sort(drawn)]
    level = samples[contrast["variable"]].astype(str)
    sizes = [int((level == str(contrast[side])).sum()) for side in ("experiment", "control")]
    observed = _fitting(
        OBSERVED, samples.index[level == str(contrast["experiment"])], samples, design, contrast
    )
    runs: list[dict] = []
    histograms: list[pd.DataFrame] = []
    if min(sizes) < 2 or not observed:
        why = (
            "a group of one sample: nothing is tested"
            if min(sizes) < 2
            else "the design leaves no sample to estimate the variation from: nothing is tested"
        )
        return _table([{"kind": kind, "note": why} for kind in (OBSERVED, PERMUTED, SPLIT)]), _histograms([])
    made: dict[str, tuple[Sequence[Labelling], int | float]] = {
        OBSERVED: (observed, 1),
        PERMUTED: permutations(samples, design, contrast, limit=most_permuted, seed=seed),
        SPLIT: splits(samples, design, contrast, limit=most_split, seed=seed),
    }
    n_runs = sum(len(labellings) for labellings, _ in made.values())
    progress = logs.Progress(log, n_runs, "labellings tested")
    for kind, (labellings, possible) in made.items():
        for i, labelling in enumerate(labellings, 1):
            result = differential.test(
                usable,
                labelling.samples,
                labelling.design,
                labelling.contrast,
                size_factors=size_factors,
                alpha=alpha,
                min_count=min_count,
                shrink=False,
            )
            runs.append(
                {"kind": kind, "run": i, "experiment": "+".join(map(str, labelling.experiment))}
                | {"residual_df": labelling.residual_df, "possible": np.nan if possible < 0 else possible}
                | _uniformity(result)
            )
            heights, edges = np.histogram(result["pvalue"].dropna(), bins=BINS, range=(0, 1))
            histograms.append(pd.DataFrame({"kind": kind, "run": i, "start": edges[:-1], "n": heights}))
            log.info("%s %d of %d: %d called", kind, i, len(labellings), runs[-1]["n_significant"])
            progress.advance()
        if not labellings:
            runs.append({"kind": kind, "note": _why_none(kind, sizes, possible)})
    return _table(runs), _histograms(histograms)


def summarise(runs: pd.DataFrame) -> pd.DataFrame:
    """One row a kind: how many runs, median and largest number called, median share and distance."""
    rows = []
    for kind in (OBSERVED, PERMUTED, SPLIT):
        of_kind = runs[runs["kind"] == kind]
        done = of_kind.dropna(subset="run")
        notes = of_kind["note"].dropna()
        rows.append(
            {
                "kind": kind,
                "runs": len(done),
                "possible": done["possible"].max(),
                "residual_df": done["residual_df"].min(),
                "n_tested": done["n_tested"].median(),
                "median_significant": done["n_significant"].median(),
                "most_significant": done["n_significant"].max(),
                "share_below_0.05": done["share_below_0.05"].median(),
                "ks_distance": done["ks_distance"].median(),
                "note": notes.iloc[0] if len(notes) else np.nan,
            }
        )
    return pd.DataFrame(rows)


def sentences(runs: pd.DataFrame) -> list[str]:
    """What the tests of nulls show, and what a reader can conclude from them."""
    table = summarise(runs).set_index("kind")
    observed = table.loc[OBSERVED]
    if not observed["runs"]:
        return [f"No calibration: {observed['note']}."]
    told = []
    permuted = table.loc[PERMUTED]
    if permuted["runs"]:
        told.append(
            f"With labels permuted ({_number(permuted)}), {_called(permuted)} called, where the true ones "
            f"give {observed['most_significant']:,.0f}; {100 * permuted['share_below_0.05']:.1f} % of "
            f"p-values lie below 0.05. Permuting mixes the groups, and true changes count as variation: "
            "many calls would show p-values that are too small, few do not prove them right."
        )
    else:
        told.append(f"No permutation: {permuted['note']}.")
    split = table.loc[SPLIT]
    if split["runs"]:
        told.append(
            f"With each group split in halves, and halves compared beside the groups ({_number(split)}, "
            f"{split['residual_df']:.0f} residual degree(s) of freedom), {_called(split)} called and "
            f"{100 * split['share_below_0.05']:.1f} % of p-values lie below 0.05, where 5 % are expected. "
            "True changes between the groups do not disturb this comparison."
        )
    else:
        told.append(f"No split groups: {split['note']}.")
    if observed["n_tested"] < FEW_PEAKS:
        return [*told, f"{observed['n_tested']:,.0f} peaks are too few to say more."]
    shares = {"permuted labels": permuted["share_below_0.05"], "split groups": split["share_below_0.05"]}
    high = [name for name, share in shares.items() if share > TOO_MANY]
    worst = (
        runs[runs["kind"] != OBSERVED]
        .dropna(subset="run")
        .sort_values("n_significant", kind="stable")
        .tail(1)
    )
    for run in worst.itertuples():
        if run.n_significant > max(10, 0.01 * run.n_tested):
            told.append(
                f"{run.n_significant:,.0f} peaks are called when {run.experiment.replace('+', ', ')} are set "
                "against the other samples: they may share something that the design lacks, such as a batch."
            )
    if split["runs"] and split["share_below_0.05"] < TOO_FEW:
        told.append(
            "p-values of split groups are larger than chance: with so few degrees of freedom the test is "
            "cautious, and misses changes rather than inventing them."
        )
    if high:
        told.append(
            f"p-values of {' and '.join(high)} are smaller than chance: expect more false discoveries than "
            "the stated rate, and look for a batch that the design lacks."
        )
    return told


def _strata(samples: pd.DataFrame, design: str, variable: str) -> list[np.ndarray]:
    """Rows that are alike in all other categorical columns of the design."""
    names = [
        name
        for name in designs.variables(design)
        if name != variable
        and (
            name in designs.ALWAYS_CATEGORICAL
            or f"C({name}" in design
            or not pd.api.types.is_numeric_dtype(samples[name])
        )
    ]
    if not names:
        return [np.arange(len(samples))]
    labels = samples[names].astype(str).agg("\t".join, axis=1).to_numpy()
    return [np.flatnonzero(labels == label) for label in sorted(set(labels))]


def _assignments(
    blocks: Sequence[tuple[np.ndarray, int]], limit: int, seed: int, true: np.ndarray | None
) -> tuple[list[np.ndarray], int]:
    """Distinct labels with so many True in each block; mirror images count once, `true` not at all."""
    n = sum(len(rows) for rows, _ in blocks)
    rng = np.random.default_rng(seed)
    total = math.prod(math.comb(len(rows), k) for rows, k in blocks)
    everything = _all_assignments(blocks, n) if total <= ENUMERATED else _drawn(blocks, n, rng, 50 * limit)
    left_out = set() if true is None else {_canonical(true)}
    distinct: dict[tuple[bool, ...], np.ndarray] = {}
    for labels in everything:
        key = _canonical(labels)
        if key not in left_out:
            distinct.setdefault(key, labels)
        if total > ENUMERATED and len(distinct) == limit:
            break
    found = list(distinct.values())
    if len(found) > limit:
        found = [found[i] for i in np.sort(rng.choice(len(found), limit, replace=False))]
    return found, len(distinct) if total <= ENUMERATED else -1


def _all_assignments(blocks: Sequence[tuple[np.ndarray, int]], n: int) -> Iterator[np.ndarray]:
    for chosen in itertools.product(*(itertools.combinations(rows, k) for rows, k in blocks)):
        labels = np.zeros(n, dtype=bool)
        labels[[row for part in chosen for row in part]] = True
        yield labels


def _drawn(
    blocks: Sequence[tuple[np.ndarray, int]], n: int, rng: np.random.Generator, tries: int
) -> Iterator[np.ndarray]:
    for _ in range(tries):
        labels = np.zeros(n, dtype=bool)
        for rows, k in blocks:
            labels[rng.choice(rows, k, replace=False)] = True
        yield labels


def _canonical(labels: np.ndarray) -> tuple[bool, ...]:
    """The same for labels and their mirror image."""
    return tuple(bool(label) for label in (labels if labels[0] else ~labels))


def _fitting(
    kind: str, experiment: pd.Index, sheet: pd.DataFrame, design: str, contrast: Mapping[str, str]
) -> list[Labelling]:
    """The labelling, if its design has full rank and leaves a residual degree of freedom."""
    try:
        matrix, vector = designs.contrast(sheet, design, contrast)
    except InputError as error:
        log.info("%s, %s: left out (%s)", kind, "+".join(map(str, experiment)), error)
        return []
    freedom = len(matrix) - matrix.shape[1]
    if freedom < 1:
        return []
    weights = vector @ np.linalg.pinv(matrix.to_numpy())
    weights = np.round(weights / np.linalg.norm(weights), 9)
    weights = weights * np.sign(weights[np.flatnonzero(weights)[0]]) + 0.0
    return [Labelling(kind, tuple(experiment), sheet, design, contrast, freedom, tuple(weights))]


def _distinct(labellings: list[Labelling], tried: int, possible: int) -> tuple[list[Labelling], int]:
    """Those that make different tests, and how many there are if all were tried."""
    found = list({labelling.weights: labelling for labelling in reversed(labellings)}.values())[::-1]
    return found, len(found) if tried == possible else possible


def _uniformity(result: pd.DataFrame) -> dict[str, float]:
    p = result["pvalue"].dropna().to_numpy()
    called = int(result["direction"].isin(["up", "down"]).sum())
    return {
        "n_tested": len(p),
        "n_significant": called,
        "share_below_0.05": float((p < 0.05).mean()) if len(p) else np.nan,
        "ks_distance": float(kstest(p, "uniform").statistic) if len(p) else np.nan,
    }


def _why_none(kind: str, sizes: Sequence[int], possible: int | float) -> str:
    if kind == SPLIT and min(sizes) < 3:
        return f"groups of {sizes[0]} and {sizes[1]} samples, and halves take three in each"
    if possible == 0:
        return "the design's other columns leave no other way to label the samples"
    return "the design cannot be fitted with any other labels"


COLUMNS = ("kind", "run", "experiment", "residual_df", "n_tested", "n_significant", "share_below_0.05")


def _table(runs: list[dict]) -> pd.DataFrame:
    table = pd.DataFrame(runs, columns=[*COLUMNS, "ks_distance", "possible", "note"])
    whole = ["run", "residual_df", "n_tested", "n_significant", "possible"]
    return table.astype(dict.fromkeys(whole, "Int64"))


def _histograms(parts: list[pd.DataFrame]) -> pd.DataFrame:
    empty = pd.DataFrame({"kind": [], "run": [], "start": [], "n": []})
    return pd.concat(parts, ignore_index=True) if parts else empty


def _number(row: pd.Series) -> str:
    if pd.isna(row["possible"]):
        return f"{row['runs']:.0f} ways at random"
    if row["runs"] == row["possible"]:
        return "the only other way" if row["runs"] == 1 else f"all {row['runs']:.0f} ways"
    return f"{row['runs']:.0f} of {row['possible']:.0f} ways"


def _called(row: pd.Series) -> str:
    median, most = row["median_significant"], row["most_significant"]
    if median == most:
        return f"{most:,.0f} of {row['n_tested']:,.0f} tested peaks are"
    return f"{median:,.0f} (at most {most:,.0f}) of {row['n_tested']:,.0f} tested peaks are"
