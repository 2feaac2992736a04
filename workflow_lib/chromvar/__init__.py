"""Accessibility of motifs in each sample, corrected for GC and depth by background peaks (chromVAR)."""

from workflow_lib.chromvar.background import (
    background_bins,
    background_chunks,
    background_peaks,
    cell_probabilities,
    gc_content,
)
from workflow_lib.chromvar.deviation import Background, Scores, deviations, notes, scale_samples, scores
from workflow_lib.chromvar.diagnostics import sample_factors, technical
from workflow_lib.chromvar.groups import MIN_PEAKS, compare_groups, competitive, differential, welch
from workflow_lib.chromvar.moments import moments
from workflow_lib.chromvar.spread import variability

__all__ = [
    "MIN_PEAKS",
    "Background",
    "Scores",
    "background_bins",
    "background_chunks",
    "background_peaks",
    "cell_probabilities",
    "compare_groups",
    "competitive",
    "deviations",
    "differential",
    "gc_content",
    "moments",
    "notes",
    "sample_factors",
    "scale_samples",
    "scores",
    "technical",
    "variability",
    "welch",
]
