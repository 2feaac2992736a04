"""The simulator: files that tools read, geometry that is exact, and a seed that decides all."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pysam
import pytest

from workflow_lib import simulate
from workflow_lib.io import alignments as bam
from workflow_lib.simulate import expression, fragments, genes, matrix, named, planted, reads, sequence, tn5

ROOT = Path(__file__).resolve().parents[3]
SMALL = {"lengths": {"chr1": 150_000, "chr2": 100_000}, "n_genes": 10, "n_peaks": 90, "depth": 4_000}


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


@pytest.fixture(scope="module")
def demo():
    return simulate.demo(1, **SMALL)


@pytest.fixture(scope="module")
def folder(demo, tmp_path_factory):
    path = tmp_path_factory.mktemp("demo")
    demo.write(path)
    return path


@pytest.fixture(scope="module")
def motifs():
    return planted.jaspar_motifs()


def written(tmp_path, reads, contigs):
    path = tmp_path / "reads.bam"
    bam.write_bam(reads, contigs, path)
    with pysam.AlignmentFile(path) as opened:
        return opened.header, list(opened.fetch(until_eof=True)), path


CONTIGS = {"chr1": 100_000, "chr2": 50}


class TestBam:
    def reads(self):
        return bam.Reads(
            name=np.array([b"r2", b"r1", b"r3", b"r4"]),
            flag=np.array([16, 0, 4, 0]),
            mapq=np.array([7, 42, 0, 30]),
            contig=np.array([0, 0, -1, 1]),
            position=np.array([16_382, 5, -1, 45]),
            mate_contig=np.array([-1, 1, -1, -1]),
            mate_position=np.array([-1, 3, -1, -1]),
            template_length=np.array([0, -77, 0, 0]),
            bases=np.array([[0, 1, 2, 3, 4], [3, 3, 2, 1, 0], [0, 0, 0, 0, 1], [4, 4, 4, 4, 4]], np.uint8),
        )

    def test_reads_come_back_sorted_with_every_field(self, tmp_path):
        header, back, _ = written(tmp_path, self.reads(), CONTIGS)
        assert header["HD"] == {"VN": "1.6", "SO": "coordinate"}
        assert dict(zip(header.references, header.lengths, strict=True)) == CONTIGS
        assert "PG" not in header
        assert [r.query_name for r in back] == ["r1", "r2", "r4", "r3"]
        assert [r.query_sequence for r in back] == ["TTGCA", "ACGTN", "NNNNN", "AAAAC"]
        assert [r.cigarstring for r in back] == ["5M", "5M", "5M", None]
        assert [r.flag for r in back] == [0, 16, 0, 4]
        assert [r.mapping_quality for r in back] == [42, 7, 30, 0]
        assert [(r.reference_name, r.reference_start) for r in back[:3]] == [
            ("chr1", 5),
            ("chr1", 16_382),
            ("chr2", 45),
        ]
        assert (back[0].next_reference_name, back[0].next_reference_start, back[0].template_length) == (
            "chr2",
            3,
            -77,
        )
        assert back[3].is_unmapped
        assert back[3].reference_id == -1
        assert set(back[0].query_qualities) == {37}

    def test_index_finds_reads_across_a_bin_border(self, tmp_path):
        _, back, path = written(tmp_path, self.reads(), CONTIGS)
        assert [r.bin for r in back] == [
            4681,
            585,
            4681,
            4680,
        ]  # r2 spans 16,384, the border of the finest bins
        with pysam.AlignmentFile(path) as opened:
            assert [r.query_name for r in opened.fetch("chr1", 16_386, 16_387)] == ["r2"]
            assert [r.query_name for r in opened.fetch("chr2")] == ["r4"]

    def test_no_reads_still_make_a_bam_with_index(self, tmp_path):
        _, back, path = written(tmp_path, self.reads().take(np.array([], dtype=int)), CONTIGS)
        assert back == []
        assert Path(f"{path}.bai").exists()

    def test_reads_beyond_the_contig_are_refused_and_nothing_is_left(self, tmp_path):
        with pytest.raises(ValueError, match="1 mapped reads reach beyond"):
            written(tmp_path, self.reads(), {"chr1": 100_000, "chr2": 49})
        assert list(tmp_path.iterdir()) == []


class TestReads:
    def test_two_fragments_make_pairs_at_their_copied_ends(self):
        rng = np.random.default_rng(0)
        codes = rng.integers(0, 4, size=1000).astype(np.uint8)
        genome = sequence.Genome({"a": 400, "b": 600}, codes, np.zeros(1000, bool))
        pairs = pd.DataFrame({"left": [14, 504], "right": [164, 604], "reversed": [0, 1]})
        pairs = pairs.assign(mapq_left=42, mapq_right=20, qc_fail=0, duplicate=[0, 1])
        made = reads.alignments(pairs, genome, "s", rng)
        table = pd.DataFrame({c: getattr(made, c) for c in ("name", "flag", "mapq", "contig", "position")})
        table["mate"], table["template"] = made.mate_position, made.template_length
        # template [left - 4, right + 4], 50-bp reads
        assert table.to_numpy().tolist() == [
            [b"s:0000000", 99, 42, 0, 10, 119, 159],
            [b"s:0000001", 163 + 1024, 42, 1, 100, 159, 109],
            [b"s:0000000", 147, 20, 0, 119, 10, -159],
            [b"s:0000001", 83 + 1024, 20, 1, 159, 100, -109],
        ]
        assert (made.bases[0] == codes[10:60]).all()
        assert (made.bases[3] == codes[559:609]).all()

    def test_copies_are_flagged_but_for_one(self):
        drawn = pd.DataFrame({"left": np.arange(900) // 2, "right": 700, "origin": -1})
        pairs = reads.library(drawn, 0.1, np.random.default_rng(0))
        assert len(pairs) == 1000
        assert (pairs["duplicate"] == 0).sum() == 450
        assert (pairs.groupby("left")["duplicate"].sum() == pairs.groupby("left").size() - 1).all()

    @pytest.mark.parametrize("sample", ["control_1", "treated_3"])
    def test_every_cut_reads_back_from_the_bam(self, demo, folder, sample):
        """A plus read starts 4 bases left of its cut, the 5' base of a minus read is 4 bases right of its."""
        found = []
        with pysam.AlignmentFile(folder / f"{sample}.bam") as opened:
            for read in opened.fetch(until_eof=True):
                if not read.is_proper_pair or read.is_secondary:
                    continue
                cut = read.reference_end - 1 - 4 if read.is_reverse else read.reference_start + 4
                found.append(
                    (read.reference_id, cut, read.is_reverse, read.mapping_quality, read.is_duplicate)
                )
        pairs, offsets = demo.pairs[sample], demo.genome.offsets
        drawn = []
        for side, reverse in (("left", False), ("right", True)):
            contig = np.searchsorted(offsets, pairs[side], side="right") - 1
            drawn += zip(
                contig,
                pairs[side] - offsets[contig],
                [reverse] * len(pairs),
                pairs[f"mapq_{side}"],
                pairs["duplicate"] == 1,
                strict=True,
            )
        assert len(found) == 2 * len(pairs) > 5_000
        assert sorted(found) == sorted(drawn)

    def test_mates_agree_and_bases_are_the_reference(self, demo, folder):
        with (
            pysam.FastaFile(folder / "genome.fa") as fasta,
            pysam.AlignmentFile(folder / "control_1.bam") as opened,
        ):
            primary = [r for r in opened.fetch(until_eof=True) if not r.is_secondary]
            by_name: dict[str, list] = {}
            for read in primary:
                by_name.setdefault(read.query_name, []).append(read)
                if not read.is_unmapped:
                    text = fasta.fetch(read.reference_name, read.reference_start, read.reference_end)
                    assert read.query_sequence == text.upper()
        assert {len(both) for both in by_name.values()} == {2}
        seen = set()
        for one, two in by_name.values():
            seen.add((one.is_proper_pair, one.is_unmapped + two.is_unmapped))
            assert {one.is_read1, two.is_read1} == {True, False}
            for read, mate in ((one, two), (two, one)):
                assert read.mate_is_unmapped == mate.is_unmapped
                assert read.mate_is_reverse == mate.is_reverse
                assert (read.next_reference_id, read.next_reference_start) == (
                    mate.reference_id,
                    mate.reference_start,
                )
            assert one.template_length == -two.template_length
            if one.is_proper_pair:
                left, right = sorted([one, two], key=lambda r: r.template_length, reverse=True)
                assert not left.is_reverse
                assert right.is_reverse
                assert left.template_length == right.reference_end - left.reference_start >= 50
        assert seen == {(True, 0), (False, 0), (False, 1), (False, 2)}

    def test_no_fragment_touches_a_gap_or_leaves_its_contig(self, demo):
        gaps = np.concatenate([[0], np.cumsum(demo.genome.codes == 4)])
        assert gaps[-1] > 0
        for pairs in demo.pairs.values():
            low, high = pairs["left"].to_numpy() - 4, pairs["right"].to_numpy() + 4
            assert (gaps[high + 1] == gaps[low]).all()
            contig = np.searchsorted(demo.genome.offsets, [low, high], side="right")
            assert (contig[0] == contig[1]).all()


