"""A whole run of the workflow: six BAMs, genome, genes and peaks to the report, on one core.

    python benchmarks/whole.py [--quick] [--folder FOLDER]

Inputs are drawn: bases, genes and reads at random, but for peaks of all strengths, of which a tenth changes.
The genome is a tenth of a human one: little of the work depends on its length.
"""

import argparse
import json
import shutil
import sys
import time
from pathlib import Path

import harness

N_SAMPLES, CHANGED, FOLD = 6, 0.1, 2.0
CONTRAST = {"variable": "group", "experiment": "treated", "control": "control"}


def sizes(quick: bool) -> dict[str, int]:
    """Of the inputs; `length` is that of each contig."""
    if quick:
        return {"reads": 300_000, "peaks": 2_000, "lines": 20_000, "length": 700_000}
    return {"reads": 10_000_000, "peaks": 48_519, "lines": 3_000_000, "length": 14_000_000}


def prepare(folder: Path, quick: bool) -> None:
    """Everything that a user brings, and a configuration with all motifs of JASPAR (few, if quick)."""
    import annotation
    import numpy as np
    import simulated_reads
    import yaml

    size = sizes(quick)
    rng = np.random.default_rng(1)
    contigs = {f"chr{i + 1}": size["length"] for i in range(annotation.N_CONTIGS)} | {"chrM": 16_569}
    annotation.write_gtf(folder / "genes.gtf", size["lines"], size["length"], rng)
    with open(folder / "genome.fa", "wb") as file:
        for name, length in contigs.items():
            bases = np.frombuffer(b"ACGT", np.uint8)[rng.choice(4, length, p=[0.3, 0.2, 0.2, 0.3])]
            file.write(b">%s\n%s\n" % (name.encode(), b"\n".join(_lines(bases.tobytes(), 100))))
    peaks = simulated_reads.peaks(size["peaks"], rng, contigs)
    peaks.to_csv(folder / "peaks.bed", sep="\t", header=False, index=False)
    strength = rng.lognormal(0, 1, len(peaks))
    change = np.where(rng.random(len(peaks)) < CHANGED, rng.choice([FOLD, 1 / FOLD], len(peaks)), 1.0)
    rows = ["sample\tgroup\tbam"]
    for i in range(N_SAMPLES):
        group, bam = ("control", "treated")[i % 2], folder / f"s{i}.bam"
        weights = strength * change ** (i % 2) * rng.gamma(50, 1 / 50, len(peaks))
        simulated_reads.write_reads(bam, size["reads"], peaks, rng, contigs, weights)
        rows.append(f"s{i}\t{group}\t{bam.name}")
    (folder / "samples.tsv").write_text("\n".join(rows) + "\n")
    config = {
        "samples": "samples.tsv",
        "genome": {"fasta": "genome.fa", "annotation": "genes.gtf"},
        "peaks": {"files": "peaks.bed"},
        "design": "~ group",
        "contrasts": {"treated_vs_control": CONTRAST},
        "motifs": {"tax_group": "nematodes" if quick else None},
        "linkage": {"expression": None},
        "demo": None,
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config))


def _lines(text: bytes, width: int) -> list[bytes]:
    return [text[i : i + width] for i in range(0, len(text), width)]


def said(results: Path, logs: Path) -> dict:
    """Motifs, and rules with their jobs, CPU seconds and GB as snakemake saw them, the costliest first."""
    import pandas as pd
    import scale

    table = scale.by_rule(logs).sort_values("cpu_s", ascending=False).reset_index()
    rules = table[["rule", "jobs", "cpu_s", "peak_gb"]].to_numpy().tolist()
    return {"motifs": len(pd.read_csv(results / "motifs/library.tsv", sep="\t")), "rules": rules}


def measure(folder: Path, quick: bool, repeat: int = 1) -> None:
    """Run it from the beginning, once whatever `repeat`; what it took is kept as `whole.json`."""
    place = harness.place(folder, quick)
    inputs = harness.prepared(place / "whole", [__file__, "--prepare"], quick=quick)
    for made in ("results", "logs", ".snakemake"):
        shutil.rmtree(inputs / made, ignore_errors=True)
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "--cores",
        "1",
        "--snakefile",
        str(harness.ROOT / "Snakefile"),
    ]
    command += ["--directory", str(inputs), "--configfile", str(inputs / "config.yaml")]
    started = time.monotonic()
    run, _ = harness.execute(command)
    took = {"cpu": run.cpu, "gb": run.gb, "seconds": time.monotonic() - started}
    _, last = harness.execute([sys.executable, __file__, "--said", "--folder", str(inputs)])
    known = {"size": sizes(quick), **took, **json.loads(last)}
    (place / "whole.json").write_text(json.dumps(known, indent=1) + "\n")
    print(f"  {run.cpu:.0f} CPU s in {took['seconds']:.0f} s, {run.gb:.2f} GB", flush=True)


def main() -> None:
    parser = harness.command_line(__doc__)
    parser.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--said", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.prepare:
        prepare(asked.folder, asked.quick)
    elif asked.said:
        print(json.dumps(said(asked.folder / "results", asked.folder / "logs")))
    else:
        measure(asked.folder, asked.quick)


if __name__ == "__main__":
    main()
