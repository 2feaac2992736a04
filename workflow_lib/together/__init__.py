"""Several contrasts together: which peaks and which factors change in which of them."""

from workflow_lib.together.factors import evidence
from workflow_lib.together.peaks import overlaps, pairs, side_by_side

__all__ = ["evidence", "overlaps", "pairs", "side_by_side"]
