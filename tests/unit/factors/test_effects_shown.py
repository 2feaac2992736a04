"""Which member's effect stands in the row of a cluster."""

import numpy as np
import pandas as pd
import pytest

from workflow_lib.factors import evidence as factors
from workflow_lib.stats.multiple_testing import bh

IDS = ["M1", "M2", "M3", "M4"]
LIBRARY = pd.DataFrame(
    {"motif_id": IDS, "name": IDS, "tf_names": IDS, "cluster": ["M1", "M1", "M1", "M4"]}
)  # one cluster of three and a motif by itself


def enriched(pvalues, log2):
    p = np.array(pvalues, dtype=float)
    odds = 2.0 ** np.array(log2, dtype=float)
    return pd.DataFrame(
        {
            "motif_id": IDS,
            "log10_pvalue": np.log10(p),
            "padj": bh(p),
            "odds_ratio": odds,
            "log2_enrichment": log2,
        }
    )


def moved(delta, pvalues):
    return pd.DataFrame({"motif_id": IDS, "delta": delta, "pvalue": pvalues, "padj": bh(pvalues)})


def row(lead, delta, p):
    """The cluster's row where one member leads by enrichment among the peaks that opened."""
    up = [0.5] * 4
    up[IDS.index(lead)] = 1e-12
    log2 = [0.1, 0.2, 0.3, 0.4]
    table = factors.rank(
        LIBRARY, enriched(up, log2), enriched([0.5] * 4, [-x for x in log2]), moved(delta, p)
    )
    return table.set_index("cluster").loc["M1"]


@pytest.mark.parametrize(("lead", "log2"), [("M1", 0.1), ("M2", 0.2), ("M3", 0.3)])
def test_enrichment_is_that_of_the_representative(lead, log2):
    found = row(lead, [1.0, 1.0, 1.0, 1.0], [0.5] * 4)
    assert found["representative"] == lead
    assert found["up_log2_enrichment" if "up_log2_enrichment" in found else "up_log2"] == log2
    assert found["up_odds_ratio"] == pytest.approx(2**log2)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_change_is_the_representatives_where_it_goes_with_the_cluster(sign):
    # M2 changes more clearly, but the row speaks of M1
    found = row("M1", [sign * 0.2, sign * 0.9, sign * 0.1, 0.5], [0.01, 1e-9, 0.2, 0.5])
    assert found["representative"] == "M1"
    assert found["chromvar_delta"] == sign * 0.2


@pytest.mark.parametrize("sign", [1, -1])
def test_a_change_is_the_clearest_members_where_the_representative_goes_against_the_cluster(sign):
    found = row("M1", [-sign * 0.3, sign * 0.4, sign * 0.9, 0.5], [0.3, 1e-9, 1e-4, 0.5])
    assert found["representative"] == "M1"
    assert found["chromvar_delta"] == sign * 0.4  # by its p, not by its size


def test_a_change_is_another_members_where_the_representative_was_not_tested():
    found = row("M1", [np.nan, 0.4, 0.9, 0.5], [np.nan, 0.2, 1e-6, 0.5])
    assert found["representative"] == "M1"
    assert found["chromvar_delta"] == 0.9


def test_a_change_of_no_member_is_missing():
    found = row("M2", [np.nan, np.nan, np.nan, 0.5], [np.nan, np.nan, np.nan, 0.5])
    assert np.isnan(found["chromvar_delta"])
