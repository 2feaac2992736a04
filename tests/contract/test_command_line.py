"""`--config` on the command line: nested values arrive as text, and the files are not to blame."""

from pathlib import Path

import pytest
import yaml
from snakemake.common.configfile import load_configfile

from workflow_lib import preflight
from workflow_lib.errors import InputError
from workflow_lib.io import sheets

SCHEMAS = Path(__file__).resolve().parents[2] / "config" / "schemas"
FILE = {
    "samples": "sheet.tsv",
    "counts": "counts.tsv",
    "design": "~ group",
    "contrasts": {"c": {"experiment": "b", "control": "a"}},
    "differential": {"min_count": 5},
    "demo": None,
}


@pytest.fixture
def load(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = ["a1", "a2", "b1", "b2"]
    Path("sheet.tsv").write_text("sample\tgroup\n" + "".join(f"{name}\t{name[0]}\n" for name in names))
    rows = "".join(f"chr1:{100 * i}-{100 * i + 50}\t{i}\t{i + 1}\t{i + 9}\t{i + 7}\n" for i in range(9))
    Path("counts.tsv").write_text("peak\t" + "\t".join(names) + "\n" + rows)
    Path("my.yaml").write_text(yaml.safe_dump(FILE))

    def of(**more):
        given = load_configfile("my.yaml")
        for key, value in more.items():
            given[key] = given.get(key, {}) | value if isinstance(value, dict) else value
        return preflight.load(given, SCHEMAS, config_files=["my.yaml"])[0]

    return of


def test_nested_numbers_truth_values_and_null_are_read_as_such(load):
    config = load(
        differential={"min_abs_log2fc": "0.5", "shrink": "false"},
        annotation={"promoter": ["-1000", "200"], "gene_types": "null"},
        chromvar={"iterations": "20"},
    )
    assert config["differential"]["min_abs_log2fc"] == 0.5
    assert config["differential"]["min_count"] == 5
    assert config["differential"]["shrink"] is False
    assert config["annotation"]["promoter"] == [-1000, 200]
    assert config["annotation"]["gene_types"] is None
    assert config["chromvar"]["iterations"] == 20


def test_texts_stay_texts(load):
    Path("sheet.tsv").write_text(Path("sheet.tsv").read_text().replace("\tb", "\t1").replace("b", "x"))
    Path("counts.tsv").write_text(Path("counts.tsv").read_text().replace("b", "x"))
    assert load(contrasts={"c": {"experiment": "1", "control": "a"}})["contrasts"]["c"]["experiment"] == "1"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"differential": {"min_count": "many"}}, "--config, key differential.min_count: is the text 'many'"),
        ({"differential": {"shrink": "7"}}, "--config, key differential.shrink: is 7"),
        ({"seed": "x"}, "--config, key seed: is the text 'x'"),
        ({"chromvar": {"iteration": "5"}}, "--config, key chromvar.iteration: unknown key"),
    ],
)
def test_faults_of_the_command_line_are_told_of_it(load, more, said):
    with pytest.raises(InputError) as error:
        load(**more)
    assert said in str(error.value)
    assert "my.yaml" not in str(error.value)


def test_faults_of_the_file_are_told_of_the_file(load):
    Path("my.yaml").write_text(yaml.safe_dump(FILE | {"seed": "x"}))
    with pytest.raises(InputError, match=r"my\.yaml, key seed: is the text 'x'"):
        load(differential={"min_count": "7"})


def test_a_tab_in_yaml_names_its_line(tmp_path):
    (tmp_path / "x.yaml").write_text("seed: 1\ngenome:\n\tfasta: a.fa\n")
    with pytest.raises(InputError, match=r"x\.yaml, line 3: a tab stands before a value or a key"):
        sheets.read_yaml(tmp_path / "x.yaml")
