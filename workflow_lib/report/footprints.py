"""Report sections on footprints: changes of depth and flanks by motif, and Tn5 sequence bias."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pandas as pd

from workflow_lib.footprints.differential import ENOUGH_MOTIFS, LOW_POWER, MIN_SITES, NO_FOOTPRINT, WIDE
from workflow_lib.footprints.profiles import file_name
from workflow_lib.motifs.leading import strongest
from workflow_lib.plots.tn5_bias import alike
from workflow_lib.report import format
from workflow_lib.report.content import Badge, Cell, Figure, Gallery, Section, Text
from workflow_lib.report.figures import figure, room
from workflow_lib.report.sections import N_MOTIFS, motif_columns
from workflow_lib.results.run import Run

N_DRAWN, LEAST_DRAWN = 4, 2  # motifs whose profile and sites the page shows; the folder has all
N_NAMED = 5
MIRRORED = 0.9  # correlation below which the strands of a sample do not mirror each other
HEADINGS = {
    "n_sites": "sites",
    "cuts_per_site": "cuts a site",
    "flank_padj": "its adjusted p",
    "note": "to note",
}
SINGLE_SITES = (
    "Depth and flanks are of all sites of a motif together, bound or not; nothing is claimed of any single "
    f"site. Flanks, and depths with {ENOUGH_MOTIFS} tested motifs or more, are shifted so that the median "
    "motif is alike in all samples. A change that all motifs share cannot be seen then. Flanks follow "
    "accessibility, whatever moves it."
)


def sentence(table: pd.DataFrame, groups: Mapping[str, str], alpha: float) -> str:
    """What the tests of one contrast's footprints come to.

    Parameters
    ----------
    table : DataFrame
        Of :func:`workflow_lib.footprints.differential.test`.
    groups : mapping
        experiment, control.
    alpha : float
    """
    measured = table[table["n_sites"] >= MIN_SITES]
    if measured.empty:
        return (
            f"Footprints could not be compared: of {len(table):,} motifs none has {MIN_SITES} sites or more."
        )
    of = f"{len(measured):,} of {len(table):,} motifs have {MIN_SITES} sites or more"
    if not measured["padj"].notna().any():
        return (
            f"Footprints: {of}; there are too few samples with cuts for a test, so depths are given "
            "without p-values."
        )
    tested = measured.dropna(subset="padj")
    changed = tested[tested["padj"] < alpha]
    flanks = int((tested["flank_padj"] < alpha).sum())
    base = "these" if len(tested) == len(measured) else f"{len(tested):,} tested"
    said = f"Footprints: {of}. Of {base}, {_changed(len(changed), alpha)}"
    for words, rows in (
        (f"deeper in {groups['experiment']}", changed[changed["delta_depth"] > 0]),
        (f"shallower in {groups['experiment']}", changed[changed["delta_depth"] < 0]),
    ):
        if len(rows):
            said += f"; {words}: {_named(rows)}"
    return f"{said}. {f'The flanks of {flanks:,}' if flanks else 'No flanks'} changed."


def section(
    name: str,
    table: pd.DataFrame,
    families: Mapping[str, str],
    logos: Collection[str],
    figures: Sequence[Figure],
    of_motifs: Sequence[Figure],
    drawn: Mapping[str, str],
    groups: Mapping[str, str],
    alpha: float,
    href: str = "",
) -> Section:
    """Changes of footprints between the groups of one contrast.

    Parameters
    ----------
    name : str
        The contrast.
    table : DataFrame
        Of :func:`workflow_lib.footprints.differential.test`.
    families : mapping of motif_id to family
    logos : collection of motif_id
        Motifs whose logos the page can draw.
    figures, of_motifs : sequence of Figure
        Of all motifs and of single ones; left out where no motif has enough sites.
    drawn : mapping of motif_id to the address of its profile
    groups : mapping
        experiment, control.
    alpha : float
    href : str
        Address of the whole table.
    """
    said = [sentence(table, groups, alpha), *honest(table)]
    top = shown(table)
    parts: list = [Text(tuple(said))]
    if len(top):
        tested = top["pvalue"].notna().any()
        rows = _rows(top, families, logos, drawn, groups)
        order = "by p-value of the change in depth" if tested else "by depth, without a test"
        caption = (
            f"The {len(top)} strongest motifs, one of each cluster, {order}. Depth: how much less the motif "
            "is cut than its near flanks, as share of their cuts, beyond what Tn5 sequence bias explains"
        )
        parts += [Gallery((figure,)) for figure in figures]  # alone, each has room
        main = {"family", "n_sites", "change (95 % interval)", "padj"}
        parts.append(format.table(rows, caption, href=href, headings=HEADINGS, main=main))
        parts += [Gallery(tuple(of_motifs))] if of_motifs else []
    anchor = format.anchor("footprints", name)
    return Section(anchor, "Footprints", tuple(parts), badge=badge(table), guide=(SINGLE_SITES,))


def badge(table: pd.DataFrame) -> Badge | None:
    """Whether the footprints could show a change; None where no motif has enough sites."""
    measured = table[table["n_sites"] >= MIN_SITES]
    if measured.empty:
        return None
    if not measured["padj"].notna().any():
        return Badge("not tested", "fair", "Footprints")
    weak = measured["note"].fillna("").astype(str).str.contains(LOW_POWER, regex=False)
    if weak.mean() > 0.5:
        return Badge("little power for most motifs", "fair", "Footprints")
    return Badge("power for most motifs", "good", "Footprints")


def honest(table: pd.DataFrame) -> list[str]:
    """How much the tests can and cannot say."""
    measured = table[table["n_sites"] >= MIN_SITES]
    if measured.empty:
        return []
    notes = measured["note"].fillna("").astype(str)
    without, weak = (int(notes.str.contains(words, regex=False).sum()) for words in (NO_FOOTPRINT, LOW_POWER))
    said = []
    if without:
        said.append(
            f"{without:,} of these {len(measured):,} motifs have no footprint: in neither group are they cut "
            "clearly less than their flanks (two standard errors). That is common: four motifs in five had "
            "none in a survey of many (Baek et al. 2017), and many factors stay on DNA for only seconds. It "
            "does not mean that they do not bind."
        )
    if weak:
        said.append(
            f"Low power: for {weak:,} motifs the 95 % interval of the change reaches further than "
            f"±{WIDE:g}, because there are few cuts per site or few samples. A change may go unseen there."
        )
    return said


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the report's table: smallest p-values, one a cluster; without a test the deepest footprints."""
    top = strongest(table, N_MOTIFS)
    if len(top):
        return top
    measured = table[table["n_sites"] >= MIN_SITES]
    depth = measured[["depth_control", "depth_experiment"]].max(axis=1).dropna()
    ordered = measured.loc[depth.sort_values(ascending=False, kind="stable").index]
    cluster = ordered["cluster"].fillna(ordered["motif_id"])
    return ordered[~cluster.duplicated()].head(N_MOTIFS)


