"""The quality tables of all samples, for people and for MultiQC."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workflow_lib.fragments import accounting, multiqc, quality, saturation
from workflow_lib.fragments.measures import Measures

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
    measured: Iterable[tuple[str, Measures]],
    peaks: pd.DataFrame,
    groups: Mapping[str, str],
    assembly: str | None = None,
) -> QualityTables:
    """Lay what was measured of all samples side by side.

    Parameters
    ----------
    measured : iterable of (sample, Measures)
    peaks : DataFrame
        Columns of groups, where known.
    groups : mapping of sample to group
    assembly : str, optional
        Such as hg38, for whose annotation the bounds of TSS enrichment hold.
    """
    rows, sizes, profiles = [], {}, {}
    reads, cautions, curves = [], [], []
    for sample, found in measured:
        of_sample = quality.judged(found.numbers, peaks, groups[sample], assembly)
        of_sample["found_by_half"] = saturation.by_half(found.curve)
        rows.append({"sample": sample, "group": groups[sample], **of_sample})
        sizes[sample] = found.sizes
        reads.append({"sample": sample, "total": sum(found.accounting.values()), **found.accounting})
        short = quality.missing_lengths(found.sizes, found.read_length) if found.paired else None
        cautions += [(sample, *each) for each in (*found.cautions, *([short] if short else []))]
        curves.append(found.curve.assign(sample=sample))
        if found.profile is not None:
            profiles[sample] = found.profile
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
    columns = ["sample", *saturation.COLUMNS]
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
