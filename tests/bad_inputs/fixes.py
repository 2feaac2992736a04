"""What the words of a message say to do, done: a rule for each wording.

A rule does to the input what its words say, with what stands in the message. Words such as `copy it again`
mean a whole file of that kind: the clean one. A message whose words no rule can follow fails test_fixes.py.
"""

import gzip
import os
import re
from collections.abc import Callable
from pathlib import Path

import clean_inputs as clean
import pandas as pd
import yaml
from breaking import Case, config, edit, put, rewrite

EXPRESSION = "gene\tc1\tc2\tt1\tt2\ng1\t1.5\t2\t0\t4\ng2\t7\t6.25\t5\t3\n"
SHEET = "sample\tgroup\tbam\n" + "".join(f"{s}\t{g}\t{s}.bam\n" for s, g in clean.SAMPLES.items())
WHOLE = {
    "genes.gtf": clean.GTF,
    "g.gtf.gz": clean.GTF,
    "genes.gtf.gz": clean.GTF,
    "peaks.narrowPeak": clean.NARROWPEAK,
    "p.bed.gz": clean.NARROWPEAK,
    "motifs.jaspar": clean.JASPAR,
    "m.gz": clean.JASPAR,
    "counts.tsv": clean.MATRIX,
    "c.tsv.gz": clean.MATRIX,
    "c.parquet": clean.MATRIX,
    "e.tsv": EXPRESSION,
    "e.tsv.gz": EXPRESSION,
    "e.parquet": EXPRESSION,
    "s.gmt": "A\tna\tA1\tB2\n",
    "s.gmt.gz": "A\tna\tA1\tB2\n",
    "s.bed": "chr1\t20\t50\n",
    "b.bed": "chr1\t20\t50\n",
    "sites.bed": "chr1\t500\t510\n",
    "blacklist.bed": "chr1\t2500\t2600\n",
    "samples.tsv": SHEET,
    "t1.tsv": "chr1\t150\t250\tAC\t1\n",
    "t1.bed": "chr1\t150\t250\tAC\t1\n",
    "t1.tsv.gz": "chr1\t150\t250\tAC\t1\n",
}
"""A whole file under each name that cases spoil; the genome and the BAM files are written apart."""


def whole(name: str) -> None:
    """Put a whole file of its kind under a name."""
    Path(name).unlink(missing_ok=True)
    if name.endswith((".bam", ".cram")):
        clean.write_bam(Path(name).with_suffix(".bam"), clean.PAIRS["t1"])
        if name.endswith(".cram"):
            edit("samples.tsv", name, "t1.bam")
    elif name.startswith("genome.fa"):
        put("genome.fa", clean.fasta())
        config("genome: {fasta: genome.fa}")
    elif name.endswith(".parquet"):
        table = pd.DataFrame([line.split("\t") for line in WHOLE[name].splitlines()[1:]])
        table.columns = WHOLE[name].splitlines()[0].split("\t")
        table.set_index(table.columns[0]).astype(float).reset_index().to_parquet(name)
    else:
        text = WHOLE[name].encode()
        put(name, gzip.compress(text) if name.endswith(".gz") else text)


def named(problem: str) -> str:
    """The file that a problem is about: the last that it names before the fix, or else its first."""
    found = re.findall(
        r"(?<![\w./$])[\w.]+\.(?:[a-z]+\.gz|[A-Za-z]+)(?![\w/])", problem.partition(". Fix: ")[0]
    )
    found = re.findall(r"column bam: ([\w.]+)", problem) or found
    known = [name for name in found if name in WHOLE or name.startswith(("genome.fa", "t1.", "c1.", "s."))]
    return known[0] if "key " not in problem or known[-1] == "genome.fa" else known[-1]


def fix_of(problem: str) -> str:
    """The words after the problem: those of a job that reads a file follow the last mark."""
    _, mark, fix = problem.partition(". Fix: ")
    return (fix if mark else re.split(r"[;:] ", problem)[-1]).removesuffix(".")


# --- files


def _again(problem: str, *_) -> None:
    whole(named(problem))


def _place(problem: str) -> tuple[str, int]:
    name, number = re.search(r"(?:^|\s)(\S+?)(?:, line |:)(\d+)", problem).groups()
    return name, int(number)