def paths(folder: Path, table: pd.DataFrame) -> dict[str, str]:
    """File of the profile of each motif that was drawn, relative to the folder, by falling evidence."""
    ordered = table.sort_values("pvalue", kind="stable")["motif_id"]
    names = {motif: f"{file_name(motif).removesuffix('.tsv')}.svg" for motif in ordered}
    return {motif: name for motif, name in names.items() if (folder / name).is_file()}


def motif_figures(
    run: Run, contrast: str, table: pd.DataFrame, drawn: Mapping[str, str], alpha: float
) -> list[Figure]:
    """Profile and single sites of the first motifs, one of each cluster: those that changed, two at least.

    Parameters
    ----------
    run : Run
    contrast : str
    table : DataFrame
        Of :func:`workflow_lib.footprints.differential.test`.
    drawn : mapping of motif_id to file
        Of :func:`paths`.
    alpha : float
    """
    rows = table.set_index("motif_id").loc[list(drawn)]
    rows = rows[~rows["cluster"].fillna(rows.index.to_series()).duplicated()]
    n = max(int((rows["padj"] < alpha).sum()), LEAST_DRAWN)
    found = []
    for motif, called in rows["name"].head(min(n, room(run, N_DRAWN))).items():
        name, file = called if isinstance(called, str) else str(motif), drawn[str(motif)]
        for key in ("footprint_figures", "footprint_sites"):
            found.append(figure(run, key, contrast, motif=file.removesuffix(".svg"), name=name))
    return found


