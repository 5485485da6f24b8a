"""Where people disagree: by class, by criterion, and what may be said of it."""

from __future__ import annotations

import numpy as np
import pytest

from panel_eval.errors import InputError
from panel_eval.evaluation.disagreement import disagreement_of
from panel_eval.humans import HumanLabels, labels_from_counts
from panel_eval.schema import Rationale, SoftLabel

LABELS = ("a", "b", "c")


def labelled(items: list[list[dict]]) -> HumanLabels:
    """Items from rationales, a reviewer each."""
    counts = [[sum(one["label"] == label for one in own) for label in LABELS] for own in items]
    ids = [f"i{row:04d}" for row in range(len(items))]
    records = [
        SoftLabel(
            item_id=item_id,
            task="test",
            rationales=[Rationale(reviewer=f"r{k}", **one) for k, one in enumerate(own)],
        )
        for item_id, own in zip(ids, items, strict=True)
    ]
    return labels_from_counts(counts, LABELS, item_ids=ids, records=records)


def simulated(seed: int, unclear: float, n: int = 300) -> HumanLabels:
    """Three criteria in turn; `unclear` is how much likelier an item of "tone" is split, with unsure reviewers.

    Elsewhere a third of the items is split, and confidence has nothing to do with it.
    """
    generator = np.random.default_rng([seed, 9])
    items = []
    for row in range(n):
        criterion = ("scope", "tone", "source")[row % 3]
        split = generator.random() < 1 / 3 + (unclear if criterion == "tone" else 0.0)
        shares = [0.4, 0.35, 0.25] if split else [0.9, 0.07, 0.03]
        level = 0.5 if split and unclear and criterion == "tone" else 0.75
        items.append(
            [
                {
                    "label": LABELS[generator.choice(3, p=shares)],
                    "criterion": criterion,
                    "confidence": float(np.clip(level + 0.12 * generator.normal(), 0, 1)),
                }
                for _ in range(4)
            ]
        )
    return labelled(items)


def test_the_criterion_that_leaves_people_unsure_is_found_and_named():
    found = disagreement_of(simulated(0, 0.4), ["scope", "tone", "source"], resamples=500).document.criteria
    assert found.criteria[0].name == "tone"
    assert found.rewrite == ["tone"]
    assert found.advice.startswith("Rewrite “tone” first: ")
    assert found.criteria[0].excess.low > 0
    assert found.criteria[0].slope.high < 0  # less sure where they differ
    for other in found.criteria[1:]:
        assert other.slope.low < 0 < other.slope.high


def test_shares_of_everyone_stay_within_0_and_1_and_fixed_ones_have_no_interval():
    rng = np.random.default_rng(0)
    grades = labels_from_counts(rng.multinomial(3, np.full(5, 0.2), size=150), list("12345"), scale="ordinal")
    for share in disagreement_of(grades, resamples=300).document.classes.population.values():
        assert 0.0 <= share.low <= share.estimate <= share.high <= 1.0
    alike = disagreement_of(labels_from_counts(np.tile([2.0, 1.0], (20, 1)), ["a", "b"]), resamples=100).document
    assert "%" in alike.sentences[0]
    assert " to " not in alike.sentences[0]


@pytest.mark.slow
def test_where_criteria_are_alike_one_is_named_in_at_most_one_of_twenty_files():
    # Three tests a file, Holm at .05: under 5 % of files may name one; 60 files, so that up to 7 pass (P > 99 %).
    named = [bool(disagreement_of(simulated(s, 0.0), resamples=100).document.criteria.rewrite) for s in range(60)]
    assert sum(named) <= 7


def test_shares_by_hand_and_how_criteria_are_told():
    split = [{"label": "a"}, {"label": "b"}, {"label": "c"}]
    agreed = [{"label": "a"}, {"label": "a"}, {"label": "a"}]
    named = [{**one, "criterion": " Usual_USE "} for one in split]
    in_evidence = [{**agreed[0], "evidence": "By usual use, a."}, *agreed[1:]]
    part_of_word = [{**agreed[0], "evidence": "unusual uses"}, *agreed[1:]]
    other = [{**one, "criterion": "mood", "evidence": "usual use"} for one in agreed]  # what is named counts alone
    humans = labelled([named] * 6 + [in_evidence] * 2 + [part_of_word] * 4 + [other] * 3)
    result = disagreement_of(humans, ["usual use", "never told"], resamples=100)
    found = result.document.criteria
    use, never = found.criteria
    assert (use.name, use.items, use.told_by_name, use.told_by_evidence) == ("usual use", 8, 18, 2)
    assert (use.split.items, use.split.share.n) == (6, 8)
    assert found.told_by == "name and evidence"
    assert found.unknown_names == {"mood": 9}
    assert (never.items, never.split.share.estimate) == (0, None)
    assert use.rubric_problem.share.estimate is None  # nobody said how sure they were
    assert "No confidences" in found.advice
    told = disagreement_of(humans, resamples=100).document.criteria  # without a rubric: what rationales name
    assert [one.name for one in told.criteria] == ["Usual_USE", "mood"]


def test_without_criteria_nothing_is_said_of_them():
    humans = labels_from_counts([[3, 0, 0], [1, 1, 1]] * 10, LABELS)
    assert disagreement_of(humans, resamples=100).document.criteria is None
    assert disagreement_of(humans, [], resamples=100).document.criteria is None
    named = disagreement_of(humans, ["tone"], resamples=100).document.criteria
    assert named.advice == "No rationale tells a criterion: have reviewers name the one that decided."
    assert named.told_by == "nothing"


def test_the_chances_of_classes_are_those_of_jeffreys_posterior_in_few_items():
    # METHODS 7.4 with half a vote a label: 4-0-0 agreement .378; 2-1-1 major .790 less the near ties (.241).
    result = disagreement_of(labels_from_counts([[4, 0, 0]] * 2 + [[2, 1, 1]] * 2, LABELS), resamples=100)
    columns = result.columns()
    assert columns["class_prob_agreement"][0] == pytest.approx(0.378, abs=0.02)
    assert columns["class_prob_minor"][2] == pytest.approx(0.203, abs=0.02)
    assert columns["class_probability"][2] == pytest.approx(0.55, abs=0.02)
    certainty = result.document.certainty
    assert (certainty.items, certainty.above_90_percent.items, certainty.above_50_percent.items) == (4, 0, 2)
    assert certainty.unlikeliest.items == 2  # 4-0-0: minor is likelier than agreement


def test_the_order_of_the_file_changes_nothing():
    humans = simulated(3, 0.2, 150)
    other = humans.select(np.random.default_rng(0).permutation(150))
    documents = [disagreement_of(labels, resamples=200).document for labels in (humans, other)]
    assert documents[0].model_dump_json() == documents[1].model_dump_json()


def test_telling_items_are_of_their_quadrant_and_the_least_sure_classes_come_last():
    result = disagreement_of(simulated(1, 0.4), resamples=100)
    quadrant = dict(zip(result.humans.item_ids, result.columns()["quadrant"], strict=True))
    told = result.document.telling
    assert {one.why for one in told} >= {"rubric_problem", "clear", "uncertain_class"}
    for one in told:
        assert one.why in (quadrant[one.item_id], "uncertain_class")
    unsure = [one.class_probability for one in told if one.why == "uncertain_class"]
    assert min(result.columns()["class_probability"]) == pytest.approx(unsure[0])


def test_nothing_to_look_at_is_refused():
    with pytest.raises(InputError, match="no labelled items"):
        disagreement_of(labels_from_counts([[1, 0, 0]], LABELS).select([]))
