"""The report's chapter on power: what more samples or more reads would find."""

import pandas as pd

from workflow_lib.differential import power
from workflow_lib.report import format
from workflow_lib.report.content import Cell, Gallery, Section, Table, Text
from workflow_lib.report.figures import figure
from workflow_lib.results.run import Run


def section(run: Run) -> Section | None:
    """Sentences, curves and the table; None where nothing could be estimated."""
    table = run.table("power")
    said = power.sentences(table)
    if not said:
        return None
    said.append("This plans the next study. It is no reason to trust or to doubt the calls of this one.")
    figures = (figure(run, "power_figure"),) if run.has("power_figure") else ()
    parts = (Text(tuple(said)), Gallery(figures), found(table, run.href("power")))
    return Section("power", "More samples or more reads?", parts)


def found(table: pd.DataFrame, href: str = "") -> Table:
    """Share of changed regions that are found, a row for each number of samples, at this study's reads."""
    own = table[table["reads"] == 1]
    shares = own.pivot(index="replicates", columns="fold_change", values="power")
    study = set(own.loc[own["study"], "replicates"])
    sizes = [Cell(f"{n:,}{' (this study)' if n in study else ''}", order=float(n)) for n in shares.index]
    rows = pd.DataFrame({"samples in each group": sizes})
    for fold in shares:
        rows[f"{fold:g}-fold"] = [Cell(power.percent(share)) for share in shares[fold]]
    caption = "Share of the changed regions that is found, with the reads of this study"
    return format.table(rows, caption, href=href)
