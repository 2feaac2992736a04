"""Where results are: paths, figures and their legends by the keys of the catalogue."""

from workflow_lib.io import catalogue, provenance
from workflow_lib.io.tables import write_text

# What this configuration has of what results need, by the catalogue's names (`needs`).
HAS = {
    "bams": HAS_BAMS,
    "fasta": HAS_GENOME,
    "genes": HAS_GENES,
    "footprints": HAS_FOOTPRINTS,
    "linkage": HAS_LINKAGE,
    "expression": config["linkage"]["expression"] is not None,
    "regions": HAS_REGIONS,
    "several": SEVERAL,
    "profiles": bool(PROFILED),
    "calibrate": config["differential"]["calibrate"],
    "call": HAS_BAMS and config["peaks"]["call"],
    "genome_background": config["enrichment"]["background"] == "genome",
    "all_peaks": config["enrichment"]["foreground"] == "all",
    "planted": False,  # demo.smk knows
}
# Of what the catalogue says only these rules show the words: the report and the workbook.
WORDS = provenance.of_folder(catalogue.STAGES)
WILDCARDS = {
    "contrast": CONTRASTS,
    "direction": DIRECTIONS,
    "sample": list(SAMPLES.index),
    "group": GROUPS,
    "name": [*SAMPLES.index, *GROUPS],
}


def result(key, **names):
    """Path of a result of the catalogue; wildcards that are not named stay."""
    path = f"results/{catalogue.get(key).output}"
    for name, value in names.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def part(key):
    """Path of the temporary tables that a result of the catalogue is gathered from."""
    return f"results/{catalogue.get(key).parts}"


def png(key):
    """Path of a figure as PNG."""
    return result(key).removesuffix(".svg") + ".png"


def pdf(key):
    """Path of a figure as PDF."""
    return result(key).removesuffix(".svg") + ".pdf"


def figure(key):
    """A figure of the catalogue as output, with its place and legend in Snakemake's own report."""
    entry = catalogue.get(key)
    caption = os.path.abspath(f".snakemake/captions/{key}.rst")
    if workflow.is_main_process:
        write_text(catalogue.legend(entry), caption)
    name = "locus" if entry.label == "{locus}" else "figure"
    labels = {"contrast": "{contrast}"} if "contrast" in entry.wildcards else {}
    about = {"category": entry.category, "labels": labels | {name: entry.label}}
    if entry.in_folder:
        pattern = os.path.basename(entry.path)
        return report(
            directory(result(key)), patterns=[pattern], caption=caption, **about
        )
    return report(result(key), caption=caption, **about)


def of_contrasts(path):
    """The path of each contrast, in the order of the configuration."""
    return expand(path, contrast=CONTRASTS)


def made(chosen):
    """The results of this run that a function of their entry chooses: paths by key."""
    needs = [name for name, holds in HAS.items() if holds]
    profiled = WILDCARDS | {"contrast": PROFILED}
    return {
        entry.key: expand(
            result(entry.key), **(profiled if "profiles" in entry.needs else WILDCARDS)
        )
        for entry in catalogue.of_run(needs)
        if chosen(entry)
    }


# Regions in which no peak may lie: the user's, or what the reads say; counts are judged as they are read.
AUTO_BLACKLIST = config["genome"]["blacklist"] == preflight.AUTO_BLACKLIST
if not AUTO_BLACKLIST:
    BLACKLIST = source(config["genome"]["blacklist"])
else:
    BLACKLIST = result("artefacts_bed")

# What the test divides counts by on top of size factors, and the method's name in the comparison of all.
OFFSETS = [] if config["differential"]["offsets"] == "none" else result("offsets")
NORMALISATION = (
    config["differential"]["offsets"]
    if OFFSETS
    else config["differential"]["size_factors"]
)


# The report does without these, so that it is there when one of them fails.
EXPORTS = {
    "mudata": "export_mudata",
    "workbook": "export_workbook",
    **({"session": "write_session", "hub": "write_session"} if HAS_BAMS else {}),
}


def get_reported(entry):
    """Whether the report reads a result or lists it, and has to wait for it."""
    return (entry.shown or entry.key == "counts_origin") and entry.key not in EXPORTS
