"""Do footprints or their flanks differ between groups? A moderated t-test over all motifs."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workflow_lib.motifs.clusters import representatives
from workflow_lib.stats import forms, moderated

MIN_SITES = 10
"""Motifs with fewer sites are listed and not tested."""
ENOUGH_MOTIFS = 20
"""Tested motifs from which on depths are relative to their median, which of few follows any one."""
WIDE = 0.25
"""Half width of the interval of a change in depth above which a test says little."""
NO_SITES, FEW_SITES, NO_CUTS = "no sites", "too few sites", "a sample has no cuts in the sites"
NO_FOOTPRINT, LOW_POWER = "no footprint", "wide interval: low power"
COLUMNS = [
    *("motif_id", "name", "n_sites", "cuts_per_site", "depth_control", "depth_experiment"),
    *("flank_control", "flank_experiment", "delta_depth", "delta_depth_ci_low", "delta_depth_ci_high"),
    *("stat", "pvalue", "padj", "delta_flank", "flank_stat", "flank_pvalue", "flank_padj"),
    *("note", "cluster", "representative"),
]


def test(
    scores: pd.DataFrame,
    motifs: pd.DataFrame,
    samples: pd.DataFrame,
    design: str,
    contrast: Mapping[str, str],
    *,
    block: str | None = None,
) -> pd.DataFrame:
    """Test every motif for a change of depth and of flank accessibility.

    Parameters
    ----------
    scores : DataFrame
        motif_id, sample and the columns of :func:`workflow_lib.footprints.scores.score`; all samples.
    motifs : DataFrame indexed by motif_id
        name, cluster; in library order.
    samples : DataFrame indexed by sample
    design : str
    contrast : mapping
        Any form that :func:`workflow_lib.stats.forms.parse` reads.
    block : str, optional
        Column of the sheet that names subjects of several samples.

    Returns
    -------
    DataFrame
        One row a motif, in library order, with the columns `COLUMNS`. Group values are means of samples;
        deltas are experiment - control with the design's other terms held equal; `stat` is the moderated t of
        delta_depth, the interval 95 %. `note` says why a motif was not tested or what its test cannot show.

    Notes
    -----
    Flanks, and with `ENOUGH_MOTIFS` motifs depths too, are taken relative to the median motif of the sample
    (see :func:`centred`): a library with more of its cuts in peaks has more accessible flanks at every motif,
    and narrower peaks, or a Tn5 preference that the model follows less well, move the depth of every motif.

    Null: the mean score does not depend on the group. Model and assumptions are those of
    :func:`workflow_lib.moderated.test`, on scores divided by their motif's standard error over sites (root
    mean square over samples), and multiplied again afterwards. Smyth's prior takes all variances to be alike;
    those of depths go with the number of cuts, those of scaled depths are alike but for what differs between
    samples. t of a motif depends on its own scale through that prior alone.
    """
    wide = {
        name: scores.pivot(index="motif_id", columns="sample", values=name).reindex(motifs.index)[
            samples.index
        ]
        for name in ("depth", "flank", "depth_se", "flank_se", "n_sites", "cuts_per_site")
    }
    n_sites = wide["n_sites"].max(axis=1).fillna(0).astype(np.int64)
    tested = n_sites >= MIN_SITES
    wide["flank"] = centred(wide["flank"], tested)
    if tested.sum() >= ENOUGH_MOTIFS:
        wide["depth"] = centred(wide["depth"], tested)
    table = pd.DataFrame(index=motifs.index)
    table["name"], table["n_sites"] = motifs["name"], n_sites
    table["cuts_per_site"] = wide["cuts_per_site"].mean(axis=1)
    form = forms.parse(contrast)
    of = {side: samples.index[members] for side, members in form.sides(samples).items()}
    cells = [samples.index[members] for members in form.cells(samples).values()]
    for kind in ("depth", "flank"):
        for side, members in of.items():
            table[f"{kind}_{side}"] = wide[kind][members].mean(axis=1)
    asked = (samples, design, contrast)
    depth = scaled_test(wide["depth"][tested], wide["depth_se"][tested], *asked, block=block)
    flank = scaled_test(wide["flank"][tested], wide["flank_se"][tested], *asked, block=block)
    names = {"coef": "delta_depth", "ci_low": "delta_depth_ci_low", "ci_high": "delta_depth_ci_high"}
    names |= {"t": "stat", "pvalue": "pvalue", "padj": "padj"}
    depth["t"], flank["t"] = moderated.statistic(depth), moderated.statistic(flank)
    table = table.join(depth[list(names)].rename(columns=names))
    names = {"coef": "delta_flank", "t": "flank_stat", "pvalue": "flank_pvalue", "padj": "flank_padj"}
    table = table.join(flank[list(names)].rename(columns=names))
    table["note"] = _notes(table, wide, cells)
    table["cluster"] = motifs["cluster"]
    table["representative"] = representatives(table)
    return table.rename_axis("motif_id").reset_index()[COLUMNS]


test.__test__ = False  # type: ignore[attr-defined]  # not a test of pytest's


def centred(scores: pd.DataFrame, tested: pd.Series) -> pd.DataFrame:
    """Scores with the median over the tested motifs made the same in all samples: the mean of these medians.

    Parameters
    ----------
    scores : (n_motifs, n_samples) DataFrame
    tested : (n_motifs,) Series of bool
    """
    middle = scores[tested].median()
    return scores - middle.fillna(0.0) + (middle.mean() if middle.notna().any() else 0.0)


def scaled_test(
    scores: pd.DataFrame,
    errors: pd.DataFrame,
    samples: pd.DataFrame,
    design: str,
    contrast: Mapping[str, str],
    *,
    block: str | None = None,
) -> pd.DataFrame:
    """Moderated t-test of scores in units of each feature's standard error, in the scores' own units.

    Parameters
    ----------
    scores, errors : (n_features, n_samples) DataFrames
        A feature whose errors are all missing or 0 takes the median of the others.
    samples, design, contrast, block
        As :func:`workflow_lib.stats.moderated.test`.

    Returns
    -------
    DataFrame
        As :func:`workflow_lib.moderated.test`; coef, ci_low, ci_high in the units of `scores`, the variances
        in those of the squared errors.
    """
    unit = np.sqrt((errors**2).mean(axis=1))
    unit = unit.where(unit > 0)
    unit = unit.fillna(unit.median()).fillna(1.0)
    result = moderated.test(scores.div(unit, axis=0), samples, design, contrast, block=block)
    own = ["coef", "ci_low", "ci_high"]
    result[own] = result[own].mul(unit, axis=0)
    return result


def _notes(table: pd.DataFrame, wide: Mapping[str, pd.DataFrame], groups: list[pd.Index]) -> pd.Series:
    """What to know about each motif's test; NA where there is nothing."""
    found = pd.Series([[] for _ in range(len(table))], index=table.index, dtype=object)
    n_sites = table["n_sites"]
    lower = pd.concat(
        [
            wide["depth"][members].mean(axis=1)
            - 2 * np.sqrt((wide["depth_se"][members] ** 2).sum(axis=1)) / max(len(members), 1)
            for members in groups
        ],
        axis=1,
    ).max(axis=1)
    half_width = (table["delta_depth_ci_high"] - table["delta_depth_ci_low"]) / 2
    enough = n_sites >= MIN_SITES
    for text, holds in (
        (NO_SITES, n_sites == 0),
        (FEW_SITES, (n_sites > 0) & ~enough),
        (NO_CUTS, (n_sites > 0) & wide["depth"].isna().any(axis=1)),
        (NO_FOOTPRINT, enough & (lower <= 0)),
        (LOW_POWER, enough & (half_width > WIDE)),
    ):
        for motif_id in table.index[holds]:
            found[motif_id].append(text)
    return found.map(lambda texts: "; ".join(texts) or np.nan)
