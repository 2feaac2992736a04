"""From result files to the content of the report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from workflow_lib.io import images, tables
from workflow_lib.plots import logos
from workflow_lib.report import answer, files, format, methods, sections
from workflow_lib.report.content import Cell, Content, Figure, Finding, Section, Text

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
        Always: `size_factors`, `pca`, `correlation` and, one path a contrast in the order of `contrasts`,
        `differential`, `ma`, `volcano`, `pvalues`. With motifs: `library`, `logos` (a folder), `variability`,
        `variability_figure`, `heatmap`, and a contrast each `up`, `down`, `enrichment_figures`, `deviations`.
        With reads: `quality`. With a weighted background: `balance`, two tables a contrast. In the demo:
        `truth`, `truth_motifs`. `linked`: further files to link to.
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
    run = _Run(
        {name: paths for name, paths in results.items() if paths}, report, settings, contrasts, samples
    )
    findings, chapters = [], []
    if "truth" in run.results:
        chapters.append(_truth(run))
    chapters.append(_samples(run))
    for name in contrasts:
        finding, chapter = _contrast(run, name)
        findings.append(finding)
        chapters.append(chapter)
    if run.has_motifs:
        finding, chapter = _variability(run)
        findings.append(finding)
        chapters.append(chapter)
    made = {"bams": "quality" in run.results, "motifs": run.has_motifs}
    text = methods.paragraphs(settings, **made, weighted="balance" in run.results)
    return Content(
        title=TITLE,
        answer=tuple(findings),
        skipped=tuple((str(stage), str(reason)) for stage, reason in skipped),
        notes=tuple(notes),
        sections=(*chapters, _files(run), _methods(text, settings)),
        references=methods.references(settings, **made),
        version=methods.versions()["atacdiff"],
    )


@dataclass(frozen=True)
class _Run:
    """Where results are, and what their tables are read with."""

    results: Mapping[str, Any]
    report: str
    settings: Mapping
    contrasts: Mapping[str, Mapping[str, str]]
    samples: pd.DataFrame

    @property
    def alpha(self) -> float:
        return self.settings["differential"]["alpha"]

    @property
    def has_motifs(self) -> bool:
        return "library" in self.results

    @cached_property
    def families(self) -> dict[str, str]:
        """Family of each motif that has one."""
        library = tables.read_table(self.results["library"])
        if "family" not in library:
            return {}
        return library.dropna(subset="family").set_index("motif_id")["family"].astype(str).to_dict()

    def path(self, kind: str, contrast: str | None = None) -> str:
        """Path of a result, or of one contrast's."""
        found = self.results[kind]
        if contrast is None:
            return str(found)
        paths = [found] if isinstance(found, str) else list(found)
        return str(dict(zip(self.contrasts, paths, strict=True))[contrast])

    def table(self, kind: str, contrast: str | None = None) -> pd.DataFrame:
        return tables.read_table(self.path(kind, contrast))

    def href(self, kind: str, contrast: str | None = None) -> str:
        return files.relative(self.path(kind, contrast), self.report)

    def figure(
        self, kind: str, alt: str, caption: str, contrast: str | None = None, *, wide: bool = False
    ) -> Figure:
        image = images.data_uri(self.path(kind, contrast))
        return Figure(image, alt, caption, self.href(kind, contrast), wide)

    def logos(self, *shown: pd.DataFrame) -> dict[str, str]:
        """Logos of the motifs that a report's tables show, as far as they were drawn."""
        if "logos" not in self.results:
            return {}
        names = {motif: logos.file_name(motif) for table in shown for motif in table["motif_id"]}
        return images.data_uris(self.path("logos"), names)


def _samples(run: _Run) -> Section:
    samples, quality, href = run.samples.set_axis(run.samples.index.astype(str)), None, ""
    if "quality" in run.results:
        quality = tables.read_table(run.path("quality"))
        href = run.href("quality")
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
    return sections.samples(samples, size_factors, quality, figures, href)


