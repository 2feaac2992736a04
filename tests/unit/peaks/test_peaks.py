"""The consensus peak set, against a naive greedy oracle and written-out cases."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_lib.errors import InputError
from workflow_lib.genome import reference
from workflow_lib.peaks import consensus

CONTIGS = pd.Series({"chr2": 5000, "chr1": 3000})  # the FASTA's order, not the alphabet's


def called(rows, contig="chr1", half=50):
    """Peaks of one input from (summit, score)."""
    summit = np.array([row[0] for row in rows])
    table = pd.DataFrame({"start": summit - half, "end": summit + half, "summit": summit})
    table["score"] = [float(row[1]) for row in rows]
    table.insert(0, "chrom", contig)
    return table


def blacklist(chrom, start, end):
    return pd.DataFrame({"chrom": [chrom], "start": [start], "end": [end]})


def test_windows_are_of_one_width_with_the_summit_in_the_middle():
    found = consensus.consensus({"a": called([(1000, 5)])}, CONTIGS, width=501)
    assert found.to_dict("records") == [
        {
            "peak": "chr1:750-1251",
            "chrom": "chr1",
            "start": 750,
            "end": 1251,
            "summit": 1000,
            "score": 1e6,
        }
    ]


def test_best_peak_stays_and_what_only_touches_it_stays_too():
    found = consensus.consensus(
        {"a": called([(1000, 5), (1100, 9), (1201, 1), (999, 7)])}, CONTIGS, width=101
    )
    assert found["summit"].tolist() == [999, 1100, 1201]
    found = consensus.consensus({"a": called([(1000, 5), (1100, 9), (1201, 1)])}, CONTIGS, width=101)
    assert found["summit"].tolist() == [1100, 1201]


def test_depth_does_not_decide():
    """Scores of the deep sample are ten times the other's, yet its weak peak does not remove a strong one."""
    deep = called([(500, 980), (1000, 20)])
    shallow = called([(500, 80), (1020, 20)])
    found = consensus.consensus({"deep": deep, "shallow": shallow}, CONTIGS, width=101)
    assert found["summit"].tolist() == [500, 1020]
    assert found["score"].tolist() == [980_000.0, 200_000.0]


def test_equal_scores_are_decided_by_place_then_by_name():
    found = consensus.consensus({"a": called([(1050, 1), (1000, 1)])}, CONTIGS, width=101)
    assert found["summit"].tolist() == [1000]
    one, other = called([(1000, 1)]), called([(1000, 1)])
    for inputs in ({"a": one, "b": other}, {"b": other, "a": one}):
        assert consensus.consensus(inputs, CONTIGS, width=101)["peak"].tolist() == ["chr1:950-1051"]


def test_a_peak_needs_enough_replicates_of_one_group():
    inputs = {
        "t1": called([(500, 9), (1500, 9)]),
        "t2": called([(510, 8)]),
        "c1": called([(1510, 9), (2500, 5)]),
        "c2": called([(2490, 5)]),
    }
    groups = {"t1": "treated", "t2": "treated", "c1": "control", "c2": "control"}
    found = consensus.consensus(inputs, CONTIGS, width=101, groups=groups)
    # 1500 is seen once in each group, so in no group
    assert found["summit"].tolist() == [510, 2490]
    assert list(found.columns) == [*consensus.COLUMNS, "control", "treated"]
    assert found[["control", "treated"]].to_numpy().tolist() == [[0, 1], [1, 0]]
    everything = consensus.consensus(inputs, CONTIGS, width=101, groups=groups, min_replicates=1)
    assert everything["summit"].tolist() == [510, 1510, 2490]


def test_a_file_of_a_whole_group_is_reproducible_as_it_is():
    inputs = {"treated": called([(500, 9)]), "control": called([(1500, 9)])}
    samples = pd.DataFrame({"group": ["treated", "treated", "control"]}, index=["t1", "t2", "c1"])
    groups = consensus.groups_of_inputs(inputs, samples)
    assert groups == {"treated": "treated", "control": "control"}
    found = consensus.consensus(inputs, CONTIGS, width=101, groups=groups)
    assert found["summit"].tolist() == [500, 1500]