class TestTn5:
    def test_preference_equals_its_reverse_complement(self):
        np.testing.assert_array_equal(tn5.PREFERENCE, tn5.PREFERENCE[::-1, ::-1])
        assert np.ptp(tn5.PREFERENCE, axis=1).max() > 1  # and it does prefer

    def test_weights_are_the_sum_over_eleven_bases(self):
        codes = np.random.default_rng(3).integers(0, 4, size=60).astype(np.uint8)
        naive = np.zeros(60)
        for cut in range(5, 55):
            naive[cut] = 2 ** sum(tn5.PREFERENCE[d + 5, codes[cut + d]] for d in range(-5, 6))
        np.testing.assert_allclose(tn5.weights(codes), naive / naive[5:55].mean())

    def test_weights_are_the_same_on_both_strands(self):
        codes = np.random.default_rng(4).integers(0, 4, size=80).astype(np.uint8)
        np.testing.assert_allclose(tn5.weights(sequence.COMPLEMENT[codes][::-1]), tn5.weights(codes)[::-1])

    def test_no_cut_near_n_or_ends(self):
        codes = np.zeros(40, dtype=np.uint8)
        codes[20] = 4
        assert np.flatnonzero(tn5.weights(codes)).tolist() == [*range(5, 15), *range(26, 35)]
        assert tn5.weights(np.full(30, 4, np.uint8)).sum() == 0
        assert tn5.weights(np.zeros(6, np.uint8)).tolist() == [0] * 6

    def test_size_classes_are_densities_with_modes_where_nucleosomes_put_them(self):
        density = fragments.size_classes()
        np.testing.assert_allclose(density.sum(axis=1), 1)
        assert (density.argmax(axis=1) + 50 < [100, 220, 420, 640]).all()
        assert (density.argmax(axis=1) + 50 > [50, 175, 350, 540]).all()


