"""From result files to the content of the report."""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from workflow_lib.io import images, tables
from workflow_lib.report import (
    answer,
    chromvar,
    differential,
    enrichment,
    files,
    footprints,
    format,
    linkage,
    methods,
    quality,
    sections,
    summary,
)
from workflow_lib.report.content import Cell, Content, Figure, Finding, Section, Text
from workflow_lib.report.run import Run

TITLE = "Differential chromatin accessibility"


def collect(
    results: Mapping[str, Any],
    report: str,
    *,
    settings: Mapping,
    contrasts: Mapping[str, Mapping[str, str]],
    samples: pd.DataFrame,
    skipped: Sequence[tuple[str, str]] = (),
    notes: Sequence[str] = (),
) -> Content:
    """Read what a run made; whatever it did not make is left out.

    Parameters
    ----------
    results : mapping of name to path or paths
        Always `size_factors`, `pca`, `correlation` and, one path a contrast in the order of `contrasts`,
        `differential`, `ma`, `volcano`, `pvalues`. With motifs (`library`) also `logos` (a folder),
        `variability`, `variability_figure`, `heatmap` and, a contrast each, `up`, `down`,
        `enrichment_figures`, `deviations`. Any other table, figure or folder that the sections ask for may
        be absent: what rests on it is left out. `linked`: further files to link to.
    report : str
        Path of the report, to which links are relative.
    settings : mapping
        The configuration with all defaults.
    contrasts : mapping of name to mapping
        variable, experiment, control.
    samples : DataFrame indexed by sample
        The sample sheet.
    skipped : sequence of (stage, reason)
    notes : sequence of str
        What was noticed about the input.

    Returns
    -------
    Content
    """
    run = Run({name: paths for name, paths in results.items() if paths}, report, settings, contrasts, samples)
    findings, chapters, found = [], [], []
    if "truth" in run.results:
        chapters.append(_truth(run))
    if "quality" in run.results:
        chapters.insert(0, _quality(run))
    chapters.append(_samples(run))
    for name in contrasts:
        found.append(differential.found(run, name))
        finding, chapter = differential.chapter(run, name, found[-1])
        findings.append(finding)
        chapters.append(chapter)
    if run.has_motifs:
        finding, chapter = _variability(run)
        findings.append(finding)
        chapters.append(chapter)
    if "links" in run.results:
        chapters.append(_linkage(run))
    if "all_peaks" in run.results:
        balance = run.table("all_peaks_balance")
        chapters.append(enrichment.all_peaks(run.table("all_peaks"), balance, run.href("all_peaks")))
    made = {
        "bams": "quality" in run.results,
        "motifs": run.has_motifs,
        "ranked": "factors" in run.results,
        "linked": "links" in run.results,
    }
    text = methods.paragraphs(settings, **made, weighted="balance_up" in run.results, too_short=run.too_short)
    cited = methods.references(settings, **made)
    inputs = (run.table("inputs"), run.href("inputs")) if "inputs" in run.results else ()
    return Content(
        title=TITLE,
        answer=tuple(findings),
        summary=summary.sentences(
            found,
            run.alpha,
            settings["differential"]["min_abs_log2fc"],
            quality=run.table("quality") if "quality" in run.results else None,
            families=run.families if run.has_motifs else {},
        ),
        skipped=tuple((str(stage), str(reason)) for stage, reason in skipped),
        notes=tuple(notes),
        sections=(*chapters, _files(run), methods.section(text, settings, cited, *inputs)),
        references=cited,
        version=methods.versions()["atacdiff"],
    )


def _quality(run: Run) -> Section:
    """Verdicts on the reads come first: what follows rests on them."""
    found = run.results.get("quality_figures", [])
    figures = [
        Figure(
            images.data_uri(str(path)),
            *quality.FIGURES[posixpath.splitext(posixpath.basename(str(path)))[0]],
            files.relative(str(path), run.report),
        )
        for path in ([found] if isinstance(found, str) else found)
    ]
    section = quality.section(run.table("quality"), figures, run.href("quality"))
    if "bias_figures" not in run.results:
        return section
    told = (run.table("footprint_bias_logos"), run.path("bias_figures"), run.href("bias_figures"))
    return replace(section, sections=(*section.sections, footprints.preference(*told)))


