"""Explain a peak, a gene, a factor: what is told, what is missing, and near names."""

import shutil

import fake_results
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from workflow_lib import __main__ as door
from workflow_lib import intervals
from workflow_lib.errors import InputError
from workflow_lib.io import hits, records, tables
from workflow_lib.questions import explain
from workflow_lib.questions.explain import parts
from workflow_lib.questions.explain.page import content as page_of
from workflow_lib.report import page, plain
from workflow_lib.results.run import Run

N = 60
CONTRAST = fake_results.CONTRAST
CALLED = "chr1:10000-10501"  # peak 10


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Results of every stage that explain knows, of which peak 10 and motif 3 are special."""
    folder = tmp_path_factory.mktemp("whole")
    fake_results.write(folder, drawn=False, n=N)

    def put(table, name):
        tables.write_table(table, folder / name)

    tests = tables.read_table(folder / f"differential/{CONTRAST}.tsv.gz")
    tests.loc[10, ["log2FoldChange", "padj", "pvalue", "direction"]] = [2.5, 1e-9, 1e-11, "up"]
    tests.loc[10, ["gene_name", "feature", "tss_distance"]] = ["TCF7", "promoter", -120]
    put(tests, f"differential/{CONTRAST}.tsv.gz")
    places = intervals.parse_peak_ids(tests["peak"]).reset_index()
    put(places.assign(summit=places["start"] + 250, score=1.5), "peaks/peaks.tsv")
    annotated = places.assign(summit=places["start"] + 250)
    annotated = annotated.join(tests[["feature", "gene_name", "tss_distance"]])
    annotated["gene_id"] = [f"ENSG{i // 3:03d}.7" for i in range(N)]
    annotated = annotated.assign(nearest_gene_id=annotated["gene_id"], nearest_gene_name=tests["gene_name"])
    beside = ["tss_distance", "nearest_gene_id", "nearest_gene_name"]
    annotated.loc[9, beside] = [30, "ENSG099.1", "BESIDE"]  # it lies in a gene, far from the gene's start
    put(annotated.assign(gene_type="protein_coding"), "annotation/peaks.tsv.gz")
    put(fake_results.counts(N).reset_index(), "counts/counts.tsv.gz")
    under = {"peak": tests["peak"], "n_up": (tests["direction"] == "up").astype(int) * 2, "n_down": 0}
    for method in ("ratio", "library"):
        under |= {
            f"{method}.{name}": tests[name] for name in ("baseMean", "log2FoldChange", "stat", "direction")
        }
    put(pd.DataFrame(under).assign(n_methods=2), f"differential/normalisation/{CONTRAST}.tsv.gz")

    library = fake_results.library().assign(cluster="MA0003.1", length=8)
    put(library, "motifs/library.tsv")
    factors = pd.DataFrame({"tf_name": library["name"], "motif_id": library["motif_id"]})
    factors.loc[3, "tf_name"] = "TCF7"
    put(factors, "motifs/tf_motifs.tsv")
    windows = pd.DataFrame({"peak": places["peak"], "chrom": places["chrom"], "start": places["start"]})
    windows = windows.sort_values(["chrom", "start"], kind="stable", ignore_index=True)
    row = int(np.flatnonzero(windows["peak"] == CALLED)[0])
    shard = pd.DataFrame(
        {"peak": [row, row], "motif": [3, 8], "start": [10100, 10200], "end": [10108, 10208]}
    )
    hits.write_shard(shard.assign(strand=["+", "-"], score=[12.5, 9.0]), folder / "shard.parquet")
    hits.gather(
        [folder / "shard.parquet"],
        windows,
        list(library["motif_id"]),
        folder / "motifs/hits.bed.gz",
        folder / "motifs/matches.npz",
    )
    matches = sparse.lil_matrix((N, len(library)), dtype=int)
    matches[10, 3] = matches[10, 8] = 1
    hits.write_matches(matches, folder / "motifs/matches.npz")
    z, _, _ = fake_results.chromvar()
    put(z.reset_index(), "chromvar/zscores.tsv.gz")
    ranked = {
        "rank": 1,
        "cluster": "MA0003.1",
        "representative": "MA0003.1",
        "name": "TF3",
        "members": "TF3, TF8",
    }
    ranked |= {"direction": "up", "padj": 1e-6, "agreement": "2 of 3", "conflicts": None}
    ranked["unconfirmed"] = "chromVAR not significant (adjusted p 0.2)"
    put(pd.DataFrame([ranked]), f"factors/{CONTRAST}.tsv")
    link = {"gene_id": "ENSG003.7", "gene_name": "TCF7", "peak": CALLED, "distance": -120, "spearman": 0.9}
    put(pd.DataFrame([link]).assign(pvalue=0.001, padj=0.01), "linkage/links.tsv.gz")
    locus = {"name": "TCF7", "chrom": "chr1", "start": 9000, "end": 12000, "why": "top", "file": "01_TCF7"}
    put(pd.DataFrame([locus]), f"loci/{CONTRAST}/loci.tsv")
    tables.write_text(fake_results.LOGO, folder / f"loci/{CONTRAST}/01_TCF7.svg")
    records.write(
        folder / records.NAME,
        settings=fake_results.SETTINGS,
        samples=fake_results.SAMPLES.to_dict(orient="index"),
        versions={"atacdiff": "1"},
    )
    return folder


def told(folder, kind, name):
    return plain.text(getattr(explain, kind)(Run(folder), name))


@pytest.mark.parametrize("name", [CALLED, "chr1:10,001-10,501", "chr1:10400-10700"])
def test_a_peak_by_id_or_by_any_region_that_touches_it(whole, name):
    text = told(whole, "peak", name)
    assert f"{CALLED}: 501 bp at chr1:10,001-10,501, promoter, 120 bp upstream of the start of TCF7." in text
    assert f"{CONTRAST}: more open; log2 fold change 2.50, adjusted p 1.0e-09" in text
    assert "so called under 2 of 2 sets of size factors" in text
    count = int(fake_results.counts(N).loc[CALLED, "treated_2"])
    factor = tables.read_table(whole / "differential/size_factors.tsv", index="sample")["used"]["treated_2"]
    cells = next(line for line in text.splitlines() if line.strip().startswith("treated_2")).split()
    assert cells[1] == "treated"
    assert cells[3] == f"{count:,}"
    assert float(cells[4].replace(",", "")) == pytest.approx(count / factor, rel=0.01)
    motif = next(line for line in text.splitlines() if "TF3" in line and "chr1:10,101-10,108" in line)
    assert motif.split() == ["MA0003.1", "TF3", "chr1:10,101-10,108", "+", "12.5"]
    assert "TCF7  ENSG003.7" in text  # the link
    assert f"loci/{CONTRAST}/01_TCF7.svg" in text


def test_several_peaks_are_listed(whole):
    text = told(whole, "peak", "chr1:1-12,300")
    assert "chr1:1-12,300 overlaps 7 peaks; details of the first 5." in text
    listed = text.split("Peaks that overlap")[1].split("\n\n")[0]
    assert [f"chr1:{i * 1000}-{i * 1000 + 501}" in listed for i in (0, 2, 12, 14)] == [
        True,
        True,
        True,
        False,
    ]


def test_no_peak_there_names_the_nearest(whole):
    with pytest.raises(InputError, match=r"nearest are chr1:10000-10501 \(100 bp away\)"):
        told(whole, "peak", "chr1:10,602-10,700")
    with pytest.raises(InputError, match="no peak on 'chr11'; did you mean chr1"):
        told(whole, "peak", "chr11:1-100")
    with pytest.raises(InputError, match="neither a peak of this run nor a region"):
        told(whole, "peak", "TCF7")


@pytest.mark.parametrize("name", ["TCF7", "tcf7"])
def test_a_gene_by_name(whole, name):
    text = told(whole, "gene", name)
    assert "1 peak lies in TCF7 (ENSG003.7) or nearest to its start." in text
    assert f"{CONTRAST}: 1 more open." in text
    assert "It codes for a factor with a motif" in text
    assert "could be linked with it: 1. Linked, at an adjusted p-value below 0.05: 1." in text


def test_a_gene_by_id_without_version(whole):
    assert "3 peaks lie in " in told(whole, "gene", "ensg003")


def test_a_peak_in_one_gene_near_the_start_of_another_names_both(whole):
    peaks = Run(whole).places.index
    gene, feature = "Gene3", tables.read_table(whole / "annotation/peaks.tsv.gz")["feature"][9]
    text = told(whole, "peak", peaks[9])
    assert f", {feature} of {gene}, 30 bp downstream of the start of BESIDE." in text
    listed = told(whole, "gene", "ensg003").partition("those nearest to its start first")[2]
    assert listed.index(peaks[10]) < listed.index(peaks[9])  # 120 bp from the gene's own start
    assert listed.index(peaks[11]) < listed.index(peaks[9])  # thousands of bp from it


def test_an_unknown_gene_gets_near_names(whole):
    with pytest.raises(InputError, match=r"no peak has it or is linked with it; did you mean .*TCF7"):
        told(whole, "gene", "TCF77")


def test_a_factor(whole):
    text = told(whole, "factor", "tcf7")
    assert "tcf7 has 1 motif in this run." in text
    assert f"{CONTRAST}: activity rises; rank 1 of 1 clusters of similar motifs, adjusted p 1.0e-06" in text
    assert "2 of 3 lines of evidence agree. Not confirmed: chromVAR not significant (adjusted p 0.2)." in text
    assert "Enrichment in peaks that are more open" in text
    assert CALLED in text.split("Changed peaks with a hit")[1]
    assert "peaks of its gene" in text
    with pytest.raises(InputError, match=r"near names: .*TF8"):
        told(whole, "factor", "TCF8")


def test_a_run_from_counts_alone(tmp_path):
    fake_results.write(tmp_path, motifs=False, reads=False, demo=False, drawn=False, n=N)
    text = told(tmp_path, "peak", CALLED)
    assert f"{CALLED}: 501 bp at chr1:10,001-10,501." in text
    assert "Not in this run: motifs" in text
    with pytest.raises(InputError, match=r"peaks have no genes; give genome\.annotation"):
        told(tmp_path, "gene", "TCF7")
    with pytest.raises(InputError, match=r"library\.tsv is not there.* or genome\.fasta"):
        told(tmp_path, "factor", "TCF7")
    with pytest.raises(InputError, match="no differential tables"):
        Run.finished(tmp_path / "counts")


def test_a_contrast_without_directions(tmp_path):
    fake_results.write(tmp_path, drawn=False, n=N)
    for path in tmp_path.glob(f"differential/**/{CONTRAST}.tsv*"):
        table = tables.read_table(path)
        for column in [name for name in table if str(name).endswith("direction")]:
            table[column] = table[column].replace({"up": "changed", "down": "changed"})
        tables.write_table(table, path)
    under = table[["peak"]].assign(n_up=0, n_down=0, n_methods=1)
    for method in ("ratio", "library"):
        columns = ["baseMean", "log2FoldChange", "stat", "direction"]
        under = under.join(table[columns].add_prefix(f"{method}."))
    (tmp_path / "differential/normalisation").mkdir(exist_ok=True)
    under.to_csv(tmp_path / f"differential/normalisation/{CONTRAST}.tsv.gz", sep="\t", index=False)
    run = Run.finished(tmp_path)
    table = run.tests(CONTRAST)
    changed = table.index[table["direction"] == "changed"][0]
    said = told(tmp_path, "peak", changed)
    assert f"{CONTRAST}: changed" in said
    assert "so called under 1 of 2 sets of size factors" in said
    assert "called by" in told(tmp_path, "peak", "chr1:1-60000")


def test_peaks_with_names_of_their_own(tmp_path):
    fake_results.write(tmp_path, motifs=False, reads=False, demo=False, drawn=False, n=N)
    path = tmp_path / f"differential/{CONTRAST}.tsv.gz"
    table = tables.read_table(path)
    names = dict(zip(table["peak"], (f"Interval_{i}" for i in range(len(table))), strict=True))
    for each in tmp_path.rglob("*.tsv*"):
        rows = tables.read_table(each)
        if "peak" in rows:
            tables.write_table(rows.assign(peak=rows["peak"].map(names)), each)
    (tmp_path / "peaks").mkdir(exist_ok=True)
    rows = "".join(f"{name}\tNA\tNA\tNA\n" for name in names.values())
    (tmp_path / "peaks/peaks.tsv").write_text("peak\tchrom\tstart\tend\n" + rows)
    assert "Interval_3: at an unknown place" in told(tmp_path, "peak", "Interval_3")


def test_nothing_tested_is_told_as_such(tmp_path):
    fake_results.write(tmp_path, tested=False, drawn=False, n=N)
    assert f"{CONTRAST}: not tested; log2 fold change" in told(tmp_path, "peak", CALLED)


def test_the_page_has_what_the_text_has_and_is_escaped(whole, tmp_path):
    target = tmp_path / "deep/peak.html"
    content = explain.peak(Run(whole, target), CALLED)
    html = page.render(content)
    assert "data:image/svg+xml" in html
    address = parts.loci(Run(whole, target), Run(whole).places).parts[0].figures[0].href
    assert (target.parent / address).resolve() == whole / f"loci/{CONTRAST}/01_TCF7.svg"
    assert "12.5" in html
    odd = page_of(Run(whole), "<b>&", [], [])
    assert "<title>&lt;b&gt;&amp;</title>" in page.render(odd)


def test_on_the_command_line(whole, tmp_path, capsys):
    assert door.main(["--results", str(whole), "explain", "gene", "TCF7"]) == 0
    assert capsys.readouterr().out.startswith("Gene TCF7\n=========\n")
    target = tmp_path / "page.html"
    assert door.main(["--results", str(whole), "explain", "peak", CALLED, "--html", str(target)]) == 0
    assert target.read_text().startswith("<!DOCTYPE html>")
    assert door.main(["--results", str(whole), "explain", "gene", "NOPE"]) == 2
    assert "no peak has it" in capsys.readouterr().err


@pytest.fixture(scope="module")
def targeted(whole, tmp_path_factory):
    """The same run with sites and targets, modes of action, candidate peaks and gene sets."""
    folder = tmp_path_factory.mktemp("targeted") / "results"
    shutil.copytree(whole, folder)
    path = folder / f"factors/{CONTRAST}.tsv"
    ranked = pd.read_csv(path, sep="\t").assign(
        family="HMG",
        likely_members="TF3",
        not_expressed="TF8",
        expression_levels="TCF7 30, TF8 0",
        role="activator",
    )
    ranked.to_csv(path, sep="\t", index=False)
    site = {
        "cluster": "MA0003.1",
        "name": "TF3",
        "motif_id": "MA0003.1",
        "motif_name": "TF3",
        "chrom": "chr1",
    }
    site |= {
        "start": 10100,
        "end": 10108,
        "strand": "+",
        "score": 12.5,
        "peak": CALLED,
        "log2FoldChange": 2.5,
    }
    site |= {"padj": 1e-9, "direction": "up", "gene_name": "TCF7", "linked_genes": "TCF7 +0.90"}
    sites = pd.DataFrame(
        [site, site | {"start": 300, "peak": "chr1:0-501", "direction": "none", "gene_name": "B"}]
    )
    sites.to_csv(folder / f"factors/{CONTRAST}.targets.tsv.gz", sep="\t", index=False)
    counted = {"rank": 1, "cluster": "MA0003.1", "name": "TF3", "direction": "up", "n_hits": 7, "n_peaks": 5}
    counted |= {"n_up": 3, "n_down": 1, "listed": True}
    pd.DataFrame([counted]).to_csv(folder / f"factors/{CONTRAST}.target_counts.tsv", sep="\t", index=False)
    role = {"cluster": "MA0003.1", "factor": "TCF7", "r_within": 0.93, "role": "activator", "padj": 0.01}
    pd.DataFrame([role]).to_csv(folder / "factors/roles.tsv", sep="\t", index=False)
    near = {"peak": [CALLED, "chr1:20000-20501"], "gene_id": "ENSG003.7", "gene_name": "TCF7"}
    near |= {"distance": [-120, 9000], "contact": [1.0, 0.6], "score": [0.125, 0.5]}
    pd.DataFrame(near).to_csv(folder / "annotation/contacts.tsv.gz", sep="\t", index=False)
    (folder / "regions").mkdir()
    sets = pd.DataFrame(
        {"set": ["WNT", "OTHER"], "pvalue": 0.001, "padj": 0.01, "genes": ["LEF1,TCF7", "TCF71"]}
    )
    sets.to_csv(folder / f"regions/{CONTRAST}.up.tsv", sep="\t", index=False)
    return folder


@pytest.mark.parametrize("name", ["TCF7", "tcf7", "TCF1"])
def test_a_factor_has_its_sites_genes_expression_and_mode_of_action(targeted, name):
    text = told(targeted, "factor", name)
    assert "The cluster's 7 sites lie in 5 peaks, of which 3 opened and 1 closed." in text
    assert "Family: HMG. Not expressed: TF8. Mode of action: activator." in text
    assert f"{CONTRAST}: 1 site in 1 changed peak, of 1 gene: TCF7." in text
    sites = text.split("Its sites in changed peaks")[1].split("\n\n")[0]
    assert "chr1:10,101-10,108" in sites
    assert "chr1:301" not in sites
    assert "TCF7 30, TF8 0" in text
    assert "Its sites against its expression, within groups" in text


@pytest.mark.parametrize("name", ["TCF7", "TCF1", "ENSG003"])
def test_a_gene_has_candidate_peaks_and_sets(targeted, name):
    text = told(targeted, "gene", name)
    candidates = text.split("Candidate peaks by distance")[1].split("\n\n")[0]
    rows = [line.split()[0] for line in candidates.splitlines() if line.strip().startswith("chr1")]
    assert rows == ["chr1:20000-20501", CALLED]
    sets = text.split("gene sets that name this gene")[1].split("\n\n")[0]
    assert "WNT" in sets
    assert "OTHER" not in sets
    assert CALLED in text.split("Counts over size factors")[0]


def test_a_factor_of_a_contrast_without_directions(targeted, tmp_path):
    folder = shutil.copytree(targeted, tmp_path / "results")
    for name in (f"factors/{CONTRAST}.tsv", f"factors/{CONTRAST}.target_counts.tsv"):
        table = pd.read_csv(folder / name, sep="\t")
        table["direction"] = table["direction"].replace({"up": "changed", "down": "changed"})
        table = table.drop(columns="n_down", errors="ignore").rename(columns={"n_up": "n_changed"})
        table.to_csv(folder / name, sep="\t", index=False)
    text = told(folder, "factor", "TCF7")
    assert f"{CONTRAST}: activity changes" in text
    assert "sites lie in 5 peaks, of which 3 changed." in text


def test_sites_that_are_not_listed_are_said_to_be(targeted):
    other = Run(targeted).table("library")["name"].iloc[20]
    assert "its sites are not listed" in told(targeted, "factor", other)
