"""Tracks for genome browsers: normalised insertions as bigWig, and the files that open them.

A track's value is the number of insertions per base over the sample's size factor, the mean of each bin of
10 bp; a group's is the mean of its samples. Every base of every nuclear contig has a value, 0 included: means
over windows are means over all their bases, and the sum over bases is the number of insertions over the size
factor.
"""

import json
import posixpath
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd

from workflow_lib.errors import InputError
from workflow_lib.fragments import FragmentStore
from workflow_lib.io import tables
from workflow_lib.io import tracks as track_files

BIN = 10
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


def bin_cuts(cuts: np.ndarray, length: int, size_factor: float, width: int = BIN) -> tuple:
    """Normalised insertions per base in the bins of one contig that have any.

    Parameters
    ----------
    cuts : array of int
        Sorted 0-based positions, with repeats.
    length : int
        Bases of the contig; its last bin may be narrower than the others.
    size_factor : float
        What counts are divided by.
    width : int
        Bases a bin.

    Returns
    -------
    bins : (n,) array of int64, ascending
    values : (n,) array of float64
    """
    bins = cuts.astype(np.int64) // width
    first = np.flatnonzero(np.r_[True, bins[1:] != bins[:-1]]) if len(bins) else np.empty(0, np.int64)
    n_cuts = np.diff(np.r_[first, len(bins)])
    bins = bins[first]
    n_bases = np.minimum(width, length - bins * width)
    return bins, n_cuts / n_bases / size_factor


