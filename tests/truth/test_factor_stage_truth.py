"""From counts to factors where the truth is known: the driver leads, and chance is quiet."""

import numpy as np
import pandas as pd
import pytest

from benchmarks import factor_worlds as worlds
from workflow_lib import factors
from workflow_lib.errors import InputError


@pytest.fixture(scope="module")
def library():
    return worlds.motif_library()


def evidence(library, generator, regime, layout, seed):
    world = worlds.GENERATORS[generator](worlds.REGIMES[regime], layout, seed)
    found = factors.from_counts(
        world.counts, world.samples, world.design, worlds.CONTRAST,
        sequences=world.sequences, library=library, matches=world.matches,
    )  # fmt: skip
    return world, found


def cluster_of(library, motif):
    return library.clusters[library.ids.index(motif)]


def test_driver_first_and_companion_explained(library):
    world, found = evidence(library, "drawn", "companion", "3+3", 100)
    table = found.table.set_index("cluster")
    driver, companion = (cluster_of(library, motif) for motif in (world.driver, world.companion))
    assert table.index[0] == driver
    assert table.loc[driver, "direction"] == "up"
    assert table.loc[driver, "padj"] < 1e-3
    assert table.loc[companion, "direction"] == "none"
    assert (
        table.loc[companion, "verdict"].startswith("explained by") or not table.loc[companion, "padj"] < 0.05
    )
    assert len(found.differential) == len(world.counts)
    assert set(found.enrichment) == {"up", "down"}
    assert len(found.chromvar) == len(library)


@pytest.mark.parametrize("layout", ["3+3", "3 pairs"])
def test_factors_that_vary_between_samples_are_rarely_called(library, layout):
    called = 0
    for generator in worlds.GENERATORS:
        for seed in range(3):
            _, found = evidence(library, generator, "null, 10 vary", layout, 700 + seed)
            called += bool((found.table["padj"] < 0.05).any())
    assert called <= 1


def test_the_same_inputs_give_the_same_table(library):
    tables = [evidence(library, "drawn", "few", "3+3", 5)[1].table for _ in range(2)]
    assert tables[0].equals(tables[1])


def test_one_sample_a_group_calls_nothing(library):
    world = worlds.drawn(worlds.REGIMES["clear"], "2+2", 3)
    kept = world.samples.iloc[[0, 2]]
    found = factors.from_counts(
        world.counts, kept, world.design, worlds.CONTRAST,
        sequences=world.sequences, library=library, matches=world.matches,
    )  # fmt: skip
    assert not found.table["direction"].isin(["up", "down"]).any()
    assert not np.isfinite(found.table["activity_padj"]).any()


def test_two_libraries_of_a_donor_are_not_two_donors(library):
    world = worlds.scanned(worlds.REGIMES["null, 10 vary"], "3+3", 11)
    half = np.random.default_rng(2).binomial(world.counts, 0.5)
    second = (world.counts - half).add_suffix("_b")
    counts = pd.concat([world.counts - second.to_numpy(), second], axis=1)
    donors = list(world.samples.index) * 2
    samples = pd.concat([world.samples] * 2).set_axis(counts.columns).rename_axis("sample")
    samples = samples.assign(donor=donors)

    def small(**given):
        found = factors.from_counts(
            counts, samples, world.design, worlds.CONTRAST,
            sequences=world.sequences, library=library, matches=world.matches, **given,
        )  # fmt: skip
        return (found.activity["activity_pvalue"] < 0.001).mean(), (found.chromvar["pvalue"] < 0.001).mean()

    apart, together = small(), small(block="donor")
    # ten factors vary between three donors a group, which counts as six samples if nobody says so
    assert min(apart) > 3 * max(together)


def test_expression_names_the_likely_members_and_their_role(library):
    world = worlds.drawn(worlds.REGIMES["clear"], "3+3", 4)

    def found(**given):
        return factors.from_counts(
            world.counts, world.samples, world.design, worlds.CONTRAST,
            sequences=world.sequences, library=library, matches=world.matches, **given,
        ).table.set_index("cluster")  # fmt: skip

    plain, motifs = found(), library.table()
    cluster = cluster_of(library, world.driver)
    own = motifs[(motifs["cluster"] == cluster) & ~motifs["tf_names"].str.contains(";")]
    loud = own["tf_names"].iloc[-1]
    names = motifs["tf_names"].str.split(";").explode().unique()
    rows = dict.fromkeys(names, 5.0) | {loud: 50.0}
    rng = np.random.default_rng(1)
    tpm = pd.DataFrame(
        {name: pd.Series(rows) * rng.uniform(0.9, 1.1, len(rows)) for name in world.samples.index}
    )
    tpm.loc[loud, world.samples["group"] == worlds.CONTRAST["experiment"]] *= 4
    table = found(expression=tpm.assign(other=1.0), min_expression=20.0)
    row = table.loc[cluster]
    assert set(row["likely_members"].split(", ")) == set(own.loc[own["tf_names"] == loud, "name"])
    assert row["expression_gene"] == loud
    assert row["expression_log2FC"] == pytest.approx(2, abs=0.4)
    assert set(table["role"]) <= {"activator", "repressor", "undecided"}
    new = {"likely_members", "not_expressed", "expression_levels", "role"}
    assert new <= set(table)
    assert not new & set(plain)
    assert np.array_equal(table["pvalue"].loc[plain.index], plain["pvalue"])
    with pytest.raises(InputError, match="no column is a sample"):
        found(expression=tpm.add_prefix("x"))
    with pytest.raises(InputError, match="is negative"):
        found(expression=np.log2(tpm / 10))
