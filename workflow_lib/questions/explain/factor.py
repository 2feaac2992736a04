"""All that a run knows of a transcription factor: its motifs, what each test says, the peaks they hit."""

import numpy as np
import pandas as pd

from workflow_lib import beside
from workflow_lib.errors import InputError
from workflow_lib.io import hits
from workflow_lib.motifs import clusters
from workflow_lib.motifs.lookup import find, synonyms
from workflow_lib.plots import logos
from workflow_lib.questions.explain import page, parts
from workflow_lib.report import format
from workflow_lib.report.content import Content, Finding, Gallery, Section, Table, Text
from workflow_lib.results.run import Run
from workflow_lib.stats.forms import CALLED

ACTIVITY = {"up": "activity rises", "down": "activity falls", "changed": "activity changes"}
SIMILAR = 12
"""Members of a cluster to name."""
TABLES = (  # key and direction, what it tests, columns
    (
        ("enrichment", "up"),
        "Enrichment in peaks that are more open",
        ("foreground_hits", "foreground_size", "log2_enrichment", "odds_ratio", "pvalue", "padj"),
    ),
    (
        ("enrichment", "down"),
        "Enrichment in peaks that are less open",
        ("foreground_hits", "foreground_size", "log2_enrichment", "odds_ratio", "pvalue", "padj"),
    ),
    (
        ("deviation_tests", None),
        "chromVAR: difference of accessibility between the groups",
        ("n_peaks", "delta", "stat", "pvalue", "padj", "joint_pvalue", "joint_padj", "direction"),
    ),
    (
        ("footprints", None),
        "Footprint: difference of depth and of flanks between the groups",
        ("n_sites", "delta_depth", "stat", "pvalue", "padj", "delta_flank", "flank_padj", "note"),
    ),
)
RANKED = (
    *("rank", "cluster", "name", "family", "members", "likely_members", "not_expressed", "expression_levels"),
    *("role", "direction", "verdict", "up_log2", "up_padj", "down_log2", "down_padj"),
    *("chromvar_delta", "chromvar_padj", "delta_depth", "depth_padj", "delta_flank", "flank_padj"),
    *("promoter_genes", "expression_genes", "padj", "agreement", "conflicts", "unconfirmed"),
)


def factor(run: Run, name: str) -> Content:
    """A page about the motifs of a factor.

    Parameters
    ----------
    run : Run
    name : str
        Factor, motif name or motif id, in any case.

    Raises
    ------
    InputError
        If the run has no motifs, or none of that name; near names are given.

    Notes
    -----
    It needs no more than the motif library, so that it answers before the run has finished.
    """
    library = run.find("library")
    names = run.find("tf_motifs")
    if library is None or names is None:
        missing = run.path("library")
        raise InputError(
            f"factor {name!r}: {missing} is not there; give the results folder of a run with motifs by "
            "--results, or genome.fasta in the config of the run"
        )
    motifs = find(name, library, names)
    findings = [
        Finding(
            f"{name} has {len(motifs)} motif{'' if len(motifs) == 1 else 's'} in this run.",
            tuple(_said(run, contrast, motifs) for contrast in run.contrasts),
        )
    ]
    carried = None
    if run.has("matches"):
        carried = hits.read_matches(run.path("matches")).tocsc()[:, motifs.index.to_numpy()]
    sections = [
        _motifs(run, motifs, names, clusters.members(library), carried),
        *(_tests(run, contrast, motifs) for contrast in run.contrasts),
        _targets(run, motifs),
        _roles(run, motifs),
        _scores(run, motifs),
        None if carried is None else _peaks(run, carried),
        _own_gene(run, name, motifs, names),
    ]
    return page.content(run, f"Factor {name}", findings, sections)


def _keys(motifs: pd.DataFrame) -> pd.Series:
    """Cluster of each motif, or the motif itself."""
    return motifs["cluster"].fillna(motifs["motif_id"]) if "cluster" in motifs else motifs["motif_id"]


