"""Report section on profiles: how a contrast's changed peaks run over the levels."""

import pandas as pd

from workflow_lib.motifs.leading import found, strongest
from workflow_lib.profiles.values import numbered
from workflow_lib.report import format
from workflow_lib.report.content import Gallery, Section, Text
from workflow_lib.report.figures import figure
from workflow_lib.results.run import Run
from workflow_lib.stats import forms

N_NAMES = 4
HOW = (
    "Peaks are grouped by the shape of their profile, not by how much they change: each peak's means at the "
    "levels are centred and scaled first. The grouping describes these peaks; no p-value belongs to it."
)
HEADINGS = {
    "n_peaks": "peaks",
    "highest": "highest at",
    "lowest": "lowest at",
    "motifs": "enriched motifs (adjusted p)",
    "sets": "enriched sets (adjusted p)",
}


def section(run: Run, name: str) -> Section:
    """Clusters of profiles of one contrast, with what is common in each."""
    summary = numbered(run.table("profile_clusters", name))
    variables = forms.parse(run.contrast(name)).variables
    said = sentence(summary, " and ".join(variables), _chosen(run))
    anchor, title = format.anchor("profiles", name), f"Profiles over {' and '.join(variables)}"
    if summary.empty:
        return Section(anchor, title, (Text((said,)),))
    motifs = run.find("profile_motifs", name)
    regions = run.find("profile_regions", name)
    sizes = summary.drop_duplicates("cluster")["n_peaks"]
    levels = ", ".join(dict.fromkeys(summary["level"]))
    drawn = [figure(run, "profiles_figure", name, n=f"{sizes.sum():,}", levels=levels)]
    if motifs is not None:
        drawn.append(figure(run, "profile_motifs_figure", name))
    rows = table(summary, motifs, regions, run.alpha)
    caption = "Clusters of profiles, and what is more common in each than in peaks that did not change"
    shown = format.table(rows, caption, href=run.href("profile_clusters", name), headings=HEADINGS)
    return Section(anchor, title, (Text((said, HOW)), Gallery(tuple(drawn)), shown))


def sentence(summary: pd.DataFrame, over: str, chosen: bool) -> str:
    """How many clusters there are, and the largest, in words."""
    if summary.empty:
        return f"No peak changed, so there are no profiles over {over}."
    sizes = summary.drop_duplicates("cluster").set_index("cluster")["n_peaks"]
    largest = int(sizes.idxmax())
    highest = _at(summary, largest).idxmax()
    n = f"{len(sizes)} cluster{'s' * (len(sizes) > 1)}"
    how = "as the configuration asks" if chosen else "the number whose clusters are most distinct"
    return (
        f"{sizes.sum():,} changed peaks form {n} by how they run over {over} ({how}). The largest, cluster "
        f"{largest} with {sizes.max():,} peaks, is most accessible at {highest}."
    )


def table(
    summary: pd.DataFrame, motifs: pd.DataFrame | None, regions: pd.DataFrame | None, alpha: float
) -> pd.DataFrame:
    """A row a cluster: size, where it is highest and lowest, and its leading motifs and sets."""
    rows = []
    for number, of in summary.groupby("cluster"):
        means = of.set_index("level")["mean"]
        row = {
            "cluster": str(number),
            "n_peaks": int(of["n_peaks"].iloc[0]),
            "highest": means.idxmax(),
            "lowest": means.idxmin(),
        }
        if motifs is not None:
            own = found(motifs[motifs["profile"] == number])
            row["motifs"] = _named(strongest(own[own["padj"] < alpha], N_NAMES), "name")
        if regions is not None:
            own = regions[(regions["profile"] == number) & (regions["padj"] < alpha)]
            row["sets"] = _named(own.head(N_NAMES), "set")
        rows.append(row)
    return pd.DataFrame(rows)


def _named(rows: pd.DataFrame, column: str) -> str:
    names = rows[column].fillna(rows["motif_id"]) if column == "name" else rows[column]
    parts = [f"{name} ({format.number(p, 'padj')})" for name, p in zip(names, rows["padj"], strict=True)]
    return ", ".join(parts) or "none"


def _at(summary: pd.DataFrame, number: int) -> pd.Series:
    return summary[summary["cluster"] == number].set_index("level")["mean"]


def _chosen(run: Run) -> bool:
    return (run.settings.get("profiles") or {}).get("clusters") is not None
