"""Formulas such as `~ batch + group`: read, and refused where they are more than that."""

import ast
import keyword
import re

from formulaic import Formula
from formulaic.errors import FormulaicError
from formulaic.formula import SimpleFormula
from formulaic.parser.types import Factor, Term

from workflow_lib.errors import InputError

FUNCTIONS = {
    *("C", "I", "center", "scale", "standardize", "poly", "bs", "cs", "cr", "cc"),
    *("log", "log2", "log10", "exp", "np.log", "np.log1p", "np.log2", "np.log10", "np.exp", "np.sqrt"),
    *("contr.treatment", "contr.sum", "contr.helmert", "contr.diff", "contr.poly", "contr.SAS"),
    *("Treatment", "Sum", "Helmert", "Diff", "Poly"),
}
"""What a formula may call."""
LONGEST_FORMULA = 500
MOST_CROSSED = 9
_QUOTED = re.compile(r"(`[^`]*`)")
_DOTTED = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?:\.\w+)+(?!\w)(?!\s*\()")
_LABELS = re.compile(r"(?<![\w.])C\(\s*`?([^`(),]+?)`?\s*\)")
_POWER = re.compile(r"(?:\*\*|\^)\s*(\d+)")
_FORMULAICS_OWN = (AttributeError, LookupError, TypeError, ValueError)
"""What formulaic's parser comes to on brackets that do not match, among others."""
_HARMLESS = (
    *(ast.Expression, ast.Name, ast.Constant, ast.UnaryOp, ast.keyword, ast.List, ast.Tuple),
    *(ast.expr_context, ast.operator, ast.unaryop),
)


def variables(formula: str) -> list[str]:
    """Columns of the sample sheet that a formula uses, in the order in which it names them.

    Raises
    ------
    InputError
        If the formula cannot be read, or has a left-hand side or several parts.
    """
    found = {name for term in parse(formula) for name in columns_of_term(term)}
    return sorted(found, key=lambda name: _position(formula, name))


def columns_of_term(term: Term) -> list[str]:
    """Columns that a term uses, whatever they are called; names of functions are none."""
    found: dict[str, None] = {}
    for factor in term.factors:
        if factor.eval_method is Factor.EvalMethod.LOOKUP:
            found[factor.expr] = None
        elif factor.eval_method is Factor.EvalMethod.PYTHON:
            found |= dict.fromkeys(_columns_of_python(factor.expr))
    return list(found)


def variables_of(term: str) -> list[str]:
    """Columns that a part of a formula uses; none if it cannot be read by itself."""
    try:
        return variables(f"~ {term}")
    except InputError:
        return []


def summands(formula: str) -> list[str]:
    """What a formula adds up, as written: `~ a + b * c` has `a` and `b * c`."""
    parts, depth = [""], 0
    for letter in formula.partition("~")[2]:
        depth += (letter in "([") - (letter in ")]")
        if letter == "+" and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]


def quoted(name: str) -> str:
    """A column's name as a formula wants it: in backticks if it is more than letters, digits and points."""
    return name if re.fullmatch(r"[A-Za-z_][\w.]*", name) else f"`{name}`"


def parse(formula: str) -> SimpleFormula:
    """A formula that names columns, numbers and the functions of `FUNCTIONS` alone.

    Raises
    ------
    InputError
        If it cannot be read, has a left-hand side or several parts, or would take long to read.
    """
    hint = "write such as '~ batch + group'"
    try:
        if len(formula) > LONGEST_FORMULA:
            raise SyntaxError(f"it has more than {LONGEST_FORMULA} characters")
        if any(int(power) > MOST_CROSSED for power in _POWER.findall(formula)):
            raise SyntaxError(f"it crosses columns more than {MOST_CROSSED} times")
        parsed = Formula(_readable(formula))
        if isinstance(parsed, SimpleFormula):
            factors = {factor.expr: factor for term in parsed for factor in term.factors}
            for factor in factors.values():
                if factor.eval_method is Factor.EvalMethod.PYTHON:
                    _check_harmless(factor.expr)
    except (FormulaicError, SyntaxError, RecursionError, *_FORMULAICS_OWN) as error:
        raise InputError(f"design {formula!r}: not a formula ({plain(error)}); {hint}") from error
    if not isinstance(parsed, SimpleFormula):
        raise InputError(f"design {formula!r}: nothing may stand left of '~', nor '|' in it; {hint}")
    return parsed


