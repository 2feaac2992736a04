"""Input files: each fault names the file, what is wrong and the fix; contigs that are called differently."""

import copy
import gzip
import os
import subprocess
from pathlib import Path

import pandas as pd
import pysam
import pytest

from workflow_lib import preflight
from workflow_lib.errors import InputError
from workflow_lib.fragments import store
from workflow_lib.io import kept, sheets, tables
from workflow_lib.preflight import contigs

CONFIG = Path(__file__).resolve().parents[2] / "config"
SCHEMA = sheets.read_yaml(CONFIG / "schemas/config.schema.yaml")
LENGTHS = {"chr1": 1000, "chr2": 800, "chrM": 300}


def write_bam(path: Path, lengths=LENGTHS, order: str | None = "coordinate", index: bool = True) -> str:
    header = {"HD": {"VN": "1.6"} | ({"SO": order} if order else {})}
    header["SQ"] = [{"SN": name, "LN": length} for name, length in lengths.items()]
    with pysam.AlignmentFile(path, "wb", header=header):
        pass
    if index:
        pysam.index(str(path))
    return str(path)


def write_fasta(path: Path, lengths=LENGTHS) -> str:
    path.write_text("".join(f">{name} some words\n{'ACGT' * (n // 4)}\n" for name, n in lengths.items()))
    return str(path)


def write_gtf(path: Path, names=("chr1", "chr2")) -> str:
    line = '{}\tx\tgene\t1\t50\t.\t+\t.\tgene_id "g"; gene_name "G";\n'
    path.write_text("#!genome\n" + "".join(line.format(name) for name in names))
    return str(path)


def write_bed(path: Path, *rows: str) -> str:
    path.write_text("".join(row.replace(" ", "\t") + "\n" for row in rows))
    return str(path)


class Project:
    """Right inputs in a folder, to put one fault into, and what preflight says of them."""

    def __init__(self, folder: Path):
        self.folder = folder
        bams = [write_bam(folder / f"{name}.bam") for name in ("c1", "c2", "t1", "t2")]
        groups = ["control", "control", "treated", "treated"]
        self.samples = pd.DataFrame(
            {"group": groups, "bam": bams}, index=pd.Index(["c1", "c2", "t1", "t2"], name="sample")
        )
        self.given = {
            "samples": "samples.tsv",
            "genome": {
                "fasta": write_fasta(folder / "genome.fa"),
                "annotation": write_gtf(folder / "genes.gtf"),
            },
            "peaks": {"files": write_bed(folder / "peaks.bed", "chr1 10 110", "chr2 700 800")},
        }

    def survey(self, deep: bool = True) -> preflight.Survey:
        config, found = preflight.configuration(self.given, SCHEMA)
        assert found == []
        return preflight.survey(config, self.samples, deep=deep)

    def told(self, deep: bool = True) -> list[str]:
        return [str(problem).replace(f"{self.folder}/", "") for problem in self.survey(deep).problems]


@pytest.fixture
def project(tmp_path) -> Project:
    return Project(tmp_path)


def test_right_inputs(project):
    assert project.told() == []
    assert project.told(deep=False) == []
    assert project.survey().notes == []


# --- each file by itself


def test_missing_empty_and_unreadable_files(project):
    project.given["genome"]["fasta"] = "none.fa"
    (project.folder / "genes.gtf").write_text("")
    project.given["peaks"]["files"] = str(project.folder)
    project.samples.loc["t1", "bam"] = "~/t1.bam"
    project.samples.loc["t2", "bam"] = "$HOME/t2.bam"
    assert project.told() == [
        "config, key genome.fasta: there is no file none.fa. Fix: correct the path, which counts from "
        "the folder "
        "in which the workflow is run.",
        "config, key genome.annotation: genes.gtf is empty (0 bytes). Fix: copy or make it again.",
        f"config, key peaks.files: {project.folder} is a folder. Fix: name the file in it.",
        "samples.tsv, sample t1, column bam: there is no file ~/t1.bam. Fix: write ${HOME}/t1.bam.",
        "samples.tsv, sample t2, column bam: there is no file $HOME/t2.bam. Fix: write variables in "
        "braces, as "
        "${NAME}.",
    ]


