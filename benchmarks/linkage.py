"""Links of 20,000 genes with 100,000 peaks over 24 samples: CPU time and memory.

python benchmarks/linkage.py
"""

import numpy as np
import pandas as pd
from timing import machine, measure, peak_memory

from workflow_lib import linkage
from workflow_lib.genome.genes import GeneModels
from workflow_lib.intervals import peak_ids

N_PEAKS, N_GENES, N_TRANSCRIPTS, N_SAMPLES, N_CONTIGS = 100_000, 20_000, 5, 24, 23
LENGTH = 22_000_000  # bp of a contig, so that about 2 million pairs lie within 250 kb


def main() -> None:
    """Draw counts that nothing links, link them, and print what it took."""
    rng = np.random.default_rng(1)
    samples = pd.DataFrame(
        {"group": ["a", "b"] * (N_SAMPLES // 2)}, index=[f"s{i}" for i in range(N_SAMPLES)]
    )
    names = np.array([f"chr{i}" for i in range(N_CONTIGS)], dtype=object)
    place = rng.choice(N_CONTIGS * LENGTH, N_PEAKS, replace=False)
    chrom, start = np.divmod(place, LENGTH)
    peaks = pd.DataFrame({"chrom": names[chrom], "summit": start + 250})
    peaks["peak"] = peak_ids(peaks["chrom"], start, start + 501)
    counts = pd.DataFrame(rng.poisson(100, (N_PEAKS, N_SAMPLES)), peaks["peak"], samples.index)
    tss = rng.integers(0, LENGTH, N_GENES)
    genes = pd.DataFrame({"gene_id": [f"G{i}" for i in range(N_GENES)], "gene_name": "x", "strand": "+"})
    genes["chrom"] = pd.Categorical(names[rng.integers(0, N_CONTIGS, N_GENES)])
    many = genes.loc[np.repeat(np.arange(N_GENES), N_TRANSCRIPTS)].reset_index(names="gene")
    many["tss"] = np.repeat(tss, N_TRANSCRIPTS) + rng.integers(0, 20_000, len(many))
    models = GeneModels(genes, many, pd.DataFrame())
    values = pd.DataFrame(rng.poisson(500, (N_GENES, N_SAMPLES)), genes["gene_id"], samples.index)
    ones, gc = pd.Series(1.0, samples.index), pd.Series(rng.random(N_PEAKS), peaks["peak"])
    before = peak_memory()
    result, cpu = measure(
        lambda: linkage.link(counts, ones, peaks, values, models, samples, "~ group", ["group"], gc=gc), 1
    )
    print(machine())
    print(
        f"{len(result.links):,} pairs, {cpu:.1f} CPU s, {peak_memory() - before:.2f} GB on top of its input"
    )


if __name__ == "__main__":
    main()
