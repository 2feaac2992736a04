"""Gene sets in GMT form, as MSigDB, Enrichr, g:Profiler and Reactome hand them out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workflow_lib.errors import InputError
from workflow_lib.io import text

FORM = "GMT has the name of a set, a description and then its genes, separated by tabs"


@dataclass(frozen=True)
class GeneSet:
    """A named set of genes, as a file gives it.

    Attributes
    ----------
    name, description : str
    source : str
        Name of the file, without folder and `.gmt`.
    genes : tuple of str
        Each once, in the order of the file.
    """

    name: str
    description: str
    source: str
    genes: tuple[str, ...]


def read_gmt(path: str | Path) -> list[GeneSet]:
    """Read the sets of a GMT file (gzip if it ends in .gz).

    Empty lines, empty fields and repeated genes are passed over. A weight after a comma (`TP53,1.0`, as
    Enrichr writes) is dropped.

    Raises
    ------
    InputError
        Naming the line of a set with fewer than three fields or with a name used before, or a file without
        a set.
    """
    path = Path(path)
    source = path.name.removesuffix(".gz").removesuffix(".gmt")
    sets: dict[str, tuple[int, GeneSet]] = {}
    for number, line in enumerate(text.text_lines(text.read_small(path, "file of gene sets")), 1):
        fields = line.split("\t")
        if not line.strip():
            continue
        if len(fields) < 3:
            raise InputError(f"{path}, line {number}: {_fault(line, fields)}")
        name = fields[0].strip()
        genes = dict.fromkeys(field.partition(",")[0].strip() for field in fields[2:])
        genes.pop("", None)
        if name in sets:
            raise InputError(
                f"{path}, line {number}: the set {name} stands in line {sets[name][0]} too; "
                "rename one of them, or join their genes in one line"
            )
        sets[name] = number, GeneSet(name, fields[1].strip(), source, tuple(genes))
    if not sets:
        raise InputError(f"{path}: holds no gene set; {FORM}")
    return [gene_set for _, gene_set in sets.values()]


def read_all(paths: Sequence[str | Path]) -> list[GeneSet]:
    """The sets of several files, in their order.

    Raises
    ------
    InputError
        As :func:`read_gmt`, or for a name that two files share: both are named.
    """
    found: dict[str, tuple[str | Path, GeneSet]] = {}
    for path in paths:
        for gene_set in read_gmt(path):
            if gene_set.name in found:
                raise InputError(
                    f"{path}: the set {gene_set.name} is in {found[gene_set.name][0]} too; give each set once"
                )
            found[gene_set.name] = path, gene_set
    return [gene_set for _, gene_set in found.values()]


def _fault(line: str, fields: list[str]) -> str:
    n = len(fields)
    if n == 1 and len(line.split()) >= 3:
        return f"has spaces where tabs are needed; {FORM}"
    if n == 1 and line.count(",") >= 2:
        return f"has commas where tabs are needed; {FORM}"
    what = f"has {n} field{'s' if n > 1 else ''} where there are at least three"
    return f"{what}; {FORM}; where there is no description, write na"