def plain(error: BaseException) -> str:
    """First line of a message, without the colours and marks that formulaic puts in."""
    text = re.sub(r"[⧛⧚]|\x1b?\[[0-9;]*m", "", str(error))
    return text.strip().splitlines()[0].rstrip(".") if text.strip() else type(error).__name__


def _check_harmless(factor: str) -> None:
    """Refuse a factor that is more than columns, numbers and the functions of `FUNCTIONS`.

    Formulaic evaluates factors as Python, and a design is a line of text that may come from anyone.

    Raises
    ------
    SyntaxError
    """
    for node in ast.walk(_tree(factor)[0]):
        if isinstance(node, ast.Call):
            if ast.unparse(node.func) not in FUNCTIONS:
                known = ", ".join(sorted(FUNCTIONS))
                raise SyntaxError(f"{ast.unparse(node.func)[:40]}() is none of {known}")
        elif isinstance(node, ast.Attribute):
            if ast.unparse(node) not in FUNCTIONS:
                raise SyntaxError(f"{ast.unparse(node)[:40]} is no column")
        elif isinstance(node, ast.BinOp):
            power = node.right.value if isinstance(node.right, ast.Constant) else None
            if isinstance(node.op, ast.Pow) and not (isinstance(power, int | float) and power < 10):
                raise SyntaxError("a power must be a number below 10")
            if any(isinstance(part, ast.Constant) and isinstance(part.value, str) for part in ast.walk(node)):
                raise SyntaxError("a text cannot be reckoned with")
        elif not isinstance(node, _HARMLESS):
            raise SyntaxError(f"{type(node).__name__} has no place in a formula")


def _readable(formula: str) -> str:
    """The formula as formulaic reads it: dotted columns in backticks, labels of odd names without `C()`."""
    parts = _QUOTED.split(formula)
    for i in range(0, len(parts), 2):
        parts[i] = _DOTTED.sub(lambda found: found[0] if found[0] in FUNCTIONS else f"`{found[0]}`", parts[i])
    return _LABELS.sub(lambda found: f"`{found[1]}`" if _is_odd(found[1]) else found[0], "".join(parts))


def _is_odd(name: str) -> bool:
    """Whether Python would take a column's name for something else."""
    return keyword.iskeyword(name) or name in FUNCTIONS or name in ("True", "False", "None")


def _tree(factor: str) -> tuple[ast.Expression, dict[str, str]]:
    """A factor as Python, and the columns that names in it stand for where those were in backticks."""
    parts = _QUOTED.split(factor)
    names = {f"_column_{i}": parts[i][1:-1] for i in range(1, len(parts), 2)}
    text = "".join(f"_column_{i}" if i % 2 else part for i, part in enumerate(parts))
    return ast.parse(text, mode="eval"), names


def _columns_of_python(factor: str) -> list[str]:
    """Columns in a factor that calls functions."""
    tree, names = _tree(factor)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    functions = {id(call.func) for call in calls}
    functions |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    arguments = {id(call.args[0]) for call in calls if call.args}
    found = []
    for node in ast.walk(tree):
        # what is not a function's first argument may be a coding: C(group, Sum)
        if not isinstance(node, ast.Name) or id(node) in functions:
            continue
        if node.id not in FUNCTIONS or id(node) in arguments:
            found.append(names.get(node.id, node.id))
    return found


def _position(formula: str, name: str) -> int:
    found = re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", formula)
    return found.start() if found else len(formula)
