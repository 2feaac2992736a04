"""Commands that the documents tell people to type name targets, files and options that there are."""

import functools
import re
import shlex
from pathlib import Path

import pytest
from snakemake.cli import get_argument_parser

from workflow_lib import __main__ as door

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    "config/README.md",
    *(f"docs/{p.name}" for p in ROOT.glob("docs/*.md")),
]
PROGRAMS = ("make", "python", "snakemake", "atacdiff", "pytest")
THEIRS = re.compile(r"^(my|own|/path|/data|\$|\.\.|[A-Z_]+$)")
"""Names that stand for the reader's own."""


def commands(page: str) -> list[str]:
    """Commands in blocks and between backticks, one a line, without what follows a pipe or `;`."""
    text = (ROOT / page).read_text()
    blocks = re.findall(r"^ *```(?:\w*)\n(.*?)^ *```", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    lines += [" ".join(code.split()) for code in re.findall(r"(?<!`)`([^`]+)`(?!`)", text)]
    lines = [re.sub(r'^\w+="(.*)"$', r"\1", line) for line in lines]  # a command that gets a short name
    parts = [part.strip() for line in lines for part in re.split(r" +#| \| |;|&&", line)[:2]]
    return [part for part in parts if Path(part.split(" ")[0]).name in PROGRAMS and " " in part]


ALL = [(page, command) for page in PAGES for command in dict.fromkeys(commands(page))]


def test_pages_have_commands_of_each_program():
    assert {Path(command.split()[0]).name for _, command in ALL} >= {
        "make",
        "python",
        "snakemake",
        "atacdiff",
    }


@pytest.mark.parametrize(("page", "command"), ALL, ids=[f"{page}: {command[:60]}" for page, command in ALL])
def test_a_documented_command_names_what_there_is(page, command):
    program, *words = shlex.split(command)
    CHECKS[Path(program).name](words)


def of_make(words: list[str]) -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert {word for word in words if "=" not in word and word.isalpha()} <= targets


def of_python(words: list[str]) -> None:
    if words[0] == "-m":
        name, known = words[1], ("pip", "pytest", "venv")
        parts = ROOT.joinpath(*name.split("."))
        assert name in known or parts.with_suffix(".py").exists() or (parts / "__main__.py").exists(), name
        words = words[2:]
        if name != "pytest":
            return
    for word in words:
        if word.startswith("tests/") or (word.endswith(".py") and not THEIRS.match(word)):
            assert (ROOT / word).exists(), word


def of_snakemake(words: list[str]) -> None:
    for i, word in enumerate(words):
        if word.startswith("-") and " " not in word:
            assert word.split("=")[0] in snakemake_options(), word
        if word == "--workflow-profile" and not THEIRS.match(words[i + 1]):
            assert (ROOT / "profiles" / Path(words[i + 1]).name).is_dir(), words[i + 1]
        if word.startswith("config/examples/"):
            assert (ROOT / word).exists(), word


@functools.cache
def snakemake_options() -> set[str]:
    parser = get_argument_parser()
    return {option for action in parser._actions for option in action.option_strings} | {"-n"}


def of_atacdiff(words: list[str]) -> None:
    door.parser().parse_args(words)


CHECKS = {
    "make": of_make,
    "python": of_python,
    "pytest": lambda words: of_python(["-m", "pytest", *words]),
    "snakemake": of_snakemake,
    "atacdiff": of_atacdiff,
}
