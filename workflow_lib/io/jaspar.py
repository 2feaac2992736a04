"""Matrices of the JASPAR database, which comes with pyjaspar."""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from workflow_lib.errors import InputError
from workflow_lib.io.motifs import BASES, Motif


def fetch(
    release: str,
    collection: str,
    tax_group: str | Sequence[str] | None,
    species: str | int | Sequence[str | int] | None,
) -> list[Motif]:
    """The newest version of each matrix, by id; see :func:`workflow_lib.motifs.library.from_jaspar`."""
    import pyjaspar  # here, since it is slow to import and most readers of motifs do without
    from Bio import BiopythonWarning

    if release not in pyjaspar.jaspar_releases:
        raise _unknown("release", release, pyjaspar.jaspar_releases)
    database = pyjaspar.jaspardb(release=release)
    groups = _listed(tax_group)
    try:
        known = database.conn.execute("select distinct COLLECTION from MATRIX").fetchall()
        if (collection.upper(),) not in known:
            raise _unknown("collection", collection, (value for (value,) in known))
        tax_groups = "select distinct VAL from MATRIX_ANNOTATION where TAG = 'tax_group'"
        known = database.conn.execute(tax_groups).fetchall()
        for group in groups or ():
            if (group,) not in known:
                raise _unknown("tax_group", group, (value for (value,) in known))
        numbers = _species_numbers(database.conn, _listed(species))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", BiopythonWarning)  # that there is none: said below
            records = database.fetch_motifs(collection=collection, tax_group=groups, species=numbers)
        synonyms = _synonyms(database.conn)
    finally:
        database.conn.close()
    if not records:
        raise InputError(
            f"motifs: {release} {collection} has no matrix of tax_group {tax_group} and species {species}; "
            "set one of them to null"
        )
    return sorted((_motif(record, synonyms) for record in records), key=lambda motif: motif.id)


def _motif(record, synonyms: Mapping[str, Iterable[str]]) -> Motif:
    """A matrix of pyjaspar as ours, with the names that its own leave out."""
    counts = np.array([record.counts[base] for base in BASES], dtype=float)
    family, its_class, species = map(_joined, (record.tf_family, record.tf_class, record.species))
    motif = Motif(record.matrix_id, record.name, counts, family, its_class, species)
    named = {name.casefold() for name in (motif.name, *motif.tf_names)}
    others = synonyms.get(motif.id.partition(".")[0], ())
    return replace(motif, synonyms=tuple(name for name in others if name.casefold() not in named))


def _listed(values) -> list[str] | None:
    """One or several values as a list of text in lower case; None stays."""
    if values is None:
        return None
    values = [values] if isinstance(values, str | int) else values
    return [str(value).strip().lower() for value in values]


def _species_numbers(connection, species: list[str] | None) -> list[str] | None:
    """NCBI taxonomy numbers of species given by number or by name."""
    if species is None:
        return None
    known = {str(number): name for number, name in connection.execute("select TAX_ID, SPECIES from TAX")}
    used = {str(number) for (number,) in connection.execute("select distinct TAX_ID from MATRIX_SPECIES")}
    by_name = {name.lower(): number for number, name in known.items()}
    numbers = []
    for each in species:
        number = by_name.get(each, each)
        if number not in used:
            raise _unknown("species", each, (f"{known[n]} ({n})" for n in used & set(known)))
        numbers.append(number)
    return numbers


def _synonyms(connection) -> dict[str, dict[str, None]]:
    """Other names by matrix without version: `symbol` and `alias` of any of its versions, in order.

    Entries that are dashes or numbers (of articles) are no names.
    """
    rows = connection.execute(
        "select M.BASE_ID, A.VAL from MATRIX_ANNOTATION A join MATRIX M on M.ID = A.ID "
        "where A.TAG in ('symbol', 'alias') order by M.BASE_ID, A.TAG desc, A.VAL"
    )
    found: dict[str, dict[str, None]] = {}
    for base, text in rows:
        names = (name.strip() for name in text.split(","))
        found.setdefault(base, {}).update(dict.fromkeys(name for name in names if name.strip("-0123456789")))
    return found


def _joined(values: Iterable | None) -> str:
    """Distinct values as one text; pyjaspar gives lists, or None."""
    return "; ".join(dict.fromkeys(str(value) for value in values or () if value))


def _unknown(key: str, value: str, known: Iterable[str]) -> InputError:
    there = ", ".join(sorted(known))
    return InputError(f"motifs: {key}: JASPAR has no {value!r}; it has {there}; write one of these")
