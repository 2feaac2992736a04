"""The same bytes in any number of parts, and after an edit exactly the rules that use what was edited."""

import re
from modulefinder import ModuleFinder

import pytest

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


def scripts_using(project, module):
    """Scripts that import a module of the library, directly or not, as Python's own finder follows them."""
    found = set()
    for script in (project.folder / "scripts").glob("*.py"):
        finder = ModuleFinder(path=[str(project.folder)])
        finder.run_script(str(script))
        if module in finder.modules:
            found.add(script.stem)
    return found


def rules_by_script(project):
    """Names of the rules that run each script, as the rule files have them."""
    found = {}
    for rule, text in project.rules().items():
        for script in re.findall(r'code_digest\("(\w+)"\)', text):
            found.setdefault(script, set()).add(rule)
    return found


@pytest.fixture(scope="module")
def followers(demo):
    """The rules that need what each rule of the demo makes, directly."""
    graph = demo.snakemake("--rulegraph", "dot")
    names = dict(re.findall(r'^\s*(\d+)\[label = "(\w+)"', graph, flags=re.MULTILINE))
    found = {name: set() for name in names.values()}
    for source, target in re.findall(r"(\d+) -> (\d+)", graph):
        found[names[source]].add(names[target])
    return found


@pytest.mark.parametrize("module", ["differential.trend", "plots.logos"])
def test_an_edit_of_a_module_reruns_exactly_the_rules_that_use_it(copy_of_demo, followers, module):
    path = copy_of_demo.folder / "workflow_lib" / (module.replace(".", "/") + ".py")
    path.write_text(path.read_text() + "\n# edited\n")
    by_script = rules_by_script(copy_of_demo)
    using = scripts_using(copy_of_demo, f"workflow_lib.{module}")
    waiting = {rule for script in using for rule in by_script[script]} & followers.keys()
    assert waiting
    expected = set()
    while waiting:
        rule = waiting.pop()
        expected.add(rule)
        waiting |= followers[rule] - expected
    planned = copy_of_demo.snakemake("--dry-run")
    assert set(re.findall(r"^(?:local)?rule (\w+):", planned, flags=re.MULTILINE)) == expected
    assert expected < followers.keys()


def test_a_folder_that_was_moved_is_as_finished_as_before(copy_of_demo):
    moved = copy_of_demo.folder.rename(copy_of_demo.folder.with_name("moved"))
    assert "Nothing to be done" in type(copy_of_demo)(moved).snakemake("--dry-run")
