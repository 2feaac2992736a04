"""The command `atacdiff`, as it is called."""

import json
import subprocess
import sys
from pathlib import Path

import fake_results
import pandas as pd
import pytest
import yaml

import workflow_lib
from workflow_lib import preflight
from workflow_lib.__main__ import main
from workflow_lib.differential import power
from workflow_lib.io import records, tables
from workflow_lib.questions.commands.check import SCHEMAS
from workflow_lib.stats import units

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A project folder with results."""
    folder = tmp_path_factory.mktemp("run")
    fake_results.write(folder / "results", n=300, drawn=False)
    return folder


@pytest.fixture
def inputs(tmp_path, monkeypatch):
    """A folder with a matrix of counts, its sheet and a configuration."""
    monkeypatch.chdir(tmp_path)
    names = [f"{group}_{i}" for group in ("control", "treated") for i in (1, 2, 3)]
    sheet = "".join(f"{name}\t{name[:-2]}\n" for name in names)
    Path("sheet.tsv").write_text(f"sample\tgroup\n{sheet}")
    rows = [f"chr1:{i * 1000}-{i * 1000 + 501}\t" + "\t".join(["7"] * 6) for i in range(20)]
    Path("counts.tsv").write_text("peak\t" + "\t".join(names) + "\n" + "\n".join(rows) + "\n")
    config = {
        "samples": "sheet.tsv",
        "counts": "counts.tsv",
        "contrasts": {
            "treated_vs_control": {"variable": "group", "experiment": "treated", "control": "control"}
        },
    }
    Path("own.yaml").write_text(yaml.safe_dump(config))
    return tmp_path


@pytest.mark.parametrize(
    "question", [["markers", fake_results.CONTRAST], ["explain", "peak", "chr1:1-5,000,000"]]
)
def test_results_may_stand_before_the_question_or_after(run, capsys, monkeypatch, question):
    monkeypatch.chdir(run)
    assert main(question) == 0
    expected = capsys.readouterr().out
    monkeypatch.chdir(ROOT.parent)
    where = ["--results", str(run / "results")]
    for arguments in ([*where, *question], [*question, *where], [question[0], *where, *question[1:]]):
        assert main(arguments) == 0
        assert capsys.readouterr().out.replace(str(run) + "/", "") == expected


def test_compare_takes_the_results_folder_for_a_second_run(run, capsys, monkeypatch):
    where = str(run / "results")
    assert main(["compare", where, where]) == 0
    expected = capsys.readouterr().out
    for arguments in (["--results", where, "compare", where], ["compare", where, "--results", where]):
        assert main(arguments) == 0
        assert capsys.readouterr().out == expected
    monkeypatch.chdir(run)
    assert main(["compare", where]) == 0
    assert "(A) and results (B)" in capsys.readouterr().out
    for arguments in (["--results", where, "compare", "a", "b"], ["compare", "a", "b", "--results", where]):
        assert main(arguments) == 2
        assert "are three runs; name two" in capsys.readouterr().err


def test_libraries_of_one_replicate_and_empty_cells_are_no_difference(inputs, capsys):
    rows = zip(
        (f"{group}_{i}" for group in ("control", "treated") for i in (1, 2, 3)),
        "aabccd",
        "xyzxy ",
        strict=True,
    )
    sheet = "".join(f"{name}\t{name[:-2]}\t{of}\t{batch.strip()}\n" for name, of, batch in rows)
    Path("sheet.tsv").write_text(f"sample\tgroup\treplicate\tlab\n{sheet}")
    config, samples, _ = preflight.load(yaml.safe_load(Path("own.yaml").read_text()), SCHEMAS)
    known = units.table(samples).to_dict(orient="index")
    records.write(inputs / "results/run.json", settings=config, samples=known, versions={})
    assert main(["check", "own.yaml", "--results", "results"]) == 0
    assert "results: made with the same settings and samples" in capsys.readouterr().out


def test_check_says_what_differs_from_a_run(inputs, capsys):
    config, samples, _ = preflight.load(yaml.safe_load(Path("own.yaml").read_text()), SCHEMAS)
    known = samples.drop(columns="bam", errors="ignore").to_dict(orient="index")

    def record(settings):
        said = {"settings": settings, "samples": known}
        tables.write_text(json.dumps(said), inputs / "results/run.json")

    record(config)
    for arguments in (
        ["--results", "results", "check", "own.yaml"],
        ["check", "own.yaml", "--results", "results"],
    ):
        assert main(arguments) == 0
        assert "results: made with the same settings and samples" in capsys.readouterr().out
    known["control_1"]["group"] = "treated"
    record(config | {"alpha": 0.2})
    assert main(["check", "own.yaml", "--results", "results"]) == 0
    said = capsys.readouterr().out
    assert (
        "results: differs\n  alpha: 0.2 there, 0.05 here\n  control_1.group: treated there, control here"
        in said
    )
    assert main(["check", "own.yaml"]) == 0
    assert "there" not in capsys.readouterr().out
    assert main(["--results", "none", "check", "own.yaml"]) == 2
    assert "none/run.json: no such file" in capsys.readouterr().err


def test_it_runs_in_any_folder(run, tmp_path):
    asked = [sys.executable, "-m", "workflow_lib", "markers", fake_results.CONTRAST, "--top", "2"]
    done = subprocess.run(
        [*asked, "--results", run / "results"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(done.stdout.splitlines()) == 3


def test_bad_questions_end_with_two(run, capsys, tmp_path):
    assert main(["markers", "x", "--results", str(tmp_path)]) == 2
    assert str(tmp_path) in capsys.readouterr().err
    with pytest.raises(SystemExit) as error:
        main(["mark"])
    assert error.value.code == 2


def test_help_names_all_questions_and_the_version_is_said(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    said = capsys.readouterr().out
    assert said.startswith("usage: atacdiff ")
    for question in ("explain", "markers", "compare", "factor", "check"):
        assert f"    {question} " in said
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"atacdiff {workflow_lib.__version__}\n"


@pytest.mark.parametrize("deep", [[], ["--deep"]])
def test_check_says_what_is_planned(inputs, capsys, deep):
    assert main(["check", "own.yaml", *deep]) == 0
    said = capsys.readouterr().out
    assert said.startswith("own.yaml: nothing to put right\n")
    assert "6: 3 control, 3 treated" in said
    assert "contrasts  treated_vs_control" in said
    assert not (inputs / "results").exists()


def test_check_gives_notes_and_numbers_all_problems(inputs, capsys):
    config = yaml.safe_load(Path("own.yaml").read_text())
    Path("own.yaml").write_text(yaml.safe_dump(config | {"differential": {"alpha": 0.1}}))
    assert main(["check", "own.yaml"]) == 0
    assert "Note: own.yaml: differential.alpha is now called alpha" in capsys.readouterr().out
    Path("own.yaml").write_text(yaml.safe_dump(config | {"desing": "~ group", "alpha": 2}))
    assert main(["check", "own.yaml"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "2 problems" in said.err
    assert "own.yaml, key desing: unknown key" in said.err
    assert "own.yaml, key alpha" in said.err


@pytest.mark.parametrize("text", [None, "", "a: [", "- a\n"])
def test_check_refuses_what_is_no_configuration(inputs, capsys, text):
    if text is not None:
        Path("own.yaml").write_text(text)
    assert main(["check", "own.yaml" if text is not None else "none.yaml"]) == 2
    assert (".yaml" in capsys.readouterr().err) or text == ""


def test_power_foretells_what_more_samples_find(run, capsys):
    where = ["--results", str(run / "results")]
    peaks = pd.DataFrame({"peak": ["chr1:0-500", "chr1:600-900"], "baseMean": [40.0, 90.0]})
    others = dict.fromkeys(("genewise", "trend", "map", "used"), 0.05) | {"outlier": False}
    tables.write_table(peaks.assign(**others), run / "results/differential/dispersions.tsv.gz")
    tables.write_table(power.table(peaks.assign(used=0.05), 3), run / "results/differential/power.tsv")
    assert main(["power", *where, "--fold", "2", "--replicates", "6"]) == 0
    said = capsys.readouterr().out
    assert "With 3 samples in each group" in said
    assert "2-fold" in said
    for option, value in (("--fold", "0.5"), ("--replicates", "1"), ("--reads", "0"), ("--changed", "1")):
        assert main(["power", *where, option, value]) == 2
        assert option in capsys.readouterr().err
