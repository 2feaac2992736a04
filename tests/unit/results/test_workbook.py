"""The workbook: text stays text, significant rows first, the same bytes, Excel's limits."""

import re
import zipfile
from xml.etree import ElementTree

import numpy as np
import pandas as pd

from workflow_lib.io import tables
from workflow_lib.results import workbook
from workflow_lib.results.run import Run

SPACE = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def read(path):
    """Values of every sheet by name: rows of text, numbers and booleans as the file has them."""
    with zipfile.ZipFile(path) as archive:
        names = [
            each.get("name") for each in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter()
            if each.tag.endswith("}sheet")
        ]  # fmt: skip
        found = {}
        for i, name in enumerate(names, 1):
            root = ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{i}.xml"))
            found[name] = [
                {re.sub(r"\d", "", cell.get("r")): _value(cell) for cell in row}
                for row in root.iterfind(".//x:row", SPACE)
            ]
    return found


def _value(cell):
    if cell.get("t") == "inlineStr":
        return "".join(cell.itertext())
    value = cell.find("x:v", SPACE).text
    return value == "1" if cell.get("t") == "b" else float(value)


def sheet(table, name="Table"):
    return workbook.Sheet(name, "words", table, "results/table.tsv")


def test_text_stays_text_and_gaps_are_empty(tmp_path):
    table = pd.DataFrame(
        {
            "gene_name": ["MARCH1", "SEPT2", "=1+1", "http://x.org", "007", None],
            "padj": [1e-12, np.nan, 0.5, np.inf, 1, 0],
            "n": [1, 2, 3, 4, 5, 6],
            "reaches": [True, False, True, True, True, True],
        }
    )
    workbook.write(tmp_path / "a.xlsx", [sheet(table)])
    rows = read(tmp_path / "a.xlsx")["Table"]
    assert rows[0] == {"A": "gene_name", "B": "padj", "C": "n", "D": "reaches"}
    assert rows[1] == {"A": "MARCH1", "B": 1e-12, "C": 1, "D": True}
    assert rows[2] == {"A": "SEPT2", "C": 2, "D": False}
    assert [row.get("A") for row in rows[3:]] == ["=1+1", "http://x.org", "007", None]
    assert rows[4]["B"] == "inf"
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert not [name for name in archive.namelist() if "rels" in name and "sheet" in name]
        assert b"<f>" not in archive.read("xl/worksheets/sheet2.xml")


def test_the_same_tables_give_the_same_bytes_at_any_time(tmp_path, monkeypatch):
    given = [sheet(pd.DataFrame({"motif_id": ["MA1", "MA2"], "padj": [0.1, 0.2]}))]
    workbook.write(tmp_path / "a.xlsx", given)
    monkeypatch.setattr("time.time", lambda: 2e9)
    workbook.write(tmp_path / "b.xlsx", given)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_sheets_of_a_run(tmp_path):
    test = pd.DataFrame(
        {
            "peak": ["chr1:0-10", "chr1:20-30", "1:5-9", "chr2:1-2"],
            "pvalue": [0.001, 1e-9, np.nan, 0.0001],
            "padj": [0.02, 1e-8, np.nan, 0.2],
            "direction": ["up", "down", "untested", "none"],
            "gene_name": ["SEPT2", "nan", None, "1"],
        }
    )
    tables.write_table(test, tmp_path / "run/differential/effect.tsv.gz")
    quality = pd.DataFrame({"sample": ["1", "2"], "frip": [0.5, 0.25]})
    tables.write_table(quality, tmp_path / "run/qc/samples.tsv")
    run = Run(tmp_path / "run", given={"settings": {"contrasts": {"effect": None}}})
    made = workbook.sheets(run)
    workbook.write(tmp_path / "a.xlsx", made, workbook.columns(made))
    found = read(tmp_path / "a.xlsx")
    assert list(found) == ["Contents", "Columns", "Peaks effect", "Quality"]
    said = {(row["A"], row["B"]): row for row in found["Columns"][1:]}
    assert list(said)[:5] == [("Peaks", name) for name in ("peak", "chrom", "start", "end", "pvalue")]
    assert (
        said["Peaks", "direction"]["E"] == "what the run calls the peak (up, down, changed, none, untested)"
    )
    assert said["Quality", "frip"] == {
        "A": "Quality", "B": "frip", "C": "number", "D": "share", "E": "insertions inside any peak"
    }  # fmt: skip
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        pages = [
            ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{i}.xml"))
            for i in range(1, len(found) + 1)
        ]
    links = {link.get("ref"): link.get("location") for link in pages[0].iterfind(".//x:hyperlink", SPACE)}
    assert links == {"A2": "'Peaks effect'!A1", "A3": "'Quality'!A1", "A4": "'Columns'!A1"}
    hints = {
        hint.get("sqref"): (hint.get("promptTitle"), hint.get("prompt"))
        for hint in pages[3].iterfind(".//x:dataValidation", SPACE)
    }
    assert hints["B1"] == ("frip", "insertions inside any peak [share]")
    assert found["Contents"][1]["A"] == "Peaks effect"
    assert found["Contents"][1]["C"] == 4
    peaks = found["Peaks effect"]
    assert [row["A"] for row in peaks[1:]] == ["chr1:20-30", "chr1:0-10", "chr2:1-2", "1:5-9"]
    assert peaks[1] == {
        "A": "chr1:20-30",
        "B": "chr1",
        "C": 20,
        "D": 30,
        "E": 1e-9,
        "F": 1e-8,
        "G": "down",
        "H": "nan",
    }
    assert peaks[4]["B"] == "1"
    assert [row["A"] for row in found["Quality"][1:]] == ["1", "2"]