def _line(problem: str, make: Callable[[str], str]) -> None:
    """Make another line of the one at fault; none of an empty text."""
    name, number = _place(problem)
    lines = Path(name).read_bytes().decode("utf-8", "surrogateescape").split("\n")
    made = make(lines[number - 1])
    lines[number - 1 : number] = [made] if made else []
    Path(name).write_bytes("\n".join(lines).encode("utf-8", "surrogateescape"))


def _line_away(problem: str, *_) -> None:
    name, number = _place(problem)
    if number > len(Path(name).read_bytes().splitlines()):
        whole(name)  # which has none so far
    else:
        _line(problem, lambda line: "")


def _decoded(problem: str, *_) -> None:
    name = named(problem)
    rewrite(name, lambda b: b.decode("utf-16" if "is UTF-16" in problem else "latin-1").encode())


def _removed_motif(problem: str, *_) -> None:
    """Remove a motif without a matrix, or the file if it holds no other."""
    name, _ = _place(problem)
    if len(re.findall("(?m)^(?:>|MOTIF)", Path(name).read_text())) > 1:
        _line_away(problem)
    else:
        whole(name)


def _ones(problem: str, *_) -> None:
    """Write 1 for each base of a column of a PFM."""
    name, _ = _place(problem)
    at = int(re.search(r"column (\d+) of motif", problem)[1])
    with_one = rf"(?m)^([ACGT] \[? ?(?:\S+ ){{{at - 1}}})\S+"
    put(name, re.sub(with_one, r"\g<1>1", Path(name).read_text()))


def _letters(problem: str, *_) -> None:
    name, number = _place(problem)
    lines = Path(name).read_text().split("\n")
    for i, base in enumerate("ACGT"):
        lines[number + i] = f"{base} {lines[number + i]}"
    put(name, "\n".join(lines))


def _cut_at_end(problem: str, *_) -> None:
    length = re.search(r"\(([\d,]+) bp", problem)[1].replace(",", "")
    _line(problem, lambda line: "\t".join([*line.split("\t")[:2], length, *line.split("\t")[3:]]))


# --- tables


def _header(problem: str, make: Callable[[list[str]], list[str]]) -> None:
    name = re.search(r"(\S+\.tsv), ", problem)[1]
    head, _, rest = Path(name).read_text().partition("\n")
    put(name, "\t".join(make(head.split("\t"))) + "\n" + rest)


def _column(problem: str, found: re.Match, *_) -> None:
    old, new = found[1].strip("'"), found[2]
    _header(problem, lambda names: [new if old in (name, name.strip('"')) else name for name in names])


def _second_column(problem: str, *_) -> None:
    """Rename the second column of a name: to the one that is missing."""
    clean_names = {"samples.tsv": SHEET, "counts.tsv": clean.MATRIX, "e.tsv": EXPRESSION}
    right = clean_names[re.search(r"(\S+\.tsv), ", problem)[1]].split("\n")[0].split("\t")
    _header(problem, lambda names: right if sorted({*names}) != sorted(names) else names)


def _cells(problem: str, new: str, *, last: bool = False) -> None:
    """Write another value into the cells at fault."""
    name, lines, column = re.search(r"(\S+\.tsv), lines? ([\d, ]+), column (\w+): ", problem).groups()
    rows = [line.split("\t") for line in Path(name).read_text().splitlines()]
    for line in [int(line) for line in lines.split(", ")][-1 if last else 0 :]:
        rows[line - 1][rows[0].index(column)] = new
    put(name, "".join("\t".join(row) + "\n" for row in rows))


def _own(problem: str, *_) -> None:
    """Give the second of two samples its own name or file."""
    _cells(problem, "c2.bam" if "column bam" in problem else "c2", last=True)


def _added_column(problem: str, *_) -> None:
    name, column = re.search(r"(\S+\.tsv), line 1, column (\w+): ", problem).groups()
    lines = Path(name).read_text().splitlines()
    values = [column, *({"bam": f"{line.split()[0]}.bam"}.get(column, "control") for line in lines[1:])]
    if column == "group" and len(values) > 3:
        values[3:] = ["treated"] * len(values[3:])
    put(name, "".join(f"{line}\t{value}\n" for line, value in zip(lines, values, strict=True)))


