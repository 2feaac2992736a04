"""Cut sites of several libraries of one biological replicate, as those of one sample."""

from collections.abc import Mapping

import numpy as np

from workflow_lib.errors import InputError
from workflow_lib.fragments.store import ENDS, FragmentStore

CENTRED, HALF_OFF = (4, -4), (4, -5)


def pool(stores: Mapping[str, FragmentStore]) -> FragmentStore:
    """One store with the cuts of all.

    Parameters
    ----------
    stores : mapping of name to FragmentStore
        Of the same genome. Where some were shifted by +4/-4 and others by +4/-5, the latter's minus cuts are
        moved to the former's.

    Returns
    -------
    FragmentStore
        Numbers of reads are added. Single-end libraries beside paired ones give their insertions and no
        fragments. How often places were sequenced is not known across libraries, so `locations` is empty.

    Raises
    ------
    InputError
        If a contig has two lengths, or shifts cannot be made alike.
    """
    contigs: dict[str, int] = {}
    for name, store in stores.items():
        for contig, length in store.contigs.items():
            if contigs.setdefault(contig, length) != length:
                raise InputError(
                    f"sample {name}: contig {contig} has {length:,} bp, and {contigs[contig]:,} in another "
                    "library of the same replicate; align both to one genome"
                )
    shifts = {store.tn5_shift for store in stores.values()}
    if len(shifts) > 1 and not shifts <= {CENTRED, HALF_OFF}:
        told = " and ".join(f"{plus:+d}/{minus:+d}" for plus, minus in sorted(shifts))
        raise InputError(
            f"samples {', '.join(stores)}: libraries of one replicate have Tn5 shifts of {told}, which "
            "cannot be pooled; set reads.tn5_shift, or make the files alike"
        )
    shift = CENTRED if len(shifts) > 1 else next(iter(shifts))
    paired = any(store.paired for store in stores.values())
    parts: dict[str, dict[str, list[np.ndarray]]] = {end: {} for end in ENDS}
    for store in stores.values():
        for end in ENDS:
            into = end if store.paired or not paired else f"single_{end.removeprefix('single_')}"
            moved = int(store.tn5_shift != shift and end.endswith("minus"))
            for contig, cuts in getattr(store, end).items():
                ends = np.minimum(cuts + moved, contigs[contig] - 1).astype(np.int32)
                parts[into].setdefault(contig, []).append(ends)
    joined = {end: {c: np.concatenate(found) for c, found in by.items()} for end, by in parts.items()}
    for contig in joined["plus"] if paired else ():
        plus, minus = joined["plus"][contig], joined["minus"][contig]
        order = np.lexsort([minus, plus])  # mates stay together
        joined["plus"][contig], joined["minus"][contig] = plus[order], minus[order]
    for end in ENDS if not paired else ENDS[2:]:
        joined[end] = {contig: np.sort(cuts) for contig, cuts in joined[end].items()}
    every = list(stores.values())
    duplicates = [store.n_duplicates for store in every]
    keys = list(dict.fromkeys(key for store in every for key in store.accounting))
    return FragmentStore(
        contigs=contigs,
        paired=paired,
        tn5_shift=shift,
        tn5_evidence=f"pooled from {', '.join(stores)}",
        n_reads=sum(store.n_reads for store in every),
        n_mapped=sum(store.n_mapped for store in every),
        n_duplicates=None if None in duplicates else sum(n for n in duplicates if n is not None),
        mapped_per_contig={c: sum(store.mapped_per_contig.get(c, 0) for store in every) for c in contigs},
        plus=joined["plus"],
        minus=joined["minus"],
        single_plus=joined["single_plus"],
        single_minus=joined["single_minus"],
        accounting={key: sum(store.accounting.get(key, 0) for store in every) for key in keys},
        read_length=max(store.read_length for store in every),
        sources={name: digest for store in every for name, digest in store.sources.items()},
    )