def _said(run: Run, contrast: str, motifs: pd.DataFrame) -> str:
    """Where the factor stands by all evidence, or by the strongest enrichment."""
    ranked = run.find("factors", contrast)
    if ranked is None:
        return f"{contrast}: evidence was not brought together in this run; the tests are below."
    own = ranked[ranked["cluster"].isin(_keys(motifs)) & ranked["rank"].notna()]
    if own.empty:
        return f"{contrast}: none of its motifs could be tested."
    best = own.loc[own["rank"].idxmin()]
    where = run.find("target_counts", contrast)
    words = ACTIVITY.get(best["direction"], "no change of activity is shown")
    doubts = "".join(
        f" {start}: {best[column]}."
        for column, start in (("conflicts", "In conflict"), ("unconfirmed", "Not confirmed"))
        if isinstance(best.get(column), str)
    )
    for column, start in (
        ("family", "Family"),
        ("not_expressed", "Not expressed"),
        ("role", "Mode of action"),
    ):
        if isinstance(best.get(column), str):
            doubts += f" {start}: {best[column]}."
    if where is not None:
        sites = where[where["cluster"] == best["cluster"]].iloc[0]
        moved = (
            f"{sites['n_changed']:,} changed"
            if "n_changed" in sites
            else f"{sites['n_up']:,} opened and {sites['n_down']:,} closed"
        )
        doubts += (
            f" The cluster's {sites['n_hits']:,} sites lie in {sites['n_peaks']:,} peaks, of which {moved}."
        )
    return (
        f"{contrast}: {words}; rank {best['rank']:.0f} of {len(ranked):,} clusters of similar motifs, "
        f"adjusted p {format.number(best['padj'], 'padj')}, {best['agreement']} lines of evidence "
        f"agree.{doubts} The cluster stands for all its members ({best['members']}), which the "
        "sequence cannot distinguish."
    )


def _motifs(run: Run, motifs: pd.DataFrame, names: pd.DataFrame, similar, matches) -> Section:
    """What is known of the motifs before any test, and their pictures."""
    columns = ["motif_id", "name", "tf_names", "family", "cluster", "length", "information_content"]
    columns += ["threshold", "pvalue_attained"]
    rows = motifs[[name for name in columns if name in motifs]].reset_index(drop=True)
    caption = "Motifs"
    if matches is not None:
        rows["hits"] = np.asarray(matches.sum(axis=0)).ravel().astype(int)
        rows["peaks"] = np.diff(matches.indptr)
        caption = f"Motifs and their hits in {matches.shape[0]:,} peaks"
    label = run.table("library").set_index("motif_id")["name"]
    told = Text(tuple(_told(row, names, [f"{label[one]} ({one})" for one in similar[row.motif_id]])
                      for row in motifs.itertuples()))  # fmt: skip
    return Section("motifs", "Motifs", (parts.tabulated(rows, caption, run.href("library")), told,
                                        _pictures(run, motifs)))  # fmt: skip


def _told(row, names: pd.DataFrame, similar: list[str]) -> str:
    """Other names of a motif's factors, the motifs of its cluster, and whether it is too short."""
    said = []
    mine = names[names["motif_id"] == row.motif_id]
    others = dict.fromkeys(other for each in mine.itertuples() for other in synonyms(each))
    if others:
        said.append(f"also called {', '.join(others)}")
    if not pd.isna(getattr(row, "cluster", np.nan)):
        more = f" and {len(similar) - SIMILAR} more" if len(similar) > SIMILAR else ""
        members = f"with {len(similar)} similar: {', '.join(similar[:SIMILAR])}{more}"
        said.append(f"cluster {row.cluster} {members if similar else 'without similar motifs'}")
    if not getattr(row, "reaches_pvalue", True):
        said.append("too short for the p-value asked for, so that only perfect matches are hits")
    return f"{row.name} ({row.motif_id}): {'; '.join(said) or 'no other names'}."


