"""Sections about some peaks, each None where the run has nothing to say."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from workflow_lib import intervals
from workflow_lib.io import hits
from workflow_lib.questions.explain import page
from workflow_lib.report import format
from workflow_lib.report.content import Cell, Finding, Gallery, Section, Table, Text
from workflow_lib.results.run import Run

MOST = 25
"""Rows of a table that may have thousands; its caption says how many there are and where."""
SIDES = {
    "up": "more open",
    "down": "less open",
    "changed": "changed",
    "none": "no significant change",
    "untested": "not tested",
}
HEADINGS = {
    "position": "position (from 1)",
    "distance": "to TSS (bp)",
    "gene_id": "gene id",
    "gene_type": "gene type",
    "tf_names": "factors",
    "information_content": "information (bits)",
    "threshold": "threshold (bits)",
    "pvalue_attained": "p of the threshold",
    "foreground_hits": "changed peaks with a hit",
    "foreground_size": "changed peaks",
    "n_peaks": "peaks",
    "n_sites": "sites",
    "joint_pvalue": "p, against matched peaks too",
    "joint_padj": "adjusted p, against matched peaks too",
    "delta_flank": "flank difference",
    "flank_padj": "flank adj. p",
    "up_log2": "log₂ enrichment, up",
    "up_padj": "up adj. p",
    "down_log2": "log₂ enrichment, down",
    "down_padj": "down adj. p",
    "hits": "hits",
    "best": "best score (bits)",
    "rank": "rank",
    "chromvar_delta": "chromVAR difference",
    "chromvar_padj": "chromVAR adj. p",
    "delta_depth": "footprint difference",
    "depth_padj": "footprint adj. p",
    "factor_padj": "all evidence adj. p",
    "factor_direction": "activity",
}


def where(place) -> str:
    """The region of a row with chrom, start, end."""
    if pd.isna(place.chrom):
        return "an unknown place"
    return intervals.region(place.chrom, place.start, place.end)


def finding(run: Run, peak: str) -> Finding:
    """What the tests say of one peak, in a sentence and a line a contrast."""
    place = run.places.loc[peak]
    size = "" if pd.isna(place.chrom) else f"{place.end - place.start:,} bp "
    sentence = f"{peak}: {size}at {where(place)}{_beside(run, peak)}."
    return Finding(sentence, tuple(_said(run, contrast, peak) for contrast in run.contrasts))


def _beside(run: Run, peak: str) -> str:
    annotation = run.by_peak("annotation")
    if annotation is None:
        return ""
    row = annotation.loc[peak]
    if pd.isna(row["gene_name"]) and pd.isna(row["gene_id"]):
        return f", {row['feature']}"
    name = row["gene_id"] if pd.isna(row["gene_name"]) else row["gene_name"]
    beside = name
    if not _starts_nearest(row):
        named = pd.notna(row["nearest_gene_name"])
        beside = row["nearest_gene_name"] if named else row["nearest_gene_id"]
    feature = row["feature"] if beside == name else f"{row['feature']} of {name}"
    if row["tss_distance"] == 0:
        return f", {feature}, on the transcription start of {beside}"
    side = "upstream" if row["tss_distance"] < 0 else "downstream"
    return f", {feature}, {abs(row['tss_distance']):,.0f} bp {side} of the start of {beside}"


def _starts_nearest(row: pd.Series) -> bool:
    """Whether the nearest transcription start is that of the peak's own gene; in older runs it is."""
    return (
        "nearest_gene_id" not in row
        or pd.isna(row["nearest_gene_id"])
        or (row["nearest_gene_id"] == row["gene_id"])
    )


def outwards(annotation: pd.DataFrame) -> pd.DataFrame:
    """Peaks of a gene, those nearest to its start first, and last those nearer to the start of another."""
    own = annotation.apply(_starts_nearest, axis=1).astype(bool)
    keys = pd.DataFrame({"other": ~own, "distance": annotation["tss_distance"].abs()})
    return annotation.loc[keys.sort_values(["other", "distance"], kind="stable").index]


def _said(run: Run, contrast: str, peak: str) -> str:
    row = run.tests(contrast).loc[peak]
    said = f"{contrast}: {SIDES.get(row['direction'], row['direction'])}"
    if not pd.isna(row["log2FoldChange"]):
        said += f"; log2 fold change {row['log2FoldChange']:.2f}"
    if not pd.isna(row["padj"]):
        said += f", adjusted p {format.number(row['padj'], 'padj')}"
    under = run.by_peak("normalisation_peaks", contrast)
    if under is not None and row["direction"] in ("up", "down", "changed"):
        counted = under.loc[peak]
        either = counted["n_methods"] - counted["n_up"] - counted["n_down"]  # of a test without directions
        agree = either if row["direction"] == "changed" else counted[f"n_{row['direction']}"]
        said += f"; so called under {int(agree)} of {len(methods(under))} sets of size factors"
    return said + "."


