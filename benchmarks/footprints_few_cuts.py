"""How far a footprint's depth follows accessibility where sites have few cuts.

    python benchmarks/footprints_few_cuts.py [studies a row, 1500 by default]

Counts of sites are drawn one by one: no genome and no preference of Tn5. Weights and depth are written anew.
"""

import sys

import numpy as np

NEAR, CENTRE, ELSEWHERE = 0.20, 0.055, 0.35  # shares of a peak's cuts
N, K = 160, 3


def change(rng: np.random.Generator, cuts: float, fold: float, occupancy: tuple[float, float]) -> float:
    """Mean depth of group b less that of a; every other site is bound."""
    height, bound = rng.gamma(1.5, 1 / 1.5, N), np.arange(N) % 2 == 0
    in_b = np.repeat([False, True], K)[:, None]
    level = cuts * height * rng.gamma(30, 1 / 30, (2 * K, N)) * rng.gamma(40, 1 / 40, (2 * K, 1))
    level = level * np.where(bound & in_b, fold, 1.0)
    kept = 1 - np.where(bound, np.where(in_b, occupancy[1], occupancy[0]), 0.0)
    near, elsewhere, centre, peak = (
        rng.poisson(level * share) for share in (NEAR, ELSEWHERE, CENTRE * kept, 1.0)
    )
    mean = peak.mean(axis=0)
    weight = (mean / (1 + mean / 50) + 1) / (1 + elsewhere)
    depth = (weight * (near / NEAR - centre / CENTRE)).sum(axis=1) / (weight * near / NEAR).sum(axis=1)
    return depth[K:].mean() - depth[:K].mean()


def main(n: int) -> None:
    rng = np.random.default_rng(7)
    print(
        "| cuts in a site's peak | change, opens fourfold (s.e.) | sd of one study | occupancy 0.5 to 0.9 |"
    )
    print("|---|---|---|---|")
    for cuts in (2, 5, 10, 20, 100, 300):
        opens = [change(rng, cuts, 4.0, (0.7, 0.7)) for _ in range(n)]
        bound = [change(rng, cuts, 1.0, (0.5, 0.9)) for _ in range(n)]
        mean, sd = np.mean(opens), np.std(opens)
        print(f"| {cuts} | {mean:+.3f} ({sd / n**0.5:.3f}) | {sd:.2f} | {np.mean(bound):+.2f} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1500)
