"""Digests of code: what a script uses, and nothing else."""

from pathlib import Path

from workflow_lib.io import provenance

ROOT = Path(__file__).resolve().parents[3]


def project(folder):
    files = {
        "workflow_lib/__init__.py": "",
        "workflow_lib/a.py": "from workflow_lib.sub import b\n",
        "workflow_lib/sub/__init__.py": "",
        "workflow_lib/sub/b.py": "x = 1\n",
        "workflow_lib/sub/page.html": "<p>",
        "workflow_lib/unused.py": "",
        "script.py": "from workflow_lib import a\n",
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_a_digest_changes_with_what_is_imported_and_only_with_that(tmp_path):
    root = project(tmp_path)
    before = provenance.digest(root / "script.py", root)
    (root / "workflow_lib/unused.py").write_text("y = 2\n")
    assert provenance.digest(root / "script.py", root) == before
    for name, text in [
        ("workflow_lib/sub/b.py", "x = 2\n"),
        ("workflow_lib/sub/page.html", "<b>"),
        ("script.py", "from workflow_lib import a  # changed\n"),
    ]:
        (root / name).write_text(text)
        after = provenance.digest(root / "script.py", root)
        assert after != before, name
        before = after


def test_the_scan_depends_on_the_scanner_and_not_on_the_differential_test():
    used = {path.name for path in provenance.modules(ROOT / "scripts/scan_motifs.py", ROOT)}
    assert "scan.py" in used
    assert "inference.py" not in used
