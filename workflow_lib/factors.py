"""One table of evidence for each group of like motifs: which transcription factors changed."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workflow_lib import factor_genes
from workflow_lib.combination import SMALLEST, cauchy, either, one_sided
from workflow_lib.io import tables
from workflow_lib.multiple_testing import bh

WEIGHTS = {"enrichment": 1.0, "chromvar": 1.0, "depth": 0.5}
"""Weights of the lines of evidence that count; flanks follow accessibility, whatever moves it."""

LINES = {
    "enrichment": ("up_odds_ratio", "up_log2", "down_odds_ratio", "down_log2"),
    "chromvar": ("chromvar_delta",),
    "depth": ("delta_depth",),
    "flank": ("delta_flank",),
}
"""Effects of each line of evidence, as columns of the result."""


@dataclass(frozen=True)
class Sides:
    """log10 of one-sided p-values: that activity rises from control to experiment, and that it falls."""

    rises: np.ndarray
    falls: np.ndarray

    def combined(self, over: np.ndarray) -> "Sides":
        """Cauchy combination over rows of `over`, (most, n) row numbers, -1 for none."""
        missing = over < 0

        def gathered(values):
            found = values[over] if len(values) else np.full(over.shape, np.nan)
            return cauchy(np.where(missing, np.nan, found))

        return Sides(gathered(self.rises), gathered(self.falls))


def rank(
    library: pd.DataFrame,
    up: pd.DataFrame,
    down: pd.DataFrame,
    deviations: pd.DataFrame,
    *,
    footprints: pd.DataFrame | None = None,
    promoters: pd.DataFrame | None = None,
    expressed: pd.DataFrame | None = None,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Evidence that a factor's activity changed, a row a motif cluster, the strongest first.

    Parameters
    ----------
    library : DataFrame
        motif_id, name, tf_names (split by `;`) and, if known, cluster and reaches_pvalue.
    up, down : DataFrame
        Enrichment in peaks more and less open: motif_id, log10_pvalue, odds_ratio, log2_enrichment.
    deviations : DataFrame
        chromVAR of the contrast: motif_id, delta and joint_pvalue, or pvalue in tables without it.
    footprints : DataFrame, optional
        motif_id, delta_depth, pvalue, delta_flank, flank_pvalue.
    promoters, expressed : DataFrame, optional
        gene_name, log2FC, pvalue, padj: of :mod:`workflow_lib.factor_genes`.
    alpha : float
        For `direction`, `agreement` and `conflicts`.

    Returns
    -------
    DataFrame
        rank
        cluster : id of its central motif
        representative, name : the member with the smallest p. Effects are its own; where it was not tested
        or goes against its cluster, those of the member with the smallest p in that line of evidence
        members, n_members, tf_names
        direction : of activity: up, down, none or untested
        side : the direction to which evidence leans, significant or not
        up_odds_ratio, up_log2, up_padj, and the same for down : enrichment
        chromvar_delta, chromvar_padj, delta_depth, depth_padj, delta_flank, flank_padj
        promoter_gene, promoter_log2FC, promoter_padj, promoter_genes, and the same for expression : the gene
        of the cluster's factors that changed most, an adjusted p for all of them, and all in words
        pvalue, log10_pvalue, padj : combined; never 0
        agreement : lines of evidence that are significant on the side of `direction`, of those tested
        conflicts : in words, or None
        reaches_pvalue : of the representative

        p-values of single lines are those of the cluster, adjusted (BH) over clusters.

    Notes
    -----
    For each line of evidence and each side (activity rises; falls) the p-values of the cluster's members are
    combined, then those of the lines with weights 1 (enrichment), 1 (chromVAR) and 1/2 (footprint depth),
    both by :func:`workflow_lib.combination.cauchy`; lines that were not tested take no part. The p is twice
    the smaller of both sides: lines that point to opposite sides do not add up. Enrichment in up peaks
    speaks for a rise, in down peaks for a fall; other tests are split by the sign of their effect.

    Null: the cluster's motifs have nothing to do with what changed. Enrichment and chromVAR rest on the same
    hits and counts, so p-values depend on each other: see `cauchy`. Flanks are shown, not combined: their
    test asks whether the sites' surroundings opened, and not whether more than those of other peaks. Nor are
    the factor's own promoter and expression: they say which member of a family to look at, not that its sites
    changed.

    The representative is chosen by its p, so its effects are on the large side; p-values are not affected.
    """
    motifs = library["motif_id"].to_numpy(object)
    given = {"up": up, "down": down, "deviations": deviations, "footprints": footprints}
    found = {
        name: table.set_index("motif_id").reindex(motifs)
        for name, table in given.items()
        if table is not None
    }
    lines = _lines(found)
    grouping = _members(library)
    clusters = {name: sides.combined(grouping) for name, sides in lines.items()}
    whole, single = _weighted(clusters), _weighted(lines)
    rises = np.nan_to_num(whole.rises, nan=np.inf) <= np.nan_to_num(whole.falls, nan=np.inf)
    lead = _lead(grouping, np.where(rises, _padded(single.rises, grouping), _padded(single.falls, grouping)))

    table = _named(library, grouping, lead)
    log10p = either(whole.rises, whole.falls)
    padj = _adjusted(log10p)
    side = np.array(["down", "up"], object)[rises.astype(int)]
    untested = np.isnan(log10p)
    table["direction"] = np.where(
        untested, "untested", np.where(np.nan_to_num(padj, nan=1.0) < alpha, side, "none")
    )
    table["side"] = pd.Series(side).where(~untested, None)
    calls = _evidence(table, clusters, _effects(found, lines, clusters, grouping, lead), alpha)
    for prefix, genes in (("promoter", promoters), ("expression", expressed)):
        factor_genes.add(table, prefix, genes)
    table = table.assign(
        pvalue=np.maximum(10.0**log10p, SMALLEST),
        log10_pvalue=log10p,
        padj=padj,
        **_words(table, calls, alpha),
    )
    if "reaches_pvalue" in library:
        table["reaches_pvalue"] = library["reaches_pvalue"].to_numpy()[lead]
    table.insert(0, "rank", pd.Series(log10p).rank(method="min").astype("Int64"))
    order = np.lexsort([np.arange(len(table)), np.nan_to_num(log10p, nan=np.inf)])
    return table.iloc[order].reset_index(drop=True)


