"""Depth of the footprint and accessibility of the flanks, of every motif in one sample."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from workflow_lib import logs
from workflow_lib.footprints.sites import centres
from workflow_lib.footprints.tn5_bias import Preference, centred_ends
from workflow_lib.footprints.windows import Windows, around, by_contig, sums
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.genome.reference import Genome

MARGIN = 2
"""Bases beyond the motif that the centre includes: Tn5 needs room too."""
NEAR = (5, 35)
"""The near flanks, in bp from the motif's edges."""
FAR = 50
"""Width in bp of the far flanks, the outermost of the window."""
WITHOUT = 1.5
"""What stands for 1 / (1 + cuts) at a site without a cut near it. With 1, a site of v expected cuts counts
1 - exp(-v), and with this 1 - (1 - v / 2) exp(-v): within 3 % of 1 from v = 1.7 on and not only from 3.5."""
_SUMS = ("n", "all", "a", "f", "aa", "af", "ff", "near", "far", "nn", "nf", "vv", "near_weight", "far_weight")


def score(
    store: FragmentStore,
    sites: pd.DataFrame,
    motif_ids: Sequence[str],
    genome: Genome,
    preference: Preference,
    flank: int,
) -> pd.DataFrame:
    """Score every motif in one sample.

    Parameters
    ----------
    store : FragmentStore
    sites : DataFrame
        As :func:`workflow_lib.footprints.sites.select`, with contigs numbered as in `genome.contigs`. Without
        a column `weight` all sites weigh alike.
    motif_ids : sequence of str
    genome : Genome
    preference : Preference
        The sample's own, or one of the model `none`.
    flank : int
        Bases to either side of a site's centre; 100 or more.

    Returns
    -------
    DataFrame
        One row a motif: motif_id; n_sites (that have a near flank and a centre on known sequence);
        cuts_per_site (within `flank`); depth: of the corrected profile (observed minus expected over the mean
        of the observed near flanks) the mean of the near flanks minus the mean of the centre, the motif and
        `MARGIN` bp to either side; flank: log2 of the rate of cuts in the near flanks over that in the
        far ones, rates being cuts over preference; depth_se, flank_se: standard errors over sites. NaN where
        there is no site or no cut.

    Notes
    -----
    The expected cuts of a site are the preference times a factor which makes them equal to the cuts observed
    in its near flanks. So depth is 0 where cuts follow sequence and local accessibility alone, and the share
    of cuts that is kept out where the preference at the centre is that of the flanks.

    Sites weigh alike in all samples: by their `weight`, over 1 + the cuts within 250 bp (or `flank`, if that
    is more) outside near flanks and centre. Cuts there measure how open the site is in this sample and are
    independent of those that the depth is made of. For no cut at all, see `WITHOUT`.
    Were sites to weigh by their cuts, a motif whose bound sites open would seem to be bound more.
    Standard errors are those of a ratio estimator (Cochran 1977, Sampling Techniques, chapter 6): Poisson
    noise and differences between sites are both in them, differences between samples are not.

    References
    ----------
    Baek et al. 2017, Cell Reports 19:1710 (depth and flanking accessibility side by side).
    """
    totals = np.zeros((len(_SUMS), len(motif_ids)))
    weight = weights_of(sites)
    start, end = sites["start"].to_numpy(), sites["end"].to_numpy()
    motif, centre = sites["motif"].to_numpy(), centres(start, end, sites["minus"].to_numpy())
    names = dict(enumerate(genome.contigs.index))
    progress = logs.Progress(None, len(sites), "sites scored")
    for contig, rows in by_contig(sites, names):
        rows = rows[np.argsort(centre[rows], kind="stable")]
        cuts = np.sort(np.concatenate(centred_ends(store, contig)), kind="stable")
        for windows in around(cuts, contig, centre[rows], flank, genome, preference):
            part = rows[windows.rows]
            terms = _terms(windows, start[part], end[part], flank, weight[part])
            for i, values in enumerate(terms):
                totals[i] += np.bincount(motif[part], weights=values, minlength=len(motif_ids))
            progress.advance(len(part))
    return _table(dict(zip(_SUMS, totals, strict=True)), motif_ids)


def regions(start: np.ndarray, end: np.ndarray, flank: int) -> dict[str, list[tuple[np.ndarray, np.ndarray]]]:
    """Stretches of the contig that make up centre, near and far flanks, and all of each site."""
    reach = flank - (end - start) // 2
    inner = np.maximum(reach - FAR, NEAR[1])
    reach = np.maximum(reach, inner)
    return {
        "centre": [(start - MARGIN, end + MARGIN)],
        "near": [(start - NEAR[1], start - NEAR[0]), (end + NEAR[0], end + NEAR[1])],
        "far": [(start - reach, start - inner), (end + inner, end + reach)],
        "all": [(start - reach, end + reach)],
    }


