"""Digests of code: they see what a script can reach, and nothing that cannot change a result."""

import ast
import re
import shutil
from pathlib import Path

import pytest

from workflow_lib.io import provenance

ROOT = Path(__file__).resolve().parents[3]
FILES = {
    "workflow_lib/__init__.py": '__version__ = "1"\n',
    "workflow_lib/a.py": """
import logging
from workflow_lib import logs
from workflow_lib.sub import b
from workflow_lib.sub.b import TABLE as known

log = logging.getLogger("x")
LIMIT: int = 3


def main(x: int) -> int:
    \"\"\"Say.\"\"\"
    from workflow_lib import late

    log.info("%d of them", x)
    return b.double(x) + late.one() + known["k"]() + LIMIT


def never():
    return b.unused()
""",
    "workflow_lib/late.py": "def one():\n    return 1\n",
    "workflow_lib/logs.py": 'NOT_IN_DIGESTS = "no"\n\n\ndef say():\n    print("hello")\n',
    "workflow_lib/sub/__init__.py": "",
    "workflow_lib/sub/b.py": """
from pathlib import Path

import numpy as np

_CODE = np.zeros(3)
for _i in range(3):
    _CODE[_i] = _i


class Reader:
    def __init__(self, x):
        self.x = x

    def value(self):
        return self._inner()

    def _inner(self):
        return self.x + _CODE.sum()


def double(x):
    return 2 * Reader(x).value()


def kind():
    return len(Path(__file__).with_name("page.html").read_text())


TABLE = {"k": kind}


def unused():
    return 0
""",
    "workflow_lib/sub/page.html": "<p>",
    "workflow_lib/unused.py": "",
    "script.py": "from workflow_lib import a\n\nprint(a.main(1))\n",
}


@pytest.fixture
def project(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def digest(project):
    return provenance.Code(project).digest(project / "script.py")


SEEN = {
    "a function": ("sub/b.py", "2 * Reader", "3 * Reader"),
    "a method that a method calls": ("sub/b.py", "self.x + _CODE", "self.x - _CODE"),
    "a constant": ("a.py", "LIMIT: int = 3", "LIMIT: int = 4"),
    "a function in a table that is imported by another name": ("sub/b.py", "len(Path", "id(Path"),
    "what a module does when it is imported": ("sub/b.py", "range(3)", "range(2)"),
    "a module that a function imports": ("late.py", "return 1", "return 2"),
    "a data file": ("sub/page.html", "<p>", "<b>"),
    "a default": ("sub/b.py", "def double(x)", "def double(x=1)"),
    "the package that a name comes from": ("sub/b.py", "import numpy as np", "import cupy as np"),
}
UNSEEN = {
    "a comment": ("a.py", "LIMIT:", "# most\nLIMIT:"),
    "a docstring": ("a.py", "Say.", "Speak."),
    "an annotation": ("a.py", "(x: int) -> int", "(x: float)"),
    "the annotation of a constant": ("a.py", "LIMIT: int", "LIMIT"),
    "a message to the log": ("a.py", "%d of them", "only %d"),
    "another message to the log": (
        "a.py",
        "    return b.double",
        '    log.warning("done")\n    return b.double',
    ),
    "what is logged": ("logs.py", "hello", "hi"),
    "the version": ("__init__.py", '"1"', '"2"'),
    "a function that nobody calls": ("a.py", "return b.unused()", "return 5"),
    "a function of the same module that nobody calls": ("sub/b.py", "return 0", "return 1"),
    "a module that nobody imports": ("unused.py", "", "y = 2\n"),
    "another name for a module": ("sub/b.py", "np", "numpy"),
    "blank lines": ("sub/b.py", "\n\n\n", "\n\n\n\n"),
}


def edit(project, name, old, new):
    path = project / "workflow_lib" / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new) if name != "sub/b.py" or old != "np" else rename(text))


def rename(text):
    return re.sub(r"\bnp\b", "numpy", text).replace("import numpy as numpy", "import numpy")


@pytest.mark.parametrize("what", SEEN)
def test_it_sees(project, what):
    before = digest(project)
    edit(project, *SEEN[what])
    assert digest(project) != before


