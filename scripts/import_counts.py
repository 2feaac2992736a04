"""Take peaks and counts from a given matrix."""

from workflow_lib import beside, logs
from workflow_lib.io import bed, checksums, count_matrices, tables
from workflow_lib.peaks import artefacts, consensus
from workflow_lib.results import origin
from workflow_lib.stats import units


def main(smk):
    log = logs.to_file(smk.log[0])
    libraries = [name for unit in smk.params.units.values() for name in unit]
    counts, coordinates = count_matrices.read_counts(smk.input.counts, libraries)
    counts = units.summed(counts, smk.params.units)
    artefact_peaks = artefacts.among_counts(counts, coordinates)
    digests = {"counts": checksums.digest(smk.input.counts)}
    left_out = artefact_peaks if smk.params.leave_out else None
    if smk.input.blacklist:
        left_out = consensus.read_blacklist(smk.input.blacklist)
        digests["blacklist"] = checksums.digest(smk.input.blacklist)
    if left_out is not None and coordinates is not None:
        kept = artefacts.outside(coordinates, left_out)
        log.info("%d of %d peaks lie in the blacklist and are left out", (~kept).sum(), len(kept))
        counts, coordinates = counts[kept], coordinates[kept]
    contigs = tables.read_table(smk.input.contigs)["contig"] if smk.input.contigs else None
    peaks = consensus.from_matrix(counts.index, coordinates, contigs)
    log.info("%d peaks x %d samples", *counts.shape)
    matrix = beside.aligned(counts, peaks["peak"], smk.input.counts).rename_axis("peak").reset_index()
    tables.write_table(matrix, smk.output.counts, names={"sample": list(smk.params.units)})
    tables.write_table(peaks, smk.output.peaks)
    tables.write_table(artefact_peaks, smk.output.artefacts)
    bed.write_regions(artefact_peaks, smk.output.artefacts_bed)
    tables.write_table(origin.table(digests), smk.output.origin)
    bed.write_bed(peaks.dropna(subset="chrom"), smk.output.bed)


main(snakemake)
