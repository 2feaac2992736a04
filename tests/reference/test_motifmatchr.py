"""The scan against motifmatchr 1.1.1 (R), with its thresholds and with ours."""

import gzip

import numpy as np
import pandas as pd
import pytest

from workflow_lib.motifs import library, pwm, scan

EVEN = [0.25] * 4
SETS = {
    "jaspar200": ("jaspar200.pfm.txt", "seqs2000x200.fa.gz"),
    "example": ("example_motifs.pfm.txt", "example_seqs60x500.fa.gz"),
}
CUTS = {"1e-05": 1e-5, "5e-05": 5e-5}
R_GRID = 0.003  # bits by which its thresholds may be off
R_WINDOW = 7  # motifmatchr loses hits of motifs shorter than this at ends and before N
KEY = ["seq", "motif_id", "start", "strand"]


def fasta(path):
    with gzip.open(path, "rt") as lines:
        records = lines.read().split(">")[1:]
    return {name: "".join(body.split()) for name, _, body in (record.partition("\n") for record in records)}


def positions(folder, prefix):
    """R's hits: seq (number from 0), motif_id, start, strand, score."""
    table = pd.read_csv(folder / f"{prefix}.positions.tsv.gz", sep="\t")
    return pd.DataFrame(
        {
            "seq": table["seq"] - 1,
            "motif_id": table["motif"].str.partition("_")[0],
            "start": table["pos0"],
            "strand": table["strand"],
            "score": table["score"],
        }
    )


def thresholds(folder, prefix):
    table = pd.read_csv(folder / f"{prefix}.thresholds.tsv.gz", sep="\t")
    return dict(zip(table["motif"].str.partition("_")[0], table["threshold"], strict=True))


def word_score(motif, sequence, start, strand):
    """Score of one word, one base at a time; NaN if a base is unknown."""
    word = ["ACGT".find(base) for base in sequence[start : start + motif.length].upper()]
    if min(word) < 0 or len(word) < motif.length:
        return np.nan
    word = word if strand == "+" else [3 - base for base in reversed(word)]
    matrix = pwm.weights(motif.counts, EVEN)
    return sum(matrix[base, i] for i, base in enumerate(word))


@pytest.fixture(scope="module", params=[(name, cut) for name in SETS for cut in CUTS], ids="-".join)
def case(shared, request):
    name, cut = request.param
    folder = shared / "reference" / "motif"
    prefix = f"{name}.even.p{cut}"
    motifs, sequences = SETS[name]
    return (
        library.read(folder / motifs),
        fasta(folder / sequences),
        positions(folder, prefix),
        thresholds(folder, prefix),
        CUTS[cut],
    )


@pytest.fixture(scope="module", params=scan.ENGINES)
def engine(request):
    return request.param


@pytest.fixture(scope="module")
def both(case, engine):
    """Our hits with R's thresholds, beside R's hits."""
    motifs, sequences, expected, cuts, pvalue = case
    found = scan.scan(sequences, motifs, pvalue, EVEN, thresholds=cuts, engine=engine)
    found["seq"] = found["name"].cat.codes.astype(int)
    found = found.astype({"motif_id": str, "strand": str})
    return found.merge(expected, on=KEY, how="outer", suffixes=("", "_r"), indicator=True)


def test_weights_are_those_of_r(shared):
    folder = shared / "reference" / "motif"
    motifs = library.read(folder / "jaspar200.pfm.txt")
    table = pd.read_csv(folder / "jaspar200.even.pwm_scores.tsv.gz", sep="\t")
    for motif_id, rows in table.groupby("motif"):
        theirs = rows.pivot(index="base", columns="position", values="score").loc[list("ACGT")].to_numpy()
        np.testing.assert_allclose(pwm.weights(motifs[motif_id].counts, EVEN), theirs, rtol=0, atol=1e-12)


def test_every_hit_of_r_is_found_with_its_score(both):
    assert (both["_merge"] != "right_only").all()
    shared_hits = both[both["_merge"] == "both"]
    assert len(shared_hits) >= 10
    np.testing.assert_allclose(shared_hits["score"], shared_hits["score_r"], rtol=0, atol=1e-9)


def test_what_we_find_beyond_r_is_what_its_window_loses(both, case):
    motifs, sequences, _, cuts, _ = case
    names = list(sequences)
    for hit in both[both["_merge"] == "left_only"].itertuples():
        motif, sequence = motifs[hit.motif_id], sequences[names[hit.seq]]
        score = word_score(motif, sequence, int(hit.start), hit.strand)
        assert score == pytest.approx(hit.score, abs=1e-9)
        assert score >= cuts[hit.motif_id]
        reach = sequence[int(hit.start) : int(hit.start) + R_WINDOW].upper()
        assert motif.length < R_WINDOW
        assert len(reach) < R_WINDOW or "N" in reach


def test_our_thresholds_are_exact_and_theirs_within_their_grid(case):
    motifs, _, _, theirs, pvalue = case
    calibration = motifs.calibrated(pvalue, EVEN).calibration
    for motif, ours, attained in zip(motifs, calibration.score, calibration.attained, strict=True):
        if motif.length > 15:  # beyond, ours may be a bound too
            continue
        matrix = pwm.weights(motif.counts, EVEN)
        assert attained_at(matrix, ours) == pytest.approx(attained, rel=1e-9)
        # They may accept or reject other words than we do, but none further away than their grid step.
        assert attained_at(matrix, theirs[motif.id] + R_GRID) <= attained * (1 + 1e-9)
        assert attained_at(matrix, theirs[motif.id] - R_GRID) >= attained * (1 - 1e-9)
    too_short = calibration.attained > pvalue
    assert {motif.length for motif, short in zip(motifs, too_short, strict=True) if short} <= {6, 7, 8}


def attained_at(matrix, threshold):
    """P(score >= threshold) for an even background, by a fine histogram of the two halves of the word."""
    half = matrix.shape[1] // 2
    left, right = (all_sums(part) for part in (matrix[:, :half], matrix[:, half:]))
    right.sort()
    above = right.size - np.searchsorted(right, threshold - left)
    return above.sum() / 4.0 ** matrix.shape[1]


def all_sums(matrix):
    sums = np.zeros(1)
    for column in matrix.T:
        sums = (sums[:, None] + column).ravel()
    return sums