def _contrast(run: _Run, name: str) -> tuple[Finding, Section]:
    groups, table = run.contrasts[name], run.table("differential", name)
    beyond = run.settings["differential"]["min_abs_log2fc"]
    levels = run.samples[groups["variable"]].astype(str)
    replicates = [int((levels == groups[side]).sum()) for side in ("experiment", "control")]
    sentence = answer.differential_sentence(table, groups, replicates, run.alpha, beyond)
    said, below = _motifs(run, name) if run.has_motifs else ((), ())
    section = sections.contrast(
        name, sentence, table, _differential_figures(run, name, table), below, run.href("differential", name)
    )
    return Finding(sentence, said), section


def _differential_figures(run: _Run, name: str, table: pd.DataFrame) -> list[Figure]:
    """The figures that have something to show."""
    numbers = table["direction"].value_counts()
    counted = f"{numbers.get('up', 0):,} up, {numbers.get('down', 0):,} down of {len(table):,} peaks"
    over = f"{run.contrasts[name]['experiment']} / {run.contrasts[name]['control']}"
    figures = [
        run.figure("ma", f"MA plot of {name}: {counted}", f"Fold change ({over}) by mean accessibility", name)
    ]
    if table["pvalue"].notna().any():
        figures += [
            run.figure(
                "volcano",
                f"Volcano plot of {name}: {counted}",
                "Evidence by fold change; significant above the dashed line",
                name,
            ),
            run.figure(
                "pvalues",
                f"Histogram of {table['pvalue'].notna().sum():,} p-values of {name}",
                "p-values: flat where nothing changed, high at 0 where something did",
                name,
            ),
        ]
    return figures


def _motifs(run: _Run, name: str) -> tuple[tuple[str, ...], tuple[Section, ...]]:
    """What motifs say about one contrast: the sentences and the sections."""
    enriched = {way: run.table(way, name) for way in ("up", "down")}
    moved = run.table("deviations", name)
    said = [answer.enrichment_sentence(enriched[way], run.families, way, run.alpha) for way in enriched]
    variability = run.table("variability")
    moved_sentence = answer.deviation_sentence(
        moved, variability, run.families, run.contrasts[name], run.alpha
    )
    moved = moved.merge(variability[["motif_id", "variability"]], on="motif_id", how="left", validate="1:1")
    drawn = run.logos(
        *(sections.strongest(table, sections.N_MOTIFS) for table in (*enriched.values(), moved))
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
        sections.deviations(
            name, moved_sentence, moved, run.families, drawn, run.alpha, run.href("deviations", name)
        ),
    )
    return (*said, moved_sentence), below


def _variability(run: _Run) -> tuple[Finding, Section]:
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
    drawn = run.logos(table.nlargest(sections.N_MOTIFS, "variability"))
    section = sections.variability(sentence, table, run.families, drawn, figures, run.href("variability"))
    return Finding(sentence, (answer.FAMILY_CAUTION,)), section


def _truth(run: _Run) -> Section:
    hrefs = {"peaks": run.href("truth"), "motifs": run.href("truth_motifs")}
    return sections.truth(run.table("truth"), run.table("truth_motifs"), hrefs)


def _files(run: _Run) -> Section:
    paths: list[str] = []
    for found in run.results.values():
        paths += [found] if isinstance(found, str) else list(found)
    rows = [
        {"file": Cell(href, href=href), "content": words}
        for href, words in (
            (files.relative(path, run.report), words) for path, words in files.described(paths)
        )
    ]
    table = format.table(pd.DataFrame(rows, columns=["file", "content"]), "Result files beside this report")
    return Section("files", "Files", (table,))


def _methods(text: tuple[str, ...], settings: Mapping) -> Section:
    used = pd.DataFrame(methods.versions().items(), columns=["package", "version"])
    chosen = pd.DataFrame(methods.flattened(settings), columns=["setting", "value"])
    parts = (Text(text), format.table(used, "Versions"), format.table(chosen, "Settings"))
    return Section("methods", "Methods", parts)
