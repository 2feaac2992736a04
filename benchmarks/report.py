"""What benchmarks/RESULTS.md says, from the numbers measured."""

import textwrap
from pathlib import Path

import harness
from scaling import PICTURE, UNIT, slope

import workflow_lib

SAMPLES = 6
TOP = 15
"""Rules of the whole run that are listed, the costliest."""
WHOLE_RUN = {
    # stage: times in a run of six BAMs, and the peer that stands for it
    "counting": (SAMPLES, "featureCounts"),
    "annotation": (1, "pyranges, read_gtf and nearest"),
    "sequences": (1, "pyfaidx, peak by peak"),
    "differential": (1, "pydeseq2"),
    "scan": (1, "lightmotif, as exprmat does"),
    "chromvar": (1, "pychromVAR"),
    "site_profiles": (2, "slices of a CSR matrix, one group"),
}
INTRODUCTION = """# Side by side with the peers

Written by `make bench` (`make bench QUICK=1` for a look in minutes); only the remarks on machine and load
are of one run. Every contender is a process of its own on one core, ours and the peers in turn on the same
inputs. CPU seconds are user and system, of the process and all that it starts, medians of three; one run
where the column *runs* says so (what takes longer than the limit is not repeated). Unless a stage says
"whole processes", they are of the work alone: start, imports and reading of what all share are left out on
both sides. Memory is the most that a process held. The ratio is the peer's CPU seconds over ours. "Level"
is 0.9 or more. *Reference* are the peer's seconds on another machine, in whose terms the goals were set.
"""
REMARKS = """
- **lightmotif as exprmat does** (the system that this one replaces): for each motif the windows of both
  strands are joined and striped anew, every position is scored, and those above the threshold are kept. Its
  scanner on one text is far faster: about as fast as ours with MOODS, slower than our index. Both work in
  32 bits and so lose motifs whose threshold is their best score (short ones).
- **MOODS sequence by sequence** loses hits of motifs shorter than its window at the ends of sequences.
- **pychromVAR** gives other numbers: it resamples which motifs a peak has, where chromVAR (and the loop,
  and ours) resamples the counts.
- **Footprint, ours** from files is nearly all the reading of the stores, which a run does once for all motifs
  and here is done for one; the profile itself takes milliseconds ("cuts in memory"). What other ways of
  storing would give: [ADR 104](../docs/adr/104-stores-stay-compressed.md).
- **Slices of a CSR matrix** are written anew from a description of exprmat; scipy reads all fragments of
  the group for every slice, so their cost is sites times fragments. The first sites are timed and the rest
  computed.
- **samtools view -c** counts records and does nothing else: the floor of reading a BAM. Ours writes the store
  of cut sites and the quality measures too, which no peer does, and pays for its start (about a second).
- **R DESeq2** and pydeseq2 fit and test without shrinkage, as ours does here.
"""


ALIKE = """
Corrected profiles of the control group at the same sites, ours against TOBIAS's, within 60 bp of the centre:

"""


def seconds(line: harness.Line) -> float:
    return line.cpu if line.work is None else line.work


