"""One contrast's chapter of the report: each stage's results, read and put in order."""

import posixpath

import pandas as pd

from workflow_lib.factors import evidence
from workflow_lib.io import tables
from workflow_lib.report import (
    answer,
    chromvar,
    enrichment,
    explorer,
    factors,
    footprints,
    format,
    loci,
    normalisation,
    sections,
)
from workflow_lib.report.content import Figure, Finding, Link, Section
from workflow_lib.report.run import Run
from workflow_lib.report.summary import Found
from workflow_lib.stats import levels

Told = tuple[tuple[str, Link], ...]
"""Sentences of the answer's details, and the sections that they come from."""


def found(run: Run, name: str) -> Found:
    """What a contrast came to, as far as the run went."""
    groups = run.contrasts[name]
    n_experiment, n_control = (int(side.sum()) for side in levels.sides(run.samples, groups).values())
    kinds = [kind for kind in ("normalisation", "calibration") if kind in run.results]
    own = {
        kind: table[table["contrast"] == name] for kind, table in ((kind, run.table(kind)) for kind in kinds)
    }
    return Found(
        groups,
        run.table("differential", name),
        (n_experiment, n_control),
        factors=evidence.read(run.path("factors", name)) if "factors" in run.results else None,
        methods=own.get("normalisation"),
        nulls=own.get("calibration"),
    )


def chapter(run: Run, name: str, found: Found) -> tuple[Finding, Section]:
    """The findings of a contrast and its chapter; what the run did not make is left out."""
    groups, table = found.groups, found.peaks
    beyond = run.settings["differential"]["min_abs_log2fc"]
    sentence = answer.differential_sentence(table, groups, found.replicates, run.alpha, beyond)
    lead, leading = sentence, Link(format.anchor("contrast", name), name)
    said: Told = ()
    below: tuple[Section, ...] = ()
    if run.has_motifs:
        said, below = _motifs(run, name)
    if "footprints" in run.results:
        told, changed = _footprints(run, name)
        said, below = (*said, (told, changed.link)), (*below, changed)
    if found.factors is not None:
        said, below = ((sentence, leading), *said), (_factors(run, name, found.factors), *below)
        lead = answer.factors_sentence(found.factors, run.families, groups, run.alpha)
        leading = below[0].link
    if "normalisation" in run.results:
        warned, assumed = _normalisation(run, name)
        said, below = (*((warning, assumed.link) for warning in warned), *said), (assumed, *below)
    if "loci" in run.results:
        below = (*below, _loci(run, name))
    first, others = _differential_figures(run, name, table)
    href = run.href("differential", name)
    peaks = explorer.peaks(
        name,
        table,
        f"{groups['experiment']} / {groups['control']}",
        (first, sections.top_peaks(table, href)),
        href,
        n_contrasts=len(run.contrasts),
    )
    section = sections.contrast(name, sentence, table, peaks, others, below)
    details, links = tuple(text for text, _ in said), tuple(link for _, link in said)
    return Finding(lead, details, leading, links), section


def _differential_figures(run: Run, name: str, table: pd.DataFrame) -> tuple[list[Figure], list[Figure]]:
    """The figures that have something to show: those that the page draws anew, and the others."""
    numbers = table["direction"].value_counts()
    counted = f"{numbers.get('up', 0):,} up, {numbers.get('down', 0):,} down of {len(table):,} peaks"
    over = f"{run.contrasts[name]['experiment']} / {run.contrasts[name]['control']}"
    first = [
        run.figure("ma", f"MA plot of {name}: {counted}", f"Fold change ({over}) by mean accessibility", name)
    ]
    figures = []
    if table["pvalue"].notna().any():
        first.insert(
            0,
            run.figure(
                "volcano",
                f"Volcano plot of {name}: {counted}",
                "Evidence by fold change; significant above the dashed line",
                name,
            ),
        )
        figures = [
            run.figure(
                "pvalues",
                f"Histogram of {table['pvalue'].notna().sum():,} p-values of {name}",
                "p-values: flat where nothing changed, high at 0 where something did",
                name,
            ),
        ]
    if table["direction"].isin(["up", "down"]).any():
        if "top_peaks" in run.results:
            alt = f"Heat map of the strongest peaks of {name} over all samples"
            figures.append(run.figure("top_peaks", alt, "Strongest peaks of each direction", name))
        if "features" in run.results and table.get("feature", pd.Series(dtype=object)).notna().any():
            alt = f"Bar chart of up and down peaks of {name} by feature"
            figures.append(run.figure("features", alt, "Where changed peaks lie", name))
    return first, figures


def _factors(run: Run, name: str, table: pd.DataFrame) -> Section:
    """All evidence for the factors of one contrast."""
    figure = run.figure(
        "factor_figures",
        f"Evidence for the leading groups of motifs of {name}; the table below holds its values",
        "What each test says of the leading groups of like motifs: triangles point up where activity rises",
        name,
        wide=True,
    )
    drawn = run.logos(factors.shown(table).rename(columns={"representative": "motif_id"}))
    groups, href = run.contrasts[name], run.href("factors", name)
    return factors.section(name, table, run.families, drawn, figure, groups, run.alpha, href)


