"""How stages are measured: ours and each peer in turn, every run a process of its own.

A stage is a module with a `STAGE`; run alone (`python benchmarks/scan.py --quick`) it prints what it found,
and `python benchmarks/run.py` runs them all. Nothing heavy may be imported at the top of these modules: the
peak memory of a process counts what its parent held when it was started, and peers run in an environment
that has none of our packages.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # benchmarks are scripts, run from anywhere
FOLDER = ROOT / ".bench"
PEERS = ROOT / ".venv-bench" / "bin" / "python"
LONG = 120.0
"""CPU seconds above which a contender runs once only."""
REPEAT = 3
LEVEL = 0.9
"""Ratio of a peer's CPU seconds to ours that counts as level."""
GB = 1024**2  # in the unit of ru_maxrss
MEGABASES = (
    *(248, 242, 198, 190, 181, 170, 159, 145, 138, 133, 135),
    *(133, 114, 107, 101, 90, 83, 80, 58, 64, 46, 50),
)
"""Of hg38's autosomes."""
ONE_CORE = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA", "POLARS")}


class Clock:
    """CPU seconds of what runs inside `with clock:`, children included; a worker measures its work by it.

    `part` is the share of the work that was done: peers that take too long do a part, which is scaled up,
    and work of milliseconds is done several times (`part` above 1).
    """

    def __init__(self) -> None:
        self.seconds, self.part = 0.0, 1.0

    def __enter__(self) -> "Clock":
        self._start = self._now()
        return self

    def __exit__(self, *_) -> None:
        self.seconds += self._now() - self._start

    @staticmethod
    def _now() -> float:
        both = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
        return sum(used.ru_utime + used.ru_stime for used in both)


@dataclass(frozen=True)
class Contender:
    """One way to do the work of a stage.

    Attributes
    ----------
    label : str
    work : function of (folder, clock), optional
        Reads its inputs, does the work inside `with clock:` and returns a remark; runs in its own process.
    command : function of folder, optional
        In place of `work`: what to run, measured as a whole.
    package, program : str, optional
        What must be installed; its version is reported.
    python : Path, optional
        The interpreter of `work`.
    whole : bool
        Count the whole process of `work`, its start included, as that of a command.
    against : str
        The contender of ours that this peer is compared with.
    goal : float, optional
        Least ratio of its CPU seconds to ours, and `goal_text` in words.
    reference : str
        CPU seconds of this peer on another machine, for orientation.
    """

    label: str
    work: Callable[[Path, Clock], str] | None = None
    command: Callable[[Path], list[str]] | None = None
    package: str = ""
    program: str = ""
    python: Path = Path(sys.executable)
    whole: bool = False
    against: str = "ours"
    goal: float | None = None
    goal_text: str = ""
    reference: str = ""

    @property
    def is_ours(self) -> bool:
        return self.label.startswith("ours")


@dataclass(frozen=True)
class Stage:
    """Work that ours and peers do on the same inputs; `size(quick)` says how much in words."""

    name: str
    title: str
    size: Callable[[bool], str]
    prepare: Callable[[Path, bool], None]
    contenders: tuple[Contender, ...]


@dataclass
class Run:
    """What one process took: CPU seconds in all, those of its work alone (None for a command), memory."""

    cpu: float
    work: float | None
    gb: float
    remark: str = ""
    part: float = 1.0


@dataclass
class Found:
    """All runs of a stage."""

    name: str
    title: str
    size: str
    runs: dict[str, list[Run]] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    load: list[float] = field(default_factory=list)

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def load_from(cls, path: Path) -> "Found":
        values = json.loads(path.read_text())
        values["runs"] = {label: [Run(**run) for run in runs] for label, runs in values["runs"].items()}
        return cls(**values)


@dataclass(frozen=True)
class Line:
    """One contender's line of the table: medians, and for peers how many times as long as ours it took."""

    label: str
    cpu: float
    work: float | None
    gb: float
    n: int
    part: float
    remark: str
    ratio: float | None = None
    met: bool | None = None


def lines(stage: Stage, found: Found) -> list[Line]:
    """Medians and ratios of a stage; ratios of work alone where both have it, else of whole processes."""
    medians = {}
    for label, runs in found.runs.items():
        work = [run.work for run in runs if run.work is not None]
        medians[label] = Line(
            label,
            statistics.median(run.cpu for run in runs),
            statistics.median(work) if work else None,
            max(run.gb for run in runs),
            len(runs),
            runs[0].part,
            runs[0].remark,
        )
    table = []
    for contender in stage.contenders:
        line, ours = medians.get(contender.label), medians.get(contender.against)
        if line is None:
            continue
        if not contender.is_ours and ours is not None:
            both = line.work is not None and ours.work is not None
            ratio = line.work / ours.work if both else line.cpu / ours.cpu
            met = None if contender.goal is None else ratio >= contender.goal
            line = Line(**(asdict(line) | {"ratio": ratio, "met": met}))
        table.append(line)
    return table


