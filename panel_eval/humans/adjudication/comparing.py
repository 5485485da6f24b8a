"""From comparisons with a reference to labels: what the exact and the numeric check share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from panel_eval.errors import shorten
from panel_eval.humans.adjudication.findings import CheckedItem, Checking, Finding, quoted
from panel_eval.schema.adjudication_policy import Comparison

_SHOWN_LABELS = 5


@dataclass(frozen=True)
class Compared:
    """Whether an answer equals its reference, None where that cannot be told, and why."""

    equal: bool | None
    why: str


Compare = Callable[[str, str], Compared]
"""(answer, reference) to whether they are equal."""


def label_check(policy: Comparison, labels: Sequence[str], compare: Compare) -> Checking:
    """The check of a policy.

    Args:
        policy: where answer and reference stand, and which labels follow.
        labels: of the rubric.
        compare: how they are compared.
    """

    def check(item: CheckedItem) -> Finding:
        reference = item.text_at(policy.reference)
        if reference is None or not reference.strip():
            return Finding(None, f"no reference: nothing stands in {policy.reference}")
        if policy.answer is None:
            return _right_label(labels, reference, compare)
        answer = item.text_at(policy.answer)
        if answer is None or not answer.strip():
            return Finding(None, f"no answer: nothing stands in {policy.answer}")
        found = compare(answer, reference)
        if found.equal is None:
            return Finding(None, found.why)
        label = policy.equal if found.equal else policy.unequal
        return Finding(label, found.why)

    return check


def _right_label(labels: Sequence[str], reference: str, compare: Compare) -> Finding:
    """The one label that equals the reference."""
    compared = {label: compare(label, reference) for label in labels}
    right = [label for label, found in compared.items() if found.equal]
    if len(right) == 1:
        return Finding(right[0], f"the reference is {quoted(reference)}")
    if right:
        named = ", ".join(shorten(label) for label in right[:_SHOWN_LABELS])
        return Finding(None, f"the reference {quoted(reference)} equals several labels: {named}")
    return Finding(None, f"the reference {quoted(reference)} equals no label")
