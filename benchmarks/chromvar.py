"""chromVAR at human scale: 6 samples x 48,519 peaks x 1,936 motifs, 50 background iterations, one core.

    python benchmarks/chromvar.py [--pychromvar FOLDER] [--iterations 5000]

Two formulations of the same numbers: the resampled counts of many iterations side by side in one sparse
product (ours), and one product of resampled matches an iteration (the original's). pychromVAR, where it can
be imported (FOLDER: an unpacked wheel), multiplies dense matrices; a few of its iterations are timed. The
original takes 47 CPU seconds for this size with R 4.2.2 (recorded elsewhere; not run here).
"""

import argparse
import importlib.util
import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import timing
from scipy import sparse

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workflow_lib import chromvar

PEAKS, MOTIFS, SAMPLES, ITERATIONS = 48_519, 1936, 6, 50
DENSITY = 0.02
"""Share of peaks with a motif: about that of 200-bp windows at p = 5e-5."""
DENSE = 3
"""Iterations of the dense formulation that are timed."""


def simulate(seed: int = 0):
    """Counts, matches and GC of the benchmark's size."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rng.lognormal(3.5, 1, (PEAKS, 1)), (PEAKS, SAMPLES))
    n = int(PEAKS * MOTIFS * DENSITY)
    places = rng.integers(PEAKS, size=n), rng.integers(MOTIFS, size=n)
    matches = sparse.csr_array((np.ones(n, np.int32), places), shape=(PEAKS, MOTIFS))
    matches.sum_duplicates()
    return counts, matches, rng.beta(20, 20, PEAKS)


def one_by_one(counts, matches, background):
    """An iteration at a time, as the original: resampled matches times counts and times expected counts."""
    values = counts.astype(float)
    expectation = np.outer(values.sum(axis=1) / values.sum(), values.sum(axis=0))
    present = sparse.csr_array((matches > 0).astype(float))

    def relative(carried):
        expected = carried @ expectation
        return (carried @ values - expected) / expected

    raw = relative(present.T)
    places = present.tocoo()
    drawn = np.empty((background.shape[1], *raw.shape))
    for i, chosen in enumerate(background.T):
        # Rows of peaks become rows of their background peaks
        resampled = sparse.csr_array((places.data, (places.col, chosen[places.row])), shape=present.T.shape)
        drawn[i] = relative(resampled)
    return raw - drawn.mean(axis=0), (raw - drawn.mean(axis=0)) / drawn.std(axis=0, ddof=1)


def dense(counts, matches, background, kernel):
    """pychromVAR's kernel on dense matrices, `DENSE` iterations."""
    values = counts.astype(np.float32)
    expectation = np.outer(values.sum(axis=1), values.sum(axis=0) / values.sum())
    present = (matches > 0).toarray().astype(np.uint8)
    return [
        kernel((present[chosen].T, values, expectation.astype(np.float32))) for chosen in background.T[:DENSE]
    ]


def kernel_of(folder: str | None):
    """pychromVAR's function, or None; from a folder, its module alone, without what the package imports."""
    try:
        if not folder:
            from pychromvar import compute_deviations as module
        else:
            path = Path(folder) / "pychromvar" / "compute_deviations.py"
            spec = importlib.util.spec_from_file_location("compute_deviations", path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
    except (ImportError, FileNotFoundError) as error:
        print(f"pychromVAR: absent ({error})")
        return None
    return module._compute_deviations


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pychromvar", metavar="FOLDER", help="an unpacked wheel of pychromVAR")
    parser.add_argument("--iterations", type=int, default=1000, help="of a long run, for its memory")
    args = parser.parse_args()
    print(timing.machine())
    counts, matches, gc = simulate()
    print(f"{PEAKS:,} peaks x {MOTIFS:,} motifs ({matches.nnz:,} matches) x {SAMPLES} samples x {ITERATIONS}")
    print(f"memory before      {timing.peak_memory():6.2f} GB")
    background, seconds = timing.measure(lambda: chromvar.background_peaks(counts, gc, ITERATIONS, 1))
    print(f"background peaks   {seconds:6.2f} CPU s")
    ours, product = timing.measure(lambda: chromvar.deviations(counts, matches, background))
    print(f"ours               {product:6.2f} CPU s, most memory {timing.peak_memory():.2f} GB")
    drawn = (counts, gc, args.iterations, 1)
    work = lambda: chromvar.scores(counts, matches, chromvar.background_chunks(*drawn))  # noqa: E731
    _, seconds = timing.measure(work, 1)
    print(
        f"{args.iterations:5,} iterations   {seconds:6.2f} CPU s, most memory {timing.peak_memory():.2f} GB"
    )
    theirs, seconds = timing.measure(lambda: one_by_one(counts, matches, background), 1)
    gap = max(float(np.nanmax(np.abs(a - b))) for a, b in zip(ours, theirs, strict=True))
    print(
        f"one by one         {seconds:6.2f} CPU s, {seconds / product:.0f} times ours; largest gap {gap:.1e}"
    )
    kernel = kernel_of(args.pychromvar)
    if kernel:
        _, seconds = timing.measure(lambda: dense(counts, matches, background, kernel), 1)
        seconds *= (ITERATIONS + 1) / DENSE
        print(
            f"pychromVAR         {seconds:6.2f} CPU s (from {DENSE} iterations), {seconds / product:.0f} "
            f"times ours; most memory {timing.peak_memory():.2f} GB"
        )


if __name__ == "__main__":
    main()
