"""What a run needs of all cuts of a sample, taken in one pass of its store."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from workflow_lib.differential import size_factors
from workflow_lib.fragments import counts, quality, saturation
from workflow_lib.fragments.accounting import Caution
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.io import arrays


@dataclass(frozen=True)
class Measures:
    """Of one sample.

    Attributes
    ----------
    sources : dict of str to str
        As of the store.
    contigs : dict of str to int
        Name to length, all of them.
    paired, read_length, accounting, cautions
        As of the store.
    numbers : dict
        Of :func:`workflow_lib.fragments.quality.measured`.
    counts : (n_peaks,) int64 array
        In the order of the peaks.
    bins : dict of str to int64 array
        Cuts in bins of the background, by nuclear contig.
    sizes : int64 array
        Fragments by length in bp.
    profile : int64 array or None
        Insertions around TSSs; None where no gene is known.
    curve : DataFrame
        Of :func:`workflow_lib.fragments.saturation.curve`.
    """

    sources: dict[str, str]
    contigs: dict[str, int]
    paired: bool
    read_length: int
    accounting: dict[str, int]
    cautions: tuple[Caution, ...]
    numbers: dict
    counts: np.ndarray
    bins: dict[str, np.ndarray]
    sizes: np.ndarray
    profile: np.ndarray | None
    curve: pd.DataFrame

    def write(self, path: str | Path) -> None:
        """Write them, whole or not at all."""
        named = ("sources", "contigs", "paired", "read_length", "accounting", "cautions", "numbers")
        content = {"counts": self.counts, "sizes": self.sizes}
        content |= {f"bins/{list(self.contigs).index(name)}": here for name, here in self.bins.items()}
        content |= {f"curve/{name}": self.curve[name].to_numpy() for name in self.curve}
        if self.profile is not None:
            content["profile"] = self.profile
        arrays.write_arrays(path, content, {name: json.dumps(getattr(self, name)) for name in named})

    @staticmethod
    def read(path: str | Path) -> "Measures":
        """Read what :meth:`write` wrote."""
        with arrays.opened(path) as file:
            named = {name: json.loads(value) for name, value in file.attrs.items()}
            named["cautions"] = tuple(Caution(*found) for found in named["cautions"])
            names = list(named["contigs"])
            bins = file.get("bins", {})
            return Measures(
                **named,
                counts=file["counts"][:],
                bins={name: bins[str(i)][:] for i, name in enumerate(names) if str(i) in bins},
                sizes=file["sizes"][:],
                profile=file["profile"][:] if "profile" in file else None,
                curve=pd.DataFrame({name: file[f"curve/{name}"][:] for name in saturation.COLUMNS}),
            )


def measure(
    store: FragmentStore,
    peaks: pd.DataFrame,
    mitochondrial: Collection[str],
    tss: pd.DataFrame | None = None,
    unit: str = "insertions",
) -> Measures:
    """Measure a sample.

    Parameters
    ----------
    store : FragmentStore
    peaks : DataFrame
        chrom, start, end.
    mitochondrial : collection of str
    tss : DataFrame, optional
        chrom, position, strand.
    unit : {"insertions", "fragments"}
        What is counted.
    """
    store = store.keeping_cuts()
    nuclear = [name for name in store.contigs if name not in mitochondrial]
    profile = None if tss is None else quality.tss_profile(store, tss, nuclear)
    return Measures(
        sources=dict(store.sources),
        contigs=dict(store.contigs),
        paired=store.paired,
        read_length=store.read_length,
        accounting=store.accounting,
        cautions=store.cautions,
        numbers=quality.measured(store, peaks, mitochondrial, profile),
        counts=counts.COUNTERS[unit](store, peaks),
        bins={
            name: size_factors.background_bins(store.cuts, {name: store.contigs[name]}) for name in nuclear
        },
        sizes=quality.fragment_sizes(store, nuclear),
        profile=profile,
        curve=saturation.curve(store, peaks, nuclear),
    )


def common_bins(samples: Mapping[str, Measures], contigs: Mapping[str, int]) -> pd.DataFrame:
    """Bins of the background that are the same for all samples.

    Parameters
    ----------
    samples : mapping of name to Measures
    contigs : mapping of name to length
        Of all samples, see :func:`workflow_lib.genome.reference.contigs_of_all`.

    Returns
    -------
    (n_bins, n_samples) DataFrame of int64
    """
    none = np.empty(0, np.int64)
    nuclear = {
        name: size_factors.n_bins(length)
        for name, length in contigs.items()
        if any(name in found.bins for found in samples.values())
    }
    columns = {}
    for sample, found in samples.items():
        parts = [(found.bins.get(name, none), n) for name, n in nuclear.items()]
        columns[sample] = np.concatenate([none, *(np.pad(part, (0, n - len(part))) for part, n in parts)])
    return pd.DataFrame(columns)