def _right_column(problem: str, *_) -> None:
    """Correct a column of zeros."""
    name, column = re.search(r"(\S+\.tsv), column (\w+): ", problem).groups()
    rows = [line.split("\t") for line in Path(name).read_text().splitlines()]
    for i, row in enumerate(rows[1:]):
        row[rows[0].index(column)] = str(5 + i)
    put(name, "".join("\t".join(row) + "\n" for row in rows))


def _added_sample(problem: str, found: re.Match, *_) -> None:
    """Add a sample's column to a matrix."""
    lines = Path("counts.tsv").read_text().splitlines()
    added = [found[1], *(str(5 + i) for i in range(len(lines) - 1))]
    put("counts.tsv", "".join(f"{line}\t{value}\n" for line, value in zip(lines, added, strict=True)))


# --- keys


def _keys(problem: str) -> list[str]:
    return re.search(r", key (.+?): ", problem)[1].split(".")


def set_key(case: Case, keys: list[str], value: object) -> None:
    """Put a value where a key stands."""
    given = clean.read_yaml(f"{case.run}.yaml")
    part = given
    for key in keys[:-1]:
        part = part.setdefault(key, {})
    part[keys[-1]] = value
    Path(f"{case.run}.yaml").write_text(yaml.safe_dump(given))


def _here(problem: str, case: Case, value: object) -> None:
    set_key(case, _keys(problem), value)


def _without(case: Case, keys: list[str]) -> object:
    """Take a key out of the configuration; what stood there."""
    given = clean.read_yaml(f"{case.run}.yaml")
    part = given
    for key in keys[:-1]:
        part = part[key]
    value = part.pop(keys[-1])
    Path(f"{case.run}.yaml").write_text(yaml.safe_dump(given))
    return value


def _written(problem: str, found: re.Match, case: Case) -> None:
    """Write a word: as the key, if that is unknown, else as its value."""
    if "unknown key" in problem:
        set_key(case, [found[1]], _without(case, _keys(problem)))
    else:
        _here(problem, case, found[1])


def _one_of(problem: str, found: re.Match, case: Case) -> None:
    """Write what is offered: a group as a key, a contig within a region, else an item of a list."""
    keys = _keys(problem)
    if keys[:2] == ["peaks", "files"]:
        set_key(case, ["peaks", "files", "control"], _without(case, keys))
        set_key(case, ["peaks", "files"], {"control": "peaks.narrowPeak"})
    elif "is on a contig" in problem:
        _here(problem, case, [f"{found[1]}:1-500"])
    else:
        _here(problem, case, [found[1]])


def _contrast(problem: str, _, case: Case) -> None:
    """Rename the contrast."""
    contrasts = clean.read_yaml(f"{case.run}.yaml")["contrasts"]
    set_key(case, ["contrasts"], {"renamed": next(iter(contrasts.values()))})


def _on_one_line(problem: str, found: re.Match, case: Case) -> None:
    if "key 'a\\n'" in problem or "the key" in problem:
        _contrast(problem, found, case)
    else:
        _here(problem, case, str(clean.read_yaml(f"{case.run}.yaml")[_keys(problem)[0]]).strip())


def _right_path(problem: str, _, case: Case) -> None:
    """Name the right file; put it there if it is none of the clean inputs."""
    value: object = clean.READS
    for key in _keys(problem):
        value = value.get(key) if isinstance(value, dict) else None
    if value is None:
        whole(re.search(r"no file (\S+?)\. Fix", problem)[1])
    else:
        _here(problem, case, value)


def _renamed_file(problem: str, _, case: Case) -> None:
    os.rename("{sample}.gtf", "genes.gtf")
    _here(problem, case, "genes.gtf")


def _linked(*_) -> None:
    put("moved.gtf", clean.GTF)
    Path("genes.gtf").unlink()
    os.symlink("moved.gtf", "genes.gtf")


def _with_default(problem: str, _, case: Case) -> None:
    os.rename("genome.fa", "a.fa")
    _here(problem, case, "${NOT_SET_HERE:-.}/a.fa")


