"""Formulas such as `~ batch + group`: read, and refused where they are more than that."""

import ast
import re

from formulaic import Formula
from formulaic.errors import FormulaicError
from formulaic.formula import SimpleFormula

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
    return sorted(parse(formula).required_variables, key=lambda name: _position(formula, name))


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
        parsed = Formula(formula)
        parsed.required_variables  # noqa: B018, reads the Python inside terms, which may be at fault too
        if isinstance(parsed, SimpleFormula):
            for factor in {factor.expr for term in parsed for factor in term.factors}:
                _check_harmless(factor)
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
    for node in ast.walk(ast.parse(factor, mode="eval")):
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


def _position(formula: str, name: str) -> int:
    found = re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", formula)
    return found.start() if found else len(formula)
