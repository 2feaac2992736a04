"""What a reader may ask the page for: every motif, factor, gene and peak of the run, packed to be small."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from workflow_lib import intervals
from workflow_lib.io import factor_names, hits
from workflow_lib.motifs import library as motif_library
from workflow_lib.motifs.lookup import synonyms
from workflow_lib.plots import style
from workflow_lib.plots.logos import heights
from workflow_lib.report import directions, packed
from workflow_lib.report.answer import compared
from workflow_lib.report.summary import Found
from workflow_lib.results.run import Run
from workflow_lib.stats import forms

MOST_COUNTS = 800_000  # cells of the count matrix that a page carries
MOST_SITES = 2_000_000  # pairs of peak and cluster
WAYS = ("none", "up", "down", "changed", "untested")
BITS = 127  # steps a bit of a logo's letters
DIGITS = 6
PLACED = re.compile(r"(.*):(\d+)-(\d+)")
"""Name of a peak that says where it is."""
EVIDENCE = (
    *("rank", "direction", "padj", "verdict", "agreement", "up_odds_ratio", "up_padj"),
    *("down_odds_ratio", "down_padj", "activity", "activity_padj", "chromvar_delta", "chromvar_padj"),
    *("delta_depth", "depth_padj", "delta_flank", "flank_padj", "explained_by", "conflicts"),
    *("promoter_genes", "expression_genes"),
)
"""Columns of the factor table that a card shows."""


def collect(run: Run) -> dict[str, Any]:
    """All that can be looked up, as the page's script takes it.

    Parameters
    ----------
    run : Run
        Its differential tables have the same peaks in the same order.
    """
    first = run.table("differential", run.contrasts[0])
    shown = _shown_peaks(run, len(first))
    found = {
        "ways": WAYS,
        "alpha": run.alpha,
        "peaks": _peaks(first),
        "contrasts": [_contrast(run, name) for name in run.contrasts],
        **_samples(run),
    }
    if run.has("counts"):
        found["counts"] = _counts(run, shown)
    if run.has_motifs:
        found |= _motifs(run, len(first))
    if run.has("signal"):
        found["signal"] = _signal(run, first)
    if run.has("footprint_profiles"):
        found["profiles"] = _profiles(run)
    return found


def examples(found: Sequence[Found]) -> tuple[str, ...]:
    """A factor, a gene and a region to try the search with: those that lead."""
    names: list[str] = []
    for each in found:
        if each.factors is not None and len(each.factors):
            names.append(str(each.factors["name"].iloc[0]))
            break
    for each in found:
        peaks = each.peaks.sort_values("pvalue", kind="stable")
        if len(peaks):
            if "gene_name" in peaks and peaks["gene_name"].notna().any():
                names.append(str(peaks["gene_name"].dropna().iloc[0]))
            first = str(peaks["peak"].iloc[0])
            place = intervals.parse_peak_ids([first]).iloc[0] if PLACED.fullmatch(first) else None
            names.append(
                first
                if place is None
                else intervals.region(place["chrom"], int(place["start"]), int(place["end"]))
            )
            break
    return tuple(dict.fromkeys(names))


def logos(run: Run) -> dict[str, Any] | None:
    """Letter heights of every motif's logo; None where the run has no matrices."""
    if not run.has("meme"):
        return None
    motifs = list(motif_library.read(run.path("meme")).motifs)
    drawn = [heights(motif.counts, corrected=motif.sites_known) for motif in motifs]
    letters = np.concatenate([each.T.ravel() for each in drawn]) if drawn else np.empty(0)
    return {
        "motifs": packed.data([motif.id for motif in motifs]),
        "lengths": packed.least([each.shape[1] for each in drawn]),
        "heights": packed.numbers(np.rint(np.clip(letters, 0, 2) * BITS), "u1"),
        "bits": BITS,
        "colours": style.BASES,
    }


