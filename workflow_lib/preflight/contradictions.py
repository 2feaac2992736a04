"""Keys of the configuration that are right one by one and wrong together."""

from collections.abc import Iterator, Mapping

from workflow_lib.io import catalogue
from workflow_lib.preflight.expected import as_yaml
from workflow_lib.stats.forms import ContrastError, parse


def found(config: Mapping, faulty: set[str]) -> Iterator[tuple[str, str, str]]:
    """Key, what is wrong and the fix, of all but those keys that are at fault by themselves."""
    peaks, motifs = config["peaks"], config["motifs"]
    nothing = config["counts"] is None and peaks["files"] is None and not peaks["call"]
    if nothing and not {"peaks", "counts"} & faulty:
        yield (
            "peaks.files",
            "is null and so is counts, so there is nothing to count in",
            "name BED or narrowPeak files, or a matrix of counts",
        )
    if config["counts"] is None and peaks["files"] is not None and peaks["call"] and "peaks" not in faulty:
        yield (
            "peaks.call",
            "is true although peaks.files names peaks, so one of them would not be used",
            "set peaks.files to null to call peaks, or peaks.call to false to use those",
        )
    if "motifs" not in faulty:
        if motifs["source"] == "file" and motifs["file"] is None:
            yield "motifs.file", "is null although motifs.source is file", "name the file with the motifs"
        if motifs["source"] == "jaspar" and motifs["file"] is not None:
            yield (
                "motifs.file",
                f"is {motifs['file']} although motifs.source is jaspar, so it would not be read",
                "set motifs.source to file, or motifs.file to null",
            )
        total = sum(motifs["background"])
        if abs(total - 1) > 1e-6:
            shares = as_yaml([round(share / total, 4) for share in motifs["background"]])
            yield "motifs.background", f"adds up to {total:.6g}, expected 1", f"write {shares}"
    if "annotation" not in faulty and config["annotation"]["promoter"] == [0, 0]:
        yield "annotation.promoter", "is [0, 0], which no peak can be in", "write [-2000, 500], the default"
    background = config["differential"]["size_factors"] == "tmm_bins"
    if background and config["counts"] is not None and "differential" not in faulty:
        yield (
            "differential.size_factors",
            "is tmm_bins, which counts background reads in BAM files, although the run starts from counts",
            "set it to ratio, or to column with a size_factor column in the sheet",
        )
    by_gc = config["differential"]["offsets"] == "gc"
    if by_gc and config["genome"]["fasta"] is None and not {"differential", "genome"} & faulty:
        yield (
            "differential.offsets",
            "is gc, which needs the sequences of the peaks, although genome.fasta is null",
            "name the genome, or set it to trended or none",
        )
    chosen = config["enrichment"]
    if chosen["foreground"] == "all" and chosen["background"] == "peaks" and "enrichment" not in faulty:
        yield (
            "enrichment.foreground",
            "is all, so no peak is left to compare with, although enrichment.background is peaks",
            "set enrichment.background to genome, or enrichment.foreground to differential",
        )
    yield from _contrasts_at_odds(config["contrasts"])


def _contrasts_at_odds(contrasts: Mapping[str, Mapping]) -> Iterator[tuple[str, str, str]]:
    """Contrasts that ask nothing, and names of which files would be called as other files are."""
    faults = unreadable(contrasts)
    for name in contrasts:
        key = f"contrasts.{name}"
        if name in faults:
            fault = faults[name]
            yield f"{key}.{fault.key}" if fault.key else key, fault.what, fault.fix
        other = next((other for other in contrasts if name.startswith(f"{other}.")), None)
        if other is not None:
            what = f"begins with the name of the contrast {other} and a point, so both would share files"
            yield key, what, f"rename it, such as {name.replace('.', '_')}"
        elif _taken(name):
            free = f"{name.replace('.', '_')}_1"
            yield key, f"{name} is the name of other results", f"rename it, such as {free}"


def _taken(name: str) -> bool:
    """Whether a file named after the contrast would be taken for another result's."""
    of_contrasts = [entry for entry in catalogue.entries().values() if "{contrast}" in entry.path]
    for entry in of_contrasts:
        path = entry.path.replace("{contrast}", name)
        for wildcard, value in (("{direction}", "up"), ("{motif}", "MA0001.1"), ("{sample}", "s")):
            path = path.replace(wildcard, value)
        found = catalogue.of_path(f"results/{path}")
        if found is not None and found.key != entry.key:
            return True
    return False


def unreadable(contrasts: Mapping[str, Mapping]) -> dict[str, ContrastError]:
    """Contrasts that ask nothing that could be answered in any design, and why."""
    found = {}
    for name, contrast in contrasts.items():
        try:
            parse(contrast)
        except ContrastError as fault:
            found[name] = fault
    return found
