"""Write one sample's cuts (or fragments) as the peak caller reads them."""

from workflow_lib import logs
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.peaks import calling


def main(smk):
    log = logs.to_file(smk.log[0])
    store = FragmentStore.read(smk.input[0])
    n = calling.write_reads(store, smk.output[0], mode=smk.params.mode, leave_out=smk.params.mitochondrial)
    log.info("%d %s", n, smk.params.mode)


main(snakemake)
