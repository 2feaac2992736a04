"""The whole demo on this machine alone and through a one-node Slurm, and every file of the two compared.

By hand, as root: `python tests/slurm/whole_run.py FOLDER` copies the project to local/ and through_slurm/ in
the new folder, runs both, names files that differ, and ends with exit code 1 if there is one.
"""

import filecmp
import sys
import time
from collections import Counter
from pathlib import Path

import cluster

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow"))

from conftest import copy_project

MADE = ("results", "resources")


def files(folder: Path) -> set[str]:
    """Names of all files that a run made, hidden ones too."""
    paths = (path for part in MADE for path in (folder / part).rglob("*"))
    return {str(path.relative_to(folder)) for path in paths if path.is_file()}


def differing(one: Path, other: Path) -> list[str]:
    """Names of files that one of two runs lacks, or whose bytes differ."""
    ours, theirs = files(one), files(other)
    _, unequal, unreadable = filecmp.cmpfiles(one, other, ours & theirs, shallow=False)
    return sorted({*(ours ^ theirs), *unequal, *unreadable})


def timed(project, *options) -> float:
    """Seconds that a run takes."""
    start = time.monotonic()
    project.snakemake(*options)
    return time.monotonic() - start


def main(folder: Path) -> int:
    local, through_slurm = copy_project(folder / "local"), copy_project(folder / "through_slurm")
    print(f"local: {timed(local, '--cores', 2):.0f} s", flush=True)
    with cluster.running():
        seconds = timed(through_slurm, *cluster.OPTIONS)
        states = Counter(state for _, state, _ in cluster.jobs())
    print(f"Slurm: {seconds:.0f} s, jobs {dict(states)}")
    found = differing(local.folder, through_slurm.folder)
    print(f"{len(files(local.folder))} files, of which differ: {', '.join(found) or 'none'}")
    return bool(found)


if __name__ == "__main__":
    if len(sys.argv) != 2 or Path(sys.argv[1]).exists():
        sys.exit(__doc__)
    sys.exit(cluster.why_not() or main(Path(sys.argv[1])))
