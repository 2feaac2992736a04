"""The configuration: each fault is named by its key, with the fix, and all faults at once."""

import copy
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from workflow_lib import preflight
from workflow_lib.errors import InputError
from workflow_lib.io import readable, sheets
from workflow_lib.preflight.expected import leaves

CONFIG = Path(__file__).resolve().parents[2] / "config"
SCHEMA = sheets.read_yaml(CONFIG / "schemas/config.schema.yaml")
MINIMAL = {"peaks": {"files": "peaks.bed"}}


def problems(text: str, **minimal) -> list[str]:
    """Messages about a configuration written as YAML, over one that is right."""
    given = copy.deepcopy(MINIMAL) | minimal
    for key, value in yaml.safe_load(text).items():
        given[key] = (
            given[key] | value if isinstance(given.get(key), dict) and isinstance(value, dict) else value
        )
    return [str(problem) for problem in preflight.configuration(given, SCHEMA)[1]]


@pytest.mark.parametrize(
    ("given", "place", "what", "fix"),
    [
        ("desing: ~ group", "key desing", "unknown key", "write design"),
        ("shrink: true", "key shrink", "unknown key", "put it under differential (differential.shrink)"),
        ("differential: {alhpa: 0.1}", "key differential.alhpa", "unknown key", "remove it"),
        (
            "enrichment: {test: chisq}",
            "key enrichment.test",
            "unknown key, given as test",
            "remove it",
        ),
        ("motifs: {pvlaue: 0.1}", "key motifs.pvlaue", "unknown key", "write pvalue"),
        (
            "differential: {seed: 1}",
            "key differential.seed",
            "unknown key",
            "put it at the left margin (seed)",
        ),
        ("xyzzy: 1", "key xyzzy", "unknown key", "remove it, or write one of title, samples, counts"),
        (
            "motifs: {pvalue: 1e-5}",
            "key motifs.pvalue",
            "the text '1e-5'",
            "write 1.0e-5 (YAML reads 1e-5 as text",
        ),
        (
            "alpha: '0.1'",
            "key alpha",
            "the text '0.1'",
            "write 0.1 without quotes",
        ),
        (
            "alpha: 5",
            "key alpha",
            "is 5, expected number (above 0 and below 1)",
            "0.05",
        ),
        (
            "differential: {shrink: 'no'}",
            "key differential.shrink",
            "expected true or false",
            "write false without",
        ),
        (
            "reads: {min_mapq: 300}",
            "key reads.min_mapq",
            "is 300, expected whole number (0 to 255)",
            "write 30",
        ),
        ("reads: {min_mapq: 2.5}", "key reads.min_mapq", "is 2.5, expected whole number", "write 30"),
        (
            "reads: {tn5_shift: [4, 5]}",
            "key reads.tn5_shift",
            "is [4, 5], expected one of auto, [4, -4]",
            "auto",
        ),
        ("reads: {count: fragment}", "key reads.count", "the text 'fragment'", "write fragments"),
        (
            "peaks: {width: 500}",
            "key peaks.width",
            "is 500, expected whole number (51 to 5001; odd)",
            "write 501",
        ),
        ("peaks: {files: [a.bed]}", "key peaks.files", "is [a.bed]", "a mapping of sample or group to file"),
        ("peaks: {files: ''}", "key peaks.files", "is empty", "give path or mapping"),
        ("peaks: {files: null}", "key peaks.files", "nothing to count in", "name BED or narrowPeak files"),
        (
            "genome: {mitochondrial: chrM}",
            "key genome.mitochondrial",
            "the text 'chrM'",
            "write a list: [chrM]",
        ),
        ("genome: {mitochondrial: [M, M]}", "key genome.mitochondrial", "'M' more than once", "list it once"),
        ("genome: null", "key genome", "is null", "remove the key to get its defaults"),
        ("seed: null", "key seed", "is null", "remove the key to get its default, 42"),
        ("design: batch + group", "key design", "begins with ~", "write '~ batch + group'"),
        (
            "annotation: {promoter: [500, -2000]}",
            "key annotation.promoter",
            "is [500, -2000]",
            "[-2000, 500]",
        ),
        (
            "annotation: {promoter: [-1, 1, 2]}",
            "key annotation.promoter",
            "is [-1, 1, 2]",
            "write [-2000, 500]",
        ),
        (
            "motifs: {background: [0.3, 0.2, 0.2, 0.2]}",
            "key motifs.background",
            "adds up to 0.9",
            "[0.3333, 0.2222",
        ),
        (
            "motifs: {source: file}",
            "key motifs.file",
            "is null although motifs.source is file",
            "name the file",
        ),
        ("motifs: {file: a.meme}", "key motifs.file", "would not be read", "set motifs.source to file"),
        ("motifs: {tax_group: fungus}", "key motifs.tax_group", "the text 'fungus'", "write fungi"),
        ("motifs: {tax_group: [fungus]}", "key motifs.tax_group[0]", "the text 'fungus'", "write fungi"),
        ("motifs: {short_motifs: drop}", "key motifs.short_motifs", "expected one of best_word", "write"),
        ("contrasts: {}", "key contrasts", "is empty", "give mapping"),
        (
            "contrasts: {a: {control: x}}",
            "key contrasts.a.experiment",
            "has control and no experiment",
            "add experiment",
        ),
        (
            "contrasts: {a: {experiment: x, control: x}}",
            "key contrasts.a",
            "compares 'x' with itself",
            "two levels",
        ),
        (
            "contrasts: {a/b: {experiment: x, control: y}}",
            "key contrasts.a/b",
            "no name for a file",
            "rename it",
        ),
        (
            "contrasts: {a: {experiment: yes, control: no}}",
            "contrasts.a.control",
            "is false",
            "put quotes round it",
        ),
        (
            "contrasts: {a: {experiment: 2, control: y}}",
            "contrasts.a.experiment",
            "is 2, expected text",
            "put quotes",
        ),
        ("demo: true", "key demo", "is true, expected mapping or null", "write null"),
        (
            "samples: ${NOT_SET_HERE}/a.tsv",
            "key samples",
            "variable NOT_SET_HERE, which is not set",
            "export NOT_SET",
        ),
        (
            "peaks: {files: {a: '${NOT_SET_HERE}'}}",
            "key peaks.files.a",
            "NOT_SET_HERE",
            "export NOT_SET_HERE=...",
        ),
        ("counts: '${A-b}'", "key counts", "no ${NAME} or ${NAME:-default}", "write one of these"),
        (
            "peaks: {call: true}",
            "key peaks.call",
            "is true although peaks.files names peaks",
            "set peaks.files to null to call peaks",
        ),
        (
            "enrichment: {foreground: all}",
            "key enrichment.foreground",
            "no peak is left to compare with",
            "set enrichment.background to genome",
        ),
        (
            "{counts: a.tsv, differential: {size_factors: tmm_bins}}",
            "differential.size_factors",
            "although the run starts from counts",
            "set it to ratio",
        ),
    ],
)
def test_one_fault_is_named_with_its_fix(monkeypatch, given, place, what, fix):
    monkeypatch.delenv("NOT_SET_HERE", raising=False)
    (message, *others) = problems(given)
    # Both levels of the contrast with yes and no are at fault.
    assert len(others) == (1 if "yes" in given else 0)
    assert place in message
    assert what in message
    assert fix in message.partition("Fix: ")[2]