def test_sheets_of_both_directions_say_which_is_which(tmp_path):
    table = pd.DataFrame({"motif_id": ["M1"], "name": ["TCF7"], "log10_pvalue": [-9.0]})
    for way in ("up", "down"):
        tables.write_table(table, tmp_path / f"run/motifs/enrichment/effect.{way}.tsv")
    test = pd.DataFrame({"peak": ["chr1:0-10"], "pvalue": [0.1], "padj": [0.2], "direction": ["none"]})
    tables.write_table(test, tmp_path / "run/differential/effect.tsv.gz")
    run = Run(tmp_path / "run", given={"settings": {"contrasts": {"effect": None}}})
    assert {(sheet.name, sheet.words) for sheet in workbook.sheets(run) if sheet.key == "enrichment"} == {
        ("Motifs up effect", "effect: motif enrichment in peaks more open"),
        ("Motifs down effect", "effect: motif enrichment in peaks less open"),
    }


def test_more_rows_than_a_sheet_holds(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    workbook.write(tmp_path / "a.xlsx", [sheet(pd.DataFrame({"n": range(5)}))])
    found = read(tmp_path / "a.xlsx")
    assert [row["A"] for row in found["Table"]] == ["n", 0, 1, 2]
    assert found["Contents"][1]["B"] == "words; only the first 3 of 5 rows fit"


def test_no_rows_and_no_tables(tmp_path):
    workbook.write(tmp_path / "a.xlsx", [sheet(pd.DataFrame({"n": [], "name": []}))])
    assert read(tmp_path / "a.xlsx")["Table"] == [{"A": "n", "B": "name"}]
    workbook.write(tmp_path / "b.xlsx", [])
    assert list(read(tmp_path / "b.xlsx")) == ["Contents"]


def test_names_that_excel_allows(tmp_path):
    table = pd.DataFrame({"sample": ["a"], "pvalue": [0.5]})
    labels = ["Footprints a_very_long_name_of_a_contrast_1", "Footprints a_very_long_name_of_a_contrast_2"]
    names: list[str] = []
    for label in (*labels, "Footprints a/b", "Columns"):
        names.append(workbook.unique(label, names))
    assert names == [
        "Footprints a_ve…of_a_contrast_1", "Footprints a_ve…of_a_contrast_2", "Footprints a_b", "Columns 2"
    ]  # fmt: skip
    workbook.write(tmp_path / "a.xlsx", [sheet(table, name) for name in names])
    assert list(read(tmp_path / "a.xlsx"))[1:] == names
