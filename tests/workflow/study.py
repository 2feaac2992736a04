"""A small study with every kind of input, in a folder of its own, run from there as users do."""

from pathlib import Path

import pandas as pd

from workflow_lib import simulate

MOTIFS = {"FAC1": "TGACTCAG", "FAC2": "CACGTGCC", "FAC3": "GGGCGGGA"}


def write(folder: Path) -> dict:
    """Inputs of a study of six samples; its configuration, paths counting from the folder."""
    made = simulate.demo(3, lengths={"chrA": 220_000, "chrB": 160_000}, n_genes=14, n_peaks=90, depth=9_000)
    made.write(folder / "data")
    data = folder / "data"
    (data / "blacklist.bed").write_text("chrA\t0\t2000\n")
    (data / "sites.bed").write_text("chrA\t0\t200000\nchrB\t0\t150000\n")
    (data / "motifs").mkdir()
    for name, word in MOTIFS.items():
        (data / "motifs" / f"{name}.jaspar").write_text(matrix(name, word))
    sheet = simulate.SAMPLES.assign(
        age=[3, 5, 4, 5, 3, 4],
        spike_in=[1000, 1100, 900, 1000, 1050, 950],
        size_factor=[1.0, 1.1, 0.9, 1.0, 1.05, 0.95],
        bam=[f"data/{sample}.bam" for sample in simulate.SAMPLES.index],
    )
    write_sheet(folder, sheet)
    return {
        "samples": "sheet.tsv",
        "genome": {
            "fasta": "data/genome.fa",
            "annotation": "data/genes.gtf",
            "blacklist": "data/blacklist.bed",
        },
        "peaks": {"files": "data/peaks.narrowPeak"},
        "motifs": {"source": "file", "file": "data/motifs"},
        "linkage": {"expression": "data/expression.tsv"},
        "enrichment": {"n_genome": 200},
        "chromvar": {"iterations": 10},
        "loci": {"top": 1},
    }


def matrix(name: str, word: str) -> str:
    """A JASPAR matrix that prefers one word."""
    rows = [
        f"{base} [ " + " ".join("90" if letter == base else "3" for letter in word) + " ]" for base in "ACGT"
    ]
    return f">{name}.1 {name}\n" + "\n".join(rows) + "\n"


def write_sheet(folder: Path, sheet: pd.DataFrame) -> None:
    """The sample sheet."""
    sheet.rename_axis("sample").to_csv(folder / "sheet.tsv", sep="\t")


def read_sheet(folder: Path) -> pd.DataFrame:
    """The sample sheet as text."""
    return pd.read_csv(folder / "sheet.tsv", sep="\t", dtype=str, index_col="sample")
