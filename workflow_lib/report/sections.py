"""Sections of the report, each from result tables."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from workflow_lib.genome.annotation import FEATURES
from workflow_lib.motifs.leading import found, strongest
from workflow_lib.report import answer, directions, format
from workflow_lib.report.content import Badge, Cell, Column, Explorer, Figure, Gallery, Section, Table, Text
from workflow_lib.stats.forms import CALLED

ROLES = {
    "driver_up": "drives peaks up",
    "driver_down": "drives peaks down",
    "footprint_only": "leaves a footprint, changes nothing",
    "decoy": "decoy: planted, never bound",
}
N_PEAKS, N_MOTIFS = 50, 15
WITHOUT_OFFSETS = (
    "Offsets are part of the tests of regions, of principal components, of correlations between samples, of "
    "heat maps and of profiles. Tracks, loci, chromVAR, the activity of factors and sets, roles and links "
    "with genes use size factors only. What the offsets take off is still in these."
)
MAIN = {"planted", "called", "power", "false_discovery_proportion"}  # of planted against called peaks
N_ALIKE = 3  # names of motifs folded into the one shown
TOP_PEAKS = [
    "peak",
    "direction",
    "log2FoldChange",
    "lfcSE",
    "padj",
    "gene_name",
    "feature",
    "tss_distance",
    "baseMean",
    "log2FoldChange_shrunk",
]


def samples(
    sheet: pd.DataFrame,
    size_factors: pd.DataFrame,
    figures: Sequence[Figure],
    checks: pd.DataFrame | None = None,
) -> Section:
    """One row a sample, as the sheet and the size factors have it, then the figures that compare samples.

    Parameters
    ----------
    sheet : DataFrame indexed by sample
        Sample sheet; paths of reads are not shown.
    size_factors : DataFrame
        Columns sample, used.
    figures : sequence of Figure
    checks : DataFrame, optional
        sample_checks.tsv: what there is to know is said before the table.
    """
    notes = () if checks is None else tuple(checks.loc[checks["verdict"] == "note", "sentence"].astype(str))
    rows = sheet.drop(columns=["bam", "size_factor"], errors="ignore").dropna(axis=1, how="all")
    rows = rows.join(size_factors.set_index("sample")["used"].rename("size factor"))
    for name in ("batch", "pair"):  # labels, even where they are numbers
        if name in rows:
            rows[name] = rows[name].astype(str)
    table = format.table(rows.rename_axis("sample").reset_index(), f"{len(rows)} samples")
    said = (Text(notes),) if notes else ()
    parts = (*said, table, Gallery(tuple(figures)))
    return Section(
        "samples", "Samples", parts, badge=None if checks is None else _checked(len(notes), len(checks))
    )


def _checked(n_notes: int, n_checks: int) -> Badge:
    """Whether the samples are what the sheet says."""
    if not n_checks:
        return Badge("too few to check", "fair", "Samples")
    if not n_notes:
        return Badge("nothing to note", "good", "Samples")
    return Badge(f"{n_notes} thing{'s' if n_notes > 1 else ''} to look at", "fair", "Samples")


def contrast(
    name: str,
    sentence: str,
    table: pd.DataFrame,
    explorer: Explorer,
    figures: Sequence[Figure],
    below: Sequence[Section] = (),
) -> Section:
    """Differential peaks of one contrast: the sentence, all its peaks to look around in; the rest folded."""
    more: list = [Gallery(tuple(figures))]
    if "feature" in table and table["feature"].notna().any():
        more.append(features(table))
    others = Section(format.anchor("more", name), "More on these peaks", tuple(more))
    parts = (Text((sentence, *_sign_note(table))), explorer)
    folded = tuple(replace(section, folded=True) for section in (*below, others))
    return Section(format.anchor("contrast", name), name, parts, folded, panel=True)


def top_peaks(table: pd.DataFrame, href: str = "", most: int = N_PEAKS) -> Table | None:
    """Called peaks with the smallest p; if none is called, a few for orientation; None if none was tested."""
    tested = table.dropna(subset="padj")
    if tested.empty:
        return None
    called = tested[tested["direction"].isin(CALLED)]
    chosen = called if len(called) else tested
    order = np.lexsort([np.arange(len(chosen)), -chosen["log2FoldChange"].abs(), chosen["pvalue"]])
    chosen = chosen.iloc[order[: most if len(called) else min(most, 10)]]
    rows = chosen[[name for name in TOP_PEAKS if name in chosen and chosen[name].notna().any()]]
    for column in ("gene_name", "feature"):
        if column in rows:
            rows = rows.assign(**{column: rows[column].fillna("NA").astype(str)})
    caption = (
        f"The {len(chosen):,} strongest of {len(called):,} changed peaks, by p-value"
        if len(called)
        else f"No peak is significant; the {len(chosen)} smallest p-values, for orientation only"
    )
    main = {"direction", "log2FoldChange", "padj", "gene_name", "feature"}
    return format.table(rows, caption, href=href, main=main)


def features(table: pd.DataFrame) -> Table:
    """Where changed peaks lie, beside all peaks; directions without a peak are left out."""
    sets = {way: table[table["direction"] == way] for way in CALLED}
    sets = {way: peaks for way, peaks in sets.items() if len(peaks)} | {"all peaks": table}
    found = set(table["feature"].dropna())
    order = [name for name in FEATURES if name in found] + sorted(found - set(FEATURES))
    rows = []
    for feature in order:
        cells = [Cell(feature)]
        for way, peaks in sets.items():
            n = int((peaks["feature"] == feature).sum())
            share = n / len(peaks)
            tone = way if way in CALLED else ""
            cells.append(
                Cell(
                    f"{n:,} ({'<1' if 0 < share < 0.005 else f'{100 * share:.0f}'} %)", share=share, tone=tone
                )
            )
        rows.append(tuple(cells))
    headings = [f"{way} (n = {len(peaks):,})" for way, peaks in sets.items()]
    columns = [Column(name, format.hint(name, name), name != "feature") for name in ("feature", *headings)]
    return Table("Features of the peaks, by their summits", tuple(columns), tuple(rows))


def enrichment(
    name: str,
    sentences: Sequence[str],
    tables: Mapping[str, pd.DataFrame],
    families: Mapping[str, str],
    logos: Collection[str],
    figure: Figure,
    hrefs: Mapping[str, str],
    kind: str = "",
) -> Section:
    """Motifs of one contrast's up and down peaks.

    Parameters
    ----------
    tables, hrefs : mapping of `up` and `down`
        Enrichment tables and their addresses.
    families : mapping of motif_id to family
    logos : collection of motif_id
        Motifs whose logos the page can draw.
    figure : Figure
        Left out, like the tables, where nothing was tested.
    kind : str
        Of the contrast, as :func:`workflow_lib.stats.forms.named` has it.
    """
    tested = {way: table.dropna(subset="padj") for way, table in tables.items()}
    tested = {way: table for way, table in tested.items() if len(table)}
    parts: list = [Text((*sentences, *([answer.FAMILY_CAUTION] if tested else [])))]
    if tested:
        parts.append(Gallery((figure,)))
    for direction, table in tested.items():
        top = strongest(found(table), N_MOTIFS)
        if top.empty:
            continue
        words = f"{directions.peaks(direction, kind)} ({direction})"
        caption = f"The {len(top)} strongest of {len(tables[direction]):,} motifs in {words}, by p-value"
        if "reaches_pvalue" in top and not top["reaches_pvalue"].all():
            caption += "; †: too short to reach the p-value, only perfect matches count, and many are chance"
        rows = _enriched(top, direction, families, logos)
        if "cluster" in table and table["cluster"].notna().any():
            rows.insert(rows.columns.get_loc("name") + 1, "alike", _alike(top, table))
        main = {"family", "padj", "odds ratio (95 % interval)", f"in {direction} peaks"}
        parts.append(format.table(rows, caption, href=hrefs[direction], main=main))
    return Section(format.anchor("motifs", name), "Motifs in changed peaks", tuple(parts))


def _enriched(top: pd.DataFrame, direction: str, families: Mapping, logos: Collection) -> pd.DataFrame:
    """Rows of one direction's enrichment table as the report shows them."""
    rows = motif_columns(top, families, logos)
    for column in ("log2_enrichment", "padj"):
        rows[column] = top[column].to_numpy()
    intervals = zip(top["odds_ratio"], top["ci_low"], top["ci_high"], strict=True)
    rows["odds ratio (95 % interval)"] = [
        f"{odds:.2f} ({low:.2f} to {high:.2f})" for odds, low, high in intervals
    ]
    for which, heading in (("foreground", f"in {direction} peaks"), ("background", "in background")):
        rows[heading] = [
            Cell(f"{hits:,.0f} of {size:,.0f} ({format.percent(hits / size)})")
            for hits, size in zip(top[f"{which}_hits"], top[f"{which}_size"], strict=True)
        ]
    return rows


