"""The differential test on one core: `~ group`, adjusted p-values, no shrinkage."""

from pathlib import Path

import harness

CONTRAST = {"variable": "group", "experiment": "treated", "control": "control"}
ALPHA = 0.05


def sizes(quick: bool) -> tuple[int, int]:
    """Peaks and samples."""
    return (2_000, 6) if quick else (48_519, 6)


def size(quick: bool) -> str:
    n_peaks, n_samples = sizes(quick)
    return f"{n_peaks:,} peaks x {n_samples} samples, without start and reading"


def experiment(n_peaks: int, n_samples: int):
    """Simulated counts (a quarter of the peaks change) and their sheet, two groups of equal size."""
    import pandas as pd

    from workflow_lib import simulate

    half = n_samples // 2
    names = [f"{group}_{i}" for group in ("control", "treated") for i in range(half)]
    sheet = pd.DataFrame({"group": ["control"] * half + ["treated"] * half}, index=names)
    return simulate.counts(n_peaks, sheet, 1)[0], sheet


def prepare_sizes(folder: Path, n_peaks: int, n_samples: int) -> None:
    counts, sheet = experiment(n_peaks, n_samples)
    counts.to_csv(folder / "counts.tsv", sep="\t")
    sheet.to_csv(folder / "sheet.tsv", sep="\t")


def prepare(folder: Path, quick: bool) -> None:
    prepare_sizes(folder, *sizes(quick))


def inputs(folder: Path):
    """Counts and sheet."""
    import pandas as pd

    return tuple(pd.read_csv(folder / f"{name}.tsv", sep="\t", index_col=0) for name in ("counts", "sheet"))


def ours(folder: Path, clock: harness.Clock) -> str:
    from workflow_lib.differential import test

    counts, sheet = inputs(folder)
    with clock:
        found = test(counts, sheet, "~ group", CONTRAST, shrink=False)
    return f"{(found['padj'] < ALPHA).sum():,} peaks at 5 %"


def stock(folder: Path, clock: harness.Clock) -> str:
    """pydeseq2 as it comes, in one process."""
    import warnings

    from pydeseq2.dds import DeseqDataSet
    from pydeseq2.default_inference import DefaultInference
    from pydeseq2.ds import DeseqStats

    counts, sheet = inputs(folder)
    inference = DefaultInference(n_cpus=1)
    with clock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = DeseqDataSet(counts=counts.T, metadata=sheet, design="~group", inference=inference, quiet=True)
        data.deseq2()
        contrast = ["group", "treated", "control"]
        stats = DeseqStats(data, contrast=contrast, inference=inference, quiet=True)
        stats.summary()
    return f"{(stats.results_df['padj'] < ALPHA).sum():,} peaks at 5 %"


def in_r(folder: Path) -> list[str]:
    return ["Rscript", str(Path(__file__).with_name("deseq2.R")), str(folder)]


STAGE = harness.Stage(
    "differential",
    "Differential test",
    size,
    prepare,
    (
        harness.Contender("ours", ours),
        harness.Contender(
            "pydeseq2", stock, package="pydeseq2", goal=28, goal_text="at least 28", reference="260"
        ),
        harness.Contender(
            "R DESeq2", command=in_r, program="Rscript", goal=2, goal_text="at least 2", reference="18"
        ),
    ),
)

if __name__ == "__main__":
    harness.main(STAGE)