class _Totals:
    """Sums over the regions of each site."""

    def __init__(self, windows: Windows, start: np.ndarray, end: np.ndarray, flank: int):
        self._running = {
            "cuts": sums(windows.cuts),
            "weight": sums(windows.weight),
            "bases": sums(windows.weight > 0),
        }
        self._regions = regions(start + windows.shift, end + windows.shift, flank)
        self.nearby = windows.nearby
        self.used = (self("bases", "near") > 0) & (self("bases", "centre") > 0)

    def __call__(self, kind: str, region: str) -> np.ndarray:
        running = self._running[kind]
        return sum(running[high] - running[low] for low, high in self._regions[region])


def site_scale(
    windows: Windows, start: np.ndarray, end: np.ndarray, flank: int, site_weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """For each site: cuts over preference in the near flanks, cuts a base there, weight, if it counts."""
    of = _Totals(windows, start, end, flank)
    near, weight, bases = (of(kind, "near") for kind in ("cuts", "weight", "bases"))
    zeros = np.zeros(len(near))
    scale = np.divide(near, weight, out=zeros.copy(), where=of.used & (weight > 0))
    level = np.divide(near, bases, out=zeros, where=of.used & (bases > 0))
    return scale, level, _trust(of, site_weight), of.used


def weights_of(sites: pd.DataFrame) -> np.ndarray:
    """Weights that sites have in all samples; 1 where the table has none."""
    return sites["weight"].to_numpy(float) if "weight" in sites else np.ones(len(sites))


def _trust(of: _Totals, site_weight: np.ndarray) -> np.ndarray:
    """Weight of each site in this sample: its common one over how open it is here.

    Regions of a long motif overlap: then nothing is left outside them, and not less.
    """
    elsewhere = np.maximum(of.nearby - of("cuts", "near") - of("cuts", "centre"), 0.0)
    return site_weight * np.where(elsewhere > 0, 1 / (1 + elsewhere), WITHOUT)


def _terms(
    windows: Windows, start: np.ndarray, end: np.ndarray, flank: int, site_weight: np.ndarray
) -> list[np.ndarray]:
    """What each site adds to its motif's sums, in the order of `_SUMS`."""
    of = _Totals(windows, start, end, flank)
    near, near_weight, near_bases = (of(kind, "near") for kind in ("cuts", "weight", "bases"))
    centre, centre_weight, centre_bases = (of(kind, "centre") for kind in ("cuts", "weight", "bases"))
    far, far_weight = (of(kind, "far") for kind in ("cuts", "weight"))
    used = of.used

    def ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
        return np.divide(above, below, out=np.zeros(len(above)), where=used & (below > 0))

    trust = _trust(of, site_weight)
    a = trust * ratio(ratio(near, near_weight) * centre_weight - centre, centre_bases)
    f = trust * ratio(near, near_bases)
    near, far = near * used, far * used
    terms = [used, of("cuts", "all") * used, a, f, a * a, a * f, f * f, near, far]
    terms += [near * near, near * far, far * far, near_weight * used, far_weight * used]
    return [term.astype(float) for term in terms]


def _table(s: dict[str, np.ndarray], motif_ids: Sequence[str]) -> pd.DataFrame:
    def ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
        return np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)

    depth = ratio(s["a"], s["f"])
    residual = np.maximum(s["aa"] - 2 * depth * s["af"] + depth**2 * s["ff"], 0.0)
    many = ratio(s["n"], s["n"] - 1)  # as a variance over sites; unknown of one
    # half a cut more on either side keeps the logarithm finite
    seen = s["near"] + s["far"] > 0
    rates = ratio(s["near"] + 0.5, s["near_weight"]), ratio(s["far"] + 0.5, s["far_weight"])
    flank = np.where(seen, np.log2(ratio(*rates)), np.nan)
    near, far = s["near"] + 0.5, s["far"] + 0.5
    spread = s["nn"] / near**2 - 2 * s["nf"] / (near * far) + s["vv"] / far**2
    return pd.DataFrame(
        {
            "motif_id": list(motif_ids),
            "n_sites": s["n"].astype(np.int64),
            "cuts_per_site": ratio(s["all"], s["n"]),
            "depth": depth,
            "flank": flank,
            "depth_se": ratio(np.sqrt(residual * many), s["f"]),
            "flank_se": np.where(seen, np.sqrt(np.maximum(spread, 0.0) * many) / np.log(2), np.nan),
        }
    )