def read(path) -> pd.DataFrame:
    """Read what :func:`rank` found; ids are text, even where all look like numbers."""
    return tables.read_table(path, dtype={"cluster": str, "representative": str})


def _lines(found: Mapping[str, pd.DataFrame]) -> dict[str, Sides]:
    """One-sided log10 p-values of every motif for each line of evidence."""
    up, down = (found[way]["log10_pvalue"].to_numpy(float) for way in ("up", "down"))
    moved = found["deviations"]
    # the plain t-test would call any motif in a few changed peaks
    p = moved["joint_pvalue" if "joint_pvalue" in moved else "pvalue"]
    lines = {"enrichment": Sides(up, down), "chromvar": Sides(*one_sided(p, moved["delta"]))}
    if "footprints" in found:
        table = found["footprints"]
        lines["depth"] = Sides(*one_sided(table["pvalue"], table["delta_depth"]))
        lines["flank"] = Sides(*one_sided(table["flank_pvalue"], table["delta_flank"]))
    return lines


def _effects(
    found: Mapping[str, pd.DataFrame],
    lines: Mapping[str, Sides],
    clusters: Mapping[str, Sides],
    grouping: np.ndarray,
    lead: np.ndarray,
) -> dict[str, np.ndarray]:
    """Effects of the representatives, or of members that go with their cluster; NaN without evidence."""
    effects = {name: np.full(len(lead), np.nan) for names in LINES.values() for name in names}
    for way in ("up", "down"):
        for short, name in (("odds_ratio", "odds_ratio"), ("log2", "log2_enrichment")):
            effects[f"{way}_{short}"] = found[way][name].to_numpy(float)[lead]
    for line, column in (("chromvar", "delta"), ("depth", "delta_depth"), ("flank", "delta_flank")):
        if line not in lines:
            continue
        values = found["deviations" if line == "chromvar" else "footprints"][column].to_numpy(float)
        higher = clusters[line].rises < clusters[line].falls
        sides = [_padded(each, grouping) for each in (lines[line].rises, lines[line].falls)]
        clearest = values[_lead(grouping, np.where(higher, *sides))]
        own = values[lead]
        agrees = np.where(higher, own > 0, own < 0) & ~np.isnan(lines[line].rises[lead])
        effects[LINES[line][0]] = np.where(agrees, own, clearest)
    return effects