def bases_of(rows):
    return {b for s, e in zip(rows["start"], rows["end"], strict=True) for b in range(s, e)}


class TestGenes:
    def test_features_nest_and_cover(self, demo):
        table = demo.features
        ids = table[table["feature"] == "gene"].set_index("gene_id")
        own = ids.loc[table["gene_id"]]
        assert (table["start"].to_numpy() >= own["start"].to_numpy()).all()
        assert (table["end"].to_numpy() <= own["end"].to_numpy()).all()
        assert (table["start"] < table["end"]).all()
        assert set(table["strand"]) == {"+", "-"}
        assert set(ids["gene_type"]) == {"protein_coding", "lncRNA"}
        assert (ids["chrom"] == "chrM").sum() == 4
        for _, lines in table[table["transcript_id"] != ""].groupby("transcript_id"):
            parts = dict(list(lines.groupby("feature")))
            whole, exons = parts["transcript"].iloc[0], parts["exon"]
            assert (exons["start"].min(), exons["end"].max()) == (whole["start"], whole["end"])
            inner = exons.sort_values("start")
            assert (inner["start"].to_numpy()[1:] > inner["end"].to_numpy()[:-1]).all()
            first = exons[exons["exon_number"] == 1].iloc[0]
            assert (
                first["start" if whole["strand"] == "+" else "end"]
                == whole["start" if whole["strand"] == "+" else "end"]
            )
            assert ("CDS" in parts) == (whole["gene_type"] == "protein_coding")
            if "CDS" in parts:
                assert (parts["CDS"]["end"] - parts["CDS"]["start"]).sum() % 3 == 0
                coding = bases_of(parts["CDS"])
                untranslated = bases_of(parts["UTR"]) if "UTR" in parts else set()
                assert coding.isdisjoint(untranslated)
                assert coding | untranslated == bases_of(exons)

    def test_frames_follow_the_reading(self):
        exons = np.array([[0, 100], [200, 250], [300, 400]])
        parts = genes._coding(exons, np.random.default_rng(0), whole=True)
        assert parts == [
            ("CDS", 0, 100, 1, "0"),
            ("CDS", 200, 250, 2, "2"),
            ("CDS", 300, 399, 3, "0"),
            ("UTR", 399, 400, 3, "."),
        ]

    def test_gtf_has_one_based_lines_with_attributes(self, demo, folder):
        lines = [x for x in (folder / "genes.gtf").read_text().splitlines() if not x.startswith("#")]
        assert len(lines) == len(demo.features)
        gene = demo.features.iloc[0]
        assert lines[0] == (
            f"{gene.chrom}\tSIMULATED\tgene\t{gene.start + 1}\t{gene.end}\t.\t{gene.strand}\t.\t"
            f'gene_id "SIMG00000000001.1"; gene_type "{gene.gene_type}"; '
            f'gene_name "{gene.gene_name}"; level 2;'
        )
        exon = next(x for x in lines if x.split("\t")[2] == "exon")
        for key in ("gene_id", "transcript_id", "gene_type", "gene_name", "exon_number"):
            assert f"; {key} " in "; " + exon.split("\t")[8]

    def test_genes_do_not_overlap(self, demo):
        own = demo.features[demo.features["feature"] == "gene"]
        for _, table in own.groupby("chrom"):
            assert (table["start"].to_numpy()[1:] > table["end"].to_numpy()[:-1]).all()

    def test_too_many_genes_are_refused(self):
        with pytest.raises(ValueError, match="chr1: 100000 bp are too few for 90 genes"):
            genes.place_genes({"chr1": 100_000}, 90, np.random.default_rng(0))