def mean_of(binned: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Mean of several samples' bins, as :func:`bin_cuts` gives them; a bin that a sample lacks is 0 there."""
    if len(binned) == 1:
        return binned[0]
    bins = np.concatenate([bins for bins, _ in binned])
    order = np.argsort(bins, kind="stable")
    bins, values = bins[order], np.concatenate([values for _, values in binned])[order]
    if not len(bins):
        return bins, values
    first = np.flatnonzero(np.r_[True, bins[1:] != bins[:-1]])
    return bins[first], np.add.reduceat(values, first) / len(binned)


def cover(bins: np.ndarray, values: np.ndarray, length: int, width: int = BIN) -> tuple:
    """Intervals that cover a whole contig: bins with their values, 0 between them; equal neighbours are one.

    Parameters
    ----------
    bins, values : arrays
        As :func:`bin_cuts` gives them.
    length, width : int

    Returns
    -------
    starts, ends : (n,) arrays of int64
    values : (n,) array of float32
        No two neighbours are equal.
    """
    starts = bins * width
    ends = np.minimum(starts + width, length)
    # A stretch of zeros begins where a bin ends and no other begins, and at 0.
    gaps = ends[:-1][starts[1:] > ends[:-1]] if len(starts) else np.empty(0, np.int64)
    if not len(starts) or starts[0] > 0:
        gaps = np.r_[0, gaps]
    if len(starts) and ends[-1] < length:
        gaps = np.r_[gaps, ends[-1]]
    starts = np.r_[starts, gaps]
    values = np.r_[values, np.zeros(len(gaps))].astype(np.float32)
    order = np.argsort(starts, kind="stable")
    starts, values = starts[order], values[order]
    kept = np.r_[True, values[1:] != values[:-1]]
    starts, values = starts[kept], values[kept]
    return starts, np.r_[starts[1:], length], values


def write(
    path: str | Path,
    stores: Mapping[str, str | Path],
    size_factors: pd.Series,
    contigs: pd.Series | None = None,
    *,
    leave_out: Collection[str] = (),
) -> float:
    """Write the bigWig of one sample, or the mean of several.

    Parameters
    ----------
    path : str or Path
    stores : mapping of sample to path
        Stores of cut sites. One contig of one store is in memory at a time, besides the bins of the others.
    size_factors : Series
        By sample; counts are divided by them.
    contigs : Series, optional
        Lengths by name, in genome order; without it, those of the first store.
    leave_out : collection of str
        Contigs without a track, such as the mitochondrial one.

    Returns
    -------
    float
        Sum of all values over all bases: the mean of insertions over size factor.

    Raises
    ------
    InputError
        If a size factor is missing or not above zero, or a cut lies past its contig's end.
    """
    bad = [name for name in stores if not size_factors.get(name, np.nan) > 0]
    if bad:
        raise InputError(
            f"sample {bad[0]}: has no size factor above zero, so its track cannot be scaled; "
            "look at results/differential/size_factors.tsv, or leave the sample out of the sheet"
        )
    if contigs is None:
        contigs = pd.Series(FragmentStore.read(next(iter(stores.values())), contigs=()).contigs)
    contigs = contigs[~contigs.index.isin(list(leave_out))]
    total = 0.0

    def intervals() -> Iterator[tuple[str, np.ndarray, np.ndarray, np.ndarray]]:
        nonlocal total
        for batch in batches(contigs):
            binned: dict[str, list] = {name: [] for name in batch}
            for sample, store_path in stores.items():
                store = FragmentStore.read(store_path, contigs=set(batch))
                for name in batch:
                    cuts, length = store.cuts(name), int(contigs[name])
                    if len(cuts) and cuts[-1] >= length:
                        raise InputError(
                            f"sample {sample}: has a cut at {cuts[-1]} of {name}, which ends at {length}; "
                            "give the FASTA that the reads were mapped to"
                        )
                    binned[name].append(bin_cuts(cuts, length, float(size_factors[sample])))
            for name in batch:
                starts, ends, values = cover(*mean_of(binned.pop(name)), int(contigs[name]))
                total += float(np.dot(values, ends - starts))
                yield name, starts, ends, values

    track_files.write_bigwig(path, contigs, intervals())
    return total


def batches(contigs: pd.Series) -> list[list[str]]:
    """Contigs in their order, together as far as they are no longer than the longest alone.

    A store is opened once a batch: thousands of scaffolds cost little, and memory stays that of one contig.
    """
    limit = contigs.max() if len(contigs) else 0
    found: list[list[str]] = []
    filled = 0
    for name, length in contigs.items():
        if not found or filled + length > limit:
            found.append([])
            filled = 0
        found[-1].append(str(name))
        filled += length
    return found


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


def igv_session(
    tracks: Sequence[Track], *, genome: str | None, locus: str, features: Mapping[str, str]
) -> str:
    """Session file of IGV desktop and igv.js, in which all tracks share one scale.

    Parameters
    ----------
    tracks : sequence of Track
    genome : str or None
        Name of an assembly that IGV knows, or the relative path of a genome file (see :func:`igv_genome`);
        None leaves the genome that is open.
    locus : str
    features : mapping of name to relative path
        BED files.

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
        ElementTree.SubElement(resources, "Resource", {"path": path, "type": "bed"})
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
    features: Mapping[str, str],
) -> None:
    """Write igv_session.xml, igv_genome.json, hub.txt, genomes.txt and trackDb.txt into the tracks' folder.

    Parameters
    ----------
    folder : str or Path
    tracks : sequence of Track
    peaks : DataFrame
        chrom, start, end, score.
    name : str or None
        Name that UCSC and IGV have for the assembly.
    fasta, fai, gzi : str, optional
        The genome, for IGV to open where it has no name.
    features : mapping of name to path
        BED files to show. All paths are as seen from where the program runs.
    """

    def seen(path: str) -> str:
        return path if posixpath.isabs(path) else posixpath.relpath(path, str(folder))

    stem = assembly_name(fasta)
    genome_file = igv_genome(name or stem, seen(fasta), seen(fai), seen(gzi)) if fasta else "{}\n"
    genome = name or ("igv_genome.json" if fasta else None)
    shown = {label: seen(path) for label, path in features.items()}
    session = igv_session(tracks, genome=genome, locus=opening_locus(peaks), features=shown)
    texts = {"igv_session.xml": session, "igv_genome.json": genome_file}
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
