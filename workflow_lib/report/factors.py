"""Report section on factors: all evidence for each cluster of similar motifs, and where it disagrees."""

from collections.abc import Collection, Iterable, Mapping

import pandas as pd

from workflow_lib.factors.evidence import OPEN
from workflow_lib.factors.own_genes import finder
from workflow_lib.report import answer, directions, format
from workflow_lib.report.content import Badge, Cell, Figure, Gallery, Section, Table, Text
from workflow_lib.report.sections import named
from workflow_lib.report.summary import FEW
from workflow_lib.stats.forms import CALLED

N_SHOWN, LEAST = 20, 5
MAIN = {"direction", "padj", "in up peaks", "in down peaks", "chromVAR", "family"}
N_ALIKE = 4  # names of motifs folded into the one shown
CAUTIONS = (
    answer.FAMILY_CAUTION
    + " Motifs too similar to be distinguished share a row. Relatives that are less similar have rows of "
    "their own, so one factor may appear in several rows.",
    "Lines of evidence need not agree. Enrichment asks whether peaks that changed have the motif more often "
    "than comparable peaks that did not; chromVAR, whether all peaks with the motif change together; "
    "footprints, whether the sites themselves are protected differently. Not significant is not unchanged. "
    "Enriched, but chromVAR not significant: some of the motif's peaks change much and most do not "
    "move, or there are too "
    "few samples to decide. chromVAR significant, but enrichment not: many small changes that are not "
    "significant one by one. Many factors leave no footprint, and without reads, or with few sites, it is "
    "not tested: that says nothing against them.",
    "A cluster is tested as one, by all its motifs, and adjusted over clusters. The tables of the single "
    "tests adjust over motifs. So a motif may be significant there and its cluster not, or the reverse: "
    "“1 of 5” counts the cluster's motifs that are significant in the test's own table. Conflicts "
    "are significant "
    "results that contradict each other; what is significant in one line, or for single motifs, but not for "
    "the cluster in another stands under “not confirmed”.",
    "Flanks of the sites and the factor's own gene are no part of the p-value. Flanks follow accessibility, "
    "whatever moves it, and say little about the motif. The gene helps to choose among the "
    "members of a family, but a factor can change its activity without it. A gene that changes against its "
    "motif stands under conflicts. Of a repressor that is expected.",
)
SITES = {
    "n_hits": "sites",
    "n_peaks": "peaks with a site",
    "n_changed": "of them changed",
    "n_linked": "of them linked",
}
LINES = (
    ("in up peaks", "up_odds_ratio", "up"),
    ("in down peaks", "down_odds_ratio", "down"),
    ("chromVAR", "chromvar_delta", "chromvar"),
    ("footprint depth", "delta_depth", "depth"),
    ("flanks", "delta_flank", "flank"),
)


