"""How many samples, or how many reads, the next study needs to find changes of a given size."""

import argparse
from pathlib import Path

from workflow_lib.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the question."""
    parser.add_argument("--fold", type=float, metavar="X", help="fold change to be found (default: several)")
    parser.add_argument(
        "--replicates", type=int, metavar="N", help="samples in each group (default: from 2 to 24)"
    )
    parser.add_argument("--reads", type=float, metavar="X", help="reads of a sample, times this study's")
    parser.add_argument(
        "--changed",
        type=float,
        default=0.05,
        metavar="SHARE",
        help="share of regions that change (default: 0.05)",
    )


def answer(asked: argparse.Namespace) -> str:
    """What a study like this one finds, as sentences and a table.

    Raises
    ------
    InputError
        If the run has no dispersions, or a number is out of bounds.
    """
    from workflow_lib.differential import power  # what it needs would slow down all questions
    from workflow_lib.results.run import Run

    run = Run.finished(Path(asked.results))
    for key in ("dispersions", "power"):
        if not run.has(key):
            raise InputError(f"{run.path(key)}: no such file; run the workflow once more to make it")
    study = run.table("power").query("study")
    if study.empty:
        raise InputError(f"{run.path('power')}: no row of this study, which has no replicates")
    _refuse_out_of_bounds(asked)
    table = power.table(
        run.table("dispersions"),
        int(study["replicates"].iloc[0]),
        alpha=run.alpha,
        changed=asked.changed,
        numbers=power.REPLICATES if asked.replicates is None else (asked.replicates,),
        reads=power.READS if asked.reads is None else sorted({1.0, 2.0, asked.reads}),
        fold_changes=power.FOLD_CHANGES if asked.fold is None else (asked.fold,),
    )
    shown = table[table["reads"] == (asked.reads or 1.0)]
    wide = shown.pivot(index="replicates", columns="fold_change", values="power")
    head = "Share of changed regions that are found, by samples in each group"
    if asked.reads:
        head += f", with {asked.reads:g} times this study's reads"
    lines = ["samples " + "".join(f"{f'{fold:g}-fold':>12}" for fold in wide)]
    for size, row in wide.iterrows():
        lines.append(f"{size:<8}" + "".join(f"{f'{100 * share:.0f} %':>12}" for share in row))
    return "\n".join([*power.sentences(table), "", head, *lines])


def _refuse_out_of_bounds(asked: argparse.Namespace) -> None:
    for option, value, fits, bounds in (
        ("--fold", asked.fold, lambda x: x > 1, "above 1, such as 1.5 (a halving is a fold change of 2)"),
        ("--replicates", asked.replicates, lambda x: x >= 2, "2 or more"),
        ("--reads", asked.reads, lambda x: x > 0, "above 0, such as 2"),
        ("--changed", asked.changed, lambda x: 0 < x < 1, "between 0 and 1, such as 0.05"),
    ):
        if value is not None and not fits(value):
            raise InputError(f"{option} {value:g}: give a number {bounds}")
