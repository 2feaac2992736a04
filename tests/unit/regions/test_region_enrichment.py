"""Sets of peaks against comparable peaks: the numbers, their level where peaks change by locus, and power."""

import numpy as np
import pandas as pd
import pytest
from gene_worlds import World
from scipy import sparse, stats

from workflow_lib.regions import enrichment, ranked
from workflow_lib.stats import poisson_binomial, propensity


def numbered(n):
    return pd.DataFrame({"set": [f"s{i}" for i in range(n)]})


def changes_of(world, changed):
    chance = propensity.of(world.covariates, changed, ~changed)
    return enrichment.changes(changed, ~changed, world.loci.locus, chance)


def test_a_locus_counts_once_and_its_chance_grows_with_its_peaks():
    changed = np.zeros(40, bool)
    changed[[0, 1, 2, 10]] = True
    locus = np.r_[np.zeros(10, int), np.arange(1, 31)]
    found = enrichment.changes(changed, ~changed, locus, np.full(40, 0.1))
    table = enrichment.test(found, sparse.csc_array(np.ones((40, 1))), numbered(1)).iloc[0]
    assert (table["n_peaks"], table["n_peaks_changed"]) == (40, 4)
    assert (table["n_loci"], table["n_loci_changed"]) == (31, 2)
    chances = found.chance(np.r_[10.0, np.ones(30)] * -np.log(0.9))
    assert chances[0] > 4 * chances[1]
    at_least, more = poisson_binomial.log_upper_tail(chances, 2)
    assert table["pvalue"] == pytest.approx((np.exp(at_least) + np.exp(more)) / 2, rel=5e-3)
    assert table["expected"] == pytest.approx(chances.sum())
    assert table["hypergeometric_pvalue"] == pytest.approx(1.0)


def test_the_hypergeometric_column_is_that_of_peaks():
    rng = np.random.default_rng(1)
    changed, other = rng.random(500) < 0.1, rng.random(500) < 0.7
    members = sparse.csc_array((rng.random((500, 6)) < 0.2).astype(float))
    found = enrichment.changes(changed, other, np.arange(500), np.full(500, 0.2))
    table = enrichment.test(found, members, numbered(6))
    used = changed | other
    for i in range(6):
        inside = members.toarray()[:, i] > 0
        expected = stats.hypergeom.sf(
            (changed & inside).sum() - 1, used.sum(), (used & inside).sum(), changed.sum()
        )
        assert table["hypergeometric_pvalue"][i] == pytest.approx(expected)


@pytest.mark.parametrize("kind", ["random", "deserts", "neighbours"])
def test_sets_of_no_meaning_keep_their_level_where_loci_change_together(kind):
    ours, theirs, along, n_false = [], [], [], 0
    for seed in range(3):
        world = World(seed, locus_sd=1.5)
        genes = world.gene_sets(400, kind)
        names = world.genes.genes["gene_name"]
        found = changes_of(world, world.changed())
        table = enrichment.of_gene_sets(found, world.loci, genes, numbered(400), names)
        statistic = world.log_odds + world.rng.normal(0, 2, len(world.peaks))
        members = world.loci.genes @ genes
        along.append(ranked.test(statistic, world.covariates, world.loci, members, numbered(400))["pvalue"])
        ours.append(table["pvalue"])
        theirs.append(table["hypergeometric_pvalue"])
        n_false += (table["padj"] < 0.05).sum()
    ours, theirs, along = (np.concatenate(each) for each in (ours, theirs, along))
    assert np.mean(ours < 0.05) < 0.075
    assert np.mean(ours < 0.001) < 0.005
    assert np.mean(along < 0.05) < 0.08
    assert np.mean(along < 0.001) < 0.006
    assert n_false <= 1
    if kind == "deserts":  # what taking peaks as independent does
        assert np.mean(theirs < 0.001) > 0.02


@pytest.mark.parametrize("kind", ["random", "deserts", "neighbours"])
def test_sets_of_no_meaning_keep_their_level_where_whole_domains_change_together(kind):
    found = []
    for seed in range(3):
        world = World(60 + seed)
        summit = world.peaks["summit"].to_numpy()
        knots = np.arange(0, summit[-1] + 800_000, 400_000)  # domains that no locus or block begins with
        domain = np.interp(summit, knots, world.rng.normal(size=len(knots)))
        locus = world.rng.normal(0, 0.5, world.loci.locus.max() + 1)[world.loci.locus]
        statistic = domain + locus + world.rng.normal(size=len(summit))
        members = world.loci.genes @ world.gene_sets(300, kind)
        found.append(ranked.test(statistic, world.covariates, world.loci, members, numbered(300))["pvalue"])
    found = np.concatenate(found)
    assert np.mean(found < 0.05) < 0.075
    assert np.mean(found < 0.001) < 0.005