def section(
    contrast: str,
    table: pd.DataFrame,
    families: Mapping[str, str],
    logos: Collection[str],
    figure: Figure | None,
    groups: Mapping[str, str],
    alpha: float,
    href: str = "",
    permuted: pd.DataFrame | None = None,
    targets: Table | None = None,
    least: float | None = None,
) -> Section:
    """The sentence, the figure and the leading rows; how it was found opens on demand.

    Parameters
    ----------
    contrast : str
    table : DataFrame
        Of :func:`workflow_lib.factors.evidence.rank`.
    families : mapping of motif_id to family
    logos : collection of motif_id
        Motifs whose logos the page can draw.
    figure : Figure or None
        None where it stands elsewhere.
    groups : mapping
        variable, experiment, control.
    alpha : float
    href : str
        Address of the whole table.
    permuted : DataFrame, optional
        Of :func:`workflow_lib.factors.permuted.permuted`.
    targets : Table, optional
        Of :func:`sites`.
    least : float, optional
        Level from which on a factor counts as expressed, if the configuration gives one.
    """
    sentence = answer.factors_sentence(table, families, groups, alpha)
    families = answer.of_clusters(table, families)
    anchor, kind = format.anchor("factors", contrast), groups.get("kind") or ""
    top = shown(table)
    if top.empty:
        return Section(anchor, "Factors", (Text((sentence,)),))
    caption = (
        f"The {len(top)} leading of {table['padj'].notna().sum():,} clusters of similar motifs that could be "
        f"tested (of {len(table):,}), by all evidence. Odds ratios, "
        "differences and, in brackets, the cluster's adjusted p and how many of its motifs are significant "
        "by themselves; effects are those of the motif that names the row. Where it goes against its cluster "
        "or was not tested, differences are those of the one with the clearest evidence in that test"
    )
    if (top["padj"] == 1).any():
        caption += (
            ". Clusters without evidence are sorted by how large a change is not excluded, the largest first"
        )
    if "reaches_pvalue" in top and not top["reaches_pvalue"].all():
        caption += "; †: too short to reach the p-value, only perfect matches count, and many are chance"
    by_chance = () if permuted is None else (by_permuted(permuted, table),)
    parts = (
        Text((sentence, *by_chance)),
        Gallery(() if figure is None else (figure,)),
        format.table(_rows(top, families, logos), caption, href=href, main=MAIN),
        *(() if targets is None else (targets,)),
    )
    how = (_formula(top, kind), *CAUTIONS, *_expressed(table, least))
    return Section(anchor, "Factors", parts, badge=badge(permuted), guide=how)


def _expressed(table: pd.DataFrame, least: float | None) -> tuple[str, ...]:
    """What expression says of the members of groups, where it is known."""
    if "likely_members" not in table:
        return ()
    level = "10 for counts, 1 for TPM, FPKM or CPM" if least is None else f"{least:g}"
    return (
        "A cluster is called after the member whose factor is expressed most. Members whose factor is "
        f"expressed below the threshold (factors.min_expression: {level}, in the group where it is highest) "
        "are not likely to be what changed and stand under “not expressed”. “?” marks factors without a row "
        "in the expression matrix. Where the factor is expressed more, an activator's sites open and a "
        "repressor's close. Both are tested within groups only, so with few samples most stay undecided.",
    )


def unmatched(table: pd.DataFrame, gene_names: Iterable[str] | None) -> list[str]:
    """Where names of factors match nothing of the study, so that columns stay empty.

    Parameters
    ----------
    table : DataFrame
        Of :func:`workflow_lib.factors.evidence.rank`.
    gene_names : iterable of str, optional
        Of the annotation, if there is one.
    """
    factors = table["tf_names"].dropna().astype(str).str.split(";").explode().unique()
    if not len(factors):
        return []
    such = ", ".join(map(str, factors[:3]))
    notes = []
    if "expression_levels" in table and table["expression_levels"].isna().all():
        notes.append(
            f"none of {len(factors):,} factors of the motif library ({such}, …) is a row of "
            "linkage.expression, so nothing is said of their expression: name its rows by gene symbols, or "
            "by the annotation's gene_id"
        )
    if gene_names is not None:
        names = list(gene_names)
        look_up = finder(str(name).casefold() for name in names)
        if not any(look_up(factor) for factor in factors):
            genes = f" ({', '.join(map(str, names[:3]))}, …)" if names else ""
            notes.append(
                f"none of {len(factors):,} factors of the motif library ({such}, …) is a gene beside a peak "
                f"by genome.annotation{genes}, so nothing is said of their promoters: take motifs of a "
                "related species, or an annotation with gene_name"
            )
    return notes


def badge(permuted: pd.DataFrame | None) -> Badge | None:
    """How many clusters are called with the samples' labels shuffled; None where that was not asked."""
    if permuted is None or permuted.empty:
        return None
    called = permuted["n_clusters"]
    if not called.max():
        return Badge("shuffled labels give none", "good", "Factors")
    often = called.median() > 0
    words = f"shuffled labels give {'about ' if often else 'at most '}"
    number = called.median() if often else called.max()
    return Badge(f"{words}{number:,.0f}", "bad" if called.median() > FEW else "fair", "Factors")


