"""Files that installed packages bring along: scripts and style sheets for pages."""

from importlib import metadata
from pathlib import Path

from workflow_lib.errors import InputError


def read(package: str, name: str) -> str:
    """Text of a file of an installed package, without importing the package.

    Parameters
    ----------
    package : str
        Name of the distribution.
    name : str
        Path of the file from where packages are installed.

    Raises
    ------
    InputError
        If the package is not installed, or has no such file.
    """
    try:
        path = Path(str(metadata.distribution(package).locate_file(name)))
    except metadata.PackageNotFoundError:
        raise InputError(f"{package} is not installed: the report needs it; run `make setup`") from None
    if not path.is_file():
        version = metadata.version(package)
        raise InputError(f"{package} {version} has no file {name}: install the version of requirements.lock")
    return path.read_text(encoding="utf-8")
