"""Differential accessibility by DESeq2's model: `test`, or `fit` and then `contrast`s."""

from workflow_lib.differential.model import Fit, contrast, direction, fit, likelihood_ratio, test

__all__ = ["Fit", "contrast", "direction", "fit", "likelihood_ratio", "test"]
