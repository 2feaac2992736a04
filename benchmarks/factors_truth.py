"""Do the planted drivers lead the table of factors, and is the combined p what it says?

    python benchmarks/factors_truth.py [--seeds 10] [--rounds 40]
    python benchmarks/factors_truth.py --worlds 8 [--first 0] [--data FOLDER] [--regimes few hard]

`--worlds` asks the two generators of :mod:`benchmarks.factor_worlds` for experiments of every regime and
layout (`--data`: and :mod:`benchmarks.real_worlds`, real counts thinned), and prints how often the driver's
cluster is first and called, and how often anything else is, by the table of factors and by the methods of
:mod:`benchmarks.league`: a second a run; interrupted, it prints what there is. Else experiments come from
the simulator without their BAM files: cuts are counted as they were drawn. The whole JASPAR collection is
scanned and every stage up to the table of factors runs as in the workflow, but for activities by sample.
"""

import argparse
import itertools
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import factor_worlds, league, real_worlds
from workflow_lib import chromvar, differential, simulate
from workflow_lib.factors import evidence as factors
from workflow_lib.factors import from_counts
from workflow_lib.intervals import peak_ids
from workflow_lib.motifs import clusters, comparison, library, scan
from workflow_lib.simulate import fragments, matrix
from workflow_lib.stats.multiple_testing import bh

CONTRAST = {"variable": "group", "experiment": "treated", "control": "control"}
EVEN = [0.25] * 4
PVALUE, HALF, WINDOW = 1e-5, 250, 200
PLANTED = ("MA0769.3", "MA0080.7", "MA0139.2", "MA0506.3", "MA0046.3", "MA0798.3")
LAYOUTS = [(regime, "3+3") for regime in factor_worlds.REGIMES] + [
    (regime, layout) for regime in ("null, 1 varies", "null, 10 vary") for layout in ("2+2", "6+6", "3 pairs")
]
SCORES = ["driver first", "driver called", "companion called", "dynamic called", "anything else called"]
LEVELS = (0.001, 0.01, 0.05, 0.1, 0.2)


@dataclass(frozen=True)
class Experiment:
    """Peaks of one simulation, as the workflow would have them after scanning and counting."""

    demo: simulate.Demo
    counts: pd.DataFrame
    sequences: dict[str, str]
    matches: sparse.csr_array


@cache
def motif_library(keep: int = 1):
    """JASPAR2026 vertebrates with thresholds and clusters; `keep`: one in so many, and the planted."""
    found = library.from_jaspar("JASPAR2026", "CORE", "vertebrates", None)
    chosen = [motif for i, motif in enumerate(found) if i % keep == 0 or motif.id in PLANTED]
    return clusters.assign(library.MotifLibrary(tuple(chosen)).calibrated(PVALUE, EVEN))


def experiment(seed: int, motifs, **options) -> Experiment:
    """Simulate, count cuts in 501-bp peaks, and scan the 200 bp around their summits."""
    demo = simulate.demo(seed, **options)
    peaks = demo.peaks
    names = peak_ids(peaks["chrom"], peaks["summit"] - HALF, peaks["summit"] + HALF + 1)
    origin = dict(zip(demo.genome.names, demo.genome.offsets, strict=False))
    summit = peaks["summit"].to_numpy() + peaks["chrom"].map(origin).to_numpy()
    counts = {}
    for sample, pairs in demo.pairs.items():
        good = (pairs["duplicate"] == 0) & (pairs["qc_fail"] == 0)
        good &= (pairs["mapq_left"] >= 30) & (pairs["mapq_right"] >= 30)
        cuts = np.sort(pairs.loc[good, ["left", "right"]].to_numpy().ravel())
        counts[sample] = np.searchsorted(cuts, summit + HALF + 1) - np.searchsorted(cuts, summit - HALF)
    starts = peaks["summit"] - WINDOW // 2
    texts = [demo.genome.text(c, s, s + WINDOW) for c, s in zip(peaks["chrom"], starts, strict=True)]
    sequences = dict(zip(names, texts, strict=True))
    hits = scan.scan(sequences, motifs, PVALUE, EVEN, engine="index")
    row, column = hits["name"].cat.codes, hits["motif_id"].cat.codes
    shape = (len(names), len(motifs))
    matches = sparse.coo_array((np.ones(len(hits), int), (row, column)), shape=shape)
    return Experiment(demo, pd.DataFrame(counts, index=pd.Index(names)), sequences, sparse.csr_array(matches))


