"""Enrichment where the truth is known: silent labels give uniform p-values, a planted motif is found."""

import numpy as np
import pytest
from scipy import sparse, stats

from workflow_lib.io.motifs import Motif
from workflow_lib.motifs import enrichment, scan
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
