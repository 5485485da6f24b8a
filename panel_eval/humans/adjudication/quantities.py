r"""Numbers with units, read by a small grammar of their own: nothing in a text is ever evaluated.

    number   [+-] digits [. digits] [e [+-] digits | ×10^[+-]digits] [/ number]      3.0e8, −1/2, 6.02×10^23
    units    [1/ | /] NAME [^ power] { (space | * | · | /) NAME [^ power] }          m/s^2, kg m s⁻², 1/s, %

Only single names of units are looked up with pint, never what stands around them.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from panel_eval.errors import InputError, Problem, shorten

if TYPE_CHECKING:
    import pint

MOST_CHARS: Final = 200
_MOST_POWER: Final = 9
_MOST_EXPONENT: Final = 300
_LETTERS: Final = r"[^\W\d_]"
_NAME: Final = rf"(?:(?:{_LETTERS}|[°Ωµ])(?:{_LETTERS}|_){{0,39}}|%)"
_UNIT: Final = re.compile(rf"({_NAME})(?:(?:\^|\*\*)?([+-]?\d{{1,2}}))?")
_JOINT: Final = re.compile(r"\s*([*·⋅/])\s*|\s+")
_BELOW: Final = re.compile(r"(?:1\s*)?/\s*")
_SUPERSCRIPTS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_RAISED: Final = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+")
_POWER_OF_TEN: Final = re.compile(r"\s*[×x*]\s*10\s*(?:\^|\*\*)\s*\(?([+-]?\d{1,3})\)?")


class NotAQuantityError(ValueError):
    """A text that is no number, or no number with known units; says why in a few words."""


@dataclass(frozen=True)
class Quantity:
    """A number and the units after it.

    Attributes:
        value: the number.
        units: (name, power) of each, in order; empty for a bare number.
    """

    value: float
    units: tuple[tuple[str, int], ...]


def read_quantity(text: str, decimal: str = ".") -> Quantity:
    """Read a number that may have units after it, and nothing else.

    Args:
        text: such as `9.81 m/s^2`.
        decimal: the decimal mark; the other one of comma and point groups thousands.

    Raises:
        NotAQuantityError: it is something else, or too long or too large to be meant.
    """
    if len(text) > MOST_CHARS:
        raise NotAQuantityError("is too long for a number")
    plain = _RAISED.sub(lambda raised: "^" + raised[0].translate(_SUPERSCRIPTS), text.strip())
    plain = plain.replace("−", "-").replace("\u00a0", " ").replace("\u202f", " ")
    value, rest = _number(plain, decimal)
    if over := re.match(r"\s*/\s*(?=[+-]?\d)", rest):
        divisor, rest = _number(rest[over.end() :], decimal)
        if divisor == 0:
            raise NotAQuantityError("divides by zero")
        value /= divisor
    if not math.isfinite(value):
        raise NotAQuantityError("is too large a number")
    return Quantity(value, read_units(rest))


def read_units(text: str) -> tuple[tuple[str, int], ...]:
    """(name, power) of each unit in a text such as `kg m/s^2`; empty for an empty text.

    Raises:
        NotAQuantityError: it is something else.
    """
    rest, sign = text.strip(), 1
    rest = _RAISED.sub(lambda raised: "^" + raised[0].translate(_SUPERSCRIPTS), rest)
    if below := _BELOW.match(rest):
        sign, rest = -1, rest[below.end() :]
    found: list[tuple[str, int]] = []
    while rest:
        unit = _UNIT.match(rest)
        if unit is None:
            raise NotAQuantityError("has more after the number than units")
        power = int(unit[2] or 1)
        if abs(power) > _MOST_POWER:
            raise NotAQuantityError("has a unit with an absurd power")
        found.append((unit[1], sign * power))
        rest = rest[unit.end() :]
        if not rest:
            break
        joint = _JOINT.match(rest)
        if joint is None or joint.end() == len(rest):
            raise NotAQuantityError("has more after the number than units")
        sign, rest = (-1 if joint[1] == "/" else 1), rest[joint.end() :]
    return tuple(found)


def _number(text: str, decimal: str) -> tuple[float, str]:
    """A number at the beginning of the text, and what comes after it."""
    mark, group = (r"\.", ",") if decimal == "." else (",", r"\.")
    whole = rf"\d{{1,3}}(?:{group}\d{{3}})+(?![\d])|\d+"
    form = rf"([+-]?)\s*((?:{whole})(?:{mark}\d*)?|{mark}\d+)(?:[eE]([+-]?\d{{1,9}})(?![\w]))?"
    found = re.match(form, text)
    if found is None:
        raise NotAQuantityError("is no number")
    digits = found[2].replace("," if decimal == "." else ".", "").replace(decimal, ".")
    rest, exponent = text[found.end() :], int(found[3] or 0)
    if found[3] is None and (tens := _POWER_OF_TEN.match(rest)):
        rest, exponent = rest[tens.end() :], int(tens[1])
    if abs(exponent) > _MOST_EXPONENT or len(digits) > _MOST_EXPONENT:
        raise NotAQuantityError("is too large or too small a number")
    if rest[:1].isdigit() or rest[:1] in {",", "."}:
        raise NotAQuantityError("is no number")
    return float(Decimal(f"{found[1]}{digits}").scaleb(exponent)), rest


def magnitude(quantity: Quantity, unit: tuple[tuple[str, int], ...]) -> float | None:
    """The quantity's number in other units; None where it measures something else (kilograms are no metres).

    Args:
        quantity: with known units.
        unit: to be converted to.

    Raises:
        NotAQuantityError: a unit is not known, or units cannot be used together so.
        InputError: the extra `units` is not installed.
    """
    pint = _pint()
    try:
        there: Any = _product(unit)
        here: Any = _registry().Quantity(quantity.value, _product(quantity.units))
        return float(here.to(there).magnitude)
    except NotAQuantityError:
        raise
    except pint.DimensionalityError:
        return None
    except (pint.PintError, ArithmeticError, ValueError) as error:
        raise NotAQuantityError(f"cannot be converted: {shorten(str(error))}") from None


def check_unit(unit: tuple[tuple[str, int], ...]) -> None:
    """Find out whether all units of a policy are known.

    Raises:
        NotAQuantityError: one is not.
        InputError: the extra `units` is not installed.
    """
    _product(unit)


def _product(units: tuple[tuple[str, int], ...]) -> pint.Unit:
    found: Any = _registry().Unit("")
    for name, power in units:
        found = found * _unit(name) ** power
    return found  # type: ignore[no-any-return]


@lru_cache(maxsize=1000)
def _unit(name: str) -> Any:
    pint = _pint()
    try:
        return _registry().Unit(name)
    except (pint.PintError, AttributeError, ValueError, TypeError, KeyError):
        raise NotAQuantityError(f"has a unit that is not known: {name}") from None


@lru_cache(maxsize=1)
def _registry() -> Any:
    return _pint().UnitRegistry(cache_folder=None, on_redefinition="ignore")


def _pint() -> Any:
    try:
        import pint
    except ImportError:
        fix = "pip install 'panel-eval[units]', or leave `unit` out and compare bare numbers"
        raise InputError(Problem("numbers with units need pint, which is not installed", fix=fix)) from None
    return pint