def evidence(
    counts, samples, sequences, matches, motifs, *, design="~ group", top=None, changed=None
) -> dict:
    """Tables of enrichment and chromVAR, by what `factors.rank` calls them.

    Parameters
    ----------
    top : int, optional
        So many peaks of either direction are the foreground, significant or not.
    """
    found = differential.test(counts, samples, design, CONTRAST, min_count=10, shrink=False)
    direction = found["direction"].to_numpy(object)
    if top is not None:
        order = np.argsort(found["stat"].fillna(0).to_numpy(), kind="stable")
        direction = np.full(len(found), "none", object)
        direction[order[:top]], direction[order[-top:]] = "down", "up"
    width = np.full(len(counts), 2 * HALF + 1)
    tables = {}
    for way in ("up", "down"):
        compared = comparison.with_peaks(
            matches, direction == way, direction == "none", sequences, width, found["baseMean"], motifs
        )
        tables[way] = compared.table
    gc = chromvar.gc_content(sequences.values())
    scores = chromvar.scores(counts, matches, [chromvar.background_peaks(counts, gc, 50, 1)])
    deviations = pd.DataFrame(scores.deviations, index=motifs["motif_id"], columns=counts.columns)
    moved = chromvar.compare_groups(deviations, scores.background, samples, design, CONTRAST)
    return {**tables, "deviations": moved.rename_axis("motif_id").reset_index()}


def planted_ranks(table: pd.DataFrame, demo: simulate.Demo, motifs: pd.DataFrame) -> pd.DataFrame:
    """Rank of each planted motif's cluster, and its rank if clusters of one JASPAR family count once."""
    known = motifs.set_index("motif_id")
    family = known["family"].fillna(known["name"])
    best = table.groupby(table["representative"].map(family))["rank"].min().rank(method="min")
    asked = demo.motifs["motif_id"]
    rows = table.set_index("cluster").loc[known["cluster"].loc[asked]]
    shown = rows[["rank", "direction", "padj", "agreement"]].reset_index(drop=True)
    shown["family_rank"] = best.reindex(family.loc[asked]).to_numpy()
    return pd.concat([demo.motifs[["name", "role"]], shown], axis=1)


def compare_ranks(seeds: int, motifs) -> None:
    """Ranks of planted motifs over seeds; by all members of a cluster, and by its central motif alone."""
    shown, found = motifs.table(), []
    for seed in range(1, seeds + 1):
        made = experiment(seed, motifs)
        tables = evidence(
            made.counts, made.demo.samples, made.sequences, made.matches, shown, design="~ batch + group"
        )
        ways = {"all members": shown, "central motif": shown[shown["motif_id"] == shown["cluster"]]}
        for way, chosen in ways.items():
            ranked = factors.rank(chosen, **tables)
            called = int(ranked["direction"].isin(["up", "down"]).sum())
            ranks = planted_ranks(ranked, made.demo, shown).assign(seed=seed, way=way, called=called)
            found.append(ranks)
            if way == "all members":
                print(f"seed {seed}: {called} of {len(ranked)} clusters called: ", end="")
                names = ranked["name"] + " " + ranked["direction"]
                print(", ".join(names[ranked["direction"].isin(["up", "down"])].head(8)), flush=True)
    ranks = pd.concat(found)
    columns = ["way", "role", "name"]
    for value, words in {
        "rank": f"Rank of each planted motif's cluster among {len(ranked)}",
        "family_rank": "Rank of its family",
        "padj": "Adjusted p",
    }.items():
        grid = ranks.pivot_table(index=columns, columns="seed", values=value, sort=False)
        print(f"\n{words}, seeds 1 to {seeds}")
        print(grid.map(("{:.1e}" if value == "padj" else "{:.0f}").format).to_string())


