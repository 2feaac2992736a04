"""How far a footprint's depth follows accessibility where sites have few cuts.

    python benchmarks/footprints_few_cuts.py [studies a row, 600 by default] [flank, 250 by default]

Depths and weights are the library's; cuts are drawn here. Every study is one motif of 160 sites in peaks of
its own, every other site bound, three samples against three; Tn5 prefers nothing. From 20 cuts on a fourth
of the studies is enough.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workflow_lib.footprints import scores, sites
from workflow_lib.footprints.tn5_bias import Preference
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.genome import reference as genome

N, K, SITE, SPACING, WIDTH = 160, 3, 12, 800, 110.0
BACKGROUND = 0.02
"""Cuts of background in a peak, relative to the mean peak's own."""
AT_ONCE = 60
"""Studies in one genome."""


def genome_of(n: int, folder: Path):
    """A contig with room for n sites; the sequence does not matter."""
    length = n * SPACING + 2000
    bases = np.random.default_rng(1).choice(np.frombuffer(b"ACGT", np.uint8), length)
    (folder / "genome.fa").write_bytes(b">chr1\n" + bases.tobytes() + b"\n")
    return genome.write_index(folder / "genome.fa", folder / "genome.fai", folder / "genome.gzi")


def changes(
    rng, whole, flank: int, cuts: float, fold: float, occupancy: tuple[float, float], studies: int = AT_ONCE
) -> np.ndarray:
    """Mean depth of group b less that of a, of each study; every other site is bound."""
    n = studies * N
    summit = 1000 + SPACING * np.arange(n)
    start = summit - SITE // 2 + rng.integers(-40, 41, n)
    height, bound = rng.gamma(1.5, 1 / 1.5, n), np.arange(n) % 2 == 0
    stores, counts = {}, []
    for sample in range(2 * K):
        in_b = sample >= K
        level = cuts * height * rng.gamma(30, 1 / 30, n) * rng.gamma(40, 1 / 40)
        level = level * np.where(bound & in_b, fold, 1.0)
        drawn = rng.poisson(level)
        at = np.rint(np.repeat(summit, drawn) + rng.normal(0, WIDTH, drawn.sum())).astype(np.int64)
        noise = rng.poisson(BACKGROUND * cuts * SPACING / 501 * n)
        at = np.sort(np.concatenate([at, rng.integers(1000, 1000 + n * SPACING - 400, noise)]))
        near = np.clip((at - 1000 + SPACING // 2) // SPACING, 0, n - 1)  # the nearest peak
        inside = (at >= start[near] - 2) & (at < start[near] + SITE + 2)
        at = at[~(inside & bound[near] & (rng.random(len(at)) < occupancy[int(in_b)]))].astype(np.int32)
        counts.append(np.searchsorted(at, summit + 251) - np.searchsorted(at, summit - 250))
        none = {"chr1": np.empty(0, np.int32)}
        stores[sample] = FragmentStore(
            contigs={"chr1": n * SPACING + 2000}, paired=False, tn5_shift=(4, -4), tn5_evidence="", n_reads=0,
            n_mapped=0, n_duplicates=0, mapped_per_contig={}, plus={"chr1": at}, minus=none,
        )  # fmt: skip
    motifs = [f"m{i}" for i in range(studies)]
    names = pd.Index([f"p{i}" for i in range(n)])
    hits = pd.DataFrame(
        {
            "chrom": "chr1", "start": start, "end": start + SITE, "motif_id": np.repeat(motifs, N),
            "score": 1.0, "strand": np.where(rng.random(n) < 0.5, "-", "+"), "peak": names,
        }
    )  # fmt: skip
    mean = pd.Series(np.mean(counts, axis=0), names)
    chosen = sites.select(hits, motifs, ["chr1"], mean_count=mean)
    nothing = Preference(None, "none")
    depth = [
        scores.score(store, chosen, motifs, whole, nothing, flank)["depth"].to_numpy()
        for store in stores.values()
    ]
    return np.mean(depth[K:], axis=0) - np.mean(depth[:K], axis=0)


def main(n: int, flank: int) -> None:
    rng = np.random.default_rng(7)
    print("| cuts in a peak | change, opens fourfold (s.e.) | sd of one study | occupancy 0.5 to 0.9 (sd) |")
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        whole = genome_of(AT_ONCE * N, Path(folder))
        for cuts in (2, 5, 10, 20, 100, 300):
            rounds = max(1, n // AT_ONCE // (4 if cuts >= 20 else 1))
            opens, more = (
                np.concatenate([changes(rng, whole, flank, cuts, fold, bound) for _ in range(times)])
                for fold, bound, times in ((4.0, (0.7, 0.7), rounds), (1.0, (0.5, 0.9), max(1, rounds // 4)))
            )
            error = opens.std() / len(opens) ** 0.5
            print(
                f"| {cuts} | {opens.mean():+.3f} ({error:.3f}) | {opens.std():.2f} "
                f"| {more.mean():+.2f} ({more.std():.2f}) |",
                flush=True,
            )


if __name__ == "__main__":
    main(*[int(word) for word in sys.argv[1:]], *(600, 250)[len(sys.argv) - 1 :])
