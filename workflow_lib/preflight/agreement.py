"""Whether all input files speak of one genome: names and lengths of contigs, peaks within them."""

from collections.abc import Collection, Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from workflow_lib.preflight import contigs
from workflow_lib.preflight.inventory import Input, Survey
from workflow_lib.preflight.problems import Problem, listed

Lengths = Mapping[str, int | None]
Known = Mapping[str, tuple[Input, Lengths]]
"""Inputs by label (fasta, peaks, bam:control_1, ...), each with its contigs; None for an unknown length."""


def reference(known: Known) -> str | None:
    """Label of the input whose contigs all others must have: the FASTA, a BAM, or else the annotation."""
    bams = [label for label in known if label.startswith("bam:")]
    return next((label for label in ("fasta", *bams[:1], "annotation") if label in known), None)


def check_contigs(known: Known, result: Survey, *, in_part: Collection[str] = ()) -> None:
    """Add to `result` what contigs of each input are called or measured otherwise than in the reference.

    Parameters
    ----------
    known : mapping
    result : Survey
    in_part : collection of str
        Labels of inputs that were not read to their ends, so that contigs may be missing.
    """
    label = reference(known)
    if label is None:
        return
    main, names = known[label]
    others = {other: known[other] for other in known if other != label}
    if label == "fasta" and _genome_stands_alone(main, names, others, result):
        return
    misnamed: dict[str, list[tuple[Input, Lengths]]] = {}
    for items, found in _alike(others):
        said, shared = _said(items), [name for name in found if name in names]
        place = items[0].place
        resized = _resized({name: name for name in shared}, found, names)
        if resized:
            sizes = [f"{name} ({here:,} bp against {there:,})" for name, (here, there) in resized.items()]
            what = f"{said} and {main.path} are of two genome assemblies: other lengths of {listed(sizes, 3)}"
            fix = f"give the {main.kind} and the reads, genes and peaks of one assembly"
            result.problems.append(Problem(place, what, fix))
        elif contigs.renamed(found, names):
            misnamed.setdefault(items[0].kind, []).extend((item, found) for item in items)
        elif shared:
            _note_absent(items[0], said, found, main, names, result)
        elif not any(item.label in in_part for item in items):
            what = f"{said} and {main.path} have no contig in common"
            shown = f"{listed(found, 3)} against {listed(names, 3)}"
            fix = "give files of one genome assembly, with contigs called the same"
            result.problems.append(Problem(place, f"{what}: {shown}", fix))
    for inputs in misnamed.values():
        result.problems.append(_misnamed(inputs, main, names))


def check_intervals(known: Known, tables: Mapping[str, tuple[Input, pd.DataFrame]], result: Survey) -> None:
    """Add to `result` the peaks on contigs that the genome lacks, or past the end of one.

    Parameters
    ----------
    known : mapping
    tables : mapping of label to (Input, DataFrame)
        chrom, start, end, indexed by line of the file.
    result : Survey
    """
    label = reference(known)
    if label is None or label == "annotation":
        return
    main, names = known[label]
    for item, table in tables.values():
        lengths = table["chrom"].astype(object).map(dict(names)).astype(float)
        if item.kind in _WIDE:
            _check_wide(item, table, lengths, main, result)
            continue
        beyond = (table["end"] > lengths).to_numpy()
        if beyond.any():
            what = (
                f"{_first(table, beyond)} ends past the end of its contig "
                f"({lengths[beyond].iloc[0]:,.0f} bp in {main.path}){_more(beyond)}"
            )
            fix = "give peaks of this genome assembly, or cut them at the contig's end"
            result.problems.append(Problem(_line(item, table, beyond), what, fix))
        absent = lengths.isna().to_numpy()
        if absent.any() and not absent.all() and not contigs.renamed(table["chrom"].unique(), names):
            which = listed(dict.fromkeys(table["chrom"][absent]), 3)
            what = (
                f"{_first(table, absent)} is on a contig that is not in {main.path}{_more(absent)}: {which}"
            )
            fix = "remove these peaks, or give the genome that they were called on"
            result.problems.append(Problem(_line(item, table, absent), what, fix))


_WIDE = {
    "annotation": "features",
    "blacklist": "regions",
    "sites": "sites",
    "regions": "regions",
}
"""What may reach a little past the end of a contig: genes of circular ones, regions of whole bins."""
LITTLE = 1000


def _check_wide(item: Input, table: pd.DataFrame, lengths: pd.Series, main: Input, result: Survey) -> None:
    """A problem where intervals lie beyond contigs as another assembly's do, a note where they nearly fit."""
    start, end, length = table["start"].to_numpy(), table["end"].to_numpy(), lengths.to_numpy()
    beyond = end > length
    if not beyond.any():
        return
    kind = _WIDE[item.kind]
    row = table[beyond].iloc[0]
    n = int(beyond.sum())
    what = (
        f"{n:,} of {len(table):,} {kind} of {item.path} {'ends' if n == 1 else 'end'} past the end of "
        f"{'its contig' if n == 1 else 'their contigs'}, such as {row['chrom']}:{row['start']}-{row['end']} "
        f"of {length[beyond][0]:,.0f} bp in {main.path}"
    )
    circular = item.kind == "annotation" and bool((end[beyond] <= 1.5 * length[beyond]).all())
    if (start >= length).any() or not (circular or (end[beyond] <= length[beyond] + LITTLE).all()):
        fix = f"give the {item.kind} of the assembly that {main.path} is of"
        result.problems.append(Problem(item.place, f"{what}, so it is of another assembly", fix))
    else:
        result.notes.append(f"{what}; they are taken to end there" if item.kind != "annotation" else what)


