"""A finished demo is asked: explain, compare, the workbook, and what the end of a run says."""

import zipfile

import mudata

from workflow_lib import __main__ as door


def test_the_end_of_a_run_says_where_the_report_is_and_what_it_answers(copy_of_demo):
    (copy_of_demo.folder / "results/report.html").unlink()
    assert "The report is" not in copy_of_demo.snakemake("--dry-run")
    assert "The report is" not in copy_of_demo.snakemake("--cores", 1, "--force", "results/run.json")
    said = copy_of_demo.snakemake("--cores", 1)
    assert f"The report is {copy_of_demo.folder / 'results/report.html'}. Its answer:" in said
    sentences = (copy_of_demo.folder / "results/answer.txt").read_text().splitlines()
    assert len(sentences) >= 5
    assert all(sentence in said for sentence in sentences)


def test_explain_knows_what_the_demo_found(demo, capsys, tmp_path):
    asked = ["--results", str(demo.folder / "results"), "explain"]
    called = demo.table("differential/treated_vs_control.tsv.gz").sort_values("pvalue").iloc[0]
    assert door.main([*asked, "peak", called["peak"]]) == 0
    text = capsys.readouterr().out
    assert f"treated_vs_control: more open; log2 fold change {called['log2FoldChange']:.2f}" in text
    assert "results/loci/treated_vs_control/" in text
    assert "Not in this run" not in text
    assert door.main([*asked, "gene", called["gene_name"]]) == 0
    assert called["peak"] in capsys.readouterr().out
    page = tmp_path / "tcf7.html"
    assert door.main([*asked, "factor", "TCF7", "--html", str(page)]) == 0
    assert "treated_vs_control: activity rises" in page.read_text()


def test_compare_finds_the_demo_like_itself(demo, capsys):
    assert door.main(["compare", str(demo.folder), str(demo.folder / "results")]) == 0
    text = capsys.readouterr().out
    assert "Differing: 0 settings, 0 sample values, 0 versions, 0 input files." in text
    assert "the same peaks are called" in text
    assert "tables are the same, byte by byte" in text


def test_the_workbook_and_the_export_hold_every_stage(demo):
    with zipfile.ZipFile(demo.folder / "results/tables.xlsx") as archive:
        names = archive.read("xl/workbook.xml").decode()
    for name in ("Factors", "Peaks", "Motifs up", "Motifs down", "chromVAR", "Footprints"):
        assert f'name="{name} treated_vs_control"' in names
    for name in ("Contents", "Variability", "Quality", "Normalisation", "Size factors", "Calibration"):
        assert f'name="{name}"' in names
    mudata.set_options(pull_on_update=False)  # else it warns that this will be so
    experiment = mudata.read_h5mu(demo.folder / "results/experiment.h5mu")
    motifs = experiment["motifs"]
    assert "treated_vs_control:footprints:delta_depth" in motifs.var
    assert {"deviations", "footprint_depth", "footprint_flank"} <= set(motifs.layers)
    ranked = demo.table("factors/treated_vs_control.tsv")
    assert motifs.uns["factors"]["treated_vs_control"]["cluster"].tolist() == ranked["cluster"].tolist()
