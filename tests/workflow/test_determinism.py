"""The same bytes in any number of parts, and after an edit exactly the rules that use what was edited."""

import re
import shutil
import subprocess

import pytest
from conftest import Project

from workflow_lib.io import fasta, hits
from workflow_lib.motifs import library, scan


@pytest.mark.parametrize("parts", [1, 3, 16])
def test_the_scan_is_the_same_in_any_number_of_parts(demo, tmp_path, parts):
    motifs = library.read(demo.folder / "resources/motifs/library.json")
    sequences, windows = fasta.read_sequences(demo.folder / "results/sequences/peaks.fa.gz")
    shards = [tmp_path / f"{i}.parquet" for i in range(1, parts + 1)]
    for i, shard in enumerate(shards, start=1):
        hits.write_shard(scan.scan_part(sequences, windows, motifs, f"{i}-of-{parts}"), shard)
    names = ["hits.bed.gz", "matches.npz"]
    hits.gather(shards, windows, motifs.ids, *(tmp_path / name for name in names))
    for name in [*names, "hits.bed.gz.tbi"]:
        assert (tmp_path / name).read_bytes() == (demo.folder / "results/motifs" / name).read_bytes(), name


def planned(project):
    """Rules of the jobs that a run would start."""
    return set(re.findall(r"^(?:local)?rule (\w+):", project.snakemake("--dry-run"), flags=re.MULTILINE))


@pytest.fixture(scope="module")
def followers(demo):
    """The rules that need what each rule of the demo makes, directly."""
    graph = demo.snakemake("--rulegraph", "dot")
    names = dict(re.findall(r'^\s*(\d+)\[label = "(\w+)"', graph, flags=re.MULTILINE))
    found = {name: set() for name in names.values()}
    for source, target in re.findall(r"(\d+) -> (\d+)", graph):
        found[names[source]].add(names[target])
    return found


def edit(project, module, old, new):
    path = project.folder / "workflow_lib" / module
    text = path.read_text()
    assert old in text, module
    path.write_text(text.replace(old, new, 1))


def test_an_edit_of_a_function_runs_what_reaches_it_and_a_release_runs_nothing(copy_of_demo, followers):
    shutil.copytree(copy_of_demo.folder / "scripts", copy_of_demo.folder / "new")  # with the dates of now
    shutil.rmtree(copy_of_demo.folder / "scripts")
    (copy_of_demo.folder / "new").rename(copy_of_demo.folder / "scripts")
    for path in copy_of_demo.folder.glob("scripts/*.py"):
        path.touch()
    for path in [*copy_of_demo.folder.glob("workflow_lib/**/*.py")]:
        path.write_text(path.read_text() + "\n# a comment\n")
    edit(copy_of_demo, "__init__.py", '__version__ = "', '__version__ = "9.')
    edit(copy_of_demo, "logs.py", "unknown time", "some time")
    assert planned(copy_of_demo) == set()
    edit(copy_of_demo, "differential/trend.py", "    return ", "    1 + 1\n    return ")
    found = planned(copy_of_demo)
    assert {"test_differential", "write_report"} <= found
    assert found.isdisjoint({"import_fragments", "count_cuts", "estimate_size_factors", "scan_motifs"})
    assert all(followers[rule] - {"all"} <= found for rule in found)


def test_a_folder_that_was_moved_is_as_finished_as_before(copy_of_demo):
    moved = copy_of_demo.folder.rename(copy_of_demo.folder.with_name("moved"))
    assert "Nothing to be done" in type(copy_of_demo)(moved).snakemake("--dry-run")


def test_a_copy_with_new_dates_is_as_finished_as_the_original(copy_of_demo):
    copy = copy_of_demo.folder.with_name("again")
    subprocess.run(["cp", "-r", copy_of_demo.folder, copy], check=True)
    assert planned(Project(copy)) == set()
    (copy / "results/counts/counts.tsv.gz").touch()  # an edit in the copy is one
    with open(copy / "results/differential/size_factors.tsv", "a") as file:
        file.write("\n")
    assert "test_differential" in planned(Project(copy))
