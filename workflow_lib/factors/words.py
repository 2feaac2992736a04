"""What a row of the table of factors says in words: where its lines of evidence agree, and where not."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workflow_lib.factors.clusters import Sides
from workflow_lib.stats.forms import CALLED

AGREE = ("enrichment", "along", "activity", "chromvar", "depth")
"""Lines that `agreement` counts; flanks follow accessibility, whatever moves it."""


def columns(
    table: pd.DataFrame, calls: Mapping[str, np.ndarray], passing: Mapping[str, Sides], alpha: float
) -> dict[str, list]:
    """`agreement`, such as `2 of 3`, `conflicts` and `unconfirmed`: None where there is none."""
    agreement, conflicts, unconfirmed = [], [], []
    if all(call is None for call in calls["enrichment"]):
        calls = {**calls, "enrichment": calls["wide"]}  # peaks have no sides, or none are called
    for i, row in enumerate(table.itertuples()):
        said = {name: calls[name][i] for name in AGREE}
        alone = {name: (int(sides.rises[i]), int(sides.falls[i])) for name, sides in passing.items()}
        tested = [call for call in said.values() if call is not None]
        agree = sum(call in (row.direction, "both") for call in tested)
        agreement.append(f"{agree if row.direction in CALLED else 0} of {len(tested)}")
        conflicts.append("; ".join([*_contradictions(said), *_own_gene(row, alpha)]) or None)
        left = (
            [] if "changed" in said.values() or row.direction == "changed" else _unconfirmed(row, said, alone)
        )
        unconfirmed.append("; ".join(left) or None)
    return {"agreement": agreement, "conflicts": conflicts, "unconfirmed": unconfirmed}


def verdicts(table: pd.DataFrame, both: np.ndarray, explained: pd.Series, varies: np.ndarray) -> np.ndarray:
    """What the run says of each cluster: changed, or why it is not called.

    Parameters
    ----------
    table : DataFrame
        direction.
    both : (n_clusters,) array of bool
        Enriched in peaks that open and in those that close.
    explained : (n_clusters,) Series
        Name of the leading cluster that explains this one, or NA.
    varies : (n_clusters,) array of bool
        Called by peaks, and not by samples with the cluster's own variation.
    """
    verdict = np.where(table["direction"].isin(CALLED), "changed", table["direction"]).astype(object)
    leader = explained.fillna("").to_numpy(object)
    known = explained.notna().to_numpy()
    verdict[both & (verdict == "none")] = "both directions"
    verdict = np.where(known & (verdict == "none"), "explained by " + leader, verdict)
    verdict[varies & (verdict == "none")] = "varies between samples"
    return np.where(known & (verdict == "changed"), "changed, with the same sites as " + leader, verdict)


def _contradictions(said: Mapping[str, str | None]) -> list[str]:
    """Where significant lines of evidence of one cluster do not say the same."""
    enriched, moved, depth = (said[name] for name in ("enrichment", "chromvar", "depth"))
    words = []
    chromvar = {"up": "chromVAR rises", "down": "chromVAR falls"}.get(str(moved))
    if enriched == "both":
        words.append("enriched in up and in down peaks" + (f", {chromvar}" if chromvar else ""))
    elif enriched in ("up", "down") and chromvar and moved != enriched:
        words.append(f"enriched in {enriched} peaks, {chromvar}")
    accessible = _accessible(said)
    if depth in ("up", "down") and accessible in ("up", "down") and accessible != depth:
        words.append(f"{_FOOTPRINT[depth]}, accessibility {'rises' if accessible == 'up' else 'falls'}")
    return words


_FOOTPRINT = {"up": "footprint deeper", "down": "footprint shallower"}


def _accessible(said: Mapping[str, str | None]) -> str | None:
    """What happens to the sites' accessibility, by chromVAR or else by enrichment."""
    return said["chromvar"] if said["chromvar"] in ("up", "down") else said["enrichment"]


def _unconfirmed(row, said: Mapping[str, str | None], alone: Mapping[str, tuple[int, int]]) -> list[str]:
    """Lines that are not significant for the cluster, though another line, or one of its motifs, is."""
    enriched, moved, depth = (said[name] for name in ("enrichment", "chromvar", "depth"))
    words = []
    for way, few in zip(("up", "down"), alone["enrichment"], strict=True):
        p = getattr(row, f"{way}_padj")
        if few and enriched not in (way, "both"):
            words.append(_in_some(f"enriched in {way} peaks:", few, getattr(row, f"{way}_motifs"), p))
        elif enriched == "none" and moved == way and not np.isnan(p):
            words.append(f"not significantly enriched in {way} peaks (adjusted p {p:.2g})")
    if moved == "none":
        some = _in_each(("chromVAR rises in", "chromVAR falls in"), alone["chromvar"], row, "chromvar")
        if not some and enriched in ("up", "down", "both"):
            some = [f"chromVAR not significant (adjusted p {row.chromvar_padj:.2g})"]
        words += some
    if depth == "none":
        ways = (f"{_FOOTPRINT['up']} in", f"{_FOOTPRINT['down']} in")
        words += _in_each(ways, alone["depth"], row, "depth")
    elif depth in ("up", "down") and _accessible(said) == "none":
        words.append(f"{_FOOTPRINT[depth]}, no significant change of accessibility")
    return words


def _in_each(ways: tuple[str, str], alone: tuple[int, int], row, line: str) -> list[str]:
    """Words on the motifs that are significant by themselves, to either side."""
    motifs, p = getattr(row, f"{line}_motifs"), getattr(row, f"{line}_padj")
    return [_in_some(way, few, motifs, p) for way, few in zip(ways, alone, strict=True) if few]


def _in_some(start: str, few: int, motifs: str, padj: float) -> str:
    """`chromVAR rises in 1 of 5 motifs, not significant for the group (adjusted p 0.12)`."""
    total = motifs.rpartition(" ")[2]
    plural = "" if total == "1" else "s"
    return f"{start} {few} of {total} motif{plural}, not significant for the group (adjusted p {padj:.2g})"


def _own_gene(row, alpha: float) -> list[str]:
    """Where the factor's own gene goes against its motif."""
    words: list[str] = []
    if row.direction not in ("up", "down"):
        return words
    against = -1 if row.direction == "up" else 1
    for prefix, ways in (("promoter", ("closes", "opens")), ("expression", ("falls", "rises"))):
        fold, p = getattr(row, f"{prefix}_log2FC"), getattr(row, f"{prefix}_padj")
        if p < alpha and fold * against > 0:
            way = ways[0] if fold < 0 else ways[1]
            words.append(f"{prefix} of {getattr(row, f'{prefix}_gene')} {way}")
    return words
