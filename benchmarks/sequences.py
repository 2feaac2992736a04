"""Sequences of windows around summits, from an indexed FASTA."""

from pathlib import Path

import harness

WIDTH = 200


def sizes(quick: bool) -> int:
    return 2_000 if quick else 48_519


def size(quick: bool) -> str:
    return f"{sizes(quick):,} windows of {WIDTH} bp, without start and reading of the peaks"


def prepare(folder: Path, quick: bool) -> None:
    """A random genome with a summit in each kilobase, indexed."""
    import numpy as np
    import pandas as pd
    import scale

    from workflow_lib.genome import reference as genome

    n = sizes(quick)
    scale.write_genome(folder / "genome.fa", (n + 1) * scale.SPACING, 1)
    genome.write_index(folder / "genome.fa", folder / "genome.fa.fai", folder / "genome.fa.gzi")
    summit = np.arange(n) * scale.SPACING + np.random.default_rng(1).integers(WIDTH, scale.SPACING, n)
    table = {"peak": [f"p{i}" for i in range(n)], "chrom": scale.CONTIG, "summit": summit}
    pd.DataFrame(table).to_csv(folder / "peaks.tsv", sep="\t", index=False)


def peaks(folder: Path):
    import pandas as pd

    return pd.read_csv(folder / "peaks.tsv", sep="\t")


def remark(sequences: list[str]) -> str:
    import zlib

    return f"{len(sequences):,} sequences, checksum {zlib.crc32(''.join(sequences).encode()):08x}"


def ours(folder: Path, clock: harness.Clock) -> str:
    from workflow_lib.genome import reference as genome
    from workflow_lib.genome import sequences

    table = peaks(folder)
    with clock:
        fasta = folder / "genome.fa"
        reference = genome.read(fasta, f"{fasta}.fai", f"{fasta}.gzi")
        found, _ = sequences.extract(table, WIDTH, reference)
    return remark(found)


def pyfaidx_each(folder: Path, clock: harness.Clock) -> str:
    """A slice for every peak."""
    import pyfaidx

    table = peaks(folder)
    with clock:
        genome = pyfaidx.Fasta(str(folder / "genome.fa"), rebuild=False)
        places = zip(table["chrom"], table["summit"] - WIDTH // 2, strict=True)
        found = [genome[chrom][start : start + WIDTH].seq.upper() for chrom, start in places]
    return remark(found)


STAGE = harness.Stage(
    "sequences",
    "Sequences",
    size,
    prepare,
    (
        harness.Contender("ours", ours),
        harness.Contender(
            "pyfaidx, peak by peak",
            pyfaidx_each,
            package="pyfaidx",
            goal=harness.LEVEL,
            goal_text="level",
            reference="0.42",
        ),
    ),
)

if __name__ == "__main__":
    harness.main(STAGE)
