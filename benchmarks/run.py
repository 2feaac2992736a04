"""Every stage, ours and the peers in turn, and how ours grows: writes benchmarks/RESULTS.md.

    python benchmarks/run.py [--quick] [--only STAGE ...] [--write]

Numbers are kept in .bench, so that stages can be measured one at a time and `--write` puts all together.
A quick run writes its RESULTS.md into .bench/quick and leaves the committed one alone.
"""

import json
from pathlib import Path

import annotation
import chromvar
import counting
import differential
import harness
import peers_footprints
import report
import scaling
import scan
import sequences
import site_profiles
import whole

STAGES = [
    module.STAGE for module in (counting, annotation, sequences, differential, scan, chromvar, site_profiles)
]
OTHERS = {"whole": whole, "scaling": scaling, "tobias": peers_footprints}


def write(folder: Path, target: Path, *, quick: bool) -> None:
    """RESULTS.md from whatever has been measured."""
    found = {}
    for stage in STAGES:
        path = folder / f"{stage.name}.json"
        if path.exists():
            found[stage.name] = harness.Found.load_from(path)
    others = {name: folder / f"{name}.json" for name in OTHERS}
    known = {name: json.loads(path.read_text()) for name, path in others.items() if path.exists()}
    text = report.text(STAGES, found, known, quick=quick)
    target.write_text(text)
    print(f"written: {target}")


def main() -> None:
    parser = harness.command_line(__doc__)
    names = [*(stage.name for stage in STAGES), *OTHERS]
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--write", action="store_true", help="measure nothing, write what is known")
    asked = parser.parse_args()
    place = harness.place(asked.folder, asked.quick)
    place.mkdir(parents=True, exist_ok=True)
    wanted = [] if asked.write else asked.only
    for stage in STAGES:
        if stage.name in wanted:
            print(f"{stage.title}: {stage.size(asked.quick)}", flush=True)
            harness.run(stage, asked.folder, quick=asked.quick, repeat=asked.repeat, long=asked.long)
    for name, module in OTHERS.items():
        if name in wanted:
            print(module.__doc__.partition("\n")[0], flush=True)
            module.measure(asked.folder, asked.quick, asked.repeat)
    write(place, harness.written(asked.folder, asked.quick, "RESULTS.md"), quick=asked.quick)


if __name__ == "__main__":
    main()
