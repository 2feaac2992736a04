"""From fragments to the read pairs of a BAM: geometry, flags, and the artefacts that filters must remove."""

import numpy as np
import pandas as pd

from workflow_lib.io import alignments as bam
from workflow_lib.simulate.fragments import HALF
from workflow_lib.simulate.sequence import Genome

LENGTH = 50  # bp of every read


def library(
    fragments: pd.DataFrame, duplication: float, rng: np.random.Generator, *, low_mapq: float = 0.05
) -> pd.DataFrame:
    """Add copies, and what sequencing and mapping make of each fragment.

    Parameters
    ----------
    fragments : DataFrame
        left, right, origin, one row a fragment.
    duplication : float
        Share of the copies among all pairs.
    rng : numpy.random.Generator
    low_mapq : float
        Share of fragments of which one read or both map with MAPQ below 30.

    Returns
    -------
    DataFrame
        Sorted by left, right; adds reversed (1 if the first read is the minus one), mapq_left, mapq_right,
        qc_fail, duplicate (every pair but one of those with equal cuts).
    """
    n = len(fragments)
    low = rng.random((n, 2)) < np.array([0.5, 0.5])
    low &= (rng.random(n) < low_mapq)[:, None]
    mapq = np.where(
        low, rng.integers(0, 30, size=(n, 2)), rng.choice([42, 40, 37], size=(n, 2), p=[0.9, 0.06, 0.04])
    )
    pairs = fragments.assign(
        reversed=rng.integers(0, 2, size=n),
        mapq_left=mapq[:, 0],
        mapq_right=mapq[:, 1],
        qc_fail=(rng.random(n) < 0.003).astype(int),
    )
    copies = rng.integers(0, max(n, 1), size=round(n * duplication / (1 - duplication)))
    pairs = pairs.iloc[np.concatenate([np.arange(n), copies])]
    pairs = pairs.iloc[np.lexsort([pairs["right"], pairs["left"]])].reset_index(drop=True)
    return pairs.assign(duplicate=pairs.duplicated(["left", "right"]).astype(int))


