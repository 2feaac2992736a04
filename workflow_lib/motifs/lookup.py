"""Which motifs of a finished run a name means."""

import pandas as pd

from workflow_lib import near
from workflow_lib.errors import InputError
from workflow_lib.io import factor_names


def find(name: str, library: pd.DataFrame, factors: pd.DataFrame) -> pd.DataFrame:
    """Rows of the library whose id (with or without version), name, factors or synonyms are `name`.

    Raises
    ------
    InputError
        If there is none.
    """
    known: dict[str, tuple[str, set[str]]] = {}  # folded name: as written, motif ids

    def note(written, motif_id: str) -> None:
        if not pd.isna(written):
            known.setdefault(str(written).casefold(), (str(written), set()))[1].add(motif_id)

    for motif_id, motif_name in zip(library["motif_id"], library["name"], strict=True):
        for written in (motif_name, motif_id, motif_id.partition(".")[0]):
            note(written, motif_id)
    for row in factors.itertuples():
        note(row.tf_name, row.motif_id)
        for synonym in synonyms(row):
            note(synonym, row.motif_id)
    found = factor_names.find(name, {folded: [written] for folded, (written, _) in known.items()})
    if found:
        ids = set().union(*(known[folded][1] for folded in found))
        return library[library["motif_id"].isin(ids)]
    offered = ", ".join(near.alike(name, (written for written, _ in known.values())))
    raise InputError(
        f"no motif of {name!r} in this run; "
        + (f"near names: {offered}" if offered else "results/motifs/tf_motifs.tsv lists the factors it has")
    )


def synonyms(row) -> list[str]:
    """Other names of a factor, from its row of tf_motifs.tsv; older runs have none."""
    text = getattr(row, "synonyms", None)
    return text.split(";") if isinstance(text, str) else []
