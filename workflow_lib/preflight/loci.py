"""The places that a run is to draw, against the genes and contigs of its inputs."""

from collections.abc import Iterator, Mapping, Sequence

from workflow_lib import near
from workflow_lib.intervals import parse_region
from workflow_lib.preflight.problems import Problem, listed

NEAR = 5  # names to offer for an unknown one


def check(
    asked: Sequence[str],
    place: str,
    known: set[str] | None,
    contigs: Mapping[str, int | None],
    *,
    annotated: bool,
) -> Iterator[Problem]:
    """A problem for each name that is neither a gene nor a region of the genome.

    Parameters
    ----------
    asked : sequence of str
        Genes, or regions `chr:from-to` (which names of peaks look like too).
    place : str
        What messages say of where the names stand.
    known : set of str or None
        Names and ids of all genes; None if they have not been read: then only regions are looked at.
    contigs : mapping of str to int or None
        Contigs of the genome, with their lengths where known; empty if unknown.
    annotated : bool
        Whether the configuration names an annotation.
    """
    folded = {name.casefold() for name in known or ()}
    for name in asked:
        wanted = name.strip().casefold()
        if wanted in folded or any(wanted == gene.rpartition(".")[0] for gene in folded if "." in gene):
            continue
        region = parse_region(name)
        if region is not None and contigs:
            yield from _outside(name, region, place, contigs)
        elif region is None and not annotated:
            what = f"{name} is no region such as chr1:10,000-20,000, and there are no genes"
            yield Problem(place, what, "set genome.annotation to a GTF, or write a region")
        elif region is None and known is not None:
            like = near.alike(name, known, NEAR)
            fix = f"write one of {', '.join(like)}" if like else "write a name or gene_id of the annotation"
            yield Problem(place, f"{name} is no gene of the annotation and no region", fix)


def _outside(name: str, region: tuple, place: str, contigs: Mapping[str, int | None]) -> Iterator[Problem]:
    chrom, start, _ = region
    if chrom not in contigs:
        fix = f"write one of {listed(contigs, 5)}"
        yield Problem(place, f"{name} is on a contig that the genome does not have", fix)
        return
    length = contigs[chrom]
    if length is not None and start >= length:
        what = f"{name} begins past the end of {chrom} ({length:,} bp)"
        yield Problem(place, what, "write a region of this genome assembly")