def _pictures(run: Run, motifs: pd.DataFrame) -> Gallery:
    """Logos and footprints, as far as they were drawn."""
    pictures = []
    for row in motifs.itertuples():
        motif = logos.file_name(row.motif_id).removesuffix(".svg")
        label = f"{row.name} ({row.motif_id})"
        pictures.append(page.drawn(run, "logos", motif=motif, name=label))
        for contrast in run.contrasts:
            pictures.append(page.drawn(run, "footprint_figures", contrast, motif=motif, name=label))
    return Gallery(tuple(figure for figure in pictures if figure is not None))


def _tests(run: Run, contrast: str, motifs: pd.DataFrame) -> Section:
    """All tests of one contrast."""
    made: list[Table | Text] = []
    ranked = run.find("factors", contrast)
    if ranked is not None:
        own = ranked[ranked["cluster"].isin(_keys(motifs))]
        shown = own[[name for name in RANKED if name in own]]
        made.append(parts.tabulated(shown, "All evidence together", run.href("factors", contrast)))
    for (key, way), caption, columns in TABLES:
        names = {"contrast": contrast} | ({} if way is None else {"direction": way})
        found = run.find(key, **names)
        if found is not None:
            kept = ["motif_id", "name", *(name for name in columns if name in found)]
            own = found.loc[found["motif_id"].isin(motifs["motif_id"]), kept]
            made.append(parts.tabulated(own, caption, run.href(key, **names)))
    if not made:
        made.append(Text(("No test of this contrast asks about motifs.",)))
    return Section(format.anchor("tests", contrast), f"Tests of {contrast}", tuple(made))


def _targets(run: Run, motifs: pd.DataFrame) -> Section | None:
    """Sites in changed peaks with the genes that they may act on, as far as the run lists them."""
    made: list[Table | Text] = []
    for contrast in run.contrasts:
        listed = run.find("targets", contrast)
        if listed is None:
            continue
        own = listed[listed["motif_id"].isin(motifs["motif_id"])]
        if own.empty:
            words = "its sites are not listed: the table of targets has those of the leading clusters"
            made.append(Text((f"{contrast}: {words}.",)))
            continue
        changed = own[own["direction"].isin(CALLED)].sort_values(["padj", "score"], ascending=[True, False])
        sites = changed.drop_duplicates(["chrom", "start", "end", "strand", "peak"])
        near = [name for name in ("gene_name",) if name in sites]
        genes = sites[near[0]].dropna().unique() if near else []
        found = _counted(len(sites), "site"), _counted(sites["peak"].nunique(), "changed peak")
        words = f"{contrast}: {found[0]} in {found[1]}"
        if len(genes):
            words += f", of {_counted(len(genes), 'gene')}: {', '.join(map(str, genes[:SIMILAR]))}"
            words += ", …" if len(genes) > SIMILAR else ""
        made.append(Text((words + ".",)))
        sites = sites.assign(site=[parts.where(row) for row in sites.itertuples()])
        columns = ["site", "strand", "motif_name", "score", "peak", "log2FoldChange", "padj", "gene_name"]
        columns += ["feature", "tss_distance", "linked_genes"]
        shown = sites[[name for name in columns if name in sites]].reset_index(drop=True)
        href = run.href("targets", contrast)
        made.append(parts.tabulated(shown, "Its sites in changed peaks, strongest change first", href))
    return Section("targets", "Sites and targets", tuple(made)) if made else None


def _counted(n: int, what: str) -> str:
    """`1 site`, `2 sites`."""
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def _roles(run: Run, motifs: pd.DataFrame) -> Section | None:
    """Whether its sites follow or oppose its expression."""
    table = run.find("roles")
    if table is None:
        return None
    own = table[table["cluster"].isin(_keys(motifs))]
    if own.empty:
        said = "No factor of its clusters of motifs is expressed, or has a row of expression."
        return Section("roles", "Activator or repressor", (Text((said,)),))
    shown = parts.tabulated(own, "Its sites against its expression, within groups", run.href("roles"))
    return Section("roles", "Activator or repressor", (shown,))


