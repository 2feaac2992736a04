"""From result files to the content of the report."""

import posixpath
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from workflow_lib.io import catalogue
from workflow_lib.report import (
    answer,
    chromvar,
    differential,
    enrichment,
    factors,
    footprints,
    format,
    guide,
    head,
    linkage,
    lookup,
    methods,
    power,
    quality,
    regions,
    sections,
    summary,
    together,
)
from workflow_lib.report.content import Badge, Cell, Content, Finding, Section, Text
from workflow_lib.report.figures import figure, logos
from workflow_lib.results.run import Run

SUBJECT = "Differential chromatin accessibility"


def collect(
    run: Run,
    *,
    skipped: Sequence[tuple[str, str]] = (),
    notes: Sequence[str] = (),
    exports: Sequence[str] = (),
    date: str = "",
) -> Content:
    """Read what a run made; whatever it did not make is left out.

    Parameters
    ----------
    run : Run
        Always has `differential`, `size_factors`, `pca`, `correlation` and the figures `ma`, `volcano` and
        `pvalues`; with motifs (`library`) also `enrichment`, `variability` and `deviation_tests` with their
        figures. Any other result may be absent: what rests on it is left out.
    skipped : sequence of (stage, reason)
    notes : sequence of str
        What was noticed about the input.
    exports : sequence of str
        Results that may be written after the report: it lists them whether they are there or not.
    date : str
        The day of the run, for the head of the page.

    Returns
    -------
    Content
    """
    findings, chapters, found = [], [], []
    if run.has("truth"):
        chapters.append(_truth(run))
    if run.has("quality"):
        chapters.insert(0, _quality(run))
    chapters.append(_samples(run))
    if run.has("power") and (planned := power.section(run)):
        chapters.append(planned)
    compared = []
    for name in run.contrasts:
        found.append(differential.found(run, name))
        finding, chapter = differential.chapter(run, name, found[-1])
        findings.append(finding)
        compared.append(chapter)
    if run.has_motifs:
        finding, chapter = _variability(run)
        findings.append(finding)
        chapters.append(chapter)
    if run.has("overlaps"):
        chapters.insert(0, together.section(run))
    if run.has("links"):
        chapters.append(_linkage(run))
    chapters += [
        regions.section(run, name) for name in run.contrasts if run.has("regions", name, direction="up")
    ]
    if run.has("enrichment_all"):
        balance = run.table("balance_all")
        href = run.href("enrichment_all")
        chapters.append(enrichment.all_peaks(run.table("enrichment_all"), balance, href))
    made = {
        "bams": run.has("quality"),
        "motifs": run.has_motifs,
        "ranked": run.has("factors"),
        "linked": run.has("links"),
        "profiled": run.has("profiles"),
        "sets": any(run.has("regions", name, direction="up") for name in run.contrasts),
    }
    families = run.families if run.has_motifs else {}
    text = methods.paragraphs(run.settings, **made, too_short=run.too_short)
    cited = methods.references(run.settings, **made)
    inputs = (run.table("inputs"), run.href("inputs")) if run.has("inputs") else ()
    chapters += [_files(run, exports), methods.section(text, run.settings, cited, *inputs)]
    return Content(
        title=head.title(run) or SUBJECT,
        subject=SUBJECT,
        facts=head.facts(run, date),
        badges=head.badges((*chapters, *compared), (_of_regions(run),)),
        overview=head.overview(dict(zip(run.contrasts, found, strict=True)), run.alpha, families),
        answer=tuple(findings),
        summary=summary.sentences(
            found,
            run.alpha,
            run.settings["differential"]["min_abs_log2fc"],
            quality=run.find("quality"),
            cautions=run.find("cautions"),
            families=families,
            motifs=run.find("variability"),
        ),
        skipped=tuple((str(stage), str(reason)) for stage, reason in skipped),
        notes=(
            *(note for note in notes if not note.startswith("contrast ")),
            *_unmatched(run),
        ),  # the overview has these
        sections=tuple(
            guide.added(one) for one in (*compared, *(replace(one, folded=True) for one in chapters))
        ),
        references=cited,
        version=methods.versions()["atacdiff"],
        logos=lookup.logos(run),
        lookup=lookup.collect(run),
        examples=lookup.examples(found),
    )


def _unmatched(run: Run) -> list[str]:
    """Names of factors that match no gene of the study."""
    name = next(iter(run.contrasts))
    table, annotation = run.find("factors", name), run.find("annotation")
    if table is None:
        return []
    genes = None
    if annotation is not None:
        columns = [one for one in ("gene_name", "nearest_gene_name") if one in annotation]
        genes = pd.concat([annotation[one] for one in columns]).dropna().unique()
    return factors.unmatched(table, genes)


