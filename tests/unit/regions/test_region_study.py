"""Sets of a study: what is tested, what is left out and why, and both kinds in one table."""

import numpy as np
import pandas as pd
import pytest
from gene_worlds import World

from workflow_lib.errors import InputError
from workflow_lib.io.gene_sets import GeneSet
from workflow_lib.regions import study


def gene_set(name, genes):
    return GeneSet(name, "", "mine", tuple(genes))


@pytest.fixture(scope="module")
def world():
    return World(50)


def prepared(world, **options):
    names = world.genes.genes["gene_name"]
    given = [
        gene_set("FIRST", names[:40]),
        gene_set("SMALL", names[:3]),
        gene_set("LARGE", names[:1200]),
        gene_set("OTHERS", [f"nobody{i}" for i in range(30)]),
        gene_set("LAST", [*names[-60:], "nobody0"]),
    ]
    half = world.peaks.iloc[::2][["chrom", "start", "end"]]
    regions = {"half": half, "none": half.iloc[:0]}
    return study.prepare(world.peaks, world.genes, given, regions, least=10, most=1000, **options)


def test_sets_too_small_or_too_large_are_left_out_and_said_so(world):
    table = prepared(world).table.set_index("set")
    assert table["used"].tolist() == [True, False, False, False, True, True, False]
    assert table["reason"]["SMALL"] == "fewer than 10 genes of the annotation"
    assert table["reason"]["LARGE"] == "more than 1000 genes of the annotation"
    assert table["reason"]["OTHERS"] == "fewer than 10 genes of the annotation"
    assert table["reason"]["none"] == "no region"
    assert table.loc["LAST", ["n_genes", "n_found"]].tolist() == [61, 60]
    assert table["kind"].tolist() == ["genes"] * 5 + ["regions"] * 2


def test_both_kinds_are_tested_and_sorted_by_p(world):
    sets = prepared(world)
    changed = world.changed(2.0 * (np.arange(len(world.peaks)) % 2 == 0))
    table = study.compare(sets, changed, ~changed, world.covariates)
    assert set(table["set"]) == {"FIRST", "LAST", "half"}
    assert table["set"][0] == "half"
    assert table["padj"][0] < 1e-6
    assert table["pvalue"].is_monotonic_increasing
    ranked = study.along(sets, world.log_odds, world.covariates)
    assert set(ranked["set"]) == {"FIRST", "LAST", "half"}
    assert {"shift", "stat", "pvalue", "padj"} <= set(ranked.columns)


def test_the_order_of_sets_changes_no_number(world):
    names = world.genes.genes["gene_name"]
    given = [gene_set("A", names[:40]), gene_set("B", names[100:180]), gene_set("C", names[300:320])]
    changed = world.changed()
    tables = [
        study.compare(study.prepare(world.peaks, world.genes, order), changed, ~changed, world.covariates)
        for order in (given, given[::-1])
    ]
    pd.testing.assert_frame_equal(*(table.sort_values("set", ignore_index=True) for table in tables))


def test_genes_of_another_species_are_refused_with_examples_of_both(world):
    with pytest.raises(
        InputError, match=r"none of 2 genes \(7157, 3569.*annotation \(g0, g1, g2.*by symbol or by gene_id"
    ):
        study.prepare(world.peaks, world.genes, [gene_set("ENTREZ", ["7157", "3569"])])


def test_a_study_without_genes_tests_regions_alone(world):
    regions = {"half": world.peaks.iloc[::2][["chrom", "start", "end"]]}
    sets = study.prepare(world.peaks, None, (), regions)
    changed = world.changed()
    table = study.compare(sets, changed, ~changed, world.covariates)
    assert table["set"].tolist() == ["half"]
    assert table["genes"].isna().all()


def test_no_set_at_all_gives_empty_tables(world):
    sets = study.prepare(world.peaks, world.genes)
    changed = world.changed()
    assert len(study.compare(sets, changed, ~changed, world.covariates)) == 0
    assert len(study.along(sets, world.log_odds, world.covariates)) == 0