def _scores(run: Run, motifs: pd.DataFrame) -> Section | None:
    """chromVAR's z-scores of each sample, and how far they vary."""
    made: list[Table | Text] = []
    zscores, variability = run.find("zscores"), run.find("variability")
    if zscores is not None:
        of_motifs = zscores.set_index("motif_id").loc[motifs["motif_id"]].T
        groups = run.groups.reindex(of_motifs.index).to_numpy()
        rows = pd.DataFrame({"sample": of_motifs.index, "group": groups})
        rows = rows.assign(**{motif: of_motifs[motif].to_numpy() for motif in of_motifs})
        made.append(parts.tabulated(rows, "chromVAR z-scores by sample", run.href("zscores")))
    if variability is not None:
        own = variability[variability["motif_id"].isin(motifs["motif_id"])]
        columns = ["motif_id", "name", "variability", "ci_low", "ci_high", "pvalue", "padj"]
        shown = own[[name for name in columns if name in own]]
        made.append(parts.tabulated(shown, "Variability over samples", run.href("variability")))
    return Section("scores", "Accessibility by sample", tuple(made)) if made else None


def _peaks(run: Run, matches) -> Section:
    """Peaks that the motifs hit: how many changed, and the strongest."""
    n_hits = np.asarray(matches.sum(axis=1)).ravel()
    made: list[Table | Text] = []
    for contrast in run.contrasts:
        beside.of_rows(n_hits, len(run.peaks), str(run.path("matches")))
        table = run.tests(contrast).assign(hits=n_hits)
        carrying = table[table["hits"] > 0]
        numbers = ", ".join(
            f"{(carrying['direction'] == way).sum():,} of {(table['direction'] == way).sum():,} {words}"
            for way, words in parts.SIDES.items()
            if (table["direction"] == way).any()
        )
        made.append(Text((f"{contrast}: peaks with a hit are {numbers}.",)))
        called = carrying[carrying["direction"].isin(CALLED)]
        called = called.sort_values(["padj", "pvalue"], kind="stable").reset_index()
        columns = [
            "peak",
            "hits",
            "gene_name",
            "feature",
            "tss_distance",
            "log2FoldChange",
            "padj",
            "direction",
        ]
        shown = called[[name for name in columns if name in called]]
        href = run.href("differential", contrast)
        made.append(parts.tabulated(shown, "Changed peaks with a hit, strongest first", href))
    return Section("peaks", "Peaks that it hits", tuple(made))


def _own_gene(run: Run, name: str, motifs: pd.DataFrame, names: pd.DataFrame) -> Section | None:
    """The peaks of the gene that codes for the factor, those nearest to its start first."""
    annotation = run.find("annotation")
    if annotation is None:
        return None
    coded = set(names.loc[names["motif_id"].isin(motifs["motif_id"]), "tf_name"].str.casefold())
    nearest = annotation[annotation["gene_name"].str.casefold().isin({name.casefold(), *coded})]
    if nearest.empty:
        return Section("gene", "Its gene", (Text(("No peak lies in its gene or nearest to its start.",)),))
    nearest = parts.outwards(nearest)
    made = []
    for contrast in run.contrasts:
        rows = run.tests(contrast).loc[nearest["peak"]].reset_index()
        columns = ["peak", "gene_name", "feature", "tss_distance", "baseMean", "log2FoldChange", "padj"]
        kept = [column for column in (*columns, "direction") if column in rows]
        made.append(parts.tabulated(rows[kept], f"{contrast}: peaks of its gene"))
    return Section("gene", "Its gene", tuple(made))