class TestFactorGenes:
    MODELS = pd.DataFrame(
        {
            "gene_id": [f"G{i}" for i in range(6)],
            "gene_name": [f"SIM{i}" for i in range(6)],
            "gene_type": ["protein_coding"] * 5 + ["lncRNA"],
        }
    )
    PEAKS = pd.DataFrame(
        {
            "promoter_of": [None, "SIM1", "SIM2", "SIM3", "SIM4", "SIM5"],
            "strength": [9, 1, 2, 3, 4, 9],
            "log2_fold_change": [0, 1.2, 2.1, 0, 0, -2.0],
        },
        index=[f"p{i}" for i in range(6)],
    )
    MOTIFS = tuple(
        planted.PlantedMotif(name, name, role, np.full((4, 8), 0.25), 0.1)
        for name, role in (("CTCF", "footprint_only"), ("TCF7", "driver_up"), ("SPI1", "driver_down"))
    )

    def test_drivers_get_promoters_that_change_their_way_and_others_steady_ones(self):
        models, peaks, found = named.name(self.MODELS, self.PEAKS, self.MOTIFS)
        assert models["gene_name"].tolist() == ["SIM0", "SIM1", "TCF7", "CTCF", "SPI1", "SIM5"]
        assert peaks["promoter_of"].tolist() == [None, "SIM1", "TCF7", "CTCF", "SPI1", "SIM5"]
        assert found.to_numpy().tolist() == [
            ["G2", "TCF7", "driver_up", "p2", 2.1, 1.5],
            ["G4", "SPI1", "driver_down", "p4", 0.0, -1.5],  # no coding gene's promoter closes
            ["G3", "CTCF", "footprint_only", "p3", 0.0, 0.0],
        ]
        assert self.MODELS["gene_name"].tolist() == [f"SIM{i}" for i in range(6)]

    def test_without_planted_motifs_no_gene_is_named(self):
        models, peaks, found = named.name(self.MODELS, self.PEAKS, ())
        pd.testing.assert_frame_equal(models, self.MODELS)
        assert peaks["promoter_of"].tolist() == self.PEAKS["promoter_of"].tolist()
        assert len(found) == 0

    def test_the_annotation_carries_the_names(self, demo):
        known = demo.features[demo.features["feature"] == "gene"].set_index("gene_name")
        coded = demo.features[demo.features["feature"] == "transcript"]
        assert {"TCF7", "Spi1", "CTCF"} <= set(demo.factor_genes["gene_name"])
        for row in demo.factor_genes.itertuples():
            assert known.loc[row.gene_name, "gene_id"] == row.gene_id
            assert demo.peaks.loc[row.promoter, "promoter_of"] == row.gene_name
            own = coded.loc[coded["gene_id"] == row.gene_id, "transcript_name"]
            assert own.str.startswith(f"{row.gene_name}-20").all()

    def test_expression_is_fixed_for_named_genes_and_as_it_was_for_others(self):
        rng = np.random.default_rng(0)
        peaks = pd.DataFrame(
            {"chrom": "chr1", "summit": np.arange(40) * 5_000}, index=[f"p{i}" for i in range(40)]
        )
        open_ = pd.DataFrame(rng.normal(6, 1, (40, 6)), index=peaks.index, columns=simulate.SAMPLES.index)
        models = pd.DataFrame({"gene_id": [f"G{i}" for i in range(60)], "chrom": "chr1"})
        models["tss"] = rng.integers(0, 200_000, 60)
        drawn = {}
        for fixed in (None, {"G7": 1.5, "G8": -1.5, "G9": 0.0}):
            made = np.random.default_rng(1)
            drawn[bool(fixed)] = expression.counts(open_, peaks, models, simulate.SAMPLES, made, fixed=fixed)
        (before, linked), (after, still) = drawn[False], drawn[True]
        others = ~before.index.isin(["G7", "G8", "G9"])
        pd.testing.assert_frame_equal(before[others], after[others])
        assert set(still["gene_id"]) == set(linked["gene_id"]) - {"G7", "G8", "G9"}
        groups = np.log2(after).T.groupby(simulate.SAMPLES["group"]).mean().T
        change = (groups["treated"] - groups["control"]).loc[["G7", "G8", "G9"]]
        np.testing.assert_allclose(change - change["G9"], [1.5, -1.5, 0.0], atol=0.5)


