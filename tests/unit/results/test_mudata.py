"""The experiment as MuData: round trip, missing stages, dtypes."""

import warnings
from functools import partial

import anndata
import mudata
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from workflow_lib.errors import InputError
from workflow_lib.io import catalogue, hits, tables
from workflow_lib.results import mudata as experiment
from workflow_lib.results.run import Run

SAMPLES = pd.DataFrame(
    {"group": ["control", "treated"], "age": [31, 40], "batch": ["b1", None]}, index=["s1", "s2"]
)
PEAKS = ["chr1:0-10", "chr1:20-30", "chr2:5-15"]
COUNTS = pd.DataFrame({"s1": [5, 0, 7], "s2": [0, 2, 9]}, index=pd.Index(PEAKS, name="peak"))
CONTRASTS = {"effect": {"variable": "group", "experiment": "treated", "control": "control"}}


def read(path, **options):
    with mudata.set_options(pull_on_update=False):
        return mudata.read_h5mu(path, **options)


def write(folder, key, table, direction="up"):
    path = folder / "run" / catalogue.get(key).path.format(contrast="effect", direction=direction)
    tables.write_table(pd.DataFrame(table), path)
    return path


@pytest.fixture
def stages(tmp_path):
    """Keys of a complete small run that is written below `run`."""
    written = partial(write, tmp_path)
    (tmp_path / "run/motifs").mkdir(parents=True)
    hits.write_matches(sparse.csr_matrix([[2, 0], [0, 0], [1, 3]]), tmp_path / "run/motifs/matches.npz")
    ids = {"motif_id": ["MA1", "MA2"]}
    return {
        "counts": written("counts", COUNTS.reset_index()),
        "peaks": written(
            "peaks",
            pd.DataFrame(
                {"peak": PEAKS, "chrom": ["chr1", "chr1", "chr2"], "start": [0, 20, 5], "summit": [5, 25, 9]}
            ),
        ),
        "annotation": written(
            "annotation",
            pd.DataFrame(
                {
                    "peak": PEAKS,
                    "chrom": ["chr1", "chr1", "chr2"],
                    "feature": ["promoter", "distal", None],
                    "gene_name": ["1", "TP53", None],
                    "tss_distance": [-3, 500, None],
                }
            ),
        ),
        "size_factors": written(
            "size_factors", pd.DataFrame({"sample": ["s1", "s2"], "ratio": [0.9, 1.1], "used": [0.9, 1.1]})
        ),
        "quality": written(
            "quality",
            pd.DataFrame({"sample": ["s2", "s1"], "group": ["treated", "control"], "frip": [0.5, 0.25]}),
        ),
        "differential": [
            written(
                "differential",
                pd.DataFrame(
                    {
                        "peak": PEAKS,
                        "log2FoldChange": [1.5, np.nan, -2],
                        "padj": [0.01, np.nan, 1],
                        "direction": ["up", "none", "none"],
                        "gene_name": ["1", "TP53", None],
                    }
                ),
            )
        ],
        "library": written("library", pd.DataFrame({**ids, "name": ["A::B", "NA12"], "length": [8, 11]})),
        "matches": "written above",
        "deviations": written("deviations", pd.DataFrame({**ids, "s1": [0.5, np.nan], "s2": [-0.5, np.nan]})),
        "zscores": written("zscores", pd.DataFrame({**ids, "s1": [3.0, np.nan], "s2": [-2.0, np.nan]})),
        "variability": written(
            "variability",
            pd.DataFrame(
                {**ids, "name": ["A::B", "NA12"], "variability": [2.5, np.nan], "padj": [0.1, np.nan]}
            ),
        ),
        "deviation_tests": [
            written(
                "deviation_tests",
                pd.DataFrame({**ids, "name": ["A::B", "NA12"], "delta": [-1, np.nan], "padj": [np.nan] * 2}),
            )
        ],
    }


@pytest.fixture
def deeper(stages, tmp_path):
    """The same with enrichment, footprints, factors and links."""
    written = partial(write, tmp_path)
    ids = {"motif_id": ["MA1", "MA2"], "name": ["A::B", "NA12"]}
    scores = {"motif_id": ["MA1", "MA1", "MA2"], "sample": ["s2", "s1", "s1"], "depth": [0.2, 0.1, np.nan]}
    link = {
        "gene_id": ["ENSG1"],
        "gene_name": ["1"],
        "peak": ["chr1:0-10"],
        "spearman": [0.5],
        "padj": [np.nan],
    }
    return stages | {
        "enrichment": [
            written("enrichment", ids | {"log2_enrichment": [1.5, np.nan]}),
            written("enrichment", ids | {"log2_enrichment": [-1, 0.5]}, direction="down"),
        ],
        "footprints": [written("footprints", ids | {"delta_depth": [0.1, np.nan], "padj": [0.5, np.nan]})],
        "footprint_scores": written("footprint_scores", scores | {"flank": [2.0, 1.0, 3.0]}),
        "factors": [written("factors", {"rank": [1], "cluster": ["MA1"], "members": ["A::B, NA12"]})],
        "links": written("links", link),
    }