def _alike(top: pd.DataFrame, table: pd.DataFrame) -> list[Cell]:
    """What is folded into each motif: the number of others of its cluster, and the names of the best."""
    names = table.sort_values("log10_pvalue", kind="stable").groupby("cluster", sort=False)["name"].agg(list)
    cells = []
    for name, cluster in zip(top["name"], top["cluster"], strict=True):
        together = names.get(cluster, [name])
        others = [other for other in dict.fromkeys(together) if other != name]
        shown = ", ".join(others[:N_ALIKE]) + (", …" if others[N_ALIKE:] else "")
        more = len(together) - 1
        cells.append(Cell(f"and {more} similar{': ' if shown else ''}{shown}" if more else ""))
    return cells


def truth(peaks: pd.DataFrame, motifs: pd.DataFrame, hrefs: Mapping[str, str]) -> Section:
    """The demo's planted changes against what was called.

    Parameters
    ----------
    peaks, motifs : DataFrame
        Of :func:`workflow_lib.simulate.truth.compare_peaks` and
        :func:`workflow_lib.simulate.truth.compare_motifs`.
    hrefs : mapping of `peaks` and `motifs` to the tables' addresses
    """
    changed = peaks.set_index("change").loc["changed"]
    found = round(changed["power"] * changed["planted"]) if changed["planted"] else 0
    sentence = (
        "These data are simulated, so the truth is known. "
        f"Of {changed['planted']:,.0f} peaks planted to change, {found:,} were called with the right "
        f"direction (power {format.percent(changed['power'])}); of {changed['called']:,.0f} called, "
        f"{format.percent(changed['false_discovery_proportion'])} were planted without change or the other "
        "way."
    )
    rows = peaks.assign(change=peaks["change"].replace({"changed": "up or down"}))
    for column in ("power", "false_discovery_proportion"):
        rows[column] = [Cell(format.percent(value)) for value in rows[column]]
    headings = {
        "change": "planted as",
        "planted": "planted",
        "called_up": "called up",
        "called_down": "called down",
        "called_none": "called none",
        "called_untested": "untested",
        "called": "all called so",
        "false_discovery_proportion": "false among these",
        "median_log2fc_error": "log₂ FC error",
    }
    confusion = format.table(
        rows, "Planted against called peaks", href=hrefs["peaks"], headings=headings, main=MAIN
    )
    ranks = pd.DataFrame(
        {
            "motif": motifs["motif_id"],
            "name": motifs["name"],
            "role": motifs["role"].map(ROLES).fillna(motifs["role"]),
            "among up": _ranks(motifs, "rank_up", "padj_up"),
            "among down": _ranks(motifs, "rank_down", "padj_down"),
            "chromVAR variability": _ranks(motifs, "rank_variability", None),
            "chromVAR difference": _ranks(motifs, "rank_chromvar", "padj_chromvar"),
        }
    )
    n = int(motifs["n_motifs"].iloc[0]) if len(motifs) else 0
    caption = f"Planted motifs: rank among {n:,} motifs, and adjusted p"
    parts = (Text((sentence,)), confusion, format.table(ranks, caption, href=hrefs["motifs"]))
    return Section("truth", "Planted against found", parts)


