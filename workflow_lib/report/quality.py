"""The report's section on the quality of reads."""

from collections.abc import Sequence

import pandas as pd

from workflow_lib.fragments.quality import LEVELS, basis
from workflow_lib.genome import reference
from workflow_lib.report import answer, format
from workflow_lib.report.content import Badge, Figure, Gallery, Section, Text

MAIN = {"group", "verdict", "n_fragments", "pct_dup", "tss_enrichment", "frip"}
SATURATED = 0.9
"""Share of its peaks that half of a sample's reads find, below which more reads are worth while."""
FIGURES = ("fragment_sizes_figure", "tss_profile_figure", "tss_enrichment_figure", "saturation_figure")
HEADINGS = {
    "verdict_reasons": "not ideal",
    "tss_enrichment_encode": "TSS, ENCODE's way",
    "nfr_ratio": "NFR / mono",
    "nrf": "NRF",
    "pbc1": "PBC1",
    "pbc2": "PBC2",
    "n_peaks": "peaks of group",
    "found_by_half": "found by half",
}
COLUMNS = (
    *("sample", "group", "verdict", "verdict_reasons", "n_reads", "n_fragments", "pct_dup", "pct_mito"),
    *(
        "tss_enrichment",
        "tss_enrichment_encode",
        "frip",
        "nfr_ratio",
        "nrf",
        "pbc1",
        "pbc2",
        "n_peaks",
        "found_by_half",
    ),
    *("tn5_shift", "tn5_evidence"),
)
DEFINITIONS = (
    "Duplicates and mitochondrial reads are counted before any filter. TSS enrichment is the mean of "
    "insertions in the centre 11 bp of transcription start sites over that of the outer 100-bp flanks; "
    "ENCODE's way takes the highest point of the smoothed profile. NRF, PBC1 and PBC2 tell how often "
    "fragments were sequenced again."
)


def section(
    quality: pd.DataFrame,
    figures: Sequence[Figure],
    href: str = "",
    cautions: pd.DataFrame | None = None,
) -> Section:
    """Verdict in a sentence, a row a sample, and the figures.

    Parameters
    ----------
    quality : DataFrame
        results/qc/samples.tsv; columns that have no value for any sample are not shown.
    figures : sequence of Figure
    href : str
        Address of the table.
    cautions : DataFrame, optional
        results/qc/cautions.tsv.
    """
    shown = [name for name in COLUMNS if name in quality and quality[name].notna().any()]
    table = format.table(quality[shown], f"{len(quality)} samples", href=href, headings=HEADINGS, main=MAIN)
    said = (verdict_sentence(quality),) if "verdict" in quality else ()
    said = (*caution_sentences(cautions), *said, *saturation_sentences(quality))
    return Section(
        "quality",
        "Quality of the reads",
        (*([Text(said)] if said else []), table, Gallery(tuple(figures))),
        badge=badge(quality),
        guide=(DEFINITIONS,),
    )


def badge(quality: pd.DataFrame) -> Badge | None:
    """Verdicts on the samples' reads in the worst one's colour; None where reads were not judged."""
    if "verdict" not in quality:
        return None
    numbers = quality["verdict"].value_counts()
    known = [i for i, level in enumerate(LEVELS) if numbers.get(level, 0)]
    if not known:
        return None
    counted = [f"{numbers[LEVELS[i]]} {LEVELS[i]}" for i in known]
    unjudged = int((~quality["verdict"].isin(LEVELS)).sum())
    counted += [f"{unjudged} not judged"] * bool(unjudged)
    words = ", ".join(counted) if counted[1:] else f"all {LEVELS[known[0]]}"
    return Badge(words, ("good", "fair", "bad")[known[-1]], "Reads")


def regions_badge(quality: pd.DataFrame, n_artefacts: int) -> Badge | None:
    """Whether regions that are no artefacts were found in full; None where neither is known.

    Parameters
    ----------
    quality : DataFrame
        results/qc/samples.tsv.
    n_artefacts : int
        Regions tested that lie in places with extreme cuts.
    """
    if n_artefacts:
        return Badge(f"{n_artefacts:,} in likely artefacts", "fair", "Regions", "samples")
    found = quality["found_by_half"].dropna() if "found_by_half" in quality else pd.Series(dtype=float)
    if found.empty:
        return None
    if (found < SATURATED).any():
        return Badge("more reads would find more", "fair", "Regions", "quality")
    return Badge("enough reads to find them", "good", "Regions", "quality")