def test_demo_files_without_the_demo(project, monkeypatch):
    monkeypatch.chdir(project.folder)
    project.given["genome"]["fasta"] = "resources/demo/genome.fa"
    assert project.told() == [
        "config, key genome.fasta: there is no file resources/demo/genome.fa. Fix: set demo: {seed: 1} "
        "in the "
        "config, which makes it, or name your own file."
    ]


def test_files_that_the_demo_makes_are_left_to_the_rule(project, monkeypatch):
    given = sheets.read_yaml(CONFIG / "config.yaml")
    samples, found = preflight.sheet(
        str(CONFIG / "samples.tsv"),
        preflight.configuration(given, SCHEMA)[0],
        sheets.read_yaml(CONFIG / "schemas/samples.schema.yaml"),
    )
    assert found == []
    config, _ = preflight.configuration(given, SCHEMA)
    monkeypatch.chdir(project.folder)
    assert preflight.survey(config, samples).problems == []
    found = preflight.survey(config, samples, deep=True).problems
    assert len(found) == 10
    assert preflight.paths(config, samples) == [
        "resources/demo/genome.fa",
        "resources/demo/genes.gtf",
        "resources/demo/peaks.narrowPeak",
        *(f"resources/demo/{group}_{i}.bam" for group in ("control", "treated") for i in (1, 2, 3)),
        "resources/demo/expression.tsv",
    ]


def test_bam_without_index(project):
    (project.folder / "t1.bam.bai").unlink()
    assert project.told(deep=False) == [
        "samples.tsv, sample t1, column bam: t1.bam has no index. Fix: samtools index t1.bam."
    ]
    os.rename(project.folder / "c1.bam.bai", project.folder / "c1.bai")
    assert len(project.told()) == 1


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ("queryname", "says SO:queryname"),
        ("unsorted", "says SO:unsorted"),
        (None, "does not say SO:coordinate"),
    ],
)
def test_bam_that_is_not_sorted_by_coordinate(project, order, said):
    write_bam(project.folder / "t1.bam", order=order, index=False)
    (project.folder / "t1.bam.bai").unlink()
    assert project.told() == [
        f"samples.tsv, sample t1, column bam: t1.bam is not sorted by coordinate (its header {said}). "
        "Fix: samtools sort -o t1.sorted.bam t1.bam && samtools index t1.sorted.bam."
    ]


def test_files_that_are_no_bam(project):
    (project.folder / "c1.bam").write_bytes(b"CRAM\x03\x00 and more")
    (project.folder / "c2.bam").write_text("@HD\tVN:1.6\n")
    (project.folder / "t1.bam").write_bytes(gzip.compress(b"something else"))
    whole = (project.folder / "t2.bam").read_bytes()
    (project.folder / "t2.bam").write_bytes(whole[:-28])
    found = project.told()
    assert len(found) == 4
    assert "c1.bam: is CRAM, and the name says BAM" in found[0]
    assert "Fix: mv c1.bam c1.cram && samtools index c1.cram" in found[0]
    assert "c2.bam: is SAM. Fix: samtools sort -o c2.sorted.bam c2.bam" in found[1]
    assert "t1.bam: is not a BAM. Fix: give the sorted BAM" in found[2]
    assert "t2.bam: is cut short" in found[3]
    assert "copy or make it again" in found[3]


def write_cram(project, genome: str) -> None:
    """The sample t1 as CRAM made with a genome of the folder."""
    folder = project.folder
    arguments = ("-C", "-T", str(folder / genome), "-o", str(folder / "t1.cram"), str(folder / "t1.bam"))
    pysam.view(*arguments, catch_stdout=False)
    pysam.index(str(folder / "t1.cram"))
    project.samples.loc["t1", "bam"] = str(folder / "t1.cram")


def test_a_cram_needs_its_own_genome(project):
    write_cram(project, "genome.fa")
    assert project.told() == []
    (project.folder / "t1.cram.crai").unlink()
    assert project.told(deep=False) == [
        "samples.tsv, sample t1, column bam: t1.cram has no index. Fix: samtools index t1.cram."
    ]
    (project.folder / "other.fa").write_text((project.folder / "genome.fa").read_text().replace("CG", "GC"))
    write_cram(project, "other.fa")
    assert project.told(deep=False) == []  # the whole genome is read by the first job
    (found,) = project.told()
    assert "t1.cram: was made with another sequence of chr1 than genome.fa has" in found
    project.given["genome"]["fasta"] = None
    (found,) = [line for line in project.told(deep=False) if "CRAM" in line]
    assert "key genome.fasta: is not set, and t1.cram is CRAM" in found