def test_what_later_stages_found_comes_back(deeper, tmp_path):
    data = written(deeper, tmp_path / "experiment.h5mu")
    var = data["motifs"].var
    np.testing.assert_array_equal(var["effect:enrichment_up:log2_enrichment"], [1.5, np.nan])
    np.testing.assert_array_equal(var["effect:enrichment_down:log2_enrichment"], [-1, 0.5])
    np.testing.assert_array_equal(var["effect:footprints:delta_depth"], [0.1, np.nan])
    np.testing.assert_array_equal(var["effect:delta"], [-1, np.nan])
    layers = data["motifs"].layers
    np.testing.assert_array_equal(layers["footprint_depth"], [[0.1, np.nan], [0.2, np.nan]])
    np.testing.assert_array_equal(layers["footprint_flank"], [[1, 3], [2, np.nan]])
    factors = data["motifs"].uns["factors"]["effect"]
    assert factors[["rank", "cluster", "members"]].iloc[0].tolist() == [1, "MA1", "A::B, NA12"]
    links = data["peaks"].uns["links"]
    assert links[["gene_id", "gene_name", "peak", "spearman"]].iloc[0].tolist() == [
        "ENSG1",
        "1",
        "chr1:0-10",
        0.5,
    ]


def written(stages, path, names=None):
    given = {"settings": {"contrasts": CONTRASTS}, "samples": SAMPLES.to_dict("index")}
    run = Run(path.parent / "run", made=stages if names is None else names, given=given)
    peaks, motifs = experiment.modalities(run)
    experiment.write(path, SAMPLES, peaks, motifs, design="~ group", contrasts=CONTRASTS)
    return read(path)


def test_libraries_of_one_sample_stand_apart_from_what_they_make_together(stages, tmp_path):
    libraries = {"sample": ["s1_a", "s1_b", "s2"], "group": ["control", "control", "treated"]}
    made = stages | {
        "quality": write(tmp_path, "quality", pd.DataFrame(libraries | {"frip": [0.2, 0.3, 0.5]})),
        "units": write(tmp_path, "units", pd.DataFrame({"sample": ["s1", "s2"], "frip": [0.26, 0.5]})),
    }
    peaks = written(made, tmp_path / "experiment.h5mu")["peaks"]
    assert peaks.obs["frip"].tolist() == [0.26, 0.5]
    assert peaks.uns["libraries"]["sample"].tolist() == ["s1_a", "s1_b", "s2"]


