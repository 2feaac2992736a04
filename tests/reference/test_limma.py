"""The moderated t-test gives limma's numbers."""

import numpy as np
import pytest

from workflow_lib.io import tables
from workflow_lib.stats import moderated

CONTRAST = {"variable": "group", "experiment": "trt", "control": "ctl"}


@pytest.mark.parametrize(("stem", "design"), [("group", "~ group"), ("batch", "~ batch + group")])
def test_equals_limma(shared, stem, design):
    folder = shared / "reference" / "limma"
    scores = tables.read_table(folder / "sim6.scores.tsv.gz", index="Unnamed: 0", skipinitialspace=True)
    samples = tables.read_table(folder / "sim6.samples.tsv", index="Unnamed: 0")
    expected = tables.read_table(folder / f"sim6.{stem}.tsv.gz", index="Unnamed: 0", skipinitialspace=True)
    result = moderated.test(scores, samples, design, CONTRAST)
    assert scores.isna().to_numpy().sum() == 5
    assert list(result.index) == list(expected.index)
    expected = expected.rename(columns={"p": "pvalue"})
    for column in expected.columns:
        np.testing.assert_allclose(result[column], expected[column], rtol=1e-8, err_msg=column)
