"""Where tests find the shared real data and reference numbers."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# No timed assertion: a machine that has other work is no fault of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parent.parent

LONGEST = (
    "test_demo",
    "test_examples",
    "test_edited_runs",
    "test_edges",
    "test_reruns",
    "test_faults",
    "test_slurm",
)
"""Files of tests/workflow that go first, so that two processes end at about the same time."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several processes share the tests: the longest files, others that run the workflow, the rest."""
    if not hasattr(config, "workerinput"):
        return

    def place(item: pytest.Item) -> tuple[bool, int]:
        name = item.path.stem
        return item.path.parent.name != "workflow", (*LONGEST, name).index(name)

    items.sort(key=place)


def shared_folder() -> Path | None:
    """The folder named by ATACDIFF_TEST_DATA, else `shared` beside the checkout, else None."""
    named = os.environ.get("ATACDIFF_TEST_DATA")
    folder = Path(named) if named else ROOT.parent / "shared"
    return folder.resolve() if (folder / "reference").is_dir() else None


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared folder of real data and reference results."""
    folder = shared_folder()
    if folder is None:
        pytest.skip("no shared test data: set ATACDIFF_TEST_DATA or put it at ../shared")
    return folder
