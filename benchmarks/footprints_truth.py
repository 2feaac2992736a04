"""Footprints against what the simulator planted: found and false changes, sequence alone, permuted labels.

    python benchmarks/footprints_truth.py [number of seeds, 5 by default]

Beside the planted motifs stand one at places that Tn5 avoids and nobody binds, and 150 of random places in
unchanged peaks. Cuts are taken from the simulation without a detour over BAM files: some six seconds a seed.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workflow_lib import simulate
from workflow_lib.footprints import differential, scores, tn5_bias
from workflow_lib.footprints.windows import sums
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.genome import reference as genome
from workflow_lib.simulate import tn5

SAMPLES = simulate.SAMPLES
CONTRAST = {"variable": "group", "experiment": "treated", "control": "control"}
DESIGN = "~ batch + group"
BIASED = "biased"
N_EMPTY, N_BIASED = 150, 250
SITE = 10


def stores(demo: simulate.Demo) -> dict[str, FragmentStore]:
    """Cut-site stores of all samples."""
    names, edges = demo.genome.names, demo.genome.offsets
    found = {}
    for sample, pairs in demo.pairs.items():
        kept = pairs[(pairs["duplicate"] == 0) & (pairs["qc_fail"] == 0)].sort_values("left")
        contig = np.searchsorted(edges, kept["left"].to_numpy(), side="right") - 1
        ends = {
            side: {
                name: (kept[column].to_numpy()[contig == i] - edges[i]).astype(np.int32)
                for i, name in enumerate(names)
            }
            for side, column in (("plus", "left"), ("minus", "right"))
        }
        found[sample] = FragmentStore(
            contigs=demo.genome.lengths, paired=True, tn5_shift=(4, -4), tn5_evidence="", n_reads=0,
            n_mapped=0, n_duplicates=0, mapped_per_contig={}, **ends,
        )  # fmt: skip
    return found


def site_sets(demo: simulate.Demo, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sites of the planted motifs, one that Tn5 avoids and nobody binds, and empty ones; their roles."""
    number = {name: i for i, name in enumerate(demo.genome.names)}
    rng = np.random.default_rng(seed)
    planted = demo.motifs["motif_id"].tolist()
    names = [*planted, BIASED, *(f"empty{i}" for i in range(N_EMPTY))]
    roles = pd.DataFrame(
        {"name": names, "role": [*demo.motifs["role"], BIASED, *["empty"] * N_EMPTY], "cluster": names},
        index=pd.Index(names, name="motif_id"),
    )
    own = demo.sites
    parts = [(planted.index(m), number[c], s, e, st == "-") for m, c, s, e, st in
             own[["motif_id", "chrom", "start", "end", "strand"]].itertuples(index=False)]  # fmt: skip
    # places in unchanged peaks, clear of planted sites
    steady = demo.peaks[demo.peaks["change"] == "none"]
    offset = dict(zip(demo.genome.names, demo.genome.offsets, strict=False))
    taken = np.zeros(len(demo.genome.codes), dtype=bool)
    for chrom, start, end in own[["chrom", "start", "end"]].itertuples(index=False):
        taken[offset[chrom] + start - 15 : offset[chrom] + end + 15] = True
    places = np.concatenate(
        [offset[c] + s + np.arange(-60, 60) for c, s in steady[["chrom", "summit"]].itertuples(index=False)]
    )
    places = places[~taken[places]]
    running = sums(tn5.weights(demo.genome.codes))
    centre, *near = (
        running[places + high] - running[places + low]
        for low, high in ((-2, SITE + 2), (-35, -5), (SITE + 5, SITE + 35))
    )
    avoided = places[np.argsort(centre / sum(near), kind="stable")[:N_BIASED]]
    empty = [rng.choice(places, rng.integers(60, 250), replace=False) for _ in range(N_EMPTY)]
    for k, at in enumerate([avoided, *empty]):
        contig = np.searchsorted(demo.genome.offsets, at, side="right") - 1
        start = at - demo.genome.offsets[contig]
        minus = rng.random(len(at)) < 0.5
        parts += zip([len(planted) + k] * len(at), contig, start, start + SITE, minus, strict=True)
    table = pd.DataFrame(parts, columns=["motif", "contig", "start", "end", "minus"]).assign(score=1.0)
    return table.sort_values(["contig", "start", "motif"], ignore_index=True), roles