def test_inputs_are_named_after_samples_or_groups():
    samples = pd.DataFrame({"group": ["treated", "control"]}, index=["t1", "c1"])
    assert consensus.groups_of_inputs(["t1", "c1"], samples) == {"t1": "treated", "c1": "control"}
    with pytest.raises(InputError, match="t2 is neither a sample nor a group"):
        consensus.groups_of_inputs(["t1", "t2"], samples)


def test_windows_past_a_contigs_end_are_dropped_not_trimmed():
    inputs = {"a": called([(49, 9), (50, 8), (2949, 7), (2950, 9)])}
    found = consensus.consensus(inputs, CONTIGS, width=101)
    # 49 would begin at -1 and 2950 end at 3001: they neither stay nor remove their neighbours
    assert found[["start", "end"]].to_numpy().tolist() == [[0, 101], [2899, 3000]]


def test_windows_that_share_a_base_with_the_blacklist_are_dropped():
    inputs = {"a": called([(1000, 9), (1101, 5)])}
    touching = blacklist("chr1", 1051, 1052)
    assert consensus.consensus(inputs, CONTIGS, width=101, blacklist=touching)["summit"].tolist() == [1000]
    before = blacklist("chr1", 900, 950)
    assert consensus.consensus(inputs, CONTIGS, width=101, blacklist=before)["summit"].tolist() == [
        1000,
        1101,
    ]
    inside = blacklist("chr1", 949, 951)
    assert consensus.consensus(inputs, CONTIGS, width=101, blacklist=inside)["summit"].tolist() == [1101]
    elsewhere = blacklist("chrZ", 0, 5000)
    assert len(consensus.consensus(inputs, CONTIGS, width=101, blacklist=elsewhere)) == 2


def test_rows_are_in_genome_order():
    inputs = {"a": pd.concat([called([(1000, 9), (500, 1)]), called([(2000, 5)], "chr2")])}
    assert consensus.consensus(inputs, CONTIGS, width=101)["chrom"].tolist() == ["chr2", "chr1", "chr1"]
    assert consensus.consensus(inputs, width=101)["chrom"].tolist() == ["chr1", "chr1", "chr2"]


def test_peaks_without_scores_go_by_place():
    inputs = {"a": called([(1000, np.nan), (950, np.nan)])}
    assert consensus.consensus(inputs, CONTIGS, width=101)["summit"].tolist() == [950]


@pytest.mark.parametrize("score", [np.nan, -1.0])
def test_a_missing_or_negative_score_among_others_is_refused(score):
    with pytest.raises(InputError, match="peaks of a: chr1:1950-2050 has no score, or a negative one"):
        consensus.consensus({"a": called([(1000, 1), (2000, score)])}, CONTIGS)


def test_nothing_left_is_said_with_the_numbers():
    inputs = {"a": called([(1000, 1)]), "b": called([(2000, 1)])}
    with pytest.raises(InputError, match=r"of 2 read, 2 lie inside.*none of them in 2 replicates"):
        consensus.consensus(inputs, CONTIGS)


