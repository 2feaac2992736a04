"""Peaks: called from cuts, and one set of all samples."""
