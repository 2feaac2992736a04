"""A whole run at human size: inputs made by vectorised code, then CPU seconds and memory of every job.

    python benchmarks/human.py FOLDER [--scale 1] [--samples 6] [--code CHECKOUT] [--only STEP]

With `--scale 1` a genome of 3.03 Gb on 24 contigs, and 25 million pairs a sample; 0.1 has a tenth of both.
Peaks are 48,519 throughout, of which a tenth opens fourfold in the treated samples and carries GATA's site.
Tn5's preference and GC content that changes along the genome are in the reads. `--code` names the checkout
whose workflow runs, so that two versions are measured on the same inputs; results stay in FOLDER/NAME of it.

Every process is measured by the kernel, from its start to its end, where Snakemake's benchmark files look
every 30 s. Rows are rules; `snakemake` is the run's own process, `not seen` what the ends of processes and
shells take. Steps are make, run, table and peers. The last, only if asked for, measures what does a part of
the same on the first sample: featureCounts on all of it, bamCoverage and TOBIAS ATACorrect on chr21.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import annotation
import harness
import yaml
from isal import igzip_lib, isal_zlib

from workflow_lib.io import alignments

CONTIGS = {f"chr{i}": 1_000_000 * m for i, m in enumerate(harness.MEGABASES, 1)} | {"chrX": 156_000_000}
MITO = 16_569
PAIRS = 25_000_000
READ = 76
WIDTH = 501
N_PEAKS = 48_519
GTF_LINES = 3_000_000
IN_PEAKS, DUPLICATES, ON_MITO = 0.4, 0.1, 0.05
SITE = np.array([0, 2, 0, 3, 0, 0, 2, 0], np.uint8)  # AGATAAGA
PREFERENCE = {-4: (0.3, -0.2, 0.4, -0.6), 0: (-0.4, 0.3, 0.3, -0.4), 4: (-0.6, 0.4, -0.2, 0.3)}
"""Log2 weight of A, C, G, T at three bases from the centre of an event; its own reverse complement."""
LAYERS = 1 << 22
BLOCK = 65_280  # bytes of BGZF before compression, as htslib has them


class Bgzf:
    """Writes blocked gzip by isal's fastest level."""

    def __init__(self, path: Path):
        self.file, self.rest = open(path, "wb"), b""  # noqa: SIM115

    def write(self, data: bytes) -> None:
        data = self.rest + data
        whole = len(data) // BLOCK * BLOCK
        for first in range(0, whole, BLOCK):
            self.block(data[first : first + BLOCK])
        self.rest = data[whole:]

    def block(self, data: bytes) -> None:
        packed = igzip_lib.compress(data, 1, flag=igzip_lib.COMP_DEFLATE)
        head = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0"
        size = (len(packed) + len(head) + 9).to_bytes(2, "little")
        tail = isal_zlib.crc32(data).to_bytes(4, "little") + len(data).to_bytes(4, "little")
        self.file.write(head + size + packed + tail)

    def close(self) -> None:
        if self.rest:
            self.block(self.rest)
        self.block(b"")
        self.file.close()


