"""Tables as MultiQC's custom content, so that a project's MultiQC page shows them unasked."""

import json
from collections.abc import Mapping

import pandas as pd

SHOWN = {
    "n_fragments": ("Fragments", "Nuclear fragments that pass all filters", "{:,.0f}"),
    "pct_dup": ("% dup", "Duplicates among mapped reads, before filters", "{:,.1f}"),
    "pct_mito": ("% mito", "Mitochondrial among mapped reads, before filters", "{:,.1f}"),
    "tss_enrichment": ("TSS", "Insertions in the centre 11 bp of TSSs over outer 100-bp flanks", "{:,.1f}"),
    "frip": ("FRiP", "Share of nuclear insertions in peaks", "{:,.3f}"),
    "found_by_half": (
        "Half finds",
        "Of the peaks that all cuts find, share that half of them would",
        "{:,.2f}",
    ),
    "nfr_ratio": ("NFR / mono", "Nucleosome-free over mono-nucleosomal fragments", "{:,.2f}"),
    "nrf": ("NRF", "Distinct over all fragment locations", "{:,.2f}"),
    "pbc1": ("PBC1", "Locations sequenced once, of distinct ones", "{:,.2f}"),
    "pbc2": ("PBC2", "Locations sequenced once over twice", "{:,.1f}"),
}


def general_statistics(samples: pd.DataFrame) -> str:
    """Columns of MultiQC's general statistics, one row a sample, of the columns of `SHOWN` with a value.

    Parameters
    ----------
    samples : DataFrame
        Columns sample and measures.

    Returns
    -------
    str
        Text of a `_mqc.tsv` file.
    """
    chosen = [name for name in SHOWN if name in samples and samples[name].notna().any()]
    columns = [
        {name: {"title": title, "description": words, "format": form, "namespace": "atacdiff"}}
        for name, (title, words, form) in ((name, SHOWN[name]) for name in chosen)
    ]
    header = {"id": "atacdiff", "plot_type": "generalstats", "pconfig": columns}
    table = samples[["sample", *chosen]].rename(columns={"sample": "Sample"})
    return _header(header) + table.to_csv(sep="\t", index=False, float_format="%.6g", lineterminator="\n")


def line_graph(name: str, title: str, words: str, lines: pd.DataFrame, *, x_label: str, y_label: str) -> str:
    """A line for each sample.

    Parameters
    ----------
    name : str
        Identifier of the section.
    title, words : str
        Its heading and description.
    lines : DataFrame, samples x positions
    x_label, y_label : str

    Returns
    -------
    str
        Text of a `_mqc.tsv` file.
    """
    plot = {
        "id": f"{name}_plot",
        "title": f"atacdiff: {title}",
        "xlab": x_label,
        "ylab": y_label,
        "categories": True,  # it reads positions as text, and would sort them as such
    }
    header = {
        "id": name,
        "section_name": title,
        "description": words,
        "plot_type": "linegraph",
        "pconfig": plot,
    }
    table = lines.rename_axis(index="", columns=None)  # by which MultiQC knows a row of positions
    return _header(header) + table.to_csv(sep="\t", float_format="%.6g", lineterminator="\n")


def _header(settings: Mapping) -> str:
    """Settings as comment lines of YAML, of which JSON is a part."""
    return "".join(f"# {key}: {json.dumps(value)}\n" for key, value in settings.items())
