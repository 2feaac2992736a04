"""Gene models: genes, their transcripts, and what follows from these (TSSs, exons, introns, UTRs)."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from workflow_lib.errors import InputError
from workflow_lib.genome import gene_copies
from workflow_lib.io import features as feature_files
from workflow_lib.io import gtf, kept

STRANDS = ["+", "-"]
CODING_SPAN = ["coding_start", "coding_end"]

log = logging.getLogger("atacdiff")


@dataclass(frozen=True)
class GeneModels:
    """Genes, transcripts and exons of one annotation, 0-based and half-open.

    Attributes
    ----------
    genes : DataFrame
        gene_id, gene_name, gene_type, entrez_id (None where the file has none), chrom, start, end, strand.
        Rows are in *gene order*: contigs as they first appear in the GTF, then start, end, gene_id. A gene
        without a name is named by its gene_id; a gene found on two contigs or strands has a row for each.
    transcripts : DataFrame
        transcript_id, gene (row in `genes`), chrom, start, end, strand, tss (the base transcribed first),
        coding_start, coding_end (span of CDS and stop codon, -1 where there is none). Rows are in gene order,
        within a gene by start, end, transcript_id.
    exons : DataFrame
        transcript (row in `transcripts`), chrom, start, end, strand, number (1 is transcribed first). Rows
        are in transcript order, then by start.
    """

    genes: pd.DataFrame
    transcripts: pd.DataFrame
    exons: pd.DataFrame


def from_gtf(path, kept_in: Path | None = None) -> GeneModels:
    """Read gene models from a GTF; see :func:`build` for what is derived where lines are missing.

    Parameters
    ----------
    path : str or Path
    kept_in : Path, optional
        Folder in which its lines may be kept (:mod:`workflow_lib.io.kept`).

    Raises
    ------
    InputError
        If the file is not a usable GTF.
    """
    found = kept.features(path, kept_in) if kept_in is not None else None
    models = build(gtf.read(path) if found is None else found)
    if not len(models.genes):
        raise InputError(
            f"{path}: no feature has a strand (+ or -), so no gene has a start; give another GTF"
        )
    return models


def build(features: feature_files.Features) -> GeneModels:
    """Order the features of a GTF into gene models, deriving what it does not say.

    A transcript spans all its lines; a gene spans its line and its transcripts. Where a transcript has no
    exon lines, its exons are its CDS and stop codon, else its whole span. A gene line without any transcript
    counts as one transcript of one exon, whose id is the gene's. Features without a strand have no start and
    are left out.
    """
    lines = features.lines
    stranded = np.isin(lines["strand"], list(b"+-"))
    if not stranded.all():
        log.warning("%d GTF lines without a strand left out", (~stranded).sum())
        lines = lines[stranded]
    lines = lines.assign(minus=(lines["strand"] == ord("-")).to_numpy())
    is_gene = (lines["kind"] == feature_files.GENE).to_numpy()

    gene = features.transcripts["gene"].to_numpy()[lines.loc[~is_gene, "owner"]]
    transcripts, piece = _spans(lines[~is_gene].assign(gene=gene), copies=True)
    exons, coding = _exons_and_coding(lines[~is_gene], piece, transcripts)
    transcripts["gene_code"] = features.transcripts["gene"].to_numpy()[transcripts["owner"]]
    transcripts["transcript_id"] = features.transcripts["transcript_id"].to_numpy()[transcripts["owner"]]
    transcripts[CODING_SPAN] = coding

    place = ["contig", "start", "end", "minus"]
    of_transcripts = transcripts[place].assign(owner=transcripts["gene_code"])
    both = pd.concat([lines.loc[is_gene, [*place, "owner"]], of_transcripts], ignore_index=True)
    genes, gene_of = _spans(both)
    transcripts["gene"] = gene_of[is_gene.sum() :]
    for name in ("gene_id", "gene_name", "gene_type", "entrez_id"):
        genes[name] = features.genes[name].to_numpy()[genes["owner"]]
    genes["gene_name"] = genes["gene_name"].where(genes["gene_name"].notna(), genes["gene_id"])

    bare = np.setdiff1d(np.arange(len(genes)), transcripts["gene"])
    if len(bare):
        stand_in = genes.loc[bare, place].assign(
            gene=bare, transcript_id=genes["gene_id"], coding_start=-1, coding_end=-1
        )
        whole = stand_in[["start", "end"]].assign(transcript=len(transcripts) + np.arange(len(bare)))
        transcripts = pd.concat([transcripts[stand_in.columns], stand_in], ignore_index=True)
        exons = pd.concat([exons, whole], ignore_index=True)
        transcripts, exons = _whole_numbers(transcripts), _whole_numbers(exons)
    return _ordered(features.contigs, genes, transcripts, exons)


def of_types(models: GeneModels, gene_types: Collection[str]) -> GeneModels:
    """The models of genes of the given types only.

    Raises
    ------
    InputError
        If there is none; the types that exist are named.
    """
    kept = models.genes["gene_type"].isin(list(gene_types)).to_numpy()
    if not kept.any():
        known = ", ".join(sorted(models.genes["gene_type"].dropna().unique())) or "no types: use null"
        raise InputError(
            f"annotation.gene_types: no gene is of type {', '.join(gene_types)}; the annotation has {known}"
        )
    return _take(models, kept)


def on_contigs(models: GeneModels, contigs: Collection[str]) -> GeneModels:
    """The models of genes on the contigs of a genome: patches and scaffolds that it lacks fall away."""
    return _take(models, models.genes["chrom"].isin(list(contigs)).to_numpy())


def within(models: GeneModels, chrom: str, start: int, end: int) -> GeneModels:
    """The models of genes that overlap an interval, whole."""
    genes = models.genes
    return _take(
        models, ((genes["chrom"] == chrom) & (genes["start"] < end) & (genes["end"] > start)).to_numpy()
    )


def find(models: GeneModels, name: str) -> pd.DataFrame:
    """Rows of `models.genes` with this name or id, ignoring case and the id's version; none if unknown."""
    wanted = name.casefold()
    gene_id = models.genes["gene_id"].str.casefold()
    unversioned = gene_id.str.replace(r"\.\d+$", "", regex=True)
    named = models.genes["gene_name"].str.casefold() == wanted
    return models.genes[named | (gene_id == wanted) | (unversioned == wanted)]