def test_sets_whose_peaks_change_more_often_are_found_and_their_genes_named():
    found = []
    for seed in range(3):
        world = World(10 + seed)
        genes = world.gene_sets(200, "random")
        members = (world.loci.genes @ genes).toarray() > 0
        changed = world.changed(1.5 * members[:, :3].any(axis=1))
        names = world.genes.genes["gene_name"]
        table = enrichment.of_gene_sets(changes_of(world, changed), world.loci, genes, numbered(200), names)
        found += (table["padj"] < 0.05)[:3].tolist()
        assert (table["padj"] < 0.05)[3:].sum() <= 2
        near = np.asarray(changed.astype(float) @ world.loci.genes).ravel() > 0
        of_set = np.sort(genes.indices[: genes.indptr[1]])
        assert table["genes"][0].split(",") == [names[i] for i in of_set if near[i]]
    assert np.mean(found) > 0.7


def test_a_shift_of_the_whole_list_is_found_without_a_threshold():
    world = World(20)
    genes = world.gene_sets(100, "random")
    members = world.loci.genes @ genes
    inside = members.toarray() > 0
    statistic = world.rng.normal(0, 1, len(world.peaks)) + 0.5 * inside[:, 0] - 0.5 * inside[:, 1]
    table = ranked.test(statistic, world.covariates, world.loci, members, numbered(100))
    assert table["padj"][0] < 1e-4
    assert table["padj"][1] < 1e-4
    assert table["shift"][:2].tolist() == pytest.approx([0.5, -0.5], abs=0.2)


def test_regions_of_a_study_that_follow_gc_alone_are_not_enriched():
    world = World(30, locus_sd=0.0)
    changed = world.changed()
    chance = 1 / (1 + np.exp(1.5 - world.covariates[["gc"]].to_numpy()))
    follows = world.rng.random((len(world.peaks), 60)) < chance
    members = sparse.csc_array(follows.astype(float))
    table = enrichment.test(changes_of(world, changed), members, numbered(60))
    plain = enrichment.changes(changed, ~changed, world.loci.locus, np.full(len(changed), changed.mean()))
    unmatched = enrichment.test(plain, members, numbered(60))
    assert np.mean(table["pvalue"] < 0.05) < 0.15
    assert np.mean(unmatched["pvalue"] < 0.05) > 0.8


class TestEdges:
    """Nothing changed, everything changed, nothing to test."""

    def setup_method(self):
        self.world = World(40)
        self.genes = self.world.gene_sets(20, "random")

    def table(self, changed):
        names = self.world.genes.genes["gene_name"]
        found = changes_of(self.world, changed)
        return enrichment.of_gene_sets(found, self.world.loci, self.genes, numbered(20), names)

    def test_no_changed_peak_gives_no_set(self):
        table = self.table(np.zeros(len(self.world.peaks), bool))
        assert (table["n_loci_changed"] == 0).all()
        assert (table["pvalue"] > 0.4).all()
        assert (table["genes"] == "").all()

    def test_all_peaks_changed_gives_no_set(self):
        table = self.table(np.ones(len(self.world.peaks), bool))
        assert (table["pvalue"] > 0.4).all()

    def test_an_empty_set_and_one_without_peaks_have_no_p(self):
        changed = self.world.changed()
        none = sparse.csc_array((len(changed), 2))
        table = enrichment.test(changes_of(self.world, changed), none, numbered(2))
        assert table["pvalue"].isna().all()
        assert table["padj"].isna().all()
        assert table["odds_ratio"].isna().all()

    def test_no_set_and_no_peak_give_empty_tables(self):
        changed = self.world.changed()
        none = sparse.csc_array((len(changed), 0))
        assert len(enrichment.test(changes_of(self.world, changed), none, numbered(0))) == 0
        nothing = enrichment.changes(np.zeros(0, bool), np.zeros(0, bool), np.zeros(0, int), np.zeros(0))
        table = enrichment.test(nothing, sparse.csc_array((0, 1)), numbered(1))
        assert table["n_peaks"].tolist() == [0]
        assert np.isnan(table["pvalue"][0])

    def test_a_ranking_without_tested_peaks_has_no_p(self):
        members = self.world.loci.genes @ self.genes
        statistic = np.full(len(self.world.peaks), np.nan)
        table = ranked.test(statistic, self.world.covariates, self.world.loci, members, numbered(20))
        assert table["pvalue"].isna().all()
