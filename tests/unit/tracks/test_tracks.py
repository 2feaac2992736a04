"""Tracks: what a bigWig holds against counting base by base, and files that open it in browsers."""

import dataclasses
import json
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pyBigWig
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_lib.errors import InputError
from workflow_lib.fragments.store import FragmentStore
from workflow_lib.tracks import bigwig, sessions

LENGTHS = {"chr1": 47, "chrM": 30, "chr2": 20}
CUTS = st.lists(st.integers(0, 46), max_size=25).map(lambda cuts: np.array(sorted(cuts), dtype=np.int32))


def per_base(cuts, length, size_factor, width):
    """Value of every base, counted in a loop."""
    values = np.zeros(length)
    for start in range(0, length, width):
        end = min(start + width, length)
        values[start:end] = sum(start <= cut < end for cut in cuts) / (end - start) / size_factor
    return values


def spread(starts, ends, values, length):
    dense = np.full(length, np.nan)
    for start, end, value in zip(starts, ends, values, strict=True):
        assert np.isnan(dense[start:end]).all()
        dense[start:end] = value
    return dense


def write_store(path, cuts):
    """A store of single-end reads with these cuts by contig."""
    plus = {name: np.array(sorted(positions), dtype=np.int32) for name, positions in cuts.items()}
    n = sum(map(len, plus.values()))
    FragmentStore(
        contigs=LENGTHS, paired=False, tn5_shift=(4, -4), tn5_evidence="told", n_reads=n, n_mapped=n,
        n_duplicates=0, mapped_per_contig={name: len(at) for name, at in plus.items()},
        plus=plus, minus={name: np.empty(0, np.int32) for name in plus},
    ).write(path)  # fmt: skip
    return path


@settings(max_examples=150, deadline=None)
@given(CUTS, st.sampled_from([1, 3, 10, 47, 50]), st.sampled_from([0.5, 1.0, 1.7]))
def test_a_track_equals_the_count_at_every_base(cuts, width, size_factor):
    values = bigwig.density(cuts, 0, 47, 47, size_factor, width).astype(np.float32)
    starts, ends, shown = bigwig.cover(values, 0, 47, width)
    np.testing.assert_allclose(
        spread(starts, ends, shown, 47), per_base(cuts, 47, size_factor, width), rtol=1e-6
    )
    assert (shown[1:] != shown[:-1]).all()
    assert np.dot(shown, ends - starts) == pytest.approx(len(cuts) / size_factor, rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(CUTS, st.sampled_from([0.5, 2.0])), min_size=1, max_size=4),
    st.sampled_from([10, 20, 40, 1000]),
    st.sampled_from([10, 30, 1000]),
)
def test_a_groups_track_is_the_mean_of_its_samples_at_every_base(samples, window, piece):
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(bigwig, "WINDOW", window)
        patched.setattr(bigwig, "PIECE", piece)
        stores, factors = {}, {}
        for i, (cuts, factor) in enumerate(samples):
            stores[str(i)] = write_store(Path(folder) / f"{i}.h5", {"chr1": cuts.tolist()})
            factors[str(i)] = factor
        bigwig.write(Path(folder) / "mean.bw", stores, pd.Series(factors))
        with pyBigWig.open(f"{folder}/mean.bw") as file:
            shown = file.values("chr1", 0, 47)
    expected = np.mean([per_base(cuts, 47, factor, 10) for cuts, factor in samples], axis=0)
    np.testing.assert_allclose(shown, expected, rtol=1e-6)


def test_a_contig_without_reads_is_zero_from_end_to_end():
    empty = bigwig.density(np.empty(0, np.int32), 0, 47, 47, 1.0).astype(np.float32)
    starts, ends, values = bigwig.cover(empty, 0, 47)
    assert (starts.tolist(), ends.tolist(), values.tolist()) == ([0], [47], [0.0])


def test_without_a_genome_a_contig_ends_with_the_last_fragment_of_all_samples(tmp_path):
    stores = {}
    for sample, length in (("a", 40), ("b", 90)):
        store = FragmentStore.read(write_store(tmp_path / f"{sample}.h5", {"chr1": [length - 1]}))
        dataclasses.replace(store, contigs={"chr1": length}).write(tmp_path / f"{sample}.h5")
        stores[sample] = tmp_path / f"{sample}.h5"
    total = bigwig.write(tmp_path / "mean.bw", stores, pd.Series({"a": 1.0, "b": 1.0}))
    assert total == pytest.approx(1.0)


def test_contigs_are_read_together_up_to_the_length_of_the_longest():
    contigs = pd.Series({"a": 100, "b": 60, "c": 40, "d": 1, "e": 30})
    assert bigwig.batches(contigs) == [["a"], ["b", "c"], ["d", "e"]]
    assert bigwig.batches(contigs.iloc[:0]) == []


