"""Gene sets and sets of regions: whether there are any to test, and what is wrong with their files."""

from collections.abc import Iterator, Mapping

from workflow_lib.io import gene_sets
from workflow_lib.preflight.inventory import Input


def absent(config: Mapping) -> str | None:
    """Why no sets are tested; None where there are some.

    Parameters
    ----------
    config : mapping
        With its defaults, paths expanded.
    """
    chosen = config["regions"]
    if chosen["sets"]:
        return None
    if not chosen["gene_sets"]:
        return "neither regions.gene_sets nor regions.sets is set"
    if config["genome"]["annotation"] is None:
        return "genome.annotation is not set, so the genes of regions.gene_sets have no place"
    return None


def gmt_files(config: Mapping) -> list[str]:
    """The files of gene sets, one or several."""
    given = config["regions"]["gene_sets"] or []
    return [given] if isinstance(given, str) else list(given)


def inputs(config: Mapping, source: str) -> Iterator[Input]:
    """The files that hold sets."""
    for path in gmt_files(config):
        yield Input(f"gene_sets:{path}", "gene_sets", path, f"{source}, key regions.gene_sets")
    for name, path in (config["regions"]["sets"] or {}).items():
        yield Input(f"regions:{name}", "regions", path, f"{source}, key regions.sets.{name}")


def look(item: Input) -> None:
    """Read a file of gene sets, which refuses what is none."""
    gene_sets.read_gmt(item.path)
