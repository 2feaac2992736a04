"""Motif scan: every hit of JASPAR's matrices of all taxa in windows of human-like composition."""

from pathlib import Path

import harness

WIDTH, N_BACKGROUND = 200, 5_000
COMPOSITION = [0.295, 0.205, 0.205, 0.295]  # of the human genome
EVEN = [0.25] * 4
PVALUE = 1e-5
MOODS_WINDOW = 7  # bases that its scanner looks up at once


def sizes(quick: bool) -> tuple[int, int]:
    """Peaks and motifs."""
    return (4_000, 200) if quick else (48_519, 1_936)


def size(quick: bool) -> str:
    n_peaks, n_motifs = sizes(quick)
    return (
        f"{n_peaks:,} peaks and {N_BACKGROUND:,} background sequences of {WIDTH} bp, {n_motifs:,} motifs, "
        f"both strands, p = {PVALUE:g}; thresholds known beforehand"
    )


def simulate(n: int, width: int = WIDTH, seed: int = 1) -> list[str]:
    """Windows of independent bases in human-like proportions."""
    import numpy as np

    bases = np.frombuffer(b"ACGT", np.uint8)[np.random.default_rng(seed).choice(4, (n, width), p=COMPOSITION)]
    return [row.tobytes().decode() for row in bases]


def prepare_sizes(folder: Path, n_peaks: int, n_motifs: int) -> None:
    """Windows, the calibrated library, and its matrices as plain numbers for the peers."""
    import json

    from workflow_lib.motifs import library

    all_taxa = library.from_jaspar(tax_group=None)
    chosen = library.MotifLibrary(all_taxa.motifs[:n_motifs]).calibrated(PVALUE, EVEN)
    library.write(chosen, folder / "library.json")
    weights = [matrix.tolist() for matrix in chosen.weights(EVEN)]
    scores = chosen.calibration.score.tolist()
    (folder / "matrices.json").write_text(json.dumps({"weights": weights, "scores": scores}))
    (folder / "windows.txt").write_text("\n".join(simulate(n_peaks)))


def prepare(folder: Path, quick: bool) -> None:
    n_peaks, n_motifs = sizes(quick)
    prepare_sizes(folder, n_peaks + N_BACKGROUND, n_motifs)


def inputs(folder: Path) -> tuple[list[str], list, list[float]]:
    """Windows; matrices and their reverse complements, alternating; a threshold for each."""
    import json

    known = json.loads((folder / "matrices.json").read_text())
    both = [each for matrix in known["weights"] for each in (matrix, [row[::-1] for row in matrix[::-1]])]
    return (folder / "windows.txt").read_text().split(), both, [s for s in known["scores"] for _ in "+-"]


def ours(folder: Path, clock: harness.Clock, engine: str = "moods") -> str:
    from workflow_lib.motifs import library, scan

    motifs = library.read(folder / "library.json")
    windows = (folder / "windows.txt").read_text().split()
    sequences = {f"p{i}": text for i, text in enumerate(windows)}
    with clock:
        hits = scan.scan(sequences, motifs, PVALUE, EVEN, engine=engine)
    return f"{len(hits):,} hits"


def ours_by_index(folder: Path, clock: harness.Clock) -> str:
    return ours(folder, clock, "index")


def lightmotif_each(folder: Path, clock: harness.Clock) -> str:
    """Its scanner on all windows in one text, one matrix and strand after the other."""
    import lightmotif

    windows, both, scores = inputs(folder)
    n = 0
    with clock:
        striped = lightmotif.stripe("N".join(windows))
        for matrix, score in zip(both, scores, strict=True):
            n += sum(1 for _ in lightmotif.scan(scoring(matrix), striped, threshold=score))
    return f"{n:,} hits (scores of 32 bits)"


def lightmotif_as_exprmat(folder: Path, clock: harness.Clock) -> str:
    """For each motif: both strands of all windows joined and striped, every score made, those above kept.

    Places at which a motif would reach over the end of its window are dropped.
    """
    import lightmotif

    windows, both, scores = inputs(folder)
    turn = str.maketrans("ACGT", "TGCA")
    strands = windows + [window.translate(turn)[::-1] for window in windows]
    n = 0
    with clock:
        for matrix, score in zip(both[::2], scores[::2], strict=True):
            striped = lightmotif.stripe("".join(strands))
            places = scoring(matrix).calculate(striped).threshold(score)
            last = WIDTH - len(matrix[0])
            n += len([place for place in places if place % WIDTH <= last])
    return f"{n:,} hits (scores of 32 bits)"


def scoring(matrix: list[list[float]]):
    """lightmotif's form of a matrix."""
    import lightmotif

    return lightmotif.ScoringMatrix(dict(zip("ACGT", matrix, strict=True)) | {"N": [-1e3] * len(matrix[0])})


def moods_each_sequence(folder: Path, clock: harness.Clock) -> str:
    """One scanner of all matrices, called for one sequence after the other; hits counted only."""
    from MOODS.scan import Scanner

    windows, both, scores = inputs(folder)
    with clock:
        scanner = Scanner(MOODS_WINDOW)
        scanner.set_motifs(both, EVEN, scores)
        n = sum(len(matches) for window in windows for matches in scanner.scan(window))
    return f"{n:,} hits (some lost at the ends of sequences)"


STAGE = harness.Stage(
    "scan",
    "Motif scan",
    size,
    prepare,
    (
        harness.Contender("ours", ours),
        harness.Contender(
            "lightmotif, as exprmat does",
            lightmotif_as_exprmat,
            package="lightmotif",
            python=harness.PEERS,
            goal=6,
            goal_text="at least 6",
            reference="165",
        ),
        harness.Contender("ours, engine index", ours_by_index),
        harness.Contender(
            "lightmotif's scanner, one text",
            lightmotif_each,
            package="lightmotif",
            python=harness.PEERS,
        ),
        harness.Contender(
            "MOODS, sequence by sequence", moods_each_sequence, package="MOODS-python", reference="41"
        ),
    ),
)

if __name__ == "__main__":
    harness.main(STAGE)
