"""The quality tables of all samples, for people and for MultiQC."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workflow_lib.fragments import accounting, multiqc, quality, saturation
from workflow_lib.fragments.store import FragmentStore

LONGEST_SHOWN = 800  # bp, in MultiQC's graph
SMOOTH = 11


@dataclass(frozen=True)
class QualityTables:
    """What a run says of its reads.

    Attributes
    ----------
    tables : dict of str to DataFrame
        samples (a row a sample), reads (what became of every record of each sample), cautions (sample,
        caution, share, cause, fix), fragment_sizes (sample, length, count), tss_profile (sample, position,
        count), saturation (sample, fraction, n_cuts, n_peaks).
    multiqc : dict of str to str
        samples_mqc, fragment_sizes_mqc, tss_profile_mqc, saturation_mqc.
    """

    tables: dict[str, pd.DataFrame]
    multiqc: dict[str, str]


def build(
    stores: Iterable[tuple[str, FragmentStore]],
    peaks: pd.DataFrame,
    groups: Mapping[str, str],
    mitochondrial: Collection[str],
    tss: pd.DataFrame | None,
    assembly: str | None = None,
) -> QualityTables:
    """Summarise each sample, one store at a time.

    Parameters
    ----------
    stores : iterable of (sample, FragmentStore)
        Taken one after another, so that they need not be in memory together.
    peaks : DataFrame
        Columns chrom, start, end and those of groups, where known.
    groups : mapping of sample to group
    mitochondrial : collection of str
    tss : DataFrame or None
        Columns chrom, position, strand; without it there is no TSS profile.
    assembly : str, optional
        Such as hg38, for whose annotation the bounds of TSS enrichment hold.
    """
    rows, sizes, profiles = [], {}, {}
    reads, cautions, curves = [], [], []
    for sample, store in stores:
        nuclear = [name for name in store.contigs if name not in mitochondrial]
        profile = None if tss is None else quality.tss_profile(store, tss, nuclear)
        found = quality.summary(store, peaks, mitochondrial, profile, groups[sample], assembly)
        sizes[sample] = quality.fragment_sizes(store, nuclear)
        reads.append({"sample": sample, "total": sum(store.accounting.values()), **store.accounting})
        short = quality.missing_lengths(sizes[sample], store.read_length) if store.paired else None
        cautions += [(sample, *found) for found in (*store.cautions, *([short] if short else []))]
        curves.append(saturation.curve(store, peaks, nuclear).assign(sample=sample))
        found["found_by_half"] = saturation.by_half(curves[-1])
        rows.append({"sample": sample, "group": groups[sample], **found})
        if profile is not None:
            profiles[sample] = profile
    samples = pd.DataFrame(rows)
    positions = np.arange(-quality.TSS_FLANK, quality.TSS_FLANK + 1)
    by_length = {sample: pd.Series(counts)[counts > 0] for sample, counts in sizes.items()}
    by_position = {sample: pd.Series(counts, index=positions) for sample, counts in profiles.items()}
    return QualityTables(
        tables={
            "samples": samples,
            "reads": pd.DataFrame(reads, columns=["sample", "total", *accounting.COLUMNS]),
            "cautions": pd.DataFrame(cautions, columns=["sample", *accounting.Caution._fields]),
            "fragment_sizes": _long(by_length, "length"),
            "tss_profile": _long(by_position, "position"),
            "saturation": _saturation(curves),
        },
        multiqc={
            "samples_mqc": multiqc.general_statistics(samples),
            "fragment_sizes_mqc": multiqc.line_graph(
                "atacdiff_fragment_sizes",
                "Fragment lengths",
                "Percent of each sample's nuclear fragments by length.",
                _percent(sizes),
                x_label="Fragment length (bp)",
                y_label="% of fragments",
            ),
            "tss_profile_mqc": multiqc.line_graph(
                "atacdiff_tss_profile",
                "TSS enrichment",
                "Insertions around transcription start sites, over their mean in the outer 100-bp flanks.",
                smoothed(profiles).iloc[:, ::10],
                x_label="Distance from TSS (bp)",
                y_label="Enrichment",
            ),
            "saturation_mqc": multiqc.line_graph(
                "atacdiff_saturation",
                "Saturation",
                "Peaks of the run that parts of each sample's nuclear cuts would find (expected, p < 1e-5).",
                _saturation(curves).pivot(index="sample", columns="fraction", values="n_peaks"),
                x_label="Part of the cuts",
                y_label="Peaks found",
            ),
        },
    )


def _saturation(curves: list[pd.DataFrame]) -> pd.DataFrame:
    columns = ["sample", "fraction", "n_cuts", "n_peaks"]
    return pd.concat(curves, ignore_index=True)[columns] if curves else pd.DataFrame(columns=columns)


def smoothed(profiles: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Running mean over 11 bp of each TSS profile over its flanks, samples x positions.

    Its middle is the sample's `tss_enrichment`.
    """
    positions = range(-quality.TSS_FLANK + SMOOTH // 2, quality.TSS_FLANK - SMOOTH // 2 + 1)
    lines = {
        sample: np.convolve(counts, np.full(SMOOTH, 1 / SMOOTH), "valid") / quality.flank_mean(counts)
        for sample, counts in profiles.items()
        if quality.flank_mean(counts) > 0
    }
    return pd.DataFrame.from_dict(lines, orient="index", columns=positions)


def _long(by_sample: Mapping[str, pd.Series], key: str) -> pd.DataFrame:
    """One row for each sample and index value, in order."""
    parts = [
        pd.DataFrame({"sample": sample, key: counts.index, "count": counts.to_numpy()})
        for sample, counts in by_sample.items()
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["sample", key, "count"])


def _percent(sizes: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Percent of fragments of each length up to `LONGEST_SHOWN`, samples x lengths."""
    lines = {
        sample: np.pad(100 * counts / counts.sum(), (0, LONGEST_SHOWN))[1 : LONGEST_SHOWN + 1]
        for sample, counts in sizes.items()
        if counts.sum()
    }
    return pd.DataFrame.from_dict(lines, orient="index", columns=range(1, LONGEST_SHOWN + 1))
