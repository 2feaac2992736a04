"""chromVAR's deviations from the same background peaks: many iterations at once, or one after the other.

Ours puts the resampled counts of many iterations side by side into one sparse product; the loop is a sparse
product of resampled matches an iteration, as the original's; pychromVAR multiplies dense matrices.
"""

from pathlib import Path

import harness

DENSITY = 0.02
"""Share of peaks with a motif: about that of 200-bp windows at p = 5e-5."""
ITERATIONS, LONG = 50, 1_000


def sizes(quick: bool) -> tuple[int, int, int]:
    """Peaks, motifs and samples."""
    return (4_000, 200, 6) if quick else (48_519, 1_936, 6)


def size(quick: bool) -> str:
    n_peaks, n_motifs, n_samples = sizes(quick)
    return f"{n_peaks:,} peaks x {n_motifs:,} motifs x {n_samples} samples, {ITERATIONS} iterations"


def prepare_sizes(folder: Path, n_peaks: int, n_motifs: int, n_samples: int) -> None:
    """Counts, matches (as the two index arrays of CSR) and drawn background peaks."""
    import numpy as np
    from scipy import sparse

    from workflow_lib import chromvar

    rng = np.random.default_rng(0)
    counts = rng.poisson(rng.lognormal(3.5, 1, (n_peaks, 1)), (n_peaks, n_samples))
    n = int(n_peaks * n_motifs * DENSITY)
    places = rng.integers(n_peaks, size=n), rng.integers(n_motifs, size=n)
    matches = sparse.csr_array((np.ones(n, np.int32), places), shape=(n_peaks, n_motifs))
    matches.sum_duplicates()
    gc = rng.beta(20, 20, n_peaks)
    background = chromvar.background_peaks(counts, gc, ITERATIONS, 1)
    arrays = {"gc": gc, "indices": matches.indices, "indptr": matches.indptr, "n_motifs": n_motifs}
    np.savez(folder / "inputs.npz", counts=counts, background=background, **arrays)


def prepare(folder: Path, quick: bool) -> None:
    prepare_sizes(folder, *sizes(quick))


def inputs(folder: Path):
    """Counts, matches (1 where a peak has a motif) and background peaks."""
    import numpy as np
    from scipy import sparse

    kept = np.load(folder / "inputs.npz")
    ones = np.ones(len(kept["indices"]), np.int32)
    shape = len(kept["counts"]), int(kept["n_motifs"])
    matches = sparse.csr_array((ones, kept["indices"], kept["indptr"]), shape=shape)
    return kept["counts"], matches, kept["background"]


def remark(zscores) -> str:
    """A few numbers by which results can be told to agree."""
    return "z of motif 0: " + " ".join(f"{value:.3f}" for value in zscores[:4])


def ours(folder: Path, clock: harness.Clock) -> str:
    from workflow_lib import chromvar

    counts, matches, background = inputs(folder)
    with clock:
        _, zscores = chromvar.deviations(counts, matches, background)
    return remark(zscores[0])


def ours_long(folder: Path, clock: harness.Clock) -> str:
    """Many iterations, whose background peaks are drawn some at a time: for its memory."""
    import numpy as np

    from workflow_lib import chromvar

    counts, matches, _ = inputs(folder)
    gc = np.load(folder / "inputs.npz")["gc"]
    with clock:
        chunks = chromvar.background_chunks(counts, gc, LONG, 1)
        found = chromvar.scores(counts, matches, chunks)
    return f"{len(found.zscores):,} motifs, background peaks drawn"


def loop(folder: Path, clock: harness.Clock) -> str:
    """An iteration at a time: resampled matches times counts and times expected counts."""
    import numpy as np
    from scipy import sparse

    counts, matches, background = inputs(folder)
    with clock:
        values = counts.astype(float)
        expectation = np.outer(values.sum(axis=1) / values.sum(), values.sum(axis=0))
        present = sparse.csr_array((matches > 0).astype(float))

        def relative(carried):
            expected = carried @ expectation
            return (carried @ values - expected) / expected

        raw = relative(present.T)
        places = present.tocoo()
        drawn = np.empty((background.shape[1], *raw.shape))
        for i, chosen in enumerate(background.T):
            # rows of peaks become rows of their background peaks
            to = places.col, chosen[places.row]
            drawn[i] = relative(sparse.csr_array((places.data, to), shape=present.T.shape))
        zscores = (raw - drawn.mean(axis=0)) / drawn.std(axis=0, ddof=1)
    return remark(zscores[0])


def pychromvar(folder: Path, clock: harness.Clock) -> str:
    """Its own function, one process. What it returns is lost where anndata has become too new for it."""
    import anndata
    import numpy as np
    from pychromvar import compute_deviations

    counts, matches, background = inputs(folder)
    data = anndata.AnnData(counts.T.astype(np.float32))
    data.varm["motif_match"] = (matches > 0).toarray().astype(np.uint8)
    data.varm["bg_peaks"] = background
    data.uns["motif_name"] = [f"m{i}" for i in range(matches.shape[1])]
    with clock:
        try:
            found = compute_deviations(data, n_jobs=1)
        except TypeError as error:
            if "dtype" not in str(error):
                raise
            return "computed, then fails to wrap its result with this anndata"
    return remark(found.X[:, 0])


STAGE = harness.Stage(
    "chromvar",
    "chromVAR",
    size,
    prepare,
    (
        harness.Contender("ours", ours),
        harness.Contender(
            "pychromVAR",
            pychromvar,
            package="pychromvar",
            python=harness.PEERS,
            goal=40,
            goal_text="at least 40",
            reference="81",
        ),
        harness.Contender(f"ours, {LONG:,} iterations", ours_long),
        harness.Contender(
            "loop over iterations", loop, goal=harness.LEVEL, goal_text="level", reference="1.5"
        ),
    ),
)

if __name__ == "__main__":
    harness.main(STAGE)
