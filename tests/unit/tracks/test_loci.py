"""Loci: what a window holds against the bigWig and counting base by base, and where windows lie."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyBigWig
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_lib import intervals
from workflow_lib.errors import InputError
from workflow_lib.fragments.store import REACH, FragmentStore
from workflow_lib.genome import genes, reference
from workflow_lib.io import gtf, hits
from workflow_lib.tracks import bigwig, loci

LENGTHS = {"chr1": 5003, "chr2": 400}
SAMPLES = {"a1": 1.3, "a2": 0.7, "b1": 1.0}
FACTORS = pd.Series(SAMPLES)
SIDES = {"upstream": 100, "downstream": 30}


def make_store(seed: int, *, paired: bool = True, n: int = 600, longest: int = 900) -> FragmentStore:
    """Random fragments on chr1 (or single reads), none on chr2."""
    rng = np.random.default_rng(seed)
    first = np.sort(rng.integers(0, LENGTHS["chr1"] - 1000, n)).astype(np.int32)
    last = (first + rng.integers(20, longest, n)).astype(np.int32)
    return FragmentStore(
        contigs=LENGTHS, paired=paired, tn5_shift=(4, -4), tn5_evidence="told", n_reads=2 * n, n_mapped=2 * n,
        n_duplicates=0, mapped_per_contig={"chr1": 2 * n}, plus={"chr1": first},
        minus={"chr1": last if paired else np.sort(last)},
    )  # fmt: skip


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stores")
    paths = {sample: folder / f"{sample}.h5" for sample in SAMPLES}
    for seed, path in enumerate(paths.values()):
        make_store(seed).write(path)
    return paths


@pytest.fixture(scope="module")
def bigwigs(stores, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tracks")
    for name, members in {"a": ["a1", "a2"], "a1": ["a1"]}.items():
        bigwig.write(folder / f"{name}.bw", {sample: stores[sample] for sample in members}, FACTORS)
    return folder


def bigwig_means(path, chrom, edges):
    with pyBigWig.open(str(path)) as file:
        ends = np.minimum(edges[1:], LENGTHS[chrom])
        return [
            np.mean(file.values(chrom, int(start), int(end), numpy=True))
            for start, end in zip(edges[:-1], ends, strict=True)
        ]


@pytest.mark.parametrize(
    ("chrom", "start", "end"),
    [("chr1", 1003, 2017), ("chr1", 0, 300), ("chr1", 4000, 5003), ("chr2", 50, 90)],
)
@pytest.mark.parametrize("most_bins", [600, 7])
def test_heights_are_those_of_the_bigwigs(stores, bigwigs, monkeypatch, chrom, start, end, most_bins):
    monkeypatch.setattr(loci, "MOST_BINS", most_bins)
    signal = loci.coverage(stores, FACTORS, chrom, start, end)
    assert signal.edges[0] <= start
    assert end <= signal.edges[-1]
    assert len(signal.edges) - 1 <= most_bins + 1
    mean, low, high = signal.of(["a1", "a2"])
    np.testing.assert_allclose(mean, bigwig_means(bigwigs / "a.bw", chrom, signal.edges), rtol=1e-5)
    np.testing.assert_allclose(
        signal.values["a1"], bigwig_means(bigwigs / "a1.bw", chrom, signal.edges), rtol=1e-5
    )
    np.testing.assert_allclose((low + high) / 2, mean)
    assert (high > low).any() == (chrom == "chr1")


def test_longer_fragments_are_left_out_of_pairs_alone(tmp_path):
    store = make_store(5)
    store.write(tmp_path / "pairs.h5")
    make_store(5, paired=False).write(tmp_path / "single.h5")
    paths = {"pairs": tmp_path / "pairs.h5", "single": tmp_path / "single.h5"}
    ones = pd.Series(1.0, index=list(paths))
    signal = loci.coverage(paths, ones, "chr1", 1000, 2000, max_fragment=180)
    first, last = store.fragments("chr1")
    short = last - first + 9 <= 180
    cuts = np.concatenate([first[short], last[short]])
    expected = [((cuts >= at) & (cuts < at + 10)).sum() / 10 for at in range(1000, 2000, 10)]
    np.testing.assert_allclose(signal.values["pairs"], expected)
    every = store.cuts("chr1")
    assert signal.values["single"].sum() * 10 == ((every >= 1000) & (every < 2000)).sum()
    assert 0 < signal.values["pairs"].sum() < signal.values["single"].sum()
    assert (signal.paired, signal.single) == (1, 1)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 5002), st.integers(1, 400), st.booleans())
def test_part_of_a_store_has_every_cut_of_its_window(tmp_path_factory, start, size, paired):
    path = tmp_path_factory.getbasetemp() / f"part_{paired}.h5"
    whole = make_store(9, paired=paired, longest=900)
    if not path.exists():
        whole.write(path)
    part = FragmentStore.read(path, contigs={"chr1"}, window=(start, start + size))
    inside = [
        cuts[(cuts >= start) & (cuts < start + size)] for cuts in (part.cuts("chr1"), whole.cuts("chr1"))
    ]
    np.testing.assert_array_equal(*inside)
    if not paired:
        assert len(part.cuts("chr1")) == len(inside[0])


def test_a_window_far_from_the_start_reads_no_more_than_it_needs(tmp_path):
    store = make_store(1)
    far = {"chr1": (store.plus["chr1"] + 10 * REACH).astype(np.int32)}
    both = {"chr1": np.r_[store.plus["chr1"], far["chr1"]]}
    ends = {"chr1": np.r_[store.minus["chr1"], store.minus["chr1"] + 10 * REACH].astype(np.int32)}
    moved = FragmentStore(**{**vars(store), "contigs": {"chr1": 12 * REACH}, "plus": both, "minus": ends})
    moved.write(tmp_path / "far.h5")
    part = FragmentStore.read(tmp_path / "far.h5", window=(10 * REACH, 12 * REACH))
    assert len(part.plus["chr1"]) == 600


# --- windows

LINE = '{}\tx\t{}\t{}\t{}\t.\t{}\t.\tgene_id "{}"; gene_name "{}"; transcript_id "t{}";\n'
GENES = [("chr1", 1001, 2000, "+", "G1.4", "Fwd"), ("chr1", 3001, 3500, "-", "G2", "Rev")]


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    path = tmp_path_factory.mktemp("genes") / "genes.gtf"
    lines = []
    for chrom, first, last, strand, gene_id, name in [*GENES, ("chr2", 1, 40, "+", "G3", "Edge")]:
        lines += [LINE.format(chrom, "exon", first, last, strand, gene_id, name, gene_id)]
        lines += [LINE.format(chrom, "CDS", first + 9, last - 9, strand, gene_id, name, gene_id)]
    path.write_text("".join(lines))
    return genes.build(gtf.read(path))


def peak_table(**columns):
    names = ["chr1:1500-1700", "chr1:1750-1800", "chr1:3000-3200", "chr2:0-100"]
    table = {
        "peak": names,
        "baseMean": [50.0, 5.0, 80.0, 60.0],
        "log2FoldChange": [1.0, 3.0, -2.0, 0.5],
        "pvalue": [1e-9, 1e-8, 1e-5, 0.5],
        "padj": [4e-9, 2e-8, 1e-5, 0.5],
        "direction": ["up", "up", "down", "none"],
    }
    return loci.placed(pd.DataFrame(table | columns))


def windows(asked, models, top=0, table=None):
    table = peak_table() if table is None else table
    lengths = reference.contigs_of_all([LENGTHS, LENGTHS])  # as a run passes them
    chosen = loci.choose(asked, table, models, lengths, top=top, **SIDES)
    return [tuple(row) for row in chosen[["name", "chrom", "start", "end"]].to_numpy().tolist()]


def test_flanks_follow_the_gene_and_end_with_the_contig(models):
    assert windows(["fwd", "G1", "REV", "Edge"], models) == [
        ("Fwd", "chr1", 900, 2030),
        ("Fwd", "chr1", 900, 2030),
        ("Rev", "chr1", 2970, 3600),
        ("Edge", "chr2", 0, 70),
    ]


def test_a_name_is_a_peak_before_it_is_a_region(models):
    assert windows(["chr1:1500-1700", "chr1:1,501-1,700", "chr2:301-9,999"], models) == [
        ("chr1:1500-1700", "chr1", 1400, 1730),
        ("chr1:1,501-1,700", "chr1", 1500, 1700),
        ("chr2:301-9,999", "chr2", 300, 400),
    ]


@pytest.mark.parametrize("name", ["Nobody", "chr1:5-1", "chr9:1-10", "chr2:401-500"])
def test_what_is_not_there_is_named(models, name):
    with pytest.raises(InputError, match=r"loci\.genes: .*correct it in the config"):
        windows([name], models)


def test_without_genes_a_gene_is_unknown():
    with pytest.raises(InputError, match="'Fwd' is no peak"):
        windows(["Fwd"], None)


def test_strongest_peaks_that_no_earlier_window_shows():
    table = peak_table()
    assert windows([], None, top=5) == [
        ("chr1:1500-1700", "chr1", 1400, 1730),
        ("chr1:1750-1800", "chr1", 1650, 1830),
        ("chr1:3000-3200", "chr1", 2900, 3230),
    ]
    wide = loci.strongest(table, 5, LENGTHS, upstream=300, downstream=300)
    assert [row[0] for row in wide] == ["chr1:1500-1700", "chr1:3000-3200"]
    assert wide[0][4] == "top peak: log2 fold change +1.00, q = 4e-09"
    assert windows([], None, top=0) == []
    assert [row[0] for row in windows(["chr1:1500-1700"], None, top=1)] == ["chr1:1500-1700"]


def test_nothing_significant_and_nothing_tested_is_said():
    none = peak_table(direction=["none"] * 4, padj=[0.2, 0.3, 0.4, np.nan])
    (row,) = loci.strongest(none, 1, LENGTHS, **SIDES)
    assert row[0] == "chr1:1500-1700"
    assert row[4].startswith("smallest p-value, not significant: ")
    nan = [np.nan] * 4
    untested = peak_table(direction=["untested"] * 4, padj=nan, pvalue=nan)
    rows = loci.strongest(untested, 9, LENGTHS, **SIDES)
    # the peak with the largest fold change has hardly any reads
    assert [row[0] for row in rows] == ["chr1:3000-3200", "chr2:0-100"]
    assert rows[0][4] == "largest fold change, not tested: log2 fold change -2.00"


def test_files_are_fit_for_any_file_system_and_all_different(models):
    names = ["../../etc/passwd", "chr1:1,501-1,700", "a b/c", "..", "x" * 300]
    made = [loci.file_name(name) for name in names]
    assert made == ["etc_passwd", "chr1_1_501-1_700", "a_b_c", "locus", "x" * 60]
    table = loci.choose(["Fwd", "fwd"], peak_table(), models, LENGTHS, top=2, **SIDES)
    assert list(table["file"]) == ["01_Fwd", "02_Fwd", "03_chr1_1500-1700", "04_chr1_1750-1800"]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=25))
def test_nothing_meets_in_a_lane_and_none_could_lie_lower(spans):
    starts, ends = [at for at, _ in spans], [at + size for at, size in spans]
    lane = loci.lanes(starts, ends)

    def meets(i, j):
        return starts[i] < ends[j] and starts[j] < ends[i]

    for i in range(len(spans)):
        assert not any(lane[i] == lane[j] and meets(i, j) for j in range(i))
        assert all(any(lane[j] == lower and meets(i, j) for j in range(i)) for lower in range(lane[i]))


def test_enriched_motifs_are_significant_and_one_a_cluster():
    def table(padj, representative, names=("A", "B", "C")):
        ids = [f"M{name}" for name in names]
        rows = {"motif_id": ids, "name": list(names), "padj": padj, "representative": representative}
        return pd.DataFrame(rows).assign(log10_pvalue=np.log10(padj))

    up = table([1e-3, 1e-9, 0.2], [True, False, True])
    down = table([1e-3, 1e-9, 1e-5], [True, True, True], names=("A", "D", "E"))
    shown = loci.enriched({"up": up, "down": down}, 0.05, n=2)
    assert shown.to_numpy().tolist() == [["MA", "A", "up"], ["MD", "D", "down"], ["ME", "E", "down"]]
    assert loci.enriched({}, 0.05).empty


def test_hits_of_a_window_once_each(tmp_path):
    windows = pd.DataFrame({"peak": ["p1", "p2"], "chrom": ["chr1", "chr1"], "start": [0, 10]})
    shared = {"start": [12, 12, 30], "end": [18, 18, 36], "strand": ["+", "+", "-"], "score": [9.5, 9.5, 8.0]}
    table = pd.DataFrame({"peak": [0, 1, 1], "motif": [0, 0, 1], **shared})
    hits.write_shard(table, tmp_path / "shard.parquet")
    path = tmp_path / "hits.bed.gz"
    hits.gather([tmp_path / "shard.parquet"], windows, ["M1", "M2"], path, tmp_path / "matches.npz")
    found = hits.read_hits_within(path, "chr1", 15, 31, {"M1", "M2"})
    assert found[["motif_id", "start", "strand", "score"]].to_numpy().tolist() == [
        ["M1", 12, "+", 9.5],
        ["M2", 30, "-", 8.0],
    ]
    assert list(hits.read_hits_within(path, "chr1", 15, 31, {"M2"})["motif_id"]) == ["M2"]
    assert hits.read_hits_within(path, "chr1", 18, 30, {"M1", "M2"}).empty
    assert hits.read_hits_within(path, "chr7", 0, 99, {"M1"}).empty


def test_a_locus_holds_what_lies_in_its_window(stores, models):
    sources = loci.Sources(stores, FACTORS, peak_table(), models, max_fragment=300)
    place = SimpleNamespace(name="x", chrom="chr1", start=1600, end=3001, why="told")
    locus = loci.at(sources, place)
    assert list(locus.peaks["peak"]) == ["chr1:1500-1700", "chr1:1750-1800", "chr1:3000-3200"]
    assert list(locus.models.genes["gene_name"]) == ["Fwd", "Rev"]
    assert locus.hits.empty
    assert locus.links.empty
    assert locus.fragments == 300


def test_a_locus_holds_significant_links_with_both_ends_inside(stores):
    links = pd.DataFrame(
        {
            "gene_id": "g",
            "gene_name": "G",
            "chrom": "chr1",
            "tss": [2500, 2500, 4500],
            "peak": ["chr1:1700-1800", "chr1:1900-2000", "chr1:1700-1800"],
            "pearson": [0.9, -0.8, 0.7],
            "padj": [0.01, 0.3, 0.01],
        }
    )
    sources = loci.Sources(stores, FACTORS, peak_table(), links=links)
    place = SimpleNamespace(name="x", chrom="chr1", start=1600, end=3001, why="told")
    assert loci.at(sources, place).links[loci.LINK_COLUMNS].to_numpy().tolist() == [[1750, 2500, 0.9, 0.01]]


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("chr1:1-100", ("chr1", 0, 100)),
        ("HLA:1:1,000-2,000", ("HLA:1", 999, 2000)),
        (" chr1:5-5 ", ("chr1", 4, 5)),
        ("chr1:0-100", None),
        ("chr1:100-5", None),
        ("chr1:100", None),
        ("TCF7", None),
    ],
)
def test_regions_are_one_based_with_both_ends(text, region):
    assert intervals.parse_region(text) == region
