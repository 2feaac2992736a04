"""Files are whole or not there: writers on a full disk or without their rename, readers of halves."""

import ast
import os
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from workflow_lib.errors import InputError
from workflow_lib.footprints import sites
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.io import (
    alignments,
    arrays,
    atomic,
    bed,
    bigwig,
    fasta,
    features,
    hits,
    motifs,
    tables,
)
from workflow_lib.plots import style
from workflow_lib.results import mudata

ROOT = Path(__file__).resolve().parents[3]
N = 2000
RNG = np.random.default_rng(1)
PLACES = np.sort(RNG.choice(1_000_000, N, replace=False))
PEAKS = [f"chr1:{place}-{place + 200}" for place in PLACES]
TABLE = pd.DataFrame({"peak": PEAKS, "value": RNG.random(N)})
SHARD = pd.DataFrame(
    {"peak": range(N), "motif": 0, "start": PLACES, "end": PLACES + 9, "strand": "+", "score": RNG.random(N)}
)
WINDOWS = pd.DataFrame({"peak": PEAKS, "chrom": "chr1", "start": PLACES, "end": PLACES + 200})
SEQUENCES = ["".join(RNG.choice(list("ACGT"), 200)) for _ in range(N)]


def write_bam(path):
    zero = np.zeros(N, dtype=np.int32)
    names = np.array([f"read{i:06d}".encode() for i in range(N)])
    bases = RNG.integers(0, 4, (N, 50)).astype(np.uint8)
    reads = alignments.Reads(names, zero, zero, zero, PLACES, zero, zero, zero, bases)
    alignments.write_bam(reads, {"chr1": 2_000_000}, path)


def write_hits(path):
    shard = path.with_name("shard.parquet")
    hits.write_shard(SHARD, shard)
    hits.gather([shard], WINDOWS, ["M1"], path, path.with_name("matches.npz"))


def write_fasta_index(path):
    source = path.with_name("genome.fa")
    source.write_text("".join(f">contig{i}\nACGT\n" for i in range(N)))
    fasta.write_index(source, path, path.with_name("genome.gzi"))


def write_mudata(path):
    counts = pd.DataFrame(RNG.integers(0, 1000, (N, 2)), index=PEAKS, columns=["a", "b"])
    samples = pd.DataFrame({"group": ["x", "y"]}, index=pd.Index(["a", "b"], name="sample"))
    mudata.write(path, samples, mudata.peaks_modality(counts, samples))


def write_library(path):
    found = tuple(
        motifs.Motif(f"M{i}", "name", RNG.integers(1, 99, (4, 12)).astype(float)) for i in range(40)
    )
    ones = (1.0,) * len(found)
    motifs.write_library(path, motifs.StoredLibrary(found, 1e-5, (0.25,) * 4, ones, ones, None))


def draw(path):
    import matplotlib.pyplot as plt

    with style.context():
        figure, axes = plt.subplots()
        axes.plot(RNG.random(N))
    style.save(figure, path)
    plt.close(figure)


WRITERS = {
    "table.tsv": lambda path: tables.write_table(TABLE, path),
    "table.tsv.gz": lambda path: tables.write_table(TABLE, path),
    "store.h5": lambda path: arrays.write_arrays(path, {"a": RNG.random(N), "b/c": PLACES}, {"format": 1}),
    "matches.npz": lambda path: hits.write_matches(sparse.random(N, 20, 0.5, rng=RNG), path),
    "shard.parquet": lambda path: hits.write_shard(SHARD, path),
    "hits.bed.gz": write_hits,
    "genes.parquet": lambda path: features.write(TABLE.assign(kind="gene"), path),
    "peaks.fa.gz": lambda path: fasta.write_sequences(SEQUENCES, WINDOWS, path),
    "genome.fai": write_fasta_index,
    "cuts.bed": lambda path: bed.write_cuts([("chr1", PLACES)], path),
    "track.bw": lambda path: bigwig.write_bigwig(
        path,
        pd.Series({"chr1": 2_000_000}),
        [("chr1", np.arange(N) * 9, np.arange(N) * 9 + 5, RNG.random(N))],
    ),
    "reads.bam": write_bam,
    "library.json": write_library,
    "run.h5mu": write_mudata,
    "figure.png": draw,
    "figure.svg": draw,
}
CRASHES = {"run.h5mu"}  # HDF5 may bring the process down, so that these are tried in one of their own


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    """A small file system."""
    folder = tmp_path_factory.mktemp("disk")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", folder], check=False).returncode:
        pytest.skip("a small file system cannot be mounted here: that needs root")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)  # failed writers may hold their files yet


