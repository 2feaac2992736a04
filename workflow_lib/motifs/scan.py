"""Every motif occurrence above its threshold, on both strands."""

from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
import pandas as pd
from MOODS.scan import Scanner

from workflow_lib import logs
from workflow_lib.motifs import pwm
from workflow_lib.motifs.index import WordIndex
from workflow_lib.motifs.library import MotifLibrary

WINDOW = 7  # bases that the scanner looks up at once
SMALL_WINDOW = 6  # scans a third slower, but its table is made four times faster
SMALL = 2_000_000  # bases below which that pays
CHUNK = 4_000_000  # bases that MOODS scans in one go: bounds memory
INDEX_CHUNK = 16_000_000  # bases indexed in one go, which takes some 40 bytes each
ENGINES = ("moods", "index")
"""Ways to search: MOODS, the reference; an index of words, faster, with the same hits."""

_UPPER = np.full(256, ord("N"), dtype=np.uint8)
for _base in "ACGT":
    _UPPER[[ord(_base), ord(_base.lower())]] = ord(_base)
_TO_ACGTN = _UPPER.tobytes()


def scan(
    sequences: Mapping[str, str],
    library: MotifLibrary,
    pvalue: float,
    background,
    *,
    thresholds: Mapping[str, float] | None = None,
    window: int | None = None,
    engine: str = "moods",
) -> pd.DataFrame:
    """Find all hits of all motifs in all sequences, on both strands.

    Parameters
    ----------
    sequences : mapping of name to sequence
        Any case; a letter other than A, C, G, T is unknown and no hit covers it.
    library : MotifLibrary
        If it is calibrated for this p-value and background, its stored thresholds are used.
    pvalue : float
        Probability of a hit at one position of one strand of random sequence.
    background : (4,) base probabilities A, C, G, T
        Of that random sequence, and of the log-odds.
    thresholds : mapping of motif id to score in bits, optional
        Taken instead of those for `pvalue`.
    window : int, optional
        Bases that the scanner looks up at once: a matter of time, and of the order in which a score is
        summed (1e-15 bits). Chosen by the number of bases if None.
    engine : {"moods", "index"}
        `moods` reads the sequence for all motifs at once. `index` looks up near words of each motif in an
        index of the sequence (:mod:`workflow_lib.motifs.index`): the same hits, scores within 1e-12, in a
        third of the time for a million bases or more.

    Returns
    -------
    DataFrame
        name, motif_id, start, end, strand, score: start and end 0-based, half-open, on the given strand
        of the sequence for hits on either strand; score in bits. In order of the sequences, then start,
        end, motif (library order), strand (+ before -). name, motif_id, strand are categorical. A
        palindromic site is a hit on both strands, and two rows.

    Notes
    -----
    A hit on the minus strand is one of the reverse-complemented matrix, with the same threshold. MOODS
    (Korhonen 2009, Bioinformatics 25:3181) does the search. It loses hits of motifs shorter than its
    window at the end of a sequence and before an unknown base, so each motif shorter than the window is
    scanned in a scanner whose window is the motif's own length.

    Examples
    --------
    >>> import numpy as np
    >>> from workflow_lib.io.motifs import Motif
    >>> from workflow_lib.motifs import scan
    >>> from workflow_lib.motifs.library import MotifLibrary
    >>> counts = np.full((4, 6), 1.0)
    >>> counts[[0, 1, 2, 2, 0, 3], range(6)] = 97  # ACGGAT
    >>> library = MotifLibrary((Motif("M1", "factor", counts),))
    >>> hits = scan.scan({"peak": "TTTTACGGATTTTT"}, library, 1e-3, [0.25] * 4)
    >>> hits[["name", "motif_id", "start", "end", "strand"]].values.tolist()
    [['peak', 'M1', 4, 10, '+']]
    """
    names = list(sequences)
    if thresholds is None:
        thresholds = library.thresholds(pvalue, background)
    scores = np.array([thresholds[motif_id] for motif_id in library.ids], dtype=float)
    matrices = library.weights(background)
    if engine not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(ENGINES)}, not {engine!r}")
    if engine == "moods":
        search = _by_moods(matrices, scores, background, window or _best_window(sequences))
    else:
        search = _by_index(matrices, scores)

    lengths = np.array([each.length for each in library], dtype=np.int64)
    columns: list[tuple[np.ndarray, ...]] = []
    progress = logs.Progress(None, len(names), "sequences scanned")
    for first, text, starts in _chunks(sequences, CHUNK if engine == "moods" else INDEX_CHUNK):
        position, motif, minus, score = _in_order(search(text), lengths)
        row = np.searchsorted(starts, position, side="right") - 1
        columns.append((row + first, position - starts[row], motif, minus, score))
        progress.advance(len(starts))
    empty = tuple(np.empty(0, dtype=kind) for kind in (np.int64, np.int64, np.int64, bool, float))
    row, start, motif, minus, score = map(np.concatenate, zip(empty, *columns, strict=True))
    return pd.DataFrame(
        {
            "name": pd.Categorical.from_codes(row, pd.Index(names, dtype=object)),
            "motif_id": pd.Categorical.from_codes(motif, pd.Index(library.ids, dtype=object)),
            "start": start,
            "end": start + lengths[motif],
            "strand": pd.Categorical.from_codes(minus.astype(np.int8), ["+", "-"]),
            "score": score,
        }
    )


