"""The differential test at human scale on one core, against stock pydeseq2 and R's DESeq2 in the same run.

`python benchmarks/differential.py [--peaks N] [--samples M] [--stock N] [--large]`. All three fit `~ group`
and adjust p-values, without shrinkage. Stock pydeseq2 is timed on some of the peaks and scaled up; R takes
part where Rscript and DESeq2 are installed.
"""

import argparse
import os
import shutil
import subprocess
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import timing
from pydeseq2.dds import DeseqDataSet
from pydeseq2.default_inference import DefaultInference
from pydeseq2.ds import DeseqStats
from threadpoolctl import threadpool_limits

from workflow_lib import differential, simulate

CONTRAST = {"variable": "group", "experiment": "treated", "control": "control"}
R_SCRIPT = """
suppressMessages(library(DESeq2))
args <- commandArgs(TRUE)
counts <- as.matrix(read.table(args[1], header=TRUE, row.names=1, sep="\\t", check.names=FALSE))
half <- ncol(counts) / 2
sheet <- data.frame(group=factor(rep(c("control", "treated"), each=half)), row.names=colnames(counts))
before <- proc.time()
dds <- DESeq(DESeqDataSetFromMatrix(counts, sheet, ~group), quiet=TRUE)
found <- results(dds, alpha=0.05)
cat(sum((proc.time() - before)[c(1, 2)]), "\\n")
write.table(format(as.data.frame(found), digits=15), args[2], sep="\\t", quote=FALSE)
"""


def experiment(n_peaks: int, n_samples: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Simulated counts (a quarter of the peaks change) and their sheet, two groups of equal size."""
    half = n_samples // 2
    names = [f"{group}_{i}" for group in ("control", "treated") for i in range(half)]
    sheet = pd.DataFrame({"group": ["control"] * half + ["treated"] * half}, index=names)
    return simulate.counts(n_peaks, sheet, 1)[0], sheet


def ours(counts: pd.DataFrame, sheet: pd.DataFrame) -> pd.DataFrame:
    return differential.test(counts, sheet, "~ group", CONTRAST, shrink=False)


def stock(counts: pd.DataFrame, sheet: pd.DataFrame) -> pd.DataFrame:
    """pydeseq2 as it comes, one process."""
    inference = DefaultInference(n_cpus=1)
    data = DeseqDataSet(counts=counts.T, metadata=sheet, design="~group", inference=inference, quiet=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data.deseq2()
        stats = DeseqStats(data, contrast=["group", "treated", "control"], inference=inference, quiet=True)
        stats.summary()
    return stats.results_df


def in_r(counts: pd.DataFrame) -> tuple[pd.DataFrame, float] | None:
    """R's results and its CPU seconds without start and reading; None where it is not installed."""
    program = shutil.which("Rscript")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("time.R", "counts.tsv", "results.tsv")]
        paths[0].write_text(R_SCRIPT)
        counts.to_csv(paths[1], sep="\t")
        done = subprocess.run(
            [program, *map(str, paths)],
            capture_output=True,
            text=True,
            env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        if done.returncode:
            return None
        table = pd.read_csv(paths[2], sep="\t").apply(pd.to_numeric, errors="coerce")
        return table, float(done.stdout.split()[-1])


def agreement(mine: pd.DataFrame, other: pd.DataFrame) -> str:
    """p-values of peaks with a mean over 5, and the sets at 5 %."""
    mine = mine.set_index("peak").reindex(other.index)
    difference = ((mine["pvalue"] - other["pvalue"]).abs() / other["pvalue"])[other["baseMean"] > 5].dropna()
    called, expected = (set(t.index[t["padj"] < 0.05]) for t in (mine, other))
    jaccard = len(called & expected) / max(len(called | expected), 1)
    return (
        f"p-values differ by {difference.median():.1e} (median) and {difference.quantile(0.99):.1e} (99th "
        f"percentile, relative); {len(called)} and {len(expected)} peaks at 5 %, Jaccard {jaccard:.4f}"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peaks", type=int, default=48_519)
    parser.add_argument("--samples", type=int, default=6)
    parser.add_argument("--stock", type=int, default=2_000, help="peaks that stock pydeseq2 is timed on")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument(
        "--large", action="store_true", help="memory and time of 200,000 x 24 and 500,000 x 6"
    )
    asked = parser.parse_args()
    print(timing.machine(), "; one core", sep="")
    counts, sheet = experiment(asked.peaks, asked.samples)
    result, seconds = timing.measure(lambda: ours(counts, sheet), asked.repeat)
    print(f"{asked.peaks} peaks x {asked.samples} samples")
    print(f"ours          {seconds:8.2f} CPU s (median of {asked.repeat}); {timing.peak_memory():.2f} GB")
    if asked.stock:
        chosen = np.random.default_rng(1).choice(asked.peaks, min(asked.stock, asked.peaks), replace=False)
        _, some = timing.measure(lambda: stock(counts.iloc[np.sort(chosen)], sheet), 1)
        scaled = some * asked.peaks / len(chosen)
        ratio = f"{scaled / seconds:.0f} times ours"
        print(f"pydeseq2      {scaled:8.2f} CPU s (scaled from {len(chosen)} peaks)  {ratio}")
    theirs = in_r(counts)
    if theirs is None:
        print("R DESeq2      not installed")
    else:
        print(f"R DESeq2      {theirs[1]:8.2f} CPU s (one run)  {theirs[1] / seconds:.1f} times ours")
        print(f"              {agreement(result, theirs[0])}")
    sizes = [(asked.peaks * k, asked.samples) for k in (2, 4)] + [
        (asked.peaks, asked.samples * k) for k in (2, 4)
    ]
    if asked.large:
        sizes += [(200_000, 24), (500_000, 6)]
    for n_peaks, n_samples in sizes:
        counts, sheet = experiment(n_peaks, n_samples)
        _, seconds = timing.measure(lambda c=counts, s=sheet: ours(c, s), 1)
        per_count = 1e6 * seconds / (n_peaks * n_samples)
        memory = f"peak {timing.peak_memory():.2f} GB"
        print(f"{n_peaks:7d} x {n_samples:3d} {seconds:8.2f} CPU s, {per_count:.1f} us a count; {memory}")


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
