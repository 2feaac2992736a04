"""All that a finished run knows of one peak, gene or factor, as content of a page."""

from workflow_lib.questions.explain.factor import factor
from workflow_lib.questions.explain.gene import gene
from workflow_lib.questions.explain.peak import peak

__all__ = ["factor", "gene", "peak"]