def test_all_faults_are_told_at_once():
    found = problems("{desing: x, motifs: {pvalue: 1e-5, windw: 3}, seed: -1, peaks: {call: true}}")
    assert len(found) == 5
    assert [key for key in ("desing", "motifs.pvalue", "motifs.windw", "seed", "peaks.call")
            if any(f"key {key}:" in message for message in found)] == [
        "desing", "motifs.pvalue", "motifs.windw", "seed", "peaks.call"
    ]  # fmt: skip


def test_something_that_is_no_mapping_is_refused():
    config, (problem,) = preflight.configuration(["samples"], SCHEMA)
    assert "is not a mapping of keys to values" in str(problem)
    assert config["seed"] == 42


def test_defaults_are_those_of_the_design():
    config, found = preflight.configuration(MINIMAL, SCHEMA)
    assert found == []
    assert config == {
        "title": None,
        "samples": "config/samples.tsv",
        "counts": None,
        "genome": {
            "fasta": None,
            "name": None,
            "annotation": None,
            "blacklist": None,
            "mitochondrial": ["chrM", "MT", "Mito"],
        },
        "peaks": {
            "files": "peaks.bed",
            "call": False,
            "mode": "cuts",
            "qvalue": 0.01,
            "mappable": 0.9,
            "width": 501,
            "min_replicates": 2,
        },
        "reads": {"min_mapq": 30, "tn5_shift": "auto", "count": "insertions"},
        "design": "~ group",
        "contrasts": {
            "treated_vs_control": {"variable": "group", "experiment": "treated", "control": "control"}
        },
        "alpha": 0.05,
        "differential": {
            "size_factors": "ratio",
            "offsets": "none",
            "min_abs_log2fc": 0,
            "min_count": 10,
            "shrink": True,
            "calibrate": True,
        },
        "annotation": {
            "promoter": [-2000, 500],
            "proximal": 10000,
            "gene_types": None,
            "prefer": ["protein_coding"],
        },
        "motifs": {
            "source": "jaspar",
            "release": "JASPAR2026",
            "collection": "CORE",
            "tax_group": "vertebrates",
            "species": None,
            "file": None,
            "pvalue": 1e-5,
            "short_motifs": "best_word",
            "engine": "moods",
            "window": 200,
            "background": [0.25, 0.25, 0.25, 0.25],
        },
        "enrichment": {
            "background": "peaks",
            "foreground": "differential",
            "n_genome": 5000,
        },
        "footprints": {"motifs": "auto", "flank": 250, "bias": "kmer", "sites": "in_peaks"},
        "chromvar": {"iterations": 0},
        "factors": {"min_expression": None},
        "linkage": {"expression": None, "distance": 250000, "adjust": "nuisance"},
        "regions": {"gene_sets": None, "sets": None, "min_genes": 10, "max_genes": 2000},
        "profiles": {"clusters": None},
        "block": None,
        "loci": {"genes": [], "top": 6, "upstream": 5000, "downstream": 5000, "max_fragment": 180},
        "seed": 42,
        "demo": None,
    }


