"""Results of a run that never happened, with the columns of real ones, to draw figures and reports from."""

from pathlib import Path

import numpy as np
import pandas as pd

from workflow_lib.io import catalogue, tables
from workflow_lib.report.collect import collect
from workflow_lib.results.run import Run

CONTRAST = "treated_vs_control"
SAMPLES = pd.DataFrame(
    {"group": ["control"] * 3 + ["treated"] * 3, "batch": ["a", "b", "c"] * 2},
    index=pd.Index(
        ["control_1", "control_2", "control_3", "treated_1", "treated_2", "treated_3"], name="sample"
    ),
)
FAMILIES = ("Fos-related", "GATA-type", "ETS-related", "C2H2 zinc finger", "Homeodomain")


def differential(n: int = 3000, seed: int = 0, changed: float = 0.1, annotated: bool = True) -> pd.DataFrame:
    """A differential table of n peaks of which a share changed, half of them up."""
    rng = np.random.default_rng(seed)
    start = 1000 * np.arange(n)
    mean = 10 ** rng.normal(1.8, 0.5, n)
    planted = np.where(rng.random(n) < changed, rng.choice([-1.5, 1.5], n), 0.0)
    error = 0.15 + 1 / np.sqrt(mean)
    fold = planted + rng.normal(0, error)
    stat = fold / error
    pvalue = np.clip(2 * _upper_tail(np.abs(stat)), 1e-300, 1)
    untested = mean < 8
    table = pd.DataFrame(
        {
            "peak": [f"chr{1 + i % 2}:{s}-{s + 501}" for i, s in enumerate(start)],
            "baseMean": mean,
            "log2FoldChange": fold,
            "lfcSE": error,
            "stat": stat,
            "pvalue": pvalue,
            "padj": np.where(untested, np.nan, adjust(pvalue)),
            "log2FoldChange_shrunk": 0.8 * fold,
        }
    )
    called = np.where(table["padj"] < 0.05, np.where(fold > 0, "up", "down"), "none")
    table["direction"] = np.where(table["padj"].isna(), "untested", called)
    if annotated:
        table["gene_name"] = [f"Gene{i // 3}" if i % 50 else np.nan for i in range(n)]
        features = ["promoter", "5'UTR", "first exon", "intron", "proximal", "distal"]
        table["feature"] = rng.choice(features, n, p=[0.2, 0.03, 0.05, 0.3, 0.12, 0.3])
        table["tss_distance"] = rng.integers(-50_000, 50_000, n)
    return table


def adjust(pvalue: np.ndarray) -> np.ndarray:
    """Benjamini-Hochberg, written out."""
    order = np.argsort(pvalue)
    scaled = pvalue[order] * len(pvalue) / np.arange(1, len(pvalue) + 1)
    adjusted = np.empty(len(pvalue))
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1)
    return adjusted


def _upper_tail(z: np.ndarray) -> np.ndarray:
    from scipy.stats import norm

    return norm.sf(z)


def counts(n: int = 3000, seed: int = 0, samples: pd.DataFrame = SAMPLES) -> pd.DataFrame:
    """Peaks x samples, with a group effect on a tenth of the peaks and a batch effect on all."""
    rng = np.random.default_rng(seed)
    mean = 10 ** rng.normal(1.8, 0.5, n)
    treated = (samples["group"] == "treated").to_numpy()
    batch = samples["batch"].map({"a": 0, "b": 1, "c": 2}).to_numpy() if "batch" in samples else 0
    effect = np.where(rng.random(n) < 0.1, rng.choice([-2.0, 2.0], n), 0)[:, None] * treated
    effect = effect + rng.normal(0, 0.3, (n, 3))[:, batch] if "batch" in samples else effect
    values = rng.poisson(mean[:, None] * 2.0**effect * rng.gamma(20, 1 / 20, (n, len(samples))))
    peaks = pd.Index([f"chr{1 + i % 2}:{1000 * i}-{1000 * i + 501}" for i in range(n)], name="peak")
    return pd.DataFrame(values, index=peaks, columns=samples.index)


