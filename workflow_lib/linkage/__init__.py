"""Peaks whose accessibility follows the expression of a gene nearby."""

from workflow_lib.linkage.correlation import FEWEST_SAMPLES, adjusted, plain_pvalues, products, unit_rows
from workflow_lib.linkage.leading import by_sample, strongest
from workflow_lib.linkage.links import AROUND, COLUMNS, Linkage, around, bedpe, link, summarise, too_few
from workflow_lib.linkage.reach import pairs

__all__ = [
    "AROUND",
    "COLUMNS",
    "FEWEST_SAMPLES",
    "Linkage",
    "adjusted",
    "around",
    "bedpe",
    "by_sample",
    "link",
    "pairs",
    "plain_pvalues",
    "products",
    "strongest",
    "summarise",
    "too_few",
    "unit_rows",
]
