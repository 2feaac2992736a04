"""A problem with the input: where it is, what it is, and the fix."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from workflow_lib.errors import InputError


@dataclass(frozen=True)
class Problem:
    """One thing to put right before anything runs.

    Attributes
    ----------
    where : str
        File with line and column, or file with config key.
    what : str
        What is wrong there.
    fix : str
        What to do about it.
    """

    where: str
    what: str
    fix: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. Fix: {self.fix}."


def raise_all(problems: Iterable[Problem]) -> None:
    """Raise one error that lists all problems; do nothing if there are none.

    Raises
    ------
    InputError
        A numbered list.
    """
    problems = _merged(dict.fromkeys(problems))
    if problems:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        lines = [f"{i:>3}. {problem}" for i, problem in enumerate(problems, 1)]
        raise InputError("\n".join([f"{count} to put right before anything can run:", *lines]))


def _merged(problems: Iterable[Problem]) -> list[Problem]:
    """Problems of one kind in several lines of a file as one, in the place of the first."""
    lines: dict[tuple[str, ...], list[str]] = {}
    for problem in problems:
        before, number, after = _line_of(problem)
        lines.setdefault((before, after, problem.what, problem.fix), []).append(number)
    merged = []
    for (before, after, what, fix), numbers in lines.items():
        at = {"": ""}.get(numbers[0], f", line{'s' * (len(numbers) > 1)} {listed(numbers)}")
        merged.append(Problem(f"{before}{at}{after}", what, fix))
    return merged


def _line_of(problem: Problem) -> tuple[str, str, str]:
    """File, line and column of a problem; all of the place and no line if it names none."""
    found = re.fullmatch(r"(.*), line ([0-9]+)(, column .*)?", problem.where)
    return (found[1], found[2], found[3] or "") if found else (problem.where, "", "")


def problem_of(error: InputError, where: str, path: str | None = None) -> Problem:
    """A problem made of an error of the form `what: fix` or `what; fix`.

    Parameters
    ----------
    error : InputError
    where : str
        Place of the problem, unless the message begins with `path` and a line.
    path : str, optional
        File that the message may begin with.
    """
    text = str(error)
    found = re.match(rf"({re.escape(path)}(?:, line \d+|:\d+)): ", text) if path else None
    if found:
        where, text = found[1], text[found.end() :]
    elif where == path:
        text = text.removeprefix(f"{path}: ")
    cut = _last_mark(text)
    if cut < 0 or text[:cut] == path:
        return Problem(where, text, "correct it")
    return Problem(where, text[:cut], text[cut + 2 :])


def _last_mark(text: str) -> int:
    """Where the last `; ` or `: ` outside round brackets begins, -1 if nowhere: a fix follows it."""
    if text.count("(") != text.count(")"):
        return max(text.rfind("; "), text.rfind(": "))
    depth, found = 0, -1
    for i, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if not depth and text[i : i + 2] in ("; ", ": "):
            found = i
    return found


def listed(names: Iterable[object], most: int = 5) -> str:
    """Names joined by commas; only the first few of many, and how many there are."""
    texts = [str(name) for name in names]
    if len(texts) <= most + 1:
        return ", ".join(texts)
    return f"{', '.join(texts[:most])} and {len(texts) - most} more"
