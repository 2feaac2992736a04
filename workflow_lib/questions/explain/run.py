"""A finished run's results folder: tables that are there, and pictures."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

import workflow_lib
from workflow_lib import intervals
from workflow_lib.errors import InputError
from workflow_lib.io import images, records, tables
from workflow_lib.report import files
from workflow_lib.report.content import Content, Figure, Finding, Section

TESTS = ".tsv.gz"
STAGES = (
    ("annotation/peaks.tsv.gz", "genes of the peaks"),
    ("motifs/library.tsv", "motifs"),
    ("chromvar/variability.tsv", "chromVAR"),
    ("footprints/scores.tsv.gz", "footprints"),
    ("linkage/links.tsv.gz", "links of peaks with genes"),
    ("loci", "pictures of places"),
)


@dataclass(frozen=True)
class Run:
    """Where the results are, and the page that tells of them, if any.

    Raises
    ------
    InputError
        If the folder has no differential tables.
    """

    folder: Path
    page: Path | None = None
    _read: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if not any((self.folder / "differential").glob(f"*{TESTS}")):
            raise InputError(
                f"{self.folder}: no differential tables; give the results folder of a finished run"
            )

    def has(self, name: str) -> bool:
        return (self.folder / name).exists()

    def table(self, name: str) -> pd.DataFrame | None:
        """A table below the folder, read once; None if the run has none of that name."""
        if not self.has(name):
            return None
        if name not in self._read:
            self._read[name] = tables.read_table(self.folder / name, dtype={"representative": str})
        return self._read[name]

    def names(self, pattern: str) -> list[str]:
        """Names of result files that fit a pattern, in order."""
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.glob(pattern))

    @cached_property
    def contrasts(self) -> list[str]:
        """In the order of the configuration where it was recorded."""
        found = [name.split("/")[-1].removesuffix(TESTS) for name in self.names(f"differential/*{TESTS}")]
        found = [name for name in found if name != "dispersions"]
        order = list(self.record.get("settings", {}).get("contrasts", ()))
        return sorted(found, key=lambda name: (order.index(name) if name in order else len(order), name))

    @cached_property
    def record(self) -> dict:
        """Settings, samples and versions as the run wrote them down; empty of older runs."""
        path = self.folder / records.NAME
        return records.read(path) if path.is_file() else {}

    @property
    def alpha(self) -> float:
        """Adjusted p-value below which the run calls a result."""
        return self.record.get("settings", {}).get("differential", {}).get("alpha", 0.05)

    @cached_property
    def groups(self) -> pd.Series:
        """Group of each sample, as far as known."""
        noted = {name: row.get("group") for name, row in self.record.get("samples", {}).items()}
        quality = self.table("qc/samples.tsv")
        if not noted and quality is not None:
            noted = dict(zip(quality["sample"], quality["group"], strict=True))
        return pd.Series(noted, dtype=object)

    @cached_property
    def counts(self) -> pd.DataFrame | None:
        """Peaks by samples."""
        table = self.table("counts/counts.tsv.gz")
        return None if table is None else table.set_index("peak")

    @cached_property
    def size_factors(self) -> pd.Series | None:
        """Those of the tests, by sample."""
        table = self.table("differential/size_factors.tsv")
        return None if table is None else table.set_index("sample")["used"]

    @cached_property
    def places(self) -> pd.DataFrame:
        """chrom, start, end of every peak, indexed by peak."""
        table = self.table(f"differential/{self.contrasts[0]}{TESTS}")
        assert table is not None
        return intervals.parse_peak_ids(table["peak"])

    @cached_property
    def families(self) -> dict[str, str]:
        """Family of each motif that has one."""
        library = self.table("motifs/library.tsv")
        if library is None or "family" not in library:
            return {}
        return library.dropna(subset="family").set_index("motif_id")["family"].to_dict()

    def tests(self, contrast: str) -> pd.DataFrame:
        """The differential table of a contrast, indexed by peak."""
        table = self.table(f"differential/{contrast}{TESTS}")
        assert table is not None
        return table.set_index("peak")

    def href(self, name: str) -> str:
        """Address of a result as seen from the page; without a page its path."""
        path = self.folder / name
        if self.page is None:
            return str(path)
        return files.relative(str(path.resolve()), str(self.page.resolve()))

    def figure(self, name: str, alt: str, caption: str, *, wide: bool = False) -> Figure | None:
        """A picture of the run, if it drew it."""
        path = self.folder / name
        return Figure(images.data_uri(path), alt, caption, self.href(name), wide) if path.is_file() else None

    @property
    def missing(self) -> tuple[tuple[str, str], ...]:
        """Stages without results, each with the reason as far as the run wrote it down."""
        told = "; ".join(f"{stage}: {reason}" for stage, reason in self.record.get("skipped", ()))
        why = f"left out, see the report ({told})" if told else "it did not make them"
        return tuple((stage, why) for name, stage in STAGES if not self.has(name))

    def content(
        self,
        title: str,
        sentences: Sequence[Finding],
        sections: Sequence[Section | None],
    ) -> Content:
        """A page of the sections that have something to say."""
        kept = tuple(section for section in sections if section is not None)
        return Content(
            title,
            tuple(sentences),
            skipped=self.missing,
            sections=kept,
            version=workflow_lib.__version__,
        )