def null_counts(made: Experiment, rng, *, per_group: int, changed: bool):
    """Counts of the experiment's peaks anew, with GC and depth bias; changes, if any, follow no motif."""
    n = 2 * per_group
    peaks = made.demo.peaks
    groups = np.repeat(["control", "treated"], per_group)
    names = [f"s{i}" for i in range(n)]
    samples = pd.DataFrame({"group": groups}, index=pd.Index(names, name="sample"))
    depth = 60 * rng.uniform(0.8, 1.25, n) / peaks["strength"].mean()
    gc = chromvar.gc_content(made.sequences.values())
    slopes = rng.normal(0, 0.08, n)
    bias = np.stack([fragments.gc_factor(gc, slope) for slope in slopes], axis=1)
    _, fold = matrix.draw_changes(len(peaks), rng, effect=(0.6, 1.8))
    if not changed:
        fold = np.zeros(len(peaks))
    level = np.exp2(fold[:, None] * (groups == "treated"))
    mean = peaks["strength"].to_numpy()[:, None] * depth * bias * level + 10
    dispersion = matrix.draw_dispersions(mean.mean(axis=1), rng)
    values = matrix.negative_binomial(mean, dispersion[:, None], rng)
    return pd.DataFrame(values, index=made.counts.index, columns=names), samples


def permuted(made: Experiment, rounds: int):
    """The planted experiment under labels that mix its groups: all nine ways."""
    sheet = made.demo.samples
    for others in list(itertools.combinations(range(1, len(sheet)), 2))[1:][:rounds]:
        group = np.full(len(sheet), "treated", object)
        group[[0, *others]] = "control"
        yield made.counts, sheet[["batch"]].assign(group=group)


def calibrate(rounds: int, motifs) -> None:
    """Share of combined p-values below a level where no factor did anything."""
    made, shown = experiment(1, motifs), motifs.table()

    def anew(changed: bool):
        for i in range(rounds):
            yield null_counts(made, np.random.default_rng([7, i]), per_group=3 + i % 2, changed=changed)

    kinds = {
        "nothing differs": (anew(False), None),
        "nothing differs, but 60 peaks a side taken for changed": (anew(False), 60),
        "peaks differ, whatever their motifs": (anew(True), None),
        "planted experiment, labels permuted": (permuted(made, rounds), None),
        "planted experiment, labels permuted, 60 peaks a side": (permuted(made, rounds), 60),
    }
    print("\nShare of p-values at most the level, over the level, where no factor did anything")
    for kind, (runs, top) in kinds.items():
        found: dict[str, list[np.ndarray]] = {"combined": [], "chromVAR": [], "enrichment": []}
        calls = []
        for counts, samples in runs:
            tables = evidence(counts, samples, made.sequences, made.matches, shown, top=top)
            ranked = factors.rank(shown, **tables)
            calls.append(bool((ranked["padj"] < 0.05).any()))
            found["combined"].append(ranked["pvalue"].to_numpy())
            found["chromVAR"].append(tables["deviations"]["joint_pvalue"].to_numpy())
            found["enrichment"].append(tables["up"]["pvalue"].to_numpy())
        print(f"{kind} ({len(calls)} rounds; any padj < 0.05 in {sum(calls)})")
        for name, parts in found.items():
            p = np.concatenate(parts)
            p = p[np.isfinite(p)]
            ratios = "  ".join(f"{level:g}: {(p <= level).mean() / level:4.2f}" for level in LEVELS if len(p))
            print(f"  {name:<11} n = {len(p):>6,}   {ratios or 'not tested'}", flush=True)