def test_what_is_given_stays_and_the_given_mapping_is_not_changed():
    given = {
        "peaks": {"files": {"T0": "a.bed", "T15": "b.bed"}, "width": 301.0},
        "contrasts": {"T15_vs_T0": {"experiment": "T15", "control": "T0"}},
        "demo": {},
    }
    before = copy.deepcopy(given)
    config, found = preflight.configuration(given, SCHEMA)
    assert found == []
    assert given == before
    assert config["peaks"]["files"] == {"T0": "a.bed", "T15": "b.bed"}
    assert config["peaks"]["width"] == 301
    assert isinstance(config["peaks"]["width"], int)
    assert config["contrasts"] == {"T15_vs_T0": {"variable": "group", "experiment": "T15", "control": "T0"}}
    assert config["demo"] == {"seed": 1}


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["dispersions"], "key contrasts.dispersions: dispersions is the name of other results"),
        (["bias_logos"], "key contrasts.bias_logos: bias_logos is the name of other results"),
        (["roles"], "key contrasts.roles: roles is the name of other results"),
        (["kinase.activity"], "key contrasts.kinase.activity: kinase.activity is the name of other results"),
        (["a.balance", "a"], "key contrasts.a.balance: begins with the name of the contrast a and a point"),
        (["a", "a_b", "ab.c"], None),
    ],
)
def test_no_two_results_have_one_name(names, said):
    contrasts = {name: {"experiment": "x", "control": "y"} for name in names}
    found = preflight.configuration(MINIMAL | {"contrasts": contrasts}, SCHEMA)[1]
    assert len(found) == (said is not None)
    assert all(str(problem).startswith(f"config, {said}") for problem in found)


def test_a_contrast_at_fault_is_left_out_and_not_replaced_by_the_default():
    given = MINIMAL | {"contrasts": {"good": {"experiment": "a", "control": "b"}, "bad": {"control": "b"}}}
    assert list(preflight.configuration(given, SCHEMA)[0]["contrasts"]) == ["good"]