class TestPeaksAndSites:
    def test_peaks_lie_apart_in_genome_order_off_the_gaps(self, demo, folder):
        table = pd.read_csv(folder / "peaks.narrowPeak", sep="\t", header=None)
        assert len(table) == 90
        assert (table[0] + ":" + table[1].astype(str) + "-" + table[2].astype(str)).tolist() == list(
            demo.peaks.index
        )
        assert (table[1] + table[9]).tolist() == demo.peaks["summit"].tolist()
        assert ((table[9] >= 100) & (table[9] < table[2] - table[1] - 100)).all()
        assert table[4].between(1, 1000).all()
        assert table[0].tolist() == sorted(table[0])
        for chrom, own in demo.peaks.groupby("chrom"):
            assert (np.diff(own["summit"]) >= 600).all()
            assert not any(
                "N" in demo.genome.text(chrom, s, e) for s, e in zip(own["start"], own["end"], strict=True)
            )

    def test_the_shares_asked_for_change(self, demo):
        assert demo.peaks["change"].value_counts().to_dict() == {"none": 68, "up": 11, "down": 11}
        size = demo.peaks["log2_fold_change"]
        assert size[demo.peaks["change"] == "up"].between(1, 2.5).all()
        assert size[demo.peaks["change"] == "down"].between(-2.5, -1).all()
        assert (size[demo.peaks["change"] == "none"] == 0).all()
        counted = demo.peaks["log2_fold_change_counts"]
        assert (counted.abs() <= size.abs()).all()
        assert (counted * size >= 0).all()

    def test_the_genome_holds_each_site_on_its_strand(self, demo, folder, motifs):
        by_id = {m.motif_id: m for m in motifs}
        share = []
        with pysam.FastaFile(folder / "genome.fa") as fasta:
            for site in demo.sites.itertuples():
                text = fasta.fetch(site.chrom, site.start, site.end).upper()
                if site.strand == "-":
                    text = text.translate(str.maketrans("ACGT", "TGCA"))[::-1]
                p = by_id[site.motif_id].probabilities
                score = np.log2([p["ACGT".index(b), i] + 1e-3 for i, b in enumerate(text)]).sum()
                share.append((score + 2 * len(text)) / (np.log2(p.max(axis=0) + 1e-3).sum() + 2 * len(text)))
        assert np.median(share) > 0.85
        assert np.mean(np.array(share) > 0.6) > 0.98

    def test_sites_keep_to_summits_and_apart(self, demo):
        summit = demo.peaks.loc[demo.sites["peak"], "summit"].to_numpy()
        assert (demo.sites["start"].to_numpy() >= summit - 60).all()
        assert (demo.sites["end"].to_numpy() <= summit + 60).all()
        same = demo.sites["peak"].to_numpy()[1:] == demo.sites["peak"].to_numpy()[:-1]
        assert (demo.sites["start"].to_numpy()[1:] >= demo.sites["end"].to_numpy()[:-1])[same].all()

    def test_motif_table_counts_sites_and_bound_ones(self, demo):
        assert demo.motifs["role"].tolist() == ["driver_up", "driver_down", "footprint_only"] + ["decoy"] * 3
        assert demo.motifs["name"].str.upper().tolist() == ["TCF7", "SPI1", "CTCF", "NRF1", "HNF1A", "RFX3"]
        assert demo.motifs["n_sites"].sum() == len(demo.sites)
        bound = demo.sites[demo.sites["bound"] != "none"].merge(demo.motifs, on="motif_id")
        assert set(zip(bound["role"], bound["bound"], strict=True)) == {
            ("driver_up", "treated"),
            ("driver_down", "control"),
            ("footprint_only", "both"),
        }
        change = demo.peaks.loc[bound["peak"], "change"].to_numpy()
        assert (change[bound["bound"] == "treated"] == "up").all()
        assert (change[bound["bound"] == "control"] == "down").all()

    def test_newest_version_of_the_lowest_identifier_is_taken(self, motifs):
        assert [m.motif_id for m in motifs][:3] == ["MA0769.3", "MA0080.7", "MA0139.2"]

    def test_unknown_motif_is_refused(self):
        with pytest.raises(ValueError, match="no motif named NOSUCH"):
            planted.jaspar_motifs([("NOSUCH", "decoy", 0.1)])

    def test_motif_longer_than_its_slot_is_refused(self, motifs):
        long = planted.PlantedMotif("M", "M", "decoy", np.full((4, 25), 0.25), 0.1)
        with pytest.raises(ValueError, match="M has 25 bp; 7 motifs leave room for 17"):
            simulate.demo(1, **SMALL, motifs=[*motifs, long])

    def test_more_peaks_than_fit_are_refused(self):
        with pytest.raises(ValueError, match="900 peaks do not fit"):
            simulate.demo(1, **{**SMALL, "n_peaks": 900})

    def test_an_experiment_without_motifs_or_changes(self, tmp_path):
        bare = simulate.demo(1, **{**SMALL, "depth": 500}, motifs=[], up=0, down=0)
        bare.write(tmp_path)
        assert len(bare.sites) == len(bare.motifs) == 0
        assert (bare.peaks["log2_fold_change_counts"] == 0).all()


