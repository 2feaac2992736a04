"""Input functions: what a rule needs, given the stages that this configuration runs."""

from workflow_lib import memory
from workflow_lib.peaks import consensus as peak_sets
from workflow_lib.stats import forms
from workflow_lib.motifs import shards
from workflow_lib.io import cram, fragment_files
from workflow_lib.io import motifs as motif_files


def get_bam(wildcards):
    """BAM of a library."""
    return source(LIBRARIES.loc[wildcards.sample, "bam"])


def get_fragment_contigs(wildcards):
    """Lengths of contigs, which a fragment file does not say and a BAM does."""
    return CONTIGS if fragment_files.is_fragment_file(get_bam(wildcards)) else []


def get_import_threads():
    """Two where each library can have two of the run's cores: one decompresses ahead (docs/adr/030)."""
    cores = workflow.resource_settings.cores or 0
    return 2 if cores >= 2 * len(LIBRARIES) else 1


def get_cram_reference(wildcards):
    """The genome and its indices, which a CRAM is read with."""
    return list(GENOME.values()) if cram.is_cram(get_bam(wildcards)) else []


def get_members(group):
    """Samples of a group."""
    return list(SAMPLES.index[SAMPLES["group"] == group])


def get_peak_files():
    """Peak files by sample or group; a single consensus file has no name."""
    files = config["peaks"]["files"]
    if config["peaks"]["call"]:
        files = {g: result("called_peaks", group=g) for g in GROUPS}
    return files if isinstance(files, dict) else {None: files}


def get_peak_names():
    """What each peak file is called in the table of inputs."""
    return [f"peaks:{name}" if name else "peaks" for name in get_peak_files()]


def get_read_name(wildcards):
    """What the reads of a sample are called there."""
    return preflight.labels(config, LIBRARIES)[LIBRARIES.loc[wildcards.sample, "bam"]]


def get_consensus_inputs():
    """Peak files of the user's, or those that are called."""
    files = list(get_peak_files().values())
    return files if config["peaks"]["call"] else source(files)


def get_peak_groups():
    """The group of each peak file; None where one file is the consensus."""
    names = list(get_peak_files())
    return None if names == [None] else peak_sets.groups_of_inputs(names, LIBRARIES)


def get_merging():
    """How several peak files are made one."""
    return {key: config["peaks"][key] for key in ("width", "min_replicates")}


def get_scan_parts():
    """Number of parts of the motif scan, unless `--set-scatter` says it: by the size of the peak files."""
    made_here = DEMO or (HAS_BAMS and config["peaks"]["call"])
    files = get_peak_files().values() if HAS_BAMS else [config["counts"]]
    return shards.of_scan([] if made_here else files, config["motifs"]["window"])


def get_call_inputs(wildcards):
    """Reads on which peaks are called, of one sample or of a group's together, and the contigs."""
    one = getattr(wildcards, "sample", None)
    samples = [one] if one else get_members(wildcards.group)
    return {
        "reads": expand("results/peaks/reads/{sample}.bed", sample=samples),
        "fragments": expand(result("fragments"), sample=samples),
        "contigs": CONTIGS,
    }


def get_motif_files(wildcards):
    """Motif files of the user's own, one or all of a folder; none where JASPAR is the source."""
    own = config["motifs"]["source"] == "file"
    return source(motif_files.listed(config["motifs"]["file"])) if own else []


def get_site_regions():
    """BED files to whose intervals `footprints.sites` restricts the sites; none for all peaks."""
    which = config["footprints"]["sites"]
    if which in DIRECTIONS:
        return of_contrasts(result("changed_peaks", direction=which))
    return source([] if which == "in_peaks" else [which])


def get_profile_choice():
    """Results that decide whose footprints are profiled; none where the configuration alone does."""
    asked = config["footprints"]["motifs"]
    names = CONTRASTS if "auto" in asked else []  # the word, or a list that has it
    enrichment = result("enrichment")
    return {
        "footprints": expand(result("footprints"), contrast=names),
        "enrichment": expand(enrichment, contrast=names, direction=DIRECTIONS),
    }


def get_mb(files):
    """Size of one file, or of several together."""
    return sum(map(os.path.getsize, listed_files(files))) / 1e6


def get_largest_mb(files):
    """Size of the largest of some files."""
    return max(map(os.path.getsize, listed_files(files))) / 1e6


def listed_files(files):
    """One file or several, as several."""
    return [files] if isinstance(files, str) else list(files)


def asks(function, *names, size=get_mb):
    """Memory of a job, more at each attempt: a function of workflow_lib.memory of the sizes of these inputs."""

    def mem_mb(wildcards, input, attempt):
        return attempt * function(*(size(input[name]) for name in names))

    return mem_mb


def asks_by_name(function, name):
    """The same where the ending of the first such file tells how it is read."""

    def mem_mb(wildcards, input, attempt):
        files = listed_files(input[name])
        return attempt * function(files[0], get_mb(files))

    return mem_mb


def asks_for_tables(least, but=()):
    """Memory of a job on tables: what it takes with the smallest ones, and more by the size of all its inputs.

    The genome, and inputs whose names are in `but`, are read in pieces.
    """

    def mem_mb(wildcards, input, attempt):
        pieces = {str(file) for file in GENOME.values()} if GENOME else set()
        for name in but:
            pieces.update(map(str, listed_files(input.get(name, []))))
        mb = get_mb([file for file in input if str(file) not in pieces])
        counts = get_mb(input.get("counts", []))
        return attempt * memory.of_tables(least, mb, counts)

    return mem_mb


def asks_always(mb):
    """Memory of a job that holds little of its inputs, however large they are."""

    def steady(wildcards, attempt):
        return attempt * mb

    return steady


def ask_for_checks(wildcards, input, attempt):
    """Memory of reading again what the start of the run has read: genes, peaks and counts."""
    genes, counts = config["genome"]["annotation"], config["counts"]
    of_genes = memory.of_genes(genes, get_mb(genes)) if genes else 0
    files = config["peaks"]["files"] if counts is None else counts
    listed_there = list(files.values()) if isinstance(files, dict) else [files]
    mb = get_mb([file for file in listed_there if file])
    return attempt * memory.of_tables(1000 + of_genes, mb)