def by_permuted(permuted: pd.DataFrame, table: pd.DataFrame) -> str:
    """How many clusters of motifs are called with the samples' labels permuted, in one sentence."""
    if permuted.empty:
        return "Labels could not be permuted: the design leaves no other way to name the samples."
    n, called = len(permuted), permuted["n_clusters"]
    possible = permuted["possible"].iloc[0]
    of = f" of {possible:,.0f} possible" if possible > n else ""
    own = int(table["direction"].isin(CALLED).sum())
    tested = int((table["direction"] != "untested").sum())
    most = int(called.max())
    words = (
        "none was called" if most == 0 else f"{called.mean():.2g} were called on average, {most:,} at most"
    )
    return (
        f"With the samples' labels permuted in {n}{of} other way{'' if n == 1 else 's'}, "
        f"{words} of {tested:,} clusters of motifs; with the true labels {own:,}."
    )


def sites(counted: pd.DataFrame, href: str, kind: str = "") -> Table:
    """How many sites and changed peaks the listed groups have, with the way to their table.

    Parameters
    ----------
    counted : DataFrame
        Of :func:`workflow_lib.factors.targets.summarise`.
    href : str
    kind : str
        Of the contrast, as :func:`workflow_lib.stats.forms.named` has it.
    """
    listed = counted[counted["listed"]]
    called = int(counted["direction"].isin(CALLED).sum())
    n = f"{len(listed)} cluster{'' if len(listed) == 1 else 's'}"
    caption = f"Sites of {n}. The file has a row for each site, with the change of its peak and its genes. "
    if not called:
        caption += "No cluster is called: these are the first by rank"
    elif called > len(listed):
        caption += f"These are the first of {called} clusters called"
    else:
        caption += "Every cluster called is listed"
    columns = ["name", "n_hits", "n_peaks", "n_up", "n_down", "n_changed", "n_linked"]
    rows = listed[[name for name in columns if name in listed]].reset_index(drop=True)
    sides = {f"n_{way}": f"of them {words}" for way, words in directions.short(kind).items()}
    return format.table(rows, caption, href=href, headings=SITES | sides)


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Rows that the report shows: those of which adjustment leaves something, five to twenty."""
    tested = table.dropna(subset="padj")
    n = int((tested["padj"] < 1).sum())
    return tested.head(min(max(n, LEAST), N_SHOWN))


def _formula(top: pd.DataFrame, kind: str) -> str:
    """How the p-value came about, of the lines that were tested."""
    footprints = top["depth_padj"].notna().any()
    without = "" if footprints else " Footprints were not tested in this run."
    if "verdict" not in top:
        lines = "enrichment in changed peaks, chromVAR" + (" and depth of footprints" if footprints else "")
        return (
            f"The combined p-value takes {lines} together (Cauchy combination, robust to their "
            "dependence), once for a rise of activity and once for a fall, and doubles the smaller; it is "
            f"adjusted over all clusters.{without}"
        )
    depth = " Depth of footprints is a second line, at half weight." if footprints else without
    sides = directions.of_kind(kind)
    both = (
        f" “Both directions” means that it is enriched in peaks {sides['up']} and in peaks {sides['down']}, "
        "and is called to neither side."
        if "up" in sides
        else ""
    )
    return (
        "A cluster is called if two kinds of evidence agree. One is its peaks: enrichment in changed peaks, "
        "the same at a false discovery rate of 20 %, and the trend along all peaks. The other is its "
        "samples: the activity of its sites in each sample, tested by the design. The larger p-value counts, "
        f"adjusted over all clusters.{depth} A cluster that is called by its peaks but varies too much "
        "between replicates is marked “varies between samples”. Each cluster is tested again given the "
        f"leading ones: “explained by” names the one whose sites it shares.{both}"
    )


def _rows(top: pd.DataFrame, families: Mapping[str, str], logos: Collection[str]) -> pd.DataFrame:
    """Cells of the leading rows."""
    rows = pd.DataFrame(index=range(len(top)))
    motifs, names = top["representative"].astype(str).tolist(), top["name"].astype(str).tolist()
    short = ~top["reaches_pvalue"].astype(bool) if "reaches_pvalue" in top else [False] * len(top)
    names = [f"{name}{' †' if mark else ''}" for name, mark in zip(names, short, strict=True)]
    rows["name"] = [named(name, motif, logos) for name, motif in zip(names, motifs, strict=True)]
    rows["motif_id"] = motifs
    rows["direction"] = top["direction"].tolist()
    rows["padj"] = top["padj"].tolist()
    for heading, effect, line in LINES:
        if top[f"{line}_padj"].notna().any():
            name = "odds_ratio" if effect.endswith("odds_ratio") else "delta"
            tested = zip(top[effect], top[f"{line}_padj"], top[f"{line}_motifs"], strict=True)
            rows[heading] = [_tested(*values, name) for values in tested]
    if "activity_padj" in top and top["activity_padj"].notna().any():
        tested = zip(top["activity"], top["activity_padj"], [" of 1"] * len(top), strict=True)
        rows["by sample"] = [_tested(*values, "delta") for values in tested]
    if "verdict" in top:
        rows["verdict"] = top["verdict"].tolist()
    rows["agree"] = top["agreement"].tolist()
    for column, heading in (("conflicts", "conflicts"), ("unconfirmed", "not confirmed")):
        rows[heading] = [text if isinstance(text, str) else "" for text in top[column]]
    if top["log2_limit"].notna().any():
        rows["not excluded"] = [_limit(value) for value in top["log2_limit"]]
    rows["alike"] = [_alike(row.name, row.members, row.n_members) for row in _tuples(top)]
    for column, heading in (("likely_members", "likely"), ("not_expressed", "not expressed")):
        if column in top:
            rows[heading] = [_shortened(text) for text in top[column]]
    if "role" in top:
        rows["mode of action"] = top["role"].fillna("undecided").tolist()
    known = [families.get(motif) for motif in motifs]
    if any(known):
        rows["family"] = [family or "NA" for family in known]
    for prefix, heading in (
        ("promoter", "promoters of its genes"),
        ("expression", "expression of its genes"),
    ):
        if top[f"{prefix}_genes"].notna().any():
            rows[heading] = [text if isinstance(text, str) else "NA" for text in top[f"{prefix}_genes"]]
    if "expression_levels" in top and top["expression_levels"].notna().any():
        rows["levels"] = [text if isinstance(text, str) else "NA" for text in top["expression_levels"]]
    return rows


def _tuples(top: pd.DataFrame):
    return top[["name", "members", "n_members"]].itertuples(index=False)


def _alike(name: str, members: str, n_members: int) -> str:
    """`and 4 similar: Lef1, TCF7L1, …`"""
    if n_members < 2:
        return ""
    others = [other for other in str(members).split(", ") if other != name]
    named = ", ".join(others[:N_ALIKE]) + (", …" if others[N_ALIKE:] else "")
    return f"and {n_members - 1} similar" + (f": {named}" if named else "")


def _shortened(names: str) -> str:
    """The first of several names."""
    if not isinstance(names, str):
        return ""
    parts = names.split(", ")
    return ", ".join(parts[: N_ALIKE + 1]) + (
        f" and {len(parts) - N_ALIKE - 1} more" * (len(parts) > N_ALIKE + 1)
    )


def _limit(log2: float) -> Cell:
    """`to 2.10`: the largest odds ratio that the data leave open."""
    if pd.isna(log2):
        return Cell("NA")
    words = "any" if log2 >= OPEN else f"to {format.number(2.0**log2, 'odds_ratio')}"
    return Cell(words, order=float(log2))


def _tested(effect: float, padj: float, motifs: str, name: str) -> Cell:
    """`2.13 (1e-05; 3 of 5)`, sorted by the p-value."""
    if pd.isna(padj):
        return Cell("NA")
    several = "" if motifs.endswith(" of 1") else f"; {motifs}"
    words = f"{format.number(effect, name)} ({format.number(padj, 'padj')}{several})"
    return Cell(words, order=float(padj))
