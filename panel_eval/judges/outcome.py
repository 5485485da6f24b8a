"""What became of a question: an answer, or the reason why there is none.

Only `Answered` has a label or a distribution, so code that has not looked at the kind of an answer cannot
mistake a failure for a label.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from panel_eval.schema import ParseRung

NoAnswer = Literal["abstain", "refusal", "truncated", "unparseable", "too_long", "error", "over_budget"]


@dataclass(frozen=True)
class Answered:
    """A usable answer: exactly one of `label` and `distribution` is set.

    Attributes:
        parse_rung: which reading of the raw answer succeeded; part of what makes answers comparable.
        label: the label chosen.
        distribution: label to mass over all labels of the rubric, sums to 1.
        confidence: the judge's self-reported confidence in 0..1, if it gave one.
        rationale: the judge's reason, if asked for.
        captured_mass: logprob answers: probability on the label codes before renormalising.
    """

    parse_rung: ParseRung
    label: str | None = None
    distribution: Mapping[str, float] | None = None
    confidence: float | None = None
    rationale: str | None = None
    captured_mass: float | None = None

    def __post_init__(self) -> None:
        if (self.label is None) == (self.distribution is None):
            raise ValueError("an answer has either a label or a distribution")


@dataclass(frozen=True)
class NotAnswered:
    """No usable answer, and why.

    Attributes:
        outcome: the vote's outcome as it will stand in votes.jsonl.
        detail: the reason in words, without keys.
        kind: what went wrong in one word (a `TransportError` kind, ``parse``, ``not_recorded``).
        status: HTTP status, if there was one.
    """

    outcome: NoAnswer
    detail: str
    kind: str | None = None
    status: int | None = None


Answer: TypeAlias = Answered | NotAnswered
