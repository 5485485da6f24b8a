"""What follows from the votes: reviewer_count, entropy_bits, disagreement_class."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from panel_eval.humans.disagreement import disagreement_class
from panel_eval.humans.integrity import ENTROPY_TOLERANCE_BITS
from panel_eval.humans.repair.draft import ABSENT, Change, Draft
from panel_eval.schema import Scale

_DIGITS = 6
_NAT = math.log(2)
_BY_ORDER = ("minor", "major")
"""Classes that an order of the labels may turn into each other (METHODS 7.3)."""


def reviewer_count(draft: Draft) -> Iterator[Change]:
    """The number of votes in counts, where reviewer_count is missing."""
    counts = draft.counts()
    if counts is not None and not draft.states("reviewer_count"):
        n = sum(counts.values())
        before = draft.record.get("reviewer_count", ABSENT)
        yield Change("reviewer_count", ("reviewer_count",), before, n, "the votes in counts")


def entropy(draft: Draft) -> Iterator[Change]:
    """entropy_bits of masses that nothing contradicts, where it is missing or was right in another unit.

    One that is wrong in any unit is left: it may be the masses that are at fault, and it is what tells so.
    """
    masses = draft.settled_masses() if draft.knows_its_labels() else None
    if masses is None:
        return
    bits = entropy_of(masses)
    stated = draft.record.get("entropy_bits", ABSENT)
    after = round(bits, _DIGITS)
    if stated is ABSENT or stated is None:
        yield Change("entropy", ("entropy_bits",), stated, after, "from the masses")
    elif type(stated) in {int, float} and abs(stated - bits) > ENTROPY_TOLERANCE_BITS + 1e-12:
        unit = _unit_of(float(stated), bits, len(masses), len(draft.terms.names))
        if unit is not None:
            yield Change(unit[0], ("entropy_bits",), stated, after, unit[1])


def entropy_of(masses: dict[str, float]) -> float:
    """Shannon entropy in bits, from 0."""
    total = math.fsum(masses.values())
    return max(0.0, math.fsum(m / total * math.log2(total / m) for m in masses.values() if m > 0))


def _unit_of(stated: float, bits: float, named: int, known: int) -> tuple[str, str] | None:
    """The unit that an entropy is right in: its kind of change, and words; None if there is none."""
    if _near(stated, bits * _NAT):
        return "entropy_nats", "it was in nats (ln), not in bits (log2)"
    for n in (known, named):
        if n > 2 and _near(stated, bits / math.log2(n)):
            return "entropy_normalised", f"it was divided by log2({n}), not in bits"
    if _near(stated, bits * _NAT / math.log(10)):
        return "entropy_hartleys", "it was in powers of ten (log10), not in bits (log2)"
    return None


def _near(stated: float, value: float) -> bool:
    return abs(stated - value) <= ENTROPY_TOLERANCE_BITS


def derived_class(draft: Draft) -> Iterator[Change]:
    """The class of the votes, where none is reported; none for fewer than three reviewers (METHODS 7.2, 7.3).

    Where nobody says whether labels have an order, only classes that are the same with and without one.
    """
    masses = draft.settled_masses() if draft.knows_its_labels() else None
    if masses is None or draft.states("disagreement_class"):
        return
    votes, n = draft.whole_votes(), draft.reviewers()
    weights: dict[str, float] = {} if votes is None else dict(votes)
    if votes is None and n is not None:
        weights = {label: mass * n for label, mass in masses.items()}
    if not weights:
        return
    scale, names = draft.terms.scale, draft.terms.names
    if scale == "ordinal" and not set(weights) <= set(names):
        return
    ordered = tuple(weights.get(name, 0.0) for name in names) if scale == "ordinal" else tuple(weights.values())
    found = _class_of(ordered, scale or "nominal")
    if found != "insufficient" and (scale is not None or found not in _BY_ORDER):
        before = draft.record.get("disagreement_class", ABSENT)
        where = "any" if scale is None else f"a {scale}" if scale == "nominal" else f"an {scale}"
        yield Change("class", ("disagreement_class",), before, found, f"of the votes, on {where} scale")


@lru_cache(maxsize=65_536)
def _class_of(votes: tuple[float, ...], scale: Scale) -> str:
    row = votes if len(votes) > 1 else (*votes, 0.0)
    return disagreement_class(np.array([row], dtype=np.float64), scale)[0][0]
