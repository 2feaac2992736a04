"""The input files: there, whole, sorted, indexed, and all of one genome."""

import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote

import numpy as np
import pandas as pd

from workflow_lib.errors import InputError
from workflow_lib.intervals import parse_region
from workflow_lib.io import (
    bed,
    count_matrices,
    cram,
    foreign_tables,
    fragment_files,
    headers,
    motifs,
    peak_files,
    text,
)
from workflow_lib.preflight import agreement, blacklist, footprints, linkage, loci, regions
from workflow_lib.preflight.inventory import Input, Survey
from workflow_lib.preflight.problems import Problem, listed, problem_of

DEMO_FOLDER = os.path.join("resources", "demo")
GTF_LINES_AT_START = 20_000
BYTES_AT_START = 20_000_000
FRAGMENTS_AT_START = 1_000
"""Of longer files so many lines (GTF, fragments) or nothing (peaks, FASTA without index) is read first."""


def paths(config: Mapping, samples: pd.DataFrame) -> list[str]:
    """Every input file that the configuration and the sheet name, each once."""
    return list(dict.fromkeys(item.path for item in _inputs(config, samples, "config")))


def labels(config: Mapping, samples: pd.DataFrame) -> dict[str, str]:
    """What each input file is called (fasta, peaks, bam:control_1, ...), by its path."""
    found: dict[str, str] = {}
    for item in _inputs(config, samples, "config"):
        found.setdefault(item.path, item.label)
    return found


def about_files(config: Mapping) -> dict:
    """The part of a configuration that :func:`survey` reads, so that no other key has it made again."""
    part = {key: config[key] for key in ("samples", "counts", "genome", "demo")}
    part["loci"] = {"genes": config["loci"]["genes"]}
    part["linkage"] = {"expression": config["linkage"]["expression"]}
    part["regions"] = {key: config["regions"][key] for key in ("gene_sets", "sets", "min_genes", "max_genes")}
    return part | {"peaks": {"files": config["peaks"]["files"]}} | footprints.about(config)


def survey(
    config: Mapping,
    samples: pd.DataFrame,
    *,
    deep: bool = False,
    made_later: bool | None = None,
    source: str = "config",
    keep: Path | None = None,
) -> Survey:
    """Look at every input file and compare their contigs.

    Parameters
    ----------
    config : mapping
        With its defaults, paths expanded, or that part of it which :func:`about_files` gives.
    samples : DataFrame
        The sheet, indexed by sample; `bam` is needed if there are no counts.
    deep : bool
        Read annotation and genome to their ends. Otherwise only what takes a moment is read.
    made_later : bool, optional
        Ask nothing of files under resources/demo while `demo` is set, since the run makes them; by default
        unless `deep`.
    source : str
        What messages call the configuration.
    keep : Path, optional
        Folder for what was read of genome and annotation, so that no job reads them again.

    Returns
    -------
    Survey
        The genome is the reference for contigs: the FASTA, else the first BAM, else the annotation.
    """
    result = Survey()
    items = list(_inputs(config, samples, source))
    if isinstance(config["peaks"]["files"], Mapping) and config["counts"] is None:
        result.problems += _owner_problems(config, samples, source)
    if config["counts"] is not None and config["peaks"]["files"] is not None:
        result.notes.append("peaks.files is not read, since counts brings its own peaks")
    if config["counts"] is not None and "bam" in samples.columns:
        result.notes.append("the BAM files of the sheet are not read, since counts are given")
    reading = _Reading(samples, deep, keep, result)
    for item in items:
        if (not deep if made_later is None else made_later) and made_here(config, item.path):
            continue
        missing = _presence(item)
        if missing is not None:
            result.problems.append(missing)
        else:
            reading.read(item)
    known, tables = reading.known, reading.tables
    result.problems += _cram_problems(reading.crams, config["genome"]["fasta"], source, deep=deep)
    result.contigs = {label: names for label, (_, names) in known.items()}
    agreement.check_contigs(known, result, in_part=reading.in_part)
    agreement.check_intervals(known, tables, result)
    if "annotation" in tables and reading.gene_sets:
        regions.check(reading.gene_sets, tables["annotation"][1].attrs.get("genes"), config, result)
    blacklist.check(config, tables, source, result)
    _check_loci(config, source, known, deep, result, keep)
    result.problems += footprints.check(config, source, deep=deep)
    if config["counts"] is None:
        agreement.check_mitochondrion(config["genome"]["mitochondrial"], known, result)
    return result


