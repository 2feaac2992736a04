"""Cuts at each position around sites: raw, and per sample and group corrected, with bands."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pandas as pd

from workflow_lib import logs
from workflow_lib.footprints.scores import site_scale, weights_of
from workflow_lib.footprints.sites import centres
from workflow_lib.footprints.tn5_bias import Preference, centred_ends
from workflow_lib.footprints.windows import around, by_contig
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.genome.reference import Genome
from workflow_lib.io import tables

AT_ONCE = 2_000_000
"""Pairs of site and cut looked at in one go."""
SITES_AT_ONCE = 4_096
RESAMPLES = 200
BAND = (0.025, 0.975)


def profile(cuts, sites: pd.DataFrame, flank: int) -> np.ndarray:
    """Number of cuts at each position around the centres of all sites, in the sites' own direction.

    Parameters
    ----------
    cuts : sorted int array, or mapping of contig to such, or an object with `cuts(contig)`
        An array holds the cuts of the only contig. Cuts count wherever their fragments begin or end.
    sites : DataFrame
        start, end, strand ("-" is mirrored), and chrom unless `cuts` is an array.
    flank : int

    Returns
    -------
    (2 * flank + 1,) array of int
        Positions -flank to flank from the motif's base length // 2.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from workflow_lib import footprints
    >>> sites = pd.DataFrame({"start": [100], "end": [101], "strand": ["-"]})
    >>> footprints.profile(np.array([98, 98, 101]), sites, flank=3).tolist()
    [0, 0, 1, 0, 0, 2, 0]
    """
    total = np.zeros(2 * flank + 1, dtype=np.int64)
    minus = (sites["strand"] == "-").to_numpy(bool)
    centre = centres(sites["start"].to_numpy(np.int64), sites["end"].to_numpy(np.int64), minus)
    for at, rows in _cuts_of(cuts, sites):
        first = np.searchsorted(at, centre[rows] - flank, side="left")
        n = np.searchsorted(at, centre[rows] + flank, side="right") - first
        part = np.cumsum(n) // AT_ONCE
        for which in np.split(np.arange(len(rows)), np.flatnonzero(np.diff(part)) + 1):
            k = n[which]
            near = at[np.repeat(first[which] - np.cumsum(k) + k, k) + np.arange(k.sum())]
            position = near.astype(np.int64) - np.repeat(centre[rows[which]], k)
            position = np.where(np.repeat(minus[rows[which]], k), -position, position)
            total += np.bincount(position + flank, minlength=len(total))
    return total


class SampleProfile:
    """One motif's profile in one sample: (2 * flank + 1,) arrays in units of the mean of the near flanks.

    Attributes
    ----------
    observed, expected, corrected : array
        NaN without a cut in the near flanks, and at positions that no site has on known sequence.
    resampled : (n_resamples, 2 * flank + 1) float32 array
        `corrected` with sites drawn with replacement.
    """

    def __init__(self, observed: np.ndarray, expected: np.ndarray, resampled: np.ndarray):
        self.observed, self.expected = observed, expected
        self.corrected = observed - expected
        self.resampled = resampled


def sample_cuts(store: FragmentStore, contigs: Sequence[str]) -> dict[str, np.ndarray]:
    """Sorted cuts of each contig, all at the centres of their events."""
    return {c: np.sort(np.concatenate(centred_ends(store, c)), kind="stable") for c in contigs}


def corrected(
    cuts: Mapping[str, np.ndarray],
    sites: pd.DataFrame,
    genome: Genome,
    preference: Preference,
    flank: int,
    times: np.ndarray,
) -> SampleProfile:
    """Observed, expected and corrected profile of the sites of one motif in one sample.

    Parameters
    ----------
    cuts : mapping of contig to sorted int array
    sites : DataFrame
        contig (number), start, end, minus, and weight if sites differ in it; of one motif, in order of contig
        and start. Sites weigh as in :func:`workflow_lib.footprints.scores.score`.
    genome : Genome
    preference : Preference
    flank : int
    times : (1 + n_resamples, n_sites) float32 array
        How often each site counts, see :func:`resamples`.
    """
    width = 2 * flank + 1
    observed, expected = np.zeros(width), np.zeros(width)
    left, bases = np.zeros((len(times), width)), np.zeros((len(times), width))
    level, n_sites = np.zeros(len(times)), np.zeros(len(times))
    for rows, (seen, weight, scale, f, trust, used) in _per_site(cuts, sites, genome, preference, flank):
        w = times[:, rows] * trust.astype(np.float32)
        thought = weight * (scale * used)[:, None]
        known = (weight > 0) & used[:, None]
        seen = np.where(known, seen, 0)
        observed += trust @ seen
        expected += trust @ thought
        left += w @ (seen - thought).astype(np.float32)
        bases += w.sum(axis=1)[:, None] if known.all() else w @ known.astype(np.float32)
        level += w @ np.where(used, f, 0).astype(np.float32)
        n_sites += w @ used.astype(np.float32)
    level = _ratio(level, n_sites)
    unit = bases * level[:, None]
    return SampleProfile(
        _ratio(observed, unit[0]), _ratio(expected, unit[0]), _ratio(left[1:], unit[1:]).astype(np.float32)
    )


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0)


def resamples(n_sites: int, seed: int, n: int = RESAMPLES) -> np.ndarray:
    """(1 + n, n_sites) float32: all ones, then how often each site is drawn with replacement."""
    rng = np.random.default_rng(seed)
    times = np.ones((1 + n, n_sites), dtype=np.float32)
    for i in range(n if n_sites else 0):
        times[1 + i] = np.bincount(rng.integers(n_sites, size=n_sites), minlength=n_sites)
    return times


def table(found: Mapping[str, SampleProfile], groups: Mapping[str, str], flank: int) -> pd.DataFrame:
    """One motif's profiles side by side.

    Parameters
    ----------
    found : mapping of sample to SampleProfile
    groups : mapping of sample to group

    Returns
    -------
    (2 * flank + 1, ...) DataFrame
        position; of each sample, then of each group (the mean of its samples): `{name}.observed`,
        `{name}.expected`, `{name}.corrected`, all in units of the mean of the near flanks; of groups also
        `{name}.corrected_low`, `{name}.corrected_high`: 95 % band over resampled sites.
    """
    columns: dict[str, np.ndarray] = {"position": np.arange(-flank, flank + 1)}
    for sample, one in found.items():
        for kind in ("observed", "expected", "corrected"):
            columns[f"{sample}.{kind}"] = getattr(one, kind)
    for group in dict.fromkeys(groups[sample] for sample in found):
        members = [one for sample, one in found.items() if groups[sample] == group]
        for kind in ("observed", "expected", "corrected"):
            columns[f"{group}.{kind}"] = _mean([getattr(one, kind) for one in members])
        low, high = _quantiles(_mean([one.resampled for one in members]))
        columns[f"{group}.corrected_low"], columns[f"{group}.corrected_high"] = low, high
    return pd.DataFrame(columns)


def write(
    motif_ids: Sequence[str],
    library: Sequence[str],
    sites: pd.DataFrame,
    stores: Mapping[str, str | Path],
    groups: Mapping[str, str],
    genome: Genome,
    bias: pd.DataFrame,
    model: str,
    flank: int,
    seed: int,
    folder: str | Path,
) -> None:
    """Write `{motif}.tsv` (see :func:`table`) of each motif into a folder; each sample is read once.

    Parameters
    ----------
    motif_ids : sequence of str
        To profile.
    library : sequence of str
        All motifs, as they are numbered in `sites`.
    sites : DataFrame
        As :func:`workflow_lib.footprints.sites.select`.
    stores, groups : mapping of sample to path of its cut-site store, and to its group
    genome : Genome
    bias : DataFrame
        Of all samples, with a column `sample`.
    model : {"kmer", "pwm", "none"}
    flank : int
    seed : int
    folder : path
        Made if it does not exist.
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    number = {motif_id: i for i, motif_id in enumerate(library)}
    own = {m: sites[sites["motif"].to_numpy() == number[m]].reset_index(drop=True) for m in motif_ids}
    contigs = genome.contigs.index[
        np.unique(np.concatenate([[], *(s["contig"] for s in own.values())]).astype(int))
    ]
    times = {motif_id: resamples(len(of_motif), seed) for motif_id, of_motif in own.items()}
    found: dict[str, dict[str, SampleProfile]] = {motif_id: {} for motif_id in motif_ids}
    for sample, path in logs.counted(stores.items(), "samples profiled"):
        cuts = sample_cuts(FragmentStore.read(path, contigs), contigs)
        preference = Preference(bias[bias["sample"] == sample], model)
        for motif_id, of_motif in own.items():
            one = corrected(cuts, of_motif, genome, preference, flank, times[motif_id])
            found[motif_id][sample] = one
    names = {"sample": list(stores), "group": dict.fromkeys(groups[sample] for sample in stores)}
    for motif_id in motif_ids:
        path = Path(folder) / file_name(motif_id)
        tables.write_table(table(found[motif_id], groups, flank), path, names=names)


