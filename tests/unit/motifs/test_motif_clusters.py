"""How alike motifs are, and what they are grouped into."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_lib.io.motifs import Motif
from workflow_lib.motifs import clusters
from workflow_lib.motifs.library import MotifLibrary


def matrix(word, sites=1000.0):
    """Counts that prefer one word (N: no preference)."""
    counts = np.zeros((4, len(word)))
    for i, base in enumerate(word):
        counts[:, i] = sites / 4 if base == "N" else sites * np.array([base == each for each in "ACGT"])
    return counts


def by_hand(a, b):
    """Pearson correlation at the best alignment, all of them laid out with columns of 0.25 around."""
    p, q = ((m + 0.2) / (m.sum(axis=0) + 0.8) for m in (a, b))
    best = 0.0
    for other in (q, q[::-1, ::-1]):
        for offset in range(-q.shape[1] + 1, p.shape[1]):
            first = min(0, offset)
            size = max(p.shape[1], offset + q.shape[1]) - first
            x, y = np.full((4, size), 0.25), np.full((4, size), 0.25)
            x[:, -first : -first + p.shape[1]] = p
            y[:, offset - first : offset - first + q.shape[1]] = other
            if x.std() > 1e-9 and y.std() > 1e-9:
                best = max(best, np.corrcoef(x.ravel(), y.ravel())[0, 1])
    return best


@st.composite
def matrices(draw):
    made = []
    for _ in range(draw(st.integers(2, 4))):
        column = st.lists(st.sampled_from([0, 1, 5, 50]), min_size=4, max_size=4).filter(any)
        columns = draw(st.lists(column, min_size=1, max_size=7))
        made.append(np.array(columns, float).T)
    return made


@settings(max_examples=200, deadline=None)
@given(matrices())
def test_similarity_is_the_correlation_of_the_best_alignment(counts):
    found = clusters.similarity(counts)
    assert (found == found.T).all()
    assert (np.diag(found) == 1).all()
    for i in range(len(counts)):
        for j in range(i):
            assert found[i, j] == pytest.approx(by_hand(counts[i], counts[j]), abs=1e-8)


def test_strand_flanks_and_halves():
    same, other, flanked, half = (
        clusters.similarity([matrix("TGACTCA"), matrix(word)])[0, 1]
        for word in ("TGAGTCA", "CCCCCCC", "NNTGACTCANNN", "TGAC")
    )
    assert same == pytest.approx(1, abs=1e-6)  # its reverse complement
    assert flanked == pytest.approx(1, abs=1e-6)
    assert other < 0.4
    assert half == pytest.approx(np.sqrt(4 / 7), abs=1e-3)


def test_a_motif_that_says_nothing_is_like_no_other():
    found = clusters.similarity([matrix("NNNN"), matrix("TGAC"), matrix("NN")])
    assert found.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_no_two_of_a_cluster_are_less_alike_than_the_threshold_and_the_most_central_names_it():
    alike = np.array(
        [
            [1.0, 0.8, 0.9, 0.1, 0.0],
            [0.8, 1.0, 0.95, 0.7, 0.0],
            [0.9, 0.95, 1.0, 0.2, 0.0],
            [0.1, 0.7, 0.2, 1.0, 0.0],
            [0.0, 0.0, 0.0, 0.0, 1.0],
        ]
    )
    assert clusters.clusters(alike).tolist() == [2, 2, 2, 3, 4]
    assert clusters.clusters(alike, 0.85).tolist() == [0, 1, 1, 3, 4]
    assert clusters.clusters(alike, 0).tolist() == [1] * 5


@pytest.mark.parametrize("n", [0, 1])
def test_few_motifs(n):
    assert clusters.clusters(clusters.similarity([matrix("ACG")] * n)).tolist() == list(range(n))


def test_the_order_of_the_library_changes_no_cluster():
    rng = np.random.default_rng(4)
    base = [rng.dirichlet([0.2] * 4, 9).T * 100 for _ in range(5)]
    motifs = [Motif(f"m{i:02}", "m", base[i % 5] + rng.uniform(0, 9, (4, 9))) for i in range(30)]
    groups = []
    for order in (np.arange(30), rng.permutation(30)):
        made = clusters.assign(MotifLibrary(tuple(motifs[i] for i in order)))
        groups.append(dict(zip(made.ids, made.clusters, strict=True)))
    assert groups[0] == groups[1]
    assert {frozenset(k for k, v in groups[0].items() if v == name) for name in groups[0].values()} == {
        frozenset(f"m{i:02}" for i in range(start, 30, 5)) for start in range(5)
    }


def test_the_best_of_each_cluster_represents_it_within_a_table():
    table = pd.DataFrame(
        {
            "motif_id": list("abcdefg"),
            "cluster": ["a", "a", "c", "c", None, None, "g"],
            "pvalue": [0.0, 0.0, 0.5, 0.2, 0.9, 0.8, np.nan],
        }
    )
    assert clusters.representatives(table).tolist() == [True, False, False, True, True, True, False]
    table["log10_pvalue"] = [-310.0, -400.0, -0.3, -0.7, 0.0, -0.1, np.nan]
    assert clusters.representatives(table).tolist() == [False, True, False, True, True, True, False]
    assert clusters.representatives(table.iloc[:0]).tolist() == []
    assert clusters.members(table)["a"] == ["b"]
    assert clusters.members(table)["e"] == []
