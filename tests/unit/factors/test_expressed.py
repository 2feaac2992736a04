"""Members of a cluster that are expressed, and what a cluster is called and stands for."""

import numpy as np
import pandas as pd
import pytest

from workflow_lib.factors import evidence, expressed, families
from workflow_lib.io import factor_names

SAMPLES = pd.DataFrame({"group": ["a", "a", "b", "b"]}, index=list("wxyz"))
LIBRARY = pd.DataFrame(
    {
        "motif_id": ["M1", "M2", "M3", "M4"],
        "name": ["SPIB", "Spi1", "SPIC", "FOS::JUN"],
        "tf_names": ["SPIB", "Spi1", "SPIC", "FOS;JUN"],
        "family": ["Ets-related", "Ets-related", "Other", "Jun-related; Fos-related"],
        "cluster": ["M1", "M1", "M1", "M4"],
    }
)


def ranked(levels=None, least=1.0, up=(-9.0, -8.0, -7.0, -1.0), **options) -> pd.DataFrame:
    """Four motifs in two clusters; SPIB has the smallest p."""

    def table(log10p, **columns):
        log10p = np.array(log10p, dtype=float)
        padj = np.minimum(10.0**log10p * 4, 1)
        return pd.DataFrame(
            {"motif_id": LIBRARY["motif_id"], "log10_pvalue": log10p, "padj": padj, **columns}
        )

    effects = {"odds_ratio": [4.0, 3.0, 2.0, 1.0], "log2_enrichment": [2.0, 1.5, 1.0, 0.0]}
    moved = pd.DataFrame({"motif_id": LIBRARY["motif_id"], "delta": 0.2, "pvalue": 0.01, "padj": 0.02})
    known = None if levels is None else pd.Series(levels, dtype=float)
    return evidence.rank(
        LIBRARY,
        table(up, **effects),
        table([-0.1] * 4, **effects),
        moved,
        levels=known,
        least=least,
        **options,
    ).set_index("cluster")


def test_a_cluster_is_called_after_the_member_that_is_expressed_most():
    plain, found = ranked(), ranked({"SPIB": 0.2, "Spi1": 80.0})
    assert plain.loc["M1", "name"] == "SPIB"
    assert "likely_members" not in plain
    assert found.loc["M1", ["name", "representative"]].tolist() == ["Spi1", "M2"]
    assert found.loc["M1", "up_odds_ratio"] == 3.0
    assert found.loc["M1", "likely_members"] == "Spi1, SPIC?"
    assert found.loc["M1", "not_expressed"] == "SPIB"
    assert found.loc["M1", "expression_levels"] == "Spi1 80, SPIB 0.2"
    same = ["pvalue", "padj", "direction"]
    pd.testing.assert_frame_equal(plain[same], found.loc[plain.index, same])


def test_without_an_expressed_member_nothing_is_renamed():
    found = ranked({"SPIB": 0.2, "Spi1": 0.3, "SPIC": 0.0})
    assert found.loc["M1", "name"] == "SPIB"
    assert found.loc["M1", "likely_members"] is None
    assert found.loc["M1", "not_expressed"] == "Spi1, SPIB, SPIC"


def test_a_member_that_was_not_tested_is_not_chosen():
    found = ranked({"Spi1": 80.0, "SPIB": 5.0}, up=(-9.0, np.nan, -7.0, -1.0))
    assert found.loc["M1", "name"] in ("Spi1", "SPIB")  # chromVAR tested it
    log10p = np.array([[-9.0], [np.nan], [-7.0]])
    kept = expressed.preferred(log10p, np.array([[0], [1], [2]]), np.array([5.0, 80.0, np.nan]), 1.0)
    assert np.isnan(kept[1:]).all()
    assert kept[0] == -9.0


@pytest.mark.parametrize(
    ("levels", "level"),
    [
        ({"FOS": 5.0, "JUN": 40.0}, 5.0),
        ({"FOS": 0.0}, 0.0),
        ({"JUN": 40.0}, np.nan),
        ({}, np.nan),
    ],
)
def test_a_dimer_has_the_level_of_its_scarcer_half(levels, level):
    found = expressed.of_motifs(LIBRARY["tf_names"], pd.Series(levels, dtype=float), 1.0)
    assert found[3] == pytest.approx(level, nan_ok=True)


def test_levels_are_of_the_group_where_a_gene_is_highest():
    tpm = pd.DataFrame(
        {"w": [1.5, 0.0], "x": [2.5, 0.0], "y": [10.0, 3.0], "z": [20.0, 3.5]}, index=["A", "B"]
    )
    found, scale = expressed.levels(tpm, SAMPLES)
    assert scale == "normalised"
    assert found.to_dict() == {"A": 15.0, "B": 3.25}
    counts = pd.DataFrame({"w": [10, 100], "x": [20, 200], "y": [10, 100], "z": [10, 100]}, index=["A", "B"])
    found, scale = expressed.levels(counts, SAMPLES)
    assert scale == "counts"
    assert found["B"] == pytest.approx(10 * found["A"])
    assert found["A"] == pytest.approx(10 * 2**0.25)  # sizes 2 ** -0.25, and twice that for x
    genes = pd.DataFrame({"gene_id": ["A", "B"], "gene_name": ["Alpha", "Beta"]})
    assert set(expressed.levels(tpm, SAMPLES, genes)[0].index) == {"Alpha", "Beta"}


def test_factors_are_found_by_alias_and_in_any_case():
    found = expressed.of_factors(["SPI1", "Trp53", "None"], pd.Series({"Spi1": 3.0, "TP53": 4.0}))
    assert found[["SPI1", "Trp53"]].tolist() == [3.0, 4.0]
    assert np.isnan(found["None"])


def test_the_family_of_a_cluster_is_that_of_most_of_its_motifs():
    table = ranked()
    assert table["family"].to_dict() == {"M1": "Ets-related", "M4": "Jun-related; Fos-related"}
    of_third = families.of_clusters(LIBRARY, pd.Series(["M3", "M4"]), pd.Series(["M1", "M4"]))
    assert of_third.iloc[0] == "Ets-related"
    classes = LIBRARY.assign(family=None).assign(**{"class": ["bHLH", "bZIP", "bZIP", None]})
    found = families.of_clusters(classes, pd.Series(["M1", "M4"]), pd.Series(["M1", "M4"]))
    assert found.tolist() == ["bZIP", None]
    bare = LIBRARY.drop(columns="family")
    assert families.of_clusters(bare, pd.Series(["M1"]), pd.Series(["M1"])).tolist() == [None]


def test_many_look_ups_find_what_one_finds():
    names = ["SPI1", "pu.1", "TP53", "NR5A1", "SF1", "HNF1A", "TCF7", "FOS", "JUN", "JUNB", "POU5F1", "x"]
    look_up = factor_names.finder(names)
    for asked in ("SPI1", "PU.1", "p53", "Trp53", "SF1", "TCF1", "AP-1", "OCT4", "c-Jun", "nothing", "X"):
        assert look_up(asked) == factor_names.find(asked, {name: [name] for name in names}), asked
