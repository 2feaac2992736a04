"""Enrichment where the truth is known: silent labels give uniform p-values, a planted motif is found."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats

from workflow_lib.io.motifs import Motif
from workflow_lib.motifs import enrichment, matched, matching, scan
from workflow_lib.motifs.library import MotifLibrary

EVEN = [0.25] * 4
N_PEAKS, N_MOTIFS, N_FOREGROUND = 6000, 400, 400


def silent_matches(rng):
    """Motifs of very different prevalence, some together in the same peaks, none with anything to say."""
    prevalence = np.exp(rng.uniform(np.log(0.003), np.log(0.6), N_MOTIFS))
    openness = rng.gamma(4, 0.25, N_PEAKS)
    return sparse.csr_matrix(rng.random((N_PEAKS, N_MOTIFS)) < np.outer(openness, prevalence))


def random_labels(rng):
    foreground = np.zeros(N_PEAKS, dtype=bool)
    foreground[rng.choice(N_PEAKS, N_FOREGROUND, replace=False)] = True
    return foreground, ~foreground


@pytest.fixture(scope="module")
def null():
    """Tables of ten random labellings."""
    rng = np.random.default_rng(20)
    matches = silent_matches(rng)
    return matches, [enrichment.test(matches, *random_labels(rng)) for _ in range(10)]


@pytest.mark.parametrize("alpha", [0.001, 0.01, 0.05, 0.2, 0.5])
def test_p_values_under_the_null_are_never_too_small(null, alpha):
    p = np.concatenate([table["pvalue"] for table in null[1]])
    # Motifs share peaks, so tests are not independent: three standard errors, each twice its usual size.
    assert (p <= alpha).mean() < alpha + 6 * np.sqrt(alpha * (1 - alpha) / p.size)


def test_p_values_under_the_null_are_uniform_but_for_their_steps(null):
    # Fisher's p is discrete. Drawn evenly between P(X > x) and P(X >= x), it is uniform if the test is right.
    rng = np.random.default_rng(21)
    randomised = []
    for table in null[1]:
        population = N_PEAKS
        hits = table["foreground_hits"].to_numpy()
        with_motif = hits + table["background_hits"].to_numpy()
        mass = stats.hypergeom.pmf(hits, population, with_motif, N_FOREGROUND)
        randomised.append(table["pvalue"] - rng.random(N_MOTIFS) * mass)
    randomised = np.concatenate(randomised)
    assert stats.kstest(randomised, "uniform").statistic < 0.04
    assert abs((randomised <= 0.05).mean() - 0.05) < 0.012


def test_nothing_is_significant_under_the_null(null):
    assert sum((table["padj"] < 0.05).any() for table in null[1]) <= 2


def test_intervals_cover_one_under_the_null(null):
    covered = np.concatenate([(t["ci_low"] < 1) & (t["ci_high"] > 1) for t in null[1]])
    assert 0.93 < covered.mean() < 0.995


@pytest.mark.parametrize("spread", [0.5, 1.5])
def test_weights_without_meaning_do_not_make_p_values_small(spread):
    rng = np.random.default_rng(22)
    matches = silent_matches(rng)
    tables = [
        enrichment.test(matches, *random_labels(rng), rng.lognormal(0, spread, N_PEAKS)) for _ in range(10)
    ]
    p = np.concatenate([table["pvalue"] for table in tables])
    for alpha in (0.001, 0.01, 0.05, 0.2):
        assert (p <= alpha).mean() < alpha + 6 * np.sqrt(alpha * (1 - alpha) / p.size)
    assert (p <= 0.2).mean() > 0.1  # safe, not mute


def test_weights_undo_a_composition_that_differs():
    # Foreground peaks are mostly GC-rich, background peaks mostly not; motifs follow GC and nothing else.
    rng = np.random.default_rng(23)
    rich = rng.random(N_PEAKS) < 0.3
    foreground = rng.random(N_PEAKS) < np.where(rich, 0.15, 0.03)
    matches = sparse.csr_matrix(rng.random((N_PEAKS, N_MOTIFS)) < np.where(rich, 0.4, 0.1)[:, None])
    share = (
        rich[foreground].mean() / rich[~foreground].mean(),
        (~rich[foreground]).mean() / (~rich[~foreground]).mean(),
    )
    plain = enrichment.test(matches, foreground, ~foreground)
    matched = enrichment.test(matches, foreground, ~foreground, np.where(rich, *share))
    assert (plain["padj"] < 0.05).mean() > 0.9
    assert (matched["pvalue"] < 0.05).mean() < 0.08
    assert abs(matched["log2_enrichment"].median()) < 0.05


def test_a_planted_motif_is_found_among_decoys():
    rng = np.random.default_rng(24)
    motifs = tuple(Motif(f"m{i:02}", f"m{i:02}", rng.dirichlet([0.15] * 4, 11).T * 300) for i in range(40))
    library = MotifLibrary(motifs).calibrated(1e-4, EVEN)
    bases = rng.integers(0, 4, (1500, 200))
    foreground = np.arange(1500) < 150
    planted = motifs[7]
    for row in np.flatnonzero(foreground)[:60]:
        word = (planted.counts.cumsum(axis=0) < rng.random(planted.length) * 300).sum(axis=0)
        start = rng.integers(0, 190 - planted.length)
        bases[row, start : start + planted.length] = word if rng.random() < 0.5 else 3 - word[::-1]
    letters = np.array(list("ACGT"))[bases]
    hits = scan.scan({str(i): "".join(row) for i, row in enumerate(letters)}, library, 1e-4, EVEN)
    matches = sparse.coo_array(
        (np.ones(len(hits), int), (hits["name"].cat.codes, hits["motif_id"].cat.codes)), shape=(1500, 40)
    )
    up = enrichment.test(matches, foreground, ~foreground, motifs=library.table())
    assert up["motif_id"][up["pvalue"].idxmin()] == "m07"
    assert up["padj"][7] < 1e-10
    assert up["ci_low"][7] > 3
    assert (up["padj"].drop(index=7) > 0.05).all()
    # The other way round it is depleted, which a one-sided test of enrichment must not report.
    down = enrichment.test(matches, ~foreground, foreground, motifs=library.table())
    assert down["pvalue"][7] > 0.999
    assert down["ci_high"][7] < 1


# ---- membership that follows GC content and depth, as motifs do, and nothing else


def confounded(rng, n=4000, n_motifs=300, n_foreground=400, strength=1.0):
    """Matches, foreground and covariates; both sides follow GC content and mean count."""
    gc = np.clip(rng.normal(0.48, 0.09, n), 0.15, 0.85)
    strong, first = rng.random((n, 200)) < gc[:, None], rng.random((n, 200)) < 0.5
    letters = np.where(strong, np.where(first, b"C", b"G"), np.where(first, b"A", b"T"))
    observed, depth = strong.mean(axis=1) - 0.48, rng.gamma(2, 40, n) + 10
    deep = np.log(depth) - np.log(depth).mean()
    slopes = rng.normal(0, 12, n_motifs), rng.normal(0, 0.3, n_motifs)
    log_odds = rng.uniform(np.log(0.004), np.log(0.4), n_motifs)
    log_odds = log_odds + np.outer(observed, slopes[0]) + np.outer(deep, slopes[1])
    chance = np.exp(strength * (6 * observed + 0.7 * deep))
    foreground = np.zeros(n, dtype=bool)
    foreground[rng.choice(n, n_foreground, replace=False, p=chance / chance.sum())] = True
    matches = sparse.csr_array(rng.random((n, n_motifs)) < 1 / (1 + np.exp(-log_odds)))
    values = matching.covariates([row.tobytes().decode() for row in letters], np.full(n, 501), depth)
    return matches, foreground, values


def by_propensity(matches, foreground, values):
    ids = pd.DataFrame({"motif_id": range(matches.shape[1]), "name": ""})
    return matched.test(matches, foreground, ~foreground, values, ids)


@pytest.fixture(scope="module", params=[80, 400], ids="{} foreground peaks".format)
def confounded_null(request):
    """p-values of motifs expected in three foreground peaks: plain, weighted, matched by propensity."""
    pvalues = {"plain": [], "weighted": [], "matched": []}
    for seed in range(2):
        rng = np.random.default_rng(100 + seed)
        matches, foreground, values = confounded(rng, n_foreground=request.param)
        weights = matching.weights(values, foreground, ~foreground)
        assert matching.worst(matching.balance(values, foreground, ~foreground, weights))[1] <= 0.05
        expected = np.asarray(matches.sum(axis=0)).ravel() * foreground.mean()
        found = {
            "plain": enrichment.test(matches, foreground, ~foreground)["pvalue"],
            "weighted": enrichment.test(matches, foreground, ~foreground, weights)["pvalue"],
            "matched": by_propensity(matches, foreground, values)["pvalue"],
        }
        for name, p in found.items():
            pvalues[name].append(p[expected >= 3])
    return {name: np.concatenate(parts) for name, parts in pvalues.items()}


def test_without_weights_a_confounded_null_looks_like_enrichment(confounded_null):
    assert (confounded_null["plain"] <= 0.001).mean() > 0.05


@pytest.mark.parametrize("method", ["weighted", "matched"])
@pytest.mark.parametrize("alpha", [0.001, 0.01, 0.05, 0.2])
def test_weights_and_covariates_keep_the_level_of_a_confounded_null(confounded_null, method, alpha):
    p = confounded_null[method]
    assert (p <= alpha).mean() < alpha + 4 * np.sqrt(alpha * (1 - alpha) / len(p))


def test_neither_is_mute_under_a_confounded_null(confounded_null):
    for method in ("weighted", "matched"):
        assert (confounded_null[method] <= 0.2).mean() > 0.08
        assert (confounded_null[method] <= 0.5).mean() > 0.3


def test_weights_on_permuted_labels_leave_uniform_p_values():
    # Fisher's p on effective sizes, drawn evenly within its steps; counts rounded as the test rounds.
    rng = np.random.default_rng(30)
    randomised = []
    for _ in range(3):
        matches, foreground, values = confounded(rng, strength=0.0)
        weights = matching.weights(values, foreground, ~foreground)
        table = enrichment.test(matches, foreground, ~foreground, weights)
        table = table[table["foreground_hits"] + table["background_hits"] * 0.1 > 10]
        size = int(table["background_size"].iloc[0])
        hits = table["foreground_hits"].to_numpy()
        other = np.ceil(table["background_hits"].to_numpy() - 1e-6)
        mass = stats.hypergeom.pmf(hits, 400 + size, hits + other, 400)
        randomised.append(table["pvalue"] - rng.random(len(table)) * mass)
    randomised = np.concatenate(randomised)
    # Balance takes from the variance what covariates explain: p-values a little too large, never too small.
    assert stats.kstest(randomised, "uniform").statistic < 0.12
    assert 0.02 < (randomised <= 0.05).mean() < 0.065
    assert abs(np.median(randomised) - 0.5) < 0.1


def test_a_planted_motif_is_found_through_the_weights():
    rng = np.random.default_rng(31)
    matches, foreground, values = confounded(rng)
    planted = rng.random(len(foreground)) < np.where(foreground, 0.3, 0.1)
    matches = sparse.csr_array(sparse.hstack([matches, sparse.csr_array(planted[:, None])]))
    weights = matching.weights(values, foreground, ~foreground)
    table = enrichment.test(matches, foreground, ~foreground, weights)
    assert table["log10_pvalue"].idxmin() == 300
    assert (table["padj"] < 0.05).sum() <= 2
    assert by_propensity(matches, foreground, values)["log10_pvalue"].idxmin() == 300
