"""Fragments and cuts of a sample: read, stored, counted, and their quality."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflow_lib.fragments.store import FragmentStore, from_bam

__all__ = ["FragmentStore", "from_bam"]


def __getattr__(name: str):
    """The store on first use: what reads BAM files takes time to import."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from workflow_lib.fragments import store

    return getattr(store, name)
