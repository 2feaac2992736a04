"""Experiments with known factors, made twice over by generators that share no assumption.

`scanned` plants words of 120 JASPAR motifs into random sequences, scans them once, and draws negative
binomial counts whose noise depends on the library and on GC. `drawn` draws which peaks have which motif,
relatives together, and log-normal activities of peaks with samples that go together; counts are Poisson.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.special import expit

from workflow_lib import chromvar
from workflow_lib.motifs import clusters, library, scan

CONTRAST = {"variable": "group", "experiment": "treated", "control": "control"}
EVEN = [0.25] * 4
PVALUE, WINDOW = 1e-5, 200
POOL, N_PEAKS = 12_000, 4_000
N_PLANTED = 120
CACHE = Path(tempfile.gettempdir()) / "factors"


@dataclass(frozen=True)
class World:
    """One experiment; `driver`, `companion` and `dynamic` are motif ids or None."""

    counts: pd.DataFrame
    samples: pd.DataFrame
    design: str
    sequences: dict[str, str]
    matches: sparse.csr_array
    driver: str | None = None
    companion: str | None = None
    dynamic: str | None = None


@dataclass(frozen=True)
class Peaks:
    """Peaks without counts: their sequences, and which has which motif."""

    sequences: list[str]
    matches: sparse.csc_array
    gc: np.ndarray
    candidates: np.ndarray
    """Columns of motifs that peaks have more often than by chance."""


@dataclass(frozen=True)
class Regime:
    """What treatment does, in log2, and what differs between samples besides."""

    effect: float = 0.0
    bound: float = 1.0
    """Share of the driver's peaks that respond."""
    changed: int = 0
    """Further peaks that change to either side, for no factor."""
    changed_sd: float = 1.0
    gc_slope: float = 0.0
    """How much likelier a GC-rich peak is to open, a GC-poor one to close; log odds a sd."""
    most: int = 10**9
    """Most of the driver's peaks that respond."""
    share: float | None = None
    """Share of opened peaks with the driver's motif, where `changed` is to be filled up to it."""
    varying: int = 0
    varying_sd: tuple[float, float] = (0.3, 0.6)
    companion: bool = False
    dynamic: int = 0
    """Peaks that change to either side, with a motif of their own three times as often."""


REGIMES = {
    "clear": Regime(effect=1.0, bound=0.7, changed=150),
    "hard": Regime(effect=1.0, changed=300, gc_slope=1.5, share=0.16),
    "few": Regime(effect=1.3, most=11, changed=27),
    "diffuse": Regime(effect=0.22),
    "random": Regime(effect=0.45, bound=0.6, changed=800, changed_sd=0.7),
    "hetero": Regime(effect=0.6, bound=0.7, changed=150, varying=10),
    "companion": Regime(effect=1.0, bound=0.7, changed=150, companion=True),
    "dynamic": Regime(effect=1.0, bound=0.7, dynamic=600),
    "null": Regime(),
    "null, 1 varies": Regime(varying=1),
    "null, 10 vary": Regime(varying=10),
}


@cache
def motif_library():
    """JASPAR 2024 CORE, vertebrates: 879 motifs with thresholds and clusters."""
    found = library.from_jaspar("JASPAR2024", "CORE", "vertebrates", None)
    return clusters.assign(found.calibrated(PVALUE, EVEN))


def sheet(layout: str) -> tuple[pd.DataFrame, str]:
    """Sample sheet and design of `3+3` or `3 pairs`."""
    if layout.endswith("pairs"):
        n, design = int(layout.split()[0]), "~ pair + group"
    else:
        n, design = int(layout.split("+")[0]), "~ group"
    names = [f"{group}_{i}" for group in ("control", "treated") for i in range(n)]
    table = pd.DataFrame({"group": ["control"] * n + ["treated"] * n}, index=pd.Index(names, name="sample"))
    if "pair" in design:
        table["pair"] = [f"p{i}" for i in range(n)] * 2
    return table, design


# ---- first generator: sequences, and negative binomial counts


