"""Report section on links of peaks with genes."""

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from workflow_lib.linkage import strongest
from workflow_lib.report import format
from workflow_lib.report.content import Figure, Gallery, Section, Text

N_LINKS = 20
MAIN = {"peak", "distance", "pearson", "zscore", "padj"}
SHOWN = [
    *("gene_name", "peak", "distance", "pearson", "spearman"),
    *("background_mean", "background_sd", "zscore", "pvalue", "padj", "pearson_within"),
]
HEADINGS = {
    "distance": "to TSS (bp)",
    "pearson": "r",
    "spearman": "rank r",
    "background_mean": "background, mean",
    "background_sd": "s.d.",
    "zscore": "z",
    "pearson_within": "r within groups",
}
CAUTIONS = (
    "If the groups differ, every changed peak correlates with every changed gene, near or far, even if "
    "neither acts on the other. A link is therefore compared with the correlations of the same gene with "
    "peaks on other chromosomes that are similarly accessible and GC-rich. A link that stands out from these "
    "is evidence, not proof, that the peak acts on the gene. Where groups differ much, little can stand out.",
    "“r within groups” is the correlation without the difference between the groups. A link that rests only "
    "on that difference has a low value there. With few samples the column says little either way.",
    "A deletion or amplification changes all peaks and genes within it together. That can look like links.",
)


def section(
    summary: pd.DataFrame, links: pd.DataFrame, figures: Sequence[Figure], hrefs: Mapping[str, str]
) -> Section:
    """What was linked, how it was tested, and what it does not say.

    Parameters
    ----------
    summary : DataFrame
        item, value; of :func:`workflow_lib.linkage.summarise`.
    links : DataFrame
    figures : sequence of Figure
        Of the strongest links, and of all with their background.
    hrefs : mapping
        Address of `links`.
    """
    facts = dict(zip(summary["item"], summary["value"].astype(str), strict=True))
    text = Text((sentence(facts), _tested(facts), *_left_out(facts)))
    top = strongest(links, N_LINKS)
    parts: list = [text]
    if len(top):
        caption = f"The {len(top)} strongest of {len(links):,} pairs of gene and peak"
        shown = top[SHOWN].assign(
            **{
                name: [format.cell(f"{value:.2f}" if pd.notna(value) else None) for value in top[name]]
                for name in SHOWN
                if name not in ("gene_name", "peak", "distance", "pvalue", "padj")
            }
        )
        parts.append(format.table(shown, caption, href=hrefs["links"], headings=HEADINGS, main=MAIN))
        parts.append(Gallery(tuple(figures)))
    return Section("linkage", "Links of peaks with genes", tuple(parts), guide=CAUTIONS)


def sentence(facts: Mapping[str, str]) -> str:
    """The answer in one sentence."""
    n, tested, alpha = _n(facts, "n_significant"), _n(facts, "n_tested"), float(facts["alpha"])
    if not tested:
        return "No pair of a gene and a peak nearby could be tested."
    over = f"{_n(facts, 'n_samples')} samples"
    if not n:
        return (
            f"Of {tested:,} pairs of a gene and a peak nearby, none is linked beyond chance (FDR {alpha:g}) "
            f"over {over}; the table lists the strongest, as candidates."
        )
    return (
        f"{n:,} of {tested:,} pairs of a gene and a peak nearby are linked beyond chance (FDR {alpha:g}) "
        f"over {over}: {_n(facts, 'n_positive'):,} positive, {_n(facts, 'n_negative'):,} negative, of "
        f"{_n(facts, 'n_genes_significant'):,} genes and {_n(facts, 'n_peaks_significant'):,} peaks; "
        f"{_n(facts, 'n_within'):,} of them hold within groups too (same sign, p < 0.05)."
    )


def _tested(facts: Mapping[str, str]) -> str:
    adjusted = _columns(facts["adjusted_for"])
    out = "" if adjusted == "nothing" else f" Taken out of both sides: {adjusted}."
    if adjusted.startswith("nothing ("):
        out = " The design's other terms were not taken out, since too few samples would be left."
    return (
        f"Peaks within {_n(facts, 'distance'):,} bp of a TSS; expression "
        + ("from counts by size factors" if facts["scale"] == "counts" else "as given, taken for normalised")
        + f"; background matched by {facts['matched_by']}.{out} A plain test of correlation, which takes the "
        f"groups' difference for evidence, would have called {_n(facts, 'n_plain'):,}."
    )


def _columns(terms: str) -> str:
    """Terms of the design as the columns that they are made of: `batch` for `batch[T.B], batch[T.C]`."""
    return ", ".join(dict.fromkeys(re.sub(r"\[[^\]]*\]", "", term) for term in terms.split(", ")))


def _left_out(facts: Mapping[str, str]) -> list[str]:
    """A sentence on genes that could not take part, if any."""
    reasons = (
        ("n_genes_unknown", "are not in the annotation or stand there for several genes"),
        ("n_genes_missing", "have missing values"),
        ("n_genes_constant", "do not vary over samples"),
    )
    said = [f"{_n(facts, key):,} {why}" for key, why in reasons if _n(facts, key)]
    given = (
        f"Of {_n(facts, 'n_genes_given'):,} genes given, {_n(facts, 'n_genes_linked'):,} have a peak nearby"
    )
    words = [given + "".join(f"; {part}" for part in said) + "."]
    without = _n(facts, "n_links") - _n(facts, "n_tested")
    if without:
        words.append(
            f"{without:,} pairs have no p-value: too few peaks like theirs lie on other contigs for a "
            "background."
        )
    return words


def _n(facts: Mapping[str, str], key: str) -> int:
    return int(float(facts[key]))