def environment() -> dict[str, str]:
    """Of every process: one core, our library in reach, the peers' programs after the machine's."""
    path = os.pathsep.join([os.environ["PATH"], str(PEERS.parent)])
    return os.environ | ONE_CORE | {"PYTHONPATH": str(ROOT), "PATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


def execute(command: list[str]) -> tuple[Run, str]:
    """CPU seconds of a command and all that it starts, memory of its largest process; its last line."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, stdout=out, stderr=errors, env=environment(), cwd=ROOT)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if status:
            errors.seek(0)
            why = errors.read().strip().splitlines() or ["no message"]
            raise RuntimeError(f"{' '.join(command[:4])}: {why[-1]}")
        out.seek(0)
        last = (out.read().strip().splitlines() or [""])[-1]
    run = Run(used.ru_utime + used.ru_stime, None, used.ru_maxrss / GB)
    if last.startswith('{"work"'):
        said = json.loads(last)
        run.work, run.remark, run.part = said["work"], said["remark"], said["part"]
    return run, last


def run_worker(script: str, label: str, folder: Path, python: Path = Path(sys.executable)) -> Run:
    """One run of a worker of a stage's module."""
    return execute([str(python), script, "--worker", label, "--folder", str(folder)])[0]


def place(folder: Path, quick: bool) -> Path:
    """Where inputs and numbers of a size are kept."""
    return folder / ("quick" if quick else "full")


def written(folder: Path, quick: bool, name: str) -> Path:
    """Where a text or a picture goes: of quick runs beside their numbers, so that the committed one stays."""
    return place(folder, quick) / name if quick else Path(__file__).with_name(name)


def prepared(inputs: Path, command: list[str], *, quick: bool = False) -> Path:
    """The folder of inputs, which the command (a script and its flags) makes where they are not there yet."""
    if not (inputs / "ready").exists():
        inputs.mkdir(parents=True, exist_ok=True)
        flags = ["--quick"] if quick else []
        execute([sys.executable, *command, "--folder", str(inputs), *flags])
        (inputs / "ready").touch()
    return inputs


def work(function: Callable[[Path, Clock], str], folder: Path) -> None:
    """In the worker's process: do it and say what it took."""
    clock = Clock()
    remark = function(folder, clock)
    print(json.dumps({"work": clock.seconds / clock.part, "remark": remark, "part": clock.part}))


def version(contender: Contender) -> str | None:
    """Of the contender's package or program; None where it is not installed, "" where it needs none."""
    if contender.program:
        if shutil.which(contender.program, path=environment()["PATH"]) is None:
            return None
        flag = "-v" if contender.program == "featureCounts" else "--version"
        done = subprocess.run([contender.program, flag], capture_output=True, check=False)
        said = (done.stdout + done.stderr).decode("utf-8", "replace").strip().splitlines()
        return said[0].strip() if said else ""
    if not contender.package:
        return ""
    code = f"import importlib.metadata as m; print(m.version({contender.package!r}))"
    try:
        command = [str(contender.python), "-c", code]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return f"{contender.package} {done.stdout.strip()}"


def run(stage: Stage, folder: Path, *, quick: bool, repeat: int = REPEAT, long: float = LONG) -> Found:
    """Measure all contenders in turn: ours, peer, ours, peer ...; a peer that fails is reported absent.

    What was found is kept beside the inputs, as `{stage}.json`.
    """
    script = str(Path(__file__).with_name(f"{stage.name}.py"))
    inputs = prepared(place(folder, quick) / stage.name, [script, "--prepare"], quick=quick)
    found = Found(stage.name, stage.title, stage.size(quick), load=[os.getloadavg()[0]])
    for i in range(repeat):
        for contender in stage.contenders:
            label, before = contender.label, found.runs.get(contender.label, [])
            if label in found.absent or (before and before[0].cpu > long):
                continue
            if i == 0:
                known = version(contender)
                if known is None:
                    found.absent[label] = f"{contender.package or contender.program} is not installed"
                    continue
                found.versions[label] = known
            try:
                if contender.command:
                    one, _ = execute(contender.command(inputs))
                else:
                    one = run_worker(script, label, inputs, contender.python)
                    one.work = None if contender.whole else one.work
            except RuntimeError as error:
                if contender.is_ours:
                    raise
                found.absent[label] = str(error)
                continue
            found.runs.setdefault(label, []).append(one)
            took = one.cpu if one.work is None else one.work
            print(f"  {label:28} {took:9.3f} CPU s {one.gb:6.2f} GB  {one.remark}", flush=True)
    found.load.append(os.getloadavg()[0])
    found.save(inputs.parent / f"{stage.name}.json")
    return found


def machine() -> str:
    """Cores and processor, in words."""
    info = Path("/proc/cpuinfo")
    rows = info.read_text().splitlines() if info.exists() else []
    model = next((row.partition(":")[2].strip() for row in rows if row.startswith("model name")), "")
    python = f"Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {model or platform.machine()}, {python}"


def command_line(description: str | None) -> argparse.ArgumentParser:
    """What all of them understand; the first line of a text describes it."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="small sizes, minutes")
    parser.add_argument("--repeat", type=int, default=REPEAT)
    parser.add_argument("--long", type=float, default=LONG, help="CPU seconds above which one run is enough")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="inputs and numbers are kept here")
    return parser


def main(stage: Stage) -> None:
    """The command line of a stage's module."""
    parser = command_line(f"{stage.title}: ours and the peers")
    parser.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.prepare:
        stage.prepare(asked.folder, asked.quick)
    elif asked.worker:
        chosen = next(each for each in stage.contenders if each.label == asked.worker)
        work(chosen.work, asked.folder)
    else:
        started = time.monotonic()
        print(f"{stage.title}: {stage.size(asked.quick)}\n{machine()}", flush=True)
        found = run(stage, asked.folder, quick=asked.quick, repeat=asked.repeat, long=asked.long)
        for line in lines(stage, found):
            took = line.cpu if line.work is None else line.work
            ratio = f"{line.ratio:6.1f} times ours" if line.ratio else ""
            print(f"{line.label:30} {took:9.3f} CPU s {line.gb:6.2f} GB {ratio}  {line.remark}")
        for label, why in found.absent.items():
            print(f"{label:30} absent: {why}")
        print(f"{time.monotonic() - started:.0f} s in all")
