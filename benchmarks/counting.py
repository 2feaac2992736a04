"""From a BAM of 10 million reads to counts in 50,000 peaks: CPU seconds and memory, ours against other tools.

    python benchmarks/counting.py [--reads N] [--peaks N] [--repeat N] [--folder KEPT]

Every contender is a process of its own on one core, its start included. Ours does the whole of what the
workflow needs from a BAM: the store of cut sites, the quality measures and the counts. `samtools view -c`
only counts records: the floor.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import simulated_reads, timing

FLOOR = "samtools view -c"


def ours(bam: str, peaks_bed: str) -> None:
    """Store, quality and counts."""
    from workflow_lib import counts, fragments, quality
    from workflow_lib.io import bed

    peaks = bed.read(peaks_bed)
    store = fragments.from_bam(bam)
    store.write(Path(bam).with_suffix(".h5"))
    quality.summary(store, peaks, ["chrM"])
    print(counts.insertions(store, peaks).sum(), "insertions in peaks")


def pysam_loop(bam: str, peaks_bed: str) -> None:
    """A plain loop over all reads that looks at the four fields needed, and counts nothing."""
    import pysam

    with pysam.AlignmentFile(bam) as reads:
        for read in reads:
            _ = read.flag, read.reference_start, read.template_length, read.mapping_quality


def pysam_fetch(bam: str, peaks_bed: str) -> None:
    """One fetch for every peak."""
    import pysam

    total = 0
    with pysam.AlignmentFile(bam) as reads, open(peaks_bed) as lines:
        for chrom, start, end in (line.split("\t")[:3] for line in lines):
            for read in reads.fetch(chrom, int(start), int(end)):
                if not read.flag & 1804 and read.flag & 2 and read.mapping_quality >= 30:
                    cut = read.reference_end - 5 if read.is_reverse else read.reference_start + 4
                    total += int(start) <= cut < int(end)
    print(total, "insertions in peaks")


WORKERS = {"ours": ours, "pysam, plain loop": pysam_loop, "pysam, a fetch a peak": pysam_fetch}


def contenders(bam: Path, peaks: Path) -> dict[str, list[str]]:
    """Commands by name."""
    folder = bam.parent
    saf, genome = folder / "peaks.saf", folder / "genome.txt"
    lines = [line.split("\t") for line in peaks.read_text().splitlines()]
    rows = [f"p{i}\t{chrom}\t{int(start) + 1}\t{end}\t." for i, (chrom, start, end) in enumerate(lines)]
    saf.write_text("GeneID\tChr\tStart\tEnd\tStrand\n" + "\n".join(rows) + "\n")
    genome.write_text("".join(f"{name}\t{length}\n" for name, length in simulated_reads.CONTIGS.items()))
    in_bam_order = folder / "sorted.bed"
    order = list(simulated_reads.CONTIGS)
    lines.sort(key=lambda line: (order.index(line[0]), int(line[1])))
    in_bam_order.write_text("".join("\t".join(line) + "\n" for line in lines))
    found = {FLOOR: ["samtools", "view", "-c", str(bam)]}
    found |= {name: [sys.executable, __file__, "--worker", name, str(bam), str(peaks)] for name in WORKERS}
    count = [
        "featureCounts",
        "-T",
        "1",
        "-p",
        "-F",
        "SAF",
        "-a",
        str(saf),
        "-o",
        str(folder / "fc.txt"),
        str(bam),
    ]
    coverage = ["bedtools", "coverage", "-counts", "-sorted", "-g", str(genome)]
    coverage += ["-a", str(in_bam_order), "-b", str(bam)]
    return found | {"featureCounts": count, "bedtools coverage": coverage}


def run(command: list[str]) -> tuple[float, float]:
    """CPU seconds and peak memory in GB of a command."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"failed: {' '.join(command)}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024**2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reads", type=int, default=10_000_000)
    parser.add_argument("--peaks", type=int, default=50_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", help="keep the simulated files here, and use them if they are there")
    parser.add_argument("--worker", nargs=3, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.worker:
        name, bam, peaks = chosen.worker
        WORKERS[name](bam, peaks)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(chosen.folder or temporary)
        bam, peaks = folder / "reads.bam", folder / "peaks.bed"
        if not peaks.exists():
            # apart: the peak memory of a process counts what its parent held when it was started
            with ProcessPoolExecutor(1) as apart:
                apart.submit(simulated_reads.write, folder, chosen.reads, chosen.peaks).result()
        print(f"{chosen.reads:,} reads of {simulated_reads.READ_LENGTH} bp, {chosen.peaks:,} peaks")
        print(f"{timing.machine()}; median of {chosen.repeat}")
        floor = None
        for name, command in contenders(bam, peaks).items():
            if not shutil.which(command[0]):
                print(f"{name:24} absent")
                continue
            measured = [run(command) for _ in range(chosen.repeat)]
            seconds = statistics.median(seconds for seconds, _ in measured)
            floor = seconds if name == FLOOR else floor
            ratio = f"{seconds / floor:5.1f} x floor" if floor else ""
            print(
                f"{name:24} {seconds:7.2f} CPU s {max(memory for _, memory in measured):6.2f} GB {ratio}",
                flush=True,
            )


if __name__ == "__main__":
    main()
