"""One table of evidence for each cluster of similar motifs: which transcription factors changed."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.special import log_ndtr

from workflow_lib.factors import calls, families, own_genes, words
from workflow_lib.factors import expressed as expressed_genes
from workflow_lib.factors.clusters import Sides, members, padded
from workflow_lib.factors.clusters import lead as lead_of
from workflow_lib.io import tables
from workflow_lib.stats.combination import SMALLEST, one_sided
from workflow_lib.stats.multiple_testing import bh

NOMINAL = 0.1
"""Combined p-value from which on, if its adjusted value is 1 too, a row's place does not follow from it."""

OPEN = 10.0
"""log2 odds ratio that leaves everything open: no limit beyond it is reported."""

LINES = {
    "enrichment": ("up_odds_ratio", "up_log2", "down_odds_ratio", "down_log2"),
    "wide": ("wide_log2",),
    "along": ("slope_z",),
    "activity": ("activity",),
    "chromvar": ("chromvar_delta",),
    "depth": ("delta_depth",),
    "flank": ("delta_flank",),
}
"""Effects of each line of evidence, as columns of the result."""


def rank(
    library: pd.DataFrame,
    up: pd.DataFrame,
    down: pd.DataFrame,
    deviations: pd.DataFrame,
    *,
    activity: pd.DataFrame | None = None,
    footprints: pd.DataFrame | None = None,
    promoters: pd.DataFrame | None = None,
    expressed: pd.DataFrame | None = None,
    levels: pd.Series | None = None,
    least: float = 0.0,
    alpha: float = 0.05,
    any_difference: bool = False,
) -> pd.DataFrame:
    """Evidence that a factor's activity changed, a row a motif cluster, the strongest first.

    Rows are in the order of `padj`, then of the combined p. Those whose adjusted p is 1 and whose own is
    above 0.1 are in the order of `log2_limit`: what may have changed but was measured poorly before what was
    measured well and shows nothing.

    Parameters
    ----------
    library : DataFrame
        motif_id, name, tf_names (split by `;`) and, if known, cluster and reaches_pvalue.
    up, down : DataFrame
        Enrichment in peaks more and less open: motif_id, log10_pvalue, padj, odds_ratio, log2_enrichment
        and, if known, ci_high.
    deviations : DataFrame
        chromVAR of the contrast: motif_id, delta, joint_pvalue and joint_padj, or pvalue and padj in tables
        without them, and n_peaks: if known, the members' weights.
    activity : DataFrame, optional
        Of :func:`workflow_lib.factors.stage.test`: motif_id, slope_z, activity, rise_log10p, fall_log10p,
        df_residual, given_pvalue, explained_by; and, in tables that have them, wide_up_log10p and the like,
        own_rise_log10p, own_fall_log10p.
    footprints : DataFrame, optional
        motif_id, delta_depth, pvalue, padj, delta_flank, flank_pvalue, flank_padj.
    promoters, expressed : DataFrame, optional
        gene_name, log2FC, pvalue, padj: of :mod:`workflow_lib.factors.own_genes`.
    levels : Series by factor, optional
        Expression, of :func:`workflow_lib.factors.expressed.of_factors`. A cluster is then represented by,
        and called after, the member whose factor is expressed most.
    least : float
        Level from which on a factor counts as expressed.
    alpha : float
        For `direction`, `agreement`, `conflicts` and `unconfirmed`.
    any_difference : bool
        Whether the contrast asks for any difference: then there are no sides, every p is of a change of any
        kind, enrichment is that of `wide` (peaks that change, whichever way), and `direction` says changed.

    Returns
    -------
    DataFrame
        rank
        cluster : id of its central motif
        representative, name : the member with the smallest p. Effects are its own; where it was not tested
        or goes against its cluster, those of the member with the smallest p in that line of evidence.
        Enrichment is always its own
        members, n_members, tf_names, family
        likely_members, not_expressed, expression_levels : with `levels`, of
        :func:`workflow_lib.factors.expressed.tell`
        direction : of activity: up, down, none or untested
        side : the direction to which evidence leans, significant or not
        up_odds_ratio, up_log2, up_padj, and the same for down : enrichment
        wide_log2, wide_padj : enrichment in the wide set of peaks, on the cluster's side
        chromvar_delta, chromvar_padj, delta_depth, depth_padj, delta_flank, flank_padj
        promoter_gene, promoter_log2FC, promoter_padj, promoter_genes, and the same for expression : the gene
        of the cluster's factors that changed most, an adjusted p for all of them, and all in words
        pvalue, log10_pvalue, padj : combined; never 0
        up_motifs, down_motifs, chromvar_motifs, depth_motifs, flank_motifs : `1 of 5` motifs of the cluster
        are significant by themselves in the table of that test, of those tested there
        agreement : lines of evidence that are significant on the side of `direction`, of those tested
        conflicts : where significant lines contradict each other, in words, or None
        unconfirmed : what is significant in one line or one motif and not for the cluster in another line, in
        words, or None; not significant is not absent
        reaches_pvalue : of the representative
        log2_limit : largest log2 odds ratio in up or in down peaks that is not excluded: upper end of the
        95 % interval, of the member in most peaks; at most `OPEN`

        p-values of single lines are those of the cluster, adjusted (BH) over clusters. The tables of the
        tests adjust over motifs, so that a motif may pass there and its cluster not, or the reverse.

    Notes
    -----
    For each line of evidence and each side (activity rises; falls) the p-values of the cluster's members are
    combined, weighted by the number of peaks with the motif (known from sequences alone, so before any test);
    then the lines, as :mod:`workflow_lib.factors.calls` says. The p is twice the smaller of both sides: lines
    that point to opposite sides do not add up. Enrichment in up peaks speaks for a rise, in down peaks for a
    fall; other tests are split by the sign of their effect. `padj` is never below what is left given the
    leading clusters, and by the cluster's own variation between samples.

    Null: the cluster's motifs have nothing to do with what changed. Enrichment and chromVAR rest on the same
    hits and counts, so p-values depend on each other: see `cauchy`. Flanks are shown, not combined: their
    test asks whether the sites' surroundings opened, and not whether more than those of other peaks. Nor are
    the factor's own promoter and expression: they say which member of a family to look at, not that its sites
    changed.

    The representative is chosen by its p, so its effects are on the large side; p-values are not affected.
    """
    motifs = library["motif_id"].to_numpy(object)
    given = {"up": up, "down": down, "deviations": deviations, "activity": activity}
    given["footprints"] = footprints
    found = {
        name: table.set_index("motif_id").reindex(motifs)
        for name, table in given.items()
        if table is not None
    }
    lines = _lines(found, any_difference)
    grouping = members(library)
    weights = _weights(found["deviations"])
    clusters = {name: sides.combined(grouping, weights) for name, sides in lines.items()}
    freedom = found["activity"]["df_residual"].max() if "activity" in found else np.nan
    evident = calls.Evidence(lines, grouping, weights, freedom, any_difference)
    whole, single = evident.of_clusters, evident.of_motifs
    rises = np.nan_to_num(whole.rises, nan=np.inf) <= np.nan_to_num(whole.falls, nan=np.inf)
    own = np.where(rises, padded(single.rises, grouping), padded(single.falls, grouping))
    level = np.full(len(library), np.nan)
    if levels is not None:
        level = expressed_genes.of_motifs(library["tf_names"], levels, least)
        own = expressed_genes.preferred(own, grouping, level, least)
    lead = lead_of(grouping, own)

    table = _named(library, grouping, lead)
    table["family"] = families.of_clusters(library, table["representative"], table["cluster"])
    if levels is not None:
        table = expressed_genes.tell(table, library, level, levels, least)
    log10p = whole.change(any_difference)
    told = calls.told(found, grouping, lead, rises, alpha)
    told["samples_padj"], peaks_call = evident.by_samples(alpha)
    padj = np.fmax.reduce([_adjusted(log10p), told.pop("least_padj"), told["samples_padj"]])
    side = np.array(["down", "up"], object)[rises.astype(int)]
    if any_difference:
        side[:] = "changed"
    untested = np.isnan(log10p)
    table["direction"] = np.where(
        untested, "untested", np.where(np.nan_to_num(padj, nan=1.0) < alpha, side, "none")
    )
    table["side"] = pd.Series(side, dtype=object).where(~untested & (not any_difference), None)
    effects = _effects(found, lines, clusters, grouping, lead)
    said = _evidence(table, clusters, effects, alpha, any_difference)
    passing = {name: sides.counted(grouping) for name, sides in _passing(found, lines, alpha).items()}
    _count(table, passing, {name: sides.tested(grouping) for name, sides in lines.items()})
    for prefix, genes in (("promoter", promoters), ("expression", expressed)):
        own_genes.add(table, prefix, genes)
    table = table.assign(
        pvalue=np.maximum(10.0**log10p, SMALLEST),
        log10_pvalue=log10p,
        padj=padj,
        **words.columns(table, said, passing, alpha),
    )
    if activity is not None:
        named = pd.Series(told["explained_by"]).map(_names_of_clusters(library, grouping, table["name"]))
        table = table.assign(
            given_padj=told["given_padj"],
            samples_padj=told["samples_padj"],
            explained_by=named,
            verdict=words.verdicts(table, told["both"], named, peaks_call & ~(told["samples_padj"] < alpha)),
        )
    if "reaches_pvalue" in library:
        table["reaches_pvalue"] = library["reaches_pvalue"].to_numpy()[lead]
    table["log2_limit"] = _limits(found, grouping, weights)
    order, place = _order(log10p, padj, table["log2_limit"].to_numpy())
    table.insert(0, "rank", pd.Series(place).where(~untested).astype("Int64"))
    return table.iloc[order].reset_index(drop=True)


