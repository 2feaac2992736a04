#!/bin/sh
# State of a Slurm job in the three words that snakemake knows. Jobs that squeue has forgotten are looked up in
# the accounting database, where there is one.
state=$(squeue --noheader --states=all --format=%T --jobs="$1" 2>/dev/null)
[ -n "$state" ] || state=$(sacct --noheader --parsable2 --allocations --format=State --jobs="$1" 2>/dev/null)
case "$state" in
    COMPLETED*) echo success ;;
    PENDING* | CONFIGURING* | RUNNING* | COMPLETING* | SUSPENDED* | REQUEUE* | RESIZING* | STAGE_OUT*) echo running ;;
    *) echo failed ;;
esac