class TestSeed:
    def test_same_seed_same_bytes_other_seed_others(self, tmp_path):
        small = {**SMALL, "depth": 800}
        for name, seed in (("one", 7), ("two", 7), ("other", 8)):
            simulate.demo(seed, **small).write(tmp_path / name)
        one, two, other = (digests(tmp_path / name) for name in ("one", "two", "other"))
        assert one == two
        assert one.keys() == other.keys()
        assert {name for name in one if one[name] == other[name]} == {"truth/tn5_bias.tsv"}

    def test_files_are_those_that_the_rule_names(self, folder):
        bams = [f"{sample}.bam{end}" for sample in simulate.SAMPLES.index for end in ("", ".bai")]
        truth = [f"truth/{name}.tsv" for name in simulate.TRUTH]
        made = set(digests(folder)) - {"genome.fa.fai"}
        assert made == {"genome.fa", "genes.gtf", "peaks.narrowPeak", "expression.tsv", *bams, *truth}

    def test_the_demo_sheet_names_the_simulated_samples(self):
        sheet = pd.read_csv(ROOT / "config" / "samples.tsv", sep="\t", index_col="sample")
        pd.testing.assert_frame_equal(sheet[["group", "batch"]], simulate.SAMPLES)
        assert sheet["bam"].tolist() == [f"resources/demo/{sample}.bam" for sample in sheet.index]


