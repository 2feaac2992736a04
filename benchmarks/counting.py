"""From a BAM to counts in peaks: ours does all that the workflow needs of a BAM, the others count.

Ours writes the store of cut sites and measures quality beside counting. `samtools view -c` only counts
records: the floor. Every contender is measured as a whole, its start included.
"""

from pathlib import Path

import harness


def sizes(quick: bool) -> tuple[int, int]:
    """Reads and peaks."""
    return (400_000, 5_000) if quick else (10_000_000, 50_000)


def size(quick: bool) -> str:
    n_reads, n_peaks = sizes(quick)
    return f"{n_reads:,} reads of 76 bp in pairs, {n_peaks:,} peaks; whole processes"


def prepare_sizes(folder: Path, n_reads: int, n_peaks: int) -> None:
    """BAM and peaks, and the peaks in the other programs' forms."""
    import simulated_reads

    _, peaks = simulated_reads.write(folder, n_reads, n_peaks)
    rows = [line.split("\t") for line in peaks.read_text().splitlines()]
    saf = [f"p{i}\t{chrom}\t{int(start) + 1}\t{end}\t." for i, (chrom, start, end) in enumerate(rows)]
    (folder / "peaks.saf").write_text("\n".join(["GeneID\tChr\tStart\tEnd\tStrand", *saf]) + "\n")
    order = list(simulated_reads.CONTIGS)
    rows.sort(key=lambda row: (order.index(row[0]), int(row[1])))
    (folder / "sorted.bed").write_text("".join("\t".join(row) + "\n" for row in rows))
    contigs = simulated_reads.CONTIGS.items()
    (folder / "genome.txt").write_text("".join(f"{name}\t{length}\n" for name, length in contigs))


def prepare(folder: Path, quick: bool) -> None:
    prepare_sizes(folder, *sizes(quick))


def ours(folder: Path, clock: harness.Clock) -> str:
    from workflow_lib.fragments import counts, quality
    from workflow_lib.fragments import store as fragments
    from workflow_lib.io import bed

    peaks = bed.read(folder / "peaks.bed")
    with clock:
        store = fragments.from_bam(folder / "reads.bam")
        store.write(folder / "reads.h5")
        quality.summary(store, peaks, ["chrM"])
        n = counts.insertions(store, peaks).sum()
    return f"{n:,} insertions in peaks"


def pysam_fetch(folder: Path, clock: harness.Clock) -> str:
    """One fetch for every peak."""
    import pysam

    n = 0
    with clock, pysam.AlignmentFile(str(folder / "reads.bam")) as reads, open(folder / "peaks.bed") as lines:
        for chrom, start, end in (line.split("\t")[:3] for line in lines):
            for read in reads.fetch(chrom, int(start), int(end)):
                if not read.flag & 1804 and read.flag & 2 and read.mapping_quality >= 30:
                    cut = read.reference_end - 5 if read.is_reverse else read.reference_start + 4
                    n += int(start) <= cut < int(end)
    return f"{n:,} insertions in peaks"


def samtools(folder: Path) -> list[str]:
    return ["samtools", "view", "-c", str(folder / "reads.bam")]


def feature_counts(folder: Path) -> list[str]:
    files = ["-a", str(folder / "peaks.saf"), "-o", str(folder / "fc.txt"), str(folder / "reads.bam")]
    return ["featureCounts", "-T", "1", "-p", "-F", "SAF", *files]


def bedtools(folder: Path) -> list[str]:
    files = [
        "-g",
        str(folder / "genome.txt"),
        "-a",
        str(folder / "sorted.bed"),
        "-b",
        str(folder / "reads.bam"),
    ]
    return ["bedtools", "coverage", "-counts", "-sorted", *files]


STAGE = harness.Stage(
    "counting",
    "Counting, one BAM",
    size,
    prepare,
    (
        harness.Contender("ours", ours, whole=True),
        harness.Contender(
            "featureCounts",
            command=feature_counts,
            program="featureCounts",
            goal=harness.LEVEL,
            goal_text="level",
            reference="10 to 12.5",
        ),
        harness.Contender(
            "bedtools coverage",
            command=bedtools,
            program="bedtools",
            goal=2,
            goal_text="at least 2",
            reference="16",
        ),
        harness.Contender(
            "samtools view -c (floor)",
            command=samtools,
            program="samtools",
            goal=1 / 2.5,
            goal_text="ours at most 2.5 times the floor",
            reference="3.1",
        ),
        harness.Contender("pysam, a fetch a peak", pysam_fetch, package="pysam", whole=True),
    ),
)

if __name__ == "__main__":
    harness.main(STAGE)