def read(path) -> pd.DataFrame:
    """Read what :func:`rank` found; ids are text, even where all look like numbers."""
    return tables.read_table(path, dtype={"representative": str})


def _lines(found: Mapping[str, pd.DataFrame], any_difference: bool) -> dict[str, Sides]:
    """One-sided log10 p-values of every motif for each line of evidence; without sides, rises alone."""

    def of_effects(p: pd.Series, effect: pd.Series) -> Sides:
        if any_difference:
            p = np.log10(np.maximum(p.to_numpy(float), SMALLEST))
            return Sides(p, np.full(len(p), np.nan))
        return Sides(*one_sided(p, effect))

    up, down = (found[way]["log10_pvalue"].to_numpy(float) for way in ("up", "down"))
    moved = found["deviations"]
    # the plain t-test would call any motif in a few changed peaks
    p = moved["joint_pvalue" if "joint_pvalue" in moved else "pvalue"]
    lines = {"enrichment": Sides(up, down), "chromvar": of_effects(p, moved["delta"])}
    if any_difference:
        lines["enrichment"] = Sides(np.full(len(up), np.nan), np.full(len(up), np.nan))
    if "activity" in found:
        table = found["activity"]
        values = {name: table[name].to_numpy(float) for name in table if str(name).endswith("log10p")}
        if "wide_up_log10p" in values:
            lines["wide"] = Sides(values["wide_up_log10p"], values["wide_down_log10p"])
        z = table["slope_z"].to_numpy(float)
        lines["along"] = Sides(log_ndtr(-z) / np.log(10), log_ndtr(z) / np.log(10))
        lines["activity"] = Sides(values["rise_log10p"], values["fall_log10p"])
        if "own_rise_log10p" in values:
            lines["own"] = Sides(values["own_rise_log10p"], values["own_fall_log10p"])
        if any_difference:
            none = np.full(len(table), np.nan)
            lines |= {name: Sides(lines[name].rises, none) for name in (*calls.OF_PEAKS, "activity", "own")}
    if "footprints" in found:
        table = found["footprints"]
        lines["depth"] = of_effects(table["pvalue"], table["delta_depth"])
        lines["flank"] = of_effects(table["flank_pvalue"], table["delta_flank"])
    return lines


