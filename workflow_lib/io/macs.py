"""MACS, the peak caller: a program of its own, run on intervals in text files."""

import csv
import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from workflow_lib.errors import InputError

PROGRAMS = ("macs3", "macs2")
"""In the order of preference; Debian's package `macs` holds macs2."""
INSTALL = "pip install macs3, conda install -c bioconda macs3, or apt-get install macs"
COLUMNS = ("chrom", "start", "end", "name", "score", "strand", "signal", "pvalue", "qvalue", "summit")
LINES_SHOWN = 15

log = logging.getLogger("atacdiff")


def program() -> str | None:
    """The first of `PROGRAMS` that is on the PATH; None if there is none."""
    return next((name for name in PROGRAMS if shutil.which(name)), None)


def call(
    paths: Sequence[str | Path], *, fragments: bool, genome_size: float, cutoff: tuple[str, float]
) -> pd.DataFrame:
    """Run `callpeak` on intervals, all files together.

    Parameters
    ----------
    paths : sequence of path
        Text files, as :func:`workflow_lib.io.bed.write_cuts` or `write_fragments` writes them.
    fragments : bool
        Intervals are fragments, piled up as they are; otherwise cuts, each of which counts for the 150 bp
        around it.
    genome_size : float
        Bases on which reads can lie.
    cutoff : ("q" or "p", float)

    Returns
    -------
    DataFrame
        The columns of a narrowPeak, `summit` being an offset from start, as text; -log10 of p and q. Maybe
        empty, in no particular order.

    Raises
    ------
    InputError
        If there is no such program, or it fails: with the end of what it said.

    Notes
    -----
    `--shift -75 --extsize 150` moves back from a 5' end by 75 and extends by 150: the middle is the cut.
    `--keep-dup all`, since marked duplicates are gone and two cuts at one base are two.
    """
    name = program()
    if name is None:
        raise InputError(
            f"peaks.call: neither {' nor '.join(PROGRAMS)} is on the PATH; install one: {INSTALL}"
        )
    kind, value = cutoff
    how = ["BEDPE"] if fragments else ["BED", "--nomodel", "--shift", "-75", "--extsize", "150"]
    with tempfile.TemporaryDirectory() as folder:
        command = [name, "callpeak", "-t", *map(str, paths), "-f", *how, "--keep-dup", "all"]
        command += [
            "-g",
            f"{genome_size:.6g}",
            f"-{kind}",
            f"{value:g}",
            "-n",
            "atacdiff",
            "--outdir",
            folder,
        ]
        log.info("%s", " ".join(command))
        # A fixed seed of hashes: contigs are held in sets, and sums of floats depend on their order.
        done = subprocess.run(
            command,
            env={**os.environ, "PYTHONHASHSEED": "0"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        log.debug("%s", done.stdout)
        made = Path(folder) / "atacdiff_peaks.narrowPeak"
        if done.returncode or not made.is_file():
            said = "\n".join(done.stdout.splitlines()[-LINES_SHOWN:])
            raise InputError(f"{name} callpeak failed (exit {done.returncode}); its last words:\n{said}")
        types = {name: int if name in ("start", "end", "summit") else str for name in COLUMNS}
        plain = {"sep": "\t", "header": None, "quoting": csv.QUOTE_NONE, "na_filter": False}
        return pd.read_csv(made, names=list(COLUMNS), dtype=types, **plain)
