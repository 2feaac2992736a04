"""What the report says of gene sets and regions of other studies."""

from types import SimpleNamespace

import pandas as pd

from workflow_lib.report import regions


def table(padj):
    return pd.DataFrame(
        {
            "kind": ["genes"] * (len(padj) - 1) + ["regions"],
            "set": [f"SET_{i}" for i in range(len(padj))],
            "padj": padj,
        }
    )


def test_the_sentence_counts_both_kinds_and_names_the_first():
    said = regions.sentence(table([0.001, 0.01, 0.02, 0.03, 0.5, 0.04]), "that opened", 0.05)
    assert "4 of 5 gene sets (SET_0, SET_1, SET_2 and others)" in said
    assert "1 of 1 sets of regions (SET_5)" in said
    assert said.startswith("More common among regions that opened than")
    assert "0 of 1 gene sets" in regions.sentence(table([0.2, 0.3]), "that closed", 0.05)
    few = regions.sentence(table([None, None]), "that closed", 0.05)
    assert few.startswith("There are no regions that closed, or too few")
    assert "No set" in regions.sentence(table([0.5]).iloc[:0], "that closed", 0.05)


def section(contrast: dict):
    """The section of a contrast in whose regions a set is more common."""
    found = table([0.01, 0.5]).assign(
        n_loci_changed=5, expected=1.0, odds_ratio=5.0, ci_low=2.0, ci_high=9.0, pvalue=0.01, genes="a"
    )
    ranks = pd.DataFrame({"set": ["SET_0"], "n_peaks": [9], "shift": [0.5], "padj": [0.01]})
    given = {"regions": found, "region_ranks": ranks, "region_sets": pd.DataFrame({"used": [True]})}
    run = SimpleNamespace(
        contrast=lambda name: contrast,
        contrasts=["a"],
        alpha=0.05,
        table=lambda key, *names, **more: given[key],
        href=lambda key, *names, **more: "",
    )
    return regions.section(run, "a")


def test_sets_among_regions_of_an_interaction_or_of_no_direction():
    made = section({"interaction": {"group": ["treated", "control"], "cell": ["a", "b"]}})
    text = " ".join(made.parts[0].paragraphs)
    assert "regions whose difference is positive than" in text
    assert "regions whose difference is negative than" in text
    captions = [part.caption for part in made.parts[1:]]
    assert captions[0] == "Sets among regions whose difference is positive"
    assert "have a positive (above 0) or a negative difference together" in captions[2]
    assert not any(word in " ".join([text, *captions]) for word in ("opened", "closed", "close together"))
    undirected = section({"variable": "group", "test": "any"})
    said = undirected.parts[0].paragraphs[0]
    assert said == (
        "This contrast has no direction, so sets were not tested among opened or closed regions, but along "
        "all regions."
    )
    assert [part.caption[:23] for part in undirected.parts[1:]] == ["Sets whose regions chan"]


def test_sets_left_out_are_counted_by_reason():
    sets = pd.DataFrame(
        {
            "used": [True, False, False, False],
            "reason": [None, "no region", "fewer than 10 genes", "no region"],
        }
    )
    (said,) = regions.left_out(sets)
    assert "3 were not tested" in said
    assert "2 with no region" in said
    assert "1 with fewer than 10 genes" in said
    assert regions.left_out(sets.iloc[:1]) == []
