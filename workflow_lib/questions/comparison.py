"""Two finished runs side by side: what is the same, what one has and the other lacks."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

import workflow_lib
from workflow_lib.genome import reference
from workflow_lib.io import checksums
from workflow_lib.questions.explain.parts import tabulated
from workflow_lib.report import format
from workflow_lib.report.content import Cell, Content, Finding, Section, Table, Text
from workflow_lib.report.format import number
from workflow_lib.report.methods import flattened
from workflow_lib.results.run import Run

ABSENT = "absent"
RANKED = (  # result, what ranks, its p-value or score, whether the smallest leads
    ("factors", "cluster", "log10_pvalue", True),
    ("enrichment_all", "motif_id", "log10_pvalue", True),
    ("enrichment", "motif_id", "log10_pvalue", True),
    ("deviation_tests", "motif_id", "pvalue", True),
    ("variability", "motif_id", "variability", False),
    ("footprints", "motif_id", "pvalue", True),
)
LEADING = 20
COMPARED = (".tsv", ".tsv.gz", ".bed", ".bed.gz", ".npz")


def compare(a: Run, b: Run) -> Content:
    """A page on two runs.

    Sets of peaks are compared by id where both runs have the same peaks, else by overlap: a peak of one run
    stays if any peak of the other run's set overlaps it.

    Parameters
    ----------
    a, b : Run

    Returns
    -------
    Content
    """
    findings: list[Finding] = []
    sections: list[Section] = []
    for part in (_settings(a, b), _peaks(a, b), *_called(a, b), _ranks(a, b), _quality(a, b), _files(a, b)):
        finding, section = part
        findings.append(finding)
        if section is not None:
            sections.append(section)
    title = f"{a.folder} (A) and {b.folder} (B)"
    return Content(title, tuple(findings), sections=tuple(sections), version=workflow_lib.__version__)


Part = tuple[Finding, Section | None]


def _settings(a: Run, b: Run) -> Part:
    """Settings, samples, versions and inputs that differ."""
    without = [name for name, run in (("A", a), ("B", b)) if not run.record]
    if without:
        words = (
            f"Settings and versions of {' and '.join(without)} were not recorded: results/run.json is absent."
        )
        return Finding(words), None
    tables_: list[Table] = []
    counted = []
    for part, what in (("settings", "setting"), ("samples", "sample value"), ("versions", "version")):
        rows = differing(what, *(run.record.get(part, {}) for run in (a, b)))
        counted.append(f"{len(rows):,} {what}{'' if len(rows) == 1 else 's'}")
        if len(rows):
            tables_.append(tabulated(rows, f"{part.capitalize()} that differ", most=None))
    sums = [_checksums(run) for run in (a, b)]
    if all(sums):
        rows = differing("input file", *sums)
        counted.append(f"{len(rows):,} input file{'' if len(rows) == 1 else 's'}")
        if len(rows):
            tables_.append(
                tabulated(rows, "Input files that differ, by the start of their SHA-256", most=None)
            )
    finding = Finding(f"Differing: {', '.join(counted)}.")
    return finding, Section("settings", "Settings, versions and inputs", tuple(tables_)) if tables_ else None


def _checksums(run: Run) -> dict[str, str]:
    table = run.find("inputs")
    return {} if table is None else dict(zip(table["path"], table["sha256"].str[:12], strict=True))


def differing(what: str, *sides: Mapping) -> pd.DataFrame:
    """Values that differ between two mappings, which may be nested: a column `what`, A, B.

    In the order of the first, then of the second.
    """
    a, b = (dict(flattened(side)) for side in sides)
    keys = [key for key in dict.fromkeys([*a, *b]) if a.get(key, ABSENT) != b.get(key, ABSENT)]
    values = [[str(each.get(key, ABSENT)) for key in keys] for each in (a, b)]
    return pd.DataFrame({what: keys, "A": values[0], "B": values[1]}, dtype=object)


def _peaks(a: Run, b: Run) -> Part:
    """The consensus peaks: equal by id, else how far they overlap."""
    one, two = a.places, b.places
    shared = len(one.index.intersection(two.index))
    if shared == len(one) == len(two):
        return Finding(f"Peaks: the same {len(one):,} in both."), None
    placed = [places.dropna(subset="chrom") for places in (one, two)]
    covered = [int(overlaps(x, y).sum()) for x, y in (placed, placed[::-1])]
    rows = pd.DataFrame(
        {
            "run": ["A", "B"],
            "peaks": [len(one), len(two)],
            "same id in the other": [shared, shared],
            "overlapping the other's": covered,
            "bases": [int((x["end"] - x["start"]).sum()) for x in (one, two)],
        }
    )
    words = (
        f"Peaks: {len(one):,} in A, {len(two):,} in B, {shared:,} of them with the same ends; "
        f"{covered[0]:,} of A's overlap one of B's."
    )
    return Finding(words), Section("peaks", "Peaks", (tabulated(rows, "Consensus peaks"),))


def overlaps(peaks: pd.DataFrame, others: pd.DataFrame) -> np.ndarray:
    """Whether each interval (chrom, start, end; 0-based, half-open) overlaps any of the others."""
    return reference.count_overlaps(peaks, others) > 0


def _called(a: Run, b: Run) -> list[Part]:
    """Sets of changed peaks of every contrast that both runs have."""
    parts: list[Part] = []
    for contrast in dict.fromkeys([*a.contrasts, *b.contrasts]):
        absent = [name for name, run in (("A", a), ("B", b)) if contrast not in run.contrasts]
        parts.append(
            (Finding(f"{contrast}: not in {absent[0]}."), None) if absent else _contrast(a, b, contrast)
        )
    return parts


def _contrast(a: Run, b: Run, contrast: str) -> Part:
    tests = [run.tests(contrast) for run in (a, b)]
    same = tests[0].index.equals(tests[1].index)
    summary, moved, said = [], [], []
    any_difference = any((table["direction"] == "changed").any() for table in tests)
    for way in ["changed"] if any_difference else ["up", "down"]:
        sets = [table[table["direction"] == way] for table in tests]
        places = [run.places.loc[chosen.index] for run, chosen in zip((a, b), sets, strict=True)]
        kept = _kept(*sets) if same else _overlapping(*places)
        lost, gained = sets[0][~kept[0]], sets[1][~kept[1]]
        n_kept, union = int(kept[0].sum()), int(kept[0].sum()) + len(lost) + len(gained)
        jaccard = n_kept / union if union else np.nan
        sizes = {
            "A": len(sets[0]),
            "B": len(sets[1]),
            "in both": n_kept,
            "gained": len(gained),
            "lost": len(lost),
        }
        summary.append({"direction": way, **sizes, "Jaccard": jaccard})
        if len(gained) or len(lost):
            said.append(f"{way}: {len(gained):,} gained, {len(lost):,} lost, {n_kept:,} kept")
        for which, table in (("gained", gained), ("lost", lost)):
            moved.append(table.assign(set=f"{way}, {which}"))
    how = "by id" if same else "by overlap"
    parts: list[Table | Text] = [tabulated(pd.DataFrame(summary), f"Changed peaks of A and B, {how}")]
    rows = pd.concat(moved).sort_values(["padj", "pvalue"], kind="stable").reset_index()
    if len(rows):
        columns = ["set", "peak", "gene_name", "log2FoldChange", "padj"]
        shown = rows[[name for name in columns if name in rows]]
        words = "Peaks in one set alone, with the values of the run that calls them, strongest first"
        parts.append(tabulated(shown, words))
    both = tests[0].index.intersection(tests[1].index)
    folds = [table.loc[both, "log2FoldChange"] for table in tests]
    gap = (folds[0] - folds[1]).abs()
    if gap.notna().any():
        parts.append(
            Text(
                (
                    f"Fold changes of the {int(gap.notna().sum()):,} peaks that both have: correlation "
                    f"{folds[0].corr(folds[1]):.4f}, largest difference {gap.max():.3g} in log2.",
                )
            )
        )
    finding = Finding(f"{contrast}: {'; '.join(said) or 'the same peaks are called'}.")
    return finding, Section(format.anchor("contrast", contrast), contrast, tuple(parts))


def _kept(a: pd.DataFrame, b: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Which rows of each set the other has too, by id."""
    return a.index.isin(b.index), b.index.isin(a.index)


