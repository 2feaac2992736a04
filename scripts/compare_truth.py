"""Compare called peaks and motifs with those that the simulator planted."""

from workflow_lib import logs
from workflow_lib.io import tables
from workflow_lib.simulate import truth


def main(smk):
    log = logs.to_file(smk.log[0])
    planted = tables.read_table(smk.input.peaks, index="peak")
    peaks = truth.compare_peaks(planted, tables.read_table(smk.input.differential[0]))
    tables.write_table(peaks, smk.output.peaks)
    changed = peaks.set_index("change").loc["changed"]
    log.info("power %.3f, false discovery proportion %.3f", *changed[["power", "false_discovery_proportion"]])
    motifs = truth.compare_motifs(
        tables.read_table(smk.input.motifs),
        {direction: tables.read_table(smk.input[direction][0]) for direction in ("up", "down")},
        tables.read_table(smk.input.variability),
        tables.read_table(smk.input.deviations[0]),
    )
    tables.write_table(motifs, smk.output.motifs)


main(snakemake)
