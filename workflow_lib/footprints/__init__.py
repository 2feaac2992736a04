"""Footprints of factors: cuts around motif sites, corrected for Tn5's preference, scored and tested.

Positions are counted from the centre of a site in the motif's own direction: base length // 2 of the motif is
0, on the minus strand counted from the site's end, so that one strand is the mirror image of the other.
"""

from workflow_lib.footprints.profiles import profile

__all__ = ["profile"]
