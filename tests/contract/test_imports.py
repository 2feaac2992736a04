"""What imports what: no circle between files or rooms, also where an import waits inside a function."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = "workflow_lib"


def modules(root: Path) -> dict[str, Path]:
    """Files of the library by dotted name."""
    found = {}
    for path in sorted((root / LIBRARY).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def arrows(root: Path) -> dict[str, set[str]]:
    """Files that each file imports, wherever in it."""
    known = modules(root)
    found: dict[str, set[str]] = {}
    for name, path in known.items():
        asked: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                asked |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert not node.level, f"{path}: relative import"
                for alias in node.names:
                    whole = f"{node.module}.{alias.name}"
                    asked.add(whole if whole in known else str(node.module))
        found[name] = (asked & set(known)) - {name}
    return found


def rooms(files: dict[str, set[str]]) -> dict[str, set[str]]:
    """The same of rooms; a file beside the rooms is one of its own."""

    def room(name: str) -> str:
        return ".".join(name.split(".")[:2])

    found: dict[str, set[str]] = {}
    for name, others in files.items():
        found.setdefault(room(name), set()).update({room(other) for other in others} - {room(name)})
    return found


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Names along a circle, or nothing."""
    done: set[str] = set()

    def walk(name: str, way: list[str]) -> list[str]:
        if name in way:
            return [*way[way.index(name) :], name]
        if name in done:
            return []
        for other in sorted(graph.get(name, ())):
            found = walk(other, [*way, name])
            if found:
                return found
        done.add(name)
        return []

    return next((found for name in sorted(graph) if (found := walk(name, []))), [])


@pytest.mark.parametrize("level", ["files", "rooms"])
def test_no_import_leads_back(level):
    files = arrows(ROOT)
    found = circle(files if level == "files" else rooms(files))
    assert not found, " -> ".join(found)


def test_a_circle_is_seen_also_inside_functions(tmp_path):
    room = tmp_path / LIBRARY / "a"
    room.mkdir(parents=True)
    (tmp_path / LIBRARY / "__init__.py").write_text("")
    (room / "__init__.py").write_text("")
    (room / "one.py").write_text(f"from {LIBRARY}.a import two\n")
    (room / "two.py").write_text(f"import {LIBRARY}.a.three\n")
    (room / "three.py").write_text("")
    assert circle(arrows(tmp_path)) == []
    (room / "three.py").write_text(f"def f():\n    from {LIBRARY}.a.one import x\n    return x\n")
    names = [f"{LIBRARY}.a.{name}" for name in ("one", "two", "three")]
    assert set(circle(arrows(tmp_path))) == set(names)
    assert circle(rooms(arrows(tmp_path))) == []


def test_the_library_knows_nothing_of_snakemake():
    for name, path in modules(ROOT).items():
        for node in ast.walk(ast.parse(path.read_text())):
            asked = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            asked += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            assert not any(other.split(".")[0] == "snakemake" for other in asked), name


SLOW = ("scipy.stats", "scipy.cluster", "scipy.ndimage")
"""Half a second or more to load, in each of a hundred jobs: functions that need them load them."""


def test_neither_jobs_nor_the_start_of_a_run_load_what_takes_long():
    asked = {name for script in (ROOT / "scripts").glob("*.py") for name in imported(script)}
    code = f"import sys, workflow_lib.preflight, {', '.join(sorted(asked))}\n"
    code += f"print(*sorted(set({SLOW}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def imported(script: Path) -> set[str]:
    """Modules of the library that a script names."""
    known = modules(ROOT)
    found = set()
    for node in ast.walk(ast.parse(script.read_text())):
        if isinstance(node, ast.ImportFrom):
            wholes = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (wholes & set(known)) or {str(node.module)}
    return found