def _ranks(motifs: pd.DataFrame, rank: str, padj: str | None) -> list[Cell]:
    """Ranks in words, with the adjusted p-value behind."""
    pvalues = motifs[padj] if padj else [np.nan] * len(motifs)
    cells = []
    for place, p in zip(motifs[rank], pvalues, strict=True):
        text = "not tested" if pd.isna(place) else f"{int(place):,}"
        cells.append(Cell(text if pd.isna(p) else f"{text} ({format.number(p, 'padj')})"))
    return cells


def named(name: str, motif: str, logos: Collection[str]) -> Cell:
    """A motif's name, below its logo where there is one."""
    if motif not in logos:
        return Cell(name)
    return Cell(name, logo=motif, alt=f"Sequence logo of {name}")


def motif_columns(top: pd.DataFrame, families: Mapping[str, str], logos: Collection[str]) -> pd.DataFrame:
    """Name with its logo (where there is one), id and family (where any is known)."""
    names = [
        str(motif if pd.isna(name) else name)
        for motif, name in zip(top["motif_id"], top["name"], strict=True)
    ]
    rows = pd.DataFrame(index=range(len(top)))
    if "reaches_pvalue" in top:
        names = [f"{n}{'' if long else ' †'}" for n, long in zip(names, top["reaches_pvalue"], strict=True)]
    rows["name"] = [named(name, motif, logos) for name, motif in zip(names, top["motif_id"], strict=True)]
    rows["motif_id"] = top["motif_id"].astype(str).to_numpy()
    known = [families.get(motif) for motif in top["motif_id"]]
    if any(known):
        rows["family"] = [family or "NA" for family in known]
    return rows


def _sign_note(table: pd.DataFrame) -> tuple[str, ...]:
    """A sentence where shrunken and maximum-likelihood fold changes of called peaks disagree in sign."""
    called = table[table["direction"].isin(CALLED)]
    opposite = int((called["log2FoldChange"] * called["log2FoldChange_shrunk"] < 0).sum())
    if not opposite:
        return ()
    return (
        f"In {opposite:,} called peak(s) the shrunken fold change has the opposite sign; the direction given "
        "is that of the maximum-likelihood estimate.",
    )