def _into_folder(problem: str, _, case: Case) -> None:
    os.rename("genome.fa", "f/genome.fa")
    _here(problem, case, "f/genome.fa")


def _moved_key(problem: str, found: re.Match, case: Case) -> None:
    set_key(case, found[1].split("."), _without(case, _keys(problem)))


def _such_as(problem: str, found: re.Match, case: Case) -> None:
    config(found[1], case.run)


def _dropped(problem: str, found: re.Match, case: Case) -> None:
    design = str(clean.read_yaml(f"{case.run}.yaml")["design"]).replace(f"{found[1]} + ", "")
    config(yaml.safe_dump({"design": design}), case.run)


def _design(problem: str, _, case: Case) -> None:
    config(yaml.safe_dump({"design": "~ batch + group"}), case.run)


Rule = Callable[[str, re.Match, Case], object]


def _line_by(make: Callable[[str], str]) -> Rule:
    return lambda problem, found, case: _line(problem, make)


def _value(value: object) -> Rule:
    return lambda problem, found, case: _here(problem, case, value)


RULES: tuple[tuple[str, Rule], ...] = (
    # lines of files
    (r"correct or delete the line$|^give each (peak|gene) one row|^remove these peaks", _line_away),
    (r"else correct the line$|^write a semicolon after each|^give a GTF in which every", _line_away),
    (r"^give peaks of this genome assembly, or cut them", _cut_at_end),
    (r"^rename( or remove)? it$", _line_by(lambda line: ">chr2")),
    (r"^rename or remove one$", lambda p, m, c: (_line_away if "key '" in p else _again)(p, m, c)),
    (r"^write 0 if it is unknown$", _line_by(lambda line: line.replace("-3", "0"))),
    (r"^remove it, or the file if it holds no other$", _removed_motif),
    (r"^if any base may stand there, write 1 for each$", _ones),
    (r"^begin the row of each base with its letter", _letters),
    (r"^where there is no description, write na$", _line_by(lambda line: line.replace("\t", "\tna\t", 1))),
    (r"^rename one of them, or join", _line_by(lambda line: line.replace("A", "B", 1))),
    (r"^name it by gene_id", _line_by(lambda line: f"g2{line}")),
    (r"^put '(\w+)' and a tab before it", lambda p, m, c: _header(p, lambda names: [m[1], *names])),
    (r"^separate columns by one tab each", _line_by(lambda line: line.replace("  ", "\t"))),
    (r"^take away the tag$", _line_by(lambda line: re.sub(r"!!\S+", "1", line))),
    (r"^write plain text$", _line_by(lambda line: line.replace("c\x07", "c2"))),
    # tables
    (r"^delete the line$", _line_away),
    (
        r"^name it, or remove it$",
        lambda p, m, c: rewrite("counts.tsv", lambda b: b.replace(b"\t\n", b"\tx\n")),
    ),
    (r"^rename column (\S+|'[^']*') to (\w+)$", _column),
    (r"^remove or rename one$", _second_column),
    (r"^give each sample its own$", _own),
    (r"^give every sample one$", lambda p, m, c: _cells(p, "control")),
    (r"^correct it, or write NA", lambda p, m, c: _cells(p, "1")),
    (r"^use letters, digits.*, such as (\S+)$", lambda p, m, c: _cells(p, m[1])),
    (
        r"^rename it, such as (\w+)$",
        lambda p, m, c: _column(p, re.search(r"column ((?:.*?)): .*such as (\w+)", p), c),
    ),
    (
        r"^rename one of them$",
        lambda p, m, c: _header(p, lambda names: ["b" if n == "a_b" else n for n in names]),
    ),
    (r"^add the column \(", _added_column),
    (r"^drop the sample from the sheet or correct|^remove or correct the column", _right_column),
    (r"^add it, or drop sample (\w+) from the sheet$", _added_sample),
    # keys
    (r"^write (\S+), the default, or another$", lambda p, m, c: _here(p, c, yaml.safe_load(m[1]))),
    (r"^write (\S+) \(YAML reads", lambda p, m, c: _here(p, c, float(m[1]))),
    (r"set it to (?:trended or )?none$", _value("none")),
    (r"^give a finite number$", _value(0.5)),
    (r"^put quotes round it", lambda p, m, c: _here(p, c, str(clean.read_yaml(f"{c.run}.yaml")["design"]))),
    (r"^put it under \w+ \((\S+)\)$", _moved_key),
    (r"^write its keys and their values", lambda p, m, c: _here(p, c, clean.READS["genome"])),
    (r"^write it on one line", _on_one_line),
    (r"^rename it with letters|^use at most", _contrast),
    (r"^rename the file or folder", _renamed_file),
    (r"^write values plainly", lambda p, m, c: put("reads.yaml", yaml.safe_dump(clean.READS))),
    (r"^write such as '~ |^add the column, or use one", _design),
    (r"^write such as (contrasts: .*)$", _such_as),
    (r"^correct the path, which counts", _right_path),
    (r"^name the file in it$", _into_folder),
    (r"^link to the file where it is now", _linked),
    (r"^export NOT_SET_HERE", _with_default),
    (r"^give each set once", _value(["s.gmt"])),
    (r"^write one of these$", lambda p, m, c: set_key(c, ["motifs", "species"], "Homo sapiens")),
    (r"^write '(~ [^']+)'$", _value("~ 3")),
    (r"or peaks.call to false", _value(False)),
    (r"^write a column that is there|^remove block", lambda p, m, c: _without(c, _keys(p))),
    (r"^drop (\w+) from the design", _dropped),
    (r"^name two levels of group$", _value("treated")),
    (r"^give each its own file, or one", lambda p, m, c: set_key(c, ["peaks", "files"], "peaks.narrowPeak")),
    (r"^write one of (\w+)", _one_of),
    (r"^write a region of this genome", _value(["chr2:900-950"])),
    (r"^set genome.annotation to a GTF", lambda p, m, c: set_key(c, ["genome", "annotation"], "genes.gtf")),
    (r"^write a name or gene_id", _value(["A1"])),
    (r"^write in_peaks, up, down", _value("in_peaks")),
    (r"^write auto, null or the path", _value("auto")),
    (r"or set genome.blacklist to null$", _value(None)),
    (r"^write (\w+)$", _written),
    # whole files
    (r"save it as (UTF-8|plain text in UTF-8)", _decoded),
    (r"^unpack it", lambda *_: rewrite("samples.tsv", gzip.decompress)),
    (r"^delete it, it is made again$", lambda *_: os.remove("genome.fa.fai")),
    (r"^name the BAM file itself in the sheet$", lambda *_: edit("samples.tsv", "t1.bed", "t1.bam")),
    (r"(copy|make|download|build|write|run) .*again", _again),
    (r"(the|its) download is complete|the complete file|check (what this file is|how it was made)", _again),
    (
        r"^give (a FASTA|another|the annotation|the DNA|the blacklist|the sites|the regions|files of one)",
        _again,
    ),
    (
        r"^give (the fasta and|sets of|the sorted BAM|aligned reads|raw counts|counts|0-based|each|one row)",
        _again,
    ),
    (r"^give (tab-separated|its counts|one (row )?each|four|all rows|motifs|each)", _again),
    (r"^name (another|one|a file|the peaks)|^put (the columns|the file)|^correct it$", _again),
    (r"^GMT has the name|^save it as plain text$|^write (>consensus|one line a sample|a header)", _again),
    (r"^count in peaks|^in R, |^these look like Entrez|^write its numbers|^correct the path or put", _again),
    (r"^put motifs into it", lambda *_: put("m/a.jaspar", clean.JASPAR)),
    (r"^name a table$", _right_path),
)

NEXT = {
    "config: number for a text": "key design: '~ 3' ",
    "sheet: a sheet of one column": "has experiment and no control",
    "config: a key twice": "so there is nothing to count in",
    "config: Python in YAML": "so there is nothing to count in",
    "sheet: negative size factor": "column batch: is not in the sheet but in the design",
    "BAM: SAM": "names no contigs",
    "FASTA: lines of several lengths": "of two genome assemblies",
}
"""Cases whose input has another fault after that: a part of its message."""


def rule_of(problem: str) -> tuple[Rule, re.Match] | None:
    """The rule that can follow a problem's fix."""
    fix = fix_of(problem)
    return next(((rule, found) for words, rule in RULES if (found := re.search(words, fix))), None)
