"""Gene sets and sets of regions: whether there are any to test, and what is wrong with their files."""

from collections.abc import Iterator, Mapping

import pandas as pd

from workflow_lib.io import gene_sets
from workflow_lib.preflight.inventory import Input, Survey
from workflow_lib.preflight.problems import Problem, listed


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


def look(item: Input) -> list[gene_sets.GeneSet]:
    """Read a file of gene sets, which refuses what is none."""
    return gene_sets.read_gmt(item.path)


def check(
    found: Mapping[str, tuple[Input, list[gene_sets.GeneSet]]],
    genes: Mapping[str, list] | None,
    config: Mapping,
    result: Survey,
) -> None:
    """Add to `result` sets of one name, files without a gene of the annotation, and how many are not tested.

    Parameters
    ----------
    found : mapping of label to (Input, list of GeneSet)
    genes : mapping or None
        gene_id and gene_name of the annotation; None where it was not read to its end.
    config : mapping
    result : Survey
    """
    result.problems += _shared_names(found)
    if genes is None:
        return
    from workflow_lib.regions import sets  # imports scipy and pyranges, which runs without sets can spare

    least, most = config["regions"]["min_genes"], config["regions"]["max_genes"]
    for item, given in found.values():
        matched = sets.match(given, pd.DataFrame(genes))
        if not matched.n_found:
            known = listed([name for name in dict.fromkeys(genes["gene_name"]) if name], 3)
            what = (
                f"none of the {matched.n_names:,} genes of {item.path} ({listed(matched.unknown, 3)}) is in "
                f"the annotation, which has {known}"
            )
            fix = "give sets of this species, with symbols or gene ids as the annotation has them"
            if not any(genes.get("entrez_id") or []) and all(map(str.isdecimal, matched.unknown)):
                fix = (
                    "these look like Entrez ids, which the annotation does not have: give sets with symbols, "
                    "or an annotation of NCBI's RefSeq (with GeneID:... in db_xref or Dbxref)"
                )
            result.problems.append(Problem(item.place, what, fix))
            continue
        n = matched.sets["n_found"]
        out = (n < least) | (n > most)
        if out.any() or matched.n_found < matched.n_names:
            result.notes.append(
                f"{item.path}: {matched.n_found:,} of {matched.n_names:,} genes are in the annotation"
                + (f" (not {listed(matched.unknown, 3)})" if matched.unknown else "")
                + f"; {int(out.sum()):,} of {len(n):,} sets have fewer than {least} or more than {most} of "
                "them and are not tested"
            )


def _shared_names(found: Mapping[str, tuple[Input, list[gene_sets.GeneSet]]]) -> Iterator[Problem]:
    """A problem for each file with sets of which an earlier file has the names."""
    owner: dict[str, str] = {}
    for item, given in found.values():
        shared = [one.name for one in given if one.name in owner]
        if shared:
            others = listed(list(dict.fromkeys(owner[name] for name in shared)), 3)
            what = f"{len(shared):,} of the sets of {item.path} ({listed(shared, 3)}) are in {others} too"
            yield Problem(
                item.place, what, "give each set once: leave out one of the files, or rename its sets"
            )
        owner |= {one.name: item.path for one in given if one.name not in owner}
