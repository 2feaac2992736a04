"""How our CPU seconds grow with peaks, motifs, samples and reads: a log-log plot and its slopes.

    python benchmarks/scaling.py [--quick] [--folder FOLDER]

Each point is a process of its own on inputs of its own, the median of three; work alone, without start.
"""

import argparse
import importlib
import json
import math
import statistics
import sys
from pathlib import Path

import harness

PICTURE = "scaling.svg"
STEPS = (1, 2, 4, 8)
# by axis and stage: sizes at the first step, and which of them grows
GROWING = {
    "peaks": {
        "scan": ((6_000, 200), 0),
        "differential": ((6_000, 6), 0),
        "chromvar": ((6_000, 500, 6), 0),
    },
    "motifs": {"scan": ((4_000, 200), 1), "chromvar": ((12_000, 200, 6), 1)},
    "samples": {"differential": ((6_000, 6), 1), "chromvar": ((12_000, 500, 6), 2)},
    "reads": {"counting": ((500_000, 5_000), 0)},
}
UNIT = {"peaks": "Peaks", "motifs": "Motifs", "samples": "Samples", "reads": "Reads"}


def points(folder: Path, quick: bool, repeat: int) -> dict[str, dict[str, list[list[float]]]]:
    """Size, CPU seconds and GB of every point, by axis and stage."""
    found: dict[str, dict[str, list[list[float]]]] = {}
    for axis, stages in GROWING.items():
        for name, (sizes, which) in stages.items():
            line = found.setdefault(axis, {}).setdefault(name, [])
            for step in STEPS[:2] if quick else STEPS:
                now = [each * step if i == which else each for i, each in enumerate(sizes)]
                job = [__file__, "--prepare", name, "--sizes", *map(str, now)]
                inputs = harness.prepared(folder / "-".join(map(str, (name, *now))), job)
                script = str(Path(__file__).with_name(f"{name}.py"))
                runs = [harness.run_worker(script, "ours", inputs) for _ in range(repeat)]
                seconds = statistics.median(run.work for run in runs)
                line.append([now[which], seconds, max(run.gb for run in runs)])
                print(f"  {axis:8} {name:14} {now[which]:>10,} {seconds:8.3f} CPU s", flush=True)
    return found


def slope(line: list[list[float]]) -> float:
    """Of log seconds on log size, least squares."""
    x = [math.log(size) for size, _, _ in line]
    y = [math.log(max(seconds, 1e-3)) for _, seconds, _ in line]
    return statistics.linear_regression(x, y).slope


def draw(found: dict[str, dict[str, list[list[float]]]], path: Path) -> None:
    """One panel an axis."""
    from workflow_lib.plots import style

    colours = style.group_colours({name for stages in found.values() for name in stages})
    with style.context():
        figure = style.figure(3.2 * len(found), 3.4)
        for axes, (axis, stages) in zip(
            figure.subplots(1, len(found), sharey=True), found.items(), strict=True
        ):
            for name, line in stages.items():
                size, seconds, _ = zip(*line, strict=True)
                label = f"{name} {slope(line):.2f}"
                axes.loglog(size, seconds, "o-", color=colours[name], label=label)
            axes.set_xticks(size, [f"{each:,.0f}" for each in size], rotation=30)
            axes.minorticks_off()
            axes.set_xlabel(UNIT[axis])
            axes.legend(title="slope")
        longest = max(
            seconds for stages in found.values() for line in stages.values() for _, seconds, _ in line
        )
        figure.axes[0].set_ylim(top=8 * longest)  # room for the legends
        figure.axes[0].set_ylabel("CPU time (s)")
        figure.axes[0].yaxis.set_major_formatter(style.plain_number)
    style.save(figure, path)


def measure(folder: Path, quick: bool, repeat: int = harness.REPEAT) -> None:
    """Measure, keep the numbers as `scaling.json` in the folder, and draw them in a process of its own."""
    place = harness.place(folder, quick)
    found = {"repeat": repeat, "axes": points(place / "scaling", quick, repeat)}
    (place / "scaling.json").write_text(json.dumps(found, indent=1) + "\n")
    picture = str(harness.written(folder, quick, PICTURE))
    harness.execute([sys.executable, __file__, "--draw", picture, "--folder", str(place)])


def main() -> None:
    parser = harness.command_line(__doc__)
    parser.add_argument("--prepare", help=argparse.SUPPRESS)
    parser.add_argument("--sizes", type=int, nargs="+", help=argparse.SUPPRESS)
    parser.add_argument("--draw", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.prepare:
        importlib.import_module(asked.prepare).prepare_sizes(asked.folder, *asked.sizes)
    elif asked.draw:
        draw(json.loads((asked.folder / "scaling.json").read_text())["axes"], asked.draw)
    else:
        measure(asked.folder, asked.quick, asked.repeat)


if __name__ == "__main__":
    main()
