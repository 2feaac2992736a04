"""A folder of motif files of the user's own: all are read, and a broken one is named with its line."""

import pytest

from workflow_lib.errors import InputError
from workflow_lib.io import motifs as files
from workflow_lib.motifs import library

PFM = ">MA0001.1 one\nA [ 8 1 1 1 ]\nC [ 1 8 1 1 ]\nG [ 1 1 8 1 ]\nT [ 1 1 1 8 ]\n"


def test_all_files_of_a_folder_are_read_by_name(tmp_path):
    (tmp_path / "b.jaspar").write_text(PFM)
    (tmp_path / "a.jaspar").write_text(PFM.replace("MA0001.1 one", "MA0002.1 two"))
    (tmp_path / ".hidden").write_text("not a motif")
    assert library.read_all(files.listed(tmp_path)).ids == ["MA0002.1", "MA0001.1"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "broken.jaspar",
            PFM.replace("G [ 1 1 8 1 ]", "G [ 1 1 x 1 ]"),
            r"broken\.jaspar:4: 'x' is not a number",
        ),
        ("again.jaspar", PFM, r"MA0001\.1"),
    ],
)
def test_one_bad_file_of_a_folder_is_named(tmp_path, name, text, said):
    (tmp_path / "good.jaspar").write_text(PFM)
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=said):
        library.read(tmp_path)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds no"):
        library.read_all(files.listed(tmp_path))
