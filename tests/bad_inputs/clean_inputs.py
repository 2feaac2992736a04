"""Small inputs without a fault, in a folder, to put one fault into."""

from pathlib import Path

import numpy as np
import yaml

from workflow_lib import preflight
from workflow_lib.io import alignments, sheets

SCHEMAS = Path(__file__).resolve().parents[2] / "config" / "schemas"
CONTIGS = {"chr1": 3000, "chr2": 2400, "chrM": 600}
SAMPLES = {"c1": "control", "c2": "control", "t1": "treated", "t2": "treated"}
PAIRS = {"c1": (3, 9), "c2": (4, 8), "t1": (9, 2), "t2": (8, 3)}
"""Read pairs of each sample in the two peaks; each has both its cuts there."""
READ = 30
READS = {
    "samples": "samples.tsv",
    "genome": {"fasta": "genome.fa", "annotation": "genes.gtf", "blacklist": "blacklist.bed"},
    "peaks": {"files": "peaks.narrowPeak"},
    "reads": {"tn5_shift": [4, -4]},
    "motifs": {"source": "file", "file": "motifs.jaspar"},
    "demo": None,
}
COUNTS = {"samples": "sheet.tsv", "counts": "counts.tsv", "design": "~ batch + group", "demo": None}
GTF = (
    '#!genome\n{0}\tx\tgene\t1201\t2000\t.\t+\t.\tgene_id "g1"; gene_name "A1";\n'
    '{0}\tx\ttranscript\t1201\t2000\t.\t+\t.\tgene_id "g1"; transcript_id "t1"; gene_name "A1";\n'
    '{0}\tx\texon\t1201\t2000\t.\t+\t.\tgene_id "g1"; transcript_id "t1"; gene_name "A1";\n'
    'chr2\tx\tgene\t801\t1600\t.\t-\t.\tgene_id "g2"; gene_name "B2";\n'
    'chr2\tx\ttranscript\t801\t1600\t.\t-\t.\tgene_id "g2"; transcript_id "t2"; gene_name "B2";\n'
    'chr2\tx\texon\t801\t1600\t.\t-\t.\tgene_id "g2"; transcript_id "t2"; gene_name "B2";\n'
).format("chr1")
NARROWPEAK = "chr1\t100\t400\tp1\t90\t.\t5.5\t9.1\t7.2\t150\nchr2\t500\t800\tp2\t80\t.\t4.5\t8.1\t6.2\t140\n"
JASPAR = (
    ">MA0001.1 ONE\nA [ 9 0 0 1 5 0 ]\nC [ 0 9 0 1 0 5 ]\nG [ 0 0 9 1 0 5 ]\nT [ 1 1 1 7 5 0 ]\n"
    ">MA0002.1 TWO\nA [ 1 8 0 1 5 9 ]\nC [ 0 1 9 1 0 1 ]\nG [ 8 0 0 1 0 0 ]\nT [ 1 1 1 7 5 0 ]\n"
)
MEME = (
    "MEME version 4\n\nALPHABET= ACGT\n\nMOTIF M1 ONE\n"
    "letter-probability matrix: alength= 4 w= 3 nsites= 20 E= 0\n"
    "0.9 0.1 0 0\n0 0.9 0.1 0\n0.25 0.25 0.25 0.25\n"
)
TRANSFAC = (
    "AC  T1\nXX\nID  ONE\nP0      A      C      G      T\n01 9 1 0 0 A\n02 0 9 1 0 C\n03 1 1 8 0 G\nXX\n//\n"
)
HOMER = ">ACG\tONE(bZIP)/x/Homer\t6.5\t-20\n0.9\t0.1\t0\t0\n0\t0.9\t0.1\t0\n0.1\t0.1\t0.8\t0\n"
MATRIX = (
    "peak\tc1\tc2\tt1\tt2\n"
    "chr1:100-400\t6\t8\t18\t16\nchr2:500-800\t18\t16\t4\t6\nchr2:900-1100\t7\t9\t8\t7\n"
)


def fasta(width: int = 60) -> str:
    """The genome, in lines of `width` bases."""
    rng = np.random.default_rng(1)
    parts = []
    for name, length in CONTIGS.items():
        bases = "".join(rng.choice(list("ACGT"), length))
        lines = [bases[i : i + width] for i in range(0, length, width)]
        parts.append(f">{name} made up\n" + "\n".join(lines) + "\n")
    return "".join(parts)


def write_bam(path: Path, pairs: tuple[int, int], *, contigs=CONTIGS, length: int = READ) -> None:
    """Read pairs of 100 bp fragments inside the two peaks, sorted and indexed."""
    start = np.concatenate([150 + 3 * np.arange(n) for n in pairs])
    contig = np.repeat([0, 1], pairs)
    start = start + 420 * contig
    n = len(start)
    both = {
        "flag": np.concatenate([np.full(n, 0x1 | 0x2 | 0x20 | 0x40), np.full(n, 0x1 | 0x2 | 0x10 | 0x80)]),
        "contig": np.tile(contig, 2),
        "position": np.concatenate([start, start + 100 - length]),
        "mate_contig": np.tile(contig, 2),
        "mate_position": np.concatenate([start + 100 - length, start]),
        "template_length": np.concatenate([np.full(n, 100), np.full(n, -100)]),
    }
    reads = alignments.Reads(
        name=np.tile(np.array([f"r{i:06d}" for i in range(n)], dtype="S7"), 2),
        mapq=np.full(2 * n, 60),
        bases=np.random.default_rng(n).integers(0, 4, (2 * n, length)).astype(np.uint8),
        **both,
    )
    alignments.write_bam(reads, contigs, path)


def write(folder: Path) -> None:
    """All inputs of a run from reads (reads.yaml) and of one from counts (counts.yaml)."""
    for sample, pairs in PAIRS.items():
        write_bam(folder / f"{sample}.bam", pairs)
    rows = [f"{sample}\t{group}\t{sample}.bam" for sample, group in SAMPLES.items()]
    sheet = [f"{sample}\t{group}\t{'AB'[i % 2]}" for i, (sample, group) in enumerate(SAMPLES.items())]
    texts = {
        "samples.tsv": "sample\tgroup\tbam\n" + "\n".join(rows) + "\n",
        "sheet.tsv": "sample\tgroup\tbatch\n" + "\n".join(sheet) + "\n",
        "genome.fa": fasta(),
        "genes.gtf": GTF,
        "peaks.narrowPeak": NARROWPEAK,
        "blacklist.bed": "chr1\t2500\t2600\n",
        "motifs.jaspar": JASPAR,
        "counts.tsv": MATRIX,
        "reads.yaml": yaml.safe_dump(READS),
        "counts.yaml": yaml.safe_dump(COUNTS),
    }
    for name, text in texts.items():
        (folder / name).write_text(text)


def load(name: str):
    """What the Snakefile does with a configuration of the working folder, by its own two functions."""
    from snakemake.common.configfile import load_configfile

    return preflight.load(load_configfile(name), SCHEMAS, config_files=[name], deep=True)


def read_yaml(name: str) -> dict:
    """A configuration of the working folder."""
    return sheets.read_yaml(name)
