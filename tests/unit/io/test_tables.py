"""Tables on disk."""

import gzip

import pandas as pd
import pytest

from workflow_lib.errors import InputError
from workflow_lib.io import atomic, tables


def test_only_na_and_nothing_are_missing(tmp_path):
    table = pd.DataFrame({"gene": ["nan", "NULL", None], "value": [0.1, None, 1e-300]})
    tables.write_table(table, tmp_path / "t.tsv")
    assert (tmp_path / "t.tsv").read_text() == "gene\tvalue\nnan\t0.1\nNULL\tNA\nNA\t1e-300\n"
    again = tables.read_table(tmp_path / "t.tsv")
    assert again["gene"].tolist()[:2] == ["nan", "NULL"]
    assert again.isna().to_numpy().tolist() == [[False, False], [False, True], [True, False]]
    assert again["value"].iloc[2] == 1e-300


def test_compressed_tables_have_no_time_stamp(tmp_path):
    table = pd.DataFrame({"a": [1, 2]})
    for name in ("one.tsv.gz", "two.tsv.gz"):
        tables.write_table(table, tmp_path / name)
    assert (tmp_path / "one.tsv.gz").read_bytes() == (tmp_path / "two.tsv.gz").read_bytes()
    assert gzip.decompress((tmp_path / "one.tsv.gz").read_bytes()) == b"a\n1\n2\n"


def test_an_empty_file_is_an_error(tmp_path):
    (tmp_path / "t.tsv").write_text("")
    with pytest.raises(InputError, match=r"t\.tsv: the file is empty"):
        tables.read_table(tmp_path / "t.tsv")


def test_a_gzip_that_is_cut_short_is_an_error(tmp_path):
    tables.write_table(pd.DataFrame({"a": range(100_000)}), tmp_path / "t.tsv.gz")
    whole = (tmp_path / "t.tsv.gz").read_bytes()
    (tmp_path / "t.tsv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="not a readable tab-separated table"):
        tables.read_table(tmp_path / "t.tsv.gz")


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "t.txt"
    path.write_text("old")

    def fail():
        with atomic.replacing(path) as partial:
            partial.write_text("half")
            raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        fail()
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["t.txt"]


def test_names_that_are_numbers_stay_as_they_are_written(tmp_path):
    table = pd.DataFrame(
        {"sample": ["01"], "group": ["007"], "contrast": ["1.50"], "cluster": ["2"], "n": [3]}
    )
    tables.write_table(table, tmp_path / "a.tsv")
    pd.testing.assert_frame_equal(tables.read_table(tmp_path / "a.tsv"), table)