def naive(inputs, contigs, width, min_replicates):
    """The same by comparing every pair."""

    def greedy(windows):
        kept = []
        for window in sorted(windows, key=lambda w: (-w[3], list(contigs.index).index(w[0]), w[1], w[4])):
            if all(window[0] != other[0] or abs(window[1] - other[1]) >= width for other in kept):
                kept.append(window)
        return kept

    by_name = {}
    for name, table in inputs.items():
        windows = [
            (row.chrom, row.summit - width // 2, row.summit, row.score, name)
            for row in table.itertuples()
            if row.summit >= width // 2 and row.summit - width // 2 + width <= contigs[row.chrom]
        ]
        kept = greedy(windows)
        total = sum(window[3] for window in kept)
        by_name[name] = [(*window[:3], window[3] * (1e6 / total), name) for window in kept]
    merged = greedy([window for kept in by_name.values() for window in kept])
    needed = min(min_replicates, len(inputs))
    found = []
    for window in merged:
        seen = sum(
            any(w[0] == window[0] and abs(w[1] - window[1]) < width for w in kept)
            for kept in by_name.values()
        )
        if seen >= needed:
            found.append((window[0], window[1], window[2]))
    return sorted(found, key=lambda w: (list(contigs.index).index(w[0]), w[1]))


SUMMITS = st.lists(
    st.tuples(st.sampled_from(["chr1", "chr2"]), st.integers(0, 299), st.integers(1, 9)),
    min_size=1,
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(SUMMITS, min_size=1, max_size=3), st.integers(1, 3), st.sampled_from([1, 20, 21, 51]))
def test_same_as_comparing_every_pair(lists, min_replicates, width):
    contigs = pd.Series({"chr2": 300, "chr1": 250})
    inputs = {}
    for name, rows in zip("abc", lists, strict=False):
        table = pd.DataFrame(rows, columns=["chrom", "summit", "score"]).drop_duplicates(["chrom", "summit"])
        table["score"] = table["score"].astype(float)
        table = table[table["summit"] < table["chrom"].map(contigs)]
        inputs[name] = table.assign(start=table["summit"], end=table["summit"] + 1)
    expected = naive(inputs, contigs, width, min_replicates)
    try:
        found = consensus.consensus(inputs, contigs, width=width, min_replicates=min_replicates)
    except InputError:
        assert expected == []
        return
    assert list(zip(found["chrom"], found["start"], found["summit"], strict=True)) == expected


def test_given_peaks_are_used_as_they_are():
    table = pd.DataFrame(
        {
            "chrom": ["chr1", "chr1", "chr2", "chr1"],
            "start": [100, 50, 10, 100],
            "end": [200, 180, 90, 200],
            "summit": [120, 60, 50, 170],
            "score": [3.0, np.nan, 1.0, 4.0],
        }
    )
    found = consensus.as_given(table, CONTIGS)
    assert found["peak"].tolist() == ["chr2:10-90", "chr1:50-180", "chr1:100-200"]
    assert found["summit"].tolist() == [50, 60, 170]
    assert found["score"].tolist() == [1.0, 0.0, 4.0]
    left = consensus.as_given(table, CONTIGS, blacklist=blacklist("chr1", 0, 51))
    assert left["peak"].tolist() == ["chr2:10-90", "chr1:100-200"]
    with pytest.raises(InputError, match="all 1 lie in the blacklist"):
        consensus.as_given(table.iloc[[1]], CONTIGS, blacklist=blacklist("chr1", 0, 51))


def test_reading_gives_midpoints_where_no_summit_is_known(tmp_path):
    (tmp_path / "a.bed").write_text("chr1\t100\t201\nchr1\t100\t200\n")
    assert consensus.read_intervals(tmp_path / "a.bed")["summit"].tolist() == [150, 150]
    row = "chr1\t100\t200\ta\t1\t.\t1\t1\t1\t{}\n"
    (tmp_path / "a.narrowPeak").write_text(row.format(0) + row.format(-1))
    assert consensus.read_intervals(tmp_path / "a.narrowPeak")["summit"].tolist() == [100, 150]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("chr1\t1\t9\n1\t1\t9\n", "a.bed:2: contig 1 is not in the genome (which has chr2, chr1, ...)"),
        ("chr1\t1\t9\nchr1\t2990\t3001\n", "a.bed:2: ends at 3001, past the end of chr1 (3000 bp)"),
        ("#none\n", "a.bed: holds no interval"),
    ],
)
def test_peaks_that_do_not_fit_the_genome_are_refused(tmp_path, text, said):
    (tmp_path / "a.bed").write_text(text)
    with pytest.raises(InputError) as error:
        consensus.read_intervals(tmp_path / "a.bed", CONTIGS)
    assert said in str(error.value)


def test_peaks_survive_writing(tmp_path):
    contigs = pd.Series({"1": 3000})
    found = consensus.consensus({"a": called([(1000, 5), (2000, 1)], "1")}, contigs, groups={"a": "g"})
    consensus.write(found, tmp_path / "a.bed", tmp_path / "a.tsv")
    again = consensus.read(tmp_path / "a.tsv")
    pd.testing.assert_frame_equal(again, found, rtol=1e-7)
    assert again["chrom"].tolist() == ["1", "1"]
    assert (tmp_path / "a.bed").read_text().split("\n")[0] == "1\t750\t1251\t1:750-1251\t1000\t."