def _peaks(table: pd.DataFrame) -> dict[str, Any]:
    """Where every peak is, or what it is called where that is not known, and its gene."""
    place = table["peak"].astype(str).str.extract(f"^{PLACED.pattern}$")
    found: dict[str, Any] = {"n": len(table)}
    if place.isna().any(axis=None):
        found["names"] = packed.data(table["peak"].astype(str).tolist())
    else:
        contig, contigs = pd.factorize(place[0])
        start, end = place[1].astype(np.int64), place[2].astype(np.int64)
        found |= {
            "contigs": contigs.astype(str).tolist(),
            "contig": packed.least(contig),
            "start": packed.least(start),
            "width": packed.least(end - start),
        }
    for column in ("gene_name", "feature"):
        if column in table and table[column].notna().any():
            code, words = pd.factorize(table[column])
            found[column] = {
                "words": packed.data([str(word) for word in words]),
                "code": packed.least(code + 1),
            }
    if "tss_distance" in table and table["tss_distance"].notna().any():
        distance = table["tss_distance"].astype(float).fillna(-(2**31)).astype(np.int64)
        found["tss_distance"] = packed.numbers(distance, "i4")
    return found


def _contrast(run: Run, name: str) -> dict[str, Any]:
    table = run.tests(name)
    code = table["direction"].map({way: i for i, way in enumerate(WAYS)}).fillna(len(WAYS) - 1)
    groups = forms.named(run.contrast(name))
    found = {
        "name": name,
        "words": compared(groups),
        "sides": directions.of_kind(groups["kind"]),
        "fold": packed.hundredths(table["log2FoldChange"]),
        "padj": packed.pvalues(table["padj"]),
        "way": packed.numbers(code, "u1"),
    }
    if run.has("factors", name):
        found["factors"] = packed.data(_evidence(run, name))
    return found


def _evidence(run: Run, name: str) -> dict[str, list]:
    """The factor table of a contrast: columns by name, a row a cluster."""
    table = run.table("factors", name)
    columns = ["cluster", *(column for column in EVIDENCE if column in table and table[column].notna().any())]
    return {column: [_value(value) for value in table[column]] for column in columns}


def _value(value) -> Any:
    """A number in a few digits, text, or None."""
    if pd.isna(value):
        return None
    if isinstance(value, str | bool | np.bool_):
        return str(value)
    return int(value) if value == int(value) else float(f"{value:.{DIGITS}g}")


def _samples(run: Run) -> dict[str, Any]:
    groups = run.samples["group"].astype(str)
    colours = style.group_colours(groups)
    order = list(dict.fromkeys(groups))
    factors = run.size_factors
    return {
        "samples": [
            {
                "name": str(sample),
                "group": order.index(group),
                "factor": None if factors is None else float(factors.get(sample, 1)),
            }
            for sample, group in groups.items()
        ],
        "groups": [{"name": group, "colour": colours[group]} for group in order],
    }


def _shown_peaks(run: Run, n: int) -> np.ndarray | None:
    """Peaks whose counts the page carries: None for all, else those with the smallest p of any contrast."""
    limit = MOST_COUNTS // max(len(run.samples), 1)
    if n <= limit:
        return None
    p = np.full(n, np.inf)
    for name in run.contrasts:
        p = np.fmin(p, run.tests(name)["pvalue"].to_numpy(dtype=float))
    return np.sort(np.argsort(p, kind="stable")[:limit])


def _counts(run: Run, shown: np.ndarray | None) -> dict[str, Any]:
    """Counts of the peaks, sample after sample."""
    counts = run.by_peak("counts")
    assert counts is not None
    table = counts[[str(name) for name in run.samples.index]].to_numpy()
    rows = table if shown is None else table[shown]
    found: dict[str, Any] = {"values": packed.least(rows.T.ravel())}
    if shown is not None:
        found |= {"rows": packed.least(shown), "n": len(shown)}
    return found


def _motifs(run: Run, n_peaks: int) -> dict[str, Any]:
    """Motifs with their clusters, names to find them by, and the peaks that have a site of each cluster."""
    library = run.table("library")
    named = library["name"].fillna(library["motif_id"]).astype(str)
    own = library["cluster"] if "cluster" in library else pd.Series(np.nan, library.index)
    code, clusters = pd.factorize(own.fillna(library["motif_id"]))
    found: dict[str, Any] = {
        "motifs": packed.data(
            {
                "id": library["motif_id"].tolist(),
                "name": named.tolist(),
                "family": [run.families.get(motif, "") for motif in library["motif_id"]],
                "cluster": code.tolist(),
                "clusters": clusters.astype(str).tolist(),
                "names": _names(run, library),
            }
        )
    }
    if run.has("matches"):
        matches = hits.read_matches(run.path("matches"))
        if matches.shape == (n_peaks, len(library)):
            found["sites"] = _sites(matches, code)
    return found


