"""The head of the report: what was studied, how good the reads are, and a row for each contrast."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from workflow_lib.errors import InputError
from workflow_lib.report import answer, directions, format
from workflow_lib.report.content import Badge, Cell, Column, Section, Table
from workflow_lib.report.summary import Found
from workflow_lib.results.run import Run
from workflow_lib.stats import forms, formula

N_FACTORS = 3  # of one direction
TONES = ("good", "fair", "bad")
STAGES = ("Reads", "Regions", "Samples", "Test", "Factors", "Footprints")
NUMBERS = (
    ("tested", "regions with an adjusted p-value"),
    ("opened", "regions more open"),
    ("closed", "regions less open"),
)
SIGNS = {"up": " higher", "down": " lower"}
CHANGED = ("changed", "regions that differ in any way: such a contrast has no direction")
FACTORS = (
    ("factors gained", "leading factors by the motifs of regions that opened, one of each family"),
    ("factors lost", "leading factors by the motifs of regions that closed, one of each family"),
)
CHANGED_FACTORS = (
    "factors changed",
    "leading factors by the motifs of regions that differ in any way, one of each family",
)
ROW = 12  # groups whose samples are counted one by one


def title(run: Run) -> str:
    """What the study is called: as the configuration says, or the folder that it runs in."""
    return run.settings.get("title") or run.folder.resolve().parent.name


def facts(run: Run, date: str = "") -> tuple[tuple[str, str], ...]:
    """Date, genome, samples by group, and design, as names and words."""
    genome = run.settings["genome"]
    names = (genome.get("name"), _file(genome.get("fasta")))
    name = next((one for one in names if one and one != "genome"), "")
    sizes = run.samples["group"].astype(str).value_counts(sort=False)
    groups = [f"{group} {n}" for group, n in sizes.items()]
    rest = len(groups) - ROW
    shown = ", ".join(groups[:ROW]) + (f" and {rest} more group{'s' if rest > 1 else ''}" if rest > 0 else "")
    tested = [name for contrast in run.settings["contrasts"].values() for name in _variables(contrast)]
    said = [
        ("Samples", f"{len(run.samples)} ({shown})"),
        ("Design", design_in_words(str(run.settings["design"]), tested)),
    ]
    known = (("Date", date), ("Genome", name), *said)
    return tuple((name, words) for name, words in known if words)


def design_in_words(design: str, tested: Iterable[str]) -> str:
    """What is tested and what is adjusted for, and the formula itself.

    Examples
    --------
    >>> design_in_words("~ batch + donor + group", ["group"])
    'group, adjusted for batch and donor (~ batch + donor + group)'
    >>> design_in_words("~ cell * group", ["group"])
    'group, whose effect may differ by cell (~ cell * group)'
    """
    try:
        used = formula.variables(design)
    except InputError:  # what a run could not have read is shown as it is
        return design
    asked = [name for name in dict.fromkeys(tested) if name in used]
    if not asked:
        return design
    crossed: set[str] = set()  # with what is asked for
    for term in formula.parse(design):
        columns = formula.columns_of_term(term)
        crossed |= set(columns) - set(asked) if set(columns) & set(asked) else set()
    by = [name for name in used if name in crossed]
    rest = [name for name in used if name not in (*asked, *by)]
    words = answer.listed(asked)
    words += f", whose effect may differ by {answer.listed(by)}" if by else ""
    words += f", adjusted for {answer.listed(rest)}" if rest else ""
    return f"{words} ({design})"


def _variables(contrast: Mapping) -> Sequence[str]:
    return forms.parse(contrast).variables


def badges(sections: Iterable[Section], more: Iterable[Badge | None] = ()) -> tuple[Badge, ...]:
    """One verdict for each stage: the worst that a section has, and in how many contrasts, if not in all.

    Parameters
    ----------
    sections : iterable of Section
        Those that are about one contrast come in the order of the contrasts.
    more : iterable of Badge
        Verdicts that no section bears.
    """
    found = [(one, False) for one in more if one]
    found += [(replace(badge, anchor=badge.anchor or at), within) for at, badge, within in _borne(sections)]
    chosen = []
    for stage in STAGES:
        mine = [one for one in found if one[0].stage == stage]
        if not mine:
            continue
        worst, within = max(mine, key=lambda one: TONES.index(one[0].tone))  # the first of these
        compared = [badge.tone for badge, of_contrast in mine if of_contrast]
        n = compared.count(worst.tone)
        of = f" ({n} of {len(compared)} contrasts)" if within and n < len(compared) else ""
        chosen.append(replace(worst, text=f"{worst.text}{of}"))
    return tuple(chosen)


def _borne(sections: Iterable[Section], panel: bool = False) -> Iterator[tuple[str, Badge, bool]]:
    """Anchor and badge of each section that has one, and whether it belongs to one contrast."""
    for section in sections:
        within = panel or section.panel
        if section.badge:
            yield section.anchor, section.badge, within
        yield from _borne(section.sections, within)


def overview(found: Mapping[str, Found], alpha: float, families: Mapping[str, str]) -> Table:
    """A row for each contrast: its numbers of opened and closed peaks, and its leading factors.

    Parameters
    ----------
    found : mapping of contrast to Found
    alpha : float
    families : mapping of motif_id to family
    """
    with_factors = any(each.factors is not None for each in found.values())
    columns = [Column("contrast", "its name in the configuration"), Column("compared", "what is compared")]
    without_sides = {name for name, each in found.items() if _has_no_sides(each)}
    numbers = (*NUMBERS, CHANGED) if without_sides else NUMBERS
    columns += [Column(heading, hint, numeric=True) for heading, hint in numbers]
    sided = len(without_sides) < len(found)
    of_factors = (*(FACTORS if sided else ()), *((CHANGED_FACTORS,) if without_sides else ()))
    columns += [Column(heading, hint) for heading, hint in of_factors] if with_factors else []
    rows = []
    for name, each in found.items():
        n = each.peaks["direction"].value_counts()
        tested = int(each.peaks["padj"].notna().sum())
        cells = [
            Cell(name, href=f"#{format.anchor('contrast', name)}"),
            Cell(each.where),
            Cell(f"{tested:,}"),
        ]
        ways = ("up", "down", "changed") if without_sides else ("up", "down")
        shown = {"changed"} if name in without_sides else {"up", "down"}
        signs = SIGNS if each.groups.get("kind") == "interaction" else {}  # of a difference nothing opens
        cells += [
            Cell(
                (f"{int(n.get(way, 0)):,}{signs.get(way, '')}" if tested else "NA") if way in shown else "",
                tone=way,
            )
            for way in ways
        ]
        if with_factors:
            asked = ways if sided else ("changed",)
            cells += [
                Cell(_leading(each.factors, way, alpha, families) if way in shown else "") for way in asked
            ]
        rows.append(tuple(cells))
    n = len(found)
    return Table(
        f"{n} contrast{'s' if n > 1 else ''}, at a false discovery rate of {100 * alpha:g} %",
        tuple(columns),
        tuple(rows),
    )


def _has_no_sides(found: Found) -> bool:
    """Whether the contrast asks for any difference, also where it found none."""
    tables = (found.peaks, found.factors)
    known = any(table is not None and table["direction"].eq("changed").any() for table in tables)
    return known or directions.is_any(found.groups)


def _leading(factors: pd.DataFrame | None, way: str, alpha: float, families: Mapping[str, str]) -> str:
    """Names of the first factors of one direction, one of each family."""
    if factors is None:
        return "not tested"
    families = answer.of_clusters(factors, families)
    called = factors[(factors["padj"] < alpha) & (factors["direction"] == way)]
    motifs = called.rename(columns={"representative": "motif_id"})
    names: Sequence[str] = answer.one_a_family(motifs, families, N_FACTORS)["name"].astype(str).tolist()
    return ", ".join(names) if names else "none"


def _file(path: object) -> str:
    """Name of a file, without folder and endings."""
    if not path:
        return ""
    return str(path).rpartition("/")[2].split(".")[0]
