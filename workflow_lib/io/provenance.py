"""Which code made a file: digests of what a script can reach, blind to all that cannot change a result."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from workflow_lib.io import reach, state

ROUNDS = 3
"""A definition's token sees the tokens of what it uses, of what that uses, and so on so many times."""


class Code:
    """The library as it stands, parsed once for all the scripts that are asked for.

    Parameters
    ----------
    root : str or Path
        The folder that holds the library's package.
    """

    def __init__(self, root: str | Path):
        self.library = reach.Library(root)
        self._tokens: dict[tuple[reach.Key, int], str] = {}

    def digest(self, script: str | Path) -> str:
        """Digest of a script and of every definition of the library that it can reach.

        It changes when the code of any of these changes. It does not change with comments, docstrings, type
        annotations, messages to the log, the version, the order of definitions, or the names and places of
        modules; nor with definitions that the script cannot reach.

        Parameters
        ----------
        script : str or Path
            A Python file.

        Returns
        -------
        str
            Sixteen hexadecimal digits.
        """
        found = self.reached(script)
        tokens = sorted(self._token(part, ROUNDS) for part in found.parts)
        tokens += [_sha(path.name.encode(), path.read_bytes()) for path in sorted(found.data)]
        return _sha(*(token.encode() for token in tokens))[:16]

    def reached(self, script: str | Path) -> reach.Reached:
        """The definitions that a script can reach, and the data files that these may read."""
        return self.library.reached(Path(script))

    def _token(self, part: reach.Part, rounds: int) -> str:
        """A digest of what a definition says, with digests in place of the names of others."""
        known = (part.key, rounds)
        if part.key[0] == reach.SCRIPT or known not in self._tokens:
            texts = []
            for piece in part.pieces:
                if isinstance(piece, str):
                    texts.append(piece)
                elif rounds:
                    texts += [self._token(used, rounds - 1) for used in self.library.parts(piece)]
            self._tokens[known] = _sha("\0".join(texts).encode())
        return self._tokens[known]


def digests(root: str | Path, remembered: str | Path | None = None) -> dict[str, str]:
    """Digest of every script of a checkout, by the script's name.

    Parameters
    ----------
    root : str or Path
        The folder that holds `scripts` and the library.
    remembered : str or Path, optional
        A file that keeps them from one start to the next while no byte of the code changes.
    """
    root = Path(root)
    scripts = sorted((root / "scripts").glob("*.py"))
    content = _sha(*(f"{path.name}".encode() + path.read_bytes() for path in [*scripts, *_files(root)]))
    known = state.read(remembered) if remembered is not None else {}
    if known.get("content") != content:
        code = Code(root)
        known = {"content": content, "digests": {path.stem: code.digest(path) for path in scripts}}
        if remembered is not None:
            state.write(known, remembered)
    return known["digests"]


def of_folder(folder: str | Path) -> str:
    """Sixteen hexadecimal digits that differ when a file of a folder does."""
    return _sha(*(path.read_bytes() for path in sorted(Path(folder).iterdir()) if path.is_file()))[:16]


def _files(root: Path) -> Iterator[Path]:
    package = root / reach.PACKAGE
    yield from sorted(path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc")


def _sha(*parts: bytes) -> str:
    total = hashlib.sha256()
    for part in parts:
        total.update(len(part).to_bytes(8, "little") + part)
    return total.hexdigest()
