"""Profiles and scores of footprints: CPU seconds against fetching each site from the BAM, in one run.

    python benchmarks/footprints.py [BAM FASTA]

Without files the demo's are used (resources/demo of a run). The peer fetches the reads around each site with
pysam and adds up their cuts, as footprinting scripts do; it is timed on 1,075 sites and one sample. Both must
count the same.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pysam
from timing import machine, measure, peak_memory

from workflow_lib.footprints import profile, profiles, scores, tn5_bias
from workflow_lib.fragments import store as fragments
from workflow_lib.genome import reference as genome

FLANK, N_SAMPLES, FEW, MANY, N_MOTIFS = 250, 6, 1_075, 50_000, 879


def by_fetching(path: str, sites: pd.DataFrame, flank: int) -> np.ndarray:
    """The same profile, a fetch for each site; pairs may reach in from 1,000 bp away."""
    total = np.zeros(2 * flank + 1, dtype=np.int64)
    with pysam.AlignmentFile(path) as bam:
        for chrom, start, end, strand in sites[["chrom", "start", "end", "strand"]].itertuples(index=False):
            half = (end - start) // 2
            centre = end - 1 - half if strand == "-" else start + half
            for read in bam.fetch(chrom, max(centre - flank - 1000, 0), centre + flank + 1000):
                if read.flag & 1804 or not read.flag & 2:
                    continue
                cut = read.reference_end - 1 - 4 if read.is_reverse else read.reference_start + 4
                x = centre - cut if strand == "-" else cut - centre
                if abs(x) <= flank:
                    total[x + flank] += 1
    return total


def draw(reference: genome.Genome, cuts: dict, n: int, n_motifs: int = 1) -> pd.DataFrame:
    """Sites where there are cuts, in genome order."""
    rng = np.random.default_rng(n)
    size = {name: len(at) for name, at in cuts.items() if len(at)}
    contig = rng.choice(list(size), n, p=np.array(list(size.values())) / sum(size.values()))
    start = np.array([rng.choice(cuts[name]) for name in contig], dtype=np.int64) + rng.integers(-20, 20, n)
    table = pd.DataFrame({"chrom": contig, "start": np.maximum(start, 0), "minus": rng.random(n) < 0.5})
    table["end"] = table["start"] + 12
    table["contig"] = reference.contigs.index.get_indexer(table["chrom"]).astype(np.int32)
    table["motif"] = rng.integers(0, n_motifs, n).astype(np.int32)
    table["strand"] = np.where(table["minus"], "-", "+")
    return table.sort_values(["contig", "start"], ignore_index=True)


def main() -> None:
    default = ["resources/demo/control_1.bam", "resources/demo/genome.fa"]
    bam, fasta = sys.argv[1:3] if len(sys.argv) > 2 else default
    print(machine())
    store = fragments.from_bam(bam, min_mapq=0)  # a read does not tell its mate's quality
    with tempfile.TemporaryDirectory() as folder:
        reference = genome.write_index(fasta, Path(folder) / "fai", Path(folder) / "gzi")
        nuclear = [name for name in reference.contigs.index if name not in ("chrM", "MT", "Mito")]
        none = pd.DataFrame({"chrom": [], "start": [], "end": []})
        (bias, _), seconds = measure(lambda: tn5_bias.estimate(store, reference, none, nuclear), 1)
        print(f"bias of one sample: {seconds:.2f} s")
        cuts = {name: store.cuts(name) for name in nuclear}
        preference = tn5_bias.Preference(bias, "kmer")
        few, many = draw(reference, cuts, FEW), draw(reference, cuts, MANY)
        theirs, peer = measure(lambda: by_fetching(bam, few, FLANK), 1)
        ours, one = measure(lambda: profile(cuts, few, FLANK))
        same = (
            "the same counts"
            if np.array_equal(ours, theirs)
            else f"{np.abs(ours - theirs).sum()} cuts differ"
        )
        print(f"raw profile, {FEW:,} sites, one sample: {one:.4f} s; by fetching {peer:.1f} s "
              f"({peer / one:.0f} times; {same})")  # fmt: skip
        for sites in (few, many):
            n = len(sites)
            _, raw = measure(lambda sites=sites: [profile(cuts, sites, FLANK) for _ in range(N_SAMPLES)], 1)
            times = profiles.resamples(n, 1)
            _, whole = measure(
                lambda sites=sites, times=times: [
                    profiles.corrected(cuts, sites, reference, preference, FLANK, times)
                    for _ in range(N_SAMPLES)
                ],
                1,
            )
            print(f"{n:,} sites, {N_SAMPLES} samples: raw {raw:.2f} s; corrected, with bands {whole:.2f} s; "
                  f"by fetching about {peer * n / FEW * N_SAMPLES:,.0f} s")  # fmt: skip
        library = draw(reference, cuts, 100_000, N_MOTIFS)
        names = [f"m{i}" for i in range(N_MOTIFS)]
        _, seconds = measure(lambda: scores.score(store, library, names, reference, preference, FLANK))
        print(f"scores of {N_MOTIFS} motifs at {len(library):,} sites, one sample: {seconds:.2f} s")
    print(f"most memory {peak_memory():.2f} GB")


if __name__ == "__main__":
    main()
