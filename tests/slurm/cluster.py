"""A real Slurm of one node, on loopback alone, without an accounting database, for as long as a test lasts.

By hand, as root: `python tests/slurm/cluster.py COMMAND ...` runs a command while the cluster is up.
"""

import ctypes
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

HERE = Path(__file__).resolve().parent
DAEMONS = ("munged", "slurmctld", "slurmd")
SYSTEM = Path("/etc/slurm")  # srun within a job looks for the configuration here and nowhere else
CONFIGURATION = ("slurm.conf", "cgroup.conf")
PREFIX = "atacdiff-slurm-"
# of snakemake: our profile; short jobs are asked about soon, not after the usual 40 seconds
OPTIONS = ["--workflow-profile", "profiles/slurm", "--slurm-init-seconds-before-status-checks", "2"]
# what no node can give is waited for without end: threads of a job, and cores of jobs that share one
OPTIONS += ["--max-threads", str(os.cpu_count()), "--cores", str(os.cpu_count())]
PATIENCE = 30  # seconds
KILLED_WITH_PARENT = 1  # prctl's PR_SET_PDEATHSIG


def why_not() -> str | None:
    """Why no cluster can be started here, if so."""
    if os.geteuid() != 0:
        return "a Slurm for tests needs root"
    absent = [name for name in DAEMONS if shutil.which(name, path=search_path()) is None]
    if absent:
        return f"no {', '.join(absent)} (apt-get install slurm-wlm munge)"
    theirs = SYSTEM / "slurm.conf"
    if (theirs.exists() or theirs.is_symlink()) and not _is_ours(theirs):
        return f"{theirs} is there: this machine has a Slurm of its own"
    return None


def search_path() -> str:
    """PATH with the folders of daemons."""
    return os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])


@contextmanager
def running():
    """Start the daemons, wait until the node is idle, give the folder of their logs, and stop them all."""
    # Short, since a socket's path may have 107 characters.
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir="/tmp"))
    folder.chmod(0o755)
    daemons: list[subprocess.Popen] = []
    lock = os.open(SYSTEM.parent, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one cluster at a time: the place in /etc is one
        _configure(folder)
        _start(folder, daemons)
        _wait_until_idle(folder, daemons)
        yield folder
    finally:
        _stop(daemons)
        for name in CONFIGURATION:
            if _is_ours(SYSTEM / name):
                (SYSTEM / name).unlink()
        if (SYSTEM / f"{PREFIX}made").exists():
            shutil.rmtree(SYSTEM)
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def jobs(states: str = "all") -> list[tuple[str, str, str]]:
    """Job id, state and comment (the rule) of jobs."""
    said = _said("squeue", "--noheader", f"--states={states}", "--format=%i|%T|%k")
    return [tuple(line.split("|")) for line in said.splitlines()]


def listening() -> list[tuple[str, str]]:
    """Address and name of the daemons' sockets that listen on a network, as `ss` knows them."""
    said = _said("ss", "--tcp", "--listening", "--numeric", "--processes", "--no-header")
    rows = [line.split() for line in said.splitlines()]
    return [(row[3].rpartition(":")[0], name) for row in rows for name in DAEMONS if f'"{name}"' in row[-1]]


def _is_ours(path: Path) -> bool:
    return path.is_symlink() and Path(os.readlink(path)).parent.name.startswith(PREFIX)


def _configure(folder: Path) -> None:
    """Write the configuration to the folder, and link to it where Slurm looks."""
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        ports = one.getsockname()[1], other.getsockname()[1]
    values = {
        "HOST": socket.gethostname().split(".")[0],
        "FOLDER": folder,
        "CONTROL_PORT": ports[0],
        "NODE_PORT": ports[1],
        "CPUS": os.cpu_count(),
        "MEMORY": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * 9 // 10 // 2**20,
    }
    written = (HERE / "slurm.conf.in").read_text()
    for name, value in values.items():
        written = written.replace(f"@{name}@", str(value))
    (folder / "slurm.conf").write_text(written)
    (folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\nCgroupAutomount=no\nConstrainCores=no\n")
    for name in ("state", "spool"):
        (folder / name).mkdir()
    key = folder / "munge.key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o400)
    if not SYSTEM.exists():
        SYSTEM.mkdir()
        (SYSTEM / f"{PREFIX}made").touch()
    for name in CONFIGURATION:
        if _is_ours(SYSTEM / name):  # of a test that was killed
            (SYSTEM / name).unlink()
        (SYSTEM / name).symlink_to(folder / name)


def _start(folder: Path, daemons: list[subprocess.Popen]) -> None:
    """Start the daemons as children of this process, and add them to the list."""
    munged = {"key-file": "key", "socket": "sock", "pid-file": "pid", "log-file": "log", "seed-file": "seed"}
    places = [f"--{option}={folder}/munge.{ending}" for option, ending in munged.items()]
    library = ctypes.CDLL(None)
    for command in (
        ["munged", "--foreground", "--force", *places],
        ["slurmctld", "-D", "-c", "-f", f"{folder}/slurm.conf"],
        ["slurmd", "-D", "-f", f"{folder}/slurm.conf"],
    ):
        with open(folder / f"{command[0]}.out", "w") as out:
            daemon = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**os.environ, "PATH": search_path()},
                # so that even a killed test leaves none behind
                preexec_fn=lambda: library.prctl(KILLED_WITH_PARENT, signal.SIGTERM),
            )
        daemons.append(daemon)
        if command[0] == "munged":
            _wait_for((folder / "munge.sock").exists, "munged opens no socket", folder)


def _wait_until_idle(folder: Path, daemons: list[subprocess.Popen]) -> None:
    def idle() -> bool:
        for daemon in daemons:
            if daemon.poll() is not None:
                raise RuntimeError(f"{daemon.args[0]} ended\n{_logs(folder)}")
        return _said("sinfo", "--noheader", "--format=%T") == "idle"

    _wait_for(idle, "the node does not become idle", folder)


def _stop(daemons: list[subprocess.Popen]) -> None:
    """Cancel what runs, then stop the daemons in the order opposite to their start."""
    if len(daemons) == len(DAEMONS) and all(daemon.poll() is None for daemon in daemons):
        active = "pending,running,completing,suspended,configuring"
        ids = [job for job, _, _ in jobs(active)]
        if ids:
            _said("scancel", *ids)
        with suppress(TimeoutError):
            _wait_for(lambda: not jobs(active), "jobs are left", None)
    for daemon in reversed(daemons):
        daemon.terminate()
        try:
            daemon.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()


def _said(*command: str) -> str:
    """What a command of Slurm answers; nothing if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    return done.stdout.strip()


def _wait_for(condition, what: str, folder: Path | None) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(what + (f"\n{_logs(folder)}" if folder else ""))
        time.sleep(0.1)


def _logs(folder: Path) -> str:
    """The ends of all logs."""
    files = [*sorted(folder.glob("*.out")), *sorted(folder.glob("*.log"))]
    return "\n".join(f"{path.name}: {path.read_text(errors='replace')[-1500:]}" for path in files)


if __name__ == "__main__":
    reason = why_not()
    if reason:
        sys.exit(reason)
    with running():
        sys.exit(subprocess.run(sys.argv[1:], check=False).returncode)
