"""Every stage, ours and the peers in turn, and how ours grows: writes benchmarks/RESULTS.md.

    python benchmarks/run.py [--quick] [--only STAGE ...] [--write]

Numbers are kept in .bench, so that stages can be measured one at a time and `--write` puts all together.
A quick run writes its RESULTS.md into .bench/quick and leaves the committed one alone.
"""

import argparse
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

STAGES = [
    module.STAGE for module in (counting, annotation, sequences, differential, scan, chromvar, site_profiles)
]
OTHERS = {"scaling": "growth of cost", "tobias": "TOBIAS on the demo"}


def write(folder: Path, picture: Path, target: Path, *, quick: bool) -> None:
    """RESULTS.md from whatever has been measured."""
    found = {}
    for stage in STAGES:
        path = folder / f"{stage.name}.json"
        if path.exists():
            found[stage.name] = harness.Found.load_from(path)
    extra = {}
    for name in OTHERS:
        path = folder / f"{name}.json"
        extra[name] = json.loads(path.read_text()) if path.exists() else None
    text = report.text(STAGES, found, extra["scaling"], extra["tobias"], picture.name, quick=quick)
    target.write_text(text)
    print(f"written: {target}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small sizes, minutes")
    names = [*(stage.name for stage in STAGES), *OTHERS]
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--write", action="store_true", help="measure nothing, write what is known")
    parser.add_argument("--repeat", type=int, default=harness.REPEAT)
    parser.add_argument(
        "--long", type=float, default=harness.LONG, help="CPU seconds above which once is enough"
    )
    parser.add_argument("--folder", type=Path, default=harness.FOLDER)
    asked = parser.parse_args()
    place = asked.folder / ("quick" if asked.quick else "full")
    place.mkdir(parents=True, exist_ok=True)
    home = place if asked.quick else Path(__file__).parent
    for stage in [] if asked.write else STAGES:
        if stage.name in asked.only:
            print(f"{stage.title}: {stage.size(asked.quick)}", flush=True)
            harness.run(stage, asked.folder, quick=asked.quick, repeat=asked.repeat, long=asked.long)
    if not asked.write and "scaling" in asked.only:
        print("Growth of cost", flush=True)
        scaling.measure(asked.folder, asked.quick, home / "scaling.svg", asked.repeat)
    if not asked.write and "tobias" in asked.only:
        print("TOBIAS", flush=True)
        peers_footprints.measure(place)
    write(place, home / "scaling.svg", home / "RESULTS.md", quick=asked.quick)


if __name__ == "__main__":
    main()
