"""The demo from simulation to report: truth found, and the same bytes however it is run."""

import re
import shutil

import mudata
import numpy as np
import pandas as pd
import pytest

from workflow_lib.genome import genes
from workflow_lib.io import catalogue
from workflow_lib.io.gene_sets import GeneSet
from workflow_lib.regions import study


def test_most_planted_changes_are_called_and_few_others(demo):
    planted = demo.table("../resources/demo/truth/peaks.tsv", index_col="peak")["change"]
    called = demo.table("differential/treated_vs_control.tsv.gz", index_col="peak")["direction"]
    assert called.index.tolist() == demo.table("peaks/peaks.tsv")["peak"].tolist()
    called, planted = called.isin(["up", "down"]), planted.reindex(called.index).isin(["up", "down"])
    assert (called & ~planted).sum() <= 0.1 * called.sum()
    assert (called & planted).sum() >= 0.6 * planted.sum()


@pytest.mark.parametrize(("direction", "driver"), [("up", "TCF7"), ("down", "SPI1")])
def test_the_planted_driver_leads_the_enrichment(demo, direction, driver):
    table = demo.table(f"motifs/enrichment/treated_vs_control.{direction}.tsv")
    first = table.sort_values("log10_pvalue", kind="stable")["name"].str.upper()
    assert driver in first.head(5).tolist()
    assert (table["pvalue"] > 0).all()


def test_sets_of_genes_among_planted_changes_are_found_in_their_direction_alone(demo):
    result = demo.table("differential/treated_vs_control.tsv.gz")
    peaks = demo.table("peaks/peaks.tsv").set_index("peak").loc[result["peak"]].reset_index()
    planted = demo.table("../resources/demo/truth/peaks.tsv", index_col="peak")["change"]
    models = genes.from_gtf(demo.folder / "resources/demo/genes.gtf")
    domains = study.prepare(peaks, models).loci.genes.T
    change = planted.reindex(result["peak"])
    more = domains @ (change == "up").to_numpy(float) - domains @ (change == "down").to_numpy(float)
    names = models.genes["gene_name"]
    given = [
        GeneSet("opened", "", "", tuple(names[more > 0])),
        GeneSet("closed", "", "", tuple(names[more < 0])),
    ]
    sets = study.prepare(peaks, models, given)
    covariates = pd.DataFrame(
        {"width": peaks["end"] - peaks["start"], "log_mean_count": np.log1p(result["baseMean"])}
    )
    for direction, right, wrong in (("up", "opened", "closed"), ("down", "closed", "opened")):
        changed, unchanged = result["direction"] == direction, result["direction"] == "none"
        found = study.compare(sets, changed, unchanged, covariates).set_index("set")
        assert found["odds_ratio"][right] > 1 > found["odds_ratio"][wrong]
        assert found["pvalue"][right] < 0.05 < 0.5 < found["pvalue"][wrong]
    along = study.along(sets, result["stat"], covariates).set_index("set")
    assert along["shift"]["opened"] > 0 > along["shift"]["closed"]
    assert (along["padj"] < 0.05).all()


def test_decoys_are_not_enriched(demo):
    motifs = demo.table("../resources/demo/truth/motifs.tsv", index_col="motif_id")
    decoys = motifs.index[motifs["role"] == "decoy"]
    for direction in ("up", "down"):
        table = demo.table(f"motifs/enrichment/treated_vs_control.{direction}.tsv", index_col="motif_id")
        assert (table.loc[decoys, "padj"] > 0.05).all()


def test_chromvar_ranks_the_drivers_among_the_most_variable(demo):
    table = demo.table("chromvar/variability.tsv").sort_values("variability", ascending=False)
    names = table["name"].str.upper().head(60).tolist()
    assert "TCF7" in names
    assert "SPI1" in names


def test_the_export_opens_with_what_the_tables_hold(demo):
    mudata.set_options(pull_on_update=False)  # else it warns that this will be so
    experiment = mudata.read_h5mu(demo.folder / "results/experiment.h5mu")
    counts = demo.table("counts/counts.tsv.gz", index_col="peak")
    peaks = experiment["peaks"]
    assert peaks.obs_names.tolist() == counts.columns.tolist()
    np.testing.assert_array_equal(peaks.X.toarray().T, counts)
    assert experiment["motifs"].n_vars == len(demo.table("motifs/library.tsv"))


def test_the_report_is_one_offline_file_that_links_every_table(demo):
    report = (demo.folder / "results/report.html").read_text()
    loaded = re.findall(r"<(?:img|script|link|iframe)\b[^>]*?\b(?:src|href)=\"([^\"]*)", report)
    assert loaded
    assert all(address.startswith("data:") for address in loaded)
    assert len(report) < 10_000_000
    for name in demo.tables():
        entry = catalogue.of_path(f"results/{name}")
        if name.endswith((".tsv", ".tsv.gz")) and entry.listed:
            where = name.rpartition("/")[0] if "{motif}" in entry.path else name  # one row for all motifs
            assert f'href="{where}"' in report, name


def test_nothing_is_left_to_do_and_nothing_half_written(demo):
    assert "Nothing to be done" in demo.snakemake("--cores", 1)
    assert not list(demo.folder.rglob(".partial-*"))


def test_other_cores_and_shards_give_the_same_bytes(demo, new_project):
    other = new_project()
    shutil.copytree(demo.folder / "resources/demo", other.folder / "resources/demo")
    # no table rests on a figure; plot_loci lists its places in one
    figures = [name for name in other.rules() if name.startswith("plot_") and name != "plot_loci"]
    other.snakemake("--cores", 1, "--set-scatter", "motifs=7", "--omit-from", *figures)
    ours, theirs = demo.tables(), other.tables()
    assert ours.keys() == theirs.keys()
    differing = [name for name in ours if ours[name] != theirs[name]]
    assert not differing
