"""What jobs ask for holds what was measured, at two sizes, without asking for a machine of its own."""

import pytest

from workflow_lib import memory

LARGEST = 4096
"""MB that no job may ask for with 24 samples of 100 million reads, 150,000 peaks and 2,000 motifs."""

MEASURED = [
    # rule, what it asks, the peak in MB as the kernel saw it
    ("import_fragments, 0.5 M reads", memory.of_reads("a.bam", 23), 195),
    ("import_fragments, 50 M reads", memory.of_reads("a.bam", 2198), 646),
    ("import_fragments, 3.2 M fragments as text", memory.of_reads("a.tsv.gz", 21.8), 639),
    ("import_fragments, 6.8 M fragments as text", memory.of_reads("a.tsv.gz", 47.2), 1028),
    ("measure_sample, 20 M fragments", memory.of_cuts(60.3), 811),
    ("measure_sample, 41 M fragments", memory.of_cuts(110), 1129),
    ("estimate_bias, 20 M fragments", memory.of_cuts(60.3), 400),
    ("estimate_bias, 41 M fragments", memory.of_cuts(110), 616),
    ("pool_fragments, 2 x 20 M fragments", memory.of_cuts(120.6), 1128),
    ("write_track, 0.1 M fragments", memory.of_track(0.45), 140),
    ("write_track, 20 M fragments", memory.of_track(60.3), 543),
    ("write_group_track, 3 x 20 M fragments", memory.of_track(60.3), 604),
    ("read_genes, 60,000 lines", memory.of_genes("a.gtf", 55.6), 236),
    ("read_genes, 3 million lines", memory.of_genes("a.gtf", 1004), 737),
    ("annotate_peaks, 1,029 peaks", memory.of_tables(3000, 0.1), 149),
    ("annotate_peaks, 48,519 peaks, 3 million lines", memory.of_tables(3000, 10), 732),
    ("score_contacts, 1,029 peaks", memory.of_tables(3000, 0.1), 219),
    ("score_contacts, 48,519 peaks x 6, 3 million lines", memory.of_tables(3000, 11, 0.74), 522),
    ("list_targets, 48,519 peaks x 6", memory.of_tables(800, 11), 348),
    ("plot_loci, 48,519 peaks x 6", memory.of_tables(1800, 11), 522),
    ("export_mudata, 48,519 peaks x 6", memory.of_tables(900, 11, 0.74), 266),
    ("build_consensus, 48,519 peaks", memory.of_tables(2000, 1), 162),
    ("extract_sequences, 48,519 peaks", memory.of_tables(2000, 1), 177),
    ("count_cuts, 48,519 peaks x 6", memory.of_measures(2.9), 215),
    ("scan_motifs, 48,519 peaks, 1,019 motifs", memory.of_scan(4.12, 0.571), 400),
    ("gather_hits, 150,000 peaks, 2,633 motifs", memory.of_hits(133.5), 1234),
    ("scan_motifs, 150,000 peaks, 2,633 motifs", memory.of_scan(11.58, 1.387), 2600),
]
"""By benchmarks/human.py and benchmarks/scale.py (150,000 peaks x 24 samples, 5.8 MB of counts)."""
OF_COUNTS = {
    "fit_dispersions": (297, 604),
    "estimate_offsets": (None, 748),
    "compare_normalisations": (None, 891),
    "calibrate_differential": (None, 358),
    "import_counts": (None, 348),
    "test_differential": (338, None),
    "compute_deviations": (317, 830),
    "diagnose_deviations": (256, 416),
}


LARGE_TABLES = {
    # rule: what it asks at least, MB of its inputs in a large study, and of counts among them
    "list_targets": (800, {"hits": 70, "links": 145, "matches": 27, "annotation": 12, "differential": 10}, 0),
    "plot_loci": (1800, {"links": 145, "genes": 25, "differential": 10}, 0),
    "export_mudata": (
        900,
        {"links": 145, "matches": 27, "annotation": 12, "differential": 10, "counts": 6},
        6,
    ),
    "link_peaks": (2000, {"counts": 6, "sequences": 13, "genes": 25, "expression": 30}, 6),
    "calibrate_factors": (2000, {"counts": 6, "matches": 27, "sequences": 13, "peaks": 4}, 6),
    "annotate_peaks": (3000, {"peaks": 4, "genes": 25}, 0),
}
"""Of 150,000 peaks, 2,000 motifs and 24 samples, by the bytes that the demo has for each peak and link."""


@pytest.mark.parametrize("rule", LARGE_TABLES)
def test_jobs_on_tables_ask_for_less_than_four_gigabytes(rule):
    least, inputs, counts = LARGE_TABLES[rule]
    assert memory.of_tables(least, 0) == least
    assert least < memory.of_tables(least, sum(inputs.values()), counts) <= LARGEST


@pytest.mark.parametrize(("job", "asked", "peak"), MEASURED, ids=[row[0] for row in MEASURED])
def test_a_job_asks_for_a_fifth_more_than_it_used(job, asked, peak):
    assert 1.2 * peak <= asked <= LARGEST


@pytest.mark.parametrize("rule", OF_COUNTS)
def test_jobs_on_counts_ask_for_a_fifth_more_than_they_used(rule):
    for mb, peak in zip((0.93, 5.8), OF_COUNTS[rule], strict=True):
        if peak is not None:
            assert 1.2 * peak <= memory.of_counts(mb) <= LARGEST


def test_nothing_asks_for_more_than_four_gigabytes_in_a_large_study():
    store = 3e-6 * 50e6  # MB of a sample of 100 million reads
    counts, measures, hits, sequences = 5.8, 24 * 1.4, 70.0, 13.0
    asked = [
        memory.of_reads("a.bam", 4400),
        memory.of_reads("a.cram", 2200),
        memory.of_cuts(store),
        memory.of_track(store),
        memory.of_counts(counts),
        memory.of_counts(counts, measures),
        memory.of_counts(counts, hits),
        memory.of_measures(measures),
        memory.of_hits(2 * hits),
        memory.of_scan(sequences, 1.1),
        memory.of_genes("a.gtf", 1500),
        memory.of_genes("a.gtf.gz", 60),
    ]
    assert max(asked) <= LARGEST


def test_requests_grow_with_what_is_read():
    assert memory.of_reads("a.bam", 4000) > memory.of_reads("A.BAM", 2000) > memory.of_reads("a.bam", 0) > 0
    assert memory.of_reads("a.tsv.gz", 100) > memory.of_reads("a.cram", 100) > memory.of_reads("a.bam", 100)
    assert memory.of_genes("a.gff3.GZ".lower(), 50) > memory.of_genes("a.gtf", 50)
    for function in (memory.of_cuts, memory.of_track, memory.of_counts, memory.of_measures, memory.of_hits):
        assert function(50.0) > function(5.0)
