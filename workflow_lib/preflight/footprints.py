"""The motifs whose footprints are asked for, against the library that they are to be of."""

from collections.abc import Iterator, Mapping

from workflow_lib import near
from workflow_lib.errors import InputError
from workflow_lib.preflight.loci import NEAR
from workflow_lib.preflight.problems import Problem, problem_of

AUTO = "auto"
ALL_HITS = ("in_peaks", "up", "down")
"""What `footprints.sites` says in place of the name of a file."""


def about(config: Mapping) -> dict:
    """The part of a configuration that :func:`check` reads."""
    chosen = {key: config["footprints"][key] for key in ("motifs", "sites")}
    library = ("source", "file", "release", "collection", "tax_group", "species")
    keys = library if _names(config) else ("file",)
    return {"footprints": chosen, "motifs": {key: config["motifs"][key] for key in keys}}


def sites_file(config: Mapping) -> str | None:
    """The BED of `footprints.sites`, if it names one that is used."""
    which = config["footprints"]["sites"]
    return None if which in ALL_HITS or config["counts"] is not None else which


def check(config: Mapping, source: str, *, deep: bool) -> Iterator[Problem]:
    """A problem for each name of `footprints.motifs` that is neither a motif of the library nor a factor.

    Parameters
    ----------
    config : mapping
    source : str
        What messages call the configuration.
    deep : bool
        Read JASPAR too, which takes seconds; motifs of the user's own are read in any case.
    """
    asked, chosen = _names(config), config["motifs"]
    if not asked or config["counts"] is not None or config["genome"]["fasta"] is None:
        return
    if chosen["source"] == "jaspar" and not deep:
        return
    from workflow_lib.motifs import library  # imports scipy, which a run with `auto` can spare here

    try:
        if chosen["source"] == "file":
            motifs = library.read(chosen["file"])
        else:
            names = ("release", "collection", "tax_group", "species")
            motifs = library.from_jaspar(*(chosen[name] for name in names))
    except InputError as error:
        if chosen["source"] != "file":  # a file's own faults are told where it is read
            yield problem_of(error, f"{source}, key motifs")
        return
    ids = set(motifs.ids)
    for name in asked:
        if name not in ids and not motifs.find_factor(name):
            known = {AUTO, *ids, *(factor for motif in motifs for factor in motif.tf_names)}
            like = near.alike(name, known, NEAR)
            fix = (
                f"write one of {', '.join(like)}" if like else "write motif ids or names of factors, or auto"
            )
            what = f"{name} is neither a motif of the library nor a factor with one"
            yield Problem(f"{source}, key footprints.motifs", what, fix)


def _names(config: Mapping) -> list[str]:
    """What `footprints.motifs` names, without `auto`."""
    asked = config["footprints"]["motifs"]
    return [name for name in ([asked] if isinstance(asked, str) else asked) if name != AUTO]
