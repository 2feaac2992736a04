"""Motifs whose profiles are drawn: named by the user, those that any result puts first, or both."""

from collections.abc import Iterable, Sequence

import pandas as pd

from workflow_lib.errors import InputError
from workflow_lib.motifs.library import MotifLibrary

ENRICHED, CHANGED = 3, 6
"""Motifs taken of each table of enrichment, and of each contrast's footprints."""


AUTO = "auto"
"""The word that stands for the motifs that :func:`automatic` chooses."""


def chosen(
    asked: str | Sequence[str],
    library: MotifLibrary,
    footprints: Sequence[pd.DataFrame],
    enrichment: Sequence[pd.DataFrame],
    alpha: float,
) -> list[str]:
    """Motif ids that `footprints.motifs` asks for, each once, in its order.

    Parameters
    ----------
    asked : "auto" or a sequence of motif ids and names of transcription factors, which may hold "auto"
    library : MotifLibrary
    footprints, enrichment, alpha
        As of :func:`automatic`; not looked at where `asked` has no "auto".

    Raises
    ------
    InputError
        Naming what is neither a motif nor a factor.
    """
    found: dict[str, None] = {}
    for name in [asked] if isinstance(asked, str) else asked:
        ids = automatic(footprints, enrichment, alpha) if name == AUTO else named(library, [name])
        found |= dict.fromkeys(ids)
    return list(found)


def named(library: MotifLibrary, names: Iterable[str]) -> list[str]:
    """Motif ids of ids and names of transcription factors, each once.

    Raises
    ------
    InputError
        Naming what is neither.
    """
    found: dict[str, None] = {}
    known = set(library.ids)
    for name in names:
        ids = [name] if name in known else library.find_factor(name)
        if not ids:
            raise InputError(
                f"footprints.motifs: {name} is neither a motif of the library nor a factor with one; "
                "`atacdiff explain factor NAME` and results/motifs/library.tsv show what there is"
            )
        found |= dict.fromkeys(ids)
    return list(found)


def automatic(
    footprints: Sequence[pd.DataFrame],
    enrichment: Sequence[pd.DataFrame],
    alpha: float,
) -> list[str]:
    """Motifs with at least one site that stand first in some result.

    Parameters
    ----------
    footprints : sequence of DataFrame
        Tables of all contrasts: the `CHANGED` representatives with the smallest p-values of each.
    enrichment : sequence of DataFrame
        Tables of contrasts and directions: the `ENRICHED` first representatives with padj below `alpha`.
    alpha : float
    """
    found: list[str] = []
    for table in enrichment:
        best = table[table["representative"].eq(True) & (table["padj"] < alpha)]
        found += best.sort_values("log10_pvalue", kind="stable")["motif_id"].head(ENRICHED).tolist()
    for table in footprints:
        best = table[table["representative"].eq(True)].dropna(subset="pvalue")
        found += best.sort_values("pvalue", kind="stable")["motif_id"].head(CHANGED).tolist()
    with_sites = {
        motif_id for table in footprints for motif_id in table.loc[table["n_sites"] > 0, "motif_id"]
    }
    return [motif_id for motif_id in dict.fromkeys(found) if motif_id in with_sites]