def bases(length: int, rng: np.random.Generator) -> np.ndarray:
    """Codes of a contig; the GC content of each kilobase is drawn, and its ends are unknown (4)."""
    gc = rng.normal(0.41, 0.07, -(-length // 1000)).clip(0.2, 0.75)
    codes = np.empty(length, np.uint8)
    for first in range(0, length, LAYERS * 10):
        n = min(LAYERS * 10, length - first)
        strong = rng.random(n, np.float32) < np.repeat(gc[first // 1000 :], 1000)[:n]
        which = rng.integers(0, 2, n, np.uint8)
        codes[first : first + n] = np.where(strong, 1 + which, 3 * which)
    codes[:10_000] = codes[-10_000:] = 4
    return codes


def write_fasta(file, name: str, codes: np.ndarray, width: int = 60) -> None:
    """One contig, its lines as UCSC's genomes have them."""
    file.write(f">{name}\n".encode())
    letters = np.frombuffer(b"ACGTN", np.uint8)[codes]
    whole = len(codes) // width * width
    lines = np.full((whole // width, width + 1), ord("\n"), np.uint8)
    lines[:, :width] = letters[:whole].reshape(-1, width)
    file.write(lines.tobytes())
    if whole < len(codes):
        file.write(letters[whole:].tobytes() + b"\n")


def weight(codes: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Tn5's preference for events whose central bases are at these places, over its greatest."""
    log2, top = np.zeros(len(at), np.float32), 0.0
    for offset, by_base in PREFERENCE.items():
        log2 += np.array([*by_base, -3.0], np.float32)[codes[at + offset]]
        top += max(by_base)
    return np.exp2(log2 - top)


def preferred(codes: np.ndarray, at: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Places near the given ones, drawn by preference."""
    at = at.copy()
    left = np.arange(len(at))
    for _ in range(3):
        tried = at[left] + rng.integers(-8, 9, len(left))
        taken = rng.random(len(left), np.float32) < weight(codes, tried)
        at[left[taken]] = tried[taken]
        left = left[~taken]
    return at


def names(n: int, first: int, rng: np.random.Generator) -> np.ndarray:
    """Read names as an Illumina machine gives them, all different, of one length."""
    head = np.frombuffer(b"A00123:456:HXYZ2DSX7:1:1101:00000:00000", np.uint8)
    text = np.tile(head, (n, 1))
    text[:, 21] = ord("1") + rng.integers(0, 4, n)
    for number, last, digits in ((np.arange(first, first + n), 38, 10), (rng.integers(0, 999, n), 26, 3)):
        column = last
        for _ in range(digits):
            if text[0, column] == ord(":"):
                column -= 1
            text[:, column] = ord("0") + number % 10
            number, column = number // 10, column - 1
    return text.view(f"S{text.shape[1]}").ravel()


def draw_pairs(codes, n: int, summits: np.ndarray, shares: np.ndarray, rng) -> tuple[np.ndarray, np.ndarray]:
    """Central bases of the two events of n fragments of a contig, a part of them around summits."""
    length = len(codes)
    span = np.clip(rng.choice([80, 190, 380], n, p=[0.55, 0.35, 0.1]) + rng.normal(0, 20, n), READ + 4, 900)
    edge = min(10_500, length // 8)
    start = edge + (rng.random(n) * (length - 2 * edge)).astype(np.int64)
    if len(summits):
        near = np.flatnonzero(rng.random(n) < IN_PEAKS)
        start[near] = rng.choice(summits, len(near), p=shares) + rng.normal(-70, 110, len(near))
    start = np.clip(start, edge - 400, length - edge - 1000)
    start = preferred(codes, start, rng)
    stop = preferred(codes, start + span.astype(np.int64), rng)
    return start, np.maximum(stop, start + READ)


def write_contig(out: Bgzf, which: int, codes, pairs, first: int, rng, quality: np.ndarray) -> None:
    """The reads of one contig: pairs in order, a tenth of them twice and marked."""
    start, stop = pairs
    twins = np.flatnonzero(rng.random(len(start)) < DUPLICATES)
    duplicate = np.zeros(len(start) + len(twins), np.int64)
    duplicate[len(start) :] = alignments.DUPLICATE
    start, stop = np.r_[start, start[twins]], np.r_[stop, stop[twins]]
    n = len(start)
    # the 5' base of a plus read lies four before the centre of its event, of a minus read five behind
    left, right = start - 4, stop + 5 - READ
    mapq = rng.choice([42, 40, 23, 3], n, p=[0.8, 0.1, 0.05, 0.05])
    title = names(n, first, rng)
    position = np.r_[left, right]
    order = np.argsort(position, kind="stable")
    window = np.lib.stride_tricks.sliding_window_view(codes, READ)
    for at in range(0, len(order), 1 << 17):
        rows = order[at : at + (1 << 17)]
        pair, second = rows % n, rows >= n
        reads = alignments.Reads(
            name=title[pair],
            flag=np.where(second, 147, 99) | duplicate[pair],
            mapq=mapq[pair],
            contig=np.full(len(rows), which),
            position=position[rows],
            mate_contig=np.full(len(rows), which),
            mate_position=np.where(second, left[pair], right[pair]),
            template_length=np.where(second, -1, 1) * (stop - start + 9)[pair],
            bases=window[position[rows]],
        )
        chosen = quality[rng.integers(0, len(quality), len(rows))]
        out.write(alignments._records(reads, chosen))


def qualities(rng: np.random.Generator) -> np.ndarray:
    """Rows of four levels in runs, as current machines give them."""
    level = np.repeat(rng.choice([37, 25, 11, 2], 4_000_000, p=[0.8, 0.1, 0.07, 0.03]),
                      rng.integers(1, 12, 4_000_000)).astype(np.uint8)  # fmt: skip
    return np.lib.stride_tricks.sliding_window_view(level[:8_000_000], READ)


def make(folder: Path, scale: float, n_samples: int) -> None:
    """Genome, genes, peaks, BAMs, sheet and configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    contigs = {name: int(length * scale) for name, length in CONTIGS.items()} | {"chrM": MITO}
    total = sum(contigs.values())
    quality = qualities(np.random.default_rng(0))
    bams = [Bgzf(folder / f"s{i}.bam") for i in range(n_samples)]
    for out in bams:
        out.write(alignments._header(contigs))
    made, rows = [0] * n_samples, []
    with open(folder / "genome.fa", "wb") as fasta:
        for which, (name, length) in enumerate(contigs.items()):
            rng = np.random.default_rng([1, which])
            nuclear = name != "chrM"
            codes = bases(length, rng)
            if not nuclear:
                codes = rng.integers(0, 4, length, np.uint8)
            slots = (
                min(max(int(N_PEAKS * length / total), 1), (length - 40_000) // (3 * WIDTH)) if nuclear else 0
            )
            summits, strength, up = np.zeros(0, np.int64), np.zeros(0), np.zeros(0, bool)
            if slots:
                free = (length - 40_000) // (2 * WIDTH)
                summits = 20_000 + WIDTH + 2 * WIDTH * np.sort(rng.choice(free, slots, replace=False))
                strength, up = rng.lognormal(0, 1, slots), rng.random(slots) < 0.1
                with_site = np.where(up, rng.random(slots) < 0.6, rng.random(slots) < 0.05)
                for j, base in enumerate(SITE):
                    codes[summits[with_site] + j - 4] = base
                rows += [f"{name}\t{at - WIDTH // 2}\t{at + WIDTH // 2 + 1}\n" for at in summits]
            write_fasta(fasta, name, codes)
            share = (1 - ON_MITO) * length / (total - MITO) if nuclear else ON_MITO
            n_pairs = int(PAIRS * scale * share / (1 + DUPLICATES))
            for i, out in enumerate(bams):
                rng = np.random.default_rng([2, which, i])
                shares = strength * np.where(up & (i % 2 == 1), 4.0, 1.0) * rng.gamma(30, 1 / 30, slots)
                pairs = draw_pairs(codes, n_pairs, summits, shares / shares.sum() if slots else shares, rng)
                write_contig(out, which, codes, pairs, made[i], rng, quality)
                made[i] += int(n_pairs * 1.2)
            print(f"{name}: {n_pairs:,} pairs a sample", flush=True)
    for out in bams:
        out.close()
        alignments.pysam.index(out.file.name)
    (folder / "peaks.bed").write_text("".join(rows))
    write_genes(folder / "genes.gtf", contigs)
    write_settings(folder, n_samples)
    (folder / "ready").touch()


def write_genes(path: Path, contigs: dict[str, int]) -> None:
    """A GTF of as many lines and attributes as GENCODE's."""
    rng = np.random.default_rng(3)
    nuclear = {name: length for name, length in contigs.items() if name != "chrM"}
    n = GTF_LINES // (1 + 2 * (2 * annotation.EXONS + 3))
    share = np.array([*nuclear.values()]) / sum(nuclear.values())
    which = np.sort(rng.choice(len(nuclear), n, p=share))
    items = list(nuclear.items())
    with open(path, "w") as file:
        for i, contig in enumerate(which):
            name, length = items[contig]
            file.writelines(annotation.gene(i, int(rng.integers(20_000, length - 60_000)), "+-"[i % 2], name))


def write_settings(folder: Path, n_samples: int) -> None:
    """Sheet and configuration, with all of JASPAR's motifs."""
    sheet = [f"s{i}\t{('control', 'treated')[i % 2]}\t{folder}/s{i}.bam\n" for i in range(n_samples)]
    (folder / "samples.tsv").write_text("sample\tgroup\tbam\n" + "".join(sheet))
    config = {
        "samples": str(folder / "samples.tsv"),
        "genome": {"fasta": str(folder / "genome.fa"), "annotation": str(folder / "genes.gtf")},
        "peaks": {"files": str(folder / "peaks.bed")},
        "design": "~ group",
        "contrasts": {
            "treated_vs_control": {"variable": "group", "experiment": "treated", "control": "control"}
        },
        "linkage": {"expression": None},
        "demo": None,
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))


WATCH = '''"""Writes down, when a process of the run ends, what the kernel says of it."""
import atexit, json, os, resource, sys, time


def tell():
    used = resource.getrusage(resource.RUSAGE_SELF)
    peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]
    scripts = [os.path.basename(each) for each in sys.orig_argv[1:] if each.endswith(".py")]
    took = {"rule": scripts[0].split(".", 1)[-1][:-3] if scripts else "snakemake", "pid": os.getpid(),
            "cpu": used.ru_utime + used.ru_stime, "gb": int(peak) / 1024**2,
            "start": START, "end": time.time()}
    with open(os.environ["HUMAN_LOG"], "a") as file:
        file.write(json.dumps(took) + "\\n")


START = time.time()
atexit.register(tell)
'''


def run(folder: Path, code: Path, cores: int) -> Path:
    """Run a checkout's workflow from the beginning; its results are in a folder of that name."""
    place = folder / f"run-{code.name}"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    (place / "watch").mkdir()
    (place / "watch" / "sitecustomize.py").write_text(WATCH)
    paths = os.pathsep.join([str(code), str(place / "watch")])
    env = harness.environment() | {"PYTHONPATH": paths, "HUMAN_LOG": str(place / "jobs.jsonl")}
    command = [sys.executable, "-m", "snakemake", "--cores", str(cores), "--snakefile", code / "Snakefile"]
    command += ["--directory", place, "--configfile", folder / "config.yaml", "--quiet", "rules", "progress"]
    started = time.time()
    with open(place / "said.txt", "w") as said:
        process = subprocess.Popen(list(map(str, command)), env=env, stdout=said, stderr=said, cwd=place)
        _, status, used = os.wait4(process.pid, 0)
    whole = {"cpu": used.ru_utime + used.ru_stime, "gb": used.ru_maxrss / harness.GB,
             "seconds": time.time() - started, "status": status, "machine": harness.machine()}  # fmt: skip
    (place / "whole.json").write_text(json.dumps(whole, indent=1) + "\n")
    return place


def table(place: Path):
    """CPU seconds, longest job and peak memory by rule, and of the whole run."""
    import pandas as pd

    whole = json.loads((place / "whole.json").read_text())
    jobs = pd.read_json(place / "jobs.jsonl", lines=True)
    jobs["longest_s"] = jobs["end"] - jobs["start"]
    by_rule = jobs.groupby("rule").agg(
        jobs=("cpu", "size"), cpu_s=("cpu", "sum"), longest_s=("longest_s", "max"), peak_gb=("gb", "max")
    )
    rest = whole["cpu"] - jobs["cpu"].sum()
    by_rule.loc["not seen"] = [0, rest, np.nan, np.nan]
    by_rule.loc["all"] = [len(jobs), whole["cpu"], whole["seconds"], jobs["gb"].max()]
    size = sum(file.stat().st_size for file in place.rglob("*") if file.is_file()) / 1e9
    return by_rule.sort_values("cpu_s", ascending=False).round(2), size, whole


def peers(folder: Path) -> None:
    """CPU seconds and memory of other programs on the first sample, each as a whole."""
    place = folder / "peers"
    place.mkdir(exist_ok=True)
    rows = [line.split("\t") for line in (folder / "peaks.bed").read_text().splitlines()]
    saf = [f"p{i}\t{chrom}\t{int(start) + 1}\t{end}\t." for i, (chrom, start, end) in enumerate(rows)]
    (place / "peaks.saf").write_text("\n".join(["GeneID\tChr\tStart\tEnd\tStrand", *saf]) + "\n")
    ours = ["\t".join(row) + "\n" for row in rows if row[0] == "chr21"]
    (place / "peaks.bed").write_text("".join(ours))
    bam, part = folder / "s0.bam", place / "chr21.bam"
    subprocess.run(["samtools", "view", "-b", "-o", part, bam, "chr21"], check=True)
    subprocess.run(["samtools", "index", part], check=True)
    programs = harness.PEERS.parent
    commands = {
        "featureCounts": [
            *("featureCounts", "-T", "1", "-p", "-F", "SAF", "-a", place / "peaks.saf"),
            *("-o", place / "counts.txt", bam),
        ],
        "bamCoverage, chr21, each base": [
            *(programs / "bamCoverage", "-b", part, "-o", place / "chr21.bw", "--region", "chr21"),
            *("--binSize", "1", "--Offset", "1", "-p", "1"),
        ],
        "TOBIAS ATACorrect, chr21": [
            *(programs / "TOBIAS", "ATACorrect", "--bam", part, "--genome", folder / "genome.fa"),
            *("--peaks", place / "peaks.bed", "--outdir", place, "--cores", "1"),
        ],
    }
    for name, command in commands.items():
        if shutil.which(command[0]) is None:
            print(f"{name}: absent")
            continue
        with open(place / "said.txt", "a") as said:
            process = subprocess.Popen(list(map(str, command)), stdout=said, stderr=said, cwd=place)
            _, status, used = os.wait4(process.pid, 0)
        cpu, gb = used.ru_utime + used.ru_stime, used.ru_maxrss / harness.GB
        print(f"{name}: {cpu:.1f} CPU s, {gb:.2f} GB, ended with {status}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--samples", type=int, default=6)
    parser.add_argument("--code", type=Path, default=harness.ROOT)
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--only", choices=("make", "run", "table", "peers"))
    asked = parser.parse_args()
    folder, code = asked.folder.resolve(), asked.code.resolve()
    if asked.only == "peers":
        peers(folder)
        return
    if asked.only in (None, "make") and not (folder / "ready").exists():
        make(folder, asked.scale, asked.samples)
    place = folder / f"run-{code.name}"
    if asked.only in (None, "run"):
        place = run(folder, code, asked.cores)
    if asked.only != "make":
        by_rule, size, whole = table(place)
        print(by_rule.to_string())
        print(f"{size:.2f} GB of results; ended with {whole['status']}; {whole['machine']}")


if __name__ == "__main__":
    main()