def preference(run: Run) -> Section:
    """What Tn5 prefers in each sample: strands that mirror each other, samples that are alike."""
    table = alike(run.table("bias_logos"))
    odd = table.loc[~(table["strands"] >= MIRRORED), "sample"].astype(str).tolist()
    if odd:
        said = (
            f"Caution: the Tn5 sequence bias does not mirror itself on the two strands in {', '.join(odd)} "
            f"(correlation below {MIRRORED:g}). There are too few cuts, or their shift is not right; the "
            "expected cuts of footprints are not to be trusted there."
        )
    else:
        said = (
            "Tn5 binds as a dimer, so its sequence bias on one strand must mirror that on the other. "
            f"In every sample it does (correlation {table['strands'].min():.3f} or more)."
        )
    table = table.rename(columns={"strands": "strands, mirrored", "others": "with the other samples"})
    chosen = odd[0] if odd else str(table["sample"].iloc[table["with the other samples"].fillna(2).argmin()])
    why = "" if odd or len(table) < 3 else "; of all samples it is least like the others"
    drawing = figure(run, "bias_figures", name=chosen, sample=chosen, why=why, wide=True)
    table["sample"] = [Cell(str(s), href=run.href("bias_figures", name=str(s))) for s in table["sample"]]
    rows = format.table(table, "Correlation of the bias, base by base", folded=True)
    wrong = Badge("Tn5 bias differs by strand", "bad", "Footprints") if odd else None
    return Section("tn5-bias", "Tn5 sequence bias", (Text((said,)), Gallery((drawing,)), rows), badge=wrong)


def _changed(n: int, alpha: float) -> str:
    """How many changed in depth."""
    if not n:
        return f"none changed in depth (adjusted p below {alpha:g})"
    return f"{n:,} changed in depth (adjusted p below {alpha:g})"


def _named(rows: pd.DataFrame) -> str:
    """Leading motifs, one a cluster."""
    best = strongest(rows, len(rows))
    names = [
        f"{name} ({motif})" if isinstance(name, str) and name != motif else str(motif)
        for name, motif in zip(best["name"], best["motif_id"], strict=True)
    ]
    more = f" and {len(names) - N_NAMED:,} more" if len(names) > N_NAMED else ""
    alike_ones = len(rows) - len(best)
    return ", ".join(names[:N_NAMED]) + more + (f" and {alike_ones:,} similar to these" if alike_ones else "")


def _rows(
    top: pd.DataFrame,
    families: Mapping[str, str],
    logos: Collection[str],
    drawn: Mapping[str, str],
    groups: Mapping[str, str],
) -> pd.DataFrame:
    """Cells of the leading motifs."""
    rows = motif_columns(top, families, logos)
    rows["motif_id"] = [Cell(str(motif), href=drawn.get(motif, "")) for motif in top["motif_id"]]
    rows["n_sites"] = top["n_sites"].to_numpy()
    rows["cuts_per_site"] = [Cell(f"{cuts:.0f}" if pd.notna(cuts) else "NA") for cuts in top["cuts_per_site"]]
    for side in ("control", "experiment"):
        rows[f"depth in {groups[side]}"] = [Cell(_two(value)) for value in top[f"depth_{side}"]]
    spans = zip(top["delta_depth"], top["delta_depth_ci_low"], top["delta_depth_ci_high"], strict=True)
    rows["change (95 % interval)"] = [
        Cell(_two(delta) + (f" ({_two(low)} to {_two(high)})" if pd.notna(low) else ""), order=_order(delta))
        for delta, low, high in spans
    ]
    rows["padj"] = top["padj"].to_numpy()
    rows["change of flanks (log₂)"] = [Cell(_two(value)) for value in top["delta_flank"]]
    rows["flank_padj"] = top["flank_padj"].to_numpy()
    rows["note"] = [note if isinstance(note, str) else "" for note in top["note"]]
    return rows


def _order(value: float) -> float | None:
    return None if pd.isna(value) else float(value)


def _two(value: float) -> str:
    return "NA" if pd.isna(value) else format.number(value, "stat")