@dataclass
class _Reading:
    """What files say, read one after another; what is wrong with one is a problem of the survey."""

    samples: pd.DataFrame
    deep: bool
    keep: Path | None
    result: Survey
    known: dict[str, tuple[Input, dict[str, int | None]]] = field(default_factory=dict)
    tables: dict[str, tuple[Input, pd.DataFrame]] = field(default_factory=dict)
    gene_sets: dict[str, tuple[Input, list]] = field(default_factory=dict)
    in_part: set[str] = field(default_factory=set)
    crams: list[Input] = field(default_factory=list)
    budget: int = field(default_factory=lambda: BYTES_AT_START)
    """Bytes of peaks to read when a run starts; the rest waits for the rule."""

    def read(self, item: Input) -> None:
        """Read a file that is there."""
        try:
            contigs = self._contigs(item)
        except InputError as error:
            self.result.problems.append(problem_of(error, item.place, item.path))
        else:
            if contigs is not None:
                self.known[item.label] = (item, dict(contigs))

    def _contigs(self, item: Input) -> Mapping[str, int | None] | None:
        """The contigs that a file names, with their lengths if it has them; None if it names none."""
        match item.kind:
            case "fasta":
                return _fasta(item, self.deep, self.keep)
            case "bam":
                contigs = _bam(item, self.result)
                self.crams += [item] if cram.is_cram(item.path) else []
                return contigs
            case "fragments":
                self.in_part.add(item.label)
                return _fragments(item, self.result)
            case "annotation":
                return self._annotation(item)
            case "motifs":
                motifs.read_all(motifs.listed(item.path))
            case "expression":
                long = os.path.getsize(item.path) > BYTES_AT_START
                linkage.look(item, self.samples, self.result, header_only=long and not self.deep)
            case "gene_sets":
                self.gene_sets[item.label] = (item, regions.look(item))
            case "peaks" | "blacklist" | "sites" | "regions" | "counts":
                return self._places(item)
        return None

    def _annotation(self, item: Input) -> Mapping[str, int | None]:
        whole = self.deep or os.path.getsize(item.path) < BYTES_AT_START / 10
        self.in_part |= set() if whole else {item.label}
        genes = _annotation(item, None if whole else GTF_LINES_AT_START, self.result, self.keep)
        self.tables[item.label] = (item, genes)
        return dict.fromkeys(genes["chrom"].cat.categories)

    def _places(self, item: Input) -> Mapping[str, int | None] | None:
        self.budget -= os.path.getsize(item.path)
        if self.budget < 0 and not self.deep:
            next(text.line_chunks(item.path), None)  # its beginning only
            return None
        counted = item.kind == "counts"
        table = _counts(item, self.samples, self.result) if counted else _intervals(item, self.result)
        if table is None:
            return None
        self.tables[item.label] = (item, table)
        self.result.rows[item.label] = len(table)
        return dict.fromkeys(table["chrom"].unique())