@cache
def pool(seed: int = 1) -> Peaks:
    """Random sequences with planted words, scanned; kept on disk between runs."""
    motifs = motif_library()
    rng = np.random.default_rng([seed, 11])
    rich = rng.random(POOL) < 0.25
    gc = np.clip(np.where(rich, rng.normal(0.62, 0.06, POOL), rng.normal(0.45, 0.06, POOL)), 0.25, 0.8)
    text = _random_sequences(gc, rng)
    usable = [m for m, words in enumerate(motifs.table()["information_content"]) if 9 < words < 18]
    one_each = pd.Series([motifs.clusters[m] for m in usable], index=usable).drop_duplicates()
    planted = np.sort(rng.choice(one_each.index, N_PLANTED, replace=False))
    for m in planted:
        matrix = motifs.motifs[m].counts
        matrix = matrix / matrix.sum(axis=0)
        slope = 2 * (matrix[1:3].sum(axis=0).mean() - 0.5)  # words rich in GC stand where GC is
        odds = np.log(np.exp(rng.uniform(np.log(0.02), np.log(0.2)))) + slope * (gc - gc.mean()) / gc.std()
        for row in np.flatnonzero(rng.random(POOL) < expit(odds)):
            word = (rng.random((1, matrix.shape[1])) > matrix.cumsum(axis=0)).sum(axis=0).clip(0, 3)
            if rng.random() < 0.5:
                word = 3 - word[::-1]
            start = rng.integers(WINDOW - len(word) + 1)
            text[row, start : start + len(word)] = word
    sequences = _spelled(text)
    path = CACHE / f"pool.{seed}.{POOL}.{N_PLANTED}.npz"
    if path.exists():
        matches = sparse.csc_array(sparse.load_npz(path))
    else:
        named = {str(i): sequence for i, sequence in enumerate(sequences)}
        hits = scan.scan(named, motifs, PVALUE, EVEN, engine="index")
        where = (hits["name"].astype(int), hits["motif_id"].cat.codes)
        shape = (POOL, len(motifs))
        matches = sparse.csc_array(sparse.coo_array((np.ones(len(hits), int), where), shape=shape))
        CACHE.mkdir(exist_ok=True)
        sparse.save_npz(path, sparse.csr_array(matches))
    return Peaks(sequences, matches, chromvar.gc_content(sequences), planted)


def _random_sequences(gc: np.ndarray, rng) -> np.ndarray:
    strong = rng.random((len(gc), WINDOW)) < gc[:, None]
    return np.where(strong, rng.integers(1, 3, strong.shape), 3 * rng.integers(0, 2, strong.shape))


def _spelled(text: np.ndarray) -> list[str]:
    return ["".join(row) for row in np.array(list("ACGT"))[text]]


def scanned(regime: Regime, layout: str, seed: int) -> World:
    """Negative binomial counts; libraries differ in depth, GC slope, background and dispersion."""
    rng = np.random.default_rng([seed, 1])
    whole = pool()
    rows = np.sort(rng.choice(POOL, N_PEAKS, replace=False))
    peaks = Peaks([whole.sequences[i] for i in rows], whole.matches[rows], whole.gc[rows], whole.candidates)
    samples, design = sheet(layout)
    strength = np.exp(rng.normal(np.log(70), 0.9, N_PEAKS) + 0.3 * _unit(peaks.gc))
    planned = plan(regime, peaks, samples, rng)
    n = len(samples)
    depth = np.exp(rng.normal(0, 0.25, n))
    slopes = rng.normal(0, 0.12, n)
    curve = rng.normal(0, 0.03, n)
    z = _unit(peaks.gc)
    bias = np.exp2(z[:, None] * slopes + (z**2)[:, None] * curve)
    mean = strength[:, None] * depth * bias * np.exp2(planned.log2) + 5 * depth * rng.uniform(0.5, 1.5, n)
    noise = (0.02 + 1.5 / mean.mean(axis=1)) * rng.chisquare(8, N_PEAKS) / 8
    dispersion = noise[:, None] * np.exp(rng.normal(0, 0.4, n)) * np.exp(0.15 * z)[:, None]
    values = rng.poisson(mean * rng.gamma(1 / dispersion, dispersion))
    return _world(values, samples, design, peaks, planned)


# ---- second generator: motifs without sequences, and log-normal activities


