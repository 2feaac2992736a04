"""Files known again by what they hold."""

import os

import pytest

from workflow_lib.io import checksums, identity, remains, state


@pytest.fixture
def small_whole(monkeypatch):
    """Files above a thousand bytes are sampled."""
    monkeypatch.setattr(checksums, "WHOLE", 1000)
    monkeypatch.setattr(checksums, "SAMPLES", 4)
    monkeypatch.setattr(checksums, "BLOCK", 10)


def names(path, file, known=lambda path: None):
    found = identity.Identities(path, known)
    name = found.of(file)
    found.save()
    return name


def test_a_file_is_the_same_while_it_holds_the_same(tmp_path):
    file, kept = tmp_path / "a.bed", tmp_path / "kept.json"
    file.write_text("chr1\t0\t5\n")
    first = names(kept, file)
    os.utime(file, (1, 1))
    assert names(kept, file) == first
    file.write_text("chr1\t0\t6\n")
    os.utime(file, (1, 1))  # same size, same date in seconds: not the same file any more
    other = names(tmp_path / "anew.json", file)
    assert other != first
    file.unlink()
    assert names(kept, file) == "absent"


def test_a_file_of_the_same_size_and_date_is_not_read_again(tmp_path, monkeypatch):
    file, kept = tmp_path / "a.bam", tmp_path / "kept.json"
    file.write_bytes(b"abc")
    first = names(kept, file)
    monkeypatch.setattr(checksums, "digest", lambda path: pytest.fail("read again"))
    assert names(kept, file) == first


def test_a_folder_is_the_files_in_it(tmp_path):
    (tmp_path / "motifs").mkdir()
    (tmp_path / "motifs/a").write_text("1")
    first = names(tmp_path / "kept.json", tmp_path / "motifs")
    (tmp_path / "motifs/b").write_text("2")
    assert names(tmp_path / "kept.json", tmp_path / "motifs") != first


def test_an_edit_between_the_samples_of_a_large_file_is_seen(tmp_path, small_whole):
    file, kept = tmp_path / "genome.fa", tmp_path / "kept.json"
    file.write_bytes(b"A" * 5000)
    whole = checksums.sha256(file)
    first = names(kept, file)
    os.utime(file, (1, 1))
    assert names(kept, file, lambda path: whole) == first  # a copy: its checksum is the one written down
    file.write_bytes(b"A" * 100 + b"C" + b"A" * 4899)
    assert checksums.digest(file) == first
    second = names(kept, file, lambda path: whole)
    assert second != first
    os.utime(file, (2, 2))
    assert names(kept, file, lambda path: checksums.sha256(file)) == second


def test_a_large_file_with_a_new_date_and_no_known_checksum_counts_as_another(tmp_path, small_whole):
    file, kept = tmp_path / "genome.fa", tmp_path / "kept.json"
    file.write_bytes(b"A" * 5000)
    first = names(kept, file)
    os.utime(file, (1, 1))
    assert names(kept, file) != first


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A folder with a large, a small and a stamped result; where dates are kept."""
    monkeypatch.chdir(tmp_path)
    for name, size in [
        ("results/a.h5", 2_000_000),
        ("results/b.tsv", 5),
        ("results/logos/.snakemake_timestamp", 0),
    ]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(size))
        os.utime(path, (100, 100))
    remains.Dates("state/dates.json").keep()
    return tmp_path


def test_dates_of_a_copy_are_put_back_where_the_size_is_the_same(run):
    (run / "state").rename(run / "old")
    (run / "state").mkdir()
    state.write(state.read("old/dates.json"), "state/dates.json")  # as a copy has it: another folder
    for path in run.rglob("results/**/*"):
        os.utime(path, (200, 200))
    assert remains.Dates("state/dates.json").put_back() == 2
    assert os.stat("results/a.h5").st_mtime == os.stat("results/logos/.snakemake_timestamp").st_mtime == 100
    assert os.stat("results/b.tsv").st_mtime == 200  # Snakemake compares what it holds
    os.utime("results/a.h5", (300, 300))
    assert remains.Dates("state/dates.json").put_back() == 0  # an edit, no copy
    assert os.stat("results/a.h5").st_mtime == 300


def test_what_was_made_and_is_not_needed_is_left_over(run):
    made = remains.Made("state/made.json")
    made.add(["results/a.h5", "results/b.tsv", "results/logos", "resources/x"])
    (run / "results/mine.txt").write_text("")
    found = remains.Made("state/made.json").left_over(lambda file: file == "results/b.tsv")
    assert found == ["results/a.h5", "results/logos"]
    remains.Made("state/made.json").remove(found)
    assert sorted(os.listdir(run / "results")) == ["b.tsv", "mine.txt"]
    assert remains.Made("state/made.json").left_over(lambda file: False) == ["results/b.tsv"]