def compare_worlds(n: int, first: int, data: Path | None, regimes: list[str]) -> None:
    """Shares of runs where the driver is first, and where it or anything else is called, by every method.

    Parameters
    ----------
    n, first : int
        Worlds of each kind and generator, and the seed of the first.
    data : Path, optional
        Folder with `tcells`: real counts, thinned, are a third generator.
    regimes : list of str
        Those alone.
    """
    motifs = factor_worlds.motif_library()
    cluster = pd.Series(motifs.clusters, index=motifs.ids)
    made = {name: (make, LAYOUTS) for name, make in factor_worlds.GENERATORS.items()}
    if data:
        made["thinned"] = (real_worlds.generator(data), [(r, "4+4") for r in factor_worlds.REGIMES])
    rows: list[dict] = []
    try:
        for seed in range(first, first + n):
            for name, (make, layouts) in made.items():
                for regime, layout in [pair for pair in layouts if pair[0] in regimes]:
                    kind = {"regime": regime, "samples": layout, "generator": name}
                    world = make(factor_worlds.REGIMES[regime], layout, seed)
                    rows += [kind | scores for scores in _run(world, motifs, cluster)]
            print(f"seed {seed}", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        pass
    everything = pd.DataFrame(rows)
    own = everything[everything["method"] == "table of factors"]
    print("The table of factors: shares of runs")
    for keys in (["regime", "samples"], ["regime", "samples", "generator"]):
        grouped = own.groupby(keys, sort=False)
        shares = grouped[SCORES].mean().round(2).assign(runs=grouped.size())
        print(shares.to_string(na_rep=""), end="\n\n")
    kinds = everything.assign(kind=everything["regime"] + " " + everything["samples"])
    for score in (*SCORES[:2], SCORES[-1]):
        grid = kinds.dropna(subset=score).pivot_table(
            index="method", columns="kind", values=score, sort=False
        )
        print(f"{score}: all methods\n{grid.round(2).to_string()}\n")


def _run(world: factor_worlds.World, motifs, cluster: pd.Series) -> list[dict]:
    """Scores of every method on one world."""
    found = from_counts(
        world.counts, world.samples, world.design, CONTRAST,
        sequences=world.sequences, library=motifs, matches=world.matches,
    )  # fmt: skip
    clusters = list(cluster.unique())
    table = found.table.set_index("cluster").loc[clusters]
    asked = {"table of factors": (table["rank"].to_numpy(float), table["padj"].to_numpy(float))}
    asked |= {way: (p, np.asarray(bh(p))) for way, p in league.all_of(world, found).items()}
    known = {role: getattr(world, role) for role in ("driver", "companion", "dynamic")}
    at = {role: clusters.index(cluster[motif]) for role, motif in known.items() if motif}
    return [{"method": method} | _scored(*ranked, at) for method, ranked in asked.items()]


def _scored(order: np.ndarray, padj: np.ndarray, at: dict[str, int]) -> dict[str, float]:
    """What a method did with the motifs that do something: cluster numbers by role."""
    called = np.nan_to_num(padj, nan=1.0) < 0.05
    scores = dict.fromkeys(SCORES, np.nan)
    scores |= {f"{role} called": float(called[k]) for role, k in at.items()}
    if "driver" in at:
        # ties share the last of their places
        scores["driver first"] = float((order <= order[at["driver"]]).sum() == 1)
    return scores | {"anything else called": float(np.delete(called, list(at.values())).any())}


def main() -> None:
    """Print ranks, then calibration."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--worlds", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="seed of the first world")
    parser.add_argument("--data", type=Path, help="folder with tcells/: real counts as a third generator")
    parser.add_argument("--regimes", nargs="+", default=list(factor_worlds.REGIMES), help="of worlds: all")
    asked = parser.parse_args()
    if asked.worlds:
        compare_worlds(asked.worlds, asked.first, asked.data, asked.regimes)
        return
    motifs = motif_library()
    if asked.seeds:
        compare_ranks(asked.seeds, motifs)
    if asked.rounds:
        calibrate(asked.rounds, motifs)


if __name__ == "__main__":
    main()
