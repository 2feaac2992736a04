"""Motif scan at human scale: 48,519 windows of 200 bp, 1,936 JASPAR matrices, both strands, one core.

Ours (from library to table of hits) against MOODS alone (one scanner for all matrices, its matches not looked
at) and, if it is installed, lightmotif (SIMD, one matrix at a time).
"""

import argparse

import numpy as np
import timing
from MOODS.scan import Scanner

from workflow_lib.motifs import library, pwm, scan

COMPOSITION = [0.295, 0.205, 0.205, 0.295]  # of the human genome
EVEN = [0.25] * 4
PVALUE = 1e-5


def simulate(n: int, width: int = 200, seed: int = 1) -> dict[str, str]:
    """Windows of independent bases in human-like proportions."""
    bases = np.frombuffer(b"ACGT", np.uint8)[np.random.default_rng(seed).choice(4, (n, width), p=COMPOSITION)]
    return {f"p{i}": row.tobytes().decode() for i, row in enumerate(bases)}


def moods_alone(text: str, matrices, scores) -> int:
    """What MOODS needs for the same words: one scanner, window 7, hits left where they are."""
    scanner = Scanner(scan.WINDOW)
    both = [matrix.tolist() for matrix in matrices]
    both += [pwm.reverse_complement(matrix).tolist() for matrix in matrices]
    scanner.set_motifs(both, EVEN, [*scores, *scores])
    return sum(len(matches) for matches in scanner.scan(text))


def lightmotif_each(text: str, matrices, scores) -> int:
    """lightmotif's scanner on each matrix and its reverse complement."""
    import lightmotif

    striped = lightmotif.stripe(text)
    n = 0
    for matrix, score in zip(matrices, scores, strict=True):
        for each in (matrix, pwm.reverse_complement(matrix)):
            rows = {base: each[i].tolist() for i, base in enumerate("ACGT")} | {"N": [-1e3] * each.shape[1]}
            pssm = lightmotif.ScoringMatrix(rows)
            n += sum(1 for _ in lightmotif.scan(pssm, striped, threshold=score))
    return n


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peaks", type=int, default=48_519)
    parser.add_argument("--motifs", type=int, default=1_936)
    parser.add_argument("--repeat", type=int, default=3)
    asked = parser.parse_args()
    all_taxa = library.from_jaspar(tax_group=None)
    chosen = library.MotifLibrary(all_taxa.motifs[: asked.motifs])
    sequences = simulate(asked.peaks)
    text = "N".join(sequences.values())
    print(timing.machine())
    print(
        f"{len(chosen)} motifs x {len(sequences)} windows of 200 bp, p = {PVALUE:g}, both strands, one core"
    )

    calibrated, seconds = timing.measure(lambda: chosen.calibrated(PVALUE, EVEN), asked.repeat)
    scores, matrices = calibrated.calibration.score.tolist(), calibrated.weights(EVEN)
    short = int((calibrated.calibration.attained > PVALUE).sum())
    print(f"thresholds: {seconds:.2f} s ({short} motifs too short)")

    n, peer = timing.measure(lambda: moods_alone(text, matrices, scores), asked.repeat)
    print(f"MOODS alone: {peer:.2f} s, {n} hits")
    hits, seconds = timing.measure(lambda: scan.scan(sequences, calibrated, PVALUE, EVEN), asked.repeat)
    print(f"ours: {seconds:.2f} s, {len(hits)} hits, ratio to MOODS {seconds / peer:.2f}")
    fast, seconds = timing.measure(
        lambda: scan.scan(sequences, calibrated, PVALUE, EVEN, engine="index"), asked.repeat
    )
    same = fast.drop(columns="score").equals(hits.drop(columns="score"))
    words = "the same hits" if same else "OTHER hits"
    print(f"ours by index: {seconds:.2f} s, {words}, ratio to MOODS {seconds / peer:.2f}")
    try:
        n, seconds = timing.measure(lambda: lightmotif_each(text, matrices, scores), 1)
        print(f"lightmotif: {seconds:.2f} s, {n} hits (32-bit scores), ratio to MOODS {seconds / peer:.2f}")
    except ImportError:
        print("lightmotif: absent")
    print(f"peak memory: {timing.peak_memory():.2f} GB")


if __name__ == "__main__":
    main()
