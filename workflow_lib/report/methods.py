"""The methods of a run in words: what was done, with which settings, versions and sources."""

from collections.abc import Mapping, Sequence
from importlib import metadata

import pandas as pd

import workflow_lib
from workflow_lib.motifs.clusters import SIMILARITY
from workflow_lib.report import format, page
from workflow_lib.report.content import Reference, Section, Text

PACKAGES = (
    "snakemake",
    "numpy",
    "pandas",
    "scipy",
    "pysam",
    "pyfaidx",
    "pydeseq2",
    "MOODS-python",
    "pyjaspar",
    "anndata",
    "matplotlib",
    "bokeh",
    "itables",
)

SOURCES = {
    "snakemake": ("Mölder et al. 2021, Snakemake. F1000Research 10:33", "10.12688/f1000research.29032"),
    "atac": ("Buenrostro et al. 2013, ATAC-seq. Nature Methods 10:1213", "10.1038/nmeth.2688"),
    "macs": ("Zhang et al. 2008, MACS. Genome Biology 9:R137", "10.1186/gb-2008-9-9-r137"),
    "consensus": (
        "Corces et al. 2018, fixed-width consensus peaks. Science 362:eaav1898",
        "10.1126/science.aav1898",
    ),
    "deseq2": ("Love, Huber & Anders 2014, DESeq2. Genome Biology 15:550", "10.1186/s13059-014-0550-8"),
    "pydeseq2": (
        "Muzellec et al. 2023, PyDESeq2. Bioinformatics 39:btad547",
        "10.1093/bioinformatics/btad547",
    ),
    "apeglm": ("Zhu, Ibrahim & Love 2019, apeglm. Bioinformatics 35:2084", "10.1093/bioinformatics/bty895"),
    "bh": (
        "Benjamini & Hochberg 1995, false discovery rate. J. R. Stat. Soc. B 57:289",
        "10.1111/j.2517-6161.1995.tb02031.x",
    ),
    "moods": ("Korhonen et al. 2017, MOODS. Bioinformatics 33:514", "10.1093/bioinformatics/btw683"),
    "homer": ("Heinz et al. 2010, HOMER. Molecular Cell 38:576", "10.1016/j.molcel.2010.05.004"),
    "monalisa": ("Machlab et al. 2022, monaLisa. Bioinformatics 38:2624", "10.1093/bioinformatics/btac102"),
    "chromvar": ("Schep et al. 2017, chromVAR. Nature Methods 14:975", "10.1038/nmeth.4401"),
    "limma": (
        "Smyth 2004, moderated t. Statistical Applications in Genetics and Molecular Biology 3:3",
        "10.2202/1544-6115.1027",
    ),
    "cauchy": (
        "Liu & Xie 2020, Cauchy combination. J. Am. Stat. Assoc. 115:393",
        "10.1080/01621459.2018.1554485",
    ),
    "signac": ("Stuart et al. 2021, Signac. Nature Methods 18:1333", "10.1038/s41592-021-01282-5"),
    "archr": ("Granja et al. 2021, ArchR. Nature Genetics 53:403", "10.1038/s41588-021-00790-6"),
    "ward": (
        "Ward 1963, hierarchical grouping. J. Am. Stat. Assoc. 58:236",
        "10.1080/01621459.1963.10500845",
    ),
    "silhouette": (
        "Rousseeuw 1987, silhouettes. J. Comput. Appl. Math. 20:53",
        "10.1016/0377-0427(87)90125-7",
    ),
    "trended": ("Lun & Smyth 2016, csaw. Nucleic Acids Research 44:e45", "10.1093/nar/gkv1191"),
    "gc": ("Hansen, Irizarry & Wu 2012, cqn. Biostatistics 13:204", "10.1093/biostatistics/kxr054"),
    "great": ("McLean et al. 2010, GREAT. Nature Biotechnology 28:495", "10.1038/nbt.1630"),
    "footprints": ("Baek et al. 2017, BaGFoot. Cell Reports 19:1710", "10.1016/j.celrep.2017.05.003"),
}


JASPAR = {
    "JASPAR2014": ("Mathelier et al. 2014, JASPAR. Nucleic Acids Research 42:D142", "10.1093/nar/gkt997"),
    "JASPAR2016": ("Mathelier et al. 2016, JASPAR. Nucleic Acids Research 44:D110", "10.1093/nar/gkv1176"),
    "JASPAR2018": ("Khan et al. 2018, JASPAR. Nucleic Acids Research 46:D260", "10.1093/nar/gkx1126"),
    "JASPAR2020": ("Fornes et al. 2020, JASPAR. Nucleic Acids Research 48:D87", "10.1093/nar/gkz1001"),
    "JASPAR2022": (
        "Castro-Mondragon et al. 2022, JASPAR. Nucleic Acids Research 50:D165",
        "10.1093/nar/gkab1113",
    ),
    "JASPAR2024": (
        "Rauluseviciute et al. 2024, JASPAR. Nucleic Acids Research 52:D174",
        "10.1093/nar/gkad1059",
    ),
    "JASPAR2026": (
        "JASPAR 2026. Nucleic Acids Research, database issue of 2026",
        "https://pmc.ncbi.nlm.nih.gov/articles/PMC12807658",
    ),
}
"""Each release has a paper of its own."""


