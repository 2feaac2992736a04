"""Normalisation factors of edgeR 3.40 (calcNormFactors, TMM), and how near ours are."""

import numpy as np
import pandas as pd
import pytest

from workflow_lib.differential import size_factors


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("sim", "reference/deseq2/sim.counts.tsv.gz"),
        ("mouse", "data/counts_mouse_tissues/mouse_tissues_atac_counts.tsv.gz"),
    ],
)
def test_tmm_factors(shared, name, counts):
    theirs = pd.read_csv(shared / f"reference/edger/{name}.tmm.tsv", sep="\t", index_col="sample")
    counts = pd.read_csv(shared / counts, sep="\t", index_col=0)[list(theirs.index)]
    assert counts.sum().tolist() == theirs["lib_size"].tolist()
    np.testing.assert_allclose(size_factors.tmm(counts), theirs["tmm_factor"], rtol=0, atol=1e-8)
