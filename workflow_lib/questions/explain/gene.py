"""All that a run knows of a gene: its peaks and those linked with it."""

import pandas as pd

from workflow_lib import near
from workflow_lib.errors import InputError
from workflow_lib.io import factor_names
from workflow_lib.questions.explain import page, parts
from workflow_lib.report.content import Content, Finding, Section
from workflow_lib.results.run import Run


def gene(run: Run, name: str) -> Content:
    """A page about the peaks that have this gene in the annotation of peaks, and about peaks linked with it.

    Parameters
    ----------
    run : Run
    name : str
        Name or id, in any case; the version of an id may be left out.

    Raises
    ------
    InputError
        If peaks have no genes in this run, or none is called so; near names are given.
    """
    annotation = run.find("annotation")
    if annotation is None:
        raise InputError(
            f"gene {name!r}: the run's peaks have no genes; give genome.annotation in the config"
        )
    links = run.find("links")
    linked = annotation.head(0) if links is None else links
    name = _known(name, annotation, linked)
    nearest, linked = annotation[_called(annotation, name)], linked[_called(linked, name)]
    if nearest.empty and linked.empty:
        known = annotation["gene_name"].dropna().unique()
        raise InputError(f"gene {name!r}: no peak has it or is linked with it; {near.offer(name, known)}")
    ids = pd.concat([nearest["gene_id"], linked["gene_id"]]).dropna().unique()
    peaks = list(parts.outwards(nearest)["peak"])
    shown = peaks[: parts.MOST]
    sections = [
        parts.links(run, [], ids),
        _candidates(run, ids),
        _sets(run, nearest, linked, name),
        parts.loci(run, run.places.loc[[*peaks, *linked["peak"]]]),
    ]
    if peaks:
        number = f"{len(peaks):,} peak{'' if len(peaks) == 1 else 's'}"
        caption = f"{number} whose gene is {_label(nearest)}, those nearest to its start first"
        about = [parts.listed(run, peaks, caption), parts.tests(run, shown), parts.counts(run, shown)]
        sections = [*about, parts.motifs(run, shown), *sections]
    return page.content(run, f"Gene {name}", _findings(run, name, nearest, linked), sections)


def _known(name: str, *tables: pd.DataFrame) -> str:
    """The name itself if a gene bears it, else the gene's of which it is another name (PU.1 for SPI1)."""
    if any(_called(table, name).any() for table in tables):
        return name
    names = dict.fromkeys(str(one) for table in tables for one in table["gene_name"].dropna().unique())
    found = factor_names.find(name, {one: [one] for one in names})
    return found[0] if found else name


def _candidates(run: Run, ids) -> Section | None:
    """Peaks that may regulate the gene by distance and accessibility, the highest score first."""
    table = run.find("contacts")
    if table is None:
        return None
    own = table[table["gene_id"].isin(ids)].sort_values("score", ascending=False, kind="stable")
    if own.empty:
        return None
    rows = own[["peak", "gene_name", "distance", "contact", "score"]].reset_index(drop=True)
    for contrast in run.contrasts:
        changes = run.tests(contrast).loc[rows["peak"], ["log2FoldChange", "padj", "direction"]]
        rows = rows.assign(**{f"{contrast}: {name}": changes[name].to_numpy() for name in changes})
    caption = "Candidate peaks by distance and accessibility alone (activity by contact, without Hi-C)"
    return Section("candidates", "Candidate peaks", (parts.tabulated(rows, caption, run.href("contacts")),))


def _sets(run: Run, nearest: pd.DataFrame, linked: pd.DataFrame, name: str) -> Section | None:
    """Gene sets that are frequent among changed peaks because of this gene among others."""
    wanted = {name.casefold(), *nearest["gene_name"].dropna().str.casefold()}
    wanted |= {*linked["gene_name"].dropna().str.casefold()}
    made = []
    for contrast in run.contrasts:
        for way in ("up", "down"):
            table = run.find("regions", contrast=contrast, direction=way)
            if table is None or "genes" not in table:
                continue
            members = table["genes"].fillna("").astype(str).str.casefold().str.split(r"[;,]\s*", regex=True)
            own = table[[bool(wanted.intersection(each)) for each in members]]
            own = own.sort_values("pvalue", kind="stable", na_position="last")
            columns = [one for one in ("set", "n_found", "odds_ratio", "pvalue", "padj") if one in own]
            words = (
                f"{contrast}, peaks {parts.SIDES[way]}: gene sets that name this gene beside such a peak; "
                "a row names its first genes alone"
            )
            made.append(parts.tabulated(own[columns], words, run.href("regions", contrast, direction=way)))
    return Section("sets", "Gene sets", tuple(made)) if made else None


def _called(table: pd.DataFrame, name: str) -> pd.Series:
    wanted = name.strip().casefold()
    names, ids = (table[column].astype("string").str.casefold() for column in ("gene_name", "gene_id"))
    bare = ids.str.replace(r"\.\d+$", "", regex=True)
    return ((names == wanted) | (ids == wanted) | (bare == wanted)).fillna(False).astype(bool)


def _findings(run: Run, name: str, nearest: pd.DataFrame, linked: pd.DataFrame) -> list[Finding]:
    """How many of the gene's peaks changed, by contrast, and how many are linked with it."""
    said = []
    for contrast in run.contrasts:
        directions = run.tests(contrast).loc[nearest["peak"], "direction"].value_counts()
        numbers = ", ".join(f"{directions[way]:,} {words}" for way, words in parts.SIDES.items()
                            if way in directions)  # fmt: skip
        said.append(f"{contrast}: {numbers or 'no peak'}.")
    label = _label(nearest if len(nearest) else linked) or name
    n = len(nearest)
    lie = "1 peak lies" if n == 1 else f"{n:,} peaks lie"
    found = [Finding(f"{lie} in {label} or nearest to its start.", tuple(said))]
    if len(linked):
        strong = int((linked["padj"] < run.alpha).sum())
        found.append(
            Finding(
                f"Peaks within reach that vary and could be linked with it: {linked['peak'].nunique():,}. "
                f"Linked, at an adjusted p-value below {run.alpha:g}: {strong:,}."
            )
        )
    library = run.find("tf_motifs")
    if library is not None and (library["tf_name"].str.casefold() == name.casefold()).any():
        found.append(Finding(f"It codes for a factor with a motif: ask `explain factor {name}` too."))
    return found


def _label(table: pd.DataFrame) -> str:
    """`NAME (ID)`, of all genes that are called so."""
    pairs = table[["gene_name", "gene_id"]].drop_duplicates()
    return ", ".join(
        str(row.gene_id) if pd.isna(row.gene_name) else f"{row.gene_name} ({row.gene_id})"
        for row in pairs.itertuples()
    )