@pytest.mark.parametrize("what", UNSEEN)
def test_it_does_not_see(project, what):
    before = digest(project)
    edit(project, *UNSEEN[what])
    assert digest(project) == before


def test_a_function_that_takes_the_place_of_another_of_its_name_is_seen(project):
    (project / "workflow_lib/late.py").write_text(
        "def one():\n    return 1\n\n\ndef double(x):\n    return x\n"
    )
    before = digest(project)
    edit(project, "a.py", "b.double(x) + late.one()", "late.double(x) + late.one() + 0 * b.double(x)")
    between = digest(project)
    edit(
        project,
        "a.py",
        "late.double(x) + late.one() + 0 * b.double",
        "b.double(x) + late.one() + 0 * late.double",
    )
    assert len({before, between, digest(project)}) == 3


def test_a_module_that_moves_is_not_seen(project):
    before = digest(project)
    library = project / "workflow_lib"
    (library / "room").mkdir()
    (library / "room/__init__.py").write_text("")
    (library / "late.py").rename(library / "room/later.py")
    edit(project, "a.py", "from workflow_lib import late", "from workflow_lib.room import later as late")
    assert digest(project) == before


def test_a_module_handed_on_counts_as_a_whole(project):
    (project / "script.py").write_text(
        "from workflow_lib import late\n\nprint(getattr(late, 'o' + 'ne')())\n"
    )
    before = digest(project)
    edit(project, "late.py", "return 1", "return 2")
    assert digest(project) != before


def all_digests(root):
    return provenance.digests(root)


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    """A copy of the library and the scripts, and their digests."""
    folder = tmp_path_factory.mktemp("ours")
    for part in ("workflow_lib", "scripts"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    return folder, all_digests(folder)


class Bare(ast.NodeTransformer):
    """Takes docstrings, annotations and messages to the log away."""

    def visit_FunctionDef(self, node):
        self.generic_visit(node)
        node.returns = None
        for arg in ast.walk(node.args):
            if isinstance(arg, ast.arg):
                arg.annotation = None
        return node

    def visit_Expr(self, node):
        text = ast.unparse(node)
        if isinstance(node.value, ast.Constant) or re.match(r"(self\._)?log\.(info|warning|error)\(", text):
            return ast.Pass()
        return node


def test_the_library_without_comments_docstrings_annotations_and_log_texts_has_the_same_digests(
    ours, tmp_path
):
    folder, before = ours
    shutil.copytree(folder, tmp_path / "bare")
    for path in (tmp_path / "bare").rglob("*.py"):
        tree = Bare().visit(ast.parse(path.read_text()))
        path.write_text("# bare\n" + ast.unparse(ast.fix_missing_locations(tree)))
    assert all_digests(tmp_path / "bare") == before


def test_a_changed_function_is_seen_by_the_scripts_that_can_reach_it(ours, tmp_path):
    folder, before = ours
    shutil.copytree(folder, tmp_path / "changed")
    path = next((tmp_path / "changed/workflow_lib").rglob("differential/trend.py"))
    text = path.read_text()
    name = re.search(r"^def (\w+)", text, re.MULTILINE)[1]
    path.write_text(
        re.sub(rf"^(def {name}\b.*?:\n)(?=    \"\"\")", r"\1    1 + 1\n", text, flags=re.M | re.S)
    )
    after = all_digests(tmp_path / "changed")
    changed = {script for script in before if after[script] != before[script]}
    assert "test_differential" in changed
    assert changed.isdisjoint({"import_fragments", "scan_motifs", "read_genes", "check_inputs"})


def test_digests_are_remembered_until_a_byte_changes(ours, tmp_path):
    folder, before = ours
    remembered = tmp_path / "code.json"
    assert provenance.digests(folder, remembered) == before
    remembered.write_text(remembered.read_text().replace(before["scan_motifs"], "remembered"))
    assert provenance.digests(folder, remembered)["scan_motifs"] == "remembered"
    with open(folder / "scripts/scan_motifs.py", "a") as file:
        file.write("\nprint(1)\n")
    assert provenance.digests(folder, remembered)["scan_motifs"] not in ("remembered", before["scan_motifs"])