def tss(models: GeneModels) -> pd.DataFrame:
    """Unique transcription start sites, in gene order: chrom, position (0-based base), strand, gene.

    A position shared by several genes on one strand is given once, for the first of them.
    """
    table = models.transcripts[["chrom", "tss", "strand", "gene"]].rename(columns={"tss": "position"})
    return table.drop_duplicates(["chrom", "position", "strand"], ignore_index=True)


def introns(models: GeneModels) -> pd.DataFrame:
    """Gaps between a transcript's exons: transcript, chrom, start, end, strand, number (1 follows exon 1)."""
    exons = models.exons
    transcript, start, end, number = (
        exons[name].to_numpy() for name in ("transcript", "start", "end", "number")
    )
    gap = np.flatnonzero((transcript[1:] == transcript[:-1]) & (start[1:] > end[:-1]))
    number = np.minimum(number[gap], number[gap + 1])
    return exons.iloc[gap].assign(start=end[gap], end=start[gap + 1], number=number).reset_index(drop=True)


def utrs(models: GeneModels) -> pd.DataFrame:
    """Exon parts outside the coding span: transcript, chrom, start, end, strand, side (`5` or `3`).

    The stop codon belongs to the coding span. Transcripts without CDS have no UTR.
    """
    exons, low, high = _exons_of_coding(models)
    left = exons.assign(end=np.minimum(exons["end"], low))
    right = exons.assign(start=np.maximum(exons["start"], high))
    plus = (exons["strand"] == "+").to_numpy()
    left["side"], right["side"] = np.where(plus, "5", "3"), np.where(plus, "3", "5")
    both = pd.concat([left, right], ignore_index=True)
    both = both[both["start"] < both["end"]].sort_values(["transcript", "start"], kind="stable")
    return both.drop(columns="number").reset_index(drop=True)


def coding(models: GeneModels) -> pd.DataFrame:
    """Exon parts inside the coding span: transcript, chrom, start, end, strand."""
    exons, low, high = _exons_of_coding(models)
    parts = exons.assign(start=np.maximum(exons["start"], low), end=np.minimum(exons["end"], high))
    return parts[parts["start"] < parts["end"]].drop(columns="number").reset_index(drop=True)


