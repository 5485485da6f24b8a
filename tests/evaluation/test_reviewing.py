"""The report on reviewers: what it finds in deliveries with known faults, and what it leaves alone."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from labelled_by_names import named_labels, planted_errors
from timed_labels import LABELS, Change, timed_labels

from panel_eval.errors import InputError
from panel_eval.evaluation.label_quality import label_quality
from panel_eval.evaluation.label_quality.delivery import read_delivery
from panel_eval.evaluation.reviewing import reviewer_report
from panel_eval.evaluation.reviewing.drift import drift_section
from panel_eval.evaluation.reviewing.timed_votes import read_times
from panel_eval.evaluation.segments import make_resampling
from panel_eval.humans import HumanLabels, load_soft_labels
from panel_eval.schema.reviewer_drift import DriftSection
from panel_eval.schema.reviewer_report import ReviewerReport

POPQUORN = Path(os.environ.get("PANEL_EVAL_DATA", "../shared/data")) / "popquorn_offensiveness" / "labels.jsonl"
needs_popquorn = pytest.mark.skipif(
    not POPQUORN.is_file(), reason=f"no POPQUORN data under {POPQUORN.parent}; set PANEL_EVAL_DATA"
)


def drift_of(labels: HumanLabels, seed: int = 0) -> DriftSection:
    """The section on drift alone, as the report makes it."""
    humans = labels.select(np.argsort(np.array(labels.item_ids), kind="stable"))
    delivery = read_delivery(humans, make_resampling(humans, 10, seed).cluster, seed)
    assert delivery.named is not None
    times = read_times(humans, delivery.named)
    return drift_section(delivery, times, delivery.named.votes.reviewers, 200, seed).section


def changes(section: DriftSection) -> set[tuple[str, str]]:
    return {(one.reviewer, name) for one in section.reviewers for name, m in one.measures.items() if m.changed}


@pytest.fixture(scope="module")
def careless() -> ReviewerReport:
    """r00 gives random labels in nine of ten cases from the 201st of 400 items on, and in half the time."""
    return reviewer_report(timed_labels(3, Change(careless=0.9, pace=0.5), items=400, gold_every=6), resamples=500)


def test_who_became_careless_half_way_stands_first_with_what_happened(careless: ReviewerReport) -> None:
    first = careless.standings[0]
    assert first.reviewer == "r00"
    assert {concern.code for concern in first.concerns} >= {"agrees_too_little", "got_worse", "changed"}
    assert not any(concern.code in ("got_worse", "agrees_too_little") for one in careless.standings[1:]
                   for concern in one.concerns)  # fmt: skip
    drift = next(one for one in careless.drift.reviewers if one.reviewer == "r00").measures
    agreement, pace = drift["agreement"], drift["pace"]
    assert agreement.change is not None
    # item 200 was labelled 200 minutes after eight o'clock
    assert "2026-03-02T10:50" < agreement.change.at < "2026-03-02T11:50"
    assert agreement.change.before > -0.1 > -0.25 > agreement.change.after
    assert agreement.effect.high is not None
    assert agreement.effect.high < 0
    assert pace.effect.estimate == pytest.approx(0.5, abs=0.08)
    assert pace.effect.low is not None
    assert pace.effect.high is not None
    assert pace.effect.low < 0.5 < pace.effect.high
    # in words: the halves, not the two most uneven parts, which are too far apart
    (text,) = (concern.text for concern in first.concerns if concern.text.startswith("agreement"))
    told = [float(number.replace("−", "-")) for number in re.findall(r"[+−]\d\.\d\d", text)]
    assert told == [pytest.approx(agreement.first_half, abs=0.005), pytest.approx(agreement.second_half, abs=0.005)]


def test_votes_to_send_back_are_mostly_the_careless_one_s_and_named_with_the_others(
    careless: ReviewerReport,
) -> None:
    votes = careless.review.votes
    assert len(votes) == careless.review.flagged
    assert sum(vote.reviewer == "r00" for vote in votes) / len(votes) > 0.8
    late = [vote for vote in votes if "after_change" in vote.reason_codes]
    assert late
    assert all(vote.reviewer == "r00" and vote.at and vote.at > "2026-03-02T10:50" for vote in late)
    for vote in votes:
        assert vote.label in LABELS
        assert sum(vote.others.values()) == 3
        assert vote.score == pytest.approx(vote.chance_of_error * vote.influence)
        if "missed_gold" in vote.reason_codes:
            assert vote.label != vote.gold_label
    flagged = {one.reviewer: one.votes_to_review for one in careless.standings}
    assert flagged["r00"] == sum(vote.reviewer == "r00" for vote in votes)


def test_the_careless_one_s_matrix_tells_least(careless: ReviewerReport) -> None:
    told = {one.reviewer: one.information_bits.estimate for one in careless.confusion.reviewers}
    assert min(told, key=lambda name: told[name] or 0.0) == "r00"
    for one in careless.confusion.reviewers:
        matrix = one.matrix
        assert np.sum(matrix.share, axis=1) == pytest.approx(np.ones(3))
        assert (np.array(matrix.low) <= matrix.share).all()
        assert (np.array(matrix.share) <= matrix.high).all()
        assert sum(matrix.votes) == pytest.approx(one.votes)


def test_the_reviewers_section_is_that_of_label_quality() -> None:
    labels = planted_errors(2, items=150).humans
    quality, report = label_quality(labels, resamples=200), reviewer_report(labels, resamples=200)
    assert report.reviewers == quality.reviewers
    assert report.gold == quality.gold


def test_one_reviewer_has_the_numbers_of_all(careless: ReviewerReport) -> None:
    labels = timed_labels(3, Change(careless=0.9, pace=0.5), items=400, gold_every=6)
    alone = reviewer_report(labels, reviewer="r00", resamples=500)
    assert [one.reviewer for one in alone.standings] == ["r00"]
    assert alone.standings[0] == careless.standings[0]
    assert alone.confusion.reviewers == [one for one in careless.confusion.reviewers if one.reviewer == "r00"]
    assert alone.drift.reviewers == [one for one in careless.drift.reviewers if one.reviewer == "r00"]
    assert alone.review.votes == [vote for vote in careless.review.votes if vote.reviewer == "r00"]
    with pytest.raises(InputError, match="no such reviewer"):
        reviewer_report(labels, reviewer="r0", resamples=100)


def test_without_times_the_order_of_the_file_is_no_order() -> None:
    report = reviewer_report(timed_labels(3, Change(careless=0.9), items=200, timed=False), resamples=200)
    assert (report.drift.tested, report.drift.timed, report.drift.reviewers) == (0, 0, [])
    assert report.drift.note is not None
    assert "not taken for an order of time" in report.drift.note
    assert report.answer[-1] == "Whether anybody changed over time could not be tested."


def test_where_nobody_is_named_it_says_so() -> None:
    labels = timed_labels(1, items=30)
    bare = tuple(record.model_copy(update={"rationales": []}) for record in labels.records)
    report = reviewer_report(replace(labels, records=bare), resamples=100)
    assert report.standings == []
    assert "does not name" in report.answer[0]
    assert report.confusion.note is not None
    assert report.confusion.reviewers == []
    assert report.review.share is None


def test_times_in_any_zone_and_times_that_are_none() -> None:
    """09:00+02:00 is 07:00 UTC; a time without a zone is UTC; `yesterday` is no time, and counted."""
    labels = named_labels([{"ann": "a", "bob": "a", "cy": "b"}] * 3, ("a", "b"))
    at = ["2026-01-01T09:00:00+02:00", "2026-01-01T08:00", "yesterday"]
    records = tuple(
        record.model_copy(update={"rationales": [one.model_copy(update={"at": when}) for one in record.rationales]})
        for record, when in zip(labels.records, at, strict=True)
    )
    report = reviewer_report(replace(labels, records=records), resamples=100)
    ann = next(one for one in report.standings if one.reviewer == "ann")
    assert (ann.first_at, ann.last_at) == ("2026-01-01T07:00:00Z", "2026-01-01T08:00:00Z")
    assert (ann.longest_run, ann.longest_run_label) == (2, "a")
    assert report.drift.untimed == 3
    assert report.drift.note is not None
    assert "3 times are not ISO 8601" in report.drift.note


def test_two_reviewers_an_item_are_too_few_for_matrices() -> None:
    report = reviewer_report(named_labels([{"ann": "a", "bob": "b"}] * 20, ("a", "b")), resamples=100)
    assert report.confusion.reviewers == []
    assert report.confusion.note is not None
    assert "two" in report.confusion.note


def test_neither_order_nor_repetition_changes_a_byte() -> None:
    labels = timed_labels(5, Change(stricter=0.5), items=90)
    shuffled = labels.select(np.random.default_rng(0).permutation(90))
    first, second = (reviewer_report(one, resamples=100).model_dump_json() for one in (labels, shuffled))
    assert first == second


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"clustered": 5}], ids=["items", "clusters"])
def test_where_nothing_changed_a_change_is_rarely_told(options: dict[str, int]) -> None:
    """60 deliveries of 8 steady reviewers: a family with any change in 5 % of them at most, + 2.6 errors."""
    sections = [drift_of(timed_labels(seed, **options), seed) for seed in range(60)]
    found = [changes(section) for section in sections]
    bound = 0.05 + 2.6 * np.sqrt(0.05 * 0.95 / 60)
    assert np.mean([any(name != "pace" for _, name in one) for one in found]) <= bound
    assert np.mean([any(name == "pace" for _, name in one) for one in found]) <= bound


@pytest.mark.slow
def test_a_reviewer_who_becomes_careless_half_way_is_found() -> None:
    """Random labels in 8 of 10 cases after 120 of 240 votes: found in most of 12 deliveries, others rarely."""
    found = [changes(drift_of(timed_labels(seed, Change(careless=0.8), items=480), seed)) for seed in range(12)]
    assert np.mean([("r00", "agreement") in one for one in found]) > 0.8
    assert np.mean([any(name != "pace" and who != "r00" for who, name in one) for one in found]) < 0.3


@needs_popquorn
@pytest.mark.slow
def test_popquorn_splits_that_the_model_calls_certain() -> None:
    """262 people, 1,500 comments rated for offence, where people honestly differ: it is sure of most splits."""
    report = reviewer_report(load_soft_labels(POPQUORN, scale="ordinal"), resamples=200)
    sharpness = report.confusion.sharpness
    assert sharpness is not None
    assert len(report.confusion.reviewers) == 262
    assert sharpness.votes_entropy_bits.estimate == pytest.approx(1.2127, abs=1e-3)
    assert sharpness.posterior_entropy_bits.estimate is not None
    assert sharpness.posterior_entropy_bits.estimate < 0.3
    assert sharpness.split_items_called_certain > 0.7 * sharpness.split_items
    assert report.confusion.note is not None  # the fits do not agree: the votes do not settle the matrices