def drawn(regime: Regime, layout: str, seed: int) -> World:
    """Log-normal activities of peaks; samples share domains and programmes; motifs drawn, not scanned."""
    rng = np.random.default_rng([seed, 2])
    motifs = motif_library()
    gc = np.clip(rng.beta(9, 10, N_PEAKS), 0.2, 0.85)
    sequences = _spelled(_random_sequences(gc, rng))
    gc = chromvar.gc_content(sequences)
    z = _unit(gc)
    level = rng.gamma(1.2, 60, N_PEAKS) + 8
    groups = pd.Series(motifs.clusters)
    columns: list[np.ndarray] = [np.empty(0, int)] * len(motifs)
    frequent = []
    for members in groups.groupby(groups, sort=False).groups.values():
        often = np.exp(rng.uniform(np.log(0.004), np.log(0.12)))
        slope = rng.normal(0, 0.5)
        odds = np.log(often / (1 - often)) + slope * z + rng.normal(0, 0.15) * _unit(np.log(level))
        site = rng.random(N_PEAKS) < expit(odds)
        for m in members:
            # relatives share most sites, and each has some that only its own matrix takes for a site
            own = site & (rng.random(N_PEAKS) < rng.uniform(0.5, 0.95))
            own |= rng.random(N_PEAKS) < expit(odds + np.log(rng.uniform(0.05, 0.3)))
            columns[m] = np.flatnonzero(own)
        if 0.03 < site.mean() < 0.15:
            frequent.append(members[int(rng.integers(len(members)))])
    indptr = np.concatenate([[0], np.cumsum([len(c) for c in columns])])
    found = np.concatenate(columns)
    matches = sparse.csc_array((np.ones(len(found), int), found, indptr), shape=(N_PEAKS, len(motifs)))
    peaks = Peaks(sequences, matches, gc, np.array(frequent))
    samples, design = sheet(layout)
    planned = plan(regime, peaks, samples, rng)
    n = len(samples)
    tone = rng.normal(0, 0.12, (N_PEAKS, 3)) @ rng.normal(0, 1, (3, n))  # programmes of no motif
    domain = np.repeat(rng.normal(0, 0.1, (N_PEAKS // 20, n)), 20, axis=0)
    quality = rng.uniform(0.75, 1.1, n)  # signal over background: a slope in log level
    log2 = quality * np.log2(level)[:, None] + planned.log2 + tone + domain
    log2 += z[:, None] * rng.normal(0, 0.1, n) + rng.normal(0, 1, (N_PEAKS, n)) * rng.uniform(0.18, 0.35, n)
    mean = np.exp2(log2)
    mean *= 70 * rng.uniform(0.6, 1.6, n) / mean.mean(axis=0)
    return _world(rng.poisson(mean), samples, design, peaks, planned)


# ---- what both share: which peaks change in which sample


@dataclass(frozen=True)
class Plan:
    """log2 change of every peak in every sample, and who made it."""

    log2: np.ndarray
    matches: sparse.csc_array
    named: dict[str, int] = field(default_factory=dict)


def plan(regime: Regime, peaks: Peaks, samples: pd.DataFrame, rng) -> Plan:
    """Who drives what, in which sample."""
    n_peaks = len(peaks.gc)
    treated = (samples["group"] == "treated").to_numpy(float)
    fold, used = np.zeros(n_peaks), np.zeros(n_peaks, bool)
    frequency = np.diff(peaks.matches.indptr) / n_peaks
    usable = rng.permutation(peaks.candidates[(frequency > 0.03)[peaks.candidates]])
    driver, *others = usable
    named, matches = {}, peaks.matches
    z = _unit(peaks.gc)
    if regime.effect:
        named["driver"] = int(driver)
        sites = matches[:, [driver]].nonzero()[0]
        if regime.share is None:
            responds = rng.permutation(sites)[: min(regime.most, round(regime.bound * len(sites)))]
        else:
            n_up = regime.changed // 2
            wanted = min(round(n_up * regime.share / (1 - regime.share)), len(sites))
            order = np.exp(regime.gc_slope * z[sites])
            responds = rng.choice(sites, wanted, replace=False, p=order / order.sum())
        fold[responds] += np.abs(rng.normal(regime.effect, 0.3 * regime.effect, len(responds)))
        used[responds] = True
        if regime.share is not None:
            used[sites] = True  # the share is exact
    for way in (1, -1):
        free = np.flatnonzero(~used)
        odds = np.exp(way * regime.gc_slope * z[free])
        chosen = rng.choice(free, regime.changed // 2, replace=False, p=odds / odds.sum())
        size = np.abs(rng.normal(0, regime.changed_sd, len(chosen)))
        if regime.changed_sd == 1.0:
            size = rng.uniform(0.6, 1.6, len(chosen))
        fold[chosen] += way * size
        used[chosen] = True
    if regime.companion:
        m = int(others[1])
        named["companion"] = m
        sites = matches[:, [int(driver)]].nonzero()[0]
        both = sites[rng.random(len(sites)) < 0.5]
        elsewhere = rng.choice(n_peaks, len(sites), replace=False)
        matches = _with_column(matches, m, np.union1d(both, elsewhere))
    if regime.dynamic:
        m = int(others[2])
        named["dynamic"] = m
        sites = matches[:, [m]].nonzero()[0]
        odds = np.ones(n_peaks)
        odds[sites] = 3.0
        odds[used] = 0.0
        chosen = rng.choice(n_peaks, regime.dynamic, replace=False, p=odds / odds.sum())
        fold[chosen] += rng.choice([-1, 1], len(chosen)) * rng.uniform(0.6, 1.6, len(chosen))
    log2 = fold[:, None] * treated
    for m in others[3 : 3 + regime.varying]:
        sites = matches[:, [int(m)]].nonzero()[0]
        log2[sites] += rng.normal(0, rng.uniform(*regime.varying_sd), len(treated))
    return Plan(log2, matches, named)


def _with_column(matches: sparse.csc_array, column: int, rows: np.ndarray) -> sparse.csc_array:
    made = sparse.lil_array(matches)
    made[:, [column]] = 0
    made[rows, column] = 1
    return sparse.csc_array(made)


def _world(values, samples, design, peaks: Peaks, planned: Plan) -> World:
    names = pd.Index([f"chr1:{600 * i}-{600 * i + 501}" for i in range(len(values))], name="peak")
    ids = motif_library().ids
    return World(
        pd.DataFrame(values, index=names, columns=samples.index),
        samples,
        design,
        dict(zip(names, peaks.sequences, strict=True)),
        sparse.csr_array(planned.matches),
        **{role: ids[m] for role, m in planned.named.items()},
    )


def _unit(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / values.std()


GENERATORS: dict[str, Callable[[Regime, str, int], World]] = {"scanned": scanned, "drawn": drawn}
