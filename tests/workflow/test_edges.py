"""Whole runs from small count matrices: no replicates, nothing significant, bad input; and the linter."""

import gzip
import re

import counts_inputs
import pandas as pd
import yaml
from counts_inputs import sheet

from workflow_lib import simulate


def counts_run(project, samples, **options):
    """Write a simulated matrix with its sheet and a config that starts from them."""
    config = counts_inputs.write(project.folder, samples, **options)
    (project.folder / "own.yaml").write_text(yaml.safe_dump(config))
    return ["--cores", 2, "--configfile", "own.yaml"]


def test_without_replicates_all_but_the_tests(new_project):
    project = new_project()
    said = project.snakemake(*counts_run(project, sheet(1, 1)))
    notes = [line for line in said.splitlines() if line.startswith("Note: ")]
    assert any("contrast treated_vs_control: " in note for note in notes)
    assert all(notes.count(note) == 2 for note in notes)  # at both ends, not by each job
    table = project.table("differential/treated_vs_control.tsv.gz")
    assert table["log2FoldChange"].notna().all()
    assert table["pvalue"].isna().all()
    assert "replicate" in (project.folder / "results/report.html").read_text()


def test_contigs_samples_groups_and_contrasts_may_be_called_by_numbers(new_project):
    project = new_project()
    folder = project.folder / "inputs"
    names = {sample: f"{i:02d}" for i, sample in enumerate(simulate.SAMPLES.index)}
    demo = simulate.demo(3, lengths={"1": 300_000, "2": 200_000}, n_genes=12, n_peaks=120, depth=20_000)
    demo.write(folder)
    sheet = simulate.SAMPLES[["group"]].replace({"control": "007", "treated": "010"})
    sheet = sheet.assign(bam=[f"inputs/{s}.bam" for s in names]).rename(index=names)
    sheet.rename_axis("sample").to_csv(project.folder / "sheet.tsv", sep="\t")
    config = {
        "samples": "sheet.tsv",
        "genome": {
            "fasta": "inputs/genome.fa",
            "annotation": "inputs/genes.gtf",
            "blacklist": "inputs/blacklist.bed",
        },
        "peaks": {"files": "inputs/peaks.narrowPeak"},
        "contrasts": {"01": {"experiment": "010", "control": "007"}},
        "motifs": {"release": "JASPAR2024", "tax_group": "nematodes"},
        "enrichment": {"background": "genome", "n_genome": 200},
        "demo": None,
    }
    (folder / "blacklist.bed").write_text("1\t0\t50000\n")
    (project.folder / "own.yaml").write_text(yaml.safe_dump(config))
    project.snakemake("--cores", 2, "--configfile", "own.yaml")
    quality = project.table("qc/samples.tsv", dtype={"sample": str})
    assert quality["sample"].tolist() == list(names.values())
    assert (quality["frip"] > 0.2).all()
    counts = project.table("counts/counts.tsv.gz", index_col="peak")
    assert (counts.sum() > 5000).all()
    hits = pd.read_csv(project.folder / "results/motifs/hits.bed.gz", sep="\t", header=None, dtype=str)
    assert set(hits[0]) == {"1", "2"}
    for name in ("normalisation", "global_shift", "calibration"):
        assert set(project.table(f"differential/{name}.tsv", dtype=str)["contrast"]) == {"01"}
    windows = gzip.decompress(
        (project.folder / "results/motifs/background/genome.fa.gz").read_bytes()
    ).decode()
    starts = [int(start) for start in re.findall(r"window=1:(\d+)-", windows)]
    assert starts
    assert min(starts) >= 50_000


def test_nothing_significant_is_a_complete_report(new_project):
    project = new_project()
    project.snakemake(*counts_run(project, sheet(3, 3), up=0, down=0))
    assert (project.table("differential/treated_vs_control.tsv.gz")["direction"] != "up").all()
    assert (project.folder / "results/differential/treated_vs_control.up.bed").read_text() == ""
    assert "no peak" in (project.folder / "results/report.html").read_text().lower()


def test_all_problems_of_a_bad_run_are_told_at_once_before_any_job(new_project):
    project = new_project()
    arguments = counts_run(project, sheet(2, 2))
    (project.folder / "own.yaml").write_text(
        "samples: sheet.tsv\ncounts: counts.tsv\ndemo: null\ndesgn: '~ group'\n"
        "contrasts: {a_vs_b: {variable: group, experiment: treatd, control: control}}\n"
    )
    text = (project.folder / "counts.tsv").read_text().split("\n")
    text[3] = "\t".join([*text[3].split("\t")[:-1], "-4"])
    (project.folder / "counts.tsv").write_text("\n".join(text))
    said = project.snakemake(*arguments, fails=True)
    for words in ("desgn", "treatd", "-4"):
        assert words in said
    assert "Traceback" not in said
    assert not (project.folder / "results").exists()


def test_snakemake_finds_nothing_to_complain_of(new_project):
    assert "Congratulations" in new_project().snakemake("--lint")