class TestBigWig:
    """What is in the file, read back."""

    def test_its_sum_is_cuts_over_size_factor_and_the_group_is_the_mean(self, tmp_path):
        stores = {
            "a": write_store(tmp_path / "a.h5", {"chr1": [0, 5, 5, 46], "chrM": [3], "chr2": [7]}),
            "b": write_store(tmp_path / "b.h5", {"chr1": [12]}),
        }
        factors = pd.Series({"a": 0.5, "b": 2.0})
        for name, members in {"a": "a", "b": "b", "both": "ab"}.items():
            chosen = {sample: stores[sample] for sample in members}
            total = bigwig.write(tmp_path / f"{name}.bw", chosen, factors, leave_out=["chrM"])
            assert total == pytest.approx({"a": 10, "b": 0.5, "both": 5.25}[name])
        files = {name: pyBigWig.open(str(tmp_path / f"{name}.bw")) for name in ("a", "b", "both")}
        assert files["a"].chroms() == {"chr1": 47, "chr2": 20}
        values = {name: np.array(file.values("chr1", 0, 47)) for name, file in files.items()}
        assert values["a"].sum() == pytest.approx(8)
        assert files["a"].intervals("chr2") == ((0, 10, pytest.approx(0.2)), (10, 20, 0.0))
        assert files["b"].intervals("chr2") == ((0, 20, 0.0),)
        np.testing.assert_allclose(values["both"], (values["a"] + values["b"]) / 2, rtol=1e-6)
        assert files["a"].stats("chr1", 0, 47, exact=True) == [pytest.approx(8 / 47)]

    def test_the_same_cuts_give_the_same_bytes(self, tmp_path):
        store = write_store(tmp_path / "a.h5", {"chr1": list(range(0, 40, 3)), "chr2": [1]})
        for name in ("one.bw", "two.bw"):
            bigwig.write(tmp_path / name, {"a": store}, pd.Series({"a": 1.3}))
        assert (tmp_path / "one.bw").read_bytes() == (tmp_path / "two.bw").read_bytes()

    def test_nothing_is_left_of_a_track_that_fails(self, tmp_path):
        store = write_store(tmp_path / "a.h5", {"chr1": [40]})
        with pytest.raises(InputError, match=r"sample a: has a cut at 40 of chr1, which ends at 30"):
            bigwig.write(tmp_path / "a.bw", {"a": store}, pd.Series({"a": 1.0}), pd.Series({"chr1": 30}))
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a.h5"]


@pytest.mark.parametrize("factor", [0.0, np.nan, None])
def test_a_sample_without_a_size_factor_has_no_track(tmp_path, factor):
    with pytest.raises(InputError, match="sample a: has no size factor above zero"):
        bigwig.write(
            tmp_path / "a.bw", {"a": "a.h5"}, pd.Series({"b": 1.0} if factor is None else {"a": factor})
        )


PEAKS = pd.DataFrame({"chrom": ["1", "2"], "start": [50_000, 100], "end": [50_501, 601], "score": [2.0, 9.0]})
GROUPS = {"t_1": "treated", "c_1": "control", "c-2": "control"}
COLOURS = {"control": "#009E73", "treated": "#E69F00"}


def session_files(folder, **genome):
    """Write them beside empty tracks, in a tree such as a run makes."""
    tracks_folder = folder / "results/tracks"
    for name in (*GROUPS, *COLOURS):
        tracks_folder.mkdir(parents=True, exist_ok=True)
        (tracks_folder / f"{name}.bw").touch()
    for path in ("results/peaks/consensus.bed", "data/my&genome.fa.gz", "resources/genome/g.fai",
                 "resources/genome/g.gzi"):  # fmt: skip
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()
    found = sessions.of_samples(GROUPS, COLOURS)
    features = {"peaks & <more>": str(folder / "results/peaks/consensus.bed")}
    sessions.write_session(tracks_folder, found, PEAKS, features=features, **genome)
    return tracks_folder


def stanzas(text):
    """Stanzas of UCSC's format."""
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    return [dict(line.split(" ", 1) for line in part.splitlines()) for part in lines.strip().split("\n\n")]


@pytest.fixture
def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_path_of_the_session_exists(in_folder):
    files = {
        "fasta": "data/my&genome.fa.gz",
        "fai": "resources/genome/g.fai",
        "gzi": "resources/genome/g.gzi",
    }
    folder = session_files(in_folder, name=None, **files)
    session = ElementTree.parse(folder / "igv_session.xml").getroot()
    assert session.get("locus") == "2:1-10601"
    resources = [resource.get("path") for resource in session.iter("Resource")]
    shown = [track.get("id") for track in session.iter("Track")]
    assert resources == shown
    assert shown[:5] == ["control.bw", "c_1.bw", "c-2.bw", "treated.bw", "t_1.bw"]
    assert [track.get("color") for track in session.iter("Track")][2:4] == ["0,158,115", "230,159,0"]
    assert [track.get("name") for track in session.iter("Track")][-1] == "peaks & <more>"
    assert session.get("genome") is None
    genome = json.loads((folder / "igv_genome.json").read_text())
    assert genome["id"] == "my&genome"
    paths = [*shown[:5], *(genome[key] for key in ("fastaURL", "indexURL", "compressedIndexURL"))]
    for path in paths:
        assert (folder / path).is_file(), path