def test_contigs_beyond_the_reach_of_a_bai_need_a_csi(project):
    lengths = LENGTHS | {"chr1": 600_000_000}
    write_bam(project.folder / "t1.bam", lengths, index=False)
    (project.folder / "t1.bam.bai").unlink()
    found = [line for line in project.told(deep=False) if "no index" in line]
    assert found == [
        "samples.tsv, sample t1, column bam: t1.bam has no index. Fix: samtools index -c t1.bam."
    ]
    pysam.index("-c", str(project.folder / "t1.bam"))
    assert not [line for line in project.told(deep=False) if "no index" in line]


def test_an_index_older_than_its_bam_is_noted(project):
    os.utime(project.folder / "t1.bam.bai", (1, 1))
    survey = project.survey()
    assert survey.problems == []
    (note,) = survey.notes
    assert f"{project.folder}/t1.bam.bai is older than its BAM" in note
    assert f"samtools index {project.folder}/t1.bam" in note


def test_fasta_that_cannot_be_used(project):
    text = (project.folder / "genome.fa").read_text()
    path = project.folder / "genome.fa.gz"
    project.given["genome"]["fasta"] = str(path)
    path.write_bytes(gzip.compress(text.encode()))
    (found,) = project.told()
    assert "genome.fa.gz: is compressed by gzip, which cannot be read from the middle (bgzip can)" in found
    assert "Fix: gzip -dc genome.fa.gz | bgzip > genome.bgzip.fa.gz, and name that." in found
    pysam.tabix_compress(str(project.folder / "genome.fa"), str(path), force=True)
    assert project.told() == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            ">chr1\nAC\n>chr1\nAC\n",
            "genome.fa, line 3: contig chr1 is there twice. Fix: rename or remove it.",
        ),
        (">chr1\nAC\n> \nAC\n", "genome.fa, line 3: a contig has no name. Fix: rename or remove it."),
        ("chr1\nAC\n", "genome.fa, line 1: does not begin with '>'. Fix: give a FASTA."),
        (
            ">chr1\nAC\n>chr2\n",
            "genome.fa: contig chr2 has no sequence: the file may be cut short. Fix: copy it again.",
        ),
    ],
)
def test_fasta_with_a_fault(project, text, message):
    (project.folder / "genome.fa").write_text(text)
    assert any(message in problem for problem in project.told())


def test_lengths_of_a_fasta_with_windows_ends_and_its_index_agree(tmp_path):
    from workflow_lib.io import headers

    path = tmp_path / "a.fa"
    path.write_bytes(b">one x\r\nACGT\r\nAC\r\n>two\r\nA\r\n\r\n")
    assert headers.index_fasta(path)[0] == {"one": 6, "two": 1}
    assert headers.read_fasta_index(path) is None
    write_fasta(path)
    pysam.faidx(str(path))
    assert headers.read_fasta_index(path) == headers.index_fasta(path)[0] == LENGTHS
    os.utime(f"{path}.fai", (1, 1))
    assert headers.read_fasta_index(path) is None


def test_faults_of_peak_files_name_the_line(project):
    write_bed(project.folder / "peaks.bed", "# made by hand", "chr1 10 110", "chr1 50 40")
    (found,) = project.told()
    assert found.startswith("peaks.bed:3: its end is not after its start")
    assert "Fix: correct or delete the line." in found
    write_bed(project.folder / "peaks.bed", "# nothing")
    (found,) = project.told()
    assert found == (
        "config, key peaks.files: peaks.bed: holds no peak. Fix: name a file that does, or drop it from "
        "the config."
    )


def test_annotation_that_is_no_gtf(project):
    (project.folder / "genes.gtf").write_text("nothing here\n")
    (found,) = project.told()
    assert found == (
        "genes.gtf:1: a GTF line has 9 tab-separated columns, this one has 1. Fix: check that the file is "
        "GTF and that its download is complete."
    )


