"""Reasons of ours are told apart by their ground, those of others by their words."""

import pytest

from panel_eval.humans.adjudication import reason_kind


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("verified: 4 is 4; 2 of 3 chose correct", "verified"),
        ("error: d chose mild; 3 of 4 chose moderate (d: tired)", "error"),
        ("error, found by Dr Lee: misread; c chose severe", "error, found by Dr Lee"),
        ("decided by Dr Lee: edema: seen; 1 of 4", "decided by Dr Lee"),
        ("required by triage, decided by Dr Lee: x; 1 of 4", "required by triage, decided by Dr Lee"),
        ("honest disagreement, collapsed by force; requested: most frequent label, 2 of 4 chose a",
         "honest disagreement, collapsed by force; requested"),
        ("majority vote: three of four", "majority vote: three of four"),
        ("honest disagreement; not collapsed by default", "honest disagreement; not collapsed by default"),
    ],
)  # fmt: skip
def test_the_kind_of_a_reason(reason: str, kind: str) -> None:
    assert reason_kind(reason) == kind