def number(value: float) -> str:
    """Three digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def table(header: list[str], rows: list[list[str]]) -> str:
    """In Markdown."""
    return "".join(f"| {' | '.join(row)} |\n" for row in [header, ["---"] * len(header), *rows])


def stage_rows(stage: harness.Stage, found: harness.Found, quick: bool) -> list[list[str]]:
    """A row for each contender that was measured, and for each that was not; goals are for full sizes."""
    goals = {each.label: each for each in stage.contenders}
    rows = []
    for line in harness.lines(stage, found):
        goal = goals[line.label]
        met = "" if quick else {None: "", True: "yes", False: "**no**"}[line.met]
        runs = f"{line.n}" + (", part" if line.part < 1 else "")
        row = [stage.title, line.label, number(seconds(line)), f"{line.gb:.2f}", runs]
        rows.append([*row, number(line.ratio) if line.ratio else "", goal.goal_text, met, goal.reference])
    for label, why in found.absent.items():
        rows.append(
            [stage.title, label, "absent", "", "", "", goals[label].goal_text, why, goals[label].reference]
        )
    return rows


def whole_run(stages: list[harness.Stage], found: dict[str, harness.Found]) -> str:
    """The stages of a run from six BAMs of 5 million pairs added up."""
    rows, sums = [], [0.0, 0.0]
    for stage in stages:
        times, peer = WHOLE_RUN[stage.name]
        if stage.name not in found:
            continue
        known = {line.label: line for line in harness.lines(stage, found[stage.name])}
        if peer not in known:
            continue
        against = next(each.against for each in stage.contenders if each.label == peer)
        both = [times * seconds(known[label]) for label in (against, peer)]
        sums = [a + b for a, b in zip(sums, both, strict=True)]
        rows.append([f"{times} x {stage.title}" if times > 1 else stage.title, peer, *map(number, both)])
    rows.append(["**Sum**", "", *map(number, sums)])
    ratio = f"{sums[1] / sums[0]:.1f}" if sums[0] else "-"
    return (
        "## The stages of a whole run\n\nSix BAMs of 5 million pairs each, the stages above added up (CPU "
        f"seconds): the peers take {ratio} times as long as ours.\n\n"
        + table(["stage", "peer", "ours", "peer"], rows)
    )


def measured(whole: dict) -> str:
    """The workflow itself, from six BAMs to the report."""
    size, rules = whole["size"], whole["rules"]
    rows = [[rule, f"{n}", number(cpu), f"{gb:.2f}"] for rule, n, cpu, gb in rules[:TOP]]
    rest = rules[TOP:]
    if rest:
        n, cpu = (sum(each[i] for each in rest) for i in (1, 2))
        rows.append([f"{len(rest)} more", f"{n}", number(cpu), f"{max(each[3] for each in rest):.2f}"])
    about = (
        f"The workflow on one core, from {SAMPLES} BAMs of {size['reads'] // 2:,} pairs, {size['peaks']:,} "
        f"peaks, a GTF of {size['lines']:,} lines and {whole['motifs']:,} motifs to the report with all its "
        f"figures: {number(whole['cpu'])} CPU seconds in {whole['seconds'] / 60:.0f} minutes, the largest "
        f"process {whole['gb']:.2f} GB. The genome is a tenth of a human one in length. No peer does all of "
        "it. The costliest rules, as Snakemake samples them:"
    )
    header = ["rule", "jobs", "CPU s", "GB"]
    return f"## A whole run, measured\n\n{textwrap.fill(about, 110)}\n\n{table(header, rows)}"


def growth(scaling: dict) -> str:
    rows = []
    for axis, stages in scaling["axes"].items():
        for name, line in stages.items():
            sizes = " to ".join(f"{size:,.0f}" for size in (line[0][0], line[-1][0]))
            took = " to ".join(number(each) for each in (line[0][1], line[-1][1]))
            rows.append([UNIT[axis].lower(), name, sizes, took, f"{slope(line):.2f}"])
    runs = f"medians of {scaling['repeat']}" if scaling["repeat"] > 1 else "one run each"
    return (
        f"## How cost grows\n\n![CPU time against size]({PICTURE})\n\nSlopes of log CPU seconds on "
        f"log size, ours, {runs}: 1 is in proportion, less is a fixed part that still weighs.\n\n"
        + table(["grows", "stage", "from, to", "CPU s", "slope"], rows)
    )


def footprints(said: dict) -> str:
    """What TOBIAS and ours say on the demo."""
    if "absent" in said:
        return f"## TOBIAS\n\nNot run: {said['absent']}.\n"
    names, rows = {"tobias": "TOBIAS", "ours": "ours"}, []
    for labels, by_tool in said["calls"].items():
        for tool, n in by_tool.items():
            small = f"{n['small']:,} ({n['small'] / max(n['n'], 1):.0%})"
            rows.append(
                [labels, names[tool], f"{n['n']:,}", small, f"{n['adjusted']:,}", f"{n.get('marked', '')}"]
            )
    calls = table(["labels", "tool", "motifs", "p < 0.05", "BH, 5 %", "highlighted by BINDetect"], rows)
    rows = [[one["name"], one["role"], f"{one['n_sites']:,}", f"{one['r']:.2f}"] for one in said["alike"]]
    alike = ALIKE + table(["motif", "planted as", "sites", "correlation"], rows) if rows else ""
    cost = said["cost"]
    took = {tool: f"{number(each['cpu'])} CPU s and {each['gb']:.2f} GB" for tool, each in cost.items()}
    about = (
        f"Two groups of three samples, one core: {said['version']} (pooling reads, ATACorrect, ScoreBigwig, "
        "BINDetect) "
        f"{took['tobias']}, ours (bias of each sample, scores, tests; from cut sites and hits) "
        f"{took['ours']}: {number(cost['tobias']['cpu'] / cost['ours']['cpu'])} times the CPU seconds."
    )
    return f"""## TOBIAS on the demo's BAMs

{textwrap.fill(about, 110)}

What each calls changed between the true groups, and between two groups of one control and one treated sample
each ("permuted": nothing differs but chance, so that every call is false). TOBIAS scans at its own p = 1e-4
and compares scores of reads pooled by group at sites with those at other positions; ours compares samples:

{calls}{alike}"""


TRUTH = Path(__file__).with_name("truth.md")
"""Whether answers are right, beside other methods: long studies, whose tables are put in by hand."""


def text(stages: list[harness.Stage], found: dict, known: dict, *, quick: bool = False) -> str:
    """The whole file; what has not been measured is left out, and named at the end.

    Parameters
    ----------
    stages : list of Stage
    found : dict of stage's name to Found
    known : dict of `whole`, `scaling` and `tobias` to their numbers
    quick : bool
    """
    loads = [value for each in found.values() for value in each.load]
    header = ["stage", "contender", "CPU s", "GB", "runs", "ratio", "goal", "met", "reference"]
    rows = [
        row for stage in stages if stage.name in found for row in stage_rows(stage, found[stage.name], quick)
    ]
    sizes = [f"- **{stage.title}**: {found[stage.name].size}." for stage in stages if stage.name in found]
    versions = sorted({known for each in found.values() for known in each.versions.values() if known})
    load = f"Load average {min(loads):.0f} to {max(loads):.0f}" if loads else "Nothing measured"
    parts = [
        INTRODUCTION,
        f"Ours: atacdiff {workflow_lib.__version__}.\n",
        f"Machine: {harness.machine()}. {load}: above 1 others were at work, and neighbours on the same "
        "caches cost CPU seconds too; ratios suffer less, as contenders take turns.\n",
        "Peers: " + "; ".join(versions) + ".\n",
        "## Stages\n\n" + "\n".join(sizes) + "\n\n" + table(header, rows) + REMARKS,
        whole_run(stages, found),
    ]
    more = {"whole": measured, "scaling": growth, "tobias": footprints}
    parts += [write(known[name]) for name, write in more.items() if name in known]
    if not quick:
        parts.append(TRUTH.read_text())
    missing = [stage.name for stage in stages if stage.name not in found]
    missing += [name for name in more if name not in known]
    if missing:
        again = f"`python benchmarks/run.py --only {' '.join(missing)}`"
        parts.append(f"## Not measured in this run\n\n{', '.join(missing)}: {again} adds them.\n")
    return "\n".join(parts)