def test_peak_files_belong_to_samples_or_groups(project):
    peaks = project.given["peaks"]["files"]
    other = write_bed(project.folder / "other.bed", "chr1 10 110")
    project.given["peaks"]["files"] = {"control": peaks, "trated": other}
    (found,) = project.told()
    assert found == (
        "config, key peaks.files.trated: is neither a sample nor a group of samples.tsv. Fix: write one "
        "of c1, c2, "
        "t1, t2, control, treated."
    )
    project.given["peaks"]["files"] = {"control": peaks, "t1": other}
    assert project.told() == [
        "config, key peaks.files: names samples and groups. Fix: give one file a sample, or one a "
        "group, not both."
    ]
    project.given["peaks"]["files"] = {"control": peaks, "treated": peaks}
    (found,) = project.told()
    assert (
        "config, key peaks.files.treated: peaks.bed is given for control too. Fix: give each its own" in found
    )


# --- all files together


ENSEMBL = {"1": 1000, "2": 800, "MT": 300}


def renamed_bams(project: Project, lengths) -> None:
    for path in project.samples["bam"]:
        write_bam(Path(path), lengths)


def run(fix: str, project: Project) -> str:
    """Run the awk command that a message gives; the name of the file that it makes."""
    command, _, rest = fix.partition("rename them: ")[2].partition(" ; then set ")
    subprocess.run(command, shell=True, check=True, cwd=project.folder)
    return str(project.folder / rest.partition(" to ")[2].rstrip("."))


def test_annotation_with_other_names_and_the_command_that_helps(project):
    write_gtf(project.folder / "genes.gtf", ["1", "2", "MT", "GL1.1"])
    (found,) = project.told()
    assert found.startswith(
        "config, key genome.annotation: genes.gtf has other names of contigs than genome.fa: 1 for "
        "chr1, 2 for "
        "chr2, MT for chrM. Fix: rename them: awk"
    )
    assert found.endswith("; then set genome.annotation to genes.renamed.gtf.")
    assert project.told(deep=False) == [found]
    project.given["genome"]["annotation"] = run(found, project)
    assert project.told() == []
    text = Path(project.given["genome"]["annotation"]).read_text()
    assert [line.split("\t")[0] for line in text.splitlines()] == [
        "#!genome",
        "chr1",
        "chr2",
        "chrM",
        "chrGL1.1",
    ]


def test_compressed_annotation_with_other_names(project):
    text = Path(write_gtf(project.folder / "genes.gtf", ["1", "2"])).read_bytes()
    path = project.folder / "genes.gtf.gz"
    path.write_bytes(gzip.compress(text))
    project.given["genome"]["annotation"] = str(path)
    (found,) = project.told()
    assert "gzip -dc genes.gtf.gz | awk" in found
    project.given["genome"]["annotation"] = run(found, project)
    assert project.given["genome"]["annotation"].endswith("genes.renamed.gtf.gz")
    assert project.told() == []


def test_peaks_with_a_prefix_that_the_genome_does_not_have(project):
    write_fasta(project.folder / "genome.fa", ENSEMBL)
    write_gtf(project.folder / "genes.gtf", ["1", "2"])
    renamed_bams(project, ENSEMBL)
    write_bed(project.folder / "peaks.bed", "track name=x", "chr1 10 110", "chrM 7 80")
    (found,) = project.told()
    assert found.startswith(
        "config, key peaks.files: peaks.bed has other names of contigs than genome.fa: chr1 for 1, chrM "
        "for MT. Fix:"
    )
    project.given["peaks"]["files"] = run(found, project)
    assert project.told() == []
    assert Path(project.given["peaks"]["files"]).read_text() == "track\tname=x\n1\t10\t110\nMT\t7\t80\n"


def test_the_genome_is_renamed_where_all_others_agree(project):
    write_fasta(project.folder / "genome.fa", ENSEMBL)
    (found,) = project.told()
    assert found.startswith(
        "config, key genome.fasta: genome.fa has other names of contigs than all other files: 1 for "
        "chr1, 2 for "
        "chr2, MT for chrM. Fix: rename them: awk"
    )
    project.given["genome"]["fasta"] = run(found, project)
    assert project.told() == []
    assert Path(project.given["genome"]["fasta"]).read_text().startswith(">chr1 some words\nACGT")