# pysam closes the file once more when it lets go of it, and fails once more
@pytest.mark.filterwarnings("ignore:Exception ignored in.*BGZFile:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("share", [0, 0.5, 0.9])
@pytest.mark.parametrize("name", WRITERS)
def test_nothing_is_there_when_the_disk_is_full(disk, name, share):
    WRITERS[name](disk / name)
    whole = (disk / name).read_bytes()
    used = sum(path.stat().st_blocks * 512 for path in disk.iterdir())
    largest = max(path.stat().st_blocks * 512 for path in disk.iterdir())
    empty(disk)
    keep = int(used - largest + share * largest) // 4096 * 4096 if share else 0
    total = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    (disk / "filler").write_bytes(bytes(total - keep))
    try:
        if name in CRASHES:
            assert write_in_a_child(name, disk / name) != 0
        else:
            with pytest.raises((OSError, InputError)):
                WRITERS[name](disk / name)
            assert list(disk.glob(".partial-*")) == []
        # hits.bed.gz may be there, if it is its matrix that finds no room
        assert not (disk / name).exists() or (disk / name).read_bytes() == whole
    finally:
        empty(disk)


def write_in_a_child(name, path) -> int:
    """Exit status of a process that writes a file."""
    child = os.fork()
    if not child:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        try:
            WRITERS[name](path)
            os._exit(0)
        except BaseException:  # of any kind: this process must not go on as a second pytest
            os._exit(1)
    return os.waitpid(child, 0)[1]


def empty(folder):
    for path in folder.iterdir():
        path.unlink()


@pytest.mark.parametrize("name", WRITERS)
def test_results_get_their_names_by_renaming_alone(tmp_path, monkeypatch, name):
    renamed = []

    def refuse(partial, path):
        renamed.append((partial.name, Path(path).name))
        raise OSError("no renaming today")

    if name == "hits.bed.gz":
        hits.write_shard(SHARD, tmp_path / "shard.parquet")
        monkeypatch.setattr(hits, "write_shard", lambda *_: None)
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="no renaming today"):
        WRITERS[name](tmp_path / name)
    assert renamed
    assert all(partial.startswith(atomic.PREFIX) for partial, _ in renamed)
    assert [path.name for path in tmp_path.iterdir() if path.name in {final for _, final in renamed}] == []


def test_what_a_killed_writer_left_is_removed_and_nothing_else(tmp_path):
    for left in (
        ".partial-abcd1234-a.tsv",
        ".partial-abcd1234-a-a.tsv",
        ".partial-abcd1234-b.tsv",
        "a.tsv.old",
    ):
        (tmp_path / left).touch()
    tables.write_text("new\n", tmp_path / "a.tsv")
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [".partial-abcd1234-a-a.tsv", ".partial-abcd1234-b.tsv", "a.tsv", "a.tsv.old"]


WRITING_CALLS = {
    "to_csv",
    "to_parquet",
    "savefig",
    "save_npz",
    "write_text",
    "write_bytes",
    "write_table",
    "savez",
}
WRITING_CALLS |= {
    "write_h5mu",
    "write_h5ad",
    "imsave",
    "copyfile",
    "move",
    "CSVWriter",
    "BGZFile",
    "ParquetWriter",
}


