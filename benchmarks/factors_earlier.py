"""The table of factors of an earlier version beside today's, on the same worlds.

    git worktree add ../earlier COMMIT
    python benchmarks/factors_earlier.py ../earlier [--worlds 20] [--first 0] [--changed 300] [--effect 1.3]

Worlds are today's (:mod:`benchmarks.factor_worlds`, both generators): few changed peaks, with an effect of so
many log2; and hard worlds, with so many further peaks that change. The earlier version runs in a process of
its own: its factors_truth.evidence and its factors.rank, with today's library of motifs.
"""

import argparse
import pickle
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parents[1]
ANSWER = """
import pickle, sys
sys.path.insert(0, sys.argv[1])
from benchmarks import factors_truth
from workflow_lib import factors
while True:
    try:
        world, shown = pickle.load(sys.stdin.buffer)
    except EOFError:
        break
    tables = factors_truth.evidence(
        world["counts"], world["samples"], world["sequences"], world["matches"], shown, design=world["design"]
    )
    table = factors.rank(shown, **tables)[["cluster", "rank", "padj"]]
    pickle.dump(table, sys.stdout.buffer)
    sys.stdout.buffer.flush()
"""


def earlier(tree: Path) -> subprocess.Popen:
    """A process that answers worlds with tables of that version."""
    return subprocess.Popen(
        [sys.executable, "-c", ANSWER, str(tree.resolve())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=tree,
    )


def asked(process: subprocess.Popen, world, shown: pd.DataFrame) -> pd.DataFrame:
    """Its table of factors for a world."""
    pickle.dump((asdict(world), shown), process.stdin)
    process.stdin.flush()
    return pickle.load(process.stdout)


def main() -> None:
    """Print shares of worlds where the driver is first, and where it or anything else is called."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("tree", type=Path, help="checkout of the earlier version")
    parser.add_argument("--worlds", type=int, default=20, help="of each regime and generator")
    parser.add_argument("--first", type=int, default=0, help="seed of the first")
    parser.add_argument("--changed", type=int, nargs="*", default=[300, 400])
    parser.add_argument("--effect", type=float, nargs="*", default=[1.3])
    chosen = parser.parse_args()
    sys.path.insert(0, str(HERE))
    from benchmarks import factor_worlds
    from workflow_lib.factors import from_counts

    motifs = factor_worlds.motif_library()
    shown, cluster = motifs.table(), dict(zip(motifs.ids, motifs.clusters, strict=True))
    few, hard = (factor_worlds.REGIMES[name] for name in ("few", "hard"))
    regimes = {f"few, log2 {size:g}": replace(few, effect=size) for size in chosen.effect}
    regimes |= {f"hard, {n} change": replace(hard, changed=n) for n in chosen.changed}
    process, rows = earlier(chosen.tree), []
    for seed in range(chosen.first, chosen.first + chosen.worlds):
        for (regime, what), (name, make) in [
            (r, g) for r in regimes.items() for g in factor_worlds.GENERATORS.items()
        ]:
            world = make(what, "3+3", seed)
            today = from_counts(
                world.counts, world.samples, world.design, factor_worlds.CONTRAST,
                sequences=world.sequences, library=motifs, matches=world.matches,
            ).table  # fmt: skip
            for version, table in {"earlier": asked(process, world, shown), "today": today}.items():
                row = table.set_index("cluster").loc[cluster[world.driver]]
                others = table[(table["cluster"] != cluster[world.driver]) & (table["padj"] < 0.05)]
                rows.append({
                    "regime": regime, "generator": name, "seed": seed, "version": version,
                    "first": row["rank"] == 1, "called": row["padj"] < 0.05, "others called": len(others) > 0,
                })  # fmt: skip
        print(f"seed {seed}", file=sys.stderr, flush=True)
    process.stdin.close()
    table = pd.DataFrame(rows)
    shares = table.groupby(["regime", "version"], sort=False)[["first", "called", "others called"]]
    print(shares.mean().round(2).assign(worlds=shares.size()).to_string())
    paired = table.pivot_table(
        index=["regime", "generator", "seed"], columns="version", values="called", sort=False
    )
    only = paired.groupby("regime", sort=False).apply(
        lambda one: pd.Series({v: int((one[v] > one.drop(columns=v).squeeze()).sum()) for v in one})
    )
    print(f"\nworlds where only one of them calls the driver\n{only.astype(np.int64).to_string()}")


if __name__ == "__main__":
    main()
