"""Does a footprint's depth follow accessibility, depth, background, peak width or Tn5's strength?

    python benchmarks/footprints_libraries.py [--seeds 6]

Cuts are drawn here, not by the demo's simulator: peaks with bell-shaped accessibility that differs between
peaks and between replicates, sites of which half are bound, and motifs of random places that nobody binds.
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workflow_lib.footprints import differential, scores, sites, tn5_bias
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.genome import reference as genome

CONTRAST = {"variable": "group", "experiment": "b", "control": "a"}
N_PEAKS, SPACING, WIDTH, SITE = 500, 1600, 110.0, 12
MOTIFS = ("opens", "bound_more", "steady")
N_EMPTY = 120


@dataclass(frozen=True)
class Scene:
    """What differs in group b, and how many cuts a site has."""

    cuts: float = 150.0
    depth: float = 1.0
    background: float = 1.0
    width: float = 1.0
    strength: float = 1.0
    k: int = 3


def samples(scene: Scene) -> pd.DataFrame:
    names = [f"{group}{i}" for group in "ab" for i in range(scene.k)]
    return pd.DataFrame({"group": [name[0] for name in names]}, index=names)


class World:
    """A genome with peaks, sites, and a preference of Tn5 for words of two bases around the cut."""

    def __init__(self, seed: int, folder: Path):
        self.rng = np.random.default_rng(seed)
        length = N_PEAKS * SPACING + 4000
        codes = self.rng.integers(0, 4, length)
        (folder / "genome.fa").write_text(">chr1\n" + "".join(np.array(list("ACGT"))[codes]) + "\n")
        self.genome = genome.write_index(folder / "genome.fa", folder / "genome.fai", folder / "genome.gzi")
        taste = self.rng.normal(0, 0.35, (2, 4))
        pull = taste[0][codes] + taste[1][np.roll(codes, 3)]
        self.pull = pull + (
            taste[0][3 - codes] + taste[1][np.roll(3 - codes, -3)]
        )  # its own reverse complement
        self.summits = 2000 + SPACING * np.arange(N_PEAKS) + self.rng.integers(-80, 80, N_PEAKS)
        self.open = np.exp(self.rng.normal(0, 0.8, N_PEAKS))
        table = []
        order = self.rng.permutation(N_PEAKS)
        self.bound = {}
        for i, name in enumerate(MOTIFS):
            own = order[i * 160 : (i + 1) * 160]
            start = self.summits[own] + self.rng.integers(-40, 40, len(own))
            table += [(i, s, s + SITE) for s in start]
            self.bound[name] = (own[::2], start[::2])
        for i in range(N_EMPTY):
            own = self.rng.choice(N_PEAKS, self.rng.integers(60, 200), replace=False)
            start = self.summits[own] + self.rng.integers(-70, 70, len(own))
            table += [(len(MOTIFS) + i, s, s + SITE) for s in start]
        found = pd.DataFrame(table, columns=["motif", "start", "end"])
        found.insert(1, "contig", 0)
        found = found.assign(minus=self.rng.random(len(found)) < 0.5, score=1.0)
        self.sites = found.sort_values(["start", "motif"], ignore_index=True)
        self.peaks = pd.DataFrame(
            {"chrom": "chr1", "start": self.summits - 250, "end": self.summits + 251, "summit": self.summits}
        )
        self.motifs = [*MOTIFS, *(f"empty{i}" for i in range(N_EMPTY))]

    def store(self, scene: Scene, in_b: bool) -> tuple[FragmentStore, FragmentStore]:
        """Cuts of one sample, and those of its reads outside peaks in a larger genome."""
        rng, x = self.rng, np.arange(-500, 501)
        width = WIDTH * (scene.width if in_b else 1.0) * rng.lognormal(0, 0.02)
        level = self.open * rng.lognormal(0, 0.15, N_PEAKS)
        if in_b:
            level[self.bound["opens"][0]] *= 4.0
        rate = np.full(len(self.pull), 0.01 * (scene.background if in_b else 1.0) * rng.lognormal(0, 0.1))
        for summit, height in zip(self.summits, level, strict=True):
            rate[summit + x] += height * np.exp(-0.5 * (x / width) ** 2)
        for name, occupancy in (("opens", 0.7), ("steady", 0.7), ("bound_more", 0.9 if in_b else 0.5)):
            for s in self.bound[name][1]:
                rate[s - 2 : s + SITE + 2] *= 1 - occupancy
        taste = np.exp((scene.strength if in_b else 1.0) * rng.lognormal(0, 0.03) * self.pull)
        rate *= taste
        unit = np.exp(0.5 * self.pull.var()) * WIDTH * 2.4  # cuts of a peak of height 1 within +-250
        rate *= scene.cuts * (scene.depth if in_b else 1.0) * rng.lognormal(0, 0.15) / unit
        return self.drawn(rate), self.drawn(taste * (600_000 / taste.sum()))

    def drawn(self, rate: np.ndarray) -> FragmentStore:
        """Cuts at these rates."""
        drawn = np.repeat(np.arange(len(rate)), self.rng.poisson(rate)).astype(np.int32)
        plus = self.rng.random(len(drawn)) < 0.5
        return FragmentStore(
            contigs={"chr1": len(rate)}, paired=False, tn5_shift=(4, -4), tn5_evidence="", n_reads=0,
            n_mapped=0, n_duplicates=0, mapped_per_contig={},
            plus={"chr1": drawn[plus]}, minus={"chr1": drawn[~plus]},
        )  # fmt: skip


def tested(seed: int, scene: Scene, weighed: bool = True) -> pd.DataFrame:
    """The table of a test, by motif."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(seed, Path(folder))
        sheet, parts, counts = samples(scene), [], []
        both = {name: world.store(scene, name[0] == "b") for name in sheet.index}
        stores = {name: own for name, (own, _) in both.items()}
        table = world.sites
        if weighed:  # as the workflow does: by the mean count of the site's peak
            for store in stores.values():
                at = np.sort(np.concatenate([store.plus["chr1"], store.minus["chr1"]]))
                edges = [np.searchsorted(at, world.peaks[side]) for side in ("start", "end")]
                counts.append((edges[1] - edges[0]) / max(len(at), 1))
            mean = np.mean(counts, axis=0) * np.mean([len(s.plus["chr1"]) * 2 for s in stores.values()])
            m = mean[np.clip(np.rint((table["start"] - 2000) / SPACING).astype(int), 0, N_PEAKS - 1)]
            table = table.assign(weight=1 + m / (1 + m / sites.TRUSTED))
        for name, store in stores.items():
            bias, _ = tn5_bias.estimate(both[name][1], world.genome, world.peaks, ["chr1"], outside=False)
            preference = tn5_bias.Preference(bias, "kmer")
            one = scores.score(store, table, world.motifs, world.genome, preference, 250)
            parts.append(one.assign(sample=name))
        motifs = pd.DataFrame({"name": world.motifs, "cluster": world.motifs}, index=world.motifs)
        motifs.index.name = "motif_id"
        found = differential.test(pd.concat(parts, ignore_index=True), motifs, sheet, "~ group", CONTRAST)
    return found.set_index("motif_id")


