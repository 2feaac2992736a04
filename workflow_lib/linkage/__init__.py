"""Peaks whose accessibility follows the expression of a gene nearby."""

from workflow_lib.linkage.correlation import FEWEST_SAMPLES, adjusted, plain_pvalues, products, unit_rows
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
    "link",
    "pairs",
    "plain_pvalues",
    "products",
    "summarise",
    "too_few",
    "unit_rows",
]