def test_bams_with_other_names_are_one_problem(project):
    renamed_bams(project, ENSEMBL)
    (found,) = project.told()
    assert found.startswith(
        "samples.tsv, sample c1, column bam: c1.bam (and 3 more) has other names of contigs than "
        "genome.fa: 1 for "
        "chr1, 2 for chr2, MT for chrM. Fix: rename them: samtools view -H c1.bam | sed "
    )
    assert found.endswith(
        "| samtools reheader - c1.bam > c1.renamed.bam && samtools index c1.renamed.bam ; then set "
        "samples.tsv, bam "
        "to c1.renamed.bam, and do the same with the other 3."
    )


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        (ENSEMBL, ["chr1", "chr2", "chrM"]),
        ({"chr1": 1000, "chr2": 800, "chrMT": 300}, ["chr1", "chr2", "chrM"]),
        ({"chr1": 1000, "2": 800, "Mito": 300, "chrUn": 5}, ["chr1", "chr2", "chrM", "chrUn"]),
    ],
)
def test_the_command_for_a_bam_renames_its_header(tmp_path, lengths, expected):
    command, made = contigs.command("bam", "a.bam", contigs.renamed(lengths, LENGTHS))
    assert made == "a.renamed.bam"
    header = "@HD\tVN:1.6\tSO:coordinate\n" + "".join(
        f"@SQ\tSN:{n}\tLN:{length}\n" for n, length in lengths.items()
    )
    sed = command.partition(" | ")[2].partition(" | samtools")[0]
    done = subprocess.run(
        sed, shell=True, input=header + "@PG\tID:SN:1\n", capture_output=True, text=True, check=True
    )
    assert [line.split("\t")[1][3:] for line in done.stdout.splitlines()[1:-1]] == expected
    assert done.stdout.endswith("@PG\tID:SN:1\n")


def test_the_command_for_a_bam_takes_a_prefix_away():
    command, _ = contigs.command("bam", "x/a.bam", {"chr1": "1", "chrM": "MT"})
    sed = command.partition(" | ")[2].partition(" | samtools")[0]
    header = "@SQ\tSN:chr1\tLN:5\n@SQ\tSN:chrM\tLN:5\n@SQ\tSN:chrM_2\tLN:5\n"
    done = subprocess.run(sed, shell=True, input=header, capture_output=True, text=True, check=True)
    assert done.stdout == "@SQ\tSN:1\tLN:5\n@SQ\tSN:MT\tLN:5\n@SQ\tSN:M_2\tLN:5\n"


def test_names_that_mean_one_contig():
    reference = {"chr1": 1, "chrX": 1, "chrM": 1, "chrUn_1": 1}
    assert contigs.renamed(["1", "x", "Mito", "chr1", "7"], reference) == {"x": "chrX", "Mito": "chrM"}
    assert contigs.renamed(["1", "MT"], reference) == {"1": "chr1", "MT": "chrM"}
    assert contigs.renamed(["chrI", "chrmt"], ["I", "Mito"]) == {"chrI": "I", "chrmt": "Mito"}
    assert contigs.renamed(["chr1"], reference) == {}


def test_files_of_two_assemblies(project):
    write_bam(project.folder / "t1.bam", LENGTHS | {"chr2": 799})
    assert project.told() == [
        "samples.tsv, sample t1, column bam: t1.bam and genome.fa are of two genome assemblies: other "
        "lengths of "
        "chr2 (799 bp against 800). Fix: give the fasta and the reads, genes and peaks of one assembly."
    ]
    write_bam(project.folder / "t1.bam", {"1": 999, "2": 800})
    (found,) = project.told()
    assert "1 for chr1, 2 for chr2 (and 1 has 999 bp against 1,000: another genome assembly?)" in found


def test_files_without_a_contig_in_common(project):
    write_gtf(project.folder / "genes.gtf", ["scaffold_9"])
    (found,) = project.told()
    assert found == (
        "config, key genome.annotation: genes.gtf and genome.fa have no contig in common: scaffold_9 "
        "against chr1, "
        "chr2, chrM. Fix: give files of one genome assembly, with contigs called the same."
    )


