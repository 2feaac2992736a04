"""TOBIAS and ours on the demo's BAMs: aggregates at the same sites, and what each calls changed.

    python benchmarks/peers_footprints.py [--folder FOLDER]

Needs the demo's results (`make run`). TOBIAS compares two pools of reads and knows no replicates; ours
compares samples. Both are asked for the true groups, and for two groups of one control and one treated sample
each: between these nothing differs but chance, and all that is called is false.
"""

import argparse
import gzip
import json
import shutil
import sys
from collections import Counter
from pathlib import Path

import harness

DEMO, RESULTS = harness.ROOT / "resources/demo", harness.ROOT / "results"
GROUPS = {
    "control": ("control_1", "control_2", "control_3"),
    "treated": ("treated_1", "treated_2", "treated_3"),
    "mixed_a": ("control_1", "treated_1"),
    "mixed_b": ("control_2", "treated_2"),
}
PAIRS = {"true": ("control", "treated"), "permuted": ("mixed_a", "mixed_b")}
FLANK, NEAR = 250, 60  # bp; of profiles, and of the part that is compared
ALPHA = 0.05
ENOUGH = 10  # hits of a motif that is tested
QUICK = 30  # peaks and motifs of a quick run


class Steps:
    """Commands whose output is kept, with the CPU seconds and memory that each took."""

    def __init__(self, folder: Path):
        self.path = folder / "steps.json"
        self.took = json.loads(self.path.read_text()) if self.path.exists() else {}

    def run(self, name: str, command: list) -> None:
        if name not in self.took:
            run, _ = harness.execute(list(map(str, command)))
            self.took[name] = {"cpu": run.cpu, "gb": run.gb}
            self.path.write_text(json.dumps(self.took, indent=1) + "\n")


def tobias(folder: Path, n: int | None) -> Steps:
    """Its own steps: reads as ours takes them, pooled by group, corrected, scored, tested (at n peaks)."""
    steps, peaks, genome = Steps(folder), folder / "peaks.bed", DEMO / "genome.fa"
    rows = (RESULTS / "peaks/consensus.bed").read_text().splitlines()[:n]
    peaks.write_text("".join("\t".join(row.split("\t")[:3]) + "\n" for row in rows))
    for group, samples in GROUPS.items():
        for sample in samples:
            out = ["-o", folder / f"{sample}.bam", DEMO / f"{sample}.bam"]
            steps.run(f"filter {sample}", ["samtools", "view", "-b", "-q30", "-f2", "-F1804", *out])
        bam = folder / f"{group}.bam"
        steps.run(f"merge {group}", ["samtools", "merge", "-f", bam, *(folder / f"{s}.bam" for s in samples)])
        steps.run(f"index {group}", ["samtools", "index", bam])
        own = ["--bam", bam, "--genome", genome, "--peaks", peaks]
        out = ["--outdir", folder / "atac", "--prefix", group, "--cores", "1"]
        steps.run(f"ATACorrect {group}", ["TOBIAS", "ATACorrect", *own, *out])
        own = ["--signal", folder / f"atac/{group}_corrected.bw", "--regions", peaks]
        out = ["--output", folder / f"{group}.footprints.bw", "--cores", "1"]
        steps.run(f"ScoreBigwig {group}", ["TOBIAS", "ScoreBigwig", *own, *out])
    for name, pair in PAIRS.items():
        own = ["--motifs", write_motifs(folder / "motifs.meme", n), "--genome", genome, "--peaks", peaks]
        own += ["--signals", *(folder / f"{group}.footprints.bw" for group in pair)]
        out = ["--outdir", folder / f"bindetect_{name}", "--skip-excel", "--cores", "1"]
        steps.run(f"BINDetect {name}", ["TOBIAS", "BINDetect", *own, "--cond-names", *pair, *out])
    return steps


def write_motifs(path: Path, n: int | None) -> Path:
    """The motifs with enough hits to be tested, of ours, as MEME; at most n."""
    with gzip.open(RESULTS / "motifs/hits.bed.gz", "rt") as lines:
        hits = Counter(line.split("\t")[3] for line in lines)
    head, *motifs = (RESULTS / "motifs/library.meme").read_text().split("MOTIF ")
    kept = [text for text in motifs if hits[text.split()[0]] >= ENOUGH]
    path.write_text("MOTIF ".join([head, *kept[:n]]))
    return path


def called(p, extra: dict) -> dict:
    """How many p-values are small."""
    from workflow_lib.stats import multiple_testing

    adjusted = multiple_testing.bh(p.to_numpy())
    return {"n": len(p), "small": int((p < ALPHA).sum()), "adjusted": int((adjusted < ALPHA).sum())} | extra


def tobias_calls(folder: Path, name: str) -> dict:
    import pandas as pd

    first, second = PAIRS[name]
    table = pd.read_csv(folder / f"bindetect_{name}/bindetect_results.txt", sep="\t")
    column = f"{first}_{second}"
    marked = int(table[f"{column}_highlighted"].astype(str).eq("True").sum())
    return called(table[f"{column}_pvalue"].astype(float), {"marked": marked})


