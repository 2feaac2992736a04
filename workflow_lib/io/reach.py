"""What a script can reach in the library: the definitions that its names lead to, and what these may read."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from workflow_lib.io import syntax

PACKAGE = "workflow_lib"
LEFT_OUT = "NOT_IN_DIGESTS"
"""A module that assigns to this name says of itself that it changes no result: logging."""
UNSEEN = {"__version__", "__all__"}
ON_IMPORT = "(on import)"
SCRIPT = "(script)"
Key = tuple[str, str]
"""Module and name of a definition; the whole of a module is called `*`."""


@dataclass(frozen=True)
class Part:
    """One definition.

    Attributes
    ----------
    key : (str, str)
        Module and name.
    pieces : tuple of str or Key
        What it says, in order; a key stands for the name of another definition.
    files : frozenset of str
        Names of files that it may read: it names its own place, and these. `*` stands for all beside it.
    """

    key: Key
    pieces: tuple[str | Key, ...]
    files: frozenset[str] = frozenset()


@dataclass
class Reached:
    """Definitions, and the data files that these may read."""

    parts: list[Part] = field(default_factory=list)
    data: set[Path] = field(default_factory=set)


class Library:
    """The modules of the package, read when they are needed.

    Names are followed where they can be: a name that is an import or a definition of the module stands for
    that. A module that is used as a value (an argument, or `getattr` of it) stands for all it defines, and so
    does one whose attribute cannot be found. All methods of a class come with it. Statements at the top of a
    module that are neither definitions nor assignments run on import, so they count for whoever imports it.
    """

    def __init__(self, root: str | Path):
        self.root = Path(root)
        self._modules: dict[str, syntax.Module | None] = {}
        self._found: dict[Key, list[Part]] = {}

    def reached(self, script: Path) -> Reached:
        """All that a script can reach."""
        main = syntax.parse(script.read_bytes())
        self._modules[SCRIPT] = main
        for key in [key for key in self._found if key[0] == SCRIPT]:
            del self._found[key]
        names = [*main.definitions, ON_IMPORT]
        waiting: list[Key] = [(SCRIPT, name) for name in names]
        seen: set[Key] = set(waiting)
        imported: set[str] = set()
        result = Reached()
        while waiting:
            key = waiting.pop()
            new: list[Key] = [(name, ON_IMPORT) for name in self._imports(key[0], imported)]
            for part in self.parts(key):
                result.parts += [part] if part.pieces else []  # nothing runs on import of most modules
                result.data |= self._data(part)
                new += [piece for piece in part.pieces if not isinstance(piece, str)]
            for used in new:
                if used not in seen:
                    seen.add(used)
                    waiting.append(used)
        by_key = {part.key: part for part in result.parts}
        result.parts = list(by_key.values())
        return result

    def parts(self, key: Key) -> list[Part]:
        """The definitions that a key stands for: one, all of a module, or none if it is left out."""
        if key not in self._found:
            name, what = key
            module = self.module(name)
            if module is None or LEFT_OUT in module.definitions or what in UNSEEN:
                self._found[key] = []
            elif what == "*":
                names = [*module.definitions, ON_IMPORT]
                self._found[key] = [part for each in names for part in self.parts((name, each))]
            else:
                self._found[key] = [self._part(name, module, what)]
        return self._found[key]

    def module(self, name: str) -> syntax.Module | None:
        """A module of the package by its dotted name; None if there is none."""
        if name not in self._modules:
            path = self._path(name)
            self._modules[name] = None if path is None else syntax.parse(path.read_bytes())
        return self._modules[name]

    def _part(self, name: str, module: syntax.Module, what: str) -> Part:
        nodes = module.on_import if what == ON_IMPORT else module.definitions[what]
        pieces: list[str | Key] = []
        for node in nodes:
            for piece in syntax.said(node, module):
                if isinstance(piece, str):
                    pieces.append(piece)
                else:
                    pieces += self._resolved(name, module, piece)
        return Part((name, what), tuple(pieces), _files_named(pieces))

    def _resolved(self, name: str, module: syntax.Module, used: syntax.Used) -> Iterator[str | Key]:
        """What a dotted name stands for, then those of its attributes that belong to objects."""
        key, rest = self._start(name, module, used)
        while key is not None and key[1] == "*" and rest:
            found = self._member(key[0], rest[0])
            if found is None:
                break
            key, rest = found, rest[1:]
        if key is None:
            yield f"Name:{'.'.join((used.name, *rest))}"
            return
        yield key
        if key[1] != "*":
            holder = self.module(key[0])
            if holder is not None and "__getattr__" in holder.definitions:
                yield key[0], "__getattr__"
        if rest:
            yield f"Attributes:{'.'.join(rest)}"

    def _start(
        self, name: str, module: syntax.Module, used: syntax.Used
    ) -> tuple[Key | None, tuple[str, ...]]:
        target = used.imported or module.imports.get(used.name)
        if target is not None:
            if target.module.split(".")[0] != PACKAGE:
                return None, used.attributes
            if target.attribute is None:
                return (target.module, "*"), used.attributes
            found = self._member(target.module, target.attribute)
            return found or (target.module, "*"), used.attributes
        if used.name in module.definitions:
            return (name, used.name), used.attributes
        return None, used.attributes

    def _member(self, name: str, attribute: str) -> Key | None:
        """What `module.attribute` is: a definition, a module within, or what the module has imported."""
        module = self.module(name)
        if module is None:
            return None
        if attribute in module.definitions:
            return name, attribute
        if self._path(f"{name}.{attribute}") is not None:
            return f"{name}.{attribute}", "*"
        target = module.imports.get(attribute)
        if target is not None and target.module.split(".")[0] == PACKAGE:
            if target.attribute is None:
                return target.module, "*"
            return self._member(target.module, target.attribute) or (target.module, "*")
        return (name, "__getattr__") if "__getattr__" in module.definitions else None

    def _imports(self, name: str, known: set[str]) -> Iterator[str]:
        """Modules that come with a module, and with those, which are not known yet."""
        waiting = [name]
        while waiting:
            name = waiting.pop()
            if name in known:
                continue
            known.add(name)
            module = self.module(name)
            if module is None:
                continue
            yield name
            for target in module.on_start:
                whole = target.module if target.attribute is None else f"{target.module}.{target.attribute}"
                parts = whole.split(".")
                if parts[0] == PACKAGE:
                    waiting += [".".join(parts[:i]) for i in range(1, len(parts) + 1)]

    @functools.cache  # noqa: B019 - a library is made anew for every question
    def _path(self, name: str) -> Path | None:
        place = self.root.joinpath(*name.split("."))
        for path in (place.with_suffix(".py"), place / "__init__.py"):
            if path.is_file():
                return path
        return None

    def _data(self, part: Part) -> set[Path]:
        path = self._path(part.key[0])
        if path is None or not part.files:
            return set()
        beside = {file for file in path.parent.iterdir() if file.is_file()}
        code = {file for file in beside if file.suffix in (".py", ".pyc")}
        return {file for file in beside - code if part.files & {file.name, "*"}}


def _files_named(pieces: list[str | Key]) -> frozenset[str]:
    """What a definition says that may be names of files beside it, if it says where it is itself."""
    texts = [piece for piece in pieces if isinstance(piece, str)]
    if any(f"'{PACKAGE}." in text for text in texts):  # a loader of a package's files
        return frozenset("*")
    if not any(text.startswith("Name:__file__") for text in texts):
        return frozenset()
    constants = (text.removeprefix("Constant:") for text in texts if text.startswith("Constant:'"))
    return frozenset(text[1:-1] for text in constants)
