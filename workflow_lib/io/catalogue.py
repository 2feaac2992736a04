"""The catalogue of results, as `workflow_lib/results/stages` holds it: see :mod:`workflow_lib.results`.

It is data: what a column is called and what it means decides no value, so no rule runs again for a new line.
"""

import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from workflow_lib import near
from workflow_lib.io import sheets

STAGES = Path(__file__).resolve().parents[1] / "results/stages"
ORDER = (
    *("inputs", "reads", "peaks", "annotation", "samples", "normalisation", "differential", "calibration"),
    *(
        "tracks",
        "motifs",
        "enrichment",
        "chromvar",
        "footprints",
        "factors",
        "linkage",
        "regions",
        "profiles",
        "together",
        "demo",
        "exports",
    ),
)
"""Stages in the order of the pipeline; others come after them, by name."""
FOLDER = "results"
_COLUMN = re.compile(r"(text|integer|number|boolean) (?:\[([^\]]+)\] )?(\S.*)", re.DOTALL)
_WILDCARD = re.compile(r"\{\w+\}")


@dataclass(frozen=True)
class Column:
    """A column: `name` may have wildcards; `type` is text, integer, number or boolean."""

    name: str
    type: str
    unit: str
    what: str
    optional: bool = False

    @property
    def pattern(self) -> re.Pattern:
        """What names of the column look like, for readers who know no more."""
        return _pattern(self.name, ".+")

    @property
    def wildcards(self) -> tuple[str, ...]:
        """Names of the wildcards of the column's name."""
        return tuple(dict.fromkeys(wildcard[1:-1] for wildcard in _WILDCARD.findall(self.name)))

    def named(self, names: Mapping[str, Iterable[str]]) -> Iterator[str]:
        """All names of the column, given what wildcards stand for; none if one of them is not given."""
        for chosen in itertools.product(*(list(names.get(wildcard, ())) for wildcard in self.wildcards)):
            name = self.name
            for wildcard, value in zip(self.wildcards, chosen, strict=True):
                name = name.replace(f"{{{wildcard}}}", str(value))
            yield name


@dataclass(frozen=True)
class Result:
    """A table, a file or a figure (its `kind`) that a run makes, as :mod:`workflow_lib.results` explains."""

    key: str
    stage: str
    kind: str
    path: str
    what: str = ""
    needs: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    words: Mapping[str, list[str]] = field(default_factory=dict)
    sheet: Mapping[str, Any] | None = None
    parts: str = ""
    mudata: bool = False
    in_folder: bool = False
    listed: bool = True
    category: str = ""
    data: str = ""  # key of the table that a figure draws
    label: str = ""
    caption: str = ""
    alt: str = ""
    legend: str = ""
    wide: bool = False

    @property
    def output(self) -> str:
        """What the rule makes, below the results folder: the file, or the folder that holds it."""
        return str(PurePosixPath(self.path).parent) if self.in_folder else self.path

    @property
    def wildcards(self) -> tuple[str, ...]:
        """Names of the wildcards of :attr:`output`."""
        return tuple(dict.fromkeys(name[1:-1] for name in _WILDCARD.findall(self.output)))

    @property
    def shown(self) -> bool:
        """Whether the report shows it or lists it."""
        return self.listed or self.kind == "figure"

    def column(self, name: str) -> Column | None:
        """What is said of a column of the table."""
        exact = [column for column in self.columns if column.name == name]
        return next((c for c in (*exact, *self.columns) if c.pattern.fullmatch(name)), None)


def get(key: str) -> Result:
    """The entry of a key.

    Raises
    ------
    LookupError
        If there is none; near keys are given.
    """
    known = entries()
    if key not in known:
        raise LookupError(f"{key!r}: not a result of the catalogue; {near.offer(key, known)}")
    return known[key]


@functools.cache
def entries() -> dict[str, Result]:
    """All entries by key, in the order of the pipeline.

    Raises
    ------
    ValueError
        If two entries have one key, or a column is said in no known form; it is named.
    """
    shared = sheets.read_yaml(STAGES / "columns.yaml")
    found: dict[str, Result] = {}
    for stage, parts in stages().items():
        for kind in ("table", "file", "figure"):
            for key, given in parts.get(f"{kind}s", {}).items():
                if key in found:
                    raise ValueError(f"{stage}.yaml: {key!r} stands in {found[key].stage}.yaml too")
                found[key] = _entry(key, stage, kind, parts, dict(given), shared)
    return found


@functools.cache
def headings() -> dict[str, str]:
    """What the columns say that the report shows and their table does not have, by heading.

    A heading that one table has to itself stands behind the table's key and a dot.
    """
    shared = sheets.read_yaml(STAGES / "columns.yaml")
    told = {name: match[3] for name, said in shared.items() if (match := _COLUMN.fullmatch(said))}
    return told | sheets.read_yaml(STAGES.parent / "headings.yaml")


@functools.cache
def stages() -> dict[str, dict[str, Any]]:
    """The files of the catalogue by stage, in the order of the pipeline."""
    names = {path.stem for path in STAGES.glob("*.yaml")} - {"columns"}
    ordered = [*(name for name in ORDER if name in names), *sorted(names.difference(ORDER))]
    return {name: sheets.read_yaml(STAGES / f"{name}.yaml") for name in ordered}


def of_direction(words: str, direction: str | None) -> str:
    """What a result is, said of the file of one direction.

    Examples
    --------
    >>> of_direction("peaks more (up) or less (down) open", "down")
    'peaks less open'
    """
    one = {"up": "more open", "down": "less open"}.get(direction or "")
    return words.replace("more (up) or less (down) open", one) if one else words


