"""Contigs under different names: what is called what, and the command that renames them."""

import re
from collections.abc import Collection, Iterable, Mapping
from shlex import quote

PREFIX = "chr"
MITOCHONDRION = {"m", "mt", "mito", "mtdna", "mitochondrion"}


def same_contig(name: str) -> str:
    """A form in which the usual names of one contig are alike: `chr1` and `1`; `chrM`, `MT` and `Mito`."""
    bare = re.sub(r"^chr(omosome)?_?", "", name, flags=re.IGNORECASE).lower() or name.lower()
    return "m" if bare in MITOCHONDRION else bare


def renamed(names: Iterable[str], reference: Collection[str]) -> dict[str, str]:
    """Names that the reference does not have, to the name it has for the same contig."""
    names, known = list(names), {same_contig(name): name for name in reference}
    taken = set(names)
    found = {name: known.get(same_contig(name)) for name in names if name not in reference}
    return {old: new for old, new in found.items() if new is not None and new not in taken}


def command(kind: str, path: str, renames: Mapping[str, str]) -> tuple[str, str]:
    """The shell command that renames the contigs of a file, and the file that it makes.

    Parameters
    ----------
    kind : {'fasta', 'bam', 'table'}
        A table (GTF, BED) has the contig in its first column.
    path : str
    renames : mapping of str to str
        Old to new, from :func:`renamed`. Where they differ by the prefix `chr` (the mitochondrion apart), the
        command says just that, for all contigs.

    Returns
    -------
    command, path : str
    """
    gzipped = path.endswith((".gz", ".bgz"))
    made, there = _made(path), quote(path)
    if kind == "bam":
        rule = ""
        if _adds_prefix(renames):
            rule = f"s/SN:{PREFIX}/SN:/; s/SN:/SN:{PREFIX}/; "
        elif _drops_prefix(renames):
            rule = f"s/SN:{PREFIX}/SN:/; "
        # The special cases come after the rule, so they meet what it makes of their names.
        specials = [
            _one(f"SN:{_by_rule(old, renames)}", f"SN:{new}") for old, new in _specials(renames).items()
        ]
        script = (rule + "; ".join(specials)).removesuffix("; ")
        sed = quote(f"/^@SQ/ {{{script}}}")
        text = f"samtools view -H {there} | sed {sed} | samtools reheader - {there} > {quote(made)}"
        return f"{text} && samtools index {quote(made)}", made
    if kind == "fasta":
        edit = f'/^>/ {{n = substr($1, 2); {_awk(renames)} $1 = ">" n}} 1'
    else:
        edit = f'BEGIN {{FS = OFS = "\\t"}} !/^(#|track|browser)/ {{n = $1; {_awk(renames)} $1 = n}} 1'
    if not gzipped:
        return f"awk {quote(edit)} {there} > {quote(made)}", made
    pack = "bgzip" if kind == "fasta" else "gzip"
    return f"gzip -dc {there} | awk {quote(edit)} | {pack} > {quote(made)}", made


def _made(path: str) -> str:
    """`b.renamed.gtf.gz` for `a/b.gtf.gz`: in the working folder, which can be written to."""
    packed = next((end for end in (".gz", ".bgz") if path.endswith(end)), "")
    name = path.removesuffix(packed).rpartition("/")[2]
    name = f"./{name}" if name.startswith("-") else name
    stem, dot, suffix = name.rpartition(".")
    name = f"{stem}.renamed.{suffix}" if dot else f"{suffix}.renamed"
    return f"{name}{'.gz' if packed else ''}"


def _awk(renames: Mapping[str, str]) -> str:
    """Statements that turn the name `n` into the new one."""
    specials = _specials(renames)
    tests = [f"if (n == {_awk_text(old)}) n = {_awk_text(new)};" for old, new in specials.items()]
    if _adds_prefix(renames):
        tests.append(f'if (n !~ /^{PREFIX}/) n = "{PREFIX}" n;')
    elif _drops_prefix(renames):
        tests.append(f'sub(/^{PREFIX}/, "", n);')
    return " else ".join(test.removesuffix(";") + ";" for test in tests)


def _awk_text(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _adds_prefix(renames: Mapping[str, str]) -> bool:
    return any(new == PREFIX + old for old, new in renames.items())


def _drops_prefix(renames: Mapping[str, str]) -> bool:
    return not _adds_prefix(renames) and any(old == PREFIX + new for old, new in renames.items())


def _by_rule(old: str, renames: Mapping[str, str]) -> str:
    if _adds_prefix(renames):
        return PREFIX + old
    return old.removeprefix(PREFIX) if _drops_prefix(renames) else old


def _specials(renames: Mapping[str, str]) -> dict[str, str]:
    """Contigs that the rule of the prefix does not cover."""
    return {old: new for old, new in renames.items() if new != _by_rule(old, renames)}


def _one(old: str, new: str) -> str:
    """A sed command for one whole name, whether another field follows or not."""
    pattern = re.sub(r"([][\\/.*^$&])", r"\\\1", old)
    made = re.sub(r"([\\/&])", r"\\\1", new)
    return f"s/{pattern}\\([[:space:]]\\|$\\)/{made}\\1/"