def listed(run: Run, peaks: Sequence[str], caption: str) -> Section:
    """Where peaks lie and which gene is theirs."""
    places = run.places.loc[list(peaks)]
    rows = pd.DataFrame({"peak": list(peaks), "position": [where(row) for row in places.itertuples()]})
    known, annotation = run.by_peak("peaks"), run.by_peak("annotation")
    for table, columns in (
        (known, [] if known is None else list(known.columns.drop(["chrom", "start", "end"]))),
        (annotation, ["feature", "gene_name", "gene_id", "gene_type", "tss_distance", "nearest_gene_name"]),
    ):
        if table is not None:
            of_peaks = table.loc[list(peaks)]
            rows = rows.assign(**{name: of_peaks[name].to_numpy() for name in columns if name in of_peaks})
    if "summit" in rows:
        rows["summit"] = [_whole(summit + 1) for summit in rows["summit"]]
    return Section("peaks", "Peaks", (tabulated(rows, caption),))


def tests(run: Run, peaks: Sequence[str]) -> Section:
    """The test of each contrast, and the fold change under each set of size factors."""
    below = []
    for contrast in run.contrasts:
        columns = ["baseMean", "log2FoldChange", "lfcSE", "log2FoldChange_shrunk", "pvalue", "padj"]
        rows = run.tests(contrast).loc[list(peaks), [*columns, "direction"]].reset_index()
        href = run.href("differential", contrast)
        parts = [tabulated(rows, f"Test of {contrast}", href)]
        under = _normalisations(run, contrast, peaks)
        if under is not None:
            href = run.href("normalisation_peaks", contrast)
            parts.append(tabulated(under, "Under each set of size factors", href))
        below.append(Section(format.anchor("test", contrast), contrast, tuple(parts)))
    return Section("tests", "Tests", (), tuple(below))


def _normalisations(run: Run, contrast: str, peaks: Sequence[str]) -> pd.DataFrame | None:
    """A row a method for one peak; a row a peak for several."""
    under = run.by_peak("normalisation_peaks", contrast)
    if under is None:
        return None
    rows = under.loc[list(peaks)]
    if len(rows) > 1:
        folds = {f"log₂ FC, {method}": rows[f"{method}.log2FoldChange"].round(2) for method in methods(under)}
        called = rows[["n_up", "n_down"]].set_axis(["called up by", "called down by"], axis=1)
        if (rows["n_methods"] > called.sum(axis=1)).any():  # of a test without directions
            called = rows[["n_methods"]].set_axis(["called by"], axis=1)
        return pd.DataFrame(folds).join(called).reset_index()
    names = ("baseMean", "log2FoldChange", "stat", "direction")
    return pd.DataFrame(
        [
            {"size factors": method} | {name: rows[f"{method}.{name}"].iloc[0] for name in names}
            for method in methods(under)
        ]
    )


def methods(under: pd.DataFrame) -> list[str]:
    """Sets of size factors that a table of tests under each of them has."""
    return [name.removesuffix(".direction") for name in under if name.endswith(".direction")]


def counts(run: Run, peaks: Sequence[str]) -> Section | None:
    """Counts of each sample, as counted and over its size factor."""
    if run.counts is None or run.size_factors is None:
        return None
    raw = run.counts.loc[list(peaks)].T
    factors = run.size_factors.reindex(raw.index)
    first = pd.DataFrame({"sample": raw.index, "group": run.groups.reindex(raw.index).to_numpy()})
    first["size factor"] = factors.to_numpy()
    scaled = raw.div(factors, axis=0)
    if len(peaks) == 1:
        first["count"], first["normalised"] = raw.iloc[:, 0].to_numpy(), scaled.iloc[:, 0].to_numpy()
        parts = (tabulated(first, "Counts by sample", run.href("counts")),)
        return Section("counts", "Counts", parts)
    made = []
    for values, caption in ((raw, "Counts"), (scaled.round(1), "Counts over size factors")):
        made.append(tabulated(values.T.reset_index(), f"{caption}, peaks by samples", ""))
    return Section("counts", "Counts", (tabulated(first, "Samples"), *made))


def motifs(run: Run, peaks: Sequence[str]) -> Section | None:
    """Motifs that hit the peaks, those of the factors with most evidence first."""
    if not run.has("hits"):
        return None
    library = run.find("library")
    assert library is not None
    found = _hits(run, peaks, library["motif_id"])
    if found.empty:
        return Section("motifs", "Motifs", (Text(("No motif hits these peaks.",)),))
    n = found.groupby("motif_id").agg(hits=("start", "size"), best=("score", "max"))
    rows = n.reset_index().merge(library, on="motif_id", how="left")
    rows["family"] = rows["motif_id"].map(run.families)
    below = []
    for contrast in run.contrasts:
        table = _evidence(run, contrast, rows)
        caption = f"{contrast}: {len(table):,} motifs, those with most evidence first"
        below.append(Section(format.anchor("motifs", contrast), contrast, (tabulated(table, caption),)))
    sites = found.assign(name=found["motif_id"].map(library.set_index("motif_id")["name"]))
    sites["position"] = [where(site) for site in sites.itertuples()]
    best = sites.sort_values(["score", "start"], ascending=[False, True], kind="stable")
    shown = best[["motif_id", "name", "position", "strand", "score"]]
    sites_table = tabulated(shown, f"{len(found):,} hits, best first", run.href("hits"))
    return Section("motifs", "Motifs", (sites_table,), tuple(below))


