"""Numbers and text as short strings, for a page that carries many: deflated and in base64.

The page's script unpacks them by the browser's own `DecompressionStream`, which asks for nothing.
"""

import base64
import json
import zlib
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

MISSING_P = 65_535
EXACT, COARSE = 1, 4_000  # first codes of p-values of three and of two significant digits
LOWEST = 300  # p-values below 1e-300 count as 0


def text(words: str) -> str:
    """Text, deflated and in base64."""
    return base64.b64encode(zlib.compress(words.encode(), 9)).decode("ascii")


def data(value: Any) -> str:
    """Anything that JSON can hold."""
    return text(json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")))


def numbers(values: ArrayLike, form: str) -> dict[str, str]:
    """Whole numbers of a form that numpy knows, such as `u2`: all low bytes first, which deflates better.

    Raises
    ------
    OverflowError
        If one does not fit.
    """
    given = np.asarray(values)
    stored = given.astype(f"<{form}")
    if not np.array_equal(stored, given):
        raise OverflowError(f"not all numbers fit {form}")
    planes = np.ascontiguousarray(stored).reshape(-1, 1).view(np.uint8).reshape(-1, stored.itemsize).T
    return {"form": form, "data": base64.b64encode(zlib.compress(planes.tobytes(), 9)).decode("ascii")}


def least(values: ArrayLike) -> dict[str, str]:
    """Whole numbers from 0 on, in the smallest form that holds them."""
    largest = int(np.max(np.asarray(values), initial=0))
    return numbers(values, "u1" if largest < 1 << 8 else "u2" if largest < 1 << 16 else "u4")


def hundredths(values: ArrayLike) -> dict[str, str]:
    """Numbers to two decimals, up to 327 to either side; missing ones are the lowest of the form."""
    given = np.asarray(values, dtype=float)
    scaled = np.rint(np.clip(given, -327, 327) * 100)
    return numbers(np.where(np.isfinite(given), scaled, -32_768), "i2")


def pvalues(values: ArrayLike) -> dict[str, str]:
    """p-values with exactly the digits that tables show: three from 0.001 on, two below."""
    return numbers(pvalue_codes(values), "u2")


def pvalue_codes(values: ArrayLike) -> np.ndarray:
    """The code of each p-value; 0 of those that are 0, or too small to tell from it."""
    p = np.asarray(values, dtype=float)
    p = np.where(p < 10.0**-LOWEST, 0, p)
    codes = np.full(len(p), MISSING_P)
    codes[p == 0] = 0
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.floor(np.log10(p))
    for digits, chosen in ((3, p >= 0.001), (2, (p > 0) & (p < 0.001))):
        unit = power[chosen] - digits + 1
        mantissa = np.rint(p[chosen] / 10.0**unit)
        over = mantissa >= 10**digits
        e, m = power[chosen] + over, np.where(over, 10 ** (digits - 1), mantissa)
        if digits == 3:
            codes[chosen] = EXACT + (e + 3) * 900 + (m - 100)
        else:
            codes[chosen] = COARSE + (-e - 3) * 90 + (m - 10)  # 9.96e-04 is shown as 1.0e-03
    return codes
