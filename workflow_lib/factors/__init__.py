"""Which transcription factors changed: every line of evidence, side by side."""

__all__ = ["FactorEvidence", "from_counts"]


def __getattr__(name: str):
    """The stage on first use: it imports the differential model, which takes a second."""
    if name in __all__:
        from workflow_lib.factors import stage

        return getattr(stage, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