def _inputs(config: Mapping, samples: pd.DataFrame, source: str) -> Iterator[Input]:
    genome, peaks = config["genome"], config["peaks"]["files"]
    given = genome | {"blacklist": blacklist.file(config)}
    for key in ("fasta", "annotation", "blacklist"):
        if given[key] is not None:
            yield Input(key, key, given[key], f"{source}, key genome.{key}")
    if config["counts"] is not None:
        yield Input("counts", "counts", config["counts"], f"{source}, key counts")
    elif isinstance(peaks, Mapping):
        for name, path in peaks.items():
            yield Input(f"peaks:{name}", "peaks", path, f"{source}, key peaks.files.{name}")
    elif peaks is not None:
        yield Input("peaks", "peaks", peaks, f"{source}, key peaks.files")
    if config["counts"] is None and "bam" in samples.columns:
        for sample, path in samples["bam"].dropna().items():
            kind = "fragments" if fragment_files.is_fragment_file(path) else "bam"
            place = f"{config['samples']}, sample {sample}, column bam"
            yield Input(f"{kind}:{sample}", kind, path, place)
    if config["motifs"]["file"] is not None:
        yield Input("motifs", "motifs", config["motifs"]["file"], f"{source}, key motifs.file")
    sites = footprints.sites_file(config)
    if sites is not None:
        yield Input("sites", "sites", sites, f"{source}, key footprints.sites")
    yield from regions.inputs(config, source)
    if config["linkage"]["expression"] is not None:
        place = f"{source}, key linkage.expression"
        yield Input("expression", "expression", config["linkage"]["expression"], place)


def _owner_problems(config: Mapping, samples: pd.DataFrame, source: str) -> Iterator[Problem]:
    """Peak files belong to samples or to groups, and each to one."""
    files, groups = config["peaks"]["files"], set(samples.get("group", pd.Series(dtype=object)).dropna())
    where = f"{source}, key peaks.files"
    unknown = [name for name in files if name not in samples.index and name not in groups]
    for name in unknown:
        has = listed([*samples.index, *sorted(groups)], most=12)
        what = f"is neither a sample nor a group of {config['samples']}"
        yield Problem(f"{where}.{name}", what, f"write one of {has}")
    if any(name in samples.index for name in files) and any(name in groups for name in files):
        yield Problem(where, "names samples and groups", "give one file a sample, or one a group, not both")
    seen: dict[str, str] = {}
    for name, path in files.items():
        if path is not None and path in seen:
            what = f"{path} is given for {seen[path]} too"
            yield Problem(
                f"{where}.{name}", what, "give each its own file, or one file for all as plain text"
            )
        seen[path] = name


def made_here(config: Mapping, path: str) -> bool:
    """Whether the run itself makes an input: the demo's are."""
    return config["demo"] is not None and _is_demo(path)


def _is_demo(path: str) -> bool:
    return os.path.normpath(path).startswith(DEMO_FOLDER + os.sep)


def _presence(item: Input) -> Problem | None:
    """A problem if there is nothing to read."""
    if os.path.isdir(item.path) and item.kind == "motifs":
        return None  # a folder of motif files: what is in it is read
    if os.path.isdir(item.path):
        return Problem(item.place, f"{item.path} is a folder", "name the file in it")
    if os.path.islink(item.path) and not os.path.exists(item.path):
        what = f"{item.path} is a symbolic link to {os.readlink(item.path)}, which is not there"
        return Problem(item.place, what, "link to the file where it is now, or name that")
    if not os.path.exists(item.path):
        fix = "correct the path, which counts from the folder in which the workflow is run"
        if item.path.startswith("~"):
            fix = f"write ${{HOME}}{item.path[1:]}"
        elif "$" in item.path:
            fix = "write variables in braces, as ${NAME}"
        elif item.kind == "blacklist" and not os.path.dirname(item.path):
            fix = f"write {blacklist.AUTO}, null or the path of a BED"
        elif item.kind == "sites" and not os.path.dirname(item.path):
            fix = f"write {', '.join(footprints.ALL_HITS)} or the path of a BED"
        elif _is_demo(item.path):
            fix = "set demo: {seed: 1} in the config, which makes it, or name your own file"
        return Problem(item.place, f"there is no file {item.path}", fix)
    if not os.path.getsize(item.path):
        return Problem(item.place, f"{item.path} is empty (0 bytes)", "copy or make it again")
    if not os.access(item.path, os.R_OK):
        fix = f"chmod u+r {quote(item.path)}, or ask its owner"
        return Problem(item.place, f"{item.path} may not be read", fix)
    return None


