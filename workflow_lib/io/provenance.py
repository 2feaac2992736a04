"""Which code made a file: digests of a script and of the library modules that it imports."""

import ast
import functools
import hashlib
from pathlib import Path

PACKAGE = "workflow_lib"


def digest(script: str | Path, root: str | Path) -> str:
    """Digest of a script and of every library module that it imports, directly or not.

    Parameters
    ----------
    script : str or Path
        A Python file.
    root : str or Path
        The folder that holds the library's package.

    Returns
    -------
    str
        Sixteen hexadecimal digits. They change when the code of any of these files changes.
    """
    total = hashlib.sha256()
    for path in [Path(script), *modules(script, root)]:
        total.update(path.read_bytes())
        total.update(b"\0")
    return total.hexdigest()[:16]


def modules(script: str | Path, root: str | Path) -> list[Path]:
    """Files of the library that a script imports, directly or not, sorted, with the data files beside them.

    A package counts with its `__init__.py`; `from package import name` counts the module `name` where there
    is one.
    """
    root = Path(root)
    found: set[Path] = set()
    waiting = [Path(script)]
    while waiting:
        for name in _imports(waiting.pop().read_bytes()):
            for path in _files(name, root):
                if path not in found:
                    found.add(path)
                    waiting.extend([path] if path.suffix == ".py" else [])
    return sorted(found)


@functools.cache  # by content, so that a module that many scripts import is parsed once and an edit is seen
def _imports(code: bytes) -> tuple[str, ...]:
    """Dotted names of the library that a file may import."""
    names: list[str] = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module] + [f"{node.module}.{alias.name}" for alias in node.names]
    return tuple(name for name in names if name.split(".")[0] == PACKAGE)


@functools.cache  # a process asks for the same names for every script, and files do not come and go meanwhile
def _files(name: str, root: Path) -> list[Path]:
    """Files that a dotted name stands for: the packages on the way, the module, a package's data files."""
    parts = name.split(".")
    files = []
    for i in range(1, len(parts) + 1):
        place = root.joinpath(*parts[:i])
        if place.with_suffix(".py").is_file():
            files.append(place.with_suffix(".py"))
        elif (place / "__init__.py").is_file():
            files += [p for p in place.iterdir() if p.is_file() and p.suffix != ".py"]
            files.append(place / "__init__.py")
    return files
