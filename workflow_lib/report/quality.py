"""The report's section on the quality of reads."""

from collections.abc import Sequence

import pandas as pd

from workflow_lib.fragments.quality import LEVELS, basis
from workflow_lib.report import format
from workflow_lib.report.content import Figure, Gallery, Section, Text

MAIN = {"group", "verdict", "n_fragments", "pct_dup", "tss_enrichment", "frip"}
FIGURES = ("fragment_sizes_figure", "tss_profile_figure", "tss_enrichment_figure")
HEADINGS = {
    "verdict_reasons": "not ideal",
    "tss_enrichment_encode": "TSS, ENCODE's way",
    "nfr_ratio": "NFR / mono",
    "nrf": "NRF",
    "pbc1": "PBC1",
    "pbc2": "PBC2",
    "n_peaks": "peaks of group",
}
COLUMNS = (
    *("sample", "group", "verdict", "verdict_reasons", "n_reads", "n_fragments", "pct_dup", "pct_mito"),
    *("tss_enrichment", "tss_enrichment_encode", "frip", "nfr_ratio", "nrf", "pbc1", "pbc2", "n_peaks"),
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
    said = (*caution_sentences(cautions), *said)
    return Section(
        "quality", "Quality of the reads", (Text((*said, DEFINITIONS)), table, Gallery(tuple(figures)))
    )


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


def empty_peaks(table: pd.DataFrame) -> str:
    """How many peaks no sample has a count in: they stay in the tables and are not tested."""
    n = int((table["baseMean"] == 0).sum())
    if not n:
        return f"Each of the {len(table):,} peaks has a count in some sample."
    return f"{n:,} of {len(table):,} peaks have no count in any sample: they stay in the tables, untested."
