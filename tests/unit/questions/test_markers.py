"""The markers question: which peaks, in which order, and what is said to a misspelt name."""

import fake_results as fake
import pandas as pd
import pytest

from workflow_lib.__main__ import main
from workflow_lib.errors import InputError
from workflow_lib.io import tables
from workflow_lib.questions.commands import markers

TABLE = pd.DataFrame(
    {
        "peak": ["chr1:0-501", "chr1:900-1401", "chr2:0-501", "chr2:900-1401", "chr2:2000-2501"],
        "baseMean": [50.0, 60, 70, 80, 2],
        "log2FoldChange": [1.0, -2.5, 0.4, -0.2, 3],
        "lfcSE": 0.2,
        "pvalue": [1e-5, 1e-9, 1e-3, 0.5, 0.2],
        "padj": [1e-4, 1e-8, 0.004, 0.6, None],
        "direction": ["up", "down", "up", "none", "untested"],
        "gene_name": ["TCF7", "Spi1", None, "TCF7", "Tcf7"],
        "gene_id": ["ENSG01.2", "ENSG02.1", None, "ENSG01.2", "ENSG03.1"],
    }
)


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        ({}, [1, 0, 2]),
        ({"direction": "up"}, [0, 2]),
        ({"direction": "down"}, [1]),
        ({"max_padj": 0.001}, [1, 0]),
        ({"max_padj": 1.0}, [1, 0, 2, 3]),  # a peak without padj reaches no limit
        ({"max_padj": 1.0, "direction": "down"}, [1, 3]),
        ({"min_lfc": 0.5}, [1, 0]),
        ({"sort": "log2FoldChange"}, [1, 0, 2]),
        ({"sort": "baseMean"}, [2, 1, 0]),
        ({"sort": "order"}, [0, 1, 2]),
        ({"gene": "tcf7"}, [0, 3, 4]),
        ({"gene": "TCF7", "max_padj": 0.05}, [0]),
        ({"gene": "ensg01"}, [0, 3]),
        ({"gene": "ENSG02.1"}, [1]),
    ],
)
def test_selection(asked, rows):
    assert markers.select(TABLE, **asked).index.tolist() == rows


def test_unknown_gene_gets_names_like_it():
    with pytest.raises(InputError, match=r"gene 'TFC7': no peak has it; did you mean (TCF7|Tcf7)"):
        markers.select(TABLE, gene="TFC7")
    with pytest.raises(InputError, match=r"have no genes; give genome\.annotation"):
        markers.select(TABLE.assign(gene_name=None), gene="TCF7")


def test_written_as_tsv_and_as_aligned_table():
    two = markers.select(TABLE, max_padj=0.001)
    assert markers.written(two, "tsv").splitlines()[:2] == [
        "peak\tgene_name\tbaseMean\tlog2FoldChange\tlfcSE\tpvalue\tpadj\tdirection",
        "chr1:900-1401\tSpi1\t60\t-2.5\t0.2\t1e-09\t1e-08\tdown",
    ]
    assert markers.written(two.iloc[:1], "table").splitlines() == [
        "peak           gene_name  baseMean  log2FoldChange  lfcSE    pvalue      padj  direction",
        "chr1:900-1401  Spi1           60.0          -2.500  0.200  1.00e-09  1.00e-08  down",
    ]
    assert markers.written(TABLE.iloc[:0], "table") == "No peak."
    assert len(markers.written(TABLE.iloc[:0], "tsv").splitlines()) == 1


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    tables.write_table(fake.differential(300), folder / "differential" / f"{fake.CONTRAST}.tsv.gz")
    return folder


def test_the_command_line(results, capsys):
    asked = ["--results", str(results), "markers", fake.CONTRAST]
    assert main([*asked, "--direction", "down", "--max-padj", "0.01", "--min-lfc", "1", "--top", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert all(line.endswith("\tdown") for line in lines[1:])
    assert main([*asked, "--gene", "gene7"]) == 0
    assert {line.split("\t")[1] for line in capsys.readouterr().out.splitlines()[1:]} == {"Gene7"}


def test_unknown_contrast_is_told_with_those_that_there_are(results, capsys):
    assert main(["--results", str(results), "markers", "treated_vs_contrl"]) == 2
    assert "did you mean treated_vs_control?" in capsys.readouterr().err
    assert main(["--results", str(results / "nowhere"), "markers", "x"]) == 2
    assert "give the results folder of a finished run" in capsys.readouterr().err
