"""Files that open the tracks in genome browsers: an IGV session and a UCSC hub."""

import json
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd

from workflow_lib import intervals
from workflow_lib.io import tables
from workflow_lib.stats.forms import CALLED

PARTS_OF_NAME = re.compile(r"[^A-Za-z0-9_]")
LOCUS_FLANK = 10_000


@dataclass(frozen=True)
class Track:
    """A bigWig as browsers show it.

    Attributes
    ----------
    name, path, description : str
        The path is relative to the folder of the file that names the track.
    colour : str
        As `#RRGGBB`.
    """

    name: str
    path: str
    description: str
    colour: str


def of_samples(groups: Mapping[str, str], colours: Mapping[str, str]) -> list[Track]:
    """Tracks of all groups and samples: each group's mean, then its samples.

    Parameters
    ----------
    groups : mapping of sample to group
    colours : mapping of group to `#RRGGBB`
        As :func:`workflow_lib.plots.style.group_colours` gives them; their order is the tracks'.
    """
    found = []
    for group, colour in colours.items():
        members = [sample for sample, its_group in groups.items() if its_group == group]
        what = "insertions per base over size factor"
        mean = f"{group}: mean of {len(members)} samples, {what}" if len(members) > 1 else f"{group}: {what}"
        found.append(Track(group, f"{group}.bw", mean, colour))
        found += [Track(sample, f"{sample}.bw", f"{sample} ({group}): {what}", colour) for sample in members]
    return found


def opening_locus(peaks: pd.DataFrame) -> str:
    """Where a browser opens: around the peak of the highest score, 1-based as browsers have it."""
    best = peaks.iloc[int(np.argmax(peaks["score"].to_numpy(float)))]
    start, end = max(0, int(best["start"]) - LOCUS_FLANK), int(best["end"]) + LOCUS_FLANK
    return f"{best['chrom']}:{start + 1}-{end}"


