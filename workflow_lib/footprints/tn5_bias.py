"""The preference of Tn5 for some sequences: estimated in each sample, and its weight at every base.

A transposition event copies 9 bp and reads both half-sites, so its preference is its own reverse complement.
It reaches some ten bases to either side of the cut (the event's central base). Four 6-mers cover these: two
meet at the cut, and each shares its outer base with the next, [-10, -5], [-5, 0], [0, 5], [5, 10]. Those on
the right are the mirror images of those on the left, which leaves two tables of 4,096.
"""

import logging
from collections.abc import Iterator

import numpy as np
import pandas as pd

from workflow_lib.fragments.store import FragmentStore
from workflow_lib.genome.reference import Genome

log = logging.getLogger("atacdiff")

K = 6
REACH = 10
OFFSETS = (-10, -5)
"""First base of the two k-mers left of the cut, from the cut."""
MODELS = ("kmer", "pwm", "none")
STRENGTH = 20.0
"""Expected cuts that the position weights are worth as a prior of a k-mer."""
BLOCK = 1_000_000
LOCAL = 100
"""Bases to either side over which the local rate of cuts is taken."""
ENOUGH = 3_000_000
LEAST = 100_000
"""Cuts outside peaks that make up the estimate, if there are as many, and below which peaks are taken too."""
EVERY_BASE = 200_000_000
STEP = 7
"""Bases of a genome up to which every base tells what k-mers to expect, else every so manieth."""
TOO_DENSE = 100.0
"""Times the mean rate above which a place is a collapsed repeat and left out."""

_WINDOWS = (-10, -5, 0, 5)
_N = 4**K
_CODE = np.full(256, 4, dtype=np.uint8)
_CODE[[ord(base) for base in "ACGT"]] = range(4)
KMERS = np.array(["".join("ACGT"[(i >> 2 * (K - 1 - j)) & 3] for j in range(K)) for i in range(_N)])


def encode(sequence: str) -> np.ndarray:
    """Codes 0 to 3 of A, C, G, T and 4 of all else; (length,) uint8."""
    return _CODE[np.frombuffer(sequence.encode("ascii", "replace"), dtype=np.uint8)]


def kmer_numbers(codes: np.ndarray) -> np.ndarray:
    """Number of the k-mer that starts at each base, 4096 where it has an unknown base or does not fit.

    Parameters
    ----------
    codes : (length,) uint8 array

    Returns
    -------
    (length,) int32 array
    """
    number = np.full(len(codes), _N, dtype=np.int32)
    n = len(codes) - K + 1
    if n > 0:
        pair = ((codes[:-1] & 3) << 2 | codes[1:] & 3).astype(np.int16)
        np.bitwise_or(pair[:n] << 8, pair[2 : n + 2] << 4, out=number[:n])
        number[:n] |= pair[4 : n + 4]
        unknown = codes > 3
        if unknown.any():
            before = np.pad(np.cumsum(unknown, dtype=np.int32), (1, 0))
            number[:n][before[K:] > before[:-K]] = _N
    return number


def _reverse_complements() -> np.ndarray:
    number, left = np.zeros(_N, dtype=np.int64), np.arange(_N)
    for _ in range(K):
        number, left = 4 * number + 3 - (left & 3), left >> 2
    return number


REVERSE_COMPLEMENT = _reverse_complements()


def centred_ends(store: FragmentStore, contig: str) -> tuple[np.ndarray, np.ndarray]:
    """Cuts of plus and of minus reads on a contig, sorted, both at the central base of their events.

    After +4/-5 the minus reads' cuts lie one base too far left; that base is given back here.
    """
    plus, minus = _centred(store, contig, *store.ends(contig))
    return np.sort(plus, kind="stable"), np.sort(minus, kind="stable")


def _centred(store: FragmentStore, contig: str, plus: np.ndarray, minus: np.ndarray) -> tuple:
    if store.tn5_shift == (4, -5) and len(minus):
        minus = np.minimum(minus + 1, store.contigs[contig] - 1)
    return plus, minus


