"""Differential accessibility by DESeq2's model: `test`, or `fit` and then `contrast`s."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflow_lib.differential.contrasts import contrast, direction, likelihood_ratio, test
    from workflow_lib.differential.model import Fit, fit

__all__ = ["Fit", "contrast", "direction", "fit", "likelihood_ratio", "test"]


def __getattr__(name: str):
    """The model on first use: pydeseq2 takes a second to import, and most jobs do without."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from workflow_lib.differential import contrasts

    return getattr(contrasts, name)
