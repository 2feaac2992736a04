"""A whole run at human scale from simulated counts: time and peak memory of every rule.

Without --motifs a counts-only run. With it, a random genome under the peaks, JASPAR's matrices of all taxa,
and genes with their expression: all that needs no reads runs, so annotation, scan, enrichment, chromVAR,
factors and links. Inputs and results are left in the folder named, which must be new or of an earlier run.
"""

import argparse
import os
import resource
import shlex
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import timing
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from workflow_lib import simulate
from workflow_lib.io import tables
from workflow_lib.simulate import genes

ROOT = Path(__file__).resolve().parent.parent
CONTIG = "chrS"
SPACING = 1000  # bases from one simulated peak's start to the next
LINE = 100
PEAKS_PER_GENE = 5
DISTANCE = (
    50_000  # bp from a peak to the genes that it is linked with: some twenty, as in human within 250 kb
)


def write_inputs(folder: Path, n_peaks: int, n_samples: int, *, motifs: bool, seed: int = 1) -> None:
    """Counts, sheet and configuration; with `motifs` a genome whose GC content varies along it, and genes."""
    names = [f"s{i:02d}" for i in range(n_samples)]
    groups = ["control", "treated"]
    sheet = pd.DataFrame(
        {
            "group": [groups[i % 2] for i in range(n_samples)],
            "batch": [f"b{i // 2 % 3}" for i in range(n_samples)],
        },
        index=pd.Index(names, name="sample"),
    )
    config = {
        "samples": "sheet.tsv",
        "counts": "counts.tsv.gz",
        "design": "~ batch + group",
        "contrasts": {
            "treated_vs_control": {"variable": "group", "experiment": "treated", "control": "control"}
        },
        "demo": None,
    }
    tables.write_table(sheet.reset_index(), folder / "sheet.tsv")
    counts, _ = simulate.counts(n_peaks, sheet, seed, up=0.05, down=0.05, batch_share=0.1)
    tables.write_table(counts.reset_index(), folder / "counts.tsv.gz")
    if motifs:
        config |= {
            "genome": {"fasta": "genome.fa", "annotation": "genes.gtf"},
            "motifs": {"tax_group": None, "engine": "index"},
            "linkage": {"expression": "expression.tsv", "distance": DISTANCE},
        }
        length = n_peaks * SPACING + SPACING
        write_genome(folder / "genome.fa", length, seed)
        write_genes(folder, length, n_peaks // PEAKS_PER_GENE, sheet, seed)
    tables.write_text(yaml.safe_dump(config, sort_keys=False), folder / "config.yaml")


def write_genome(path: Path, length: int, seed: int) -> None:
    """One contig of random bases; the GC content of each kilobase is drawn from 0.42 +- 0.08."""
    rng = np.random.default_rng(seed)
    lines = -(-length // LINE)
    with open(path, "wb") as file:
        file.write(f">{CONTIG}\n".encode())
        for first in range(0, lines, 100_000):
            n = min(100_000, lines - first)
            gc = np.repeat(rng.normal(0.42, 0.08, -(-n // 10)).clip(0.2, 0.75), 10)[:n, None]
            strong, which = rng.random((n, LINE)) < gc, rng.random((n, LINE)) < 0.5
            bases = np.frombuffer(b"ATCG", np.uint8)[2 * strong + which]
            file.write(np.column_stack([bases, np.full(n, ord("\n"), np.uint8)]).tobytes())


def write_genes(folder: Path, length: int, n_genes: int, sheet: pd.DataFrame, seed: int) -> None:
    """Genes of several transcripts, and counts of their expression, which follow nothing."""
    rng = np.random.default_rng(seed)
    placed = genes.place_genes({CONTIG: length}, n_genes, rng)
    tables.write_text(genes.gtf(genes.gene_features(placed, "chrM", rng)), folder / "genes.gtf")
    expressed, _ = simulate.counts(len(placed), sheet, seed + 1, mean=500)
    expressed.index = pd.Index(placed["gene_id"])
    tables.write_table(expressed.reset_index(), folder / "expression.tsv")


def by_rule(logs: Path) -> pd.DataFrame:
    """What snakemake's benchmark files say, the jobs of a rule taken together."""
    jobs = []
    for path in sorted(logs.rglob("*.benchmark.tsv")):
        rule = path.relative_to(logs).parts[0].removesuffix(".benchmark.tsv")
        read = pd.read_csv(path, sep="\t", na_values="-")
        jobs.append(read.assign(rule=rule)[["rule", "s", "cpu_time", "max_rss"]])
    found = pd.concat(jobs).groupby("rule")
    return pd.DataFrame(
        {
            "jobs": found.size(),
            "longest_s": found["s"].max().round(1),
            "cpu_s": found["cpu_time"].sum().round(1),
            "peak_gb": (found["max_rss"].max() / 1024).round(2),
        }
    ).sort_values("longest_s", ascending=False)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peaks", type=int, default=200_000)
    parser.add_argument("--samples", type=int, default=24)
    parser.add_argument("--motifs", action="store_true")
    parser.add_argument("--snakemake", default="--cores 1", help="options in one argument, as '--cores 2 -n'")
    asked = parser.parse_args()
    options = shlex.split(asked.snakemake)
    asked.folder.mkdir(parents=True, exist_ok=True)
    if not (asked.folder / "config.yaml").exists():
        write_inputs(asked.folder, asked.peaks, asked.samples, motifs=asked.motifs)
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile"]
    command += ["--directory", asked.folder, "--configfile", asked.folder / "config.yaml", *options]
    start = time.monotonic()
    # Logs and results go to the folder, and no file of the checkout changes.
    subprocess.run(command, check=True, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"})
    if {"-n", "--dry-run", "--dryrun"} & set(options):
        return
    print(timing.machine())
    print(f"{asked.peaks} peaks x {asked.samples} samples: {time.monotonic() - start:.0f} s in all")
    print(by_rule(asked.folder / "logs").to_string())
    # Snakemake samples memory every 30 s; the kernel knows the peak, if not of which rule.
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2
    print(f"largest process: {largest:.2f} GB")


if __name__ == "__main__":
    main()
