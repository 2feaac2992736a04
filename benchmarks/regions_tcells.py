"""Gene sets among the regions that T cells open on stimulation; with labels permuted; and with a set planted.

    python benchmarks/regions_tcells.py DATA GENES.gtf [permutations, 20 by default]

DATA is the folder that holds `tcells`. The design is `~ donor + cell + group`. Permuted labels are exchanged
within donors, so that nothing that is tested is true. For the planted set, a third of the genes of a random
set have the peaks about them opened by thinning of the other group's real counts, under real labels (whose
own changes stay) and under permuted ones.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from workflow_lib import differential  # noqa: E402
from workflow_lib.differential import size_factors  # noqa: E402
from workflow_lib.genome import genes  # noqa: E402
from workflow_lib.io import gene_sets  # noqa: E402
from workflow_lib.regions import study  # noqa: E402

DESIGN = "~ donor + cell + group"
ASKED = {"variable": "group", "experiment": "stimulated", "control": "resting"}
SETS = ROOT / "config/examples/tcells_gene_sets.gmt"
COLUMNS = ["set", "n_found", "foreground_loci", "expected", "odds_ratio", "pvalue", "padj", "genes"]
KEPT = 0.5
"""Share of the counts that thinning leaves to the other group."""


def read(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Counts, sheet and peaks."""
    table = pd.read_csv(folder / "tcells_atac_counts.tsv.gz", sep="\t")
    sheet = pd.read_csv(folder / "tcells_samples.tsv", sep="\t", index_col="sample")
    peaks = table[["peak", "chrom", "start", "end"]].assign(summit=(table["start"] + table["end"]) // 2)
    return table.set_index("peak")[sheet.index], sheet, peaks


def relabelled(sheet: pd.DataFrame, rng) -> pd.DataFrame:
    """Resting and stimulated exchanged at random within each donor and cell type, balanced over all."""
    made = sheet.copy()
    for _, rows in sheet.groupby("donor"):
        made.loc[rows.index, "group"] = rng.permutation(rows["group"].to_numpy())
    return made


def covariates_of(result, peaks) -> pd.DataFrame:
    """What the workflow takes without a genome."""
    width = peaks["end"] - peaks["start"]
    return pd.DataFrame({"width": width, "log_mean_count": np.log1p(result["baseMean"])})


def strongest(result, peaks, sets, n: int = 400) -> int:
    """Sets called where the strongest regions of either side are taken for changed, whatever their p."""
    called = 0
    for sign in (1, -1):
        chosen = (sign * result["stat"]).rank(ascending=False) <= n
        rest = ~chosen & result["stat"].notna()
        called += (study.compare(sets, chosen, rest, covariates_of(result, peaks))["padj"] < 0.05).sum()
    return int(called)


def tables(counts, sheet, peaks, sets) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """The differential table, and the tests of all sets: up, down and along."""
    result = differential.test(counts, sheet, DESIGN, ASKED, min_count=10, shrink=False)
    covariates = covariates_of(result, peaks)
    none = result["direction"] == "none"
    found = {
        side: study.compare(sets, result["direction"] == side, none, covariates) for side in ("up", "down")
    }
    sizes = size_factors.ratio(counts).to_numpy(float)
    borne = study.by_samples(sets, counts, covariates, sheet, DESIGN, ASKED, sizes)
    found["peaks alone"] = study.along(sets, result["stat"], covariates)
    return result, found | {"along": study.along(sets, result["stat"], covariates, borne)}


def counted(found: dict[str, pd.DataFrame]) -> dict[str, int]:
    """Sets at an adjusted p of 0.05."""
    return {side: int((table["padj"] < 0.05).sum()) for side, table in found.items()}


def planted(counts, sheet, peaks, models, rng) -> None:
    """Power for one set of 30 genes of which a third opened, beside 20 sets drawn alike without meaning."""
    names = models.genes["gene_name"].to_numpy()
    print("\n| labels | draw | up: the set's p, padj | others up | the set's padj down | along: p | others |")
    print("|---|---|---|---|---|---|---|")
    for labels in ("real", "permuted"):
        for draw in range(3):
            own = sheet if labels == "real" else relabelled(sheet, rng)
            drawn = [rng.choice(names, 30, replace=False) for _ in range(21)]
            given = [gene_sets.GeneSet(f"s{i}", "", "", tuple(genes)) for i, genes in enumerate(drawn)]
            sets = study.prepare(peaks, models, given, least=3)
            near = sets.loci.genes @ np.isin(names, drawn[0][:10]).astype(float) > 0
            chosen = np.flatnonzero(near & (rng.random(len(near)) < 0.5))
            values = counts.to_numpy().copy()
            cells = np.ix_(chosen, np.flatnonzero(own["group"] == "resting"))
            values[cells] = rng.binomial(values[cells], KEPT)
            thinned = pd.DataFrame(values, counts.index, counts.columns)
            _, found = tables(thinned, own, peaks, sets)
            row = {side: table.set_index("set") for side, table in found.items()}
            others = {side: int((table.drop("s0")["padj"] < 0.05).sum()) for side, table in row.items()}
            up, down, along = (row[side].loc["s0"] for side in ("up", "down", "along"))
            print(
                f"| {labels} | {draw + 1} | {up['pvalue']:.2g}, {up['padj']:.2g} | {others['up']} of 20 "
                f"| {down['padj']:.2g} | {along['pvalue']:.2g} | {others['along']} of 20 |",
                flush=True,
            )


if __name__ == "__main__":
    counts, sheet, peaks = read(Path(sys.argv[1]) / "tcells")
    models = genes.from_gtf(sys.argv[2])
    sets = study.prepare(peaks, models, gene_sets.read_gmt(SETS), least=3)
    print(sets.table[["set", "n_genes", "n_found", "used"]].to_string())
    result, found = tables(counts, sheet, peaks, sets)
    print(result["direction"].value_counts().to_string())
    for side, table in found.items():
        print(f"\n{side}\n{table[[name for name in COLUMNS if name in table]].to_string()}", flush=True)
    rng = np.random.default_rng(7)
    runs = []
    for _ in range(int(sys.argv[3]) if len(sys.argv) > 3 else 20):
        result, found = tables(counts, relabelled(sheet, rng), peaks, sets)
        called = {f"{side}_peaks": int((result["direction"] == side).sum()) for side in ("up", "down")}
        runs.append(called | counted(found) | {"strongest": strongest(result, peaks, sets)})
        print(runs[-1], flush=True)
    print(pd.DataFrame(runs).agg(["median", "max", "sum"]).to_string())
    planted(counts, sheet, peaks, models, rng)
