"""What transcription factors are called: gene symbols out of the names of motif databases, and aliases.

The table beside this module, written by hand, holds previous symbols and common aliases as HGNC and MGI have
them, UniProt's entry names, and names that stand for several factors (AP-1). What it lacks goes by its own
name.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("factor_names.tsv")

_SIGNS = re.compile(r"[\s\-_./()]")
_HOCOMOCO = re.compile(r"([A-Z0-9]+)_(HUMAN|MOUSE)(\..+)?")
_HOCOMOCO_12 = re.compile(r"([A-Z0-9-]+)\.H1\d[A-Z]+\.\d.*")
_CISBP = re.compile(r"\(([^()]+)\)_\([A-Z][a-z]+_[a-z_]+\)(_\(DBD_[0-9.]+\))?")
_HOMER = re.compile(r"([^()/]+?)\((?!var\.)[^()]*\)[^/]*(/.*)?")
_JASPAR = re.compile(r"MA\d{4}\.\d+[._ ](.+)")
_SELEX = re.compile(r"([A-Za-z0-9-]+)_(full|DBD)(_\d)*")
_VARIANT = re.compile(r"\(var\.\d+\)$")
# UniProt's entry names that follow a rule.
_ENTRIES = (
    (re.compile(r"ZN(\d+[A-Z]?)"), r"ZNF\1"),
    (re.compile(r"HX([ABCD])(\d+)"), r"HOX\1\2"),
    (re.compile(r"PO(\d)F(\d)"), r"POU\1F\2"),
    (re.compile(r"NKX(\d)(\d)"), r"NKX\1-\2"),
    (re.compile(r"ZBT(\d+[AB]?)"), r"ZBTB\1"),
    (re.compile(r"ZSC(\d+)"), r"ZSCAN\1"),
    (re.compile(r"STA(\d[AB]?)"), r"STAT\1"),
)


def folded(name: str) -> str:
    """A name without regard to case, spaces and the signs - _ . / ( )."""
    return _SIGNS.sub("", name).casefold()


def of_motif(name: str) -> tuple[str, ...]:
    """Symbols of the factors that a motif's name tells of, each once.

    Parameters
    ----------
    name : str
        As JASPAR (dimers as `A::B`, `(var.2)` left off), HOCOMOCO 9 to 13, CIS-BP, HOMER or HT-SELEX write
        it.

    Examples
    --------
    >>> of_motif("P53_HUMAN.H11MO.0.A"), of_motif("MAX::MYC"), of_motif("PU.1(ETS)/ThioMac-PU.1/Homer")
    (('TP53',), ('MAX', 'MYC'), ('SPI1',))
    """
    name = name.strip()
    if found := _HOCOMOCO.fullmatch(name):
        symbol = _of_entry(found[1])
        return (symbol.capitalize() if found[2] == "MOUSE" else symbol,)
    for pattern in (_HOCOMOCO_12, _CISBP, _SELEX):
        if found := pattern.fullmatch(name):
            return (found[1],)
    if found := _JASPAR.fullmatch(name):
        name = found[1]
    elif found := _HOMER.fullmatch(name):
        return _of_homer(found[1])
    parts = (_VARIANT.sub("", part.strip()) for part in name.split("::"))
    return tuple(dict.fromkeys(part for part in parts if part))


def symbols_of(name: str) -> frozenset[str]:
    """Folded symbols that a name stands for: itself if it is a symbol, else those of which it is an alias.

    Examples
    --------
    >>> sorted(symbols_of("TCF1")), sorted(symbols_of("T-bet")), sorted(symbols_of("Trp53"))
    (['hnf1a', 'tcf7'], ['tbx21'], ['tp53'])
    """
    symbols, aliases = _table()
    key = folded(name)
    if key in symbols:
        return symbols[key]
    return aliases.get(key, frozenset([key]))


def find(name: str, named: Mapping[str, Iterable[str]]) -> list[str]:
    """Which of several things, each with names of its own, a name of a factor means.

    Parameters
    ----------
    name : str
        A symbol, previous symbol, alias or family such as AP-1; case and the signs of :func:`folded` do not
        count.
    named : mapping of key to names
        The names of each thing: symbols of factors, and whatever else it may be called.

    Returns
    -------
    list
        Keys in their order. What bears the name itself goes first: only if nothing does, the name is looked
        up among aliases (SF1 is a gene's symbol, and an alias of NR5A1).
    """
    key = folded(name)
    _, aliases = _table()
    for wanted in ({key}, aliases.get(key, frozenset())):
        found = [
            one
            for one, names in named.items()
            if any(folded(other) in wanted or symbols_of(other) & wanted for other in names)
        ]
        if found:
            return found
    return []


def finder(names: Iterable[str]) -> Callable[[str], list[str]]:
    """What :func:`find` does among things that have one name each, for many look-ups."""
    _, other = _table()
    place: dict[str, int] = {}
    bearing: dict[str, list[str]] = {}
    for name in names:
        if name not in place:
            place[name] = len(place)
            for key in {folded(name), *symbols_of(name)}:
                bearing.setdefault(key, []).append(name)

    def look_up(name: str) -> list[str]:
        key = folded(name)
        for wanted in ({key}, other.get(key, frozenset())):
            found = {one for each in wanted for one in bearing.get(each, ())}
            if found:
                return sorted(found, key=place.__getitem__)
        return []

    return look_up


def aliases() -> Mapping[str, frozenset[str]]:
    """Every alias and name of several factors with the symbols that it stands for, all folded."""
    return _table()[1]


def _of_entry(entry: str) -> str:
    """The symbol of a UniProt entry name."""
    known = _written().get(entry.casefold())
    if known is not None:
        return known
    for pattern, symbol in _ENTRIES:
        if found := pattern.fullmatch(entry):
            return found.expand(symbol)
    return entry


def _of_homer(text: str) -> tuple[str, ...]:
    """Symbols of HOMER's factor: an alias, a family, or several of them joined by : or -."""
    written = _written()
    symbols, aliases = _table()
    for separator in (None, ":", "-"):
        parts = [text] if separator is None else text.split(separator)
        known = [symbols.get(folded(part)) or aliases.get(folded(part)) for part in parts]
        if all(known):
            found = [sorted(each) for each in known if each]
            return tuple(dict.fromkeys(written[symbol] for each in found for symbol in each))
    return tuple(part for part in text.split(":") if part)


@cache
def _rows() -> list[dict[str, str]]:
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    names = lines[0].split("\t")
    return [dict(zip(names, line.split("\t"), strict=True)) for line in lines[1:]]


@cache
def _table() -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    """Symbols that stand for themselves, and what aliases stand for, all folded."""
    symbols: dict[str, frozenset[str]] = {}
    aliases: dict[str, set[str]] = {}
    for row in _rows():
        members = frozenset(map(folded, row["members"].split(";")))
        if row["kind"] == "factor":
            symbols[folded(row["symbol"])] = members
        names = row["aliases"].split(";") + ([row["symbol"]] if row["kind"] == "family" else [])
        for name in filter(None, names):
            aliases.setdefault(folded(name), set()).update(members)
    return symbols, {name: frozenset(members) for name, members in aliases.items()}


@cache
def _written() -> dict[str, str]:
    """Symbols as they are written, by folded symbol and by UniProt's entry name."""
    found: dict[str, str] = {}
    for row in _rows():
        for symbol in row["members"].split(";"):
            found.setdefault(folded(symbol), symbol)
    for row in _rows():
        if row["kind"] == "factor":
            for alias in row["aliases"].split(";"):
                found.setdefault(alias.casefold(), row["symbol"])
    return found
