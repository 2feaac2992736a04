"""The whole demo experiment: genome, genes, peaks, six samples of fragments, and the truth behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from workflow_lib.io import alignments as bam
from workflow_lib.io.tables import write_table, write_text
from workflow_lib.simulate import (
    expression,
    fragments,
    genes,
    landscape,
    matrix,
    named,
    planted,
    reads,
    sequence,
    tn5,
)

SAMPLES = pd.DataFrame(
    {
        "group": ["control"] * 3 + ["treated"] * 3,
        "batch": ["A", "A", "B", "A", "A", "B"],
    },
    index=pd.Index([f"{g}_{i}" for g in ("control", "treated") for i in (1, 2, 3)], name="sample"),
)
TRUTH = ("peaks", "motifs", "sites", "samples", "tn5_bias", "links", "factor_genes")  # tables under truth/
GROUPS = ("control", "treated")
LENGTHS = {"chr1": 1_200_000, "chr2": 1_000_000}
MITOCHONDRIAL, MITOCHONDRIAL_LENGTH = "chrM", 16_569


@dataclass(frozen=True)
class Demo:
    """A simulated experiment.

    Attributes
    ----------
    seed : int
    genome : Genome
    features : DataFrame
        GTF lines (0-based half-open), see :func:`workflow_lib.simulate.genes.gene_features`.
    peaks : DataFrame
        Truth, indexed by peak: chrom, start, end, summit, promoter_of, core, strength, change,
        log2_fold_change (of the open chromatin), log2_fold_change_counts (what remains of it in expected
        insertions within the peak, where background does not change), log2_batch (batch B), dispersion,
        motifs (names, comma-separated).
    motifs : DataFrame
        motif_id, name, role, n_sites, n_bound.
    sites : DataFrame
        chrom, start, end, strand, motif_id, peak, bound (none, control, treated, both).
    tn5_bias : DataFrame
        position, A, C, G, T (log2).
    samples : DataFrame
        `SAMPLES` with depth (fragments aimed at, without copies), signal (share of them that peaks drew
        before changes), gc_slope, mitochondrial, duplication.
    expression : DataFrame
        Counts, genes x samples; chrM has none.
    links : DataFrame
        gene_id, peak, sign: genes whose expression follows a peak.
    factor_genes : DataFrame
        Genes with the names of factors, see :func:`workflow_lib.simulate.named.name`.
    pairs : dict of sample to DataFrame
        Every read pair, see :func:`workflow_lib.simulate.reads.library`; positions in the laid-out genome.
    """

    seed: int
    genome: sequence.Genome
    features: pd.DataFrame
    peaks: pd.DataFrame
    motifs: pd.DataFrame
    sites: pd.DataFrame
    tn5_bias: pd.DataFrame
    samples: pd.DataFrame
    expression: pd.DataFrame
    links: pd.DataFrame
    factor_genes: pd.DataFrame
    pairs: dict[str, pd.DataFrame] = field(repr=False)

    def write(self, folder: str | Path) -> None:
        """Write genome.fa, genes.gtf, peaks.narrowPeak, expression.tsv, BAMs with .bai, and truth/*.tsv."""
        folder = Path(folder)
        write_text(self.genome.fasta(), folder / "genome.fa")
        write_text(genes.gtf(self.features), folder / "genes.gtf")
        write_text(narrow_peaks(self.peaks), folder / "peaks.narrowPeak")
        write_table(self.expression, folder / "expression.tsv", index=True)
        truth = {name: getattr(self, name) for name in TRUTH}
        for name, table in truth.items():
            write_table(table, folder / "truth" / f"{name}.tsv", index=table.index.name is not None)
        for i, (sample, pairs) in enumerate(self.pairs.items()):
            drawn = reads.alignments(pairs, self.genome, sample, np.random.default_rng([self.seed, i]))
            bam.write_bam(drawn, self.genome.lengths, folder / f"{sample}.bam")


def demo(
    seed: int,
    *,
    lengths: Mapping[str, int] = LENGTHS,
    n_genes: int = 70,
    n_peaks: int = 1_050,
    depth: int = 140_000,
    motifs: Sequence[planted.PlantedMotif] | None = None,
    up: float = 0.12,
    down: float = 0.12,
    dispersion: float = 0.03,
    batch_share: float = 0.5,
    batch_sd: float = 0.6,
    protection: float = 0.7,
) -> Demo:
    """Simulate three control and three treated samples of paired-end ATAC-seq, in two batches.

    Parameters
    ----------
    seed : int
        Everything follows from it.
    lengths : mapping of contig to bp
        Nuclear contigs; chrM is added.
    n_genes, n_peaks : int
    depth : int
        Mean fragments a sample, without copies; samples lie between 0.8 and 1.25 times that.
    motifs : sequence of PlantedMotif, optional
        By default TCF7 (drives up), SPI1 (drives down), CTCF (footprint only) and three decoys of JASPAR2026.
    up, down : float
        Shares of the peaks that change.
    dispersion : float
        Asymptote of the dispersion trend of fragments in peaks.
    batch_share, batch_sd : float
        Share of the peaks that batch B moves, and sd of the move (log2).
    protection : float
        Share of the cuts that a bound site keeps out, over the motif and 2 bp to either side.

    Returns
    -------
    Demo

    Raises
    ------
    ValueError
        If genes or peaks do not fit the contigs.

    Notes
    -----
    Fragments of a peak in a sample are negative binomial around depth, strength, planted change, batch and GC
    bias of the sample. The first cut follows the open core, Tn5's preference and the protection of bound
    sites; the second is found at a length drawn from nucleosomal size classes, by the same weights.
    """
    names = ("genes", "gaps", "peaks", "effects", "genome", "sites", "samples")
    spawned = np.random.SeedSequence(seed).spawn(len(names) + len(SAMPLES))
    rng = {name: np.random.default_rng(s) for name, s in zip([*names, *SAMPLES.index], spawned, strict=True)}
    chosen = list(planted.jaspar_motifs() if motifs is None else motifs)
    samples = _draw_samples(depth, rng["samples"])

    models = genes.place_genes(lengths, n_genes, rng["genes"])
    gaps = landscape.place_gaps(lengths, models, rng["gaps"])
    peaks = landscape.place_peaks(lengths, models, gaps, n_peaks, rng["peaks"])
    mean = depth * samples["signal"].mean() / n_peaks
    change = {
        "up": up,
        "down": down,
        "asymptote": dispersion,
        "batch_share": batch_share,
        "batch_sd": batch_sd,
    }
    peaks = peaks.join(landscape.draw_effects(peaks, mean, rng["effects"], **change))
    models, peaks, factor_genes = named.name(models, peaks, chosen)
    models = pd.concat(
        [models, genes.mitochondrial_genes(MITOCHONDRIAL, MITOCHONDRIAL_LENGTH, len(models) + 1)],
        ignore_index=True,
    )
    features = genes.gene_features(models, MITOCHONDRIAL, rng["genes"])

    lengths = {**lengths, MITOCHONDRIAL: MITOCHONDRIAL_LENGTH}
    origin = dict(zip(lengths, np.cumsum([0, *lengths.values()]), strict=False))
    summits = peaks["summit"].to_numpy() + peaks["chrom"].map(origin).to_numpy()
    at_gene = peaks["promoter_of"].notna().to_numpy()
    shifts = gaps["chrom"].map(origin).to_numpy()[:, None]
    laid_gaps = gaps[["start", "end"]].to_numpy() + shifts
    genome = sequence.draw_genome(lengths, summits[at_gene], summits[~at_gene], laid_gaps, rng["genome"])
    sites = planted.plant(genome, peaks, chosen, rng["sites"])

    shields = {group: _protection(genome, sites, group, origin, protection) for group in GROUPS}
    cores = peaks["core"].to_numpy()
    tracks = fragments.tracks(genome, summits, cores, tn5.weights(genome.codes), shields)
    pairs = {
        sample: _draw_pairs(samples.loc[sample], peaks, summits, tracks, genome, rng[sample])
        for sample in samples.index
    }
    peaks["log2_fold_change_counts"] = _diluted(peaks, summits, tracks, pairs, samples, origin)
    peaks["motifs"] = _motif_names(sites, chosen).reindex(peaks.index)
    active, links = _expression(peaks, models, samples, pairs, seed, factor_genes)
    columns = [
        *("chrom", "start", "end", "summit", "promoter_of", "core", "strength", "change"),
        *("log2_fold_change", "log2_fold_change_counts", "log2_batch", "dispersion", "motifs"),
    ]
    return Demo(
        seed=seed,
        genome=genome,
        features=features,
        peaks=peaks[columns],
        motifs=_motif_table(sites, chosen),
        sites=sites,
        tn5_bias=tn5.bias_table(),
        samples=samples,
        expression=active,
        links=links,
        factor_genes=factor_genes,
        pairs=pairs,
    )


def narrow_peaks(peaks: pd.DataFrame) -> str:
    """The peaks as narrowPeak text: score by strength, summit as offset, no p or q value."""
    score = np.clip(np.rint(1000 * peaks["strength"] / peaks["strength"].quantile(0.99)), 1, 1000).astype(int)
    table = pd.DataFrame(
        {
            "chrom": peaks["chrom"],
            "start": peaks["start"],
            "end": peaks["end"],
            "name": [f"peak_{i + 1}" for i in range(len(peaks))],
            "score": score,
            "strand": ".",
            "signal": peaks["strength"].round(4),
            "pvalue": -1,
            "qvalue": -1,
            "offset": peaks["summit"] - peaks["start"],
        }
    )
    return table.to_csv(sep="\t", header=False, index=False, lineterminator="\n")


def _draw_samples(depth: int, rng: np.random.Generator) -> pd.DataFrame:
    n = len(SAMPLES)
    return SAMPLES.assign(
        depth=np.rint(depth * rng.permutation(np.geomspace(0.8, 1.25, n))).astype(int),
        signal=rng.uniform(0.36, 0.44, size=n),
        gc_slope=rng.normal(0.0, 0.08, size=n),
        mitochondrial=rng.uniform(0.02, 0.05, size=n),
        duplication=rng.uniform(0.08, 0.13, size=n),
    )


def _draw_pairs(sample, peaks, summits, tracks, genome, rng) -> pd.DataFrame:
    """All read pairs of one sample: signal, background, mitochondria, then their copies."""
    group = sample["group"]
    log2 = peaks["log2_fold_change"] * (group == "treated") + peaks["log2_batch"] * (sample["batch"] == "B")
    share = peaks["strength"].to_numpy() / len(peaks) * np.exp2(log2.to_numpy())
    mean = (
        sample["depth"]
        * sample["signal"]
        * share
        * fragments.gc_factor(tracks.gc[summits], sample["gc_slope"])
    )
    counts = matrix.negative_binomial(mean, peaks["dispersion"].to_numpy(), rng)
    nuclear = int(genome.offsets[-2])
    n_background = round(sample["depth"] * (1 - sample["signal"]))
    n_mitochondrial = round(sample["depth"] * sample["mitochondrial"] / (1 - sample["mitochondrial"]))
    mitochondria = slice(nuclear, int(genome.offsets[-1]))
    parts = [
        fragments.from_peaks(counts, summits, peaks["core"].to_numpy(), tracks, group, rng),
        fragments.from_background(n_background, slice(0, nuclear), tracks, group, sample["gc_slope"], rng),
        fragments.from_background(n_mitochondrial, mitochondria, tracks, group, 0.0, rng),
    ]
    return reads.library(pd.concat(parts, ignore_index=True), sample["duplication"], rng)


def _protection(genome, sites, group, origin, protection) -> np.ndarray:
    factor = np.ones(len(genome.codes))
    bound = sites[sites["bound"].isin([group, "both"])]
    shift = bound["chrom"].map(origin).to_numpy()
    for start, end in zip(
        bound["start"].to_numpy() + shift - 2, bound["end"].to_numpy() + shift + 2, strict=True
    ):
        factor[start:end] = 1 - protection
    return factor


def _expression(peaks, models, samples, pairs, seed, factor_genes) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Expression of nuclear genes, from a stream of its own: it came later, and nothing else may move."""
    own = models[models["chrom"] != MITOCHONDRIAL]
    tss = np.where(own["strand"] == "+", own["start"], own["end"] - 1)
    drawn = {}
    for sample, table in pairs.items():
        origin = table.loc[(table["origin"] >= 0) & (table["duplicate"] == 0), "origin"]
        inside = np.bincount(origin, minlength=len(peaks))
        drawn[sample] = np.log2(inside / max(inside.sum(), 1) * len(peaks) * 100 + 1)
    accessibility = pd.DataFrame(drawn, index=peaks.index)
    rng = np.random.default_rng([seed, 1_000])
    fixed = factor_genes.set_index("gene_id")["expression_log2_fold_change"].to_dict()
    return expression.counts(accessibility, peaks, own.assign(tss=tss), samples, rng, fixed=fixed)


def _diluted(peaks, summits, tracks, pairs, samples, origin) -> np.ndarray:
    """Log2 fold change of expected insertions in the peak: signal changes, background does not."""
    shift = peaks["chrom"].map(origin).to_numpy()
    start, end = peaks["start"].to_numpy() + shift, peaks["end"].to_numpy() + shift
    inside, fragments_of = np.zeros(len(peaks)), np.zeros(len(peaks))
    for table in pairs.values():
        own = table[(table["origin"] >= 0) & (table["duplicate"] == 0)]
        origin_row = own["origin"].to_numpy()
        for side in ("left", "right"):
            cut = own[side].to_numpy()
            within = (cut >= start[origin_row]) & (cut < end[origin_row])
            inside += np.bincount(origin_row[within], minlength=len(peaks))
        fragments_of += np.bincount(origin_row, minlength=len(peaks))
    kept = np.divide(inside, fragments_of, out=np.full(len(peaks), 2.0), where=fragments_of > 0)
    depth, signal = samples["depth"].mean(), samples["signal"].mean()
    expected = depth * signal * peaks["strength"].to_numpy() / len(peaks) * kept
    reach = np.concatenate([[0.0], np.cumsum(tracks.preference * (tracks.contig < tracks.contig.max()))])
    background = 2 * depth * (1 - signal) * (reach[end] - reach[start]) / reach[-1]
    return np.log2(
        (expected * np.exp2(peaks["log2_fold_change"].to_numpy()) + background) / (expected + background)
    )


def _motif_names(sites: pd.DataFrame, motifs: Sequence[planted.PlantedMotif]) -> pd.Series:
    names = sites["motif_id"].map({motif.motif_id: motif.name for motif in motifs})
    return names.groupby(sites["peak"], sort=False).agg(lambda found: ",".join(sorted(found)))


def _motif_table(sites: pd.DataFrame, motifs: Sequence[planted.PlantedMotif]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "motif_id": [m.motif_id for m in motifs],
            "name": [m.name for m in motifs],
            "role": [m.role for m in motifs],
            "n_sites": [int((sites["motif_id"] == m.motif_id).sum()) for m in motifs],
            "n_bound": [
                int(((sites["motif_id"] == m.motif_id) & (sites["bound"] != "none")).sum()) for m in motifs
            ],
        }
    )
