"""Whether labels are sound: gold items, reviewers, reasons and verdict by hand, by oracle and in simulation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from labelled_by_names import named_labels, planted_errors
from statsmodels.stats.proportion import proportion_confint

from panel_eval.errors import InputError
from panel_eval.evaluation import evaluate
from panel_eval.evaluation.label_quality import check_items, label_quality
from panel_eval.evaluation.label_quality.pass_rates import chance_below_half, fewest_gold, pass_rate
from panel_eval.evaluation.segments import make_segments
from panel_eval.humans import HumanLabels
from panel_eval.schema import Vote
from panel_eval.schema.label_quality import LabelQuality

AB = ("a", "b")


def reasons_by_item(quality: LabelQuality) -> dict[str, list[str]]:
    return {item.item_id: item.reason_codes for item in quality.review.items}


def flagged(humans: HumanLabels, seed: int = 0) -> np.ndarray:
    found = check_items(humans, make_segments(humans, 10, seed), seed)
    return np.array([reason is not None for reason in found.reviewed.reasons])


@pytest.mark.parametrize(("passed", "n"), [(9, 10), (1, 3), (30, 40), (59, 60)])
def test_pass_rates_have_wilsons_interval(passed: int, n: int) -> None:
    rate = pass_rate(passed, n).rate
    assert (rate.low, rate.high) == pytest.approx(proportion_confint(passed, n, method="wilson"))


@pytest.mark.parametrize(("passed", "n"), [(0, 4), (12, 12), (1, 1)])
def test_none_or_all_have_the_exact_interval(passed: int, n: int) -> None:
    rate = pass_rate(passed, n).rate
    assert (rate.low, rate.high) == pytest.approx(proportion_confint(passed, n, method="beta"))


def test_a_reviewer_passes_fails_is_flagged_or_had_too_few() -> None:
    # .025^(1/11) = .715 >= .7 > .025^(1/10) = .692: eleven gold items can show .7, ten cannot
    assert fewest_gold() == 11
    assert [pass_rate(n, n).status for n in (10, 11)] == ["too_few", "passes"]
    # Wilson: 14 of 20 -> .481 to .855; 1 of 5 -> .036 to .624 < .7; 38 of 40 -> .835 and more
    assert [pass_rate(*x).status for x in ((14, 20), (1, 5), (38, 40), (0, 0))] == [
        "flagged",
        "fails",
        "passes",
        "none",
    ]


def test_chance_that_a_gold_label_is_wrong() -> None:
    # Beta(1/2, 1/2) lies half below 1/2; with 1 of 2 it is symmetric again; 0 of 4 is Beta(.5, 4.5)
    found = chance_below_half(np.array([0.0, 1.0, 0.0]), np.array([0, 2, 4]))
    assert found[:2] == pytest.approx([0.5, 0.5])
    assert found[2] > 0.98


def gold_file() -> HumanLabels:
    """Twelve gold items 'a'. Ann, Bob and Cy always say a, Dan says b on all; item 0 is b to Bob and Cy too."""
    votes = [
        {"ann": "a", "bob": "b" if row == 0 else "a", "cy": "b" if row == 0 else "a", "dan": "b"}
        for row in range(12)
    ]
    return named_labels(votes, AB, gold_label=["a"] * 12)


def test_gold_items_by_hand() -> None:
    gold = label_quality(gold_file(), resamples=50).gold
    # 12 of Ann, 11 of Bob, 11 of Cy, 0 of Dan: 34 of 48
    assert (gold.items, gold.overall.passed, gold.overall.n) == (12, 34, 48)
    assert gold.overall.rate.low is not None
    assert gold.overall.rate.low < 34 / 48 < (gold.overall.rate.high or 0)
    assert gold.failing == ["dan"]
    # Bob and Cy: 11 of 12, Wilson .646 to .985: enough gold items, and not shown to be above .7
    assert gold.flagged == ["bob", "cy"]
    assert [(miss.item_id, miss.passed, miss.n, miss.most_chosen) for miss in gold.missed] == [
        ("item-00000", 1, 4, "b")
    ]


def test_the_vote_of_one_who_fails_gold_is_a_reason_where_it_is_odd() -> None:
    humans = gold_file()
    codes = reasons_by_item(label_quality(humans, resamples=50))
    assert "gold_missed" in codes["item-00000"]
    # on the other eleven Dan stands alone; whether that is more likely a slip than not depends on the model, but
    # nobody else is ever named
    quality = label_quality(humans, resamples=50)
    assert {i.reviewer for i in quality.review.items if "doubtful_reviewer" in i.reason_codes} <= {"dan"}


def test_one_alone_against_a_consensus_is_flagged_only_if_unsure_or_without_evidence() -> None:
    votes = [{"ann": "a", "bob": "a", "cy": "a", "dan": "b"}] * 4 + [
        {"ann": "a", "bob": "a", "cy": "b", "dan": "b"}
    ]
    told = {"ann": "x", "bob": "y", "cy": "z"}
    sure = [{"ann": 0.9, "bob": 0.9, "cy": 0.9, "dan": value} for value in (0.9, 0.2, 0.9, 0.9, 0.2)]
    evidence = [told | {"dan": "w"}, told | {"dan": "w"}, told, {}, told]
    quality = label_quality(named_labels(votes, AB, confidence=sure, evidence=evidence), resamples=20)
    # item 0: sure and told why; 1: unsure; 2: the others told why, Dan did not; 3: nobody told; 4: a split, where
    # nobody stands alone, but the reviewers are less sure than elsewhere
    assert reasons_by_item(quality) == {
        "item-00001": ["unsupported_vote"],
        "item-00002": ["unsupported_vote"],
        "item-00004": ["rubric_problem"],
    }
    texts = {item.item_id: item.reasons for item in quality.review.items}
    assert texts["item-00001"] == ["dan alone chose b, and was unsure"]
    assert texts["item-00002"] == ["dan alone chose b, and gave no evidence"]


def test_what_the_file_says_against_its_votes() -> None:
    votes: list[dict[str, str]] = [{"r1": "a", "r2": "a", "r3": "a", "r4": x} for x in ("a", "a", "b", "b")]
    votes.append({"r1": "a", "r2": "a", "r3": "b", "r4": "b"})
    humans = named_labels(
        votes,
        AB,
        adjudicated_label=[None, "b", "a", "b", "a"],
        adjudication_reason=["honest; kept", "error of all", "senior reviewer", "misread", "senior reviewer"],
    )
    humans = replace(humans, reported_class=("major", "agreement", "minor", None, "agreement"))
    quality = label_quality(humans, resamples=20)
    codes = reasons_by_item(quality)
    assert codes["item-00000"] == ["class_contradicts"]  # 4-0 reported as major
    assert codes["item-00001"] == ["adjudication_contradicts"]  # 4-0 for a, adjudicated b
    assert "item-00002" not in codes  # 3-1 for a, adjudicated a
    assert codes["item-00003"] == ["adjudication_contradicts"]  # 3-1 for a, adjudicated b
    assert codes["item-00004"] == ["class_contradicts"]  # 2-2 reported as agreement; a is a most frequent label
    found = quality.adjudication
    assert (found.items, found.split_items, found.against_votes, found.chosen_by_nobody) == (4, 1, 2, 1)
    assert next((one.reason, one.items, one.split_items) for one in found.reasons) == ("senior reviewer", 2, 1)
    assert [one.reason for one in found.kept_reasons] == ["honest; kept"]
    assert found.examples[0].item_id == "item-00004"
    assert found.examples[0].was_split
    # Jeffreys: 0 of 4 chose b, Beta(.5, 4.5) below 1/2; the others' share is all of it
    item = next(one for one in quality.review.items if one.item_id == "item-00001")
    assert item.influence == 1
    assert item.score == pytest.approx(float(chance_below_half(np.zeros(1), np.array([4]))[0]))


def test_a_reviewers_numbers_by_hand() -> None:
    # Three items a a b, a a a, b a a of r1 r2 r3. r1: agrees with 1 of 2, 2 of 2, 0 of 2 others: mean 1/2;
    # the others among themselves 0, 1, 1: mean 2/3.
    votes = [dict(zip(("r1", "r2", "r3"), own, strict=True)) for own in ("aab", "aaa", "baa")]
    quality = label_quality(named_labels(votes, AB, scale="ordinal"), resamples=20)
    one = next(one for one in quality.reviewers.reviewers if one.reviewer == "r1")
    assert (one.votes, one.comparable, one.label_counts) == (3, 3, {"a": 2, "b": 1})
    assert one.agreement.estimate == pytest.approx(1 / 2)
    assert one.expected.estimate == pytest.approx(2 / 3)
    assert one.difference.estimate == pytest.approx(-1 / 6)
    # steps above the mean of the others: 0 - 1/2, 0, 1 - 0: mean 1/6
    assert one.severity is not None
    assert one.severity.estimate == pytest.approx(1 / 6)
    assert one.p_adjusted is None
    assert not one.deviates


def renamed(humans: HumanLabels, order: np.ndarray, names: dict[str, str]) -> HumanLabels:
    """The same labels in another order, under other names."""
    moved = humans.select(order)
    records = []
    for record in moved.records:
        told: dict[str, Any] = record.model_dump()
        told["rationales"] = [one | {"reviewer": names[one["reviewer"]]} for one in reversed(told["rationales"])]
        records.append(type(record).model_validate(told))
    return replace(moved, records=tuple(records))


def test_neither_order_nor_names_change_a_number() -> None:
    humans = planted_errors(3, items=120).humans
    order = np.random.default_rng(1).permutation(len(humans))
    names = {f"r{code:02d}": f"z{99 - code:02d}" for code in range(20)}
    first, second = label_quality(humans, resamples=30), label_quality(renamed(humans, order, names), resamples=30)
    assert first.model_dump(exclude={"reviewers", "review"}) == second.model_dump(exclude={"reviewers", "review"})
    mine = {names[one.reviewer]: one.model_dump(exclude={"reviewer"}) for one in first.reviewers.reviewers}
    theirs = {one.reviewer: one.model_dump(exclude={"reviewer"}) for one in second.reviewers.reviewers}
    assert mine.keys() == theirs.keys()
    for name, own in mine.items():
        assert theirs[name]["difference"] == pytest.approx(own["difference"])
        assert theirs[name]["slip_rate"] == pytest.approx(own["slip_rate"])
    scores = {item.item_id: item.score for item in first.review.items}
    assert {item.item_id: item.score for item in second.review.items} == pytest.approx(scores)


def test_a_split_by_able_reviewers_is_not_flagged_and_planted_errors_are() -> None:
    # 8 deliveries of 400 items (a third of them split 50:35:15 among able reviewers), three careless ones of 20
    # reviewers who give a random label half of the time.
    runs = [(planted, flagged(planted.humans, seed)) for seed in range(8) for planted in [planted_errors(seed)]]
    split = np.array([found[planted.split].mean() for planted, found in runs])
    errors = np.array([found[planted.slipped].mean() for planted, found in runs])
    assert split.mean() + 3 * split.std(ddof=1) / np.sqrt(8) < 0.05
    assert errors.mean() - 3 * errors.std(ddof=1) / np.sqrt(8) > 0.5


def test_where_nobody_is_careless_hardly_anybody_stands_apart() -> None:
    # Twelve deliveries of 20 able reviewers: Benjamini-Hochberg at .05 lets any alarm happen in about one of 20
    alarms = [
        bool(label_quality(planted_errors(seed, rate=0.0).humans, seed=seed, resamples=5).reviewers.deviating)
        for seed in range(12)
    ]
    assert sum(alarms) <= 4  # P(5 or more of 12 at .05) = .0002


def test_who_is_careless_is_found() -> None:
    found = label_quality(planted_errors(1, rate=0.8).humans, resamples=20).reviewers
    assert found.deviating == sorted(found.deviating, key=found.deviating.index)
    assert set(found.deviating) == {"r17", "r18", "r19"}


def test_a_stray_vote_beside_nine_equal_ones_needs_no_names(make_humans: Any) -> None:
    humans = make_humans([[10, 0, 0]] * 200 + [[9, 1, 0]] * 2 + [[4, 3, 3]] * 100, ("a", "b", "c"))
    quality = label_quality(humans, resamples=20)
    assert quality.review.by_reason["unlikely_vote"] == 2
    assert set(reasons_by_item(quality)) == {"item-0200", "item-0201"}
    assert quality.reviewers.n_named == 0
    assert "does not name" in (quality.reviewers.note or "")


def test_a_stray_vote_beside_four_is_no_reason(make_humans: Any) -> None:
    quality = label_quality(make_humans([[5, 0, 0]] * 200 + [[4, 1, 0]] * 2, ("a", "b", "c")), resamples=20)
    assert quality.review.flagged == 0


def test_agreement_is_that_of_krippendorffs_package(make_humans: Any) -> None:
    import krippendorff

    counts = np.random.default_rng(4).multinomial(5, [0.5, 0.3, 0.2], 60)
    counts[:30] = [4, 1, 0]
    quality = label_quality(make_humans(counts.tolist(), ("a", "b", "c"), "ordinal"), resamples=50)
    found = quality.agreement.coefficients
    for level in ("nominal", "ordinal"):
        theirs = krippendorff.alpha(value_counts=counts, level_of_measurement=level)
        assert found[f"alpha_{level}"].estimate == pytest.approx(theirs)


def test_verdicts_are_no_surer_than_the_intervals(make_humans: Any) -> None:
    def level(counts: list[list[int]]) -> str:
        return label_quality(make_humans(counts, AB), resamples=200).verdict.level

    assert level([[4, 0]] * 10 + [[0, 4]] * 10) == "undecided"  # 20 items
    assert level([[2, 2]] * 100) == "not_usable"  # alpha = -1/3 on every resample: less than chance
    assert level([[5, 0]] * 50 + [[0, 5]] * 50) == "sound"
    generator = np.random.default_rng(0)
    dealt = generator.binomial(4, 0.5, 100)
    assert level([[int(x), 4 - int(x)] for x in dealt]) == "undecided"  # cannot be told from chance


def test_no_items_no_resamples() -> None:
    humans = planted_errors(0, items=5).humans
    with pytest.raises(InputError, match="no labelled items"):
        label_quality(humans.select(np.zeros(5, dtype=bool)))
    with pytest.raises(InputError, match="resamples"):
        label_quality(humans, resamples=0)


def test_what_people_are_said_to_think_of_one_item_does_not_depend_on_the_judges(make_humans) -> None:
    rng = np.random.default_rng(8)
    humans = make_humans(rng.multinomial(9, rng.dirichlet([0.4] * 3, size=150)), ("a", "b", "c"))
    names = [f"class_prob_{name}" for name in ("agreement", "minor", "major", "unresolved")]
    tables = [
        evaluate(
            [Vote(item_id=item, judge="ada", label=label) for item in humans.item_ids], humans, resamples=20
        ).items[names]
        for label in ("a", "c")
    ]
    assert (tables[0] == tables[1]).all(axis=None)
    unanimous = humans.counts.max(axis=1) == 9
    assert unanimous.sum() > 20
    # Nine of nine for one label: hardly a population in which that label has under two thirds.
    assert tables[0].loc[unanimous, "class_prob_major"].max() < 0.3
