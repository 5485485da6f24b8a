"""Distributions that are missing, or off only by rounding."""

from __future__ import annotations

import math
from collections.abc import Iterator

from panel_eval.humans.integrity import SUM_TOLERANCE
from panel_eval.humans.repair.draft import ABSENT, Change, Draft, agrees, rounded_votes

MOST_OFF = 0.05
"""A sum this far from 1 may as well be a label that was left out."""
FEWEST_DECIMALS = 2
_SAME = 1e-9


def distribution(draft: Draft) -> Iterator[Change]:
    """The distribution from the votes, where it is missing or off only by rounding; else renormalised.

    Masses are off only by rounding if each can be a true one, rounded to the decimals they are written with (the
    most of any of them), and the true ones sum to 1. With counts, or whole votes behind them, those are the truth.
    """
    if not draft.knows_its_labels():
        return
    if not draft.states("distribution"):
        yield from _derived(draft)
        return
    masses = draft.masses()
    if masses is None or (draft.states("counts") and draft.counts() is None):
        return
    total = math.fsum(masses.values())
    half_unit = 0.5 * 10.0 ** -max(draft.mass_decimals(), 0)
    counts = draft.counts()
    off = abs(total - 1) > SUM_TOLERANCE
    if counts is not None:
        if draft.whole_votes() is not None and (off or not agrees(masses, counts, 0.0)):
            yield from _from_votes(masses, counts, half_unit, "its share of the counts")
    elif off:
        yield from _without_counts(draft, masses, total, half_unit)


def _derived(draft: Draft) -> Iterator[Change]:
    votes = draft.whole_votes()
    if votes is None:
        return
    n = sum(votes.values())
    before = draft.record.get("distribution", ABSENT)
    shares = {label: count / n for label, count in votes.items()}
    yield Change("distribution", ("distribution",), before, shares, f"from the {n} votes in counts")


def _without_counts(draft: Draft, masses: dict[str, float], total: float, half_unit: float) -> Iterator[Change]:
    n = draft.reviewers()
    votes = None if n is None else rounded_votes(masses, n, half_unit)
    if votes is not None:
        yield from _from_votes(masses, votes, half_unit, f"whole votes of {n} reviewers")
        return
    low = math.fsum(max(mass - half_unit, 0.0) for mass in masses.values())
    high = math.fsum(min(mass + half_unit, 1.0) for mass in masses.values())
    if not low - _SAME <= 1 <= high + _SAME:
        return
    if abs(total - 1) > MOST_OFF + _SAME or half_unit > 0.5 * 10.0**-FEWEST_DECIMALS:
        return
    why = f"the masses summed to {total:.6g}, by rounding"
    for label, mass in list(masses.items()):
        if mass:
            yield Change("mass", ("distribution", label), mass, mass / total, why)


def _from_votes(masses: dict[str, float], votes: dict[str, int], half_unit: float, why: str) -> Iterator[Change]:
    """Shares of the votes in place of masses that can be those shares, rounded."""
    n = sum(votes.values())
    if not agrees(masses, votes, half_unit) or any(votes.get(label) for label in votes.keys() - masses.keys()):
        return
    for label, mass in list(masses.items()):
        share = votes.get(label, 0) / n
        if abs(share - mass) > _SAME:
            text = f"{why}: {votes.get(label, 0)} of {n}"
            yield Change("mass", ("distribution", label), mass, share, text)
