"""Pool the cut sites of the libraries of one biological replicate."""

from workflow_lib import logs
from workflow_lib.fragments import pooling
from workflow_lib.fragments.store import FragmentStore


def main(smk):
    log = logs.to_file(smk.log[0])
    paths = dict(zip(smk.params.libraries, smk.input, strict=True))
    store = pooling.pool({name: FragmentStore.read(path) for name, path in paths.items()})
    log.info("%s: %d libraries, %d fragments", smk.wildcards.sample, len(paths), store.n_fragments())
    store.write(smk.output[0])


main(snakemake)