def of_path(path: str | Path) -> Result | None:
    """The entry that a path below a folder `results` belongs to, the one with fewest wildcards; else None."""
    below = _below(path)
    return None if below is None else _found(below)


def check(
    table: pd.DataFrame,
    path: str | Path,
    *,
    index: bool = False,
    whole: bool = True,
    names: Mapping[str, Iterable[str]] | None = None,
) -> None:
    """Refuse a table that is not as the catalogue has it, where its path lies below a folder `results`.

    Parameters
    ----------
    table : DataFrame
    path : str or Path
        Where it is to be written.
    index : bool
        Whether the index is written as first column.
    whole : bool
        Whether all columns must be there that are not optional.
    names : mapping of wildcard to iterable of str, optional
        What the wildcards in the names of columns stand for, such as the samples.

    Raises
    ------
    ValueError
        If the catalogue has no table of that path, or the table has a column that it does not know, lacks one
        or has words or a type that are not said there.
    """
    below = _below(path)
    if below is None:
        return
    entry = _found(below)
    where = f"{FOLDER}/{below}"
    if entry is None:
        raise ValueError(f"{where}: no entry of the catalogue; write one in workflow_lib/results/stages")
    if not entry.columns:
        return
    written = [*([str(table.index.name)] if index else []), *map(str, table.columns)]
    told = f"see {entry.key} in workflow_lib/results/stages/{entry.stage}.yaml"
    known = {column: list(column.named(names or {})) for column in entry.columns}
    unknown = sorted(set(written).difference(*known.values()))
    if unknown:
        wildcards = {name for column in entry.columns for name in column.wildcards}.difference(names or {})
        told += f"; no names were given for {', '.join(sorted(wildcards))}" if wildcards else ""
        raise ValueError(f"{where}: columns {', '.join(unknown)} are not in the catalogue; {told}")
    needed = [name for column, of_column in known.items() if not column.optional for name in of_column]
    lacking = [name for name in needed if name not in written]
    if whole and lacking:
        raise ValueError(f"{where}: columns {', '.join(lacking)} of the catalogue are absent; {told}")
    for name in map(str, table.columns):
        said = _amiss(entry, name, table[name])
        if said:
            raise ValueError(f"{where}: column {name} {said}; {told}")


def _amiss(entry: Result, name: str, values: pd.Series) -> str:
    """What is wrong with the values of a column, in words."""
    column, present = entry.column(name), values.dropna()
    if column is None or present.empty:
        return ""
    words = entry.words.get(name)
    if words is not None:
        others = set(present.unique()).difference(words)
        return f"has the words {', '.join(sorted(map(str, others)))}" if others else ""
    numeric = pd.api.types.is_numeric_dtype(present) and not pd.api.types.is_bool_dtype(present)
    if column.type in ("number", "integer") and not numeric:
        return f"should be of type {column.type}, and is {values.dtype}"
    if column.type == "integer" and not (present == present.round()).all():
        return "should be of whole numbers"
    return ""


def _below(path: str | Path) -> str | None:
    parts = Path(path).parts
    if FOLDER not in parts[:-1]:
        return None
    last = len(parts) - 1 - parts[::-1].index(FOLDER, 1)
    return "/".join(parts[last + 1 :])


@functools.lru_cache(maxsize=4096)
def _found(below: str) -> Result | None:
    for pattern, entry in _patterns():
        if pattern.fullmatch(below):
            return entry
    return None


@functools.cache
def _patterns() -> list[tuple[re.Pattern, Result]]:
    paths = [(path, entry) for entry in entries().values() for path in (entry.path, entry.parts) if path]
    paths.sort(key=lambda pair: (len(_WILDCARD.findall(pair[0])), -len(pair[0])))
    return [(_pattern(path, "[^/]+"), entry) for path, entry in paths]


def _pattern(text: str, any_of: str) -> re.Pattern:
    """A path or a name with wildcards as a regular expression."""
    return re.compile(any_of.join(re.escape(part) for part in _WILDCARD.split(text)))


def _entry(key: str, stage: str, kind: str, parts: Mapping, given: dict, shared: Mapping) -> Result:
    needs = (*parts.get("needs", ()), *given.pop("needs", ()))
    columns = tuple(
        _column(f"{key}.{name}", name, said, shared) for name, said in given.pop("columns", {}).items()
    )
    given.setdefault("category", parts.get("category", parts["title"]))
    given.setdefault("listed", kind != "figure")
    return Result(key=key, stage=stage, kind=kind, needs=needs, columns=columns, **given)


def _column(where: str, name: str, said: str | None, shared: Mapping[str, str]) -> Column:
    name, optional = name.removesuffix("?"), name.endswith("?")
    match = _COLUMN.fullmatch(shared.get(name, "") if said is None else str(said))
    if match is None:
        raise ValueError(f"column {where}: expected `type [unit] one line`, got {said!r}")
    return Column(name, match[1], match[2] or "", match[3].strip(), optional)


def of_run(needs: Iterable[str]) -> list[Result]:
    """The results of a run whose configuration has what is named."""
    has = set(needs)
    return [entry for entry in entries().values() if has.issuperset(entry.needs)]


def legend(entry: Result) -> str:
    """What Snakemake's own report says below a figure, with its templates for wildcards and parameters."""

    def field(match: re.Match) -> str:
        kind = "wildcards" if match[0] in entry.path else "params"
        return f"{{{{ snakemake.{kind}.{match[0][1:-1]} }}}}"

    return _WILDCARD.sub(field, entry.legend)