def write(models: GeneModels, path) -> None:
    """Write gene models as one parquet table, a `kind` column telling genes, transcripts and exons apart."""
    genes = models.genes.rename(
        columns={"gene_id": "id", "gene_name": "name", "gene_type": "type", "entrez_id": "entrez"}
    )
    transcripts = models.transcripts.rename(columns={"transcript_id": "id", "gene": "parent"})
    exons = models.exons.rename(columns={"transcript": "parent"})
    tables = {"gene": genes, "transcript": transcripts.drop(columns="tss"), "exon": exons}
    table = pd.concat([part.assign(kind=kind) for kind, part in tables.items()], ignore_index=True)
    whole = ["parent", "start", "end", *CODING_SPAN, "number"]
    table = table.astype(dict.fromkeys(whole, "Int64") | {"kind": pd.CategoricalDtype(list(tables))})
    columns = ["kind", "id", "name", "type", "entrez", "chrom", "strand", *whole]
    feature_files.write(table[columns], path)


def read(path, *, exons: bool = True) -> GeneModels:
    """Read what :func:`write` wrote; `exons`, most of its rows, are left out where not asked for."""

    def rows(kind: str, names: dict[str, str]) -> pd.DataFrame:
        part = feature_files.read(path, kind, list(names)).rename(columns=names)
        return part.astype({name: np.int64 for name, kind in part.dtypes.items() if kind == "Int64"})

    place = {name: name for name in ("chrom", "start", "end", "strand")}
    transcripts = rows(
        "transcript",
        {"id": "transcript_id", "parent": "gene", **place, **{name: name for name in CODING_SPAN}},
    )
    of_exons = rows("exon", {"parent": "transcript", **place, "number": "number"}) if exons else None
    return GeneModels(
        genes=rows(
            "gene",
            {"id": "gene_id", "name": "gene_name", "type": "gene_type", "entrez": "entrez_id", **place},
        ),
        transcripts=_with_tss(transcripts),
        exons=pd.DataFrame(columns=["transcript", *place, "number"]) if of_exons is None else of_exons,
    )


