"""Where a run's results are, and how a report reads them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from workflow_lib.io import images, tables
from workflow_lib.plots import logos
from workflow_lib.report import files
from workflow_lib.report.content import Figure


@dataclass(frozen=True)
class Run:
    """Where results are, and what their tables are read with."""

    results: Mapping[str, Any]
    report: str
    settings: Mapping
    contrasts: Mapping[str, Mapping[str, str]]
    samples: pd.DataFrame

    @property
    def alpha(self) -> float:
        return self.settings["alpha"]

    @property
    def has_motifs(self) -> bool:
        return "library" in self.results

    @cached_property
    def families(self) -> dict[str, str]:
        """Family of each motif that has one."""
        library = tables.read_table(self.results["library"])
        if "family" not in library:
            return {}
        return library.dropna(subset="family").set_index("motif_id")["family"].astype(str).to_dict()

    def clustered(self, table: pd.DataFrame) -> pd.DataFrame:
        """A table of motifs with the cluster of each, where the library has clusters."""
        library = tables.read_table(self.results["library"])
        if "cluster" not in library:
            return table
        return table.assign(cluster=table["motif_id"].map(library.set_index("motif_id")["cluster"]))

    @property
    def too_short(self) -> tuple[int, int]:
        """How many motifs cannot reach the p-value, left out or not, and how many there are."""
        kinds = [kind for kind in ("library", "excluded") if kind in self.results]
        reached = [reaches for kind in kinds for reaches in self.table(kind).get("reaches_pvalue", [])]
        return (reached.count(False), len(reached))

    def path(self, kind: str, contrast: str | None = None) -> str:
        """Path of a result, or of one contrast's."""
        found = self.results[kind]
        if contrast is None:
            return str(found)
        paths = [found] if isinstance(found, str) else list(found)
        return str(dict(zip(self.contrasts, paths, strict=True))[contrast])

    def table(self, kind: str, contrast: str | None = None) -> pd.DataFrame:
        return tables.read_table(self.path(kind, contrast))

    def href(self, kind: str, contrast: str | None = None) -> str:
        return files.relative(self.path(kind, contrast), self.report)

    def figure(
        self, kind: str, alt: str, caption: str, contrast: str | None = None, *, wide: bool = False
    ) -> Figure:
        image = images.data_uri(self.path(kind, contrast))
        return Figure(image, alt, caption, self.href(kind, contrast), wide)

    def logos(self, *shown: pd.DataFrame) -> dict[str, str]:
        """Logos of the motifs that a report's tables show, as far as they were drawn."""
        if "logos" not in self.results:
            return {}
        names = {
            motif: logos.file_name(motif, compact=True) for table in shown for motif in table["motif_id"]
        }
        return images.data_uris(self.path("logos"), names)
