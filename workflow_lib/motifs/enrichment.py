"""Whether motifs occur in more peaks of one set than of another: both tests by their public names."""

from workflow_lib.motifs.fisher import log10_fisher, test
from workflow_lib.motifs.matched import against

__all__ = ["against", "log10_fisher", "test"]