def _members(library: pd.DataFrame) -> np.ndarray:
    """(most, n_clusters) rows of the library in each cluster, -1 for none; clusters by their first motif."""
    own = library["motif_id"]
    group, _ = pd.factorize(library["cluster"].fillna(own) if "cluster" in library else own)
    n = int(group.max(initial=-1)) + 1
    place = pd.Series(group).groupby(group).cumcount().to_numpy(dtype=np.int64)
    rows = np.full((int(place.max(initial=-1)) + 1, n), -1)
    rows[place, group] = np.arange(len(library))
    return rows


def _padded(values: np.ndarray, grouping: np.ndarray) -> np.ndarray:
    """Values of the members of each cluster, NaN for none."""
    return (
        np.where(grouping < 0, np.nan, values[grouping]) if len(values) else np.full(grouping.shape, np.nan)
    )


def _weighted(lines: Mapping[str, Sides]) -> Sides:
    """All lines of evidence together, for each side."""
    counted = {name: sides for name, sides in lines.items() if name in WEIGHTS}
    weights = np.array([WEIGHTS[name] for name in counted])
    stacked = (np.stack([getattr(sides, way) for sides in counted.values()]) for way in ("rises", "falls"))
    return Sides(*(cauchy(values, weights) for values in stacked))


def _lead(grouping: np.ndarray, log10p: np.ndarray) -> np.ndarray:
    """Row of each cluster's member with the smallest p; without any, its first."""
    best = np.argmin(np.where(np.isnan(log10p), np.inf, log10p), axis=0) if grouping.size else []
    return grouping[best, np.arange(grouping.shape[1])]


def _named(library: pd.DataFrame, grouping: np.ndarray, lead: np.ndarray) -> pd.DataFrame:
    """What the clusters are called and who is in them."""
    names = library["name"].fillna(library["motif_id"]).astype(str).to_numpy(object)
    factors = library["tf_names"].fillna("").astype(str).str.split(";") if "tf_names" in library else None
    rows = [column[column >= 0] for column in grouping.T]
    central = library["cluster"].fillna(library["motif_id"]) if "cluster" in library else library["motif_id"]
    together = [
        [] if factors is None else dict.fromkeys(tf for i in members for tf in factors.iloc[i] if tf)
        for members in rows
    ]
    return pd.DataFrame(
        {
            "cluster": [central.iloc[members[0]] for members in rows],
            "representative": library["motif_id"].to_numpy(object)[lead],
            "name": names[lead],
            "members": [", ".join(dict.fromkeys(names[members])) for members in rows],
            "n_members": [len(members) for members in rows],
            "tf_names": [";".join(tfs) or None for tfs in together],
        }
    )


def _adjusted(log10p: np.ndarray) -> np.ndarray:
    """BH-adjusted p-values, never 0."""
    return np.maximum(10.0 ** bh(log10p, log10=True), SMALLEST)


