"""The stage of factors under permuted labels."""

import numpy as np
import pandas as pd
from scipy import sparse

from workflow_lib.factors import permuted


def test_every_other_labelling_is_tried_and_none_calls():
    rng = np.random.default_rng(1)
    samples = pd.DataFrame({"group": list("aaabbb")}, index=[f"s{i}" for i in range(6)])
    counts = pd.DataFrame(rng.negative_binomial(20, 0.2, (600, 6)), columns=samples.index)
    counts.index = [f"chr1:{600 * i}-{600 * i + 501}" for i in range(600)]
    matches = sparse.csr_array((rng.random((600, 20)) < 0.1).astype(int))
    motifs = pd.DataFrame(
        {"motif_id": [f"M{i}" for i in range(20)], "name": "x", "tf_names": "", "cluster": None}
    )
    covariates = pd.DataFrame({"gc": rng.normal(0, 1, 600)})
    asked = samples, "~ group", {"variable": "group", "experiment": "b", "control": "a"}
    sizes = pd.Series(1.0, index=samples.index)
    found = permuted.permuted(counts, matches, covariates, *asked, sizes, motifs)
    assert len(found) == 9
    assert (found["possible"] == 9).all()
    assert found["experiment"].is_unique
    assert (found["n_clusters"] == 0).sum() >= 8
    few = samples.iloc[[0, 3]]
    none = permuted.permuted(
        counts[few.index], matches, covariates, few, *asked[1:], sizes[few.index], motifs
    )
    assert none.empty


def test_peaks_are_tested_as_in_the_run_itself():
    rng = np.random.default_rng(3)
    samples = pd.DataFrame({"group": list("aaabbb")}, index=[f"s{i}" for i in range(6)])
    fold = np.where(rng.random((400, 1)) < 0.2, 1.5, 1.0) ** np.array([0, 1, 0, 1, 0, 1])  # of other labels
    counts = pd.DataFrame(rng.poisson(150 * fold), columns=samples.index)
    counts.index = [f"chr1:{600 * i}-{600 * i + 501}" for i in range(400)]
    matches = sparse.csr_array((rng.random((400, 8)) < 0.1).astype(int))
    motifs = pd.DataFrame(
        {"motif_id": [f"M{i}" for i in range(8)], "name": "x", "tf_names": "", "cluster": None}
    )
    asked = samples, "~ group", {"variable": "group", "experiment": "b", "control": "a"}
    sizes = pd.Series(1.0, index=samples.index)
    covariates = pd.DataFrame({"gc": rng.normal(0, 1, 400)})

    def most(**options):
        found = permuted.permuted(counts, matches, covariates, *asked, sizes, motifs, **options)
        return found["n_peaks"].max()

    assert most() > 40
    assert most(min_abs_log2fc=1.0) == 0
    assert most(min_count=5000) == 0
    assert most(offsets=pd.DataFrame(np.log(fold), counts.index, counts.columns)) < 5