class TestCounts:
    def test_matrix_and_truth_are_parallel_and_repeatable(self):
        counts, truth = simulate.counts(100, simulate.SAMPLES, 5, batch_share=0.5)
        assert counts.shape == (100, 6)
        assert counts.index.equals(truth.index)
        assert counts.columns.tolist() == simulate.SAMPLES.index.tolist()
        assert truth["change"].value_counts().to_dict() == {"none": 76, "up": 12, "down": 12}
        assert list(truth.columns) == ["mean", "dispersion", "change", "log2_fold_change", "batch_B"]
        again, _ = simulate.counts(100, simulate.SAMPLES, 5, batch_share=0.5)
        pd.testing.assert_frame_equal(counts, again)
        assert not counts.equals(simulate.counts(100, simulate.SAMPLES, 6, batch_share=0.5)[0])

    def test_no_peaks_and_one_sample(self):
        counts, truth = simulate.counts(0, simulate.SAMPLES, 1)
        assert counts.shape == (0, 6)
        assert len(truth) == 0
        assert simulate.counts(10, simulate.SAMPLES.iloc[:1], 1)[0].shape == (10, 1)

    @pytest.mark.parametrize(("mean", "dispersion"), [(50.0, 0.0), (50.0, 0.2), (3.0, 1.0)])
    def test_mean_and_variance_are_negative_binomial(self, mean, dispersion):
        drawn = matrix.negative_binomial(np.full(200_000, mean), dispersion, np.random.default_rng(1))
        assert drawn.mean() == pytest.approx(mean, rel=0.02)
        assert drawn.var() == pytest.approx(mean + dispersion * mean**2, rel=0.03)

    def test_a_mean_of_zero_gives_zero(self):
        assert matrix.negative_binomial(np.zeros(5), 0.1, np.random.default_rng(1)).tolist() == [0] * 5