def alignments(pairs: pd.DataFrame, genome: Genome, name: str, rng: np.random.Generator) -> bam.Reads:
    """Read pairs of a library, with unmapped, half-mapped, discordant and secondary ones beside them.

    Parameters
    ----------
    pairs : DataFrame
        As :func:`library` gives them. A cut c leaves a plus read that starts at c - 4 or a minus read whose
        5' base is c + 4, so the template spans [left - 4, right + 4].
    genome : Genome
    name : str
        Prefix of read names.
    rng : numpy.random.Generator

    Returns
    -------
    Reads
        Of artefacts, in numbers relative to the pairs: 2 % both unmapped, 1 % one unmapped, 0.5 % on two
        contigs, 1 % of pairs with a secondary alignment elsewhere.
    """
    start = pairs["left"].to_numpy() - HALF
    end = pairs["right"].to_numpy() + HALF + 1
    state = pairs["qc_fail"].to_numpy() * bam.QC_FAIL + pairs["duplicate"].to_numpy() * bam.DUPLICATE
    reverse_first = pairs["reversed"].to_numpy() == 1
    shared = bam.PAIRED | bam.PROPER | state
    left_flag = shared | bam.MATE_REVERSE | np.where(reverse_first, bam.SECOND, bam.FIRST)
    right_flag = shared | bam.REVERSE | np.where(reverse_first, bam.FIRST, bam.SECOND)
    n = len(pairs)
    blocks = [
        _block(np.arange(n), left_flag, pairs["mapq_left"], start, end - LENGTH, end - start),
        _block(np.arange(n), right_flag, pairs["mapq_right"], end - LENGTH, start, start - end),
    ]
    # artefacts borrow their places from fragments that were drawn, so that they cover the same ground
    halves = rng.integers(0, n, size=n // 100)
    which = np.where(rng.random(len(halves)) < 0.5, bam.FIRST, bam.SECOND)
    other = bam.FIRST + bam.SECOND - which
    number = n + np.arange(len(halves))
    mapped = bam.PAIRED | bam.MATE_UNMAPPED | which
    lost = bam.PAIRED | bam.UNMAPPED | other
    blocks += [
        _block(number, mapped, 42, start[halves], start[halves], 0),
        _block(number, lost, 0, start[halves], start[halves], 0),
    ]
    one, two = rng.integers(0, n, size=(2, n // 200))
    number = n + len(halves) + np.arange(len(one))
    contig = np.searchsorted(genome.offsets, start, side="right")
    apart = contig[one] != contig[two]
    one, two, number = one[apart], two[apart], number[apart]
    two_start = end[two] - LENGTH
    blocks += [
        _block(number, bam.PAIRED | bam.FIRST | bam.MATE_REVERSE, 42, start[one], two_start, 0),
        _block(number, bam.PAIRED | bam.SECOND | bam.REVERSE, 42, two_start, start[one], 0),
    ]
    again, elsewhere = rng.integers(0, n, size=(2, n // 100))
    again = np.unique(again)
    place = start[elsewhere[: len(again)]]
    blocks.append(_block(again, left_flag[again] | bam.SECONDARY, 0, place, end[again] - LENGTH, 0))
    number = n + len(halves) + n // 200 + np.arange(n // 50)
    unmapped = bam.PAIRED | bam.UNMAPPED | bam.MATE_UNMAPPED
    blocks += [_block(number, unmapped | part, 0, -1, -1, 0) for part in (bam.FIRST, bam.SECOND)]
    return _assemble(blocks, genome, name, rng)


def _block(number, flag, mapq, place, mate, template) -> pd.DataFrame:
    """Rows of reads; place and mate are laid-out positions, -1 for none."""
    columns = {
        "number": number,
        "flag": flag,
        "mapq": mapq,
        "place": place,
        "mate": mate,
        "template": template,
    }
    return pd.DataFrame({key: np.broadcast_to(np.asarray(v), np.shape(number)) for key, v in columns.items()})


def _assemble(blocks: list[pd.DataFrame], genome: Genome, name: str, rng: np.random.Generator) -> bam.Reads:
    reads = pd.concat(blocks, ignore_index=True)
    contig, position = _places(reads["place"].to_numpy(), genome)
    mate_contig, mate_position = _places(reads["mate"].to_numpy(), genome)
    unmapped = (reads["flag"].to_numpy() & bam.UNMAPPED) > 0
    bases = np.empty((len(reads), LENGTH), dtype=np.uint8)
    bases[~unmapped] = genome.codes[reads["place"].to_numpy()[~unmapped, None] + np.arange(LENGTH)]
    bases[unmapped] = rng.integers(0, 4, size=(np.count_nonzero(unmapped), LENGTH))
    return bam.Reads(
        name=_names(name, reads["number"].to_numpy()),
        flag=reads["flag"].to_numpy(),
        mapq=reads["mapq"].to_numpy(),
        contig=contig,
        position=position,
        mate_contig=mate_contig,
        mate_position=mate_position,
        template_length=np.where(mate_contig == contig, reads["template"].to_numpy(), 0),
        bases=bases,
    )


def _places(laid_out: np.ndarray, genome: Genome) -> tuple[np.ndarray, np.ndarray]:
    contig = np.searchsorted(genome.offsets, laid_out, side="right") - 1
    return contig, np.where(laid_out < 0, -1, laid_out - genome.offsets[contig])


def _names(prefix: str, number: np.ndarray) -> np.ndarray:
    """`prefix:0000123` as bytes of one length."""
    digits = number[:, None] // 10 ** np.arange(6, -1, -1) % 10
    start = np.frombuffer(f"{prefix}:".encode(), dtype=np.uint8)
    letters = np.concatenate([np.tile(start, (len(number), 1)), digits.astype(np.uint8) + 48], axis=1)
    return np.ascontiguousarray(letters).view(f"S{letters.shape[1]}").reshape(-1)
