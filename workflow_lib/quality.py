"""Quality of one sample's reads."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from workflow_lib.fragments import FragmentStore


def summary(store: FragmentStore, peaks: pd.DataFrame, mitochondrial: Collection[str]) -> dict:
    """Read numbers and shares of one sample.

    Parameters
    ----------
    store : FragmentStore
    peaks : DataFrame
        Columns chrom, start, end.
    mitochondrial : collection of str
        Names of mitochondrial contigs.

    Returns
    -------
    dict
        n_reads (primary reads), n_fragments (kept, nuclear; reads where single-end), pct_dup and pct_mito
        (percent of mapped primary reads, before any filter), frip (share of nuclear insertions inside any
        peak), tn5_shift, tn5_evidence. Shares of nothing are NaN.
    """
    nuclear = [name for name in store.contigs if name not in mitochondrial]
    mapped_mito = sum(n for name, n in store.mapped_per_contig.items() if name in mitochondrial)
    n_cuts = sum(len(store.plus.get(name, ())) + len(store.minus.get(name, ())) for name in nuclear)
    plus, minus = store.tn5_shift
    return {
        "n_reads": store.n_reads,
        "n_fragments": store.n_fragments(nuclear),
        "pct_dup": 100 * _share(store.n_duplicates, store.n_mapped),
        "pct_mito": 100 * _share(mapped_mito, store.n_mapped),
        "frip": _share(_in_any_peak(store, peaks, nuclear), n_cuts),
        "tn5_shift": f"{plus:+d}/{minus:+d}",
        "tn5_evidence": store.tn5_evidence,
    }


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def _in_any_peak(store: FragmentStore, peaks: pd.DataFrame, contigs: Collection[str]) -> int:
    """Cuts inside the union of the peaks: overlapping peaks count a cut once."""
    total = 0
    for contig in contigs:
        here = peaks[peaks["chrom"] == contig].sort_values("start", kind="stable")
        if here.empty:
            continue
        start, end = here["start"].to_numpy(), here["end"].to_numpy()
        reach = np.maximum.accumulate(end)
        first = np.r_[True, start[1:] > reach[:-1]]
        cuts = store.cuts(contig)
        ends = np.r_[reach[np.flatnonzero(first)[1:] - 1], reach[-1]]
        total += int(
            (np.searchsorted(cuts, ends, "left") - np.searchsorted(cuts, start[first], "left")).sum()
        )
    return total