def _samples(run: Run) -> Section:
    samples = run.samples.set_axis(run.samples.index.astype(str))
    size_factors = tables.read_table(run.path("size_factors"))
    figures = [
        run.figure(
            "pca",
            f"Principal components of {len(samples)} samples, coloured by group",
            "Samples on the two main axes of variation; colour is group",
        ),
        run.figure(
            "correlation",
            f"Heat map of correlation between {len(samples)} samples",
            "Correlation between samples; similar ones side by side",
        ),
    ]
    if "association" in run.results:
        figures.append(
            run.figure(
                "association",
                "Heat map of R² and p of each principal component by each covariate of the sheet",
                "What explains the principal components, one covariate at a time",
            )
        )
    if "dispersions" in run.results:
        figures.append(
            run.figure(
                "dispersions",
                "Scatter plot of dispersion against mean normalised count",
                "Variation between replicates by mean accessibility: each peak alone, the trend, as used",
            )
        )
    section = sections.samples(samples, size_factors, figures)
    said = quality.empty_peaks(run.table("differential", next(iter(run.contrasts))))
    return replace(section, parts=(Text((said,)), *section.parts))


def _variability(run: Run) -> tuple[Finding, Section]:
    table = run.table("variability")
    sentence = answer.variability_sentence(table, run.families, run.alpha)
    figures = [
        run.figure(
            "variability_figure",
            f"Variability of {len(table):,} motifs in rank order",
            "Variability of motif accessibility over samples; 1 (dashed) is chance",
        ),
        run.figure(
            "heatmap",
            "Heat map of chromVAR z-scores, most variable motifs by samples",
            "z-scores of the most variable motifs",
        ),
    ]
    if "motif_samples" in run.results:
        figures.append(
            run.figure(
                "motif_samples",
                "z-scores of the most variable motifs, sample by sample",
                "z-scores of single motifs, a dot a sample; colour is group",
                wide=True,
            )
        )
    table = run.clustered(table)
    drawn = run.logos(chromvar.most_variable(table, sections.N_MOTIFS))
    said: tuple[str, ...] = ()
    technical = None
    if "technical" in run.results:
        factors = run.table("technical")
        said = chromvar.warnings(factors)
        alt = "First component of all z-scores by technical factors; the table has the numbers"
        caption = "The samples' z-scores against technical factors; colour is group"
        drawing = run.figure("technical_figure", alt, caption, wide=True)
        technical = chromvar.technical(factors, [drawing], run.href("technical"))
    section = chromvar.variability(
        (sentence,), table, run.families, drawn, figures, run.href("variability"), technical
    )
    links = (*[(technical or section).link] * len(said), section.link)
    return Finding(sentence, (*said, answer.FAMILY_CAUTION), section.link, links), section


def _linkage(run: Run) -> Section:
    figures = [
        run.figure(
            "link_figure",
            "Scatter plots of accessibility against expression for the strongest links",
            "The strongest links, a dot a sample; colour is group",
            wide=True,
        ),
        run.figure(
            "link_background",
            "Histogram of links' distances from their background; the table above has the strongest",
            "All links (bars) and the same genes with like peaks of other contigs (line)",
        ),
    ]
    return linkage.section(
        run.table("link_summary"), run.table("links"), figures, {"links": run.href("links")}
    )


def _truth(run: Run) -> Section:
    hrefs = {"peaks": run.href("truth"), "motifs": run.href("truth_motifs")}
    return sections.truth(run.table("truth"), run.table("truth_motifs"), hrefs)


def _files(run: Run) -> Section:
    paths: list[str] = []
    for found in run.results.values():
        paths += [found] if isinstance(found, str) else list(found)
    if "footprint_profiles" in run.results:
        paths += sorted(map(str, Path(run.results["footprint_profiles"]).glob("*.tsv")))
    rows = [
        {"file": Cell(href, href=href), "content": words}
        for href, words in (
            (files.relative(path, run.report), words) for path, words in files.described(paths)
        )
    ]
    listed = pd.DataFrame(rows, columns=["file", "content"])
    table = format.table(listed, "Result files beside this report", folded=True)
    return Section("files", "Files", (table,))
