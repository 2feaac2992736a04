"""Along the list a set is called only if the samples bear it: its own variation between samples counts."""

import numpy as np
import pandas as pd
import pytest
from gene_worlds import World

from workflow_lib.io.gene_sets import GeneSet
from workflow_lib.regions import study

CONTRAST = {"variable": "group", "experiment": "b", "control": "a"}
N_SETS = 20


def sheet(n: int) -> pd.DataFrame:
    return pd.DataFrame({"group": ["a"] * n + ["b"] * n}, index=[f"s{i}" for i in range(2 * n)])


class Study:
    """Sets, and counts in which the peaks of one open with the group, vary by sample, or neither."""

    def __init__(self, seed: int, *, fold: float = 1.0, sd: float = 0.0, n: int = 3):
        world, rng = World(seed), np.random.default_rng([seed, 7])
        names = world.genes.genes["gene_name"].to_numpy()
        drawn = [rng.choice(names, 60, replace=False) for _ in range(N_SETS)]
        given = [GeneSet(f"set{i}", "", "mine", tuple(genes)) for i, genes in enumerate(drawn)]
        self.sets, self.samples = study.prepare(world.peaks, world.genes, given), sheet(n)
        inside = np.asarray((self.sets.loci.genes @ self.sets.genes[:, [0]]).todense()).ravel() > 0
        treated = (self.samples["group"] == "b").to_numpy(float)
        by_sample = np.log(fold) * treated + rng.normal(0, sd, 2 * n)
        log_mean = rng.normal(4, 0.8, len(inside))[:, None] + np.where(inside[:, None], by_sample, 0.0)
        # libraries differ in depth and noise, peaks in how much they vary
        noise = rng.gamma(4, 0.25, len(inside))[:, None] * rng.uniform(0.1, 0.3, 2 * n)
        log_mean = log_mean + rng.normal(0, 1, log_mean.shape) * noise + np.log(rng.uniform(0.5, 2, 2 * n))
        self.counts = pd.DataFrame(rng.poisson(np.exp(log_mean)), columns=self.samples.index)
        self.sizes = self.counts.sum().to_numpy() / self.counts.sum().mean()
        self.covariates = world.covariates.assign(mean=np.log(self.counts.mean(axis=1) + 1))
        level = np.log(self.counts / self.sizes + 1).to_numpy()
        parts = [level[:, treated == way] for way in (1, 0)]
        error = np.sqrt(sum(part.var(axis=1, ddof=min(n - 1, 1)) for part in parts) / n + 0.01)
        self.statistic = (parts[0].mean(axis=1) - parts[1].mean(axis=1)) / error

    def tested(self) -> pd.DataFrame:
        borne = study.by_samples(
            self.sets, self.counts, self.covariates, self.samples, "~ group", CONTRAST, self.sizes
        )
        return study.along(self.sets, self.statistic, self.covariates, borne).set_index("set")

    def by_peaks(self) -> pd.DataFrame:
        return study.along(self.sets, self.statistic, self.covariates).set_index("set")


def test_a_set_that_varies_between_samples_is_seldom_called():
    called = {"both": 0, "peaks": 0}
    for seed in range(12):
        made = Study(100 + seed, sd=0.5)
        called["both"] += made.tested()["padj"]["set0"] < 0.05
        called["peaks"] += made.by_peaks()["padj"]["set0"] < 0.05
    assert called["peaks"] >= 8
    assert called["both"] <= 1


@pytest.mark.parametrize(("fold", "n"), [(1.5, 3), (1 / 1.5, 4)])
def test_a_set_that_changes_with_the_group_is_called_on_its_side_and_no_other(fold, n):
    for seed in range(4):
        table = Study(200 + seed, fold=fold, n=n).tested()
        assert table["padj"]["set0"] < 0.05
        assert np.sign(table["shift"]["set0"]) == np.sign(np.log(fold)) == np.sign(table["activity"]["set0"])
        assert (table["padj"].drop("set0") < 0.05).sum() <= 1


def test_the_p_is_never_below_that_of_peaks_or_of_samples():
    table = Study(300, fold=1.1).tested()
    assert (table["pvalue"] >= table["peaks_pvalue"] * (1 - 1e-9)).all()
    assert (table["pvalue"] >= table["activity_pvalue"] * (1 - 1e-9)).all()
    assert table["activity"]["set0"] == pytest.approx(np.log2(1.1), abs=0.05)


def test_without_replicates_nothing_is_called():
    table = Study(301, fold=2.0, n=1).tested()
    assert table["peaks_pvalue"].notna().all()
    assert table[["pvalue", "padj"]].isna().all(axis=None)


def test_without_any_set_there_is_nothing_to_say():
    made = Study(302)
    empty = study.prepare(pd.DataFrame({"chrom": ["c"], "start": [1], "end": [9], "summit": [5]}), None)
    asked = (made.samples, "~ group", CONTRAST, made.sizes)
    borne = study.by_samples(empty, made.counts.iloc[:1], made.covariates.iloc[:1], *asked)
    assert len(study.along(empty, [0.0], made.covariates.iloc[:1], borne)) == 0
