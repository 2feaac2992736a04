"""Gene models in the manner of GENCODE: both strands, several exons and transcripts, some lncRNA."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

MARGIN = 6_000  # bp without genes at each contig end
GENE_COLUMNS = ["gene_id", "gene_name", "gene_type", "chrom", "start", "end", "strand"]


def place_genes(
    lengths: Mapping[str, int], n_genes: int, rng: np.random.Generator, *, spacing: int = 2_000
) -> pd.DataFrame:
    """Place genes that do not overlap, in numbers proportional to contig length.

    Returns
    -------
    DataFrame
        Columns gene_id, gene_name, gene_type, chrom, start, end, strand; in genome order.

    Raises
    ------
    ValueError
        If a contig is too short for its share.
    """
    total = sum(lengths.values())
    tables = []
    for chrom, length in lengths.items():
        n = round(n_genes * length / total)
        room = length - 2 * MARGIN - (n + 1) * spacing
        if room < 2_000 * n:
            raise ValueError(f"{chrom}: {length} bp are too few for {n} genes; ask for fewer genes")
        span = np.clip(rng.lognormal(np.log(9_000), 0.8, size=n), 1_500, 60_000)
        span = np.minimum(span, np.maximum(span * 0.55 * room / max(span.sum(), 1.0), 1_500)).astype(int)
        free = rng.dirichlet(np.full(n + 1, 1.2)) * (room - span.sum())
        start = MARGIN + spacing + np.cumsum(free[:-1] + spacing).astype(int) - spacing
        start += np.concatenate([[0], np.cumsum(span)[:-1]]).astype(int)
        tables.append(pd.DataFrame({"chrom": chrom, "start": start, "end": start + span}))
    genes = pd.concat(tables, ignore_index=True)
    number = np.arange(1, len(genes) + 1)
    coding = rng.random(len(genes)) < 0.75
    genes["strand"] = rng.choice(["+", "-"], size=len(genes))
    genes["gene_id"] = [f"SIMG{i:011d}.1" for i in number]
    genes["gene_name"] = [f"SIM{i}" if c else f"LINC-SIM{i}" for i, c in zip(number, coding, strict=True)]
    genes["gene_type"] = np.where(coding, "protein_coding", "lncRNA")
    return genes[GENE_COLUMNS]


def mitochondrial_genes(chrom: str, length: int, first: int) -> pd.DataFrame:
    """One-exon genes on the mitochondrial contig, as :func:`place_genes`; numbered from `first`."""
    n = 4
    start = (np.arange(n) * 2 + 1) * length // (2 * n + 1)
    return pd.DataFrame(
        {
            "gene_id": [f"SIMG{first + i:011d}.1" for i in range(n)],
            "gene_name": [f"MT-SIM{i + 1}" for i in range(n)],
            "gene_type": "protein_coding",
            "chrom": chrom,
            "start": start,
            "end": start + length // (2 * n + 1) // 3 * 3,
            "strand": ["+", "+", "-", "+"],
        }
    )[GENE_COLUMNS]


def gene_features(genes: pd.DataFrame, mitochondrial: str, rng: np.random.Generator) -> pd.DataFrame:
    """Gene, transcript, exon, CDS and UTR lines of every gene.

    Returns
    -------
    DataFrame
        The gene columns (start and end being the feature's, 0-based half-open), and feature,
        transcript_id, transcript_name, exon_number (0 where it does not apply), frame ('.', 0, 1 or 2).
    """
    rows: list[tuple] = []
    for i, gene in enumerate(genes.itertuples(index=False)):
        length = gene.end - gene.start
        rows.append((i, "gene", 0, length, "", "", 0, "."))
        single = gene.chrom == mitochondrial
        chains = [np.array([[0, length]])] if single else _transcripts(length, rng)
        for k, exons in enumerate(chains, start=1):
            named = (gene.gene_id.replace("SIMG", "SIMT")[:-2] + f"{k:02d}.1", f"{gene.gene_name}-20{k}")
            rows.append((i, "transcript", exons[0, 0], exons[-1, 1], *named, 0, "."))
            rows += [(i, "exon", a, b, *named, n, ".") for n, (a, b) in enumerate(exons, start=1)]
            if gene.gene_type == "protein_coding":
                rows += [(i, *part[:3], *named, *part[3:]) for part in _coding(exons, rng, whole=single)]
    table = pd.DataFrame(
        rows,
        columns=[
            "gene",
            "feature",
            "left",
            "right",
            "transcript_id",
            "transcript_name",
            "exon_number",
            "frame",
        ],
    )
    own = genes.iloc[table.pop("gene")].reset_index(drop=True)
    left, right = table.pop("left").to_numpy(int), table.pop("right").to_numpy(int)
    plus = (own["strand"] == "+").to_numpy()
    start, end = own["start"].to_numpy(), own["end"].to_numpy()
    own["start"], own["end"] = (
        np.where(plus, start + left, end - right),
        np.where(plus, start + right, end - left),
    )
    return pd.concat([own, table], axis=1)


def gtf(features: pd.DataFrame) -> str:
    """The features as GTF text with GENCODE's attributes."""
    lines = ["##description: simulated gene models\n##format: gtf\n"]
    for f in features.itertuples(index=False):
        attributes = [f'gene_id "{f.gene_id}"']
        if f.transcript_id:
            attributes.append(f'transcript_id "{f.transcript_id}"')
        attributes += [f'gene_type "{f.gene_type}"', f'gene_name "{f.gene_name}"']
        if f.transcript_id:
            attributes += [f'transcript_type "{f.gene_type}"', f'transcript_name "{f.transcript_name}"']
        if f.exon_number:
            attributes.append(f"exon_number {f.exon_number}")
        attributes.append("level 2")
        fields = [f.chrom, "SIMULATED", f.feature, f.start + 1, f.end, ".", f.strand, f.frame]
        lines.append("\t".join([*map(str, fields), "; ".join(attributes) + ";"]) + "\n")
    return "".join(lines)


def _transcripts(length: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Exon chains of one gene in its own direction: the full one, one that skips, one that starts later."""
    full = _exons(length, rng)
    chains = [full]
    n = len(full)
    if n >= 3 and rng.random() < 0.5:
        chains.append(np.delete(full, rng.integers(1, n - 1), axis=0))
    if n >= 3 and rng.random() < 0.25:
        later = full[rng.integers(1, n - 1) :].copy()
        later[0, 0] -= 30  # a promoter of its own, inside an intron of at least 60 bp
        chains.append(later)
    return chains


def _exons(length: int, rng: np.random.Generator) -> np.ndarray:
    n = 1 if rng.random() < 0.1 else 2 + min(rng.poisson(3), max(0, length // 900 - 2))
    sizes = np.clip(rng.lognormal(np.log(140), 0.4, size=n), 60, 400)
    sizes[0], sizes[-1] = rng.uniform(100, 300), rng.uniform(300, 900)
    if n == 1:
        return np.array([[0, length]])
    sizes = (sizes * min(1.0, 0.6 * length / sizes.sum())).astype(int)
    introns = 60 + rng.dirichlet(np.full(n - 1, 1.5)) * (length - sizes.sum() - 60 * (n - 1))
    start = np.concatenate([[0], np.cumsum(sizes[:-1] + introns.astype(int))])
    exons = np.column_stack([start, start + sizes])
    exons[-1, 1] = length
    return exons


def _coding(exons: np.ndarray, rng: np.random.Generator, *, whole: bool) -> list[tuple]:
    """CDS and UTR pieces (feature, start, end, exon number, frame); a whole number of codons."""
    sizes = exons[:, 1] - exons[:, 0]
    mature = int(sizes.sum())
    five = 0 if whole else min(int(rng.integers(60, 200)), mature // 4)
    three = 0 if whole else min(int(rng.integers(150, 500)), mature // 4)
    stop = five + (mature - five - three) // 3 * 3
    before = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    parts = []
    for feature, low, high in (("CDS", five, stop), ("UTR", 0, five), ("UTR", stop, mature)):
        first, last = np.maximum(before, low), np.minimum(before + sizes, high)
        for k in np.flatnonzero(first < last):
            a, b = exons[k, 0] + first[k] - before[k], exons[k, 0] + last[k] - before[k]
            frame = str(-(int(first[k]) - low) % 3) if feature == "CDS" else "."
            parts.append((feature, int(a), int(b), int(k) + 1, frame))
    return parts
