"""The peaks that changed in a contrast, or all peaks of a gene."""

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd

from workflow_lib import beside, near
from workflow_lib.errors import InputError
from workflow_lib.io import tables
from workflow_lib.results.run import Run
from workflow_lib.stats.forms import CALLED

SHOWN: dict[str, Callable[..., str]] = {
    "peak": str,
    "gene_name": str,
    "feature": str,
    "tss_distance": "{:.0f}".format,
    "baseMean": "{:.1f}".format,
    "log2FoldChange": "{:.3f}".format,
    "lfcSE": "{:.3f}".format,
    "log2FoldChange_shrunk": "{:.3f}".format,
    "pvalue": "{:.2e}".format,
    "padj": "{:.2e}".format,
    "direction": str,
}
SORTED = {"padj": True, "pvalue": True, "log2FoldChange": False, "baseMean": False, "peak": True}
"""Columns to sort by, and whether the smallest comes first."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the question."""
    parser.add_argument("contrast", help="name of a contrast in the config")
    parser.add_argument("--direction", choices=("up", "down", "both"), default="both", help="default: both")
    parser.add_argument(
        "--max-padj",
        type=float,
        help="largest adjusted p-value (default: the peaks that the run called; with --gene, no limit)",
    )
    parser.add_argument("--min-lfc", type=float, default=0.0, help="least absolute log2 fold change")
    parser.add_argument("--gene", help="only peaks whose gene has this name, in any case, or gene id")
    parser.add_argument(
        "--sort",
        choices=(*SORTED, "order"),
        default="padj",
        help="column to sort by, or the genome's order (default: padj; fold changes by size)",
    )
    parser.add_argument("--top", type=int, help="only the first so many")
    parser.add_argument("--format", choices=("tsv", "table"), default="tsv", help="default: tsv")


def answer(args: argparse.Namespace) -> str:
    """The table as text."""
    table = read(args.results, args.contrast, args.gene)
    found = select(
        table,
        direction=args.direction,
        max_padj=args.max_padj,
        min_lfc=args.min_lfc,
        gene=args.gene,
        sort=args.sort,
    )
    return written(found if args.top is None else found.head(args.top), args.format)


def read(results: str, contrast: str, gene: str | None = None) -> pd.DataFrame:
    """The differential table of a contrast; with gene ids where a gene is asked for and peaks are annotated.

    Raises
    ------
    InputError
        For a contrast that the run does not have, with those it has.
    """
    run = Run.finished(Path(results))
    if contrast not in run.contrasts:
        raise InputError(
            f"contrast {contrast!r}: not in {run.folder}; {near.offer(contrast, sorted(run.contrasts))}"
        )
    table = run.table("differential", contrast)
    annotation = run.by_peak("annotation")
    if gene is not None and annotation is not None:
        table["gene_id"] = beside.rows(annotation, table["peak"], "annotation")["gene_id"].to_numpy()
    return table


def select(
    table: pd.DataFrame,
    *,
    direction: str = "both",
    max_padj: float | None = None,
    min_lfc: float = 0.0,
    gene: str | None = None,
    sort: str = "padj",
) -> pd.DataFrame:
    """Rows of a differential table.

    Parameters
    ----------
    table : DataFrame
        With the columns of a differential table and, to find genes by id, gene_id.
    direction : str
        `up`, `down` (by the sign of log2FoldChange) or `both`.
    max_padj : float, optional
        Peaks without a padj never reach any limit. Without a limit: the peaks that the run called or, of a
        gene, all, tested or not.
    min_lfc : float
        Least absolute log2FoldChange.
    gene : str, optional
        Name, in any case, or id, with or without version, of the peak's gene.
    sort : str
        A column of `SORTED`, or `order` to keep the genome's. Missing values come last.

    Raises
    ------
    InputError
        For a gene that no peak has, with names like it; or where peaks have no genes.
    """
    keep = table["log2FoldChange"].abs() >= min_lfc if min_lfc else pd.Series(True, index=table.index)
    if gene is not None:
        keep &= _of_gene(table, gene)
    if max_padj is not None:
        keep &= table["padj"] <= max_padj
    elif gene is None:
        keep &= table["direction"].isin(CALLED)
    if direction != "both":
        keep &= table["log2FoldChange"] > 0 if direction == "up" else table["log2FoldChange"] < 0
    found = table[keep]
    if sort == "order":
        return found
    keys = pd.DataFrame({"key": found[sort], "pvalue": found["pvalue"]})
    if sort == "log2FoldChange":
        keys["key"] = keys["key"].abs()
    order = keys.sort_values(["key", "pvalue"], ascending=[SORTED[sort], True], kind="stable").index
    return found.loc[order]


def written(table: pd.DataFrame, form: str) -> str:
    """As TSV with all digits, or as an aligned table with few."""
    columns = [name for name in SHOWN if name in table]
    if form == "tsv":
        text = table[columns].to_csv(
            sep="\t",
            index=False,
            na_rep=tables.MISSING,
            float_format=tables.FLOAT_FORMAT,
            lineterminator="\n",
        )
        return text.rstrip("\n")
    if table.empty:
        return "No peak."
    columns = [name for name in columns if table[name].notna().any()]
    cells = [
        [tables.MISSING if pd.isna(value) else SHOWN[name](value) for value in table[name]]
        for name in columns
    ]
    widths = [max(len(name), *map(len, values)) for name, values in zip(columns, cells, strict=True)]
    left = [SHOWN[name] is str for name in columns]

    def line(values: Iterable[str]) -> str:
        padded = (
            value.ljust(width) if is_text else value.rjust(width)
            for value, width, is_text in zip(values, widths, left, strict=True)
        )
        return "  ".join(padded).rstrip()

    return "\n".join([line(columns), *(line(row) for row in zip(*cells, strict=True))])


def _of_gene(table: pd.DataFrame, gene: str) -> pd.Series:
    if "gene_name" not in table or table["gene_name"].isna().all():
        raise InputError(
            f"gene {gene!r}: the run's peaks have no genes; give genome.annotation in the config"
        )
    names = table["gene_name"].astype("string")
    found = (names.str.lower() == gene.lower()).fillna(False)
    if "gene_id" in table:
        ids = table["gene_id"].astype("string").str.lower()
        bare = ids.str.replace(r"\.\d+$", "", regex=True)
        found |= ((ids == gene.lower()) | (bare == gene.lower())).fillna(False)
    if not found.any():
        raise InputError(f"gene {gene!r}: no peak has it; {near.offer(gene, names.dropna().unique())}")
    return found.astype(bool)
