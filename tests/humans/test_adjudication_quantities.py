"""Numbers with units, read without evaluating anything."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.humans.adjudication.quantities import (
    NotAQuantityError,
    Quantity,
    magnitude,
    read_quantity,
    read_units,
)


@pytest.mark.parametrize(
    ("text", "value", "units"),
    [
        ("9.81 m/s^2", "981/100", (("m", 1), ("s", -2))),
        ("12 kg·m/s²", "12", (("kg", 1), ("m", 1), ("s", -2))),
        ("12 m s⁻²", "12", (("m", 1), ("s", -2))),
        ("4.2 J/(kg K)", "42/10", (("J", 1), ("kg", -1), ("K", -1))),
        ("4.2 J / ( g·K )/s", "42/10", (("J", 1), ("g", -1), ("K", -1), ("s", -1))),
        ("6.02×10^23 1/mol", str(602 * 10**21), (("mol", -1),)),
        ("6.02 x 10²³ /mol", str(602 * 10**21), (("mol", -1),)),
        ("3.0e8", "300000000", ()),
        ("3e-2", "3/100", ()),
        ("-.5", "-1/2", ()),
        ("−1/2", "-1/2", ()),
        ("1,234,567.5", "2469135/2", ()),
        ("5%", "5", (("%", 1),)),
        ("2 eV", "2", (("eV", 1),)),
        ("2 e", "2", (("e", 1),)),  # the charge of an electron
        ("7 m**2", "7", (("m", 2),)),
    ],
)
def test_how_people_write_quantities(text: str, value: str, units: tuple[tuple[str, int], ...]) -> None:
    assert read_quantity(text) == Quantity(Fraction(value), units)


def test_the_decimal_mark_is_a_matter_of_policy() -> None:
    assert read_quantity("1.234,5", decimal=",").value == 1234.5
    assert read_quantity("1,234", decimal=".").value == 1234.0
    with pytest.raises(NotAQuantityError):
        read_quantity("1,5")  # a point is the decimal mark: one and a half is not written so


@pytest.mark.parametrize(
    "text",
    [
        "10**10**10", "9" * 10**6, "1e999999999", "1" + "0" * 150 + "e300000", "1 (m)", "__import__('os')",
        "1 m; 2 m", "1.2.3", "1 2/3", "12 m/", "the answer is 12", "inf", "nan", "0x10", "1/0", "m", "", "1 m^99",
        "1 m^-", "1 a.b", "1 m\n2 m", "1 (m)/s", "1 J/(kg/K)", "1 J/((kg))", "1 J/()",
        "1 J//s", "2 e3 m", "(" * 150, "9" * 150 + "e300", "1e300/1e-300",
    ],
)  # fmt: skip
def test_nothing_else_is_a_quantity_and_nothing_hangs(text: str) -> None:
    began = time.monotonic()
    with pytest.raises(NotAQuantityError):
        read_quantity(text)
    assert time.monotonic() - began < 1.0


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = read_quantity(text)
    except NotAQuantityError:
        return
    assert abs(found.value) <= 10**300


@given(st.fractions(min_value=-(10**6), max_value=10**6, max_denominator=10**4))
def test_fractions_are_what_they_are(fraction: Fraction) -> None:
    assert read_quantity(f"{fraction.numerator}/{fraction.denominator}").value == fraction


def test_conversions_are_those_of_the_si() -> None:
    assert magnitude(read_quantity("36 km/h"), read_units("m/s")) == 10  # 36,000 m / 3,600 s
    assert magnitude(read_quantity("20 °C"), read_units("K")) == Fraction("293.15")
    assert magnitude(read_quantity("32 °F"), read_units("°C")) == 0
    assert magnitude(read_quantity("1 inch"), read_units("cm")) == Fraction("2.54")  # by definition
    assert magnitude(read_quantity("50 %"), read_units("")) == Fraction(1, 2)
    assert magnitude(read_quantity("1e300 Ym"), read_units("m")) == 10**324  # more than a float can hold
    assert magnitude(read_quantity("3 kg"), read_units("m")) is None


def test_a_product_after_a_slash_needs_brackets_since_it_is_read_in_two_ways() -> None:
    for text in ("4.2 J/kg K", "4.2 J/kg·K", "1/s m"):
        with pytest.raises(NotAQuantityError, match="several units after a slash"):
            read_quantity(text)


@pytest.mark.parametrize(
    ("text", "unit", "told"),
    [
        ("60 rpm", "Hz", "mixes angles"),  # one turn a second, but 6.28 radians
        ("8 bit", "", "mixes angles"),
        ("10 dBm", "mW", "cannot be converted exactly"),
        ("5 °C/m", "K/m", "cannot be converted exactly"),  # a temperature or a difference?
    ],
)
def test_what_converts_in_more_than_one_way_is_not_converted(text: str, unit: str, told: str) -> None:
    with pytest.raises(NotAQuantityError, match=told):
        magnitude(read_quantity(text), read_units(unit))
    assert magnitude(read_quantity(text), read_quantity(text).units) == read_quantity(text).value


@pytest.mark.parametrize("text", ["1 os", "1 blorps", "1 ____", "1 USD", "1 µ" + "a" * 30])
def test_an_unknown_unit_is_told(text: str) -> None:
    with pytest.raises(NotAQuantityError):
        magnitude(read_quantity(text), read_units("m"))
