"""One contrast's chapter of the report: each stage's results, read and put in order."""

import posixpath

import pandas as pd

from workflow_lib.factors import evidence
from workflow_lib.report import (
    answer,
    chromvar,
    directions,
    enrichment,
    explorer,
    factors,
    footprints,
    format,
    loci,
    normalisation,
    profiles,
    sections,
)
from workflow_lib.report.content import Figure, Finding, Gallery, Link, Section
from workflow_lib.report.figures import FEW, figure, logos, room
from workflow_lib.report.summary import Found
from workflow_lib.results.run import Run
from workflow_lib.stats import forms
from workflow_lib.stats.forms import CALLED

Told = tuple[tuple[str, Link], ...]
"""Sentences of the answer's details, and the sections that they come from."""


def found(run: Run, name: str) -> Found:
    """What a contrast came to, as far as the run went."""
    form = forms.parse(run.contrast(name))
    sizes = [int(cell.sum()) for cell in reversed(list(form.cells(run.samples).values()))]
    smallest = (sizes[0], sizes[-1]) if form.is_difference else (min(sizes), min(sizes))
    kinds = [kind for kind in ("normalisation", "global_shift", "calibration") if run.has(kind)]
    own = {
        kind: table[table["contrast"] == name] for kind, table in ((kind, run.table(kind)) for kind in kinds)
    }
    return Found(
        forms.named(run.contrast(name)),
        run.table("differential", name),
        smallest,
        factors=evidence.read(run.path("factors", name)) if run.has("factors") else None,
        methods=own.get("normalisation"),
        nulls=own.get("calibration"),
        caution=_caution(own.get("global_shift")),
    )


def _caution(shift: pd.DataFrame | None) -> str:
    """What is to be said of size factors that rest on few peaks."""
    if shift is None or "caution" not in shift or shift["caution"].isna().all():
        return ""
    return str(shift["caution"].iloc[0])


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
    if run.has("footprints"):
        told, changed = _footprints(run, name)
        said, below = (*said, (told, changed.link)), (*below, changed)
    if found.factors is not None:
        said, below = ((sentence, leading), *said), (_factors(run, name, found.factors), *below)
        lead = answer.factors_sentence(found.factors, run.families, groups, run.alpha)
        leading = below[0].link
    if run.has("normalisation"):
        warned, assumed = _normalisation(run, name)
        said, below = (*((warning, assumed.link) for warning in warned), *said), (assumed, *below)
    if run.has("profiles", name):
        below = (*below, profiles.section(run, name))
    if run.has("loci"):
        below = (*below, _loci(run, name))
    if run.has("signal_figure", name) and table["direction"].isin(CALLED).any():
        drawing = figure(run, "signal_figure", name)
        signal = Section(
            format.anchor("signal", name), "Signal around changed regions", (Gallery((drawing,)),)
        )
        below = (signal, *below)
    first, others = _differential_figures(run, name, table)
    href = run.href("differential", name)
    peaks = explorer.peaks(
        name,
        table,
        f"{groups['experiment']} / {groups['control']}",
        (first, sections.top_peaks(table, href, room(run, sections.N_PEAKS))),
        href,
        n_contrasts=len(run.contrasts),
        lead=figure(run, "factors_figure", name) if found.factors is not None else None,
    )
    section = sections.contrast(name, sentence, table, peaks, others, below)
    details, links = tuple(text for text, _ in said), tuple(link for _, link in said)
    return Finding(lead, details, leading, links), section


def _differential_figures(run: Run, name: str, table: pd.DataFrame) -> tuple[list[Figure], list[Figure]]:
    """The figures that have something to show: those that the page draws anew, and the others."""
    numbers = table["direction"].value_counts()
    ways = ("changed",) if forms.parse(run.contrast(name)).any else ("up", "down")
    counted = f"{', '.join(f'{numbers.get(way, 0):,} {way}' for way in ways)} of {len(table):,} peaks"
    over = " / ".join(forms.parse(run.contrast(name)).names)
    first = [figure(run, "ma", name, counted=counted, over=over)] if len(run.contrasts) <= FEW else []
    figures = []
    if table["pvalue"].notna().any():
        first.insert(
            0,
            figure(run, "volcano", name, counted=counted),
        )
        figures = [
            figure(run, "pvalues", name, n=f"{table['pvalue'].notna().sum():,}"),
        ]
    if table["direction"].isin(CALLED).any():
        if run.has("top_peaks"):
            figures.append(figure(run, "top_peaks", name))
        if run.has("features") and table.get("feature", pd.Series(dtype=object)).notna().any():
            figures.append(figure(run, "features", name))
    return first, figures


