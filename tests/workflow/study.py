"""A small study with every kind of input, in a folder of its own, run from there as users do."""

import os
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

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


def set_keys(configfile: Path, keys: dict) -> None:
    """Change keys, dotted, of a configuration file."""
    config = yaml.safe_load(configfile.read_text())
    for name, value in keys.items():
        holder = config
        *above, last = name.split(".")
        for part in above:
            holder = holder.setdefault(part, {})
        holder[last] = value
    configfile.write_text(yaml.safe_dump(config))


def write_others(folder: Path) -> None:
    """Further inputs, each unlike the one of its kind."""
    data = folder / "data"
    for name, kind in [("genes", "gtf"), ("peaks", "narrowPeak"), ("expression", "tsv")]:
        shutil.copy(data / f"{name}.{kind}", data / f"other{'_expression' * (kind == 'tsv')}.{kind}")
    for name in ("other.gtf", "other.narrowPeak", "other_expression.tsv"):
        drop_last_line(data / name)
    text = (data / "genome.fa").read_text()
    (data / "other.fa").write_text(text.replace("ACGT", "ACGA", 1))
    (data / "other.bed").write_text("chrA\t0\t1900\n")
    shutil.copytree(data / "motifs", data / "other_motifs")
    (data / "other_motifs/FAC3.jaspar").unlink()
    shutil.copy(folder / "sheet.tsv", folder / "other.tsv")
    peaks = pd.read_csv(data / "peaks.narrowPeak", sep="\t", header=None)
    names = [f"{chrom}:{start}-{end}" for chrom, start, end in peaks[[0, 1, 2]].itertuples(index=False)]
    counts = np.random.default_rng(1).integers(5, 200, (len(names), len(read_sheet(folder))))
    table = pd.DataFrame(counts, columns=read_sheet(folder).index, index=pd.Index(names, name="peak"))
    table.to_csv(data / "counts.tsv", sep="\t")
    (table + 1).to_csv(data / "other_counts.tsv", sep="\t")
    places = pd.Index([f"chrA:{i * 350}-{i * 350 + 300}" for i in range(600)], name="peak")
    many = np.random.default_rng(2).integers(5, 200, (len(places), table.shape[1]))
    pd.DataFrame(many, columns=table.columns, index=places).to_csv(data / "many.tsv", sep="\t")
    for ending in ("bam", "bam.bai"):
        shutil.copy(data / f"control_2.{ending}", data / f"new.{ending}")
    genes = sorted(set(re.findall(r'gene_name "([^"]+)"', (data / "genes.gtf").read_text())))
    (data / "sets.gmt").write_text("set\tnone\t" + "\t".join(genes) + "\n")
    (folder / "bin").mkdir()
    (folder / "bin/macs3").write_text("#!/bin/sh\n")  # nothing is called here
    (folder / "bin/macs3").chmod(0o755)


def drop_last_line(path: Path) -> None:
    """Take the last line of a text file away."""
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


def make_old(path: Path) -> None:
    """Give a file a date before all others."""
    os.utime(path, (1e9, 1e9))


def touch_all(folder: Path) -> None:
    """Give all inputs the date of now."""
    for path in (folder / "data").rglob("*"):
        path.touch()