def _footprints(run: Run, name: str) -> tuple[str, Section]:
    """What footprints say of one contrast: the sentence and the section."""
    table, groups = run.table("footprints", name), run.contrasts[name]
    folder, href = run.path("footprint_figures", name), run.href("footprint_figures", name)
    drawn = footprints.paths(folder, table)
    names = dict(zip(table["motif_id"], table["name"].fillna(table["motif_id"]).astype(str), strict=True))
    figures = [
        run.figure(
            "footprint_changes",
            f"Change of depth against change of flanks of {name}; the table below has values",
            "Depth against flanks, a point a motif; colour and shape: which of the two changed",
            name,
        ),
        run.figure(
            "footprint_leading",
            f"Corrected cuts by group around the sites of the leading motifs of {name}",
            "Cuts beyond those expected around the leading motifs (dark) and their near flanks (pale)",
            name,
            wide=True,
        ),
    ]
    section = footprints.section(
        name,
        table,
        run.families,
        run.logos(footprints.shown(table)),
        figures,
        footprints.motif_figures(drawn, names, folder, href),
        {motif: posixpath.join(href, path) for motif, path in drawn.items()},
        groups,
        run.alpha,
        run.href("footprints", name),
    )
    return footprints.sentence(table, groups, run.alpha), section


def _loci(run: Run, name: str) -> Section:
    """Pictures of single places of one contrast."""
    folder, href = run.path("loci", name), run.href("loci", name)
    places = tables.read_table(posixpath.join(folder, "loci.tsv"))
    drawn = loci.figures(places, folder, href)
    return loci.section(name, places, drawn, run.settings["loci"], href)


def _normalisation(run: Run, name: str) -> tuple[tuple[str, ...], Section]:
    """What was assumed of one contrast: a warning, if any, and the section."""
    kinds = [kind for kind in ("normalisation", "global_shift", "calibration") if kind in run.results]
    own = {
        kind: table[table["contrast"] == name] for kind, table in ((kind, run.table(kind)) for kind in kinds)
    }
    shift = own["global_shift"].iloc[0].to_dict()
    n = len(own["normalisation"])
    figures = [
        run.figure(
            "normalisation_figures",
            f"MA plots of {name} under {n} sets of size factors; the table above has the numbers",
            "Fold change by mean accessibility, once for each set of size factors",
            name,
            wide=n > 2,
        )
    ]
    hrefs = {kind: run.href(kind) for kind in own}
    runs = own.get("calibration")
    if runs is not None and (runs["run"].notna() & (runs["kind"] != "observed")).any():
        figures.append(
            run.figure(
                "calibration_figures",
                f"Histograms of p-values of {name} where nothing differs; the table above has the numbers",
                "p-values where nothing differs; uniform ones follow the dashed line",
                name,
            )
        )
    section = normalisation.section(name, shift, own["normalisation"], runs, figures, hrefs)
    return normalisation.warning(shift, own["normalisation"]), section


def _motifs(run: Run, name: str) -> tuple[Told, tuple[Section, ...]]:
    """What motifs say about one contrast: the sentences and the sections."""
    enriched = {way: run.table(way, name) for way in ("up", "down")}
    moved = run.table("deviations", name)
    said = [answer.enrichment_sentence(enriched[way], run.families, way, run.alpha) for way in enriched]
    moved_sentence = answer.deviation_sentence(moved, run.families, run.contrasts[name], run.alpha)
    moved = run.clustered(moved)
    drawn = run.logos(
        *(sections.strongest(table, sections.N_MOTIFS) for table in enriched.values()), chromvar.shown(moved)
    )
    figure = run.figure(
        "enrichment_figures",
        f"Dot plot of the most enriched motifs of {name}; the tables below hold its values",
        "Most enriched motifs in up and down peaks; hollow: not significant",
        name,
        wide=True,
    )
    hrefs = {way: run.href(way, name) for way in enriched}
    below = (
        sections.enrichment(name, said, enriched, run.families, drawn, figure, hrefs),
        chromvar.deviations(name, moved_sentence, moved, run.families, drawn, run.href("deviations", name)),
    )
    told = (*((text, below[0].link) for text in said), (moved_sentence, below[1].link))
    return told, (below[0], *_background(run, name), *below[1:])


def _background(run: Run, name: str) -> tuple[Section, ...]:
    """The background of one contrast's enrichment, and motifs along its fold change."""
    if "balance_up" not in run.results:
        return ()
    ways = ("up", "down")
    balance_figure = run.figure(
        "balance_figures",
        f"Standardised differences between changed peaks of {name} and their background",
        "Difference of changed peaks from their background, before and after weighting",
        name,
        wide=True,
    )
    gradient_figure = run.figure(
        "gradient_figures",
        f"Heat map of motif enrichment in bins of peaks by fold change of {name}",
        "Enrichment of the strongest motifs along the fold change",
        name,
        wide=True,
    )
    return (
        enrichment.background(
            name,
            run.settings["enrichment"]["background"],
            {way: run.table(f"balance_{way}", name) for way in ways},
            balance_figure,
            {way: run.href(f"balance_{way}", name) for way in ways},
        ),
        enrichment.gradient(name, run.table("gradient", name), gradient_figure),
    )