def estimate(
    store: FragmentStore,
    genome: Genome,
    peaks: pd.DataFrame,
    contigs: list[str],
    outside: bool | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Count the k-mers around a sample's cuts, and those expected if sequence played no role.

    Parameters
    ----------
    store : FragmentStore
    genome : Genome
    peaks : DataFrame
        chrom, start, end of what may be left out.
    contigs : list of str
        Nuclear contigs.
    outside : bool, optional
        Whether peaks are left out. It must be the same for all samples that are compared, see
        :func:`outside_peaks`; by default they are, while `LEAST` cuts lie elsewhere.

    Returns
    -------
    bias : (8192, 5) DataFrame
        offset (of the k-mer's first base from the cut; on the right of the cut the reverse complement stands
        for it), kmer, n_observed, n_expected (scaled to the same total), log2_bias (see :func:`log2_bias`).
    logos : (42, 6) DataFrame
        strand (of the reads), position (-10 to 10, along the genome), A, C, G, T: log2 of observed over
        expected shares. The strands must mirror each other, else the shift is wrong.

    Notes
    -----
    Expected are the k-mers around every base, weighted by the rate of cuts within `LOCAL` bp: neither
    coverage nor GC content that changes over longer distances counts as preference. Blocks of the genome are
    taken evenly until `ENOUGH` cuts are seen. The expectation of a genome above `EVERY_BASE` is that of every
    `STEP`-th base of these.
    """
    known = [name for name in contigs if name in genome.contigs.index and name in store.contigs]
    left_out = peaks.iloc[:0] if outside is False else peaks
    observed, expected = _count(store, genome, left_out, known)
    if outside is None and observed.sum() < LEAST * len(_WINDOWS) and len(peaks):
        log.info("%d cuts outside peaks are too few: those in peaks count too", observed[:, 0].sum())
        observed, expected = _count(store, genome, peaks.iloc[:0], known)
    both = observed.sum(axis=0)
    tables = []
    for i, offset in enumerate(OFFSETS):
        mirror = len(_WINDOWS) - 1 - i
        seen = both[i] + both[mirror][REVERSE_COMPLEMENT]
        thought = expected[i] + expected[mirror][REVERSE_COMPLEMENT]
        thought = thought * (seen.sum() / thought.sum() if thought.sum() else 0.0)
        tables.append(
            pd.DataFrame(
                {
                    "offset": offset,
                    "kmer": KMERS,
                    "n_observed": seen.astype(np.int64),
                    "n_expected": thought,
                    "log2_bias": log2_bias(seen, thought),
                }
            )
        )
    return pd.concat(tables, ignore_index=True), _logos(observed, expected)


def outside_peaks(quality: pd.DataFrame) -> bool:
    """Whether every sample has `LEAST` cuts outside peaks, so that the preference is taken there in all.

    Where samples of one group had it from outside and those of another from everywhere, 18 % of motifs
    without a footprint had p < 0.05.

    Parameters
    ----------
    quality : DataFrame
        n_fragments, frip, and nfr_ratio, which single reads lack: of all samples.
    """
    ends = np.where(quality["nfr_ratio"].notna(), 2, 1)
    cuts = ends * quality["n_fragments"] * (1 - quality["frip"].fillna(0.0))
    return bool((cuts >= LEAST).all())


def log2_bias(observed: np.ndarray, expected: np.ndarray, model: str = "kmer") -> np.ndarray:
    """Log2 preference for each k-mer, finite for those never seen.

    Parameters
    ----------
    observed, expected : (4096,) arrays
        With the same total.
    model : {"kmer", "pwm", "none"}
        `pwm`: the product of the ratios of the single positions. `kmer`: observed over expected, both with
        `STRENGTH` expected cuts of the former added. `none`: 0.

    Returns
    -------
    (4096,) array
    """
    if model not in MODELS:
        raise ValueError(f"model must be one of {', '.join(MODELS)}, not {model!r}")
    if model == "none":
        return np.zeros(_N)
    product = np.ones((4,) * K)
    for j in range(K):
        shape = [1] * K
        shape[j] = 4
        product = product * _ratio(observed, expected, j).reshape(shape)
    product = product.ravel()
    if model == "pwm":
        return np.log2(product)
    return np.log2((observed + STRENGTH * product) / (expected + STRENGTH))


class Preference:
    """Weight of every base of a sequence as the place of a cut, up to a factor.

    Parameters
    ----------
    bias : DataFrame
        One sample's, of :func:`estimate`; not needed for the model `none`.
    model : {"kmer", "pwm", "none"}

    Notes
    -----
    The weight is the product of the four k-mers' ratios over those of the three bases that two of them
    share: exact if, given the shared base, the two k-mers are independent around cuts and in the genome. On
    the other strand it is the same by construction.
    """

    def __init__(self, bias: pd.DataFrame | None, model: str):
        self.model = model
        self._tables: list[np.ndarray] = []
        if model == "none" or bias is None:
            if model != "none":
                raise ValueError(f"the model {model!r} needs counts of k-mers")
            return
        outer, inner = (
            [
                bias.loc[bias["offset"] == offset, name].to_numpy(float)
                for name in ("n_observed", "n_expected")
            ]
            for offset in OFFSETS
        )
        middle = _ratio(inner[0], inner[1], K - 1)
        middle = np.sqrt(middle * middle[::-1])  # palindromic
        shared = np.log2(_ratio(inner[0], inner[1], 0))[:, None] + np.log2(middle)[None, :] / 2
        first, last = np.arange(_N) >> 2 * (K - 1), np.arange(_N) & 3
        left = [
            log2_bias(outer[0], outer[1], model),
            log2_bias(inner[0], inner[1], model) - shared[first, last],
        ]
        right = [table[REVERSE_COMPLEMENT] for table in reversed(left)]
        self._tables = [np.append(table, -np.inf).astype(np.float32) for table in left + right]

    def weights(self, codes: np.ndarray) -> np.ndarray:
        """Weight of each base; 0 where it is unknown, that is within `REACH` of an unknown base or an end.

        Parameters
        ----------
        codes : (length,) uint8 array

        Returns
        -------
        (length,) float32 array
        """
        if self.model == "none":
            return (codes < 4).astype(np.float32)
        log2 = np.full(len(codes), -np.inf, dtype=np.float32)
        n = len(codes) - 2 * REACH
        if n > 0:
            number = kmer_numbers(codes)
            total = np.zeros(n, dtype=np.float32)
            for offset, table in zip(_WINDOWS, self._tables, strict=True):
                total += table[number[REACH + offset : REACH + offset + n]]
            log2[REACH:-REACH] = total
        return np.exp2(log2)


def _ratio(observed: np.ndarray, expected: np.ndarray, position: int) -> np.ndarray:
    """Observed over expected share of each base at one position of the k-mers, one pseudocount each."""
    others = tuple(j for j in range(K) if j != position)
    seen, thought = (counts.reshape((4,) * K).sum(axis=others) + 1.0 for counts in (observed, expected))
    return (seen / seen.sum()) / (thought / thought.sum())


def _logos(observed: np.ndarray, expected: np.ndarray) -> pd.DataFrame:
    rows = []
    for strand, counts in zip("+-", observed, strict=True):
        for position in range(-REACH, REACH + 1):
            window = min((position + REACH) // (K - 1), len(_WINDOWS) - 1)
            ratio = _ratio(counts[window], expected[window], position - _WINDOWS[window])
            rows.append((strand, position, *np.log2(ratio)))
    return pd.DataFrame(rows, columns=["strand", "position", *"ACGT"])


def _count(store, genome, peaks, contigs) -> tuple[np.ndarray, np.ndarray]:
    """Observed (2 strands, 4 windows, 4096) and expected (4 windows, 4096) numbers of k-mers."""
    observed, expected = np.zeros((2, len(_WINDOWS), _N)), np.zeros((len(_WINDOWS), _N))
    length = sum(int(genome.contigs[name]) for name in contigs)
    dense = TOO_DENSE * store.n_cuts(contigs) / max(length, 1)
    step = 1 if length <= EVERY_BASE else STEP
    margin = LOCAL + REACH
    for contig, start, excluded in _blocks(genome, peaks, contigs):
        window = pd.DataFrame({"chrom": [contig], "start": [start - margin], "end": [start + BLOCK + margin]})
        number = kmer_numbers(fetch_padded(genome, window)[0])
        cuts = [each - (start - margin) for each in _ends_within(store, contig, window)]
        rates = _LocalRate(cuts, _allowed(excluded, start - margin, len(number)))
        thought = rates.every(step, margin)
        thought[thought > dense] = 0.0
        inner = [each[(each >= margin) & (each < margin + BLOCK)] for each in cuts]
        inner = [each[rates.allowed[each] & (rates.at(each) <= dense)] for each in inner]
        for i, offset in enumerate(_WINDOWS):
            around = number[margin + offset : margin + offset + BLOCK : step]
            expected[i] += np.bincount(around, weights=thought, minlength=_N + 1)[:_N]
            for strand, each in enumerate(inner):
                observed[strand, i] += np.bincount(number[each + offset], minlength=_N + 1)[:_N]
        if observed[:, 0].sum() >= ENOUGH:
            break
    return observed, expected


def _blocks(genome: Genome, peaks: pd.DataFrame, contigs: list[str]) -> Iterator[tuple]:
    """Blocks of the genome in an order that spreads them, the same for all samples: contig, start, peaks."""
    places = [(name, start) for name in contigs for start in range(0, int(genome.contigs[name]), BLOCK)]
    order = np.argsort((np.arange(len(places)) * 0.6180339887498949) % 1, kind="stable")
    of_contig = dict(iter(peaks.groupby("chrom", observed=True)))
    for i in order:
        contig, start = places[i]
        here = of_contig.get(contig, peaks.iloc[:0])
        near = (here["end"] > start - LOCAL - REACH) & (here["start"] < start + BLOCK + LOCAL + REACH)
        yield contig, start, here[near]


def _ends_within(store: FragmentStore, contig: str, window: pd.DataFrame) -> list[np.ndarray]:
    """Cuts of plus and of minus reads in a window, centred as of :func:`centred_ends`, in no order."""
    start, end = int(window["start"].iloc[0]), int(window["end"].iloc[0])
    plus, minus = store.ends(contig, (start, end))
    return [each[(each >= start) & (each < end)] for each in _centred(store, contig, plus, minus)]


def fetch_padded(genome: Genome, windows: pd.DataFrame) -> list[np.ndarray]:
    """Codes of windows that may reach beyond their contigs, where all bases are unknown."""
    length = windows["chrom"].map(genome.contigs).to_numpy()
    start, end = windows["start"].to_numpy(), windows["end"].to_numpy()
    inner_start, inner_end = np.clip(start, 0, length), np.clip(end, 0, length)
    inner_end = np.maximum(inner_end, inner_start)
    sequences = genome.fetch(windows.assign(start=inner_start, end=inner_end))
    padded = []
    for sequence, before, after in zip(sequences, inner_start - start, end - inner_end, strict=True):
        padded.append(np.pad(encode(sequence), (int(before), int(after)), constant_values=4))
    return padded


def _allowed(excluded: pd.DataFrame, start: int, n: int) -> np.ndarray:
    edges = np.zeros(n + 1, dtype=np.int32)
    for side, step in (("start", 1), ("end", -1)):
        np.add.at(edges, np.clip(excluded[side].to_numpy(np.int64) - start, 0, n), step)
    return np.cumsum(edges[:-1]) == 0


class _LocalRate:
    """Mean number of cuts of the allowed bases within `LOCAL` of a base."""

    def __init__(self, cuts: list[np.ndarray], allowed: np.ndarray):
        self.allowed = allowed
        both = np.concatenate(cuts)
        n_cuts = np.bincount(both[allowed[both]], minlength=len(allowed))
        # running sums, the first and the last repeated where the stretch would reach over the end
        running = [np.pad(np.cumsum(values), (1, 0)) for values in (n_cuts, allowed)]
        self._total, self._bases = (np.pad(each, LOCAL, mode="edge") for each in running)

    def at(self, places: np.ndarray) -> np.ndarray:
        """Of these bases."""
        return self._mean(places, places + 2 * LOCAL + 1)

    def every(self, step: int, margin: int) -> np.ndarray:
        """Of every so manieth base of the block within the margins, 0 where it is not allowed."""
        first, last = (slice(margin + i, margin + i + BLOCK, step) for i in (0, 2 * LOCAL + 1))
        return np.where(self.allowed[first], self._mean(first, last), 0.0)

    def _mean(self, first, last) -> np.ndarray:
        total, near = (each[last] - each[first] for each in (self._total, self._bases))
        return np.divide(total, near, out=np.zeros(len(near)), where=near > 0)