def ours(folder: Path, clock: harness.Clock) -> str:
    """Bias, scores and tests of ours; and how alike the profiles are. Writes `ours.json`."""
    import pandas as pd

    from workflow_lib.footprints import differential, scores, sites, tn5_bias
    from workflow_lib.fragments.store import FragmentStore
    from workflow_lib.genome import reference as genome
    from workflow_lib.io import hits, tables
    from workflow_lib.peaks import consensus as peaks

    library = tables.read_table(RESULTS / "motifs/library.tsv", index="motif_id")
    if "cluster" not in library:
        library["cluster"] = library.index
    reference = genome.write_index(DEMO / "genome.fa", folder / "genome.fai", folder / "genome.gzi")
    nuclear = [name for name in reference.contigs.index if name != "chrM"]
    consensus = peaks.read(RESULTS / "peaks/peaks.tsv")
    samples = [*GROUPS["control"], *GROUPS["treated"]]
    stores = {sample: FragmentStore.read(RESULTS / f"fragments/{sample}.h5") for sample in samples}
    found, preferences = [], {}
    with clock:
        chosen = sites.select(
            hits.read_hits(RESULTS / "motifs/hits.bed.gz"), library.index, reference.contigs.index
        )
        for sample, store in stores.items():
            bias, _ = tn5_bias.estimate(store, reference, consensus, nuclear)
            preferences[sample] = tn5_bias.Preference(bias, "kmer")
            one = scores.score(store, chosen, library.index, reference, preferences[sample], FLANK)
            found.append(one.assign(sample=sample))
    table, calls = pd.concat(found, ignore_index=True), {}
    for name, (first, second) in PAIRS.items():
        group = {sample: side for side in (first, second) for sample in GROUPS[side]}
        sheet = pd.DataFrame({"group": group})
        contrast = {"variable": "group", "experiment": second, "control": first}
        with clock:
            own = table[table["sample"].isin(group)]
            tested = differential.test(own, library, sheet, "~ group", contrast).dropna(subset="pvalue")
        calls[name] = called(tested["pvalue"], {})
    alike = aggregates(folder, chosen, library, reference, stores, preferences)
    (folder / "ours.json").write_text(json.dumps({"calls": calls, "alike": alike}))
    return "ours"


def aggregates(folder, chosen, library, reference, stores, preferences) -> list[dict]:
    """Corrected profiles of the planted motifs' sites in the control group, ours against TOBIAS's."""
    import numpy as np
    import pandas as pd
    import pyBigWig

    from workflow_lib.footprints import profiles
    from workflow_lib.footprints.sites import centres

    truth = pd.read_csv(DEMO / "truth/motifs.tsv", sep="\t")
    middle = slice(FLANK - NEAR, FLANK + NEAR + 1)
    lines = []
    with pyBigWig.open(str(folder / "atac/control_corrected.bw")) as signal:
        for motif_id, name, role in truth[["motif_id", "name", "role"]].itertuples(index=False):
            own = chosen[chosen["motif"] == library.index.get_loc(motif_id)].reset_index(drop=True)
            times = profiles.resamples(len(own), 1, 0)
            mine = np.zeros(2 * FLANK + 1)
            for sample in GROUPS["control"]:
                cuts = profiles.sample_cuts(stores[sample], reference.contigs.index)
                mine += profiles.corrected(cuts, own, reference, preferences[sample], FLANK, times).corrected
            theirs = np.zeros(2 * NEAR + 1)
            at = centres(own["start"].to_numpy(), own["end"].to_numpy(), own["minus"].to_numpy(bool))
            for contig, centre, minus in zip(own["contig"], at, own["minus"], strict=True):
                chrom = reference.contigs.index[contig]
                if centre < NEAR or centre + NEAR >= reference.contigs.iloc[contig]:
                    continue
                row = np.nan_to_num(signal.values(chrom, int(centre) - NEAR, int(centre) + NEAR + 1))
                theirs += row[::-1] if minus else row
            r = float(np.corrcoef(mine[middle], theirs)[0, 1])
            lines.append({"name": name, "role": role, "n_sites": len(own), "r": r})
    return lines


def measure(folder: Path, quick: bool, repeat: int = 1) -> None:
    """Both, once whatever `repeat`, and what they say as `tobias.json`.

    TOBIAS takes ten minutes of CPU time; if quick, it gets a few peaks and motifs.
    """
    place = harness.place(folder, quick)
    folder = place / "tobias"
    folder.mkdir(parents=True, exist_ok=True)
    why = None
    if shutil.which("TOBIAS", path=harness.environment()["PATH"]) is None:
        why = "TOBIAS is not installed"
    elif not (RESULTS / "motifs/hits.bed.gz").exists():
        why = "no results of the demo: run `make run` first"
    if why:
        (place / "tobias.json").write_text(json.dumps({"absent": why}))
        return
    try:
        steps = tobias(folder, QUICK if quick else None)
    except RuntimeError as error:
        (place / "tobias.json").write_text(json.dumps({"absent": str(error)}))
        return
    command = [sys.executable, __file__, "--worker", "ours", "--folder", str(folder)]
    run, _ = harness.execute(command)
    mine = json.loads((folder / "ours.json").read_text())
    used = [each for name, each in steps.took.items() if name.endswith((*PAIRS["true"], "BINDetect true"))]
    cost = {
        "tobias": {"cpu": sum(each["cpu"] for each in used), "gb": max(each["gb"] for each in used)},
        "ours": {"cpu": run.work, "gb": run.gb},
    }
    said = {name: {"tobias": tobias_calls(folder, name), "ours": mine["calls"][name]} for name in PAIRS}
    peer = harness.version(harness.Contender("TOBIAS", package="tobias", python=harness.PEERS))
    known = {"version": peer, "calls": said, "alike": [] if quick else mine["alike"], "cost": cost}
    (place / "tobias.json").write_text(json.dumps(known, indent=1) + "\n")
    print(json.dumps(known))


def main() -> None:
    parser = harness.command_line(__doc__)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.worker:
        harness.work(ours, asked.folder)
    else:
        measure(asked.folder, asked.quick)


if __name__ == "__main__":
    main()