def _weights(deviations: pd.DataFrame) -> np.ndarray:
    """Of motifs within their cluster: the number of peaks with the motif, at least 1."""
    if "n_peaks" not in deviations:
        return np.ones(len(deviations))
    return np.maximum(deviations["n_peaks"].fillna(0).to_numpy(float), 1.0)


def _limits(found: Mapping[str, pd.DataFrame], grouping: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Largest log2 odds ratio, in up or down peaks, that the member in most peaks does not exclude."""
    if not all("ci_high" in found[way] for way in ("up", "down")):
        return np.full(grouping.shape[1], np.nan)
    frequent = lead_of(grouping, -padded(weights, grouping))
    high = np.stack([found[way]["ci_high"].to_numpy(float)[frequent] for way in ("up", "down")])
    with np.errstate(divide="ignore"):
        return np.minimum(np.log2(np.fmax(*high)), OPEN)


def _order(log10p: np.ndarray, padj: np.ndarray, limits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows by adjusted and own p or, where these say nothing, by what is not excluded; and ranks.

    The adjusted p comes first, since it holds what samples and leading clusters leave of the own one.
    p-values of chance tell no row from another. What does is how much they leave open: a motif in few peaks
    may have changed much, one in many that shows nothing has not.
    """
    shown = (padj < 1) | (log10p < np.log10(NOMINAL))
    keys = np.stack(
        [
            np.where(shown, np.nan_to_num(padj, nan=1.0), np.where(np.isnan(padj), 3.0, 2.0)),
            np.where(shown, log10p, -np.nan_to_num(limits, nan=-np.inf)),
            np.nan_to_num(log10p, nan=1.0),
        ]
    )
    order = np.lexsort([np.arange(len(padj)), *keys[::-1]])
    sorted_keys = keys[:, order]
    new = np.concatenate([[True], (sorted_keys[:, 1:] != sorted_keys[:, :-1]).any(axis=0)])[: len(padj)]
    place = np.empty(len(padj), int)
    place[order] = np.maximum.accumulate(np.where(new, np.arange(len(padj)), 0)) + 1
    return order, place


def _passing(found: Mapping[str, pd.DataFrame], lines: Mapping[str, Sides], alpha: float) -> dict[str, Sides]:
    """Whether each motif is significant by itself in the table of its test, and to which side."""
    moved = found["deviations"]
    significant = {"chromvar": moved["joint_padj" if "joint_padj" in moved else "padj"] < alpha}
    if "footprints" in found:
        significant |= {
            line: found["footprints"][column] < alpha
            for line, column in (("depth", "padj"), ("flank", "flank_padj"))
        }
    passing = {"enrichment": Sides(*((found[way]["padj"] < alpha).to_numpy() for way in ("up", "down")))}
    for line, flags in significant.items():
        higher = lines[line].rises < lines[line].falls
        passing[line] = Sides(flags.to_numpy() & higher, flags.to_numpy() & ~higher)
    return passing


def _count(table: pd.DataFrame, passing: Mapping[str, Sides], tested: Mapping[str, Sides]) -> None:
    """Add how many motifs of each cluster pass each test by themselves: `1 of 5`, or None where untested."""
    numbers = {
        "up": (passing["enrichment"].rises, tested["enrichment"].rises),
        "down": (passing["enrichment"].falls, tested["enrichment"].falls),
    }
    for name in ("chromvar", "depth", "flank"):
        none = np.zeros(len(table), int)
        own = passing.get(name, Sides(none, none))
        numbers[name] = (own.rises + own.falls, tested.get(name, own).rises)
    for name, (few, all_of) in numbers.items():
        words = [f"{n} of {total}" if total else None for n, total in zip(few, all_of, strict=True)]
        table[f"{name}_motifs"] = pd.Series(words, dtype=object)


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
    if "wide" in lines:
        higher = ~(clusters["wide"].rises > clusters["wide"].falls)
        up, down = (found["activity"][f"wide_{way}_log2"].to_numpy(float)[lead] for way in ("up", "down"))
        effects["wide_log2"] = np.where(higher, up, down)
    moves = (("along", "slope_z"), ("activity", "activity"), ("chromvar", "delta"))
    for line, column in (*moves, ("depth", "delta_depth"), ("flank", "delta_flank")):
        if line not in lines:
            continue
        source = {"chromvar": "deviations", "along": "activity", "activity": "activity"}.get(
            line, "footprints"
        )
        values = found[source][column].to_numpy(float)
        higher = ~(clusters[line].rises >= clusters[line].falls)
        sides = [padded(each, grouping) for each in (lines[line].rises, lines[line].falls)]
        clearest = values[lead_of(grouping, np.where(higher, *sides))]
        own = values[lead]
        agrees = np.where(higher, own > 0, own < 0) & ~np.isnan(lines[line].rises[lead])
        effects[LINES[line][0]] = np.where(agrees, own, clearest)
    return effects


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


def _names_of_clusters(library: pd.DataFrame, grouping: np.ndarray, names: pd.Series) -> dict[str, str]:
    """What the cluster of each motif is called, by motif_id."""
    row, column = np.nonzero(grouping >= 0)
    motifs = library["motif_id"].to_numpy(object)[grouping[row, column]]
    return dict(zip(motifs, names.to_numpy(object)[column], strict=True))


def _adjusted(log10p: np.ndarray) -> np.ndarray:
    """BH-adjusted p-values, never 0."""
    return np.maximum(10.0 ** bh(log10p, log10=True), SMALLEST)


def _evidence(
    table: pd.DataFrame,
    clusters: Mapping[str, Sides],
    effects: Mapping[str, np.ndarray],
    alpha: float,
    any_difference: bool,
) -> dict[str, np.ndarray]:
    """Add effects and adjusted p-values of each line; what it calls: up, down, both, changed, none, None."""
    said = {}
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
            p = _adjusted(sides.change(any_difference))
            higher = ~(sides.rises >= sides.falls)
            significant = {"up": (p < alpha) & higher, "down": (p < alpha) & ~higher}
            table[columns[0]], table[f"{name}_padj"] = effects[columns[0]], p
            tested = ~np.isnan(p)
        found = significant["up"].astype(int) + 2 * significant["down"]
        ways = ["none", "changed" if any_difference else "up", "down", "both", None]
        said[name] = np.array(ways, object)[np.where(tested, found, 4)]
    return said
