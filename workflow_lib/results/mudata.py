"""What a run made, read into the modalities of one MuData file."""

import anndata
import pandas as pd

from workflow_lib.io import export, hits
from workflow_lib.results.run import Run


def modalities(run: Run) -> tuple[anndata.AnnData, anndata.AnnData | None]:
    """Read the results that there are and make both modalities of them.

    Parameters
    ----------
    run : Run

    Returns
    -------
    peaks : AnnData
    motifs : AnnData, or None in a run without motifs
    """

    def table(key: str, index: str) -> pd.DataFrame | None:
        found = run.find(key)
        return None if found is None else found.set_index(index)

    def tests(key: str, index: str, **names: str) -> dict[str, pd.DataFrame]:
        if not run.has(key):
            return {}
        return {name: run.table(key, name, **names).set_index(index) for name in run.contrasts}

    library = table("library", "motif_id")
    peaks = export.peaks_modality(
        run.table("counts").set_index("peak"),
        run.samples,
        peaks=table("peaks", "peak"),
        annotation=table("annotation", "peak"),
        differential=tests("differential", "peak"),
        size_factors=table("size_factors", "sample"),
        quality=table("quality", "sample"),
        matches=None if library is None else hits.read_matches(run.path("matches")),
        motif_ids=None if library is None else library.index,
    )
    links = run.find("links")
    if links is not None:
        peaks.uns["links"] = export.stored(links)
    if library is None:
        return peaks, None
    enriched = {f"enrichment_{way}": tests("enrichment", "motif_id", direction=way) for way in ("up", "down")}
    motifs = export.motifs_modality(
        run.table("deviations").set_index("motif_id"),
        run.table("zscores").set_index("motif_id"),
        run.samples,
        library=library,
        variability=table("variability", "motif_id"),
        differential=tests("deviation_tests", "motif_id"),
        others={**enriched, "footprints": tests("footprints", "motif_id")},
        footprint_scores=run.find("footprint_scores"),
    )
    factors = {name: export.stored(found.reset_index()) for name, found in tests("factors", "rank").items()}
    if factors:
        motifs.uns["factors"] = factors
    return peaks, motifs