def test_peaks_from_identifiers():
    found = consensus.from_ids(["chr2:10-21", "chr1:5-9"])
    assert found.to_dict("list") == {
        "peak": ["chr2:10-21", "chr1:5-9"],
        "chrom": ["chr2", "chr1"],
        "start": [10, 5],
        "end": [21, 9],
        "summit": [15, 7],
        "score": [0.0, 0.0],
    }
    with pytest.raises(ValueError, match="peak_7"):
        consensus.from_ids(["chr1:5-9", "peak_7"])


def test_peaks_of_a_matrix_with_and_without_coordinates(tmp_path):
    table = consensus.from_ids(["chr1:5-9", "chr2:10-21"]).set_index("peak")[["chrom", "start", "end"]]
    found = consensus.from_matrix(table.index, table, ["chr2", "chr1"])
    assert found["peak"].tolist() == ["chr2:10-21", "chr1:5-9"]
    unplaced = consensus.from_matrix(["p1", "p2"], None)
    assert unplaced["peak"].tolist() == ["p1", "p2"]
    consensus.write(unplaced.iloc[:0], tmp_path / "a.bed", tmp_path / "none.tsv")
    assert unplaced[["chrom", "start", "end", "summit"]].isna().all(axis=None)


INTERVALS = st.lists(
    st.tuples(st.sampled_from(["x", "y"]), st.integers(0, 30), st.integers(1, 8)).map(
        lambda row: (row[0], row[1], row[1] + row[2])
    ),
    max_size=15,
)


@settings(max_examples=150, deadline=None)
@given(INTERVALS, INTERVALS)
def test_overlaps_are_counted_as_pair_by_pair(queries, intervals):
    columns = ["chrom", "start", "end"]
    counts = reference.count_overlaps(
        pd.DataFrame(queries, columns=columns), pd.DataFrame(intervals, columns=columns)
    )
    assert counts.tolist() == [
        sum(c == chrom and s < end and e > start for c, s, e in intervals) for chrom, start, end in queries
    ]


def test_a_groups_call_needs_the_calls_of_enough_of_its_samples():
    calls = {"treated": called([(500, 9), (1500, 9)]), "control": called([(1505, 9), (2500, 5)])}
    replicates = {
        "treated": [called([(520, 1), (1500, 1)]), called([(490, 1)]), called([(1500, 1)]).iloc[:0]],
        "control": [called([(2500, 1)])],
    }
    groups = {group: group for group in calls}
    found = consensus.consensus(calls, CONTIGS, width=101, groups=groups, replicates=replicates)
    # 1505: in one sample of three of treated, and not in the one of control, whose score is the higher
    assert found["summit"].tolist() == [500, 2500]
    assert found[["control", "treated"]].to_numpy().tolist() == [[0, 1], [1, 0]]
    once = consensus.consensus(
        calls, CONTIGS, width=101, groups=groups, replicates=replicates, min_replicates=1
    )
    assert once[["summit", "control", "treated"]].to_numpy().tolist() == [
        [500, 0, 1], [1505, 0, 1], [2500, 1, 0]
    ]  # fmt: skip


def test_a_group_without_peaks_has_a_column_of_zeros_and_a_note(caplog):
    calls = {"treated": called([(500, 9)]), "control": called([(500, 9)]).iloc[:0]}
    groups = {group: group for group in calls}
    with caplog.at_level("WARNING", "atacdiff"):
        found = consensus.consensus(calls, CONTIGS, width=101, groups=groups)
    assert found[["summit", "control", "treated"]].to_numpy().tolist() == [[500, 0, 1]]
    assert "control: no peak" in caplog.text


def test_no_peak_in_any_group_is_an_error():
    nothing = called([(500, 9)]).iloc[:0]
    with pytest.raises(InputError, match=r"no peak in control, treated; look at .* \(peaks.qvalue\)"):
        consensus.consensus({"treated": nothing, "control": nothing}, CONTIGS)


def test_only_our_own_calls_may_be_empty(tmp_path):
    (tmp_path / "a.narrowPeak").touch()
    assert len(consensus.read_intervals(tmp_path / "a.narrowPeak", CONTIGS, may_be_empty=True)) == 0
    with pytest.raises(InputError, match="holds no interval"):
        consensus.read_intervals(tmp_path / "a.narrowPeak", CONTIGS)
    calls = consensus.by_group(["x", "y", "z"], {"a": "one", "b": "two", "c": "one"})
    assert calls == {"one": ["x", "z"], "two": ["y"]}
