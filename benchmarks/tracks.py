"""Writing one human sample's bigWig and its cuts for the peak caller: CPU seconds, memory, and MACS if any.

    python benchmarks/tracks.py [millions of fragments, 30 by default]

Fragments are drawn on contigs as long as human ones, 40 % of them in 100,000 peaks. The floor is reading the
same cuts from the store. Each part runs in a process of its own.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from harness import MEGABASES
from timing import machine, measure, peak_memory

from workflow_lib.fragments.store import FragmentStore
from workflow_lib.io import macs
from workflow_lib.peaks import calling
from workflow_lib.tracks import bigwig

N_PEAKS = 100_000
IN_PEAKS = 0.4


def draw(n_fragments: int) -> FragmentStore:
    """Fragments of one sample."""
    contigs = {f"chr{i}": 1_000_000 * megabases for i, megabases in enumerate(MEGABASES, 1)}
    rng, plus, minus = np.random.default_rng(1), {}, {}
    for name, length in contigs.items():
        share = length / sum(contigs.values())
        n, n_near = int(n_fragments * share), int(IN_PEAKS * n_fragments * share)
        summits = rng.integers(2000, length - 2000, int(N_PEAKS * share))
        near = rng.choice(summits, n_near) + rng.normal(0, 120, n_near).astype(np.int64)
        start = np.sort(np.r_[near, rng.integers(1000, length - 2000, n - n_near)])
        plus[name], minus[name] = start.astype(np.int32), (start + rng.integers(30, 400, n)).astype(np.int32)
    mapped = {name: 2 * len(at) for name, at in plus.items()}
    total = sum(mapped.values())
    return FragmentStore(
        contigs=contigs, paired=True, tn5_shift=(4, -4), tn5_evidence="drawn", n_reads=total, n_mapped=total,
        n_duplicates=0, mapped_per_contig=mapped, plus=plus, minus=minus,
    )  # fmt: skip


def part(name: str, path: Path) -> None:
    """Do one thing and say what it took."""
    made, factors = path.with_name(f"{name}.out"), pd.Series({"a": 1.3, "b": 1.0, "c": 0.8})
    work = {
        "read": lambda: [len(FragmentStore.read(path, {f"chr{i}"}).cuts(f"chr{i}")) for i in range(1, 23)],
        "bigwig": lambda: bigwig.write(made, {"a": path}, factors),
        "mean_of_3": lambda: bigwig.write(made, dict.fromkeys("abc", path), factors),
        "cuts": lambda: calling.write_reads(FragmentStore.read(path), made, mode="cuts"),
    }[name]
    _, seconds = measure(work, repeat=1)
    size = f", {made.stat().st_size / 1e6:.0f} MB" if made.exists() else ""
    print(f"{name}: {seconds:.1f} CPU s, {peak_memory():.2f} GB of memory{size}", flush=True)


def main() -> None:
    n_fragments = int(float(sys.argv[1] if len(sys.argv) > 1 else 30) * 1e6)
    print(f"{n_fragments:,} fragments; {machine()}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample.h5"
        draw(n_fragments).write(path)
        for name in ("read", "bigwig", "mean_of_3", "cuts"):
            subprocess.run([sys.executable, __file__, "--part", name, str(path)], check=True)
        if macs.program() is None:
            print("macs: absent")
            return
        start = time.monotonic()
        found = macs.call(
            [path.with_name("cuts.out")], fragments=False, genome_size=2.3e9, cutoff=("q", 0.01)
        )
        print(f"{macs.program()}: {time.monotonic() - start:.0f} s, {len(found):,} peaks")


if sys.argv[1:2] == ["--part"]:
    part(sys.argv[2], Path(sys.argv[3]))
else:
    main()
