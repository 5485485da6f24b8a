r"""Numbers with units, read by a small grammar of their own: nothing in a text is ever evaluated.

    number   [+-] digits [. digits] [e [+-] digits | ×10^[+-]digits] [/ number]      3.0e8, −1/2, 6.02×10^23
    product  NAME [^ power] { (space | * | ·) NAME [^ power] }                       kg m s⁻², m^2, %
    units    [product | 1] { / (NAME [^ power] | "(" product ")") }                  m/s^2, J/(kg K), 1/s

A product after a slash needs its brackets: `J/kg K` is read in two ways. Numbers are fractions, conversions exact.
Only single names of units are looked up with pint, never what stands around them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from panel_eval.errors import InputError, Problem

MOST_CHARS: Final = 200
_MOST_POWER: Final = 9
_MOST_EXPONENT: Final = 300
_MOST: Final = 10**_MOST_EXPONENT
_LETTERS: Final = r"[^\W\d_]"
_NAME: Final = rf"(?:(?:{_LETTERS}|[°Ωµ])(?:{_LETTERS}|_){{0,39}}|%)"
_UNIT: Final = re.compile(rf"({_NAME})(?:(\^|\*\*)?([+-]?\d{{1,2}}))?")
_JOINT: Final = re.compile(r"\s*[*·⋅]\s*|\s+")
_SLASH: Final = re.compile(r"\s*/\s*")
_MORE: Final = "has more after the number than units"
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

    value: Fraction
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
    if abs(value) > _MOST:
        raise NotAQuantityError("is too large a number")
    return Quantity(value, read_units(rest))


def read_units(text: str) -> tuple[tuple[str, int], ...]:
    """(name, power) of each unit in a text such as `kg m/s^2`; empty for an empty text.

    Raises:
        NotAQuantityError: it is something else, or can be read in two ways.
    """
    raised = _RAISED.sub(lambda raised: "^" + raised[0].translate(_SUPERSCRIPTS), text.strip())
    above, *below = _SLASH.split(raised)
    found = [] if not above or (above == "1" and below) else _product_of(above, 1)
    for part in below:
        inner = part[1:-1].strip() if part.startswith("(") and part.endswith(")") else None
        units = _product_of(part if inner is None else inner, -1)
        if inner is None and len(units) > 1:
            raise NotAQuantityError("has several units after a slash: put them in brackets, such as J/(kg K)")
        found += units
    return tuple(found)


def _product_of(text: str, sign: int) -> list[tuple[str, int]]:
    """(name, power) of units that are multiplied, each power times the sign."""
    found: list[tuple[str, int]] = []
    at = 0
    while True:
        unit = _UNIT.match(text, at)
        if unit is None or (unit[1] in "eE" and unit[3] and not unit[2]):  # `2 e3` is a number set apart
            raise NotAQuantityError(_MORE)
        power = int(unit[3] or 1)
        if abs(power) > _MOST_POWER:
            raise NotAQuantityError("has a unit with an absurd power")
        found.append((unit[1], sign * power))
        if (at := unit.end()) == len(text):
            return found
        joint = _JOINT.match(text, at)
        if joint is None:
            raise NotAQuantityError(_MORE)
        at = joint.end()


def _number(text: str, decimal: str) -> tuple[Fraction, str]:
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
    return Fraction(Decimal(f"{found[1]}{digits}")) * Fraction(10) ** exponent, rest


def magnitude(quantity: Quantity, unit: tuple[tuple[str, int], ...]) -> Fraction | None:
    """The quantity's number in other units; None where it measures something else (kilograms are no metres).

    Radians, bits and counts have no dimension, but are no plain numbers either: 60 rpm and 1 Hz are not converted
    into each other, since that would make 6.28 of one.

    Args:
        quantity: with known units.
        unit: to be converted to.

    Raises:
        NotAQuantityError: a unit is not known, or units cannot be converted exactly into each other.
        InputError: the extra `units` is not installed.
    """
    if quantity.units == unit:
        return quantity.value
    pint = _pint()
    here, there = _product(quantity.units), _product(unit)
    if here.dimensionality != there.dimensionality:
        return None
    registry = _registry()
    if registry.get_root_units(here)[1] != registry.get_root_units(there)[1]:
        raise NotAQuantityError("mixes angles, bits or counts with plain numbers")
    try:
        found = registry.Quantity(quantity.value, here).to(there).magnitude
    except (pint.PintError, ArithmeticError, ValueError, TypeError):  # logarithms, such as dBm, have no fractions
        found = None
    if not isinstance(found, Fraction | int):
        raise NotAQuantityError("has units that cannot be converted exactly")
    return Fraction(found)


def check_unit(unit: tuple[tuple[str, int], ...]) -> None:
    """Find out whether all units of a policy are known.

    Raises:
        NotAQuantityError: one is not.
        InputError: the extra `units` is not installed.
    """
    _product(unit)


def _product(units: tuple[tuple[str, int], ...]) -> Any:
    found = _registry().Unit("")
    for name, power in units:
        found = found * _unit(name) ** power
    return found


@lru_cache(maxsize=1000)
def _unit(name: str) -> Any:
    pint = _pint()
    try:
        return _registry().Unit(name)
    except (pint.PintError, AttributeError, ValueError, TypeError, KeyError):
        raise NotAQuantityError(f"has a unit that is not known: {name}") from None


@lru_cache(maxsize=1)
def _registry() -> Any:
    return _pint().UnitRegistry(cache_folder=None, on_redefinition="ignore", non_int_type=Fraction)


def _pint() -> Any:
    try:
        import pint
    except ImportError:
        fix = "pip install 'panel-eval[units]', or leave `unit` out and compare bare numbers"
        raise InputError(Problem("numbers with units need pint, which is not installed", fix=fix)) from None
    return pint
