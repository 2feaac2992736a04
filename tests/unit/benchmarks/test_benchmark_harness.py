"""How benchmarks turn runs into a table: medians, ratios, goals, what is absent."""

import sys
from pathlib import Path

import pytest

from benchmarks import harness
from benchmarks.harness import Contender, Found, Run, Stage

STAGE = Stage(
    "scan",
    "Scan",
    lambda quick: "some" if quick else "many",
    lambda folder, quick: None,
    (
        Contender("ours", goal_text=""),
        Contender("ours, fast"),
        Contender("slow", goal=6),
        Contender("level", goal=harness.LEVEL),
        Contender("other", against="ours, fast"),
        Contender("as a command", goal=2),
    ),
)
FOUND = Found(
    "scan",
    "Scan",
    "many",
    runs={
        "ours": [Run(3.0, 2.0, 0.1), Run(9.0, 4.0, 0.3), Run(2.0, 1.0, 0.2)],
        "ours, fast": [Run(1.5, 0.5, 0.1)],
        "slow": [Run(20.0, 10.0, 1.0)],
        "level": [Run(2.0, 2.0, 0.1), Run(2.0, 1.75, 0.1)],
        "other": [Run(2.0, 1.0, 0.1)],
        "as a command": [Run(6.0, None, 0.1)],
    },
    absent={"gone": "gone is not installed"},
)


@pytest.fixture
def by_label():
    return {line.label: line for line in harness.lines(STAGE, FOUND)}


def test_a_line_holds_medians_of_time_and_the_most_memory(by_label):
    ours = by_label["ours"]
    assert (ours.cpu, ours.work, ours.gb, ours.n) == (3.0, 2.0, 0.3, 3)
    assert by_label["level"].work == pytest.approx(1.875)


def test_ratios_are_of_work_and_of_whole_processes_where_work_is_not_known(by_label):
    assert by_label["slow"].ratio == 5.0
    assert by_label["as a command"].ratio == 2.0  # 6 whole seconds against 3
    assert by_label["other"].ratio == 2.0  # against the faster of ours
    assert by_label["ours"].ratio is None


def test_goals_are_least_ratios(by_label):
    met = {label: line.met for label, line in by_label.items()}
    assert met == {
        "ours": None,
        "ours, fast": None,
        "slow": False,
        "level": True,  # 0.94 of ours
        "other": None,
        "as a command": True,
    }


def test_contenders_stand_in_the_stages_order_and_unmeasured_ones_are_left_out(by_label):
    assert list(by_label) == ["ours", "ours, fast", "slow", "level", "other", "as a command"]
    assert list(harness.lines(STAGE, Found("scan", "Scan", "many"))) == []


def test_what_was_found_is_read_back_as_it_was(tmp_path):
    FOUND.save(tmp_path / "scan.json")
    assert Found.load_from(tmp_path / "scan.json") == FOUND


def test_work_done_in_part_is_scaled_up(tmp_path, capsys):
    def part(folder: Path, clock: harness.Clock) -> str:
        clock.seconds, clock.part = 2.0, 0.25
        return "a quarter"

    harness.work(part, tmp_path)
    assert capsys.readouterr().out == '{"work": 8.0, "remark": "a quarter", "part": 0.25}\n'


def test_a_process_that_fails_says_why():
    with pytest.raises(RuntimeError, match="no such peer"):
        harness.execute([sys.executable, "-c", "raise SystemExit('no such peer')"])


def test_the_last_line_of_a_worker_tells_its_work():
    said = 'print("loading"); print(\'{"work": 1.5, "remark": "3 hits", "part": 1.0}\')'
    run, _ = harness.execute([sys.executable, "-c", said])
    assert (run.work, run.remark) == (1.5, "3 hits")
    assert run.gb > 0


def test_a_package_that_is_not_there_has_no_version():
    assert harness.version(Contender("x", package="no-such-package-at-all")) is None
    assert harness.version(Contender("x", program="no-such-program-at-all")) is None
    assert harness.version(Contender("ours")) == ""
    assert harness.version(Contender("x", package="numpy")).startswith("numpy ")


def test_inputs_are_made_once(tmp_path):
    script = tmp_path / "prepare.py"
    script.write_text("import sys; open(sys.argv[2] + '/n', 'a').write(' '.join(sys.argv[3:]) + ';')\n")
    for _ in range(2):
        inputs = harness.prepared(tmp_path / "inputs", [str(script)], quick=True)
    assert (inputs / "n").read_text() == "--quick;"


def test_a_quick_run_leaves_the_committed_text_alone(tmp_path):
    assert harness.written(tmp_path, True, "RESULTS.md") == tmp_path / "quick" / "RESULTS.md"
    assert harness.written(tmp_path, False, "RESULTS.md") == Path(harness.__file__).parent / "RESULTS.md"


def test_the_text_holds_what_is_known_and_names_what_is_not(monkeypatch):
    monkeypatch.syspath_prepend(Path(harness.__file__).parent)
    import report

    whole = {"size": {"reads": 10_000_000, "peaks": 48_519, "lines": 3_000_000}, "motifs": 1_936}
    whole |= {"cpu": 600.0, "seconds": 660.0, "gb": 1.25}
    rules = [["scan_motifs", 4, 40.0, 0.5], *([f"rule_{i}", 2, 1.0, 0.25] for i in range(report.TOP))]
    called = {"n": 300, "small": 30, "adjusted": 9}
    tobias = {
        "version": "tobias 0.1",
        "calls": {"permuted": {"tobias": called | {"marked": 12}, "ours": called | {"adjusted": 0}}},
        "alike": [{"name": "CTCF", "role": "footprint_only", "n_sites": 256, "r": 0.954}],
        "cost": {"tobias": {"cpu": 300.0, "gb": 0.5}, "ours": {"cpu": 3.0, "gb": 0.25}},
    }
    text = report.text([STAGE], {}, {"whole": whole | {"rules": rules}, "tobias": tobias})
    assert "6 BAMs of 5,000,000 pairs" in " ".join(text.split())
    assert "600 CPU seconds in 11 minutes" in " ".join(text.split())
    assert "| scan_motifs | 4 | 40 | 0.50 |" in text
    assert "| 1 more | 2 | 1 | 0.25 |" in text
    assert "| permuted | TOBIAS | 300 | 30 (10%) | 9 | 12 |" in text
    assert "| permuted | ours | 300 | 30 (10%) | 0 |  |" in text
    assert "| CTCF | footprint_only | 256 | 0.95 |" in text
    assert "100 times the CPU seconds" in " ".join(text.split())
    assert text.endswith("scan, scaling: `python benchmarks/run.py --only scan scaling` adds them.\n")