def _evidence(
    table: pd.DataFrame, clusters: Mapping[str, Sides], effects: Mapping[str, np.ndarray], alpha: float
) -> dict[str, np.ndarray]:
    """Add effects and adjusted p-values of each line; what it calls: up, down, both, none, or None."""
    calls = {}
    blank = np.full(len(table), np.nan)
    for name, columns in LINES.items():
        sides = clusters.get(name, Sides(blank, blank))
        if name == "enrichment":  # two tests, one in each set of peaks
            padj = {"up": _adjusted(sides.rises), "down": _adjusted(sides.falls)}
            significant = {way: p < alpha for way, p in padj.items()}
            for way, p in padj.items():
                for column in columns:
                    if column.startswith(way):
                        table[column] = effects[column]
                table[f"{way}_padj"] = p
            tested = ~(np.isnan(sides.rises) & np.isnan(sides.falls))
        else:
            p = _adjusted(either(sides.rises, sides.falls))
            higher = sides.rises < sides.falls
            significant = {"up": (p < alpha) & higher, "down": (p < alpha) & ~higher}
            table[columns[0]], table[f"{name}_padj"] = effects[columns[0]], p
            tested = ~np.isnan(p)
        found = significant["up"].astype(int) + 2 * significant["down"]
        calls[name] = np.array(["none", "up", "down", "both", None], object)[np.where(tested, found, 4)]
    return calls


def _words(table: pd.DataFrame, calls: Mapping[str, np.ndarray], alpha: float) -> dict[str, list]:
    """`agreement`, such as `2 of 3`, and `conflicts`: None where there is none."""
    agreement, conflicts = [], []
    for i, row in enumerate(table.itertuples()):
        said = {name: calls[name][i] for name in WEIGHTS}
        tested = [call for call in said.values() if call is not None]
        agree = sum(call in (row.direction, "both") for call in tested)
        agreement.append(f"{agree if row.direction in ('up', 'down') else 0} of {len(tested)}")
        words = [*_contradictions(said), *_own_gene(row, alpha)]
        conflicts.append("; ".join(words) or None)
    return {"agreement": agreement, "conflicts": conflicts}


def _contradictions(said: Mapping[str, str | None]) -> list[str]:
    """Where the lines of evidence of one cluster do not say the same."""
    enriched, moved, depth = (said[name] for name in ("enrichment", "chromvar", "depth"))
    chromvar = {"up": "chromVAR rises", "down": "chromVAR falls", "none": "chromVAR unchanged"}.get(
        str(moved)
    )
    words = []
    if enriched == "both":
        words.append("enriched in up and in down peaks" + (f", {chromvar}" if chromvar else ""))
    elif enriched in ("up", "down"):
        if chromvar and moved != enriched:
            words.append(f"enriched in {enriched} peaks, {chromvar}")
    elif enriched == "none" and moved in ("up", "down"):
        words.append(f"{chromvar}, not enriched in {moved} peaks")
    accessible = moved if moved in ("up", "down") else enriched
    if depth in ("up", "down"):
        footprint = f"footprint {'deeper' if depth == 'up' else 'shallower'}"
        if accessible == "none":
            words.append(f"{footprint}, no change in accessibility")
        elif accessible in ("up", "down") and accessible != depth:
            words.append(f"{footprint}, accessibility {'rises' if accessible == 'up' else 'falls'}")
    return words


def _own_gene(row, alpha: float) -> list[str]:
    """Where the factor's own gene goes against its motif."""
    words: list[str] = []
    if row.direction not in ("up", "down"):
        return words
    against = -1 if row.direction == "up" else 1
    for prefix, ways in (("promoter", ("closes", "opens")), ("expression", ("falls", "rises"))):
        fold, p = getattr(row, f"{prefix}_log2FC"), getattr(row, f"{prefix}_padj")
        if p < alpha and fold * against > 0:
            way = ways[0] if fold < 0 else ways[1]
            words.append(f"{prefix} of {getattr(row, f'{prefix}_gene')} {way}")
    return words