def test_normalised_counts_and_components_stand_where_scanpy_looks(stages, tmp_path):
    rows = [
        ("PC1", 0.75, "s2", 2.0),
        ("PC1", 0.75, "s1", -2.0),
        ("PC2", 0.25, "s2", 0.5),
        ("PC2", 0.25, "s1", 1.5),
    ]
    table = pd.DataFrame(rows, columns=["component", "share", "sample", "score"])
    stages = stages | {"pca_components": write(tmp_path, "pca_components", table)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        peaks = written(stages, tmp_path / "experiment.h5mu")["peaks"]
    expected = COUNTS.to_numpy().T / np.array([[0.9], [1.1]])
    np.testing.assert_allclose(peaks.layers["normalised"].toarray(), expected)
    np.testing.assert_array_equal(peaks.obsm["X_pca"], [[-2.0, 1.5], [2.0, 0.5]])
    np.testing.assert_array_equal(peaks.uns["pca"]["variance_ratio"], [0.75, 0.25])


def test_everything_comes_back(stages, tmp_path):
    data = written(stages, tmp_path / "experiment.h5mu")
    assert list(data.mod) == ["peaks", "motifs"]
    assert list(data.obs_names) == ["s1", "s2"]
    assert list(data.obs["group"]) == ["control", "treated"]
    assert data.uns["design"] == "~ group"
    assert data.uns["contrasts"].loc["effect"].to_dict() == CONTRASTS["effect"]

    peaks = data["peaks"]
    assert sparse.issparse(peaks.X)
    assert np.issubdtype(peaks.X.dtype, np.integer)
    np.testing.assert_array_equal(peaks.X.toarray(), COUNTS.to_numpy().T)
    assert list(peaks.obs.columns) == [
        "group",
        "age",
        "batch",
        "size_factor_ratio",
        "size_factor_used",
        "frip",
    ]
    assert list(peaks.obs["frip"]) == [0.25, 0.5]
    assert list(peaks.obs["age"]) == [31, 40]
    assert peaks.obs["batch"].isna().tolist() == [False, True]
    assert list(peaks.var_names) == PEAKS
    assert list(peaks.var.columns) == [
        "chrom",
        "start",
        "summit",
        "feature",
        "gene_name",
        "tss_distance",
        "effect:log2FoldChange",
        "effect:padj",
        "effect:direction",
    ]
    assert list(peaks.var["gene_name"][:2]) == ["1", "TP53"]
    assert peaks.var["feature"].isna().tolist() == [False, False, True]
    np.testing.assert_array_equal(peaks.var["effect:log2FoldChange"], [1.5, np.nan, -2])
    np.testing.assert_array_equal(peaks.var["start"], [0, 20, 5])
    np.testing.assert_array_equal(peaks.varm["motif_matches"].toarray(), [[2, 0], [0, 0], [1, 3]])
    assert list(peaks.uns["motif_ids"]) == ["MA1", "MA2"]

    motifs = data["motifs"]
    np.testing.assert_array_equal(motifs.X, [[3, np.nan], [-2, np.nan]])
    np.testing.assert_array_equal(motifs.layers["deviations"], [[0.5, np.nan], [-0.5, np.nan]])
    assert list(motifs.var_names) == ["MA1", "MA2"]
    assert list(motifs.var.columns) == [
        "name",
        "length",
        "variability",
        "variability_padj",
        "effect:delta",
        "effect:padj",
    ]
    assert list(motifs.var["name"]) == ["A::B", "NA12"]


def test_no_column_is_a_mixture(stages, tmp_path):
    data = written(stages, tmp_path / "experiment.h5mu")
    for table in (data.obs, *(frame for part in data.mod.values() for frame in (part.obs, part.var))):
        for name, kind in table.dtypes.items():
            assert isinstance(kind, pd.CategoricalDtype) or np.issubdtype(kind, np.number), name


def test_a_modality_opens_in_anndata(stages, tmp_path):
    path = tmp_path / "experiment.h5mu"
    written(stages, path)
    part = mudata.read_h5ad(path, mod="motifs")
    assert isinstance(part, anndata.AnnData)
    assert part.shape == (2, 2)


def test_missing_stages_are_absent(stages, tmp_path):
    data = written(stages, tmp_path / "experiment.h5mu", ["counts", "peaks", "size_factors", "differential"])
    assert list(data.mod) == ["peaks"]
    assert "motif_matches" not in data["peaks"].varm
    assert "feature" not in data["peaks"].var
    assert "frip" not in data["peaks"].obs
    assert "effect:padj" in data["peaks"].var


def test_no_peaks(tmp_path):
    peaks = experiment.peaks_modality(
        COUNTS.iloc[:0], SAMPLES, matches=sparse.csr_matrix((0, 2)), motif_ids=["MA1", "MA2"]
    )
    experiment.write(tmp_path / "experiment.h5mu", SAMPLES, peaks)
    assert read(tmp_path / "experiment.h5mu")["peaks"].shape == (2, 0)


def test_one_sample_and_nullable_and_boolean_columns(tmp_path):
    samples = pd.DataFrame({"male": [True], "parity": pd.array([None], dtype="Int64")}, index=["s1"])
    peaks = experiment.peaks_modality(COUNTS[["s1"]], samples)
    experiment.write(tmp_path / "experiment.h5mu", samples, peaks)
    obs = read(tmp_path / "experiment.h5mu")["peaks"].obs
    assert bool(obs["male"].iloc[0]) is True
    assert np.isnan(obs["parity"].iloc[0])


def test_large_counts_are_kept(tmp_path):
    counts = COUNTS.astype(np.int64)
    counts.iloc[0, 0] = 3 * 10**9
    assert experiment.peaks_modality(counts, SAMPLES).X[0, 0] == 3 * 10**9


def test_the_same_bytes_again(stages, tmp_path):
    for name in ("a.h5mu", "b.h5mu"):
        written(stages, tmp_path / name)
    assert (tmp_path / "a.h5mu").read_bytes() == (tmp_path / "b.h5mu").read_bytes()


def test_a_failed_write_leaves_the_old_file(stages, tmp_path):
    path = tmp_path / "experiment.h5mu"
    written(stages, path)
    before = path.read_bytes()
    peaks = experiment.peaks_modality(COUNTS, SAMPLES)
    peaks.uns["bad"] = object()
    with pytest.raises(Exception, match="bad"):
        experiment.write(path, SAMPLES, peaks)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".partial")] == []


def test_disagreeing_tables_are_told(stages):
    with pytest.raises(InputError, match="no row of sample s2"):
        experiment.peaks_modality(COUNTS, SAMPLES.iloc[:1])
    with pytest.raises(InputError, match="3 peaks and 2 motifs, but there are 3 peaks and 1 motifs"):
        experiment.peaks_modality(COUNTS, SAMPLES, matches=sparse.csr_matrix((3, 2)), motif_ids=["MA1"])