def library(m: int = 200) -> pd.DataFrame:
    """A motif library table of m motifs."""
    return pd.DataFrame(
        {
            "motif_id": [f"MA{i:04d}.1" for i in range(m)],
            "name": [f"TF{i}" if i % 7 else f"TF{i}::MATE" for i in range(m)],
            "family": [FAMILIES[i % len(FAMILIES)] for i in range(m)],
        }
    )


def enrichment(direction: str, m: int = 200, seed: int = 0, null: bool = False) -> pd.DataFrame:
    """An enrichment table in which motif 3 (up) or 8 (down) is strongest."""
    rng = np.random.default_rng(seed + (direction == "down"))
    table = library(m)[["motif_id", "name"]]
    log10 = -rng.exponential(0.5, m)
    if not null:
        log10[[3, 13, 23] if direction == "up" else [8, 18]] -= [42.0, 30.0, 12.0][
            : 3 if direction == "up" else 2
        ]
    pvalue = 10**log10
    hits = rng.integers(5, 120, m)
    return table.assign(
        foreground_hits=hits,
        foreground_size=150,
        background_hits=hits * 5.5,
        background_size=2000.0,
        log2_enrichment=-log10 / 20 + rng.normal(0, 0.1, m),
        odds_ratio=2 ** (-log10 / 15),
        ci_low=2 ** (-log10 / 15) * 0.8,
        ci_high=2 ** (-log10 / 15) * 1.3,
        pvalue=pvalue,
        log10_pvalue=log10,
        padj=adjust(pvalue),
    )


def chromvar(m: int = 200, seed: int = 0, samples: pd.DataFrame = SAMPLES, null: bool = False):
    """z-scores (motifs x samples), variability and differential tables."""
    rng = np.random.default_rng(seed)
    names = library(m)
    treated = (samples["group"] == "treated").to_numpy()
    z = rng.normal(0, 1, (m, len(samples)))
    if not null:
        z[3] += np.where(treated, 8, -8)
        z[8] += np.where(treated, -6, 6)
    z[m - 1, 0] = np.nan
    spread = np.nanstd(z, axis=1, ddof=1)
    pvalue = np.clip(np.exp(-(spread**2)), 1e-300, 1)
    variability = names[["motif_id", "name"]].assign(
        variability=spread,
        ci_low=0.7 * spread,
        ci_high=1.2 * spread,
        pvalue=pvalue,
        padj=adjust(pvalue),
        n_peaks=50,
    )
    delta = z[:, treated].mean(axis=1) - z[:, ~treated].mean(axis=1)
    delta = np.nan_to_num(delta) / 50
    p = np.exp(-np.abs(delta) * 60)
    test = names[["motif_id", "name"]].assign(delta=delta, stat=delta * 40, pvalue=p, padj=adjust(p))
    joint = np.sqrt(p)
    test = test.assign(n_peaks=50, delta_z=delta * 20, competitive_pvalue=joint, joint_pvalue=joint)
    test["joint_padj"] = adjust(joint)
    called = np.where(test["joint_padj"] < 0.05, np.where(delta > 0, "up", "down"), "none")
    test["direction"] = called
    return (
        pd.DataFrame(z, index=pd.Index(names["motif_id"], name="motif_id"), columns=samples.index),
        variability,
        test,
    )


def write_meme(path: Path, motifs, rng: np.random.Generator) -> None:
    """Matrices of motifs with these ids."""
    lines = ["MEME version 4", "", "ALPHABET= ACGT", ""]
    for motif in motifs:
        rows = rng.dirichlet([0.4] * 4, int(rng.integers(6, 15)))
        lines += [
            f"MOTIF {motif} {motif}",
            f"letter-probability matrix: alength= 4 w= {len(rows)} nsites= 50 E= 0",
        ]
        lines += [" ".join(f"{p:.6f}" for p in row) for row in rows]
    tables.write_text("\n".join([*lines, ""]), path)


def completed(table: pd.DataFrame, name: str, samples=SAMPLES.index) -> pd.DataFrame:
    """A table with the columns that the catalogue gives its place below results, empty where not invented."""
    entry = catalogue.of_path(f"results/{name}")
    needed = [c.name for c in entry.columns if not c.optional and "{" not in c.name]
    table = table.assign(**{column: np.nan for column in needed if column not in table})
    catalogue.check(table, f"results/{name}", names={"sample": samples})
    return table