def test_no_module_writes_past_the_temporary_names():
    past = []
    for path in [*sorted((ROOT / "workflow_lib").rglob("*.py")), *sorted((ROOT / "scripts").glob("*.py"))]:
        tree = ast.parse(path.read_text())
        safe = {id(call) for block in ast.walk(tree) if is_replacing(block) for call in ast.walk(block)}
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and id(call) not in safe and writes(call):
                past.append(f"{path.relative_to(ROOT)}:{call.lineno}: {ast.unparse(call)[:80]}")
    assert past == []


def is_replacing(node) -> bool:
    return isinstance(node, ast.With) and any("replacing" in ast.unparse(item) for item in node.items)


def writes(call) -> bool:
    """Whether a call opens or writes a file by itself: not tables.write_*, and not text that goes nowhere."""
    name = ast.unparse(call.func)
    last = name.rpartition(".")[2]
    if last == "open" and name in ("open", "gzip.open", "io.open", "h5py.File"):
        modes = [ast.unparse(value) for value in [*call.args[1:2], *(k.value for k in call.keywords)]]
        return any(set(mode.strip("'\"")) & set("wax+") for mode in modes if mode.startswith(("'", '"')))
    if last == "to_csv":
        return bool(call.args) and not ast.unparse(call.args[0]).startswith("sep")
    if name in ("tables.write_table", "tables.write_text", "write_table", "write_text"):
        return False  # ours
    return last in WRITING_CALLS


READERS = {
    "table.tsv": tables.read_table,
    "table.tsv.gz": tables.read_table,
    "store.h5": lambda path: read_store(path),
    "matches.npz": hits.read_matches,
    "shard.parquet": hits.read_shard,
    "hits.bed.gz": hits.read_hits,
    "genes.parquet": lambda path: features.read(path, "gene", ["peak"]),
    "peaks.fa.gz": fasta.read_sequences,
    "genome.fai": fasta.read_index,
    "library.json": motifs.read_library,
}


def read_store(path):
    with arrays.opened(path) as store:
        return store["a"][:], store["b/c"][:]


@pytest.mark.parametrize("name", READERS)
def test_halves_are_refused(tmp_path, name):
    path = tmp_path / name
    WRITERS[name](path)
    READERS[name](path)
    whole = path.read_bytes()
    for length in (1, len(whole) // 3, len(whole) // 2, len(whole) - 3):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match=name) as refused:
            READERS[name](path)
        assert "delete it and run again" in str(refused.value)


def test_damage_within_a_store_is_refused(tmp_path):
    path = tmp_path / "store.h5"
    WRITERS["store.h5"](path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + bytes(2000) + whole[len(whole) // 2 + 2000 :])
    with pytest.raises(InputError, match="not a whole HDF5 file"):
        read_store(path)


@pytest.mark.parametrize("read", [FragmentStore.read, sites.read])
def test_stores_of_cuts_and_sites_refuse_halves(tmp_path, read):
    path = tmp_path / "store.h5"
    WRITERS["store.h5"](path)
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(InputError, match="not a whole HDF5 file"):
        read(path)


def test_bgzip_cut_between_two_blocks_is_refused(tmp_path):
    path = tmp_path / "peaks.fa.gz"
    WRITERS["peaks.fa.gz"](path)
    os.truncate(path, path.stat().st_size - 28)  # the empty last block
    with pytest.raises(InputError, match="its end is missing"):
        fasta.read_sequences(path)


def test_hits_cut_short_are_refused_by_place_too(tmp_path):
    path = tmp_path / "hits.bed.gz"
    write_hits(path)
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(InputError, match="its end is missing"):
        hits.read_hits_within(path, "chr1", 0, 1000, {"M1"})


def test_exported_experiment_is_read_back(tmp_path):
    path = tmp_path / "run.h5mu"
    write_mudata(path)
    arrays.check(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2] + bytes(4000) + content[len(content) // 2 + 4000 :])
    with pytest.raises(OSError, match="cannot be read back"):
        arrays.check(path)
