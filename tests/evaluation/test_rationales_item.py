"""One item: the primer's MRI, its evidence beside rationales of two made-up judges."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from panel_eval.evaluation.rationales import TermWeights, item_reasons
from panel_eval.evaluation.rationales.terms import read_terms
from panel_eval.schema import SoftLabel

MRI = SoftLabel.model_validate(
    json.loads((Path(__file__).parents[1] / "humans" / "mri-2031.jsonl").read_text(encoding="utf-8"))
)
JUDGES = {
    "ada": ["The lesion measures 18 mm, above the 15-mm threshold."],
    "bo": ["Size exceeds the thresholds; T2 FLAIR was not read."],
}
ONE_ITEM = TermWeights.of([{"lesion"}])


def test_each_reviewer_of_the_mri_item_by_hand():
    """One item with evidence: every term of it weighs the same, so that coverage is a share of terms.

    A: lesion, 18mm, 15mm, threshold: 4 of 4. B: size, parietal, location: 1 of 3. C: edema, visible, T2-FLAIR:
    1 of 3. D: strict, reading (which is "read"), sub-threshold: 1 of 3.
    """
    weights = TermWeights.of([set().union(*(read_terms(piece.evidence).terms for piece in MRI.rationales))])
    reasons = item_reasons(MRI.rationales, JUDGES, weights, ("moderate",))
    assert [piece.coverage for piece in reasons.pieces] == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3])
    assert [piece.dissents for piece in reasons.pieces] == [False, False, True, True]
    edema = reasons.pieces[2]
    assert edema.missed == ("edema", "visible")
    assert edema.mentioned == {"T2-FLAIR": ("bo",)}
    assert edema.by_judge == {"ada": 0.0, "bo": pytest.approx(1 / 3)}
    assert [piece.reviewer for piece in reasons.unmentioned_by_judges] == ["C", "D"]


def test_without_rationales_of_judges_there_is_no_coverage_and_nothing_to_blame():
    reasons = item_reasons(MRI.rationales, {"ada": [""]}, ONE_ITEM, ("moderate",))
    assert [piece.coverage for piece in reasons.pieces] == [None] * 4
    assert reasons.judges == ()
    assert reasons.unmentioned_by_judges == ()


def test_in_a_tie_nobody_dissents_and_without_a_majority_it_is_not_known():
    tied = item_reasons(MRI.rationales, JUDGES, ONE_ITEM, ("mild", "severe"))
    assert [piece.dissents for piece in tied.pieces] == [False] * 4
    assert {piece.dissents for piece in item_reasons(MRI.rationales, JUDGES, ONE_ITEM).pieces} == {None}


def test_a_judge_that_repeats_the_evidence_covers_all_of_it_and_a_silent_one_nothing():
    for piece in MRI.rationales:
        said = {"parrot": [f"{piece.evidence}"], "mute": ["...", "?"]}
        (reading,) = item_reasons([piece], said, ONE_ITEM).pieces
        assert reading.by_judge == {"parrot": pytest.approx(1.0), "mute": 0.0}
        assert reading.missed == ()
