"""Links on simulated expression: power and realised false discovery, uniform p, groups that confound."""

import numpy as np
import pandas as pd
import pytest

from workflow_lib import linkage
from workflow_lib.genome.genes import GeneModels
from workflow_lib.intervals import peak_ids
from workflow_lib.simulate import expression, matrix

CONTIGS, PEAKS, GENES, SPACE = 8, 250, 40, 8_000
SEEDS = range(4)


def linked(seed: int, n: int, changed: float, share: float, adjust: str = "nuisance"):
    """Links of 2 n samples in two groups and batches, whether each is planted, and the summary."""
    rng = np.random.default_rng([seed, 5])
    samples = pd.DataFrame(
        {"group": ["control"] * n + ["treated"] * n, "batch": ["A", "B"] * n},
        index=pd.Index([f"s{i}" for i in range(2 * n)], name="sample"),
    )
    counts, _ = matrix.counts(
        CONTIGS * PEAKS, samples, seed, mean=150, batch_share=0.3, up=changed, down=changed
    )
    chrom = np.repeat([f"chr{i}" for i in range(CONTIGS)], PEAKS)
    start = np.tile(np.arange(PEAKS) * SPACE, CONTIGS)
    peaks = pd.DataFrame({"peak": peak_ids(chrom, start, start + 501), "chrom": chrom, "summit": start + 250})
    counts = counts.set_axis(peaks["peak"])
    tss = rng.integers(0, PEAKS * SPACE, CONTIGS * GENES)
    genes = pd.DataFrame(
        {
            "gene_id": [f"G{i}" for i in range(len(tss))],
            "gene_name": "x",
            "chrom": pd.Categorical(np.repeat([f"chr{i}" for i in range(CONTIGS)], GENES)),
            "strand": rng.choice(["+", "-"], len(tss)),
            "tss": tss,
        }
    )
    models = GeneModels(genes, genes.assign(gene=np.arange(len(tss))), pd.DataFrame())
    depth = counts.sum() / counts.sum().mean()
    values, truth = expression.counts(np.log2(counts / depth + 1), peaks, genes, samples, rng, linked=share)
    result = linkage.link(
        counts, depth, peaks, values, models, samples, "~ batch + group", ["group"], adjust=adjust, seed=seed
    )
    pairs = pd.MultiIndex.from_frame(result.links[["gene_id", "peak"]])
    planted = pairs.isin(pd.MultiIndex.from_frame(truth[["gene_id", "peak"]]))
    summary = linkage.summarise(result, 0.05).set_index("item")["value"]
    return result.links, planted, summary


def found(changed: float, adjust: str = "nuisance") -> tuple[float, float]:
    """Power and false discovery at FDR 5 % over all seeds together, 12 against 12 samples."""
    hits = false = planted = 0
    for seed in SEEDS:
        links, true, _ = linked(seed, 12, changed, 0.3, adjust)
        called = (links["padj"] < 0.05).to_numpy()
        hits, false = hits + (called & true).sum(), false + (called & ~true).sum()
        planted += true.sum()
    return hits / planted, false / max(hits + false, 1)


def test_planted_links_are_found_at_the_promised_rate():
    power, fdr = found(changed=0.0)
    assert power > 0.75
    assert fdr < 0.12  # 5 % is promised; about 330 calls


@pytest.mark.parametrize("n", [3, 12])
@pytest.mark.parametrize("changed", [0.0, 0.12])
def test_p_is_uniform_without_links_whether_groups_differ_or_not(n, changed):
    pvalues, called, plain = [], 0, 0
    for seed in SEEDS:
        links, _, summary = linked(seed, n, changed, 0.0)
        pvalues.append(links["pvalue"])
        called, plain = called + int(summary["n_significant"]), plain + int(summary["n_plain"])
    p = pd.concat(pvalues).to_numpy()
    for level, slack in ((0.5, 0.1), (0.1, 0.15), (0.01, 0.3)):
        assert (p < level).mean() == pytest.approx(level, rel=slack)
    assert called <= 4  # of 75,000 pairs
    if n == 12 and changed:
        assert plain > 5_000  # what a plain test of correlation takes the groups' difference for


def test_groups_that_differ_cost_power_not_truth_and_the_design_taken_out_gives_it_back():
    power, fdr = found(changed=0.12)
    assert fdr < 0.1
    assert power > 0.15
    within, fdr = found(changed=0.12, adjust="design")
    assert fdr < 0.12
    assert within > 2 * power


def test_three_against_three_find_nothing_yet_rank_the_planted_high():
    ranks = []
    for seed in SEEDS:
        links, planted, summary = linked(seed, 3, 0.12, 0.3)
        assert int(summary["n_significant"]) <= 1
        ranks.append(links["pvalue"].rank(pct=True)[planted])
    assert pd.concat(ranks).median() < 0.1