def _names(run: Run, library: pd.DataFrame) -> dict[str, dict[str, list[int]]]:
    """Folded names of motifs and factors, and aliases of factors, to places in the library."""
    place = {motif: i for i, motif in enumerate(library["motif_id"])}
    own: dict[str, set[int]] = {}

    def note(written: Iterable, motif: str) -> None:
        for name in written:
            if isinstance(name, str) and factor_names.folded(name):
                own.setdefault(factor_names.folded(name), set()).add(place[motif])

    for motif, name in zip(library["motif_id"], library["name"], strict=True):
        note((motif, motif.partition(".")[0], name), motif)
    factors = run.find("tf_motifs")
    if factors is not None:
        for row in factors.itertuples():
            if row.motif_id in place:
                note((row.tf_name, *synonyms(row)), row.motif_id)
    alias: dict[str, set[int]] = {}
    for written, symbols in factor_names.aliases().items():
        meant: set[int] = set().union(*(own.get(symbol, set()) for symbol in symbols))
        if meant and written not in own:
            alias[written] = meant
    return {
        "own": {name: sorted(places) for name, places in own.items()},
        "alias": {name: sorted(places) for name, places in alias.items()},
    }


def _sites(matches, cluster: np.ndarray) -> dict[str, Any] | None:
    """Which clusters have a site in each peak: for each cluster the peaks' places, as steps."""
    pairs = matches.tocoo()
    by_cluster = np.unique(cluster[pairs.col].astype(np.int64) * matches.shape[0] + pairs.row)
    owner, peak = np.divmod(by_cluster, matches.shape[0])
    if len(peak) > MOST_SITES:
        return None
    sizes = np.bincount(owner, minlength=int(cluster.max(initial=-1)) + 1)
    steps = np.diff(peak, prepend=0)
    begins = np.concatenate([[0], np.cumsum(sizes)[:-1]])[sizes > 0]
    steps[begins] = peak[begins]
    return {"sizes": packed.least(sizes), "steps": packed.least(steps)}


def _signal(run: Run, peaks: pd.DataFrame) -> dict[str, Any]:
    """Coverage around the peaks that the table of signal has, by group, in 255 steps of the largest."""
    table = run.table("signal")
    positions = [column for column in table.columns if column not in ("peak", "group")]
    groups = list(dict.fromkeys(table["group"].astype(str)))
    place = pd.Series(np.arange(len(peaks)), index=peaks["peak"])
    shown = list(dict.fromkeys(table["peak"]))
    values = [
        table[table["group"].astype(str) == group].set_index("peak").loc[shown, positions] for group in groups
    ]
    stacked = np.stack([each.to_numpy(float) for each in values], axis=1) if shown else np.zeros((0, 0, 0))
    unit = float(stacked.max(initial=0)) / 255 or 1.0
    return {
        "groups": groups,
        "bins": len(positions),
        "width": int(positions[1]) - int(positions[0]),
        "unit": unit,
        "peaks": packed.numbers(place[shown].to_numpy(), "u4"),
        "values": packed.numbers(np.rint(stacked / unit).ravel(), "u1"),
    }


def _profiles(run: Run) -> dict[str, Any]:
    """Corrected cuts around the sites of each motif that was profiled, by group, in thousandths."""
    groups = list(dict.fromkeys(run.samples["group"].astype(str)))
    found = {}
    for names in run.found("footprint_profiles"):
        table = run.table("footprint_profiles", **names)
        columns = [f"{group}.corrected" for group in groups]
        if set(columns) <= set(table.columns):
            scaled = np.rint(np.clip(table[columns].to_numpy(dtype=float), -30, 30) * 1000)
            values = packed.numbers(np.nan_to_num(scaled).T.ravel(), "i2")
            found[names["motif"]] = {"from": int(table["position"].iloc[0]), "n": len(table), **values}
    return found
