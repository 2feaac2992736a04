"""A run's results, read by the keys of the catalogue."""

import posixpath
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from workflow_lib import beside, intervals
from workflow_lib.errors import InputError
from workflow_lib.io import catalogue, records, tables


@dataclass(frozen=True)
class Run:
    """Where results are, which of them the run made, and the page that tells of them, if any.

    Parameters
    ----------
    folder : Path
        The results folder.
    page : Path, optional
        Addresses are relative to it; without a page they are paths.
    made : collection of str, optional
        Keys of the catalogue. Files of other keys are left-overs of another run and are passed over. By
        default the keys that the run wrote down, and of runs that did not, whatever is in the folder.
    given : mapping, optional
        `settings` and `samples` of the run; by default as the run wrote them down.
    """

    folder: Path
    page: Path | None = None
    made: Collection[str] | None = None
    given: Mapping[str, Any] | None = None
    _read: dict[Path, pd.DataFrame] = field(default_factory=dict, repr=False)

    @classmethod
    def finished(cls, folder: Path, page: Path | None = None) -> "Run":
        """A run that has come to results.

        Raises
        ------
        InputError
            If the folder has no differential tables.
        """
        run = cls(folder, page)
        if not run.found("differential"):
            raise InputError(f"{folder}: no differential tables; give the results folder of a finished run")
        return run

    @cached_property
    def record(self) -> Mapping[str, Any]:
        """Settings, samples and versions as the run wrote them down; empty of older runs."""
        if self.given is not None:
            return self.given
        path = self.folder / catalogue.get("run").path
        return records.read(path) if path.is_file() else {}

    def path(self, key: str, contrast: str | None = None, **names: str) -> Path:
        """Where a result is, whether it was made or not; of one in a folder without its name, the folder.

        Raises
        ------
        LookupError
            If the catalogue has no such key.
        KeyError
            If a name that the path needs is not given.
        """
        entry = catalogue.get(key)
        names = names if contrast is None else {"contrast": contrast, **names}
        whole = set(re.findall(r"\{(\w+)\}", entry.path)) <= set(names)
        return self.folder / (entry.path if whole else entry.output).format(**names)

    def has(self, key: str, contrast: str | None = None, **names: str) -> bool:
        """Whether the run made a result; without names that its path needs, any of it."""
        entry = catalogue.get(key)
        if not self._may_have(key):
            return False
        if contrast is None and not names and entry.wildcards:
            return bool(self.found(key))
        return self.path(key, contrast, **names).exists()

    def found(self, key: str) -> list[dict[str, str]]:
        """One mapping of wildcards to names for each file of a result, in order of the files."""
        entry = catalogue.get(key)
        if not self._may_have(key):
            return []
        named = re.compile(
            "".join(
                f"(?P<{part[1:-1]}>[^/]+)" if part.startswith("{") else re.escape(part)
                for part in re.split(r"(\{\w+\})", entry.path)
            )
        )
        paths = sorted(self.folder.glob(re.sub(r"\{\w+\}", "*", entry.path)))
        below = [path.relative_to(self.folder).as_posix() for path in paths]
        fitting = [one for one in below if catalogue.of_path(f"{catalogue.FOLDER}/{one}") == entry]
        names = [match.groupdict() for one in fitting if (match := named.fullmatch(one))]
        contrasts = self.record.get("settings", {}).get(
            "contrasts"
        )  # what others have left is not of the run
        return [one for one in names if not contrasts or one.get("contrast") in {None, *contrasts}]

    def _may_have(self, key: str) -> bool:
        made = self.made if self.made is not None else self.record.get("results") or None
        return made is None or key in made

    def table(self, key: str, contrast: str | None = None, **names: str) -> pd.DataFrame:
        """A table that the run made, read once."""
        path = self.path(key, contrast, **names)
        if path not in self._read:
            texts = [column.name for column in catalogue.get(key).columns if column.type == "text"]
            self._read[path] = tables.read_table(path, dtype=dict.fromkeys(texts, str))
        return self._read[path].copy()

    def find(self, key: str, contrast: str | None = None, **names: str) -> pd.DataFrame | None:
        """A table, or None if the run did not make it."""
        return self.table(key, contrast, **names) if self.has(key, contrast, **names) else None

    def href(self, key: str, contrast: str | None = None, **names: str) -> str:
        """Address of a result as seen from the page; without a page its path."""
        return self.address(self.path(key, contrast, **names))

    def address(self, path: Path) -> str:
        """Address of any file as seen from the page; without a page its path."""
        if self.page is None:
            return str(path)
        start = posixpath.dirname(str(self.page.resolve()))
        return posixpath.relpath(str(path.resolve()), start)

    def files(self) -> list[str]:
        """All files below the folder, in order."""
        paths = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return [path.relative_to(self.folder).as_posix() for path in paths]

    @property
    def settings(self) -> Mapping[str, Any]:
        """The configuration with all defaults; empty where it was not written down."""
        return self.record.get("settings", {})

    @cached_property
    def contrasts(self) -> list[str]:
        """Those tested, in the order of the configuration where it was written down."""
        found = [names["contrast"] for names in self.found("differential")]
        order = list(self.settings.get("contrasts", ()))
        return sorted(found, key=lambda name: (order.index(name) if name in order else len(order), name))

    def contrast(self, name: str) -> Mapping[str, Any]:
        """What a contrast compares, as the configuration says it."""
        return self.settings["contrasts"][name]

    @property
    def alpha(self) -> float:
        """Adjusted p-value below which the run calls a result."""
        nested = self.settings.get("differential", {}).get("alpha", 0.05)  # as runs of 1.0.0 wrote it
        return self.settings.get("alpha", nested)

    @cached_property
    def samples(self) -> pd.DataFrame:
        """The sample sheet, indexed by sample; empty where it was not written down."""
        return pd.DataFrame.from_dict(dict(self.record.get("samples", {})), orient="index")

    @cached_property
    def groups(self) -> pd.Series:
        """Group of each sample, as far as known."""
        noted = {name: row.get("group") for name, row in self.record.get("samples", {}).items()}
        quality = self.find("quality")
        if not noted and quality is not None:
            noted = dict(zip(quality["sample"], quality["group"], strict=True))
        return pd.Series(noted, dtype=object)

    @cached_property
    def peaks(self) -> pd.Index:
        """Ids of the peaks, in the order of the differential tables."""
        return pd.Index(self.table("differential", self.contrasts[0])["peak"], name="peak")

    def by_peak(self, key: str, contrast: str | None = None, **names: str) -> pd.DataFrame | None:
        """A table with a row for each peak, in the order of :attr:`peaks`; None if the run did not make it.

        Raises
        ------
        InputError
            If the table is of other peaks.
        """
        table = self.find(key, contrast, **names)
        path = str(self.path(key, contrast, **names))
        return None if table is None else beside.aligned(table, self.peaks, path)

    @cached_property
    def counts(self) -> pd.DataFrame | None:
        """Peaks by samples."""
        return self.by_peak("counts")

    @cached_property
    def size_factors(self) -> pd.Series | None:
        """Those of the tests, by sample."""
        table = self.find("size_factors")
        return None if table is None else table.set_index("sample")["used"]

    @cached_property
    def places(self) -> pd.DataFrame:
        """chrom, start, end of every peak, indexed by peak; None, 0, 0 where neither id nor table says."""
        known = self.find("peaks")
        try:
            return intervals.parse_peak_ids(self.peaks)
        except ValueError:  # names of the user's own
            if known is None:
                raise
        table = known.set_index("peak").reindex(self.peaks)[["chrom", "start", "end"]]
        return table.fillna({"start": 0, "end": 0}).astype({"start": "int64", "end": "int64"})

    def tests(self, contrast: str) -> pd.DataFrame:
        """The differential table of a contrast, indexed by peak."""
        path = str(self.path("differential", contrast))
        return beside.aligned(self.table("differential", contrast), self.peaks, path)

    @property
    def has_motifs(self) -> bool:
        return self.has("library")

    @cached_property
    def families(self) -> dict[str, str]:
        """Family of each motif that has one."""
        library = self.find("library")
        if library is None or "family" not in library:
            return {}
        return library.dropna(subset="family").set_index("motif_id")["family"].astype(str).to_dict()

    def clustered(self, table: pd.DataFrame) -> pd.DataFrame:
        """A table of motifs with the cluster of each, where the library has clusters."""
        library = self.table("library")
        if "cluster" not in library:
            return table
        return table.assign(cluster=table["motif_id"].map(library.set_index("motif_id")["cluster"]))

    @property
    def too_short(self) -> tuple[int, int]:
        """How many motifs cannot reach the p-value, left out or not, and how many there are."""
        found = [self.find(kind) for kind in ("library", "excluded")]
        reached = [
            reaches for table in found if table is not None for reaches in table.get("reaches_pvalue", [])
        ]
        return (reached.count(False), len(reached))