def versions() -> dict[str, str]:
    """Installed versions of this workflow, the packages that make the numbers, and those inside the page."""
    found = {"atacdiff": workflow_lib.__version__}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def section(
    text: Sequence[str],
    settings: Mapping,
    cited: Sequence[Reference],
    inputs: pd.DataFrame | None = None,
    href: str = "",
) -> Section:
    """The methods as they can be pasted into a manuscript, then versions, settings and inputs as tables.

    Parameters
    ----------
    text : sequence of str
        Of :func:`paragraphs`.
    settings : mapping
    cited : sequence of Reference
    inputs : DataFrame or None
        Columns path, bytes, sha256.
    href : str
        Address of the table of inputs.
    """
    used = versions()
    software = ", ".join(f"{package} {version}" for package, version in used.items())
    pasted = [*text, f"Software: {software}."]
    if inputs is not None and len(inputs):
        n = len(inputs)
        pasted.append(f"SHA-256 checksums of the {n:,} input file{'s' if n > 1 else ''} are in inputs.tsv.")
    pasted.append(f"References: {'; '.join(f'{work.text}, {work.href}' for work in cited)}.")
    parts: list = [Text(tuple(pasted), copied="methods-text")]
    parts.append(
        format.table(pd.DataFrame(used.items(), columns=["package", "version"]), "Versions", folded=True)
    )
    chosen = pd.DataFrame(flattened(settings), columns=["setting", "value"])
    parts.append(format.table(chosen, "Settings", folded=True))
    if inputs is not None:
        shown = inputs.drop(columns="digest", errors="ignore")  # which is the beginning of the checksum
        parts.append(format.table(shown, "Input files", href=href, folded=True))
    return Section("methods", "Methods", tuple(parts))


def paragraphs(
    settings: Mapping,
    *,
    bams: bool,
    motifs: bool,
    too_short: tuple[int, int] = (0, 0),
    ranked: bool = False,
    linked: bool = False,
    profiled: bool = False,
    sets: bool = False,
) -> tuple[str, ...]:
    """The methods text of a run, from `methods.txt` beside this file.

    Parameters
    ----------
    settings : mapping
        The configuration with all defaults.
    bams, motifs : bool
        Whether reads were given, and whether motifs were looked for.
    too_short : (int, int)
        How many motifs of the library cannot reach the p-value, and how many there are.
    ranked, linked : bool
        Whether the tests of motifs were combined, and whether peaks were linked with genes.
    profiled : bool
        Whether changed peaks were grouped by their profiles over levels.
    sets : bool
        Whether sets of genes or regions were tested.
    """
    template = page.environment().get_template("methods.txt")
    text = template.render(
        **settings,
        bams=bams,
        with_motifs=motifs,
        too_short=too_short,
        ranked=ranked,
        linked=linked,
        profiled=profiled,
        sets=sets,
        similarity=SIMILARITY,
    )
    return tuple(" ".join(block.split()) for block in text.split("\n\n") if block.strip())


def references(
    settings: Mapping,
    *,
    bams: bool,
    motifs: bool,
    ranked: bool = False,
    linked: bool = False,
    profiled: bool = False,
    sets: bool = False,
) -> tuple[Reference, ...]:
    """The works behind the methods of a run; arguments as of :func:`paragraphs`."""
    called = bams and settings["peaks"]["call"]
    merged = called or (bams and isinstance(settings["peaks"]["files"], Mapping))
    of_peaks = [*(["macs"] if called else []), *(["consensus"] if merged else [])]
    shrunken = ["apeglm"] if settings["differential"]["shrink"] else []
    smooth = [name for name in ("trended", "gc") if name == settings["differential"].get("offsets")]
    cited = ["snakemake", "atac", *of_peaks, "deseq2", "pydeseq2", *smooth, *shrunken, "bh"]
    if motifs:
        cited += ["jaspar"] if settings["motifs"]["source"] == "jaspar" else []
        cited += ["moods"] if settings["motifs"].get("engine") != "index" else []
        cited += ["homer", "monalisa", "chromvar", "limma", *(["footprints"] if bams else [])]
    cited += ["ward", "silhouette"] if profiled else []
    cited += [*(["cauchy"] if ranked else []), *(["signac", "archr"] if linked else [])]
    cited += ["great"] if sets else []
    known = {**SOURCES, "jaspar": JASPAR.get(settings["motifs"].get("release", ""), JASPAR["JASPAR2024"])}
    return tuple(
        Reference(words, where if where.startswith("https:") else f"https://doi.org/{where}")
        for words, where in (known[key] for key in cited)
    )


def flattened(settings: Mapping, prefix: str = "") -> list[tuple[str, str]]:
    """Settings as (dotted key, value in words) in their order, for a table."""
    rows = []
    for key, value in settings.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            rows += flattened(value, f"{name}.")
        else:
            rows.append((name, _in_words(value)))
    return rows


def _in_words(value) -> str:
    if value is None or value == [] or value == {}:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(_in_words(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
