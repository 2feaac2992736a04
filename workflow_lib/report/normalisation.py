"""Normalisation and calibration of one contrast, as the report shows them."""

from collections.abc import Mapping, Sequence

import pandas as pd

from workflow_lib.differential import calibration as nulls
from workflow_lib.differential.shift import LOW_JACCARD
from workflow_lib.report import format
from workflow_lib.report.content import Badge, Cell, Figure, Gallery, Section, Text
from workflow_lib.report.summary import FEW

KINDS = {
    nulls.OBSERVED: "true labels",
    nulls.PERMUTED: "labels permuted",
    nulls.SPLIT: "groups split in halves",
}
HEADINGS = {
    "n_tested": "tested",
    "n_up": "up",
    "n_down": "down",
    "n_changed": "changed",
    "jaccard": "overlap with used (Jaccard)",
    "rank_correlation": "rank correlation",
    "median_log2fc": "median log₂ FC",
    "size_factors": "size factors",
    "residual_df": "residual d.f.",
    "runs": "labellings",
    "called": "called: median (most)",
    "ks_distance": "distance from uniform",
}


def section(
    name: str,
    shift: Mapping,
    summary: pd.DataFrame,
    bias: pd.DataFrame,
    runs: pd.DataFrame | None,
    figures: Sequence[Figure],
    hrefs: Mapping[str, str],
) -> Section:
    """The sentence on the choice of size factors, the methods side by side, and tests where nothing differs.

    Parameters
    ----------
    name : str
        The contrast.
    shift : mapping
        Its row of global_shift.tsv.
    summary : DataFrame
        Its rows of normalisation.tsv.
    bias : DataFrame
        Its rows of bias.tsv.
    runs : DataFrame or None
        Its rows of calibration.tsv.
    figures : sequence of Figure
        MA plots by method and, if calibrated, p-values of the nulls.
    hrefs : mapping of `normalisation` and `calibration` to the tables' addresses
    """
    rough = shift.get("caution")
    paragraphs = [f"Caution: {rough}."] if isinstance(rough, str) and rough else []
    paragraphs += [str(shift["sentence"]), *bias["sentence"].dropna().astype(str).unique()]
    paragraphs += nulls.sentences(runs) if runs is not None else []
    parts: list = [Text(tuple(paragraphs)), methods(summary, hrefs["normalisation"])]
    if runs is not None and runs["run"].notna().any():
        parts.append(null_tests(runs, hrefs["calibration"]))
    anchor = format.anchor("normalisation", name)
    parts.append(Gallery(tuple(figures)))
    verdict = badge(shift, summary, bias, runs)
    return Section(anchor, "Normalisation and calibration", tuple(parts), badge=verdict)


def badge(shift: Mapping, summary: pd.DataFrame, bias: pd.DataFrame, runs: pd.DataFrame | None) -> Badge:
    """Whether the calls hold under shuffled labels and under other size factors."""
    table = None if runs is None else nulls.summarise(runs).set_index("kind").loc[nulls.PERMUTED]
    shuffled = 0 if table is None or not table["runs"] else int(table["most_significant"])
    if shuffled > FEW:
        often = table is not None and table["median_significant"] > FEW
        return Badge(f"shuffled labels give up to {shuffled:,}", "bad" if often else "fair", "Test")
    if isinstance(shift.get("caution"), str):
        return Badge("size factors rest on little", "bad", "Test")
    if (summary["jaccard"] < LOW_JACCARD).any():
        return Badge("depends on the normalisation", "fair", "Test")
    if warning(shift, summary, bias):
        return Badge("normalisation to look at", "fair", "Test")
    if table is None or not table["runs"]:
        return Badge("not calibrated", "fair", "Test")
    return Badge(f"shuffled labels give {f'at most {shuffled}' if shuffled else 'none'}", "good", "Test")


def warning(shift: Mapping, summary: pd.DataFrame, bias: pd.DataFrame) -> tuple[str, ...]:
    """The sentences on normalisation and bias where they decide the answer, else nothing."""
    matters = shift["verdict"] in ("shifted", "background") or (summary["jaccard"] < LOW_JACCARD).any()
    rough = shift.get("caution")
    said = [f"Caution: {rough}."] if isinstance(rough, str) and rough else []
    said += [str(shift["sentence"])] if matters else []
    differs = bias[(bias["verdict"] == "differ") & (bias["used"] == "no")]
    return (*said, *differs["sentence"].dropna().astype(str).unique())


def methods(summary: pd.DataFrame, href: str = ""):
    """One row a method of size factors."""
    rows = pd.DataFrame(
        {
            "method": [
                f"{method} (used)" if chosen == "yes" else method
                for method, chosen in zip(summary["method"], summary["chosen"], strict=True)
            ],
            "size_factors": [
                Cell(f"{low:.2f} to {high:.2f}")
                for low, high in zip(summary["min_size_factor"], summary["max_size_factor"], strict=True)
            ],
        }
    )
    undirected = "n_changed" in summary and summary["n_changed"].notna().all()
    called = ("n_changed",) if undirected else ("n_up", "n_down")
    for column in ("n_tested", *called):
        rows[column] = summary[column].astype(int).to_numpy()
    for column in ("jaccard", "rank_correlation", "median_log2fc"):
        rows[column] = summary[column].to_numpy()
    return format.table(
        rows,
        "The same test with every normalisation that these inputs allow (trended and gc: size factors and "
        "offsets by mean count or GC content). The answer gives the lowest overlap",
        href=href,
        headings=HEADINGS,
    )


def null_tests(runs: pd.DataFrame, href: str = ""):
    """One row a kind of labelling."""
    table = nulls.summarise(runs)
    table = table[table["runs"] > 0]
    rows = pd.DataFrame({"labels": [KINDS[kind] for kind in table["kind"]], "runs": table["runs"].to_numpy()})
    for column in ("residual_df", "n_tested"):
        rows[column] = table[column].astype(float).to_numpy()
    rows["called"] = [
        Cell(
            f"{row.median_significant:,.0f} ({row.most_significant:,.0f})"
            if row.runs > 1
            else f"{row.most_significant:,.0f}"
        )
        for row in table.itertuples()
    ]
    rows["p below 0.05"] = [Cell(format.percent(share)) for share in table["share_below_0.05"]]
    rows["ks_distance"] = table["ks_distance"].astype(float).to_numpy()
    return format.table(
        rows,
        "Tests where nothing differs, beside the true one",
        href=href,
        headings={**HEADINGS, "n_tested": "with a p-value"},
    )
