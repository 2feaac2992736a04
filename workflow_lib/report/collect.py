"""From result files to the content of the report."""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from workflow_lib.io import images, tables
from workflow_lib.plots import logos
from workflow_lib.report import answer, enrichment, files, format, methods, normalisation, quality, sections
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
        `differential`, `ma`, `volcano`, `pvalues`. With motifs: `library`, `logos` (a folder),
        `variability`, `variability_figure`, `heatmap`, and a contrast each `up`, `down`,
        `enrichment_figures`, `deviations`. With reads: `quality`,
        `quality_figures`. If compared: `normalisation`,
        `global_shift` and `normalisation_figures`, and if calibrated `calibration` and
        `calibration_figures`. With a weighted background, a contrast each: `balance_up`,
        `balance_down`, `balance_figures`, `gradient`, `gradient_figures`; with all peaks as foreground
        `all_peaks`, `all_peaks_balance`. In the demo: `truth`, `truth_motifs`. `linked`: further files to
        link to.
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
    if "quality" in run.results:
        chapters.insert(0, _quality(run))
    chapters.append(_samples(run))
    for name in contrasts:
        finding, chapter = _contrast(run, name)
        findings.append(finding)
        chapters.append(chapter)
    if run.has_motifs:
        finding, chapter = _variability(run)
        findings.append(finding)
        chapters.append(chapter)
    if "all_peaks" in run.results:
        balance = run.table("all_peaks_balance")
        chapters.append(enrichment.all_peaks(run.table("all_peaks"), balance, run.href("all_peaks")))
    made = {"bams": "quality" in run.results, "motifs": run.has_motifs}
    text = methods.paragraphs(settings, **made, weighted="balance_up" in run.results, too_short=run.too_short)
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

    @property
    def too_short(self) -> tuple[int, int]:
        """How many motifs cannot reach the p-value, and how many there are."""
        library = tables.read_table(self.results["library"]) if self.has_motifs else pd.DataFrame()
        return (int((~library["reaches_pvalue"]).sum()) if "reaches_pvalue" in library else 0, len(library))

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
        names = {
            motif: logos.file_name(motif, compact=True) for table in shown for motif in table["motif_id"]
        }
        return images.data_uris(self.path("logos"), names)


def _quality(run: _Run) -> Section:
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
    return quality.section(run.table("quality"), figures, run.href("quality"))


def _samples(run: _Run) -> Section:
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
    section = sections.samples(samples, size_factors, None, figures)
    said = quality.empty_peaks(run.table("differential", next(iter(run.contrasts))))
    return replace(section, parts=(Text((said,)), *section.parts))


def _contrast(run: _Run, name: str) -> tuple[Finding, Section]:
    groups, table = run.contrasts[name], run.table("differential", name)
    beyond = run.settings["differential"]["min_abs_log2fc"]
    levels = run.samples[groups["variable"]].astype(str)
    replicates = [int((levels == groups[side]).sum()) for side in ("experiment", "control")]
    sentence = answer.differential_sentence(table, groups, replicates, run.alpha, beyond)
    said, below = _motifs(run, name) if run.has_motifs else ((), ())
    if "normalisation" in run.results:
        warned, assumed = _normalisation(run, name)
        said, below = (*warned, *said), (assumed, *below)
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
    if table["direction"].isin(["up", "down"]).any():
        if "top_peaks" in run.results:
            alt = f"Heat map of the strongest peaks of {name} over all samples"
            figures.append(run.figure("top_peaks", alt, "Strongest peaks of each direction", name))
        if "features" in run.results and table.get("feature", pd.Series(dtype=object)).notna().any():
            alt = f"Bar chart of up and down peaks of {name} by feature"
            figures.append(run.figure("features", alt, "Where changed peaks lie", name))
    return figures


def _normalisation(run: _Run, name: str) -> tuple[tuple[str, ...], Section]:
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
    return (*said, moved_sentence), (below[0], *_background(run, name), *below[1:])


def _background(run: _Run, name: str) -> tuple[Section, ...]:
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
