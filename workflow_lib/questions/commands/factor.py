"""Motifs of a transcription factor, and what this run found of them."""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from workflow_lib.errors import InputError
from workflow_lib.io import hits
from workflow_lib.motifs import clusters
from workflow_lib.motifs.lookup import find, synonyms
from workflow_lib.plots.logos import file_name
from workflow_lib.report import format
from workflow_lib.results.run import Run

ALIKE = 12  # members of a cluster to name


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the question."""
    parser.add_argument("name", help="factor (TCF7, p53), motif name (FOS::JUN) or id (MA0139); any case")


def answer(asked: argparse.Namespace) -> str:
    """A paragraph for each motif of the factor.

    Raises
    ------
    InputError
        If the run has no motifs, or none of that name; near names are given.
    """
    run = Run(Path(asked.results))
    path = run.path("library")
    if not run.has_motifs:
        raise InputError(f"{path}: no such file; give the results folder of a run with motifs by --results")
    library, factors = run.table("library"), run.table("tf_motifs")
    found = find(asked.name, library, factors)
    alike = clusters.members(library)
    label = dict(zip(library["motif_id"], library["name"], strict=True))
    matches = hits.read_matches(run.path("matches")).tocsc()
    parts = [f"{asked.name}: {len(found)} motif{'s' if len(found) > 1 else ''} in {path}"]
    for row in found.itertuples():
        others = [f"{label[other]} ({other})" for other in alike[row.motif_id]]
        lines: list[tuple[str, str]] = [("names", _names(row, factors)), ("family", row.family)]
        if not pd.isna(row.cluster):
            lines.append(("cluster", f"{row.cluster}{_others(others)}"))
        lines.append(("threshold", _threshold(row)))
        lines.append(("hits", _hits(matches[:, [row.Index]])))
        logo = run.path("logos") / file_name(row.motif_id)
        lines.append(("logo", str(logo) if logo.is_file() else "not drawn: not among the strongest"))
        lines += _findings(run, row.motif_id) + _evidence(run, row)
        shown = [f"  {head:<12}{text}" for head, text in lines if not pd.isna(text)]
        parts.append("\n".join([f"{row.motif_id}  {row.name}", *shown]))
    return "\n\n".join(parts)


def _names(row, factors: pd.DataFrame) -> str:
    mine = factors[factors["motif_id"] == row.motif_id]
    names = ", ".join(mine["tf_name"])
    others = dict.fromkeys(name for each in mine.itertuples() for name in synonyms(each))
    return names + (f"; also {', '.join(others)}" if others else "")


def _others(names: list[str]) -> str:
    if not names:
        return " (alone)"
    more = len(names) - ALIKE
    return f", {len(names)} alike: {', '.join(names[:ALIKE])}{f' and {more} more' if more > 0 else ''}"


def _threshold(row) -> str:
    p = format.number(row.pvalue_attained, "pvalue")
    if getattr(row, "reaches_pvalue", True):
        return f"{row.threshold:.2f} bits, p = {p}"
    return f"{row.threshold:.2f} bits, p = {p}: too short for the p-value asked for, best word alone"


def _hits(column) -> str:
    return f"{int(column.sum()):,} in {np.count_nonzero(column.data):,} of {column.shape[0]:,} peaks"


def _findings(run: Run, motif_id: str) -> list[tuple[str, str]]:
    """What enrichment and chromVAR say of a motif, in words."""
    lines = []
    for names in sorted(run.found("enrichment"), key=_up_first):
        contrast, direction = names["contrast"], names["direction"]
        row = _row(run.table("enrichment", **names), motif_id)
        shares = (
            f"{row[f'{which}_hits']:,.0f} of {row[f'{which}_size']:,.0f}"
            for which in ("foreground", "background")
        )
        text = " peaks, background ".join(shares)
        if not pd.isna(row["padj"]):
            text += f"; log2 enrichment {_shown(row, 'log2_enrichment')}, adjusted p {_shown(row, 'padj')}"
        lines.append((direction, f"{contrast}: {text}"))
    variability = run.find("variability")
    if variability is not None:
        row = _row(variability, motif_id)
        lines.append(
            ("variability", f"{_shown(row, 'variability')} over samples, adjusted p {_shown(row, 'padj')}")
        )
    for names in run.found("deviation_tests"):
        row = _row(run.table("deviation_tests", **names), motif_id)
        # the p that calls rest on: against like peaks as well, in runs that have it
        p = format.number(row["joint_padj" if "joint_padj" in row else "padj"], "padj")
        lines.append(("chromVAR", f"{names['contrast']}: difference {_shown(row, 'delta')}, adjusted p {p}"))
    return lines


def _evidence(run: Run, row) -> list[tuple[str, str]]:
    """Where the motif's cluster stands by all evidence, and what was tested besides, in words."""
    lines = []
    for names in run.found("factors"):
        contrast, table = names["contrast"], run.table("factors", **names).set_index("cluster")
        own = row.motif_id if pd.isna(row.cluster) else row.cluster
        if own not in table.index:
            continue
        found = table.loc[own]
        if pd.isna(found["rank"]):
            lines.append(("evidence", f"{contrast}: not tested"))
            continue
        said = {"up": "activity rises", "down": "activity falls"}.get(
            found["direction"], "no significant change"
        )
        text = (
            f"{contrast}: {said}, adjusted p {_shown(found, 'padj')}; rank {found['rank']:.0f} of "
            f"{len(table):,} groups of like motifs; {found['agreement']} lines of evidence agree"
        )
        doubts = [found.get(column) for column in ("conflicts", "unconfirmed")]
        told = "; ".join(doubt for doubt in doubts if isinstance(doubt, str))
        lines.append(("evidence", f"{text} ({told})" if told else text))
        for head, effect, padj in (
            ("footprint", "delta_depth", "depth_padj"),
            ("flanks", "delta_flank", "flank_padj"),
        ):
            if not pd.isna(found[padj]):
                p = format.number(found[padj], "padj")
                lines.append((head, f"{contrast}: difference {found[effect]:.3g}, adjusted p {p}"))
        for prefix in ("promoter", "expression"):
            if not pd.isna(found[f"{prefix}_genes"]):
                lines.append(
                    (prefix, f"{contrast}: {found[f'{prefix}_genes']} (log2 fold change, adjusted p)")
                )
    return lines


def _row(table: pd.DataFrame, motif_id: str) -> pd.Series:
    return table.set_index("motif_id").loc[motif_id]


def _shown(row: pd.Series, column: str) -> str:
    return format.number(row[column], column)


def _up_first(names: dict[str, str]) -> tuple[str, bool]:
    return names["contrast"], names["direction"] == "down"
