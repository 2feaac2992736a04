"""Named arrays in HDF5, whole or a slice at a time."""

from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from workflow_lib.errors import InputError
from workflow_lib.io.atomic import replacing


def write_arrays(path: str | Path, arrays: Mapping[str, np.ndarray], attributes: Mapping) -> None:
    """Write arrays (names may contain `/`) and attributes of the file, compressed, without time stamps."""
    with replacing(path) as partial, h5py.File(partial, "w") as store:
        store.attrs.update(attributes)
        for name, values in arrays.items():
            options = {"compression": "gzip", "compression_opts": 4, "shuffle": True} if len(values) else {}
            store.create_dataset(name, data=values, track_times=False, **options)


@contextmanager
def opened(path: str | Path):
    """Open such a file for reading.

    Raises
    ------
    InputError
        If it is not a whole HDF5 file.
    """
    try:
        store = h5py.File(path, "r")
    except OSError as error:
        raise InputError(f"{path}: not a whole HDF5 file ({error}); delete it and run again") from error
    with store:
        yield store