def _fasta(item: Input, deep: bool, keep: Path | None) -> dict[str, int] | None:
    path = item.path
    if text.is_gzipped(path) and not text.is_bgzipped(path):
        made = re.sub(r"(\.\w+)?\.gz$", r".bgzip\1.gz", os.path.basename(path))
        raise InputError(
            f"{path}: is compressed by gzip, which cannot be read from the middle (bgzip can): "
            f"gzip -dc {quote(path)} | bgzip > {quote(made)}, and name that"
        )
    indexed = headers.read_fasta_index(path)
    if indexed is not None:
        return indexed
    found = headers.index_fasta(path, None if deep else BYTES_AT_START)
    if found is None:
        return None
    if keep is not None:
        from workflow_lib.io import kept

        kept.keep_index(path, *found, keep)
    return found[0]


def _bam(item: Input, result: Survey) -> dict[str, int]:
    path = item.path
    header = headers.read_bam_header(path)
    to_index = headers.indexing(path, header.contigs)
    if header.sort_order != "coordinate":
        order = f"says SO:{header.sort_order}" if header.sort_order else "does not say SO:coordinate"
        result.problems.append(
            Problem(
                item.place,
                f"{path} is not sorted by coordinate (its header {order})",
                headers.sorting(path, header.contigs),
            )
        )
    index = headers.bam_index(path)
    if index is None:
        if header.sort_order == "coordinate":
            result.problems.append(Problem(item.place, f"{path} has no index", to_index))
    elif headers.is_older(index, path):
        result.notes.append(f"{index} is older than its BAM: if the BAM was changed, {to_index}")
    if not header.contigs:
        raise InputError(f"{path}: names no contigs in its header: give aligned reads")
    return header.contigs


def _cram_problems(crams: list[Input], fasta: str | None, source: str, *, deep: bool) -> Iterator[Problem]:
    """CRAMs need their genome; whether it is the same to the base is looked at by the first job."""
    if not crams:
        return
    if fasta is None:
        what = f"is not set, and {crams[0].path} is CRAM, which is read with its genome"
        yield Problem(f"{source}, key genome.fasta", what, "name the FASTA that the CRAM was made with")
        return
    if not deep or not os.path.isfile(fasta):
        return
    try:
        md5 = cram.fasta_md5(fasta)
    except InputError:
        return  # told of the FASTA itself
    for item in crams:
        try:
            cram.check_genome(item.path, cram.read_header(item.path), fasta, md5)
        except InputError as error:
            yield problem_of(error, item.place, item.path)


def _fragments(item: Input, result: Survey) -> dict[str, None]:
    """Contigs of the first fragments; the rest is looked at when they are imported."""
    given = fragment_files.read(item.path, FRAGMENTS_AT_START)
    table = given.fragments
    if given.has_scores:
        result.notes.append(
            f"{item.path}: its column 5 is taken for a score and not for a number of read pairs, so "
            "the share of duplicates is not known"
        )
    if not len(table):
        raise InputError(f"{item.path}: holds no fragment: check how it was made")
    return dict.fromkeys(map(str, table["chrom"].unique()))


def _annotation(item: Input, limit: int | None, result: Survey, keep: Path | None) -> pd.DataFrame:
    """Where the features of an annotation lie."""
    from workflow_lib.io import gtf, kept  # import pyarrow's parquet, which runs without genes can spare

    found = gtf.read(item.path, limit)
    result.notes += [f"{item.path}: {note}" for note in found.notes]
    table = found.lines[["start", "end"]]
    if limit is None and keep is not None:
        kept.keep_features(item.path, found, keep)
    if limit is None:
        table.attrs["genes"] = found.genes[["gene_id", "gene_name", "entrez_id"]].to_dict("list")
    return table.assign(chrom=pd.Categorical.from_codes(found.lines["contig"], found.contigs))


