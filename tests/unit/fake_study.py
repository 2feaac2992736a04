"""A study of many groups, contrasts and peaks that never happened: what a page must carry and find again."""

from pathlib import Path

import fake_results as fake
import numpy as np
import pandas as pd
from scipy import sparse

from workflow_lib.io import hits, tables
from workflow_lib.plots import chromvar as chromvar_plots
from workflow_lib.plots import differential as plots
from workflow_lib.plots import enrichment as enrichment_plots
from workflow_lib.plots import factors as factor_plots
from workflow_lib.plots import style
from workflow_lib.results.run import Run

EVIDENCE = ("up_odds_ratio", "down_odds_ratio", "chromvar_delta", "activity", "delta_depth")
NAMES = ("TCF7", "SPI1", "GATA1", "CTCF", "FOS::JUN", "KLF4", "RUNX1", "TBX21")


def peaks(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Peaks of three contigs in order, of widths that differ, some without a gene."""
    contig = np.sort(rng.integers(0, 3, n))
    start = np.concatenate([np.cumsum(rng.integers(300, 3000, int((contig == k).sum()))) for k in range(3)])
    width = rng.integers(150, 1200, n)
    end = np.minimum(start + width, np.append(start[1:], start[-1] + width[-1]).clip(start + 100))
    gene = [f"GENE{i // 4}" if i % 9 else np.nan for i in range(n)]
    return pd.DataFrame(
        {
            "peak": [f"chr{c + 1}:{s}-{e}" for c, s, e in zip(contig, start, end, strict=True)],
            "gene_name": gene,
            "feature": rng.choice(["promoter", "intron", "distal"], n),
            "tss_distance": rng.integers(-90_000, 90_000, n).astype(float),
        }
    )


def tested(base: pd.DataFrame, rng: np.random.Generator, share: float = 0.15) -> pd.DataFrame:
    """Changes of these peaks in one contrast."""
    n = len(base)
    effect = np.where(rng.random(n) < share, rng.normal(0, 2, n), 0)
    fold = effect + rng.normal(0, 0.3, n)
    p = np.clip(np.exp(-0.5 * (fold / 0.3) ** 2), 1e-290, 1)
    padj = fake.adjust(p)
    padj[rng.random(n) < 0.05] = np.nan
    called = np.where(padj < 0.05, np.where(fold > 0, "up", "down"), "none")
    return base.assign(
        baseMean=10 ** rng.normal(1.8, 0.5, n),
        log2FoldChange=fold,
        lfcSE=0.3,
        stat=fold / 0.3,
        pvalue=p,
        padj=padj,
        log2FoldChange_shrunk=0.8 * fold,
        direction=np.where(np.isnan(padj), "untested", called),
    )


def library(n_motifs: int, n_clusters: int) -> pd.DataFrame:
    """Motifs with clusters; the first ones bear names that readers know."""
    ids = [f"MA{i:04d}.1" for i in range(n_motifs)]
    names = [*NAMES, *(f"ZNF{i}" for i in range(len(NAMES), n_motifs))][:n_motifs]
    return pd.DataFrame(
        {
            "motif_id": ids,
            "name": names,
            "tf_names": [name.replace("::", ";") for name in names],
            "family": [fake.FAMILIES[i % 5] for i in range(n_motifs)],
            "cluster": [ids[i % n_clusters] for i in range(n_motifs)],
            "reaches_pvalue": True,
        }
    )


def evidence(motifs: pd.DataFrame, rng: np.random.Generator, *, changed: bool = True) -> pd.DataFrame:
    """The factor table of one contrast: a row a cluster, by rank."""
    rows = motifs.groupby("cluster", sort=False).agg(
        representative=("motif_id", "first"),
        name=("name", "first"),
        members=("name", ", ".join),
        n_members=("name", "size"),
        tf_names=("tf_names", "first"),
    )
    rows = rows.reset_index().sample(frac=1, random_state=int(rng.integers(1 << 30))).reset_index(drop=True)
    n = len(rows)
    p = np.sort(10 ** -rng.exponential(1.0, n) if changed else rng.uniform(0.2, 1, n))
    rows = rows.assign(rank=np.arange(1, n + 1), pvalue=p, log10_pvalue=np.log10(p), padj=fake.adjust(p))
    rows["direction"] = np.where(rows["padj"] < 0.05, rng.choice(["up", "down"], n), "none")
    for effect in EVIDENCE:
        line = {"delta_depth": "depth", "activity": "activity"}.get(effect, effect.split("_")[0])
        rows[effect] = rng.gamma(4, 0.3, n) if "odds" in effect else rng.normal(0, 0.3, n)
        rows[f"{line}_padj"] = np.clip(rows["padj"] * rng.gamma(2, 2, n), 0, 1)
        if effect != "activity":
            rows[f"{line}_motifs"] = "1 of 1"
    return rows.assign(agreement="3 of 5", verdict="changed", reaches_pvalue=True, side="up")


def write(
    folder: Path,
    *,
    n_contrasts: int,
    n_peaks: int,
    n_motifs: int = 40,
    n_clusters: int = 25,
    sites: int = 8,
    share: float = 0.15,
    seed: int = 0,
) -> Run:
    """Write a study below `folder`: two samples a group, each against the first; a share of peaks changes."""
    rng = np.random.default_rng(seed)
    groups = [f"day{k}" for k in range(n_contrasts + 1)]
    samples = pd.DataFrame(
        {"group": np.repeat(groups, 2)}, index=pd.Index([f"{g}_{r}" for g in groups for r in "ab"])
    )
    names = [f"{group}_vs_day0" for group in groups[1:]]
    made: dict[str, None] = {}

    def put(key: str, table: pd.DataFrame, path: str) -> None:
        done = fake.completed(table, path, samples.index)
        tables.write_table(done, folder / path, names={"sample": samples.index})
        made[key] = None

    def draw(key: str, figure, path: str) -> None:
        style.save(figure, folder / path)
        made[key] = None

    base, motifs = peaks(n_peaks, rng), library(n_motifs, n_clusters)
    pictures: dict[str, bytes] = {}
    ways = {way: fake.enrichment(way, n_motifs, seed).assign(name=motifs["name"]) for way in ("up", "down")}
    z, variable, moved = fake.chromvar(n_motifs, seed, samples.replace({groups[1]: "treated"}))
    put("variability", variable, "chromvar/variability.tsv")
    drawn_once = {
        "variability_figure": chromvar_plots.variability(variable, len(samples)),
        "heatmap": chromvar_plots.zscores(z, variable, samples["group"]),
    }
    for key, figure in drawn_once.items():
        draw(key, figure, f"chromvar/figures/{key.removesuffix('_figure')}.svg")
    for name in names:
        table = tested(base, rng, share)
        found = fake.completed(evidence(motifs, rng, changed=share > 0), f"factors/{name}.tsv")
        put("differential", table, f"differential/{name}.tsv.gz")
        put("factors", found, f"factors/{name}.tsv")
        put("deviation_tests", moved, f"chromvar/differential/{name}.tsv")
        for way in ways:
            put("enrichment", ways[way], f"motifs/enrichment/{name}.{way}.tsv")
        if not pictures:  # drawn once: what they weigh is what counts
            who = ("treated", "control")
            for key, figure, path in (
                ("ma", plots.ma(table, 0.05, *who), "differential/figures/{}.ma.svg"),
                ("volcano", plots.volcano(table, 0.05, *who), "differential/figures/{}.volcano.svg"),
                ("pvalues", plots.pvalue_histogram(table), "differential/figures/{}.pvalues.svg"),
                ("features", plots.features(table), "differential/figures/{}.features.svg"),
                ("enrichment_figure", enrichment_plots.motifs(*ways.values(), 0.05), "motifs/figures/{}.svg"),
                ("factors_figure", factor_plots.evidence(found, 0.05), "factors/figures/{}.svg"),
            ):
                draw(key, figure, path.format(name))
                pictures[path] = (folder / path.format(name)).read_bytes()
        for path, picture in pictures.items():
            (folder / path.format(name)).write_bytes(picture)
    mean = rng.gamma(1.2, 60, n_peaks)
    counts = rng.poisson(mean[:, None] * rng.gamma(8, 1 / 8, (n_peaks, len(samples))))
    put("counts", pd.DataFrame(counts, columns=samples.index).assign(peak=base["peak"])[
        ["peak", *samples.index]], "counts/counts.tsv.gz")  # fmt: skip
    factors = pd.DataFrame({"sample": samples.index, "used": rng.uniform(0.6, 1.6, len(samples))})
    put("size_factors", factors, "differential/size_factors.tsv")
    for key in ("pca", "correlation"):
        tables.write_text(fake.LOGO, folder / f"qc/figures/{key}.svg")
        made[key] = None
    put("library", motifs, "motifs/library.tsv")
    tf = motifs.assign(tf_name=motifs["tf_names"].str.split(";")).explode("tf_name")
    put("tf_motifs", tf[["tf_name", "motif_id"]], "motifs/tf_motifs.tsv")
    rows = np.repeat(np.arange(n_peaks), sites)
    pairs = (rows, rng.integers(0, n_motifs, len(rows)))
    matches = sparse.csr_matrix((np.ones(len(rows), np.int32), pairs), shape=(n_peaks, n_motifs))
    hits.write_matches(matches, folder / "motifs/matches.npz")
    fake.write_meme(folder / "motifs/library.meme", motifs["motif_id"], rng)
    made |= {"matches": None, "meme": None}
    contrasts = {
        name: {"variable": "group", "experiment": group, "control": "day0"}
        for name, group in zip(names, groups[1:], strict=True)
    }
    given = {
        "settings": {**fake.SETTINGS, "design": "~ group", "contrasts": contrasts, "title": "Many days"},
        "samples": samples.to_dict(orient="index"),
    }
    return Run(folder, folder / "report.html", made=set(made), given=given)
