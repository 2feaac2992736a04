"""Tables as MultiQC's custom content, so that a project's MultiQC page shows them unasked."""

import json
from collections.abc import Mapping

import numpy as np
import pandas as pd

from workflow_lib.fragments.quality import LEVELS

SHOWN = {
    "verdict": ("Verdict", "By the worst measure of its reads: ideal, acceptable or concerning", None),
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
COLOURS = dict(zip(("pass", "warn", "fail"), LEVELS, strict=True))
"""MultiQC's words for green, yellow and red."""


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
    columns = [{name: _column(*SHOWN[name])} for name in chosen]
    header = {"id": "atacdiff", "plot_type": "generalstats", "pconfig": columns}
    table = samples[["sample", *chosen]].rename(columns={"sample": "Sample"})
    return _header(header) + table.to_csv(sep="\t", index=False, float_format="%.6g", lineterminator="\n")


def _column(title: str, words: str, form: str | None) -> dict:
    """MultiQC's settings of a column: of numbers in a form, or of verdicts."""
    column = {"title": title, "description": words, "namespace": "atacdiff"}
    if form is not None:
        return column | {"format": form}
    rules = {colour: [{"s_eq": level}] for colour, level in COLOURS.items()}
    return column | {"scale": False, "cond_formatting_rules": rules}


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
        Text of a `_mqc.yaml` file: of other forms MultiQC reads positions as text.
    """
    plot = {
        "id": f"{name}_plot",
        "title": f"atacdiff: {title}",
        "xlab": x_label,
        "ylab": y_label,
    }
    header = {
        "id": name,
        "section_name": title,
        "description": words,
        "plot_type": "linegraph",
        "pconfig": plot,
    }
    settings = "".join(f"{key}: {json.dumps(value)}\n" for key, value in header.items())
    data = "".join(f"  {json.dumps(str(sample))}: {{{_points(line)}}}\n" for sample, line in lines.iterrows())
    return f"{settings}data:\n{data}" if data else f"{settings}data: {{}}\n"


def _points(line: pd.Series) -> str:
    """`x: y, x: y`, never as 1e-05, which YAML reads as text."""
    written = {
        x: np.format_float_positional(y, precision=6, fractional=False, trim="-")
        for x, y in line.dropna().astype(float).items()
    }
    return ", ".join(f"{x}: {y}" for x, y in written.items())


def _header(settings: Mapping) -> str:
    """Settings as comment lines of YAML, of which JSON is a part."""
    return "".join(f"# {key}: {json.dumps(value)}\n" for key, value in settings.items())