def in_artefacts(artefacts: pd.DataFrame | None, peaks: pd.DataFrame) -> int:
    """How many peaks lie in places with extreme cuts."""
    if artefacts is None or not len(artefacts):
        return 0
    return int((reference.count_overlaps(peaks.dropna(subset="chrom"), artefacts) > 0).sum())


def verdict_sentence(quality: pd.DataFrame) -> str:
    """How many samples reach which level, and which are concerning."""
    numbers = quality["verdict"].value_counts()
    counted = ", ".join(f"{numbers[level]} {level}" for level in LEVELS if level in numbers)
    bad = quality.loc[quality["verdict"] == LEVELS[-1], "sample"]
    named = f" Look before you trust: {', '.join(bad.astype(str))}." if len(bad) else ""
    by = quality["verdict_basis"].iloc[0] if "verdict_basis" in quality and len(quality) else basis()
    return f"Samples by the worst of their measures: {counted or 'none judged'}.{named} Judged by: {by}."


def caution_sentences(cautions: pd.DataFrame | None) -> tuple[str, ...]:
    """One for each sample and what is wrong with its reads: how many, why, and what to do."""
    if cautions is None:
        return ()
    return tuple(
        f"Caution, {row.sample}: {row.caution} ({100 * row.share:.0f} %). Likely cause: {row.cause}. "
        f"What to do: {row.fix}."
        for row in cautions.itertuples()
    )


def saturation_sentences(quality: pd.DataFrame) -> tuple[str, ...]:
    """Whether more reads would find more peaks, and of which samples."""
    half = quality["found_by_half"].dropna() if "found_by_half" in quality else pd.Series(dtype=float)
    if not len(half):
        return ()
    low, high = (f"{100 * value:.0f}" for value in (half.min(), half.max()))
    share = f"{low} %" if low == high else f"{low} to {high} %"
    said = f"Half of a sample's reads would find {share} of the peaks that all of them find"
    few = quality.loc[quality["found_by_half"] < SATURATED, "sample"].astype(str)
    if not len(few):
        return (f"{said}, so more reads would find few more of these peaks.",)
    where = "every sample" if len(few) == len(half) else answer.listed(few.tolist())
    return (f"{said}. More reads would find more peaks in {where}.",)


def artefact_sentences(
    artefacts: pd.DataFrame | None, peaks: pd.DataFrame, left_out: bool
) -> tuple[str, ...]:
    """How many places have extreme cuts in all samples, and what became of the peaks there.

    Parameters
    ----------
    artefacts : DataFrame or None
        results/peaks/artefacts.tsv.
    peaks : DataFrame
        results/peaks/peaks.tsv.
    left_out : bool
        Whether `genome.blacklist` is auto.
    """
    if artefacts is None or not len(artefacts):
        return ()
    n, size = len(artefacts), (artefacts["end"] - artefacts["start"]).sum() / 1000
    places = (
        f"{n:,} {'place has' if n == 1 else 'places have'} extreme cuts for the surroundings in every sample"
    )
    said = f"{places} ({size:,.0f} kb; peaks/artefacts.tsv), as satellites and ribosomal DNA do."
    if left_out:
        return (f"{said} Peaks there are left out (genome.blacklist: auto).",)
    inside = in_artefacts(artefacts, peaks)
    lie, are = ("lies", "is") if inside == 1 else ("lie", "are")
    kept = f"{inside:,} of {len(peaks):,} peaks {lie} there and {are}"
    return (
        f"{said} {kept} tested; genome.blacklist: auto leaves them out."
        if inside
        else f"{said} No peak lies there.",
    )


def empty_peaks(table: pd.DataFrame) -> str:
    """How many peaks no sample has a count in, if any: they stay in the tables and are not tested."""
    n = int((table["baseMean"] == 0).sum())
    if not n:
        return ""
    return f"{n:,} of {len(table):,} peaks have no count in any sample: they stay in the tables, untested."
