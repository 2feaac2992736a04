"""The report: one HTML file that needs nothing beside it.

`collect` reads result files into a :class:`~workflow_lib.report.content.Content`; `render` makes HTML of it.
"""

from workflow_lib.report.collect import collect
from workflow_lib.report.page import render

__all__ = ["collect", "render"]
