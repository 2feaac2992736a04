"""Simulate the demo experiment and write its inputs and its truth."""

from pathlib import Path

from workflow_lib import logs, simulate


def main(smk):
    log = logs.to_file(smk.log[0])
    demo = simulate.demo(int(smk.params.seed))
    demo.write(Path(smk.output.genome).parent)
    n_pairs = sum(len(pairs) for pairs in demo.pairs.values())
    log.info(
        "%d peaks, %d sites, %d samples, %d pairs", len(demo.peaks), len(demo.sites), len(demo.pairs), n_pairs
    )


main(snakemake)