def _spans(lines: pd.DataFrame, *, copies: bool = False) -> tuple[pd.DataFrame, np.ndarray]:
    """One row for each (owner, contig, strand) with the span of its lines, and the row of each line.

    With `copies` there is one for each of an id's copies too (:mod:`workflow_lib.genome.gene_copies`).
    """
    owner, contig, minus = (lines[name].to_numpy(np.int64) for name in ("owner", "contig", "minus"))
    key = (owner << 32) | (contig << 1) | minus
    keys, group = np.unique(key, return_inverse=True)
    if copies and (copy := gene_copies.numbered(lines, group)).any():
        pieces, group = np.unique(group * (copy.max() + 1) + copy, return_inverse=True)
        log.warning("%d more places of transcripts whose id stands at several", len(pieces) - len(keys))
        keys = keys[pieces // (copy.max() + 1)]
    span = lines.groupby(group).agg(start=("start", "min"), end=("end", "max"))
    span = span.reindex(range(len(keys))).astype(np.int64)
    contig, minus = (keys & 0xFFFFFFFF) >> 1, (keys & 1).astype(bool)
    return span.assign(owner=keys >> 32, contig=contig, minus=minus), group


def _exons_and_coding(lines, piece, transcripts) -> tuple[pd.DataFrame, np.ndarray]:
    """Exons (transcript, start, end) and the coding span of each transcript, (n, 2), -1 where none."""
    kind = lines["kind"].to_numpy()
    parts = pd.DataFrame(
        {"transcript": piece, "start": lines["start"].to_numpy(), "end": lines["end"].to_numpy()}
    )
    coding = parts[kind == feature_files.CODING]
    span = coding.groupby("transcript").agg(start=("start", "min"), end=("end", "max"))
    span = span.reindex(range(len(transcripts)), fill_value=-1).to_numpy(np.int64)

    exons = parts[kind == feature_files.EXON]
    without = np.setdiff1d(np.arange(len(transcripts)), exons["transcript"])
    coding = _merged(coding[coding["transcript"].isin(without)])
    bare = np.setdiff1d(without, coding["transcript"])
    whole = transcripts.loc[bare, ["start", "end"]].assign(transcript=bare)
    return _whole_numbers(pd.concat([exons, coding, whole], ignore_index=True)), span


def _whole_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """All but ids and strand as int64, which joining an empty table loses."""
    return table.astype(dict.fromkeys(table.columns.difference(["transcript_id", "minus"]), np.int64))


def _merged(parts: pd.DataFrame) -> pd.DataFrame:
    """Parts of a transcript that touch or overlap, as one."""
    parts = parts.sort_values(["transcript", "start", "end"])
    reach = parts.groupby("transcript")["end"].cummax().to_numpy()
    transcript = parts["transcript"].to_numpy()
    begins = np.ones(len(parts), dtype=bool)
    begins[1:] = (transcript[1:] != transcript[:-1]) | (parts["start"].to_numpy()[1:] > reach[:-1])
    block = parts.groupby(np.cumsum(begins))
    return block.agg(transcript=("transcript", "first"), start=("start", "min"), end=("end", "max"))


def _ordered(contigs: list[str], genes, transcripts, exons) -> GeneModels:
    """The three tables in gene order, with names in place of codes."""
    genes, rank = _sorted(genes, ["contig", "start", "end", "gene_id", "minus"])
    transcripts["gene"] = rank[transcripts["gene"]]
    transcripts, rank = _sorted(transcripts, ["gene", "start", "end", "transcript_id", "minus"])
    exons["transcript"] = rank[exons["transcript"]]
    exons, _ = _sorted(exons, ["transcript", "start", "end"])
    repeated = (exons == exons.shift(fill_value=-1)).all(axis=1)  # the same line given twice
    exons = exons[~repeated].reset_index(drop=True)
    owner = exons["transcript"].to_numpy()
    for name in ("contig", "minus"):
        exons[name] = transcripts[name].to_numpy()[owner]
    n_exons = np.bincount(owner, minlength=len(transcripts))
    place = np.arange(len(exons)) - (np.cumsum(n_exons) - n_exons)[owner]
    exons["number"] = np.where(exons["minus"], n_exons[owner] - place, place + 1)
    for table in (genes, transcripts, exons):
        table["chrom"] = pd.Categorical.from_codes(table["contig"].to_numpy(np.int64), contigs)
        table["strand"] = pd.Categorical.from_codes(table["minus"].to_numpy(np.int64), STRANDS)
    place = ["chrom", "start", "end", "strand"]
    return GeneModels(
        genes=genes[["gene_id", "gene_name", "gene_type", "entrez_id", *place]],
        transcripts=_with_tss(transcripts[["transcript_id", "gene", *place, *CODING_SPAN]]),
        exons=exons[["transcript", *place, "number"]],
    )


def _sorted(table: pd.DataFrame, by: list[str]) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows by the columns, renumbered, and the new row of each old one."""
    order = np.lexsort([table[name].to_numpy() for name in reversed(by)])
    rank = np.empty(len(table), dtype=np.int64)
    rank[order] = np.arange(len(table))
    return table.iloc[order].reset_index(drop=True), rank


def _with_tss(transcripts: pd.DataFrame) -> pd.DataFrame:
    position = np.where(transcripts["strand"] == "+", transcripts["start"], transcripts["end"] - 1)
    table = transcripts.copy()
    table.insert(6, "tss", position)
    return table


def _exons_of_coding(models: GeneModels) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Exons of coding transcripts with the start and end of the coding span."""
    owner = models.exons["transcript"].to_numpy()
    low, high = (models.transcripts[name].to_numpy()[owner] for name in CODING_SPAN)
    kept = low >= 0
    return models.exons[kept].reset_index(drop=True), low[kept], high[kept]


def _take(models: GeneModels, kept: np.ndarray) -> GeneModels:
    """The models of the genes marked, rows renumbered."""
    gene = models.transcripts["gene"].to_numpy()
    kept_transcripts = kept[gene]
    transcript = models.exons["transcript"].to_numpy()
    return GeneModels(
        genes=models.genes[kept].reset_index(drop=True),
        transcripts=models.transcripts[kept_transcripts]
        .assign(gene=(np.cumsum(kept) - 1)[gene[kept_transcripts]])
        .reset_index(drop=True),
        exons=models.exons[kept_transcripts[transcript]]
        .assign(transcript=lambda table: (np.cumsum(kept_transcripts) - 1)[table["transcript"]])
        .reset_index(drop=True),
    )
