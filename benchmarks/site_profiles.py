"""Raw profiles of cuts around one motif's sites: ours, a fetch for each site, and slices of a sparse matrix.

exprmat keeps the fragments of all samples in one sparse matrix, samples x bases of the genome, a value at
each fragment's start, and cuts the columns around each site out of a group's rows; scipy reads all rows for
that. It is written anew here after what that package does, and timed on `SLICES` sites, the rest computed.
"""

from pathlib import Path

import harness

FLANK, N_SITES, N_SAMPLES, IN_GROUP = 250, 1_075, 6, 3
SLICES = 20
TIMES = 50  # ours takes milliseconds
REACH = 180  # bp before and after a window that exprmat looks at
BASES = 1_000_000 * sum(harness.MEGABASES)


def sizes(quick: bool) -> tuple[int, int, int]:
    """Reads of the BAM, its peaks, and fragments of each sample in the matrix."""
    return (200_000, 2_000, 300_000) if quick else (2_000_000, 10_000, 27_000_000)


def size(quick: bool) -> str:
    n_reads, _, n_fragments = sizes(quick)
    return (
        f"{N_SITES:,} sites: from files of {n_reads:,} reads, {N_SAMPLES} samples; "
        f"from memory {n_fragments:,} fragments each, {IN_GROUP} samples"
    )


def prepare(folder: Path, quick: bool) -> None:
    """A BAM, its store, sites in its peaks; and how many fragments to draw."""
    import footprints
    import pandas as pd
    import simulated_reads

    from workflow_lib.fragments import store as fragments

    n_reads, n_peaks, n_fragments = sizes(quick)
    bam, _ = simulated_reads.write(folder, n_reads, n_peaks)
    store = fragments.from_bam(bam, min_mapq=0)  # a read does not tell its mate's quality
    store.write(folder / "reads.h5")
    contigs = pd.DataFrame(index=[name for name in store.contigs if name != "chrM"])
    cuts = {name: store.cuts(name) for name in contigs.index}
    sites = footprints.draw(type("Reference", (), {"contigs": contigs}), cuts, N_SITES)
    sites.to_csv(folder / "sites.tsv", sep="\t", index=False)
    (folder / "fragments.txt").write_text(str(n_fragments))


def sites_of(folder: Path):
    import pandas as pd

    return pd.read_csv(folder / "sites.tsv", sep="\t")


def ours(folder: Path, clock: harness.Clock) -> str:
    """From each sample's store, of which the contigs with sites are read."""
    from workflow_lib.footprints import profile
    from workflow_lib.fragments.store import FragmentStore

    sites = sites_of(folder)
    with clock:
        for _ in range(N_SAMPLES):
            found = profile(FragmentStore.read(folder / "reads.h5", set(sites["chrom"])), sites, FLANK)
    return f"{found.sum():,} cuts a sample"


def fetching(folder: Path, clock: harness.Clock) -> str:
    """A fetch for each site and sample."""
    import footprints

    sites = sites_of(folder)
    with clock:
        for _ in range(N_SAMPLES):
            found = footprints.by_fetching(str(folder / "reads.bam"), sites, FLANK)
    return f"{found.sum():,} cuts a sample"


def drawn(folder: Path, seed: int):
    """A sample's fragments: sorted starts along all contigs laid end to end, and lengths."""
    import numpy as np

    rng = np.random.default_rng(seed)
    n = int((folder / "fragments.txt").read_text())
    start = np.sort(rng.integers(1_000, BASES - 2_000, n))
    return start, rng.integers(30, 400, n, dtype=np.int32)


def places(seed: int = 1):
    """Sites on the same line of bases."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(seed)
    start = np.sort(rng.integers(10_000, BASES - 10_000, N_SITES))
    strand = np.where(rng.random(N_SITES) < 0.5, "-", "+")
    return pd.DataFrame({"start": start, "end": start + 12, "strand": strand})


def ours_in_memory(folder: Path, clock: harness.Clock) -> str:
    """From the samples' sorted cuts."""
    import numpy as np

    from workflow_lib.footprints import profile

    sites, cuts = places(), []
    for seed in range(IN_GROUP):
        start, length = drawn(folder, seed)
        cuts.append(np.sort(np.concatenate([start, start + length]), kind="stable"))
    clock.part = TIMES
    with clock:
        for _ in range(TIMES):
            total = sum(profile(each, sites, FLANK) for each in cuts)
    return f"{total.sum():,} cuts"


def sliced(folder: Path, clock: harness.Clock) -> str:
    """A group's rows, then a slice of columns for each site, whose entries are looped over."""
    import numpy as np
    from scipy import sparse

    sites, found = places(), [drawn(folder, seed) for seed in range(IN_GROUP)]
    rows = np.r_[0, np.cumsum([len(start) for start, _ in found])]
    columns, values = (np.concatenate(parts) for parts in zip(*found, strict=True))
    matrix = sparse.csr_matrix((values, columns, rows), shape=(IN_GROUP, BASES))
    del found, columns, values
    total = np.zeros(2 * FLANK + 1, dtype=np.int64)
    clock.part = SLICES / N_SITES
    with clock:
        for start, end, strand in sites.head(SLICES).itertuples(index=False):
            centre = (start + end) // 2
            near = matrix[:, centre - FLANK - REACH : centre + FLANK + REACH + 1]
            first = near.indices - REACH
            for at in np.concatenate([first, first + near.data]):
                if 0 <= at < len(total):
                    total[2 * FLANK - at if strand == "-" else at] += 1
    return f"{total.sum():,} cuts at {SLICES} sites, scaled up to all"


STAGE = harness.Stage(
    "site_profiles",
    "Footprint, raw profiles",
    size,
    prepare,
    (
        harness.Contender("ours", ours),
        harness.Contender(
            "pysam, a fetch a site",
            fetching,
            package="pysam",
            goal=20,
            goal_text="at least 20",
            reference="3.9",
        ),
        harness.Contender("ours, cuts in memory", ours_in_memory),
        harness.Contender(
            "slices of a CSR matrix, one group",
            sliced,
            package="scipy",
            against="ours, cuts in memory",
            goal=1_000,
            goal_text="at least 1,000",
            reference="210",
        ),
    ),
)

if __name__ == "__main__":
    harness.main(STAGE)
