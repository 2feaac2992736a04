"""Several contrasts together: which peaks and which factors change in which of them."""

from workflow_lib.together.factors import evidence
from workflow_lib.together.peaks import beside, overlaps, pairs

__all__ = ["beside", "evidence", "overlaps", "pairs"]
