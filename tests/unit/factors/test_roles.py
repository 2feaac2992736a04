"""Activator, repressor or undecided."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from workflow_lib.factors import roles

N_PEAKS = 1500


def world(
    seed: int,
    n: int,
    effect: float,
    *,
    between: float = 0.0,
    jump: float | None = None,
    own: float = 0.4,
    shapes: int = 12,
):
    """Counts of `n` samples in two groups, clusters of one motif each, and expression of their factors.

    Sites of every cluster move together by sample (sd `own`), whatever the factor does; those of the first
    by `effect` times its expression within groups too, and `between` is what the treatment does
    to both, or `jump` to the sites.
    """
    rng = np.random.default_rng(seed)
    names = [f"s{i}" for i in range(n)]
    samples = pd.DataFrame({"group": np.repeat(["a", "b"], [n // 2, n - n // 2])}, index=names)
    treated = (samples["group"] == "b").to_numpy(float)
    expressed = rng.normal(0, 0.7, (shapes, n)) + 9
    expressed[0] += between * treated
    has = rng.random((N_PEAKS, shapes)) < 0.08
    moves = rng.normal(0, own, (shapes, n))
    moves[0] += effect * (expressed[0] - expressed[0].mean()) + (between if jump is None else jump) * treated
    mean = np.exp(rng.normal(4, 0.8, N_PEAKS))
    depth = np.exp(rng.normal(0, 0.2, n))
    log2 = has @ moves + rng.normal(0, 0.3, (N_PEAKS, n))
    counts = pd.DataFrame(rng.poisson(mean[:, None] * 2**log2 * depth), columns=names)
    ids = [f"F{i}" for i in range(shapes)]
    library = pd.DataFrame({"motif_id": ids, "name": ids, "tf_names": ids, "cluster": ids})
    values = pd.DataFrame(rng.poisson(2**expressed), index=ids, columns=names)
    others = pd.DataFrame(rng.poisson(200, (50, n)), index=[f"G{i}" for i in range(50)], columns=names)
    gc = rng.normal(0.45, 0.06, N_PEAKS)
    sizes = pd.Series(depth, index=names)
    return counts, sizes, sparse.csr_array(has.astype(int)), gc, library, pd.concat([values, others]), samples


def asked(counts, sizes, matches, gc, library, values, samples, design="~ group"):
    genes = roles.genes_of_clusters(library, values, samples)
    return roles.test(counts, sizes, matches, gc, library, values, genes, samples, design).set_index(
        "cluster"
    )


@pytest.mark.parametrize(("effect", "role"), [(1.0, "activator"), (-1.0, "repressor")])
def test_sites_that_follow_or_oppose_expression_are_told(effect, role):
    found = [asked(*world(seed, 16, effect, own=0.2)).loc["F0", "role"] for seed in range(5)]
    assert found.count(role) >= 4
    assert set(found) <= {role, "undecided"}


def test_factors_that_vary_by_themselves_have_no_role():
    tables = [asked(*world(100 + seed, n, 0.0)) for seed in range(6) for n in (6, 12)]
    p = pd.concat(tables)["pvalue"]
    assert len(p) == 144
    assert (p < 0.05).mean() < 0.1  # 0.05 expected: binomial upper 99 % is 0.097
    assert sum((table["role"] != "undecided").any() for table in tables) <= 3


def curved(seed: int, n: int = 12, shapes: int = 12):
    """Expression goes with each library's GC curve, and some motifs lie in GC-rich peaks."""
    rng = np.random.default_rng(seed)
    names = [f"x{i}" for i in range(n)]
    samples = pd.DataFrame({"group": ["a", "b"] * (n // 2)}, index=names)
    gc, curve = rng.beta(20, 24, N_PEAKS), rng.normal(0, 1.5, n)
    rich = (gc > 0.5)[:, None] & (np.arange(shapes) % 3 == 0)
    has = rng.random((N_PEAKS, shapes)) < np.where(rich, 0.16, 0.06)
    log2 = np.outer(gc - gc.mean(), curve) * 4 + has @ (0.1 * rng.standard_t(4, (shapes, n)))
    mean = (rng.gamma(1.2, 60, N_PEAKS) + 8)[:, None] * rng.gamma(8, 1 / 8, (N_PEAKS, n))
    counts = pd.DataFrame(rng.poisson(mean * 2**log2), columns=names)
    ids = [f"F{i}" for i in range(shapes)]
    library = pd.DataFrame({"motif_id": ids, "name": ids, "tf_names": ids, "cluster": ids})
    expressed = 9 + 0.3 * rng.normal(size=(shapes, n)) + 0.5 * curve
    values = pd.DataFrame(rng.poisson(2**expressed), index=ids, columns=names)
    others = pd.DataFrame(rng.poisson(300, (60, n)), index=[f"G{i}" for i in range(60)], columns=names)
    sizes = pd.Series(1.0, index=names)
    return counts, sizes, sparse.csr_array(has.astype(int)), gc, library, pd.concat([values, others]), samples


def test_a_gc_curve_that_expression_goes_with_is_no_role():
    tables = [asked(*curved(seed)) for seed in range(12)]
    p = pd.concat(tables)["pvalue"]
    assert (p < 0.05).mean() < 0.1
    assert sum((table["role"] != "undecided").any() for table in tables) <= 3
    given = list(curved(0))
    given[3] = np.full(N_PEAKS, np.nan)
    assert asked(*given)["pvalue"].notna().all()


def test_what_only_the_groups_differ_in_is_undecided():
    tables = [asked(*world(seed, 12, 0.0, between=2.5)) for seed in range(6)]
    first = pd.DataFrame([table.loc["F0"] for table in tables])
    assert (first["r_all"] > 0.7).all()
    assert (first["role"] == "undecided").sum() >= 5
    opposed = asked(*world(3, 16, -1.0, between=2.0, jump=5.0, own=0.1)).loc["F0"]
    assert opposed["role"] == "undecided"
    assert opposed["why"] == "groups differ the other way than samples within them"


def test_correlations_by_hand():
    """Four peaks of one class with a hit follow the gene, others do not."""
    names = list("uvwxyz")
    samples = pd.DataFrame({"group": list("aaabbb")}, index=names)
    values = pd.DataFrame([[7, 15, 31, 7, 15, 31], [99] * 6], index=["F0", "G"], columns=names)
    swings = np.array([0.5, 1.0, 2.0, 0.5, 1.0, 2.0])
    counts = pd.DataFrame(np.full((40, 6), 1000.0), columns=names)
    counts.iloc[:12] = 1000 * swings
    noise = np.random.default_rng(0).normal(0, 1, (28, 6))
    counts.iloc[12:] *= np.exp2(0.1 * noise)
    library = pd.DataFrame({"motif_id": ["F0"], "tf_names": ["F0"], "cluster": [None]})
    has = sparse.csr_array((np.arange(40) < 12).astype(int)[:, None])
    gene = pd.DataFrame({"cluster": ["F0"], "factor": ["F0"], "row": ["F0"]})
    sizes = pd.Series(1.0, index=names)
    row = roles.test(counts, sizes, has, np.full(40, 0.5), library, values, gene, samples, "~ group").iloc[0]
    y = np.log2(counts + 2).to_numpy()
    e = np.array([-1.0, 0, 1, -1, 0, 1])

    def within(x):
        x = x - np.repeat([x[:3].mean(), x[3:].mean()], 3)
        return x @ e / np.sqrt((x @ x) * (e @ e))

    r = np.array([within(row) for row in y])
    assert row["n_peaks"] == 12
    assert row["shift"] == pytest.approx(r[:12].mean() - r[12:].mean(), abs=0.01)
    assert row["r_within"] == pytest.approx(within(y[:12].mean(axis=0) - y[12:].mean(axis=0)), abs=0.01)
    assert row["role"] == "activator"


def test_edges():
    given = list(world(1, 5, 1.0))
    few = asked(*given)
    assert (few["role"] == "undecided").all()
    assert few["why"].str.startswith("too few samples").all()
    given = list(world(1, 8, 1.0))
    none = asked(given[0] * 0, *given[1:])
    assert (none["role"] == "undecided").all()
    flat = given[5].copy()
    flat.iloc[:] = 50
    assert (asked(*given[:5], flat, given[6])["role"] == "undecided").all()
    bare = asked(*given[:2], given[2] * 0, *given[3:])
    assert bare["pvalue"].isna().all()
    silent = roles.genes_of_clusters(given[4], given[5] * 0, given[6])
    assert silent.empty
    empty = roles.test(*given[:6], silent, given[6], "~ group")
    assert empty.empty
    assert "role" in empty