def _overlapping(a: pd.DataFrame, b: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Which places of each set overlap one of the other; a peak without a place is kept by its id."""
    kept = list(_kept(a, b))
    for i, (own, others) in enumerate(((a, b), (b, a))):
        placed = own["chrom"].notna().to_numpy()
        kept[i][placed] = overlaps(own[placed], others.dropna(subset="chrom"))
    return kept[0], kept[1]


def _ranks(a: Run, b: Run) -> Part:
    """How ranks of factors and motifs moved."""
    rows, below, alike = [], [], True
    leading = f"of the first {LEADING} (and those tied) in both"
    for result, key, value, smallest in RANKED:
        for names in [names for names in a.found(result) if b.has(result, **names)]:
            name = a.path(result, **names).relative_to(a.folder).as_posix()
            tables_ = [run.table(result, **names) for run in (a, b)]
            if any(key not in table or value not in table for table in tables_):
                continue
            ranked = [_ranked(table, key, value, smallest) for table in tables_]
            alike = alike and ranked[0].equals(ranked[1])
            both = ranked[0].index.intersection(ranked[1].index)
            tops = [set(ranks.index[ranks <= LEADING]) for ranks in ranked]
            moved = pd.DataFrame({"A": ranked[0], "B": ranked[1]}).loc[sorted(tops[0] | tops[1])]
            changed = moved[moved["A"] != moved["B"]]
            rho = ranked[0][both].corr(ranked[1][both], method="spearman") if len(both) > 2 else np.nan
            rows.append({"table": name, "in both": len(both), "rank correlation": rho,
                         leading: len(tops[0] & tops[1])})  # fmt: skip
            if len(changed):
                below.append(_moved(changed, tables_[1], key, name))
    if not rows:
        return Finding("Factors and motifs: no table that both runs have."), None
    table = pd.DataFrame(rows)
    worst = table.loc[table["rank correlation"].idxmin()] if table["rank correlation"].notna().any() else None
    words = "ranks are the same" if alike else f"ranks of the first {LEADING} are the same, not of all"
    if below:
        words = "ranks of the leading ones differ"
    if worst is not None and not alike:
        words += f", least alike in {worst['table']} (rank correlation {worst['rank correlation']:.3f})"
    section = Section("ranks", "Ranks of factors and motifs", (tabulated(table, "Ranks", most=None), *below))
    return Finding(f"Factors and motifs: {words}."), section


def _ranked(table: pd.DataFrame, key: str, value: str, smallest: bool) -> pd.Series:
    """Rank by a score, the strongest 1; what was not tested has none."""
    scores = table.drop_duplicates(key).set_index(key)[value].dropna()
    return scores.rank(method="min", ascending=smallest)


def _moved(changed: pd.DataFrame, table: pd.DataFrame | None, key: str, name: str) -> Table:
    """Leaders of either run whose rank changed, by their better rank."""
    order = changed.min(axis=1).sort_values(kind="stable").index
    rows = changed.loc[order]
    labels = {} if table is None or "name" not in table else table.set_index(key)["name"].to_dict()
    shown = pd.DataFrame({key: rows.index, "name": [labels.get(one, "") for one in rows.index]})
    for run in ("A", "B"):
        shown[f"rank in {run}"] = [_rank(rank) for rank in rows[run]]
    return tabulated(shown, f"{name}: among the first {LEADING} of either, those that moved")


def _rank(rank: float) -> Cell:
    return Cell("not tested", order=1e9) if pd.isna(rank) else Cell(number(rank), order=rank)


def _quality(a: Run, b: Run) -> Part:
    """Values of the samples' quality and size factors that differ."""
    rows = []
    for key in ("quality", "size_factors"):
        tables_ = [run.find(key) for run in (a, b)]
        if tables_[0] is None or tables_[1] is None:
            continue
        one, two = (table.set_index("sample") for table in tables_ if table is not None)
        for sample in dict.fromkeys([*one.index, *two.index]):
            if sample not in one.index or sample not in two.index:
                rows.append(
                    {"sample": sample, "value": ABSENT + (" in A" if sample in two.index else " in B")}
                )
                continue
            for column in one.columns.intersection(two.columns, sort=False):
                pair = one.at[sample, column], two.at[sample, column]
                if pair[0] != pair[1] and not (pd.isna(pair[0]) and pd.isna(pair[1])):
                    rows.append(
                        {"sample": sample, "value": column, "A": _shown(pair[0]), "B": _shown(pair[1])}
                    )
    if not rows:
        return Finding("Samples: the same quality and size factors."), None
    table = tabulated(pd.DataFrame(rows), "Values that differ", most=None)
    words = f"Samples: values of quality and size factors that differ: {len(rows):,}."
    return Finding(words), Section("samples", "Samples", (table,))


def _shown(value) -> str:
    return value if isinstance(value, str) else number(value)


def _files(a: Run, b: Run) -> Part:
    """Tables of the results folders, byte by byte."""
    names = [_tables(run) for run in (a, b)]
    rows = []
    for name in sorted(set(names[0]) | set(names[1])):
        where = [name in found for found in names]
        if not all(where):
            rows.append((name, "only in A" if where[0] else "only in B"))
        elif checksums.sha256(a.folder / name) != checksums.sha256(b.folder / name):
            rows.append((name, "differs"))
    n = len(set(names[0]) & set(names[1]))
    if not rows:
        return Finding(f"Files: all {n:,} tables are the same, byte by byte."), None
    differing = sum(word == "differs" for _, word in rows)
    table = tabulated(
        pd.DataFrame(rows, columns=["table", "state"]), "Tables that are not the same", most=None
    )
    alone = len(rows) - differing
    words = f"Files: of {n:,} tables that both have, {differing:,} differ; {alone:,} are in one alone."
    return Finding(words), Section("files", "Files", (table,))


def _tables(run: Run) -> Sequence[str]:
    return [name for name in run.files() if name.endswith(COMPARED)]
