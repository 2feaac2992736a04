"""Tests where nothing can differ: labels permuted, and groups split in halves. Are p-values uniform there?"""

import logging
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from workflow_lib import differential, logs
from workflow_lib.differential import labellings
from workflow_lib.differential.labellings import (
    MOST_PERMUTED,
    MOST_SPLIT,
    OBSERVED,
    PERMUTED,
    SPLIT,
    Labelling,
)
from workflow_lib.stats import forms

log = logging.getLogger("atacdiff")

MOST_PEAKS, MOST_COUNTS, FEWEST_USED = 20_000, 150_000, 4_000
"""Peaks beyond so many, or with so many counts in all samples, add nothing but time; but so many are used.

A share of 5 % is known to 0.15 % from 20,000 peaks and to 0.35 % from 4,000, where labellings differ by more.
"""
FEW_PEAKS = 100
"""Of fewer p-values the share below 0.05 says little."""
BINS = 20
NO_REPLICATE = "a group of one sample: nothing is tested"
NO_FREEDOM = "the design leaves no sample to estimate the variation from: nothing is tested"
TOO_FEW, TOO_MANY = 0.02, 0.075
"""Median shares of p-values below 0.05 beyond which they are called too large, or too small."""


def calibrate(
    counts: pd.DataFrame,
    samples: pd.DataFrame,
    design: str,
    contrast: Mapping[str, str],
    size_factors: pd.Series,
    *,
    offsets: pd.DataFrame | None = None,
    alpha: float = 0.05,
    min_count: int = 0,
    seed: int = 0,
    most_permuted: int = MOST_PERMUTED,
    most_split: int = MOST_SPLIT,
    most_peaks: int | None = None,
    block: str | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Test the true labels, permuted ones and split groups.

    Parameters
    ----------
    counts : (n_peaks, n_samples) DataFrame of non-negative integers
        Of the peaks that can be tested, at most `most_peaks` are used, drawn by `seed`; by default so many
        that peaks times samples are `MOST_COUNTS`, between `FEWEST_USED` and `MOST_PEAKS`.
    samples, design, contrast, size_factors, offsets, alpha, min_count
        As :func:`workflow_lib.differential.test` takes them. The null is always of no change: a threshold on
        fold changes would make p-values larger than uniform.
    seed : int
    most_permuted, most_split, most_peaks : int
    block : str, optional
        Column of subjects of several samples: labels move with all samples of a subject, so that it is seen
        what their likeness does to p-values of peaks, which take samples for independent.

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
    if most_peaks is None:
        most_peaks = most_used(len(samples))
    usable = _drawn(counts[counts[list(samples.index)].sum(axis=1) >= max(min_count, 1)], most_peaks, seed)
    form = forms.parse(contrast)
    sizes = [int(members.sum()) for members in form.cells(samples).values()]
    observed = labellings.observed(samples, design, contrast)
    alone = bool(form.pairs) and min(sizes) < 2
    if alone or not observed:
        why = NO_REPLICATE if alone else NO_FREEDOM
        return _table([{"kind": kind, "note": why} for kind in (OBSERVED, PERMUTED, SPLIT)]), _histograms([])
    made: dict[str, tuple[Sequence[Labelling], int]] = {
        OBSERVED: (observed, 1),
        PERMUTED: labellings.permutations(
            samples, design, contrast, limit=most_permuted, seed=seed, block=block
        ),
        SPLIT: labellings.splits(samples, design, contrast, limit=most_split, seed=seed, block=block),
    }
    runs: list[dict] = []
    histograms: list[pd.DataFrame] = []
    progress = logs.Progress(log, sum(len(found) for found, _ in made.values()), "labellings tested")
    for kind, (found, possible) in made.items():
        for i, labelling in enumerate(found, 1):
            result = differential.test(
                usable,
                labelling.samples,
                labelling.design,
                labelling.contrast,
                size_factors=size_factors,
                offsets=offsets,
                alpha=alpha,
                min_count=min_count,
                shrink=False,
            )
            runs.append(_run(i, labelling, possible, result))
            histograms.append(_histogram(kind, i, result))
            log.info("%s %d of %d: %d called", kind, i, len(found), runs[-1]["n_significant"])
            progress.advance()
        if not found:
            runs.append({"kind": kind, "note": _why_none(kind, form, sizes, possible)})
    return _table(runs), _histograms(histograms)


def most_used(n_samples: int) -> int:
    """How many peaks are used at most: fewer the more samples, each of which takes its time in every fit."""
    return int(np.clip(MOST_COUNTS // max(n_samples, 1), FEWEST_USED, MOST_PEAKS))


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
            f"p-values lie below 0.05. Shuffling mixes the groups, so true changes add to the "
            "variation. Many calls would show that p-values are too small. Few do not prove them right."
        )
    else:
        told.append(f"No permutation: {permuted['note']}.")
    split = table.loc[SPLIT]
    freedom = split["residual_df"]
    if split["runs"]:
        told.append(
            f"With each group split in halves, and halves compared beside the groups ({_number(split)}, "
            f"{freedom:.0f} residual degree{'' if freedom == 1 else 's'} of freedom), {_called(split)} "
            f"called and {100 * split['share_below_0.05']:.1f} % of p-values lie below 0.05, where 5 % are "
            "expected. True changes between the groups do not disturb this comparison."
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
                f"{run.n_significant:,.0f} peaks are called when {_relabelled(run)}: "
                "they may share something that the design lacks, such as a batch."
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


def _drawn(usable: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    """So many of the peaks at most, in their order."""
    if len(usable) <= most:
        return usable
    return usable.iloc[np.sort(np.random.default_rng(seed).choice(len(usable), most, replace=False))]


def _run(number: int, labelling: Labelling, possible: int, result: pd.DataFrame) -> dict:
    """What the test under one labelling gives."""
    p = result["pvalue"].dropna().to_numpy()
    return {
        "kind": labelling.kind,
        "run": number,
        "experiment": "+".join(map(str, labelling.experiment)),
        "residual_df": labelling.residual_df,
        "possible": np.nan if possible < 0 else possible,
        "n_tested": len(p),
        "n_significant": int(result["direction"].isin(forms.CALLED).sum()),
        "share_below_0.05": float((p < 0.05).mean()) if len(p) else np.nan,
        "ks_distance": _distance_from_uniform(p) if len(p) else np.nan,
    }


def _distance_from_uniform(p: np.ndarray) -> float:
    """Kolmogorov and Smirnov's statistic: the largest distance of the distribution of p from the even one."""
    from scipy.stats import kstest  # a second to load, which jobs that only draw can spare

    return float(kstest(p, "uniform").statistic)


def _histogram(kind: str, number: int, result: pd.DataFrame) -> pd.DataFrame:
    heights, edges = np.histogram(result["pvalue"].dropna(), bins=BINS, range=(0, 1))
    return pd.DataFrame({"kind": kind, "run": number, "start": edges[:-1], "n": heights})


def _why_none(kind: str, form: forms.Form, sizes: Sequence[int], possible: int) -> str:
    if kind == SPLIT and form.is_slope:
        return f"{form.variables[0]} is a quantity, so there are no groups to split"
    if kind == SPLIT and min(sizes) < 3:
        return f"groups of {forms.listed([str(n) for n in sizes])} samples, and halves take three in each"
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


def _relabelled(run) -> str:
    """Which samples a run set against which."""
    if not isinstance(run.experiment, str) or not run.experiment:  # a table on disk has none as missing
        return f"labels are permuted as in run {run.run:.0f}, and the samples that share a label there differ"
    return f"{run.experiment.replace('+', ', ')} are set against the other samples"


def _number(row: pd.Series) -> str:
    if pd.isna(row["possible"]):
        return f"{row['runs']:.0f} ways at random"
    if row["runs"] == row["possible"]:
        return "the only other way" if row["runs"] == 1 else f"all {row['runs']:.0f} ways"
    return f"{row['runs']:.0f} of {row['possible']:.0f} ways"


def _called(row: pd.Series) -> str:
    median, most = row["median_significant"], row["most_significant"]
    if median == most:
        return f"{most:,.0f} of {row['n_tested']:,.0f} peaks with a p-value are"
    return f"{median:,.0f} (at most {most:,.0f}) of {row['n_tested']:,.0f} peaks with a p-value are"
