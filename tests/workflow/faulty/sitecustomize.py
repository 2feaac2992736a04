"""Python reads this at its start where it is on PYTHONPATH: one rule's job then meets the fault under test.

FAULT is JSON. `rule`: whose job. `hold`, a folder: half of the first result is on the disk, under its
temporary name, when the job says `PID PATH` in hold/held and stands still until there is hold/release; once.
`need`, in MB: so much memory is filled before the first result is written, by jobs that are not held. `limit`
(true) makes of the job's request for memory a limit.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path

FAULT = json.loads(os.environ.get("FAULT", "{}"))
rename = Path.replace


def faulty_rename(self, target):
    """Rename a file, once the fault is over; the first rename of a job is the only one concerned."""
    Path.replace = rename
    if "hold" in FAULT and not (Path(FAULT["hold"]) / "held").exists():
        hold(self, target, Path(FAULT["hold"]))
    elif "need" in FAULT:
        fill(sys.modules["__main__"].snakemake.resources.mem_mb)
    return rename(self, target)


def hold(partial, target, folder):
    content = partial.read_bytes()
    os.truncate(partial, len(content) // 2)
    (folder / "begun").write_text(f"{os.getpid()} {target}")
    (folder / "begun").rename(folder / "held")
    while not (folder / "release").exists():
        time.sleep(0.05)
    partial.write_bytes(content)


def fill(request):
    if FAULT.get("limit"):
        resource.setrlimit(resource.RLIMIT_AS, (request << 20, request << 20))
    filled = bytearray(FAULT["need"] << 20)
    if not FAULT.get("limit"):
        for place in range(0, len(filled), 4096):
            filled[place] = 1
        time.sleep(5 if FAULT["need"] > request else 0)  # whoever watches looks every second


if FAULT and any(argument.endswith(f".{FAULT['rule']}.py") for argument in sys.orig_argv):
    Path.replace = faulty_rename