@pytest.mark.parametrize(
    ("path", "value", "expanded"),
    [
        ("${FOLDER}/a.bed", "/data", "/data/a.bed"),
        ("${FOLDER:-x}/a.bed", "/data", "/data/a.bed"),
        ("${FOLDER:-../x}/a.bed", None, "../x/a.bed"),
        ("${FOLDER:-x}/a.bed", "", "x/a.bed"),
        ("a/${FOLDER}/${FOLDER}", "b", "a/b/b"),
        ("plain/path", None, "plain/path"),
    ],
)
def test_variables_in_paths(monkeypatch, path, value, expanded):
    monkeypatch.delenv("FOLDER", raising=False)
    if value is not None:
        monkeypatch.setenv("FOLDER", value)
    assert preflight.expand(path) == expanded
    assert preflight.configuration({"peaks": {"files": path}}, SCHEMA)[0]["peaks"]["files"] == expanded
    given = {"peaks": {"files": {"a": path}}}
    assert preflight.configuration(given, SCHEMA)[0]["peaks"]["files"] == {"a": expanded}


def test_an_unset_variable_is_named(monkeypatch):
    monkeypatch.delenv("FOLDER", raising=False)
    with pytest.raises(InputError, match="variable FOLDER, which is not set"):
        preflight.expand("${FOLDER}/a")


def test_raise_all_numbers_the_problems():
    first, second = (
        preflight.Problem("a.tsv, line 2", "is odd", "even it"),
        preflight.Problem("b", "is", "do"),
    )
    with pytest.raises(InputError) as raised:
        preflight.raise_all([first, second, first])
    assert str(raised.value) == (
        "2 problems to put right before anything can run:\n"
        "  1. a.tsv, line 2: is odd. Fix: even it.\n"
        "  2. b: is. Fix: do."
    )
    preflight.raise_all([])


def test_schema_is_one_and_refuses_unknown_keys_everywhere():
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator.check_schema(sheets.read_yaml(CONFIG / "schemas/samples.schema.yaml"))

    def groups(schema):
        yield schema
        for part in schema.get("properties", {}).values():
            yield from groups(part)

    for schema in groups(SCHEMA):
        assert schema["description"].endswith(".")
        if "properties" in schema:
            assert schema["additionalProperties"] is False


def test_every_default_of_the_schema_is_valid():
    for key, part in leaves(SCHEMA):
        if "default" in part:
            assert list(Draft202012Validator(part).iter_errors(part["default"])) == [], key


@pytest.mark.parametrize("name", ["config.yaml", "examples/yeast.yaml", "examples/counts_only.yaml"])
def test_configurations_of_the_project_are_valid(name):
    config, found = preflight.configuration(sheets.read_yaml(CONFIG / name), SCHEMA)
    assert found == []
    assert (config["demo"] is None) == (name != "config.yaml")
    row_schema = sheets.read_yaml(CONFIG / "schemas/samples.schema.yaml")
    samples, found = preflight.sheet(str(CONFIG.parent / config["samples"]), config, row_schema)
    assert found + preflight.design(config, samples) == []


def test_demo_names_every_key():
    demo = sheets.read_yaml(CONFIG / "config.yaml")
    for key, _ in leaves(SCHEMA):
        if "<name>" not in key:
            part = demo
            for name in key.split("."):
                assert name in part, key
                part = part[name]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "config.yaml, line 3: key 'a' stands there twice (first in line 1)"),
        ("contrasts:\n  x: {a: 1}\n  x: {a: 2}\n", "config.yaml, line 3: key 'x' stands there twice"),
        ("a: [1\nb: 2\n", "config.yaml, line 2: not readable as YAML"),
        ("- a\n", "config.yaml: not a mapping of keys to values"),
    ],
)
def test_yaml_that_cannot_be_read(tmp_path, text, message):
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as raised:
        sheets.read_yaml(path)
    assert message in str(raised.value)


def test_numbers_of_yaml_as_they_should_be_written():
    assert "write 2.0e-6" in problems("motifs: {pvalue: 2E-6}")[0]
    assert "write 1.5e-5" in problems("motifs: {pvalue: '1.5e-5 '}")[0]


def test_make_run_names_the_line_of_a_tab_before_snakemake_reads_it(tmp_path):
    path = tmp_path / "my.yaml"
    path.write_text("samples: a.tsv\ngenome:\n\tfasta: a.fa\n")
    assert (
        readable.fault([str(path)]) == f"{path}, line 3: a tab stands before a value or a key: write blanks"
    )
    path.write_text("samples: a.tsv\n")
    assert readable.fault([str(path)]) is None
    recipe = (Path(__file__).resolve().parents[2] / "Makefile").read_text().partition("\nrun: ")[2]
    assert recipe.index("workflow_lib.io.readable $(CONFIG)") < recipe.index("/snakemake")
