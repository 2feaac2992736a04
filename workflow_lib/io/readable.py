"""Name the line at which a configuration is no YAML: Snakemake, which reads it first, names none."""

import sys
from collections.abc import Sequence

from workflow_lib.errors import InputError
from workflow_lib.io import sheets


def fault(paths: Sequence[str]) -> str | None:
    """What is wrong with the first file that cannot be read as YAML; None if all can be."""
    for path in paths:
        if path.endswith((".yaml", ".yml")):
            try:
                sheets.read_yaml(path)
            except InputError as error:
                return str(error)
    return None


if __name__ == "__main__":
    sys.exit(fault(sys.argv[1:]))
