"""Simulated ATAC-seq with known truth: a whole demo experiment, or a count matrix alone."""

from workflow_lib.simulate.experiment import SAMPLES, TRUTH, Demo, demo
from workflow_lib.simulate.matrix import counts

__all__ = ["SAMPLES", "TRUTH", "Demo", "counts", "demo"]
