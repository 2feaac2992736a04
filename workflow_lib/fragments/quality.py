"""Quality of one sample's reads, and what ENCODE's standards say to it."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from workflow_lib import intervals
from workflow_lib.fragments.accounting import Caution
from workflow_lib.fragments.store import FragmentStore

TSS_FLANK = 2000
NUCLEOSOMES = {"nfr": (0, 150), "mono": (150, 300), "di": (300, 500)}
"""Fragment lengths in bp, end excluded: nucleosome-free, one and two nucleosomes (as ENCODE's pipeline)."""

TSS_BOUNDS = {
    "hg19": (6.0, 10.0),
    "hg38": (5.0, 7.0),
    "mm9": (5.0, 7.0),
    "mm10": (10.0, 15.0),
}
"""ENCODE's bounds of TSS enrichment depend on the assembly and its annotation."""
SAME_ASSEMBLY = {"GRCh37": "hg19", "GRCh38": "hg38", "NCBIM37": "mm9", "GRCm38": "mm10"}
BOUNDS = {
    "frip": (0.2, 0.3),
    "nrf": (0.7, 0.9),
    "pbc1": (0.7, 0.9),
    "pbc2": (1.0, 3.0),
}
"""ENCODE, ATAC-seq: below the first a measure is concerning, from the second on ideal."""
DEPTH = (12_500_000, 25_000_000)
"""The same for fragments, of which ENCODE asks 25 million; not asked of genomes smaller than a mammal's."""
MAMMALIAN = 1_000_000_000
FEW = 100
"""Fragments a little longer than the reads, from which on it is judged whether shorter ones are missing."""
LEVELS = ("ideal", "acceptable", "concerning")


def summary(
    store: FragmentStore,
    peaks: pd.DataFrame,
    mitochondrial: Collection[str],
    profile: np.ndarray | None = None,
    group: str | None = None,
    assembly: str | None = None,
) -> dict:
    """Read numbers, shares and verdict of one sample.

    Parameters
    ----------
    store : FragmentStore
    peaks : DataFrame
        Columns chrom, start, end, and where known a column of 0 and 1 for each group.
    mitochondrial : collection of str
        Names of mitochondrial contigs.
    profile : (2 * TSS_FLANK + 1,) array, optional
        Insertions around TSSs, of :func:`tss_profile`.
    group : str, optional
        Of the sample.
    assembly : str, optional
        Such as hg38: see :func:`bounds`.

    Returns
    -------
    dict
        n_reads (primary reads), n_fragments (kept, nuclear; reads where single-end), pct_dup and pct_mito
        (percent of mapped primary reads, before any filter), tss_enrichment, frip (share of nuclear
        insertions inside any peak), nfr_ratio (nucleosome-free over mono-nucleosomal fragments), nrf, pbc1,
        pbc2 (nuclear, before duplicates are removed), tn5_shift, verdict; then verdict_reasons and
        verdict_basis, tss_enrichment_encode, share_nfr, share_mono, share_di, n_peaks (of the sample's group,
        NaN if unknown), tn5_evidence. What does not exist is NaN: shares of nothing, lengths of single reads.
    """
    return judged(measured(store, peaks, mitochondrial, profile), peaks, group, assembly)


def measured(
    store: FragmentStore,
    peaks: pd.DataFrame,
    mitochondrial: Collection[str],
    profile: np.ndarray | None = None,
) -> dict:
    """What :func:`summary` says but for what depends on other things than reads; and genome_size, in bp."""
    nuclear = [name for name in store.contigs if name not in mitochondrial]
    mapped_mito = sum(n for name, n in store.mapped_per_contig.items() if name in mitochondrial)
    n_cuts = store.n_cuts(nuclear)
    shares = nucleosome_shares(fragment_sizes(store, nuclear))
    plus, minus = store.tn5_shift
    duplicates = np.nan if store.n_duplicates is None else _share(store.n_duplicates, store.n_mapped)
    return {
        "n_reads": store.n_reads,
        "n_fragments": store.n_fragments(nuclear),
        "pct_dup": 100 * duplicates,
        "pct_mito": 100 * _share(mapped_mito, store.n_mapped),
        "tss_enrichment": np.nan if profile is None else tss_enrichment(profile),
        "frip": _share(_in_any_peak(store, peaks, nuclear), n_cuts),
        "nfr_ratio": _share(shares["nfr"], shares["mono"]),
        **complexity(store, nuclear),
        "tn5_shift": f"{plus:+d}/{minus:+d}",
        "tss_enrichment_encode": np.nan if profile is None else tss_enrichment_encode(profile),
        **{f"share_{name}": share for name, share in shares.items()},
        "tn5_evidence": store.tn5_evidence,
        "genome_size": sum(store.contigs.values()),
    }


def judged(
    found: Mapping, peaks: pd.DataFrame, group: str | None = None, assembly: str | None = None
) -> dict:
    """The summary of a sample's measures, of :func:`measured`: with the verdict and its group's peaks."""
    level, reasons = verdict(found, found["genome_size"], assembly)
    first = list(found)[: list(found).index("tn5_shift") + 1]
    shares = [f"share_{name}" for name in NUCLEOSOMES]
    return {
        **{name: found[name] for name in first},
        "verdict": level,
        "verdict_reasons": reasons,
        "verdict_basis": basis(assembly),
        **{name: found[name] for name in ("tss_enrichment_encode", *shares)},
        "n_peaks": int(peaks[group].sum()) if group is not None and group in peaks else np.nan,
        "tn5_evidence": found["tn5_evidence"],
    }


def fragment_sizes(store: FragmentStore, contigs: Collection[str]) -> np.ndarray:
    """Number of fragments of each length in bp on these contigs: index is length; empty for single reads."""
    counts = np.zeros(0, dtype=np.int64)
    for name in contigs if store.paired else ():
        here = np.bincount(np.maximum(store.lengths(name), 0))
        both = np.zeros(max(len(counts), len(here)), dtype=np.int64)
        both[: len(counts)] += counts
        both[: len(here)] += here
        counts = both
    return counts


def nucleosome_shares(sizes: np.ndarray) -> dict[str, float]:
    """Share of fragments in each class of `NUCLEOSOMES`; NaN if there is no fragment."""
    return {name: _share(sizes[low:high].sum(), sizes.sum()) for name, (low, high) in NUCLEOSOMES.items()}


def missing_lengths(sizes: np.ndarray, read_length: int) -> Caution | None:
    """Whether the shortest fragments, which every ATAC-seq library has, are missing.

    That is so where fragments somewhat shorter than the reads are few and those a little longer are many, as
    if reads that run into the adapter had not aligned; and where hardly any is below the length of a
    nucleosome. Reads shorter than 60 bp are not judged by the first: fragments below 40 bp are rare anyway.

    Parameters
    ----------
    sizes : array of int
        Number of nuclear fragments of each length.
    read_length : int
        0 where unknown.
    """
    sizes = np.pad(sizes, (0, read_length + 500))
    total, free = int(sizes.sum()), nucleosome_shares(sizes)["nfr"]
    trim = "trim the adapters (such as by fastp or cutadapt) and map again, bowtie2 with --dovetail"
    low, high = max(read_length - 40, 40), read_length - 10
    if high - low >= 10:
        below, above = int(sizes[low:high].sum()), int(sizes[read_length : read_length + 20].sum())
        if above >= FEW and below / (high - low) < 0.2 * above / 20:
            cause = (
                f"fragments shorter than the reads are missing ({below:,} of {low} to {high - 1} bp, "
                f"{above:,} of {read_length} to {read_length + 19} bp), as where adapters were left on, or "
                "where the aligner does not take mates that reach past each other for a proper pair"
            )
            share = _share(float(sizes[:read_length].sum()), total)
            return Caution("short fragments missing", share, cause, trim)
    if total >= 10 * FEW and free < 0.01:
        cause = (
            f"hardly any fragment is shorter than {NUCLEOSOMES['nfr'][1]} bp, as after a selection of long "
            "fragments, or where adapters were left on"
        )
        return Caution("short fragments missing", free, cause, trim)
    return None


def complexity(store: FragmentStore, contigs: Collection[str]) -> dict[str, float]:
    """NRF, PBC1 and PBC2 of a library, from locations counted before duplicates are removed.

    With D distinct locations among N, of which M1 were sequenced once and M2 twice: NRF = D / N,
    PBC1 = M1 / D, PBC2 = M1 / M2. A location is start and end of a fragment; of a single read 5' base and
    strand. NaN if there is none; PBC2 also where no location was sequenced twice.

    References
    ----------
    Landt et al. 2012, Genome Research 22:1813; ENCODE, "ATAC-seq data standards".
    """
    found = [store.locations[name] for name in contigs if name in store.locations]
    total, distinct, once, twice = (sum(column) for column in zip(*found, strict=True)) if found else (0,) * 4
    return {"nrf": _share(distinct, total), "pbc1": _share(once, distinct), "pbc2": _share(once, twice)}


def tss_profile(store: FragmentStore, tss: pd.DataFrame, contigs: Collection[str]) -> np.ndarray:
    """Insertions at each distance from transcription start sites, summed over sites.

    Parameters
    ----------
    store : FragmentStore
    tss : DataFrame
        Columns chrom, position (0-based), strand; each site once.
    contigs : collection of str
        Sites on others are left out, as are those less than `TSS_FLANK` from an end of their contig.

    Returns
    -------
    (2 * TSS_FLANK + 1,) int64 array
        From `TSS_FLANK` upstream to as far downstream, in each gene's own direction.
    """
    profile = np.zeros(2 * TSS_FLANK + 1, dtype=np.int64)
    for name in contigs:
        here = tss[tss["chrom"] == name]
        position = here["position"].to_numpy(np.int64)
        inside = (position >= TSS_FLANK) & (position < store.contigs[name] - TSS_FLANK)
        position, minus = position[inside], (here["strand"] == "-").to_numpy()[inside]
        cuts = store.cuts(name)
        for first in range(0, len(position), 4096):  # the pairs of site and cut need memory
            part = slice(first, first + 4096)
            profile += _around(cuts, position[part], minus[part])
    return profile


def _around(cuts: np.ndarray, position: np.ndarray, minus: np.ndarray) -> np.ndarray:
    begin = np.searchsorted(cuts, position - TSS_FLANK, "left")
    n = np.searchsorted(cuts, position + TSS_FLANK, "right") - begin
    at = np.repeat(begin - np.cumsum(n) + n, n) + np.arange(n.sum())
    distance = (cuts[at] - np.repeat(position, n)) * np.repeat(np.where(minus, -1, 1), n)
    return np.bincount(distance + TSS_FLANK, minlength=2 * TSS_FLANK + 1)


def tss_enrichment(profile: np.ndarray) -> float:
    """Mean insertions in the centre 11 bp over those of the outer 100-bp flanks; NaN if these have none."""
    return _share(profile[TSS_FLANK - 5 : TSS_FLANK + 6].mean(), flank_mean(profile))


def tss_enrichment_encode(profile: np.ndarray, width: int = 51) -> float:
    """The ENCODE way: highest point of the smoothed profile over the mean of the two outer 100-bp flanks.

    ENCODE's pipeline centres whole reads on their cuts, which smooths by about a read's length: `width`.
    """
    smooth = np.convolve(profile, np.full(width, 1 / width), "valid")
    return _share(smooth.max(), flank_mean(profile))


def flank_mean(profile: np.ndarray) -> float:
    """Mean insertions a base in the two outer 100-bp flanks of a TSS profile."""
    return float(np.concatenate([profile[:100], profile[-100:]]).mean())


def bounds(assembly: str | None = None) -> dict[str, tuple[float, float]]:
    """Bounds of each measure: below the first it is concerning, from the second on ideal.

    TSS enrichment goes by the assembly (UCSC's or GRC's name) and is not judged for one that ENCODE does not
    name, or none.
    """
    name = SAME_ASSEMBLY.get(assembly or "", assembly)
    return ({"tss_enrichment": TSS_BOUNDS[name]} if name in TSS_BOUNDS else {}) | BOUNDS


def basis(assembly: str | None = None) -> str:
    """What the bounds rest on, in words."""
    name = SAME_ASSEMBLY.get(assembly or "", assembly)
    if name in TSS_BOUNDS:
        return f"ENCODE ATAC-seq standards; TSS enrichment by the bounds for {name} and its annotation"
    return "ENCODE ATAC-seq standards; TSS enrichment not judged, since ENCODE has no bounds for this genome"


def verdict(measures: Mapping[str, float], genome_size: int, assembly: str | None = None) -> tuple[str, str]:
    """The worst level that a measure reaches, and the measures below ideal; NaN is not judged.

    Parameters
    ----------
    measures : mapping
        Of those in :func:`bounds`, and n_fragments.
    genome_size : int
        In bp: depth is judged from `MAMMALIAN` on.
    assembly : str, optional

    Returns
    -------
    level : str
        One of `LEVELS`; `not judged` if there is nothing to judge.
    reasons : str
        Such as `frip 0.25 < 0.3`; `none`.
    """
    judged = bounds(assembly) | ({"n_fragments": DEPTH} if genome_size >= MAMMALIAN else {})
    worst, reasons = -1, []
    for name, (acceptable, ideal) in judged.items():
        value = measures[name]
        if not np.isfinite(value):
            continue
        level = 0 if value >= ideal else 1 if value >= acceptable else 2
        if level:
            shown = f"{value:,.0f}" if value >= 1000 else f"{value:.2f}"
            bound = (acceptable, ideal)[level == 1]
            reasons.append(f"{name} {shown} < {bound:,.15g}")
        worst = max(worst, level)
    return LEVELS[worst] if worst >= 0 else "not judged", "; ".join(reasons) or "none"


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")


def _in_any_peak(store: FragmentStore, peaks: pd.DataFrame, contigs: Collection[str]) -> int:
    """Cuts inside the union of the peaks: overlapping peaks count a cut once."""
    total = 0
    for contig in contigs:
        here = peaks[peaks["chrom"] == contig].sort_values("start", kind="stable")
        if here.empty:
            continue
        start, end, _ = intervals.union(here["start"].to_numpy(), here["end"].to_numpy())
        cuts = store.cuts(contig)
        total += int((np.searchsorted(cuts, end, "left") - np.searchsorted(cuts, start, "left")).sum())
    return total