SETTINGS = {
    "samples": "config/samples.tsv",
    "counts": None,
    "genome": {"fasta": "genome.fa", "annotation": "genes.gtf", "blacklist": None},
    "peaks": {"files": None, "call": False, "width": 501, "min_replicates": 2},
    "reads": {"min_mapq": 30, "tn5_shift": "auto", "count": "insertions"},
    "design": "~ batch + group",
    "contrasts": {CONTRAST: {"variable": "group", "experiment": "treated", "control": "control"}},
    "alpha": 0.05,
    "differential": {
        "size_factors": "ratio",
        "offsets": "none",
        "min_abs_log2fc": 0,
        "min_count": 10,
        "shrink": True,
    },
    "motifs": {
        "source": "jaspar",
        "release": "JASPAR2026",
        "collection": "CORE",
        "tax_group": "vertebrates",
        "pvalue": 1e-5,
        "window": 200,
    },
    "enrichment": {"background": "peaks"},
    "chromvar": {"iterations": 50},
    "seed": 42,
    "demo": {"seed": 1},
}
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 12"><text y="11">TGACTCA</text></svg>'


def write(
    folder: Path,
    *,
    motifs: bool = True,
    reads: bool = True,
    demo: bool = True,
    null: bool = False,
    tested: bool = True,
    drawn: bool = True,
    n: int = 3000,
) -> dict:
    """Write the result files of a run below `folder`; returns their paths by the catalogue's keys.

    Without `drawn`, a mere word stands for each figure, which saves seconds.
    """
    from workflow_lib import chromvar as scores
    from workflow_lib import intervals
    from workflow_lib.plots import chromvar as chromvar_plots
    from workflow_lib.plots import differential as differential_plots
    from workflow_lib.plots import enrichment as enrichment_plots
    from workflow_lib.plots import samples as sample_plots
    from workflow_lib.plots import style
    from workflow_lib.simulate import truth
    from workflow_lib.stats import ordination

    def save(draw, *given, name: str) -> str:
        if drawn:
            style.save(draw(*given), folder / name)
        else:
            tables.write_text(LOGO, folder / name)
        return str(folder / name)

    def put(table: pd.DataFrame, name: str) -> str:
        tables.write_table(completed(table, name), folder / name, names={"sample": SAMPLES.index})
        return str(folder / name)

    peaks = differential(n, changed=0 if null else 0.1, annotated=motifs)
    if null:
        peaks["direction"] = np.where(peaks["padj"].isna(), "untested", "none")
        peaks["padj"] = peaks["padj"].clip(lower=0.3)
    if not tested:
        peaks[["lfcSE", "stat", "pvalue", "padj"]] = np.nan
        peaks["direction"] = "untested"
    values = counts(n)
    factors = values.sum() / values.sum().mean()
    logged = ordination.log_counts(values, factors)
    group = SAMPLES["group"]
    who = ("treated", "control")
    found: dict = {
        "differential": [put(peaks, f"differential/{CONTRAST}.tsv.gz")],
        "ma": [
            save(differential_plots.ma, peaks, 0.05, *who, name=f"differential/figures/{CONTRAST}.ma.svg")
        ],
        "volcano": [
            save(
                differential_plots.volcano,
                peaks,
                0.05,
                *who,
                name=f"differential/figures/{CONTRAST}.volcano.svg",
            )
        ],
        "pvalues": [
            save(
                differential_plots.pvalue_histogram,
                peaks,
                name=f"differential/figures/{CONTRAST}.pvalues.svg",
            )
        ],
        "size_factors": put(
            pd.DataFrame({"sample": SAMPLES.index, "ratio": factors.to_numpy(), "used": factors.to_numpy()}),
            "differential/size_factors.tsv",
        ),
        "pca": save(
            sample_plots.pca,
            ordination.components(logged, *ordination.principal_components(logged)),
            group,
            SAMPLES["batch"],
            name="qc/figures/pca.svg",
        ),
        "correlation": save(
            sample_plots.correlation, ordination.correlation(logged), group, name="qc/figures/correlation.svg"
        ),
        "counts": put(values.reset_index(), "counts/counts.tsv.gz"),
    }
    if reads:
        quality = pd.DataFrame({"sample": SAMPLES.index, "group": group.to_numpy(), "n_reads": 280_000})
        quality = quality.assign(
            n_fragments=120_000, pct_dup=10.2, pct_mito=3.1, frip=0.41, tn5_shift="+4/-5"
        )
        found["quality"] = put(quality, "qc/samples.tsv")
    if not motifs:
        return found
    ways = {way: enrichment(way, null=null) for way in ("up", "down")}
    if not tested or null:
        for way in ways.values():
            way[["foreground_hits", "foreground_size"]] = 0
            way[["log2_enrichment", "odds_ratio", "pvalue", "log10_pvalue", "padj"]] = np.nan
    z, variability, moved = chromvar(null=null)
    if not tested:
        moved[["stat", "pvalue", "padj", "joint_pvalue", "joint_padj"]] = np.nan
        moved["direction"] = "untested"
    measures = pd.DataFrame({"gc": np.linspace(0.48, 0.5, len(SAMPLES))}, index=SAMPLES.index)
    technical = scores.technical(z, measures, group)
    write_meme(folder / "motifs/library.meme", library()["motif_id"], np.random.default_rng(0))
    found |= {
        "library": put(library(), "motifs/library.tsv"),
        "meme": str(folder / "motifs/library.meme"),
        "enrichment": [put(ways[way], f"motifs/enrichment/{CONTRAST}.{way}.tsv") for way in ways],
        "enrichment_figure": [
            save(
                enrichment_plots.motifs, ways["up"], ways["down"], 0.05, name=f"motifs/figures/{CONTRAST}.svg"
            )
        ],
        "variability": put(variability, "chromvar/variability.tsv"),
        "deviation_tests": [put(moved, f"chromvar/differential/{CONTRAST}.tsv")],
        "variability_figure": save(
            chromvar_plots.variability, variability, 6, name="chromvar/figures/variability.svg"
        ),
        "heatmap": save(chromvar_plots.zscores, z, variability, group, name="chromvar/figures/heatmap.svg"),
        "motif_samples": save(
            chromvar_plots.samples, z, variability, group, name="chromvar/figures/samples.svg"
        ),
        "diagnostics": put(technical.factors, "chromvar/diagnostics.tsv"),
        "technical_figure": save(
            chromvar_plots.technical,
            technical.samples,
            technical.factors,
            name="chromvar/figures/technical.svg",
        ),
    }
    if demo:
        planted = peaks[["peak", "direction"]].replace("untested", "none").set_index("peak")
        planted.columns = ["change"]
        planted["log2_fold_change_counts"] = peaks["log2FoldChange"].to_numpy() * 1.05
        planted.iloc[::7, 0] = "none"
        planted.iloc[3::40, 0] = "up"
        planted = planted.join(intervals.parse_peak_ids(planted.index)).eval("summit = start + 250")
        roles = pd.DataFrame(
            {"motif_id": ["MA0003.1", "MA0008.1", "MA0040.1"], "name": ["TF3", "TF8", "TF40"]}
        ).assign(role=["driver_up", "driver_down", "decoy"])
        found["truth"] = put(truth.compare_peaks(planted, peaks), "demo/truth.tsv")
        ranks = truth.compare_motifs(roles, ways, variability, moved)
        found["truth_motifs"] = put(ranks, "demo/truth_motifs.tsv")
    return found


def run_of(results, page=None, **given) -> Run:
    """A run of such results and no others; `given` are settings and samples where they are others."""
    folder = Path(results["size_factors"]).parents[1]
    given = {"settings": SETTINGS, "samples": SAMPLES.to_dict(orient="index"), **given}
    return Run(folder, page, made=set(results), given=given)


def collected(results, page, *, skipped=(), notes=(), date="", **given):
    """The content of a report of such results."""
    return collect(run_of(results, Path(page), **given), skipped=skipped, notes=notes, date=date)
