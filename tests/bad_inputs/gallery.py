"""The gallery: every way to break the clean inputs that is refused, with what the user then reads."""

from collections.abc import Iterator

import faults_genes
import faults_matrices
import faults_reads
import faults_settings
from breaking import Case


def bad() -> Iterator[Case]:
    """Every case that is refused."""
    yield from faults_settings.configs()
    yield from faults_settings.sheets()
    yield from faults_settings.designs()
    yield from faults_reads.bams()
    yield from faults_reads.fastas()
    yield from faults_genes.annotations()
    yield from faults_genes.peaks()
    yield from faults_matrices.motifs()
    yield from faults_matrices.counts()
    yield from faults_matrices.expression()
    yield from faults_settings.named()
    yield from faults_genes.sets()
