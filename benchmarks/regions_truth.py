"""Level and power of the test of gene sets where peaks of a locus change together, and of the plain one.

    python benchmarks/regions_truth.py [worlds a row, 4 by default; 0 for the speed alone]

Genes stand between gaps of 500 bp to megabases, a third of the peaks near their starts. Changes follow GC
content, mean count and an effect of the locus. Sets are drawn at random, from genes with many peaks, or as
neighbours.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/unit")]

import gene_worlds  # noqa: E402

from workflow_lib.io import gene_sets  # noqa: E402
from workflow_lib.regions import enrichment, ranked, study  # noqa: E402
from workflow_lib.stats import propensity  # noqa: E402

N_SETS = 500


def tables(world, genes, changed) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both tests of one draw of changes."""
    sets = pd.DataFrame({"set": range(genes.shape[1])})
    chance = propensity.of(world.covariates, changed, ~changed)
    found = enrichment.changes(changed, ~changed, world.loci.locus, chance)
    names = world.genes.genes["gene_name"].tolist()
    statistic = world.log_odds + world.rng.normal(0, 2, len(world.peaks))
    along = ranked.test(statistic, world.covariates, world.loci, world.loci.genes @ genes, sets)
    return enrichment.of_gene_sets(found, world.loci, genes, sets, names), along


def level(n_worlds: int) -> None:
    """Share of p-values below two limits, over the limit."""
    print("| sd of loci | sets | ours 0.05 | 0.001 | along the list | 0.001 | hypergeometric | 0.001 |")
    print("|---|---|---|---|---|---|---|---|")
    for locus_sd in (0.0, 1.0, 2.0):
        for kind in ("random", "deserts", "neighbours"):
            found: list[list] = [[], [], []]
            for seed in range(n_worlds):
                world = gene_worlds.World(seed, locus_sd=locus_sd)
                ours, along = tables(world, world.gene_sets(N_SETS, kind), world.changed())
                for values, p in zip(
                    found, (ours["pvalue"], along["pvalue"], ours["hypergeometric_pvalue"]), strict=True
                ):
                    values.append(p.to_numpy())
            shares = [
                f"{np.mean(np.concatenate(p) < limit) / limit:.2f}" for p in found for limit in (0.05, 0.001)
            ]
            print(f"| {locus_sd:g} | {kind} | " + " | ".join(shares) + " |", flush=True)


def power(n_worlds: int) -> None:
    """Sets whose peaks have raised odds, found at an adjusted p of 0.05."""
    print("\n| log odds added | power of 5 sets | false sets of 295 a world |\n|---|---|---|")
    for added in (0.5, 1.0, 1.5):
        hits, false = [], []
        for seed in range(n_worlds):
            world = gene_worlds.World(100 + seed)
            genes = world.gene_sets(300, "random")
            members = (world.loci.genes @ genes).toarray()[:, :5] > 0
            padj = tables(world, genes, world.changed(added * members.any(axis=1)))[0]["padj"]
            hits.append((padj[:5] < 0.05).mean())
            false.append((padj[5:] < 0.05).sum())
        print(f"| {added:g} | {np.mean(hits):.2f} | {np.mean(false):.2f} |", flush=True)


def speed() -> None:
    """20,000 sets of a human-sized study, from the GMT file to the three tables of a contrast."""
    gene_worlds.N_GENES, gene_worlds.N_PEAKS = 20_000, 52_000
    world = gene_worlds.World(1)
    names = world.genes.genes["gene_name"].to_numpy()
    size = np.exp(world.rng.normal(4, 1.2, 20_000)).clip(10, 2000).astype(int)
    with tempfile.TemporaryDirectory() as folder:
        gmt = Path(folder) / "sets.gmt"
        drawn = (world.rng.choice(names, n, replace=False) for n in size)
        gmt.write_text("".join(f"S{i}\t\t" + "\t".join(genes) + "\n" for i, genes in enumerate(drawn)))
        start = time.process_time()
        sets = study.prepare(world.peaks, world.genes, gene_sets.read_gmt(gmt))
    changed = world.changed()
    opened = changed & (np.arange(len(changed)) % 2 == 0)
    for direction in (opened, changed & ~opened):
        study.compare(sets, direction, ~changed, world.covariates)
    samples = pd.DataFrame({"group": list("aaabbb")}, index=[f"s{i}" for i in range(6)])
    counts = pd.DataFrame(world.rng.poisson(50, (len(changed), 6)), columns=samples.index)
    asked = {"variable": "group", "experiment": "b", "control": "a"}
    borne = study.by_samples(sets, counts, world.covariates, samples, "~ group", asked, np.ones(6))
    study.along(sets, world.log_odds, world.covariates, borne)
    seconds = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"\n20,000 sets, {len(world.peaks):,} peaks: {seconds:.0f} CPU s for a contrast, {memory:.1f} GB")


if __name__ == "__main__":
    worlds = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    if worlds:
        level(worlds)
        power(worlds)
    speed()