def test_peaks_past_the_end_and_on_contigs_that_are_not_there(project):
    write_bed(
        project.folder / "peaks.bed",
        "#x",
        "chr1 10 110",
        "chr2 700 801",
        "chr9 5 9",
        "chr1 950 1001",
        "chr9 1 3",
    )
    assert project.told(deep=False) == [
        "peaks.bed, line 3: peak chr2:700-801 ends past the end of its contig (800 bp in genome.fa) "
        "(and 1 more "
        "peak). Fix: give peaks of this genome assembly, or cut them at the contig's end.",
        "peaks.bed, line 4: peak chr9:5-9 is on a contig that is not in genome.fa (and 1 more peak): "
        "chr9. Fix: remove "
        "these peaks, or give the genome that they were called on.",
    ]


def test_counts_on_another_genome(project):
    path = project.folder / "counts.tsv"
    path.write_text("peak\tc1\tc2\tt1\tt2\n1:10-110\t1\t2\t3\t4\n2:700-900\t1\t2\t3\t4\n")
    project.given |= {"counts": str(path), "peaks": {}}
    (found,) = project.told()
    assert found == (
        "config, key counts: counts.tsv has other names of contigs than genome.fa: 1 for chr1, 2 for "
        "chr2. Fix: in "
        "its peak names and its column chrom write chr1 for 1, and so on."
    )
    path.write_text(path.read_text().replace("\n1:", "\nchr1:").replace("\n2:", "\nchr2:"))
    (found,) = project.told()
    assert found.startswith(
        "counts.tsv, line 3: peak chr2:700-900 ends past the end of its contig (800 bp in genome"
    )


def test_without_a_genome_the_first_bam_is_the_reference(project):
    project.given["genome"]["fasta"] = None
    write_bam(project.folder / "t2.bam", ENSEMBL)
    (found,) = project.told()
    assert found.startswith(
        "samples.tsv, sample t2, column bam: t2.bam has other names of contigs than c1.bam: 1 for"
    )


def test_contigs_that_some_files_lack_are_noted(project):
    write_bam(project.folder / "t1.bam", {"chr1": 1000, "chrM": 300, "EBV": 99})
    project.given["genome"]["mitochondrial"] = ["MT"]
    survey = project.survey()
    assert survey.problems == []
    assert [note.replace(f"{project.folder}/", "") for note in survey.notes] == [
        "1 of the 3 contigs of t1.bam are not in genome.fa and are left out: EBV",
        "1 of the 3 contigs of genome.fa are not in the header of t1.bam: chr2",
        "genome.fa has no contig MT as genome.mitochondrial says (it has chrM), so pct_mito is 0",
    ]


def test_the_table_of_contigs(project, tmp_path):
    write_bam(project.folder / "t1.bam", {"chr1": 1000, "chrM": 300, "EBV": 99})
    write_gtf(project.folder / "genes.gtf", ["chr1", "chr7"])
    table = project.survey().table()
    tables.write_table(table, tmp_path / "preflight.tsv")
    assert (tmp_path / "preflight.tsv").read_text() == (
        "contig\tfasta\tannotation\tpeaks\tbam:c1\tbam:c2\tbam:t1\tbam:t2\tverdict\n"
        "chr1\t1000\tyes\tyes\t1000\t1000\t1000\t1000\tok\n"
        "chr2\t800\tno\tyes\t800\t800\tNA\t800\tnot in bam\n"
        "chrM\t300\tno\tno\t300\t300\t300\t300\tok\n"
        "chr7\tNA\tyes\tno\tNA\tNA\tNA\tNA\tnot in fasta\n"
        "EBV\tNA\tno\tno\tNA\tNA\t99\tNA\tnot in fasta\n"
    )


def test_the_table_of_counts_alone_or_of_nothing(project):
    path = project.folder / "counts.tsv"
    path.write_text("peak\tc1\tc2\tt1\tt2\nchr1:10-110\t1\t2\t3\t4\nchr2:700-900\t1\t2\t3\t4\n")
    project.given = {"counts": str(path)}
    assert project.survey().table().to_dict("list") == {
        "contig": ["chr1", "chr2"],
        "counts": ["yes", "yes"],
        "verdict": ["ok", "ok"],
    }
    path.write_text(path.read_text().replace(":", "_"))
    survey = project.survey()
    assert survey.problems == []
    assert list(survey.table().columns) == ["contig", "verdict"]
    assert len(survey.table()) == 0
    assert "peaks have no coordinates" in survey.notes[-1]