def _factors(run: Run, name: str, table: pd.DataFrame) -> Section:
    """All evidence for the factors of one contrast."""
    drawn = logos(run, factors.shown(table).rename(columns={"representative": "motif_id"}))
    groups, href = forms.named(run.contrast(name)), run.href("factors", name)
    permuted, counted = run.find("factors_permuted", name), run.find("target_counts", name)
    sites = None if counted is None else factors.sites(counted, run.href("targets", name), groups["kind"])
    return factors.section(
        name,
        table,
        run.families,
        drawn,
        None,
        groups,
        run.alpha,
        href,
        permuted=permuted,
        targets=sites,
        least=run.settings.get("factors", {}).get("min_expression"),
    )


def _footprints(run: Run, name: str) -> tuple[str, Section]:
    """What footprints say of one contrast: the sentence and the section."""
    table, groups = run.table("footprints", name), forms.named(run.contrast(name))
    href = run.href("footprint_figures", name)
    drawn = footprints.paths(run.path("footprint_figures", name), table)
    figures = [
        figure(run, "footprint_changes", name),
        figure(run, "footprint_leading", name),
    ]
    section = footprints.section(
        name,
        table,
        run.families,
        logos(run, footprints.shown(table)),
        figures,
        footprints.motif_figures(run, name, table, drawn, run.alpha),
        {motif: posixpath.join(href, path) for motif, path in drawn.items()},
        groups,
        run.alpha,
        run.href("footprints", name),
    )
    return footprints.sentence(table, groups, run.alpha), section


def _loci(run: Run, name: str) -> Section:
    """Pictures of single places of one contrast."""
    href = run.href("loci", name)
    places = run.table("loci_table", name)
    drawn = loci.figures(run, name, places)
    return loci.section(name, places, drawn, run.settings["loci"], href)


def _normalisation(run: Run, name: str) -> tuple[tuple[str, ...], Section]:
    """What was assumed of one contrast: a warning, if any, and the section."""
    kinds = [kind for kind in ("normalisation", "global_shift", "count_bias", "calibration") if run.has(kind)]
    own = {
        kind: table[table["contrast"] == name] for kind, table in ((kind, run.table(kind)) for kind in kinds)
    }
    shift = own["global_shift"].iloc[0].to_dict()
    n = len(own["normalisation"])
    figures = [figure(run, "normalisation_figure", name, wide=n > 2, n=n)]
    hrefs = {kind: run.href(kind) for kind in own}
    runs = own.get("calibration")
    if runs is not None and (runs["run"].notna() & (runs["kind"] != "observed")).any():
        figures.append(figure(run, "calibration_figure", name))
    section = normalisation.section(
        name, shift, own["normalisation"], own["count_bias"], runs, figures, hrefs
    )
    return normalisation.warning(shift, own["normalisation"], own["count_bias"]), section


def _motifs(run: Run, name: str) -> tuple[Told, tuple[Section, ...]]:
    """What motifs say about one contrast: the sentences and the sections."""
    enriched = {way: run.table("enrichment", name, direction=way) for way in ("up", "down")}
    moved = run.table("deviation_tests", name)
    groups = forms.named(run.contrast(name))
    if directions.is_any(groups):
        said = [_undirected(run, name)]
    else:
        said = [
            answer.enrichment_sentence(enriched[way], run.families, way, run.alpha, groups["kind"])
            for way in enriched
        ]
    moved_sentence = answer.deviation_sentence(moved, run.families, groups, run.alpha)
    moved = run.clustered(moved)
    drawn = logos(
        run,
        *(sections.strongest(table, sections.N_MOTIFS) for table in enriched.values()),
        chromvar.shown(moved),
    )
    drawing = figure(run, "enrichment_figure", name)
    hrefs = {way: run.href("enrichment", name, direction=way) for way in enriched}
    href = run.href("deviation_tests", name)
    below = (
        sections.enrichment(name, said, enriched, run.families, drawn, drawing, hrefs, groups["kind"]),
        chromvar.deviations(name, moved_sentence, moved, run.families, drawn, href),
    )
    told = (*((text, below[0].link) for text in said), (moved_sentence, below[1].link))
    return told, (below[0], *_background(run, name), *below[1:])


def _undirected(run: Run, name: str) -> str:
    """That motifs were not tested by direction, and where they were."""
    said = directions.untested("motifs", "peaks")
    others = "; the table of factors tests them in peaks that changed" if run.has("factors", name) else ""
    return f"{said}{others}."


def _background(run: Run, name: str) -> tuple[Section, ...]:
    """The background of one contrast's enrichment, and motifs along its fold change."""
    if not run.has("balance"):
        return ()
    ways = ("up", "down")
    compared = enrichment.background(
        name,
        run.settings["enrichment"]["background"],
        {way: run.table("balance", name, direction=way) for way in ways},
        figure(run, "balance_figure", name),
        {way: run.href("balance", name, direction=way) for way in ways},
    )
    along = enrichment.gradient(name, run.table("gradient", name), figure(run, "gradient_figure", name))
    # without directions no set of peaks is compared with a background
    return (along,) if directions.is_any(forms.named(run.contrast(name))) else (compared, along)