def _quality(run: Run) -> Section:
    """Verdicts on the reads come first: what follows rests on them."""
    figures = [figure(run, key) for key in quality.FIGURES if run.has(key)]
    section = quality.section(run.table("quality"), figures, run.href("quality"), run.find("cautions"))
    if not run.has("bias_figures"):
        return section
    return replace(section, sections=(*section.sections, footprints.preference(run)))


def _of_regions(run: Run) -> Badge | None:
    """The verdict on the regions tested, where there are reads."""
    if not run.has("quality"):
        return None
    auto = run.settings["genome"]["blacklist"] == "auto"
    left = run.has("artefacts") and not auto
    inside = quality.in_artefacts(run.table("artefacts"), run.table("peaks")) if left else 0
    return quality.regions_badge(run.table("quality"), inside)


def _samples(run: Run) -> Section:
    samples = run.samples.set_axis(run.samples.index.astype(str))
    size_factors = run.table("size_factors")
    figures = [
        figure(run, "pca", n=len(samples)),
        figure(run, "correlation", n=len(samples)),
    ]
    figures += [
        figure(run, key)
        for key in ("association", "count_bias_curves_figure", "dispersions_figure")
        if run.has(key)
    ]
    checks = run.table("sample_checks") if run.has("sample_checks") else None
    section = sections.samples(samples, size_factors, figures, checks)
    empty = quality.empty_peaks(run.table("differential", next(iter(run.contrasts))))
    odd: tuple[str, ...] = ()
    if run.has("artefacts"):
        auto = run.settings["genome"]["blacklist"] == "auto"
        odd = quality.artefact_sentences(run.table("artefacts"), run.table("peaks"), auto)
    if run.settings["differential"]["offsets"] != "none":
        odd = (*odd, sections.WITHOUT_OFFSETS)
    said = (*([empty] if empty else []), *odd)
    return replace(section, parts=(*([Text(said)] if said else []), *section.parts))


def _variability(run: Run) -> tuple[Finding, Section]:
    table = run.table("variability")
    sentence = answer.variability_sentence(table, run.families, run.alpha)
    figures = [
        figure(run, "variability_figure", n=f"{len(table):,}"),
        figure(run, "heatmap"),
    ]
    if run.has("motif_samples"):
        figures.append(figure(run, "motif_samples"))
    table = run.clustered(table)
    drawn = logos(run, chromvar.most_variable(table, sections.N_MOTIFS))
    said: tuple[str, ...] = ()
    technical = None
    if run.has("diagnostics"):
        factors = run.table("diagnostics")
        said = chromvar.warnings(factors)
        drawing = figure(run, "technical_figure")
        technical = chromvar.technical(factors, [drawing], run.href("diagnostics"))
    section = chromvar.variability(
        (sentence,), table, run.families, drawn, figures, run.href("variability"), technical
    )
    links = (*[(technical or section).link] * len(said), section.link)
    return Finding(sentence, (*said, answer.FAMILY_CAUTION), section.link, links), section


def _linkage(run: Run) -> Section:
    figures = [figure(run, "links_figure"), figure(run, "link_background_figure")]
    return linkage.section(
        run.table("link_summary"), run.table("links"), figures, {"links": run.href("links")}
    )


def _hrefs(run: Run, entry: catalogue.Result) -> dict[str, str]:
    """What stands at each address of a result: of pictures and of files by motif, at the folder's."""
    by_motif = "{motif}" in entry.path
    said = {}
    for names in run.found(entry.key):
        kept = {name: value for name, value in names.items() if entry.columns or name in entry.wildcards}
        href = run.href(entry.key, **kept)
        words = catalogue.of_direction(entry.what, names.get("direction"))
        said[posixpath.dirname(href) if by_motif else href] = words
    return said


def _truth(run: Run) -> Section:
    hrefs = {"peaks": run.href("truth"), "motifs": run.href("truth_motifs")}
    return sections.truth(run.table("truth"), run.table("truth_motifs"), hrefs)


def _files(run: Run, exports: Sequence[str] = ()) -> Section:
    rows = [
        {"file": Cell(href, href=href), "content": words}
        for entry in catalogue.entries().values()
        if entry.listed and (run.made is None or entry.key in run.made or entry.key in exports)
        for href, words in (
            [(run.href(entry.key), entry.what)]
            if entry.key in exports
            else sorted(_hrefs(run, entry).items())
        )
    ]
    listed = pd.DataFrame(rows, columns=["file", "content"])
    table = format.table(listed, "Result files beside this report", folded=True)
    return Section("files", "Files", (table,))