def test_all_kinds_of_problems_at_once(project):
    sheet = project.folder / "samples.tsv"
    lines = ["sample\tgroup\tbam\tbatch"]
    lines += [f"{sample}\t{row.group}\t{row.bam}\t{row.group}" for sample, row in project.samples.iterrows()]
    sheet.write_text("\n".join([*lines, "x y\ttreated\tnone.bam\ttreated"]) + "\n")
    write_gtf(project.folder / "genes.gtf", ["1"])
    (project.folder / "my.yaml").write_text("{}")
    given = copy.deepcopy(project.given) | {
        "samples": str(sheet),
        "design": "~ batch + group",
        "motifs": {"pvalue": "1e-5"},
    }
    with pytest.raises(InputError) as raised:
        preflight.load(given, CONFIG / "schemas", config_files=[project.folder / "my.yaml"])
    first, *lines = str(raised.value).replace(f"{project.folder}/", "").splitlines()
    assert first == "5 problems to put right before anything can run:"
    places = [
        "  1. my.yaml, key motifs.pvalue: ",
        "  2. samples.tsv, line 6, column sample: 'x y' is not fit",
        "  3. my.yaml, key design: batch and group are confounded",
        "  4. samples.tsv, sample x y, column bam: there is no file none.bam",
        "  5. my.yaml, key genome.annotation: genes.gtf has other names",
    ]
    assert [line[: len(place)] for line, place in zip(lines, places, strict=True)] == places


def test_a_sheet_without_groups_is_told_once(project):
    sheet = project.folder / "samples.tsv"
    tables.write_table(project.samples.drop(columns="group").reset_index(), sheet)
    with pytest.raises(InputError) as raised:
        preflight.load(project.given | {"samples": str(sheet)}, CONFIG / "schemas")
    assert str(raised.value).splitlines()[1:] == [
        f"  1. {sheet}, line 1, column group: is missing. Fix: add the column (there are sample, bam)."
    ]


def test_load_gives_config_samples_and_notes(project):
    sheet = project.folder / "samples.tsv"
    tables.write_table(project.samples.drop("t2").reset_index(), sheet)
    given = project.given | {"samples": str(sheet)}
    config, samples, notes = preflight.load(given, CONFIG / "schemas")
    assert config["peaks"]["width"] == 501
    pd.testing.assert_frame_equal(samples, project.samples.drop("t2"))
    assert notes == [
        "contrast treated_vs_control: treated against control",
        "contrast treated_vs_control: treated has one replicate, so there are fold changes and no "
        "tests; everything "
        "else runs",
    ]


def test_a_job_of_a_run_that_was_checked_does_not_look_again(project):
    sheet = project.folder / "samples.tsv"
    tables.write_table(project.samples.reset_index(), sheet)
    (project.folder / "genome.fa").unlink()
    given = project.given | {"samples": str(sheet)}
    assert len(preflight.load(given, CONFIG / "schemas", look=False)[1]) == 4
    with pytest.raises(InputError, match="1 problem to put right"):
        preflight.load(given, CONFIG / "schemas")


def test_a_key_that_stands_twice_is_found_in_the_file(project):
    path = project.folder / "my.yaml"
    path.write_text("seed: 1\nseed: 2\n")
    with pytest.raises(InputError, match=r"my\.yaml, line 2: key 'seed' stands there twice"):
        preflight.load(project.given, CONFIG / "schemas", config_files=[path])


# --- real files


