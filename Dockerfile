# The programs of requirements.lock, with the workflow itself:
#
#   docker build -t atacdiff .
#   docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/data" atacdiff snakemake --cores 8 --configfile my.yaml
#
# Never built where this project is made, since no image can be fetched there: report what does not work.
# Apptainer: docs/cluster.md, "Containers".

FROM python:3.11-slim-bookworm AS build
# MOODS-python comes as source
RUN apt-get update \
    && apt-get install -y --no-install-recommends g++ make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/atacdiff
COPY . .
RUN make setup CACHE=/tmp/atacdiff && rm -rf /tmp/atacdiff

FROM python:3.11-slim-bookworm
# peaks.call: MACS
RUN apt-get update \
    && apt-get install -y --no-install-recommends macs \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/atacdiff /opt/atacdiff
# as any user, with nothing to write but the folder of the run
ENV PATH=/opt/atacdiff/.venv/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /data
COPY --chmod=755 <<'SH' /usr/local/bin/entrypoint
#!/bin/sh
# `snakemake ...` runs this workflow, wherever the folder of the run is
if [ "$1" = snakemake ]; then
    shift
    set -- snakemake --snakefile /opt/atacdiff/Snakefile "$@"
fi
exec "$@"
SH
ENTRYPOINT ["entrypoint"]
CMD ["atacdiff", "--help"]
