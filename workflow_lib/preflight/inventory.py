"""Input files, and what a look at them finds."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from workflow_lib.preflight.problems import Problem

OF_LABEL = {"peaks": "file", "regions": "set", "bam": "sample", "fragments": "sample"}
"""What the part of a label after the colon is, as the catalogue has it."""


@dataclass(frozen=True)
class Input:
    """One input file: what it is called in the contig table, and which key names it."""

    label: str
    kind: str
    path: str
    place: str


@dataclass
class Survey:
    """What the input files are found to hold.

    Attributes
    ----------
    contigs : dict of str to dict
        Input (fasta, annotation, peaks, bam:control_1, ...) to contig to length; None where a file does not
        give lengths.
    problems : list of Problem
    notes : list of str
        Sentences on what is odd and allowed.
    rows : dict of str to int
        Number of intervals of each input that was read for them.
    """

    contigs: dict[str, dict[str, int | None]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)

    @property
    def names(self) -> dict[str, list[str]]:
        """What the wildcards in the names of the table's columns stand for."""
        found: dict[str, list[str]] = {wildcard: [] for wildcard in OF_LABEL.values()}
        for kind, _, name in (label.partition(":") for label in self.contigs):
            if kind in OF_LABEL:
                found[OF_LABEL[kind]].append(name)
        return found

    def table(self) -> pd.DataFrame:
        """Contig by input: length (fasta, bam) or yes / no, and a verdict; rows in the genome's order.

        The verdict is `ok`, `lengths differ`, `not in fasta` or `not in bam`. A genome may have contigs
        without genes or peaks.
        """
        names = list(dict.fromkeys(name for known in self.contigs.values() for name in known))
        table = pd.DataFrame({"contig": pd.Series(names, dtype=object)})
        with_lengths = [label for label in self.contigs if label == "fasta" or label.startswith("bam:")]
        for label, known in self.contigs.items():
            if label in with_lengths:
                table[label] = pd.array([known.get(name) for name in names], dtype="Int64")
            else:
                table[label] = ["yes" if name in known else "no" for name in names]
        lengths = table[with_lengths].astype("Float64").to_numpy(float, na_value=np.nan)
        verdict = np.full(len(table), "ok", dtype=object)
        bams = [i for i, label in enumerate(with_lengths) if label != "fasta"]
        verdict[np.isnan(lengths[:, bams]).any(axis=1)] = "not in bam"
        if "fasta" in with_lengths:
            verdict[np.isnan(lengths[:, with_lengths.index("fasta")])] = "not in fasta"
        known = ~np.isnan(lengths)
        high = np.where(known, lengths, -np.inf).max(axis=1, initial=-np.inf)
        low = np.where(known, lengths, np.inf).min(axis=1, initial=np.inf)
        verdict[low < high] = "lengths differ"
        return table.assign(verdict=verdict)