def read(folder: str | Path, motif_ids: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The tables that a folder holds of these motifs, in their order."""
    paths = {motif_id: Path(folder) / file_name(motif_id) for motif_id in motif_ids}
    return {motif_id: tables.read_table(path) for motif_id, path in paths.items() if path.is_file()}


def file_name(motif_id: str) -> str:
    """The table's name: the motif's id, signs other than letters, digits and `_.-~` as %XX."""
    return quote(motif_id, safe="") + ".tsv"


def matrix(cuts: Mapping[str, np.ndarray], sites: pd.DataFrame, contigs: Sequence[str], flank: int):
    """Cuts at each position of each site, mirrored on the minus strand: (n_sites, 2 * flank + 1) uint16.

    Sites as in :func:`corrected`; for heat maps of one motif.
    """
    found = np.zeros((len(sites), 2 * flank + 1), dtype=np.uint16)
    minus = sites["minus"].to_numpy(bool)
    centre = centres(sites["start"].to_numpy(), sites["end"].to_numpy(), minus)
    for contig, rows in by_contig(sites, dict(enumerate(contigs))):
        at = cuts.get(contig, np.empty(0, np.int32))
        first = np.searchsorted(at, centre[rows] - flank, side="left")
        n = np.searchsorted(at, centre[rows] + flank, side="right") - first
        near = at[np.repeat(first - np.cumsum(n) + n, n) + np.arange(n.sum())]
        np.add.at(found, (np.repeat(rows, n), near - np.repeat(centre[rows], n) + flank), 1)
    found[minus] = found[minus][:, ::-1]
    return found


def _per_site(cuts, sites, genome, preference, flank) -> Iterator[tuple[np.ndarray, tuple]]:
    """Cuts and preference at each position of some sites; each one's scale, level, weight, if it counts."""
    weight = weights_of(sites)
    start, end = sites["start"].to_numpy(), sites["end"].to_numpy()
    minus = sites["minus"].to_numpy(bool)
    centre = centres(start, end, minus)
    x = np.arange(-flank, flank + 1)
    for contig, rows in by_contig(sites, dict(enumerate(genome.contigs.index))):
        rows = rows[np.argsort(centre[rows], kind="stable")]
        at = cuts.get(contig, np.empty(0, np.int32))
        for windows in around(at, contig, centre[rows], flank, genome, preference):
            part = rows[windows.rows]
            scale, f, trust, used = site_scale(windows, start[part], end[part], flank, weight[part])
            for low in range(0, len(part), SITES_AT_ONCE):
                some = slice(low, low + SITES_AT_ONCE)
                step = np.where(minus[part[some]], -1, 1)
                place = windows.centre[some, None] + step[:, None] * x
                of_sites = windows.cuts[place], windows.weight[place]
                yield part[some], (*of_sites, scale[some], f[some], trust[some], used[some])


def _cuts_of(cuts, sites: pd.DataFrame) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Cuts of each contig that has sites, and the rows of these."""
    if isinstance(cuts, np.ndarray | list | tuple):
        yield np.asarray(cuts), np.arange(len(sites))
        return
    number, names = pd.factorize(sites["chrom"].astype(object))
    for i, name in enumerate(names):
        at = cuts.cuts(name) if hasattr(cuts, "cuts") else cuts.get(name, np.empty(0, np.int64))
        yield np.asarray(at), np.flatnonzero(number == i)


def _mean(values: list[np.ndarray]) -> np.ndarray:
    """Mean over samples of those that have a value."""
    stacked = np.stack(values)
    seen = ~np.isnan(stacked)
    n = seen.sum(axis=0)
    return np.divide(np.where(seen, stacked, 0).sum(axis=0), n, out=np.full(n.shape, np.nan), where=n > 0)


def _quantiles(values: np.ndarray) -> np.ndarray:
    """The band of each position over resamples, NaN where a resample has none."""
    band = np.full((len(BAND), values.shape[1]), np.nan)
    whole = ~np.isnan(values).any(axis=0) & (len(values) > 0)
    if whole.any():
        band[:, whole] = np.quantile(values[:, whole], BAND, axis=0)
    return band