def test_yeast_names_of_ensembl_and_ucsc(shared):
    data = shared / "data/yeast"
    given = {
        "genome": {
            "fasta": str(data / "ref/sacCer3.fa.gz"),
            "annotation": str(data / "ref/Saccharomyces_cerevisiae.R64-1-1.96.gtf.gz"),
            "mitochondrial": ["chrM"],
        },
        "peaks": {"files": str(data / "peaks/consensus.bed")},
    }
    names = ["T0_rep1", "T0_rep2", "T15_rep1", "T15_rep2"]
    samples = pd.DataFrame(
        {"group": ["T0", "T0", "T15", "T15"], "bam": [str(data / f"bam/{name}.bam") for name in names]},
        index=names,
    )
    config, _ = preflight.configuration(given, SCHEMA)
    (found,) = preflight.survey(config, samples).problems
    assert "has other names of contigs than" in found.what
    assert "VII for chrVII" in found.what
    assert 'if (n == "Mito") n = "chrM"' in found.fix
    config["genome"]["annotation"] = str(data / "ref/sacCer3.ensembl96.gtf.gz")
    survey = preflight.survey(config, samples, deep=True)
    assert survey.problems == []
    table = survey.table().set_index("contig")
    assert len(table) == 17
    assert table.loc["chrVII"].tolist() == [1090940, "yes", "yes", 1090940, 1090940, 1090940, 1090940, "ok"]


# --- fragments in place of a BAM


def test_fragment_files_in_place_of_bams(project):
    for name, line in {"c1": "chr1\t5\t90\n", "t1": "chr1\t5\t90\tAAAC\t2\n"}.items():
        path = project.folder / f"{name}.tsv.gz"
        path.write_bytes(gzip.compress(line.encode()))
        project.samples.loc[name, "bam"] = str(path)
    assert project.told() == []
    assert {"fragments:c1", "fragments:t1", "bam:c2", "bam:t2"} <= set(project.survey().contigs)


def test_fragment_files_at_fault_name_the_file_and_the_form(project):
    faults = {"c1": "chr1\t5\n", "c2": "chr1\tfive\t90\n", "t1": "#only a comment\n", "t2": "1\t5\t90\n"}
    for name, text in faults.items():
        path = project.folder / f"{name}.bedpe"
        path.write_text(text)
        project.samples.loc[name, "bam"] = str(path)
    told = "\n".join(project.told())
    assert "c1.bedpe: has 2 columns" in told
    assert "c2.bedpe: column 2 of fragment 1 is 'five', not a whole number" in told
    assert "t1.bedpe: holds no fragment" in told
    assert "t2.bedpe" in told
    assert "other names of contigs" in told


def test_a_bam_that_breaks_off_or_is_cram_leaves_no_store(project):
    (project.folder / "c1.bam").write_bytes(b"CRAM\x03\x00" + bytes(100))
    whole = (project.folder / "c2.bam").read_bytes()
    (project.folder / "c2.bam").write_bytes(whole[:-10])
    told = project.told()
    assert any("c1.bam" in line and "is CRAM, and the name says BAM" in line for line in told)
    assert any("c2.bam" in line and "cut short" in line for line in told)
    for name in ("c1", "c2"):
        with pytest.raises(InputError, match=r"CRAM|cut short"):
            store.from_bam(project.folder / f"{name}.bam").write(project.folder / "store.h5")
    assert not list(project.folder.glob("*store.h5*"))


def test_what_the_start_found_is_not_read_again_until_a_file_changes(project, tmp_path):
    sheet = project.folder / "kept.tsv"
    project.samples.reset_index().to_csv(sheet, sep="\t", index=False)
    given = project.given | {"samples": str(sheet)}
    memory = preflight.Memory(tmp_path / "inputs.json", "code")
    begun = preflight.start(given, CONFIG / "schemas", deep=True, memory=memory)
    about = preflight.about_files(begun.config)
    samples = begun.samples.filter(["group", "bam"])
    found = preflight.surveyed(about, samples, memory.path)
    expected = preflight.survey(about, samples, deep=True)
    pd.testing.assert_frame_equal(found.table(), expected.table())
    assert (found.notes, found.problems) == (expected.notes, [])
    gtf, fasta = (Path(begun.config["genome"][key]) for key in ("annotation", "fasta"))
    assert kept.features(gtf, tmp_path) is not None
    taken = kept.take_index(fasta, tmp_path, tmp_path / "fai", tmp_path / "gzi")
    assert taken != Path(f"{fasta}.fai").exists()
    assert preflight.surveyed(about, samples.iloc[:-1], memory.path) is None
    gtf.write_text(gtf.read_text() + "#more\n")
    assert preflight.surveyed(about, samples, memory.path) is None
    assert kept.features(gtf, tmp_path) is None
    assert preflight.surveyed(about, samples, tmp_path / "nothing.json") is None