def _check_loci(
    config: Mapping, source: str, known: agreement.Known, deep: bool, result: Survey, keep: Path | None
) -> None:
    """Add to `result` what `loci.genes` asks for and the inputs do not have."""
    asked, annotation = config["loci"]["genes"], config["genome"]["annotation"]
    if asked and config["counts"] is not None:
        result.notes.append("loci.genes is not used, since counts bring no reads to draw")
        return
    label = agreement.reference(known)
    contigs = known[label][1] if label is not None and label != "annotation" else {}
    names = None
    small = "annotation" in known and os.path.getsize(annotation) < BYTES_AT_START / 10
    if "annotation" in known and (deep or small) and not all(map(parse_region, asked)):
        try:
            names = _gene_names(annotation, contigs, keep)
        except InputError as error:
            result.problems.append(problem_of(error, known["annotation"][0].place, annotation))
    place = f"{source}, key loci.genes"
    result.problems += loci.check(asked, place, names, contigs, annotated=annotation is not None)


def _gene_names(path: str, contigs: Collection[str], keep: Path | None) -> set[str]:
    """Names and ids of the genes of an annotation, of those on the genome's contigs if these are known."""
    from workflow_lib.genome import genes

    models = genes.from_gtf(path, keep)
    table = (genes.on_contigs(models, contigs) if contigs else models).genes
    return set(table["gene_id"]) | set(table["gene_name"])


def _intervals(item: Input, result: Survey) -> pd.DataFrame:
    table = peak_files.read(item.path) if item.kind == "peaks" else bed.read(item.path)
    if item.kind == "peaks" and peak_files.are_summits(table):
        result.notes.append(
            f"{item.path}: each of its {len(table):,} intervals is one base, so they are taken for summits "
            f"and widened to {peak_files.SUMMIT_WIDTH} bp"
        )
    if table.empty and item.kind == "peaks":
        raise InputError(f"{item.path}: holds no peak: name a file that does, or drop it from the config")
    return table.set_index("line")


def _counts(item: Input, samples: pd.DataFrame, result: Survey) -> pd.DataFrame | None:
    """Where the peaks of a matrix of counts lie; None if it does not say or is at fault."""
    table = count_matrices.read_count_table(item.path, samples=list(samples.index))
    given, table = table, foreign_tables.sample_names(table, list(samples.index))
    renamed = [old for old, new in zip(given.columns, table.columns, strict=True) if old != new]
    if renamed:
        result.notes.append(f"{item.path}: samples by the names of their files: column {listed(renamed)}")
    apart = count_matrices.left_out(given)
    if apart:
        said = f"rows of reads outside all peaks are left out ({len(apart)}): {listed(apart)}"
        result.notes.append(f"{item.path}: {said}")
    faults = count_matrices.count_faults(table, list(samples.index))
    result.problems += [Problem(f"{item.path}, {where}", what, fix) for where, what, fix in faults]
    if not len(table) and not faults:
        result.problems.append(Problem(item.path, "has a header and no peak", "give one row a peak"))
    ignored = count_matrices.ignored_columns(table, samples.index)
    if ignored and not faults:
        result.notes.append(f"{item.path}: not in the sheet, so ignored: column {listed(ignored)}")
    if faults or not len(table):
        return None
    peaks = count_matrices.count_peaks(table)
    if peaks is None:
        result.notes.append(
            f"{item.path}: peaks have no coordinates (columns chrom, start, end, or names such as "
            "chr1:100-600), so nothing that needs their place runs"
        )
        return None
    return peaks.set_axis(np.arange(len(peaks)) + 2)
