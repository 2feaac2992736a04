"""Differential accessibility by DESeq2's model: `test` at the door."""

from workflow_lib.differential.model import direction, test

__all__ = ["direction", "test"]
