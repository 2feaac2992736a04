"""From a large GTF and peaks to the gene nearest to each peak, and in ours the feature it lies in."""

from pathlib import Path

import harness

LENGTH = 140_000_000  # bp of each contig
N_CONTIGS = 22
EXONS = 11


def sizes(quick: bool) -> tuple[int, int]:
    """GTF lines and peaks."""
    return (50_000, 5_000) if quick else (3_000_000, 48_519)


def size(quick: bool) -> str:
    n_lines, n_peaks = sizes(quick)
    return f"a GTF of {n_lines:,} lines, {n_peaks:,} peaks, without start"


def gene(i: int, start: int, strand: str, chrom: str) -> list[str]:
    """Lines of one gene, with about as many attributes as GENCODE gives."""
    about = f'gene_id "ENSG{i:011d}.1"; gene_type "protein_coding"; gene_name "GENE{i}"; level 2;'
    more = 'hgnc_id "HGNC:1"; tag "basic"; havana_gene "OTTHUMG00000000001.1"'

    def line(kind: str, first: int, last: int, extra: str = "") -> str:
        return f"{chrom}\tHAVANA\t{kind}\t{first}\t{last}\t.\t{strand}\t.\t{about} {extra}{more};\n"

    end = start + 3000 * EXONS
    lines = [line("gene", start, end)]
    for transcript in range(2):
        name = f"{i:011d}{transcript}.1"
        ids = f'transcript_id "ENST{name}"; transcript_type "protein_coding"; '
        ids += f'transcript_name "GENE{i}-20{transcript}"; '
        lines.append(line("transcript", start + 500 * transcript, end, ids))
        for exon in range(EXONS):
            first = start + 500 * transcript + 3000 * exon
            own = f'{ids}exon_number {exon + 1}; exon_id "ENSE{name}{exon}"; '
            lines.append(line("exon", first, first + 180, own))
            lines.append(line("CDS", first, first + 180, own))
        lines.append(line("start_codon", start + 500 * transcript, start + 500 * transcript + 2, ids))
        lines.append(line("stop_codon", end - 2, end, ids))
    return lines


def write_gtf(path: Path, n_lines: int, length: int, rng) -> None:
    """Genes at random on contigs of that length."""
    import numpy as np

    n_genes = n_lines // (1 + 2 * (2 * EXONS + 3))
    contig = np.sort(rng.integers(0, N_CONTIGS, n_genes))
    starts = rng.integers(10_000, length - 100_000, n_genes)
    with open(path, "w") as file:
        for i, (c, start) in enumerate(zip(contig, starts, strict=True)):
            file.writelines(gene(i, int(start), "+-"[i % 2], f"chr{c + 1}"))


def prepare(folder: Path, quick: bool) -> None:
    import numpy as np
    import pandas as pd

    n_lines, n_peaks = sizes(quick)
    rng = np.random.default_rng(1)
    write_gtf(folder / "genes.gtf", n_lines, LENGTH, rng)
    at = rng.integers(1000, LENGTH - 1000, n_peaks)
    names = np.array([f"chr{i + 1}" for i in range(N_CONTIGS)])
    table = pd.DataFrame(
        {"chrom": rng.choice(names, n_peaks), "start": at, "end": at + 501, "summit": at + 250}
    )
    table.insert(0, "peak", [f"p{i}" for i in range(n_peaks)])
    table.to_csv(folder / "peaks.tsv", sep="\t", index=False)


def peaks(folder: Path):
    import pandas as pd

    return pd.read_csv(folder / "peaks.tsv", sep="\t")


def ours(folder: Path, clock: harness.Clock) -> str:
    from workflow_lib.genome import annotation, genes

    table = peaks(folder)
    with clock:
        found = annotation.annotate(table, genes.from_gtf(folder / "genes.gtf"))
    return f"median distance to a TSS {found['tss_distance'].abs().median():,.0f} bp"


def pyranges_nearest(folder: Path, clock: harness.Clock) -> str:
    """Its reader, then the nearest start of a transcript; no feature."""
    import pyranges

    table = peaks(folder)
    with clock:
        annotation = pyranges.read_gtf(str(folder / "genes.gtf"))
        sites = annotation[annotation.Feature == "transcript"].five_end()
        summits = pyranges.PyRanges(
            chromosomes=table["chrom"], starts=table["summit"], ends=table["summit"] + 1
        )
        found = summits.nearest(sites)
    return f"median distance to a TSS {found.df['Distance'].median():,.0f} bp"


STAGE = harness.Stage(
    "annotation",
    "Annotation",
    size,
    prepare,
    (
        harness.Contender("ours", ours),
        harness.Contender(
            "pyranges, read_gtf and nearest",
            pyranges_nearest,
            package="pyranges",
            goal=6,
            goal_text="at least 6",
            reference="75",
        ),
    ),
)

if __name__ == "__main__":
    harness.main(STAGE)
