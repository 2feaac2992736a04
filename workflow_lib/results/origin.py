"""What counts were made from, against what the table of inputs names."""

from collections.abc import Mapping

import pandas as pd

from workflow_lib.errors import InputError

COLUMNS = ["input", "digest"]


def table(digests: Mapping[str, str]) -> pd.DataFrame:
    """Digest of each input by its name (`bam:control_1`, `peaks`), as a table to be written."""
    return pd.DataFrame(list(digests.items()), columns=COLUMNS)


def check(counted: pd.DataFrame, inputs: pd.DataFrame) -> None:
    """Refuse counts that were made from other files than the table of inputs names.

    Parameters
    ----------
    counted : DataFrame
        input, digest: what the counts were made from.
    inputs : DataFrame
        input, path, digest: what the run names as its inputs.

    Raises
    ------
    InputError
        Naming the inputs that differ, with the fix.
    """
    now = inputs.drop_duplicates("input").set_index("input")
    wrong = [
        f"{name} ({now.loc[name, 'path']})" if name in now.index else name
        for name, digest in counted[COLUMNS].itertuples(index=False)
        if name not in now.index or now.loc[name, "digest"] != digest
    ]
    lacking = [
        name
        for name in now.index
        if name.startswith(("bam:", "fragments:")) and name not in set(counted["input"])
    ]
    if wrong or lacking:
        raise InputError(
            f"the counts were made from other inputs than inputs.tsv names: {', '.join([*wrong, *lacking])}; "
            "run again with --forceall"
        )