def test_every_path_of_the_hub_exists_and_its_names_are_unique(in_folder):
    folder = session_files(in_folder, name="sacCer3")
    (hub,) = stanzas((folder / "hub.txt").read_text())
    (genome,) = stanzas((folder / hub["genomesFile"]).read_text())
    assert genome["genome"] == "sacCer3"
    above, *found = stanzas((folder / genome["trackDb"]).read_text())
    assert above["superTrack"] == "on show"
    assert [track["bigDataUrl"] for track in found] == [
        "control.bw", "c_1.bw", "c-2.bw", "treated.bw", "t_1.bw"
    ]  # fmt: skip
    assert all((folder / track["bigDataUrl"]).is_file() for track in found)
    assert {track["parent"] for track in found} == {above["track"]}
    assert len({track["track"] for track in found}) == 5
    assert all(track["track"].replace("_", "").isalnum() for track in found)
    assert "mean of 2 samples" in found[0]["longLabel"]
    assert "mean" not in found[3]["longLabel"]


def test_a_genome_that_ucsc_does_not_have_is_named_after_its_file_and_said_to_be(in_folder):
    folder = session_files(in_folder, name=None, fasta="data/own.fa", fai="f", gzi="g")
    text = (folder / "genomes.txt").read_text()
    assert stanzas(text)[0]["genome"] == "own"
    assert "twoBitPath" in text
    assert "twoBitPath" not in sessions.hub([], genome="hg38", own_genome=False)["genomes.txt"]


@pytest.mark.parametrize(
    ("fasta", "name"),
    [("a/sacCer3.fa.gz", "sacCer3"), ("hg38.fna", "hg38"), ("x.y.fasta.bgz", "x.y"), (None, "unknown")],
)
def test_assemblies_are_named_after_their_file(fasta, name):
    assert sessions.assembly_name(fasta) == name


def test_a_session_names_nothing_outside_the_results(in_folder):
    results = in_folder / "results"
    for path in ("motifs/hits.bed.gz", "motifs/hits.bed.gz.tbi", "linkage/links.bedpe"):
        (results / path).parent.mkdir(parents=True, exist_ok=True)
        (results / path).touch()
    features = {
        name: f"results/{path}"
        for name, path in (("hits", "motifs/hits.bed.gz"), ("links", "linkage/links.bedpe"))
    }
    found = sessions.of_samples(GROUPS, COLOURS)
    genome = {
        "fasta": "data/g.fa",
        "fai": "resources/g.fai",
        "gzi": "g",
        "contigs": pd.Series({"1": 60_000, "2": 1_000}),
    }
    session_files(in_folder, name=None)
    sessions.write_session("results/tracks", found, PEAKS, name=None, features=features, **genome)
    sent = in_folder / "sent"
    results.rename(sent)
    session = ElementTree.parse(sent / "tracks/igv_session.xml").getroot()
    resources = list(session.iter("Resource"))
    paths = [part for resource in resources for part in (resource.get("path"), resource.get("index")) if part]
    assert paths[-3:] == ["../motifs/hits.bed.gz", "../motifs/hits.bed.gz.tbi", "../linkage/links.bedpe"]
    assert resources[-1].get("type") == "bedpe"
    for path in [*paths, session.get("genome")]:
        assert (sent / "tracks" / path).resolve().is_relative_to(sent), path
        assert (sent / "tracks" / path).is_file(), path
    assert (sent / "tracks" / session.get("genome")).read_text() == "1\t60000\n2\t1000\n"


def test_without_a_fasta_the_session_leaves_the_genome_open(in_folder):
    folder = session_files(in_folder, name=None)
    assert ElementTree.parse(folder / "igv_session.xml").getroot().get("genome") is None


def test_browsers_open_at_the_surest_change_of_any_contrast():
    def tested(p, direction):
        return pd.DataFrame({"peak": ["a:100-600", "b:5000-5500"], "pvalue": p, "direction": direction})

    tables = [tested([0.01, 0.5], ["up", "none"]), tested([0.9, 1e-5], ["none", "down"])]
    found = sessions.by_change(PEAKS, tables)
    assert sessions.opening_locus(found) == sessions.opening_locus(
        pd.DataFrame({"chrom": ["b"], "start": [5000], "end": [5500], "score": [1.0]})
    )
    none = [tested([0.5, 0.5], ["none", "none"])]
    assert sessions.by_change(PEAKS, none) is PEAKS