def _hits(run: Run, peaks: Sequence[str], motif_ids: Iterable[str]) -> pd.DataFrame:
    """Hits inside the peaks, once each."""
    wanted = set(motif_ids)
    path = run.path("hits")
    parts = [
        hits.read_hits_within(path, place.chrom, place.start, place.end, wanted)
        for place in run.places.loc[list(peaks)].itertuples()
    ]
    return pd.concat(parts, ignore_index=True).drop_duplicates(ignore_index=True)


def _evidence(run: Run, contrast: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Beside each motif, what chromVAR, footprints and all evidence together say of it."""
    rows = rows[[name for name in ("motif_id", "name", "family", "cluster", "hits", "best") if name in rows]]
    moved = run.find("deviation_tests", contrast)
    if moved is not None:
        padj = "joint_padj" if "joint_padj" in moved else "padj"
        rows = _joined(rows, moved, "motif_id", {"delta": "chromvar_delta", padj: "chromvar_padj"})
    marks = run.find("footprints", contrast)
    if marks is not None:
        rows = _joined(rows, marks, "motif_id", {"delta_depth": "delta_depth", "padj": "depth_padj"})
    ranked = run.find("factors", contrast)
    if ranked is not None and "cluster" in rows:
        names = {"rank": "rank", "direction": "factor_direction", "padj": "factor_padj"}
        rows = _joined(rows.assign(key=rows["cluster"].fillna(rows["motif_id"])), ranked, "key", names)
        rows = rows.drop(columns="key").sort_values(["rank", "best"], ascending=[True, False], kind="stable")
    elif "chromvar_padj" in rows:
        rows = rows.sort_values(["chromvar_padj", "best"], ascending=[True, False], kind="stable")
    return rows


def _joined(rows: pd.DataFrame, table: pd.DataFrame, key: str, names: dict[str, str]) -> pd.DataFrame:
    """Columns of a table beside rows, under new names."""
    own = table.set_index("cluster" if key == "key" else key)
    kept = [name for name in names if name in own]
    return rows.assign(**{names[name]: rows[key].map(own[name]).to_numpy() for name in kept})


def links(run: Run, peaks: Sequence[str], gene_ids: Iterable[str] = ()) -> Section | None:
    """Correlations of the peaks, and of genes, with what lies near."""
    table = run.find("links")
    if table is None:
        return None
    chosen = table[table["peak"].isin(list(peaks)) | table["gene_id"].isin(list(gene_ids))]
    if chosen.empty:
        return Section("links", "Links", (Text(("No gene within reach could be linked.",)),))
    chosen = chosen.sort_values(["padj", "pvalue"], kind="stable", na_position="last")
    names = ["gene_name", "gene_id", "peak", "distance", "spearman", "pearson", "zscore", "pvalue", "padj"]
    rows = chosen[[name for name in names if name in chosen]]
    caption = f"{len(rows):,} links of peaks with genes, strongest first"
    return Section("links", "Links", (tabulated(rows, caption, run.href("links")),))


def loci(run: Run, places: pd.DataFrame) -> Section | None:
    """Pictures that the run drew of windows around the places (chrom, start, end)."""
    figures = []
    for contrast in run.contrasts:
        table = run.find("loci_table", contrast)
        if table is None:
            continue
        for row in table.itertuples():
            near = (places["chrom"] == row.chrom) & (places["start"] < row.end) & (places["end"] > row.start)
            said = {"name": f"{contrast}, {row.name}", "where": where(row), "why": row.why}
            if near.any():
                figures.append(page.drawn(run, "loci", contrast, locus=row.file, **said))
    drawn = tuple(figure for figure in figures if figure is not None)
    return Section("loci", "Pictures of the place", (Gallery(drawn),)) if drawn else None


def tabulated(rows: pd.DataFrame, caption: str, href: str = "", *, most: int | None = MOST) -> Table:
    """A table of at most `most` rows; columns that are empty throughout are left out."""
    shown = rows if most is None else rows.head(most)
    if len(shown) < len(rows):
        caption += f"; {len(shown)} of {len(rows):,} rows"
    empty = [name for name in shown if shown[name].isna().all() and name not in ("padj", "pvalue")]
    shown = shown.drop(columns=empty if len(shown) else [])
    texts = shown.select_dtypes(["object", "category", "bool"]).columns
    shown = shown.assign(**{name: [_cell(value) for value in shown[name]] for name in texts})
    return format.table(shown, caption, href=href, headings=HEADINGS)


def _cell(value) -> Cell:
    if isinstance(value, bool | np.bool_):
        return Cell("yes" if value else "no")
    return format.cell(value if isinstance(value, str | Cell) else "" if pd.isna(value) else str(value))


def _whole(value) -> str:
    return "" if pd.isna(value) else f"{value:,.0f}"
