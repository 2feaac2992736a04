"""How much memory a job asks for, in MB, by the sizes of the files that it reads.

Peaks were measured at two sizes (tests/unit/test_memory.py holds them), as the kernel saw them; what is asked
is a fifth to a half above. A job that needs more after all is run again with twice as much.
"""

import os

START = 400
"""An interpreter with its libraries holds 100 to 250 MB."""
BAM, CRAM, FRAGMENTS = 0.45, 1.0, 18.0
"""MB for each MB of reads: 8 bytes a pair, twice over while its contig is sorted; fragments come as text."""
CUTS = 13.0
"""For each MB of the largest store: 3 bytes a fragment there, 8 in memory, and as much again sorted."""
VALUES = 130.0
"""For each MB of counts: 1.6 to 3 bytes a value there; a fit holds some twenty numbers for each."""
SHARDS, BESIDE, MEASURES = 10.0, 30.0, 30.0
"""For each MB of the scan's parts; of hits or measures that are read beside counts; of measures alone."""
SCAN = 190.0
"""For each MB of sequences and MB of the library: hits of 2,000 motifs outweigh all else."""
TABLES = 12.0
"""For each MB of compressed tables: 6 to 9 as they are read, more where they are short, and room for work."""
GENES = {"gz": 9.0, "": 0.6}


def of_reads(path: str, mb: float) -> int:
    """Importing a BAM, a CRAM, or (by its name) a fragment file."""
    name = os.fspath(path).lower()
    each = BAM if name.endswith(".bam") else CRAM if name.endswith(".cram") else FRAGMENTS
    return START + 300 + round(each * mb)


def of_cuts(mb: float) -> int:
    """Work on the cuts of a store, or of the largest or all of several, as they are in memory at once."""
    return START + 300 + round(CUTS * mb)


def of_track(largest: float) -> int:
    """A track from stores, of which one contig at a time is in memory, by the size of the largest."""
    return START + 400 + round(5 * largest)


def of_counts(mb: float, *beside: float) -> int:
    """Fits of a matrix of peaks by samples; with the sizes of measures or of hits that are read beside it."""
    return START + 200 + round(VALUES * mb + BESIDE * sum(beside))


def of_tables(least: int, mb: float, counts: float = 0.0) -> int:
    """Work on tables of so many MB, of which so many are counts, beside what the smallest ones take."""
    return least + round(TABLES * mb + (VALUES - TABLES) * counts)


def of_measures(mb: float) -> int:
    """Laying the measures of all samples side by side."""
    return START + 300 + round(MEASURES * mb)


def of_hits(mb: float) -> int:
    """Joining the parts of the scan, by their size."""
    return START + 400 + round(SHARDS * mb)


def of_scan(sequences: float, library: float, parts: int = 1) -> int:
    """Scanning one of so many parts of the sequences for all motifs of a library, whose hits are kept."""
    return START + round(SCAN * sequences * library / parts)


def of_genes(path: str, mb: float) -> int:
    """Reading a GTF, plain or compressed."""
    return START + 300 + round(GENES["gz" if os.fspath(path).endswith((".gz", ".bgz")) else ""] * mb)
