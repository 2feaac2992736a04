"""One locus picture of a large experiment: CPU seconds after import, by part.

    python benchmarks/loci.py [samples, 6 by default] [millions of fragments on the contig, 2.4 by default]

Fragments are drawn on a contig as long as human chr1, which of 30 million has 2.4; 7,000 peaks and 3,000
genes of several transcripts lie on it. The target is below a second a locus, both files included.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from timing import machine, measure, peak_memory

from workflow_lib.fragments.store import FragmentStore
from workflow_lib.genome import genes
from workflow_lib.io import gtf
from workflow_lib.plots import loci as locus
from workflow_lib.plots import style
from workflow_lib.tracks import loci

LENGTH = 248_000_000
N_PEAKS, N_GENES = 7000, 3000


def write_store(path: Path, n: int, seed: int) -> None:
    """Fragments of one sample, 40 % of them near peaks."""
    rng = np.random.default_rng(seed)
    summits = np.linspace(10_000, LENGTH - 10_000, N_PEAKS).astype(np.int64)
    near = rng.choice(summits, int(0.4 * n)) + rng.normal(0, 120, int(0.4 * n)).astype(np.int64)
    plus = np.sort(np.r_[near, rng.integers(1000, LENGTH - 2000, n - len(near))]).astype(np.int32)
    minus = (plus + rng.integers(30, 600, n)).astype(np.int32)
    FragmentStore(
        contigs={"chr1": LENGTH}, paired=True, tn5_shift=(4, -4), tn5_evidence="drawn", n_reads=2 * n,
        n_mapped=2 * n, n_duplicates=0, mapped_per_contig={"chr1": 2 * n}, plus={"chr1": plus},
        minus={"chr1": minus},
    ).write(path)  # fmt: skip


def gene_models(path: Path) -> genes.GeneModels:
    """Genes of three transcripts of ten exons."""
    rng, lines = np.random.default_rng(0), []
    for i, start in enumerate(rng.integers(10_000, LENGTH - 100_000, N_GENES)):
        for transcript in range(3):
            about = f'gene_id "g{i}"; gene_name "GENE{i}"; transcript_id "t{i}.{transcript}";'
            for at in start + np.sort(rng.integers(0, 30_000, 10)):
                place = f"{at}\t{at + 150}\t.\t{'+-'[i % 2]}\t.\t{about}\n"
                lines += [f"chr1\tx\texon\t{place}", f"chr1\tx\tCDS\t{place}"]
    path.write_text("".join(lines))
    return genes.build(gtf.read(path))


def peak_table() -> pd.DataFrame:
    summits = np.linspace(10_000, LENGTH - 10_000, N_PEAKS).astype(np.int64)
    rng = np.random.default_rng(2)
    p = rng.random(N_PEAKS)
    table = {
        "peak": [f"chr1:{at - 250}-{at + 251}" for at in summits],
        "baseMean": 100.0,
        "pvalue": p,
        "padj": p,
    }
    ways = np.where(p < 0.05, rng.choice(["up", "down"], N_PEAKS), "none")
    return loci.placed(pd.DataFrame(table).assign(log2FoldChange=1.0, direction=ways))


def main() -> None:
    n_samples = int(sys.argv[1]) if len(sys.argv) > 1 else 6
    n = int(float(sys.argv[2] if len(sys.argv) > 2 else 2.4) * 1e6)
    print(f"{n_samples} samples, {n:,} fragments each on chr1; {machine()}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stores = {f"s{i}": folder / f"s{i}.h5" for i in range(n_samples)}
        for i, path in enumerate(stores.values()):
            write_store(path, n, i)
        sources = loci.Sources(
            stores,
            pd.Series(1.0, index=list(stores)),
            peak_table(),
            gene_models(folder / "g.gtf"),
            max_fragment=180,
        )
        groups = {"a": list(stores)[::2], "b": list(stores)[1::2]}
        flanks = {"upstream": 5000, "downstream": 5000}
        places = loci.choose([], sources.differential, None, {"chr1": LENGTH}, top=4, **flanks)
        wide = loci.choose(
            ["chr1:100,000,001-101,000,000"], sources.differential, None, {"chr1": LENGTH}, top=0, **flanks
        )
        for what, place in (("10 kb", next(places.itertuples())), ("1 Mb", next(wide.itertuples()))):
            content, read = measure(lambda place=place: loci.at(sources, place))
            figure, drawn = measure(
                lambda content=content: locus.draw(content, groups, style.group_colours(groups), 0.05, "b")
            )
            _, saved = measure(lambda figure=figure: style.save(figure, folder / "x.svg", folder / "x.png"))
            size = (folder / "x.svg").stat().st_size / 1000
            total = read + drawn + saved
            parts = f"read {read:.2f}, draw {drawn:.2f}, save {saved:.2f}"
            print(f"{what}: {total:.2f} CPU s ({parts}), SVG {size:.0f} kB")
    print(f"{peak_memory():.2f} GB of memory")


main()