def check_mitochondrion(mitochondrial: Iterable[str], known: Known, result: Survey) -> None:
    """Add a note to `result` if the genome has none of the mitochondrial contigs."""
    label = reference(known)
    mitochondrial = list(mitochondrial)
    if label is None or label == "annotation" or not mitochondrial:
        return
    main, names = known[label]
    if not set(mitochondrial) & set(names):
        like = next((f" (it has {name})" for name in names if contigs.same_contig(name) == "m"), "")
        result.notes.append(
            f"{main.path} has no contig {' or '.join(mitochondrial)} as genome.mitochondrial says{like}, "
            "so pct_mito is 0"
        )


def _genome_stands_alone(main: Input, names: Lengths, others: Known, result: Survey) -> bool:
    """Add one problem if it is the genome that needs new names, since all other files agree."""
    every = dict.fromkeys(name for _, found in others.values() for name in found)
    back = contigs.renamed(names, every)
    if (
        len({item.kind for item, _ in others.values()}) < 2
        or any(name in names for name in every)
        or not all(contigs.renamed(found, names) for _, found in others.values())
    ):
        return False
    measured = {name: n for _, found in others.values() for name, n in found.items() if n is not None}
    what = _under_two_names(main.path, "all other files", back, _resized(back, names, measured))
    command, made = contigs.command("fasta", main.path, back)
    fix = f"rename them: {command} ; then set genome.fasta to {made}"
    result.problems.append(Problem(main.place, what, fix))
    return True


def _misnamed(inputs: list[tuple[Input, Lengths]], main: Input, names: Lengths) -> Problem:
    """One problem for all files of a kind: the first one's command, and that the others need it too."""
    item = inputs[0][0]
    renames: dict[str, str] = {}
    resized: dict[str, tuple[int, int]] = {}
    for _, found in inputs:
        new = contigs.renamed(found, names)
        renames |= new
        resized |= _resized(new, found, names)
    what = _under_two_names(_said([item for item, _ in inputs]), main.path, renames, resized)
    if item.kind == "counts":
        old, new_name = next(iter(renames.items()))
        fix = f"in its peak names and its column chrom write {new_name} for {old}, and so on"
        return Problem(item.place, what, fix)
    command, made = contigs.command("bam" if item.kind == "bam" else "table", item.path, renames)
    key = f"{item.place.split(',')[0]}, bam" if item.kind == "bam" else item.place.rpartition(" key ")[2]
    others = "" if len(inputs) == 1 else f", and do the same with the other {len(inputs) - 1}"
    return Problem(item.place, what, f"rename them: {command} ; then set {key} to {made}{others}")


def _under_two_names(path: str, other: str, renames: Mapping[str, str], resized: Mapping) -> str:
    pairs = listed([f"{old} for {new}" for old, new in renames.items()], 3)
    what = f"{path} has other names of contigs than {other}: {pairs}"
    if not resized:
        return what
    name, (here, there) = next(iter(resized.items()))
    return f"{what} (and {name} has {here:,} bp against {there:,}: another genome assembly?)"


def _resized(pairs: Mapping[str, str], here: Lengths, there: Lengths) -> dict[str, tuple[int, int]]:
    """Contigs whose length is known on both sides and differs."""
    both = {old: (here.get(old), there.get(new)) for old, new in pairs.items()}
    return {old: (a, b) for old, (a, b) in both.items() if a is not None and b is not None and a != b}


def _note_absent(item: Input, said: str, found: Lengths, main: Input, names: Lengths, result: Survey) -> None:
    """Contigs that one side lacks are usual: scaffolds, decoys, a genome without genes on some contig."""
    absent = [name for name in found if name not in names]
    if absent and item.kind in ("bam", "annotation", "blacklist", "regions"):
        which = f"{len(absent)} of the {len(found)} contigs of {said}"
        result.notes.append(f"{which} are not in {main.path} and are left out: {listed(absent, 3)}")
    lacking = [name for name in names if name not in found]
    if lacking and item.kind == "bam":
        which = f"{len(lacking)} of the {len(names)} contigs of {main.path}"
        result.notes.append(f"{which} are not in the header of {said}: {listed(lacking, 3)}")


def _alike(others: Known) -> Iterator[tuple[list[Input], Lengths]]:
    """Inputs with their contigs; BAM files with the same contigs together."""
    seen: list[tuple[list[Input], Lengths]] = []
    for item, found in others.values():
        for items, names in seen:
            if item.kind == "bam" and items[0].kind == "bam" and names == found:
                items.append(item)
                break
        else:
            seen.append(([item], found))
    yield from seen


def _said(items: list[Input]) -> str:
    return items[0].path if len(items) == 1 else f"{items[0].path} (and {len(items) - 1} more)"


def _line(item: Input, table: pd.DataFrame, bad: np.ndarray) -> str:
    return f"{item.path}, line {table.index[bad][0]}"


def _first(table: pd.DataFrame, bad: np.ndarray) -> str:
    row = table[bad].iloc[0]
    return f"peak {row['chrom']}:{row['start']}-{row['end']}"


def _more(bad: np.ndarray) -> str:
    n = int(bad.sum()) - 1
    return "" if n == 0 else f" (and {n} more peak{'s' * (n > 1)})"
