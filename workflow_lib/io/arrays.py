"""Named arrays in HDF5, whole or a slice at a time."""

import errno
import io
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from workflow_lib.errors import InputError
from workflow_lib.io.atomic import replacing


def write_arrays(path: str | Path, arrays: Mapping[str, np.ndarray], attributes: Mapping) -> None:
    """Write arrays (names may contain `/`) and attributes of the file, compressed, without time stamps.

    Made in memory, since HDF5 keeps silent about what a full disk refuses when an array is closed.
    """
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as store:
        store.attrs.update(attributes)
        for name, values in arrays.items():
            options = {"compression": "gzip", "compression_opts": 4, "shuffle": True} if len(values) else {}
            store.create_dataset(name, data=values, track_times=False, **options)
    with replacing(path) as partial:
        partial.write_bytes(buffer.getbuffer())


def check(path: str | Path) -> None:
    """Read every array of an HDF5 file that a library wrote: what a full disk swallowed shows then.

    Raises
    ------
    OSError
        If a part is missing.
    """

    def read(_, item) -> None:
        if isinstance(item, h5py.Dataset):
            item[()]

    try:
        with h5py.File(path, "r") as store:
            store.visititems(read)
    except (OSError, RuntimeError, KeyError) as error:
        said = f"cannot be read back, perhaps since the disk is full ({error})"
        raise OSError(errno.EIO, said, str(path)) from error


@contextmanager
def opened(path: str | Path):
    """Open such a file for reading.

    Raises
    ------
    InputError
        If it is not a whole HDF5 file, which may show only when an array is read.
    """
    try:
        with h5py.File(path, "r") as store:
            yield store
    except OSError as error:
        raise InputError(f"{path}: not a whole HDF5 file ({error}); delete it and run again") from error
