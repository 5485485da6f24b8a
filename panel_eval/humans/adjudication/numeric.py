"""The check `numeric`: numbers, with or without units, that are equal within a tolerance."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from panel_eval.errors import InputError, Problem
from panel_eval.humans.adjudication.comparing import Compared, label_check
from panel_eval.humans.adjudication.findings import Checking, quoted
from panel_eval.humans.adjudication.quantities import (
    NotAQuantityError,
    check_unit,
    magnitude,
    read_quantity,
    read_units,
)
from panel_eval.schema.adjudication_policy import NumericCheck, Tolerance


def numeric_check(policy: NumericCheck, labels: Sequence[str]) -> Checking:
    """The check of a policy.

    Args:
        policy: what is compared, in which unit, how closely.
        labels: of the rubric.

    Raises:
        InputError: the unit is not known, or the extra `units` is not installed.
    """
    unit = None if policy.unit is None else _unit_of(policy.unit)

    def compare(answer: str, reference: str) -> Compared:
        try:
            theirs = _number(reference, unit, policy)
        except NotAQuantityError as wrong:
            return Compared(None, f"the reference {quoted(reference)} {wrong}")
        if theirs is None:
            return Compared(None, f"the reference {quoted(reference)} cannot be converted to {policy.unit}")
        try:
            quantity = read_quantity(answer, policy.decimal)
            if unit is not None and not quantity.units and policy.bare != "accept":
                equal = False if policy.bare == "unequal" else None
                return Compared(equal, f"{quoted(answer)} has no unit")
            ours = _number(answer, unit, policy)
        except NotAQuantityError as wrong:
            return Compared(None, f"{quoted(answer)} {wrong}")
        if ours is None:
            return Compared(False, f"{quoted(answer)} measures something else than {policy.unit}")
        equal = is_close(ours, theirs, policy.tolerance)
        says = "is" if equal else "is not"
        told = f"{quoted(answer)} {says} {quoted(reference)}{_within(policy.tolerance, policy.unit)}"
        return Compared(equal, told)

    return label_check(policy, labels, compare)


def is_close(answer: Fraction, reference: Fraction, tolerance: Tolerance) -> bool:
    """Whether |answer − reference| ≤ max(abs, rel · |reference|), borders included: .4 is within .1 of .3.

    Nothing is rounded: the tolerance is the decimal number that the policy has, not the float nearest to it.
    """
    slack, share = Fraction(repr(tolerance.abs)), Fraction(repr(tolerance.rel))
    return abs(answer - reference) <= max(slack, share * abs(reference))


def _number(text: str, unit: tuple[tuple[str, int], ...] | None, policy: NumericCheck) -> Fraction | None:
    """The text's number in the policy's unit; None where it measures something else."""
    quantity = read_quantity(text, policy.decimal)
    if unit is None and quantity.units:
        raise NotAQuantityError("has a unit, but the policy names none")
    return magnitude(quantity, unit) if unit is not None and quantity.units else quantity.value


def _unit_of(text: str) -> tuple[tuple[str, int], ...]:
    try:
        check_unit(unit := read_units(text))
    except NotAQuantityError as wrong:
        fix = "write it like m/s^2; names as pint has them"
        key = "adjudication.verify.unit"
        raise InputError(Problem(str(wrong), path="the rubric", key=key, value=text, fix=fix)) from None
    return unit


def _within(tolerance: Tolerance, unit: str | None) -> str:
    parts = [f"{100 * tolerance.rel:g} %"] if tolerance.rel else []
    parts += [f"{tolerance.abs:g}{'' if unit is None else ' ' + unit}"] if tolerance.abs else []
    return f" within {' or '.join(parts)}" if parts else ""