SCENES = {
    "same": Scene(), "same, two against two": Scene(k=2), "three times the depth": Scene(depth=3),
    "background doubled": Scene(background=2), "peaks 20 % narrower": Scene(width=0.8),
    "Tn5 preference 1.35 times as strong": Scene(strength=1.35),
    "narrower, two against two": Scene(width=0.8, k=2),
    "stronger, two against two": Scene(strength=1.35, k=2),
    "5 cuts a site": Scene(cuts=5), "20 cuts a site": Scene(cuts=20), "100 cuts a site": Scene(cuts=100),
    "300 cuts a site": Scene(cuts=300),
}  # fmt: skip


def main() -> None:
    """Print one row a scene."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=6)
    n = parser.parse_args().seeds
    print(
        "| scene | change, opens fourfold | p < 0.05 | change, occupancy 0.5 to 0.9 | p < 0.05 "
        "| empty motifs, p < 0.05 |"
    )
    print("|---|---|---|---|---|---|")
    for name, scene in SCENES.items():
        tables = [tested(seed, scene) for seed in range(n)]
        cells = []
        for motif in ("opens", "bound_more"):
            of = pd.DataFrame([table.loc[motif] for table in tables])
            cells += [f"{of['delta_depth'].mean():+.3f}", f"{(of['pvalue'] < 0.05).sum()} of {n}"]
        empty = np.concatenate([table["pvalue"].filter(like="empty") for table in tables])
        print(f"| {name} | {' | '.join(cells)} | {100 * np.nanmean(empty < 0.05):.1f} % |", flush=True)


if __name__ == "__main__":
    main()
