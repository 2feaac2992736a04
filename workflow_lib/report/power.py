"""The report's chapter on power: what more samples or more reads would find."""

from workflow_lib.differential import power
from workflow_lib.report import format
from workflow_lib.report.content import Gallery, Section, Text
from workflow_lib.report.figures import figure
from workflow_lib.results.run import Run


def section(run: Run) -> Section | None:
    """Sentences, curves and the table; None where nothing could be estimated."""
    table = run.table("power")
    said = power.sentences(table)
    if not said:
        return None
    said.append("This plans the next study. It is no reason to trust or to doubt the calls of this one.")
    shown = format.table(table.drop(columns="study"), "Power", href=run.href("power"), folded=True)
    figures = (figure(run, "power_figure"),) if run.has("power_figure") else ()
    return Section("power", "More samples or more reads?", (Text(tuple(said)), Gallery(figures), shown))