def scan_part(
    sequences: Mapping[str, str],
    windows: pd.DataFrame,
    library: MotifLibrary,
    part: str,
    *,
    engine: str = "moods",
) -> pd.DataFrame:
    """Scan one part of the peaks, and place its hits on the genome.

    Parameters
    ----------
    sequences : mapping of peak to the plus strand of its window
    windows : DataFrame
        chrom, start, end of the windows, one row a peak in the order of `sequences`.
    library : MotifLibrary
        Calibrated.
    part : str
        "i-of-n": the i-th (from 1) of n runs of neighbouring peaks, of about equal number.
    engine : {"moods", "index"}
        See :func:`scan`.

    Returns
    -------
    DataFrame
        peak (row among all peaks), motif (column of the library), start, end (on the genome), strand,
        score; in order of peak, start, end, motif, strand.
    """
    first, last = part_bounds(len(sequences), part)
    names = list(sequences)[first:last]
    chosen = {name: sequences[name] for name in names}
    # The window of the whole, so that the parts' scores are the same to the last bit however many they are.
    known = library.calibration
    hits = scan(
        chosen, library, known.pvalue, known.background, window=_best_window(sequences), engine=engine
    )
    row = hits["name"].cat.codes.to_numpy(np.int64) + first
    offset = windows["start"].to_numpy(np.int64)[row]
    return pd.DataFrame(
        {
            "peak": row,
            "motif": hits["motif_id"].cat.codes.to_numpy(np.int64),
            "start": hits["start"].to_numpy() + offset,
            "end": hits["end"].to_numpy() + offset,
            "strand": hits["strand"],
            "score": hits["score"],
        }
    )


def part_bounds(n: int, part: str) -> tuple[int, int]:
    """First and last (exclusive) of n items that part "i-of-m" holds; the parts hold each item once."""
    i, m = map(int, part.split("-of-"))
    return (i - 1) * n // m, i * n // m


def _best_window(sequences: Mapping[str, str]) -> int:
    return SMALL_WINDOW if sum(map(len, sequences.values())) < SMALL else WINDOW


Hits = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Position in a text, motif (column of the library), whether on the minus strand, score."""


def _by_moods(matrices, scores, background, window) -> Callable[[str], Hits]:
    """A search of texts by MOODS.

    One scanner has the motifs of at least `window` columns, one more those of each length below that. In each
    scanner the matrices in reverse complement follow.
    """
    lengths = np.array([matrix.shape[1] for matrix in matrices], dtype=np.int64)
    groups = [(int(size), lengths == size) for size in np.unique(lengths[lengths < window])]
    groups.append((window, lengths >= window))
    background = pwm.check_background(background).tolist()
    scanners = []
    for size, members in groups:
        motifs = np.flatnonzero(members)
        if motifs.size:
            forward = [matrices[i].tolist() for i in motifs]
            reverse = [pwm.reverse_complement(matrices[i]).tolist() for i in motifs]
            scanner = Scanner(size)
            scanner.set_motifs(forward + reverse, background, scores[motifs].tolist() * 2)
            scanners.append((scanner, motifs))
    return lambda text: _joined(_extracted(scanner.scan(text), motifs) for scanner, motifs in scanners)


def _by_index(matrices, scores) -> Callable[[str], Hits]:
    """A search of texts by an index of their words."""
    longest = max((matrix.shape[1] for matrix in matrices), default=0)

    def search(text: str) -> Hits:
        index = WordIndex(text, longest)
        return _joined(
            (place, np.full(place.size, motif), np.full(place.size, strand == 1), score)
            for motif, (matrix, least) in enumerate(zip(matrices, scores, strict=True))
            for strand, (place, score) in enumerate(index.find(matrix, least))
        )

    return search


def _in_order(hits: Hits, lengths: np.ndarray) -> Hits:
    """By place, end, motif and strand: sorting by one number made of these is faster than by each."""
    position, motif, minus, score = hits
    end = position * (lengths.max(initial=0) + 1) + lengths[motif]
    order = np.argsort((end * lengths.size + motif) * 2 + minus, kind="stable")
    return position[order], motif[order], minus[order], score[order]


def _joined(found: Iterable[Hits]) -> Hits:
    empty = tuple(np.empty(0, dtype=kind) for kind in (np.int64, np.int64, bool, float))
    position, motif, minus, score = map(np.concatenate, zip(empty, *found, strict=True))
    return position, motif, minus, score


def _chunks(sequences: Mapping[str, str], most: int) -> Iterator[tuple[int, str, np.ndarray]]:
    """Sequences joined by N: number of the first, text of upper-case A, C, G, T, N, and each one's start."""
    parts: list[bytes] = []
    starts: list[int] = []
    size = first = 0
    for i, sequence in enumerate(sequences.values()):
        starts.append(size)
        parts.append(sequence.encode("ascii", "replace").translate(_TO_ACGTN))
        size += len(parts[-1]) + 1
        if size >= most:
            yield first, b"N".join(parts).decode("ascii"), np.array(starts)
            parts, starts, size, first = [], [], 0, i + 1
    if parts:
        yield first, b"N".join(parts).decode("ascii"), np.array(starts)


def _extracted(result, motifs: np.ndarray) -> Hits:
    """MOODS matches of `motifs` on both strands."""
    sizes = [len(matches) for matches in result]
    count = sum(sizes)
    position = np.fromiter((match.pos for matches in result for match in matches), np.int64, count)
    score = np.fromiter((match.score for matches in result for match in matches), float, count)
    motif = np.repeat(np.concatenate([motifs, motifs]), sizes)
    minus = np.repeat(np.arange(2 * motifs.size) >= motifs.size, sizes)
    return position, motif, minus, score