def scored(seed: int, folder: Path) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Scores of all samples by model of Tn5's preference, and the roles of the motifs."""
    lengths = {"chr1": 700_000, "chr2": 500_000}
    demo = simulate.demo(seed, lengths=lengths, n_genes=35, n_peaks=550, depth=140_000)
    (folder / "genome.fa").write_text(demo.genome.fasta())
    reference = genome.write_index(folder / "genome.fa", folder / "genome.fai", folder / "genome.gzi")
    table, roles = site_sets(demo, seed)
    found: dict[str, list] = {model: [] for model in tn5_bias.MODELS}
    for sample, store in stores(demo).items():
        bias, _ = tn5_bias.estimate(store, reference, demo.peaks, ["chr1", "chr2"])
        for model, parts in found.items():
            preference = tn5_bias.Preference(bias, model)
            one = scores.score(store, table, roles.index, reference, preference, 250)
            parts.append(one.assign(sample=sample))
    return {model: pd.concat(parts, ignore_index=True) for model, parts in found.items()}, roles


def permuted(by_model: dict[str, pd.DataFrame], roles: pd.DataFrame) -> np.ndarray:
    """p-values of the empty motifs under labels that are balanced over groups and batches."""
    empty = roles[roles["role"] == "empty"]
    table = by_model["kmer"][by_model["kmer"]["motif_id"].isin(empty.index)]
    found = []
    for treated in ([0, 3, 2], [1, 4, 5], [0, 4, 5], [1, 3, 2]):
        samples = SAMPLES.assign(group="control")
        samples.iloc[treated, samples.columns.get_loc("group")] = "treated"
        found.append(differential.test(table, empty, samples, DESIGN, CONTRAST)["pvalue"])
    return np.concatenate(found)


def depth(by_model: dict[str, pd.DataFrame], model: str, motif_ids) -> pd.Series:
    """Mean depth over samples of some motifs."""
    table = by_model[model]
    return table[table["motif_id"].isin(motif_ids)].groupby("motif_id", sort=False)["depth"].mean()


def summary(seed: int, folder: Path) -> dict[str, float]:
    """One seed's line of the table."""
    by_model, roles = scored(seed, folder)
    table = differential.test(by_model["kmer"], roles, SAMPLES, DESIGN, CONTRAST).set_index("motif_id")
    role = roles["role"]
    p = permuted(by_model, roles)
    line: dict[str, float] = {"seed": seed}
    for name in ("driver_up", "driver_down", "footprint_only"):
        row = table[role == name].iloc[0]
        line |= {f"{name}_delta": row["delta_depth"], f"{name}_padj": row["padj"]}
    unchanged = role.isin(["footprint_only", "decoy", BIASED, "empty"])
    line[f"false_of_{unchanged.sum()}"] = int((table.loc[unchanged, "padj"] < 0.05).sum())
    line["avoided_none"] = depth(by_model, "none", [BIASED]).item()
    line["avoided_pwm"] = depth(by_model, "pwm", [BIASED]).item()
    line["avoided_kmer"] = depth(by_model, "kmer", [BIASED]).item()
    line |= {f"permuted_{level}": float((p < level).mean()) for level in (0.01, 0.05, 0.25, 0.5)}
    return line


def main() -> None:
    n_seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    lines = []
    for seed in range(1, n_seeds + 1):
        with tempfile.TemporaryDirectory() as folder:
            lines.append(summary(seed, Path(folder)))
    table = pd.DataFrame(lines).set_index("seed")
    table.loc["mean"] = table.mean()
    print(table.T.to_string(float_format=lambda x: f"{x:.3g}"))


if __name__ == "__main__":
    main()