def by_change(peaks: pd.DataFrame, differential: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Places whose score is how sure their change is, in whichever contrast; the peaks if none changed.

    Parameters
    ----------
    peaks : DataFrame
        chrom, start, end, score.
    differential : iterable of DataFrame
        peak, pvalue, direction.
    """
    called = pd.concat([table[table["direction"].isin(CALLED)] for table in differential])
    if called.empty:
        return peaks
    best = called.nsmallest(1, "pvalue")
    return intervals.parse_peak_ids(best["peak"]).assign(score=1.0)


def igv_session(
    tracks: Sequence[Track], *, genome: str | None, locus: str, features: Mapping[str, str]
) -> str:
    """Session file of IGV desktop and igv.js, in which all tracks share one scale.

    Parameters
    ----------
    tracks : sequence of Track
    genome : str or None
        Name of an assembly that IGV knows, or the relative path of a file of contigs and their lengths
        (`.chrom.sizes`); None leaves the genome that is open.
    locus : str
    features : mapping of name to relative path
        BED files, BEDPE files of arcs. A file that ends in `.gz` has a tabix index beside it.

    Returns
    -------
    str
        XML.
    """
    session = ElementTree.Element("Session", {"locus": locus, "nextAutoscaleGroup": "2", "version": "8"})
    if genome is not None:
        session.set("genome", genome)
    resources = ElementTree.SubElement(session, "Resources")
    for track in tracks:
        ElementTree.SubElement(resources, "Resource", {"path": track.path, "type": "bw"})
    for path in features.values():
        resource = {"path": path, "type": "bedpe" if path.endswith(".bedpe") else "bed"}
        if path.endswith(".gz"):
            resource["index"] = f"{path}.tbi"
        ElementTree.SubElement(resources, "Resource", resource)
    panel = ElementTree.SubElement(session, "Panel", {"name": "DataPanel", "height": str(50 * len(tracks))})
    for track in tracks:
        look = {
            **{"id": track.path, "name": track.name, "color": _rgb(track.colour)},
            **{"autoScale": "true", "autoscaleGroup": "1", "height": "45"},
            **{"renderer": "BAR_CHART", "windowFunction": "mean", "visible": "true"},
            "attributeKey": track.name,
        }
        ElementTree.SubElement(panel, "Track", look)
    below = ElementTree.SubElement(session, "Panel", {"name": "FeaturePanel", "height": "80"})
    for name, path in features.items():
        ElementTree.SubElement(below, "Track", {"id": path, "name": name, "attributeKey": name})
    ElementTree.indent(session)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(session, "unicode") + "\n"


def igv_genome(name: str, fasta: str, fai: str, gzi: str) -> str:
    """Genome file (JSON) of IGV for a FASTA with its indices; all three paths relative to that file."""
    content = {"id": name, "name": name, "fastaURL": fasta, "indexURL": fai}
    if fasta.endswith(".gz"):
        content |= {"compressedIndexURL": gzi}
    return json.dumps(content, indent=2) + "\n"


def hub(tracks: Sequence[Track], *, genome: str, own_genome: bool) -> dict[str, str]:
    """A UCSC track hub.

    Parameters
    ----------
    tracks : sequence of Track
    genome : str
        Name of the assembly.
    own_genome : bool
        The name was made up for lack of one: the hub says what UCSC needs to open it.

    Returns
    -------
    dict of file name to text
        hub.txt, genomes.txt, trackDb.txt.
    """
    stanza = [("genome", genome), ("trackDb", "trackDb.txt")]
    advice = (
        "# UCSC must know this name. If it is one of its assemblies, set genome.name in the configuration;\n"
        "# if not, add the lines twoBitPath, organism and defaultPos, which make this an assembly hub.\n"
    )
    stanzas = [
        [
            *(("track", "atacdiff"), ("superTrack", "on show"), ("shortLabel", "ATAC-seq")),
            ("longLabel", "ATAC-seq insertions per base over size factor"),
        ]
    ]
    for i, track in enumerate(tracks, 1):
        stanzas.append(
            [
                *(("track", f"t{i}_{PARTS_OF_NAME.sub('_', track.name)}"), ("parent", "atacdiff")),
                *(("type", "bigWig"), ("bigDataUrl", track.path)),
                *(("shortLabel", track.name), ("longLabel", track.description)),
                *(("color", _rgb(track.colour)), ("visibility", "full"), ("priority", str(i))),
                *(("autoScale", "group"), ("alwaysZero", "on"), ("windowingFunction", "mean")),
                ("maxHeightPixels", "100:40:8"),
            ]
        )
    about = [
        *(("hub", "atacdiff"), ("shortLabel", "atacdiff"), ("genomesFile", "genomes.txt")),
        *(("longLabel", "Chromatin accessibility by atacdiff"), ("email", "nobody@example.org")),
    ]
    return {
        "hub.txt": _ra([about]),
        "genomes.txt": (advice if own_genome else "") + _ra([stanza]),
        "trackDb.txt": _ra(stanzas),
    }


def write_session(
    folder: str | Path,
    tracks: Sequence[Track],
    peaks: pd.DataFrame,
    *,
    name: str | None,
    fasta: str | None = None,
    fai: str = "",
    gzi: str = "",
    contigs: pd.Series | None = None,
    features: Mapping[str, str],
) -> None:
    """Write igv_session.xml, what belongs to it, and the files of a hub into the tracks' folder.

    The session names nothing outside the results, so that it opens where only these are: an assembly without
    a name is shown by its contigs and lengths (genome.chrom.sizes). igv_genome.json shows its sequence too,
    where the FASTA is in its place.

    Parameters
    ----------
    folder : str or Path
    tracks : sequence of Track
    peaks : DataFrame
        chrom, start, end, score.
    name : str or None
        Name that UCSC and IGV have for the assembly.
    fasta, fai, gzi : str, optional
        The genome, for igv_genome.json.
    contigs : Series of lengths by contig, optional
        For the session where the assembly has no name.
    features : mapping of name to path
        BED files to show. All paths are as seen from where the program runs.
    """

    def seen(path: str) -> str:
        return path if posixpath.isabs(path) else posixpath.relpath(path, str(folder))

    stem = assembly_name(fasta)
    genome_file = igv_genome(name or stem, seen(fasta), seen(fai), seen(gzi)) if fasta else "{}\n"
    genome = name or ("genome.chrom.sizes" if contigs is not None else None)
    sizes = "" if contigs is None else "".join(f"{contig}\t{n}\n" for contig, n in contigs.items())
    shown = {label: seen(path) for label, path in features.items()}
    session = igv_session(tracks, genome=genome, locus=opening_locus(peaks), features=shown)
    texts = {"igv_session.xml": session, "igv_genome.json": genome_file, "genome.chrom.sizes": sizes}
    texts |= hub(tracks, genome=name or stem, own_genome=name is None)
    for file, text in texts.items():
        tables.write_text(text, Path(folder) / file)


def assembly_name(fasta: str | None) -> str:
    """What to call a genome that was given no name: its file, without folders and endings."""
    if fasta is None:
        return "unknown"
    return re.sub(r"(\.(fa|fasta|fna))?(\.b?gz)?$", "", posixpath.basename(fasta)) or "unknown"


def _ra(stanzas: Sequence[Sequence[tuple[str, str]]]) -> str:
    """UCSC's text format: a setting a line, an empty line after each stanza."""
    return "\n".join("".join(f"{key} {value}\n" for key, value in stanza) for stanza in stanzas)


def _rgb(colour: str) -> str:
    """`#RRGGBB` as `r,g,b`."""
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
