"""Are the labels sound? By stated rules, no surer than the intervals (docs/label-quality.md)."""

from __future__ import annotations

from collections.abc import Iterator

from panel_eval.schema import Estimate
from panel_eval.schema.label_quality import DeliverySize, Ground, ReviewerAgreement, Soundness, Verdict
from panel_eval.schema.label_review import Adjudication, GoldItems, ItemReview, Violations
from panel_eval.schema.reviewer_quality import Reviewers
from panel_eval.schema.rubric import Scale

LOST = 0.1
"""Share of the lines that may be unusable before the file is."""
FLAGGED = 0.1
"""Share of the items flagged for a pressing reason (`reasons.PRESSING`) above which it is a reservation."""
ONE_LABEL = 0.9
"""Share of the votes for one label from which agreement by chance cannot be told from items that are all alike."""
NOTHING = 0.2
"""Reliability of the shares below which they say next to nothing of the items."""
FEWEST_ITEMS = 30
"""Items below which nothing is said of the whole."""

_GRAVITY: tuple[Soundness, ...] = ("not_usable", "undecided", "reservations", "sound")
_SENTENCES: dict[Soundness, str] = {
    "sound": "Nothing that was checked speaks against these labels.",
    "reservations": "These labels are usable with reservations.",
    "not_usable": "These labels are not usable as they stand.",
    "undecided": "There is too little here to say whether such labels are sound.",
}


def verdict_of(
    scale: Scale,
    size: DeliverySize,
    agreement: ReviewerAgreement,
    reviewers: Reviewers,
    gold: GoldItems,
    review: ItemReview,
    adjudication: Adjudication,
    violations: Violations,
) -> Verdict:
    """The verdict with its grounds: the gravest one decides."""
    grounds = [
        *_from_file(size, violations),
        *_from_agreement(scale, size, agreement),
        *_from_gold(gold),
        *_from_reviewers(reviewers),
        *_from_items(size, review, adjudication),
    ]
    grounds.sort(key=lambda ground: _GRAVITY.index(ground.decides))
    level = grounds[0].decides if grounds else "sound"
    first = [ground.text for ground in grounds if ground.decides == level][:1]
    return Verdict(
        level=level,
        sentences=[_SENTENCES[level], *first],
        grounds=grounds,
        not_checked=list(_not_checked(size, reviewers, gold, violations)),
    )


def _from_file(size: DeliverySize, violations: Violations) -> Iterator[Ground]:
    lines = size.items + violations.items_left_out
    if violations.items_left_out > LOST * lines:
        text = f"{violations.items_left_out:,} of {lines:,} lines break the contract so that their votes are lost."
        yield Ground(code="lines_lost", text=text, decides="not_usable")
    elif violations.total:
        text = (
            f"{violations.total:,} violations of the file's contract on {violations.lines:,} lines; "
            f"{violations.items_left_out:,} items could not be used."
        )
        yield Ground(code="violations", text=text, decides="reservations")


def _from_agreement(scale: Scale, size: DeliverySize, agreement: ReviewerAgreement) -> Iterator[Ground]:
    alpha = agreement.coefficients["alpha_ordinal" if scale == "ordinal" else "alpha_nominal"]
    if size.items < FEWEST_ITEMS:
        few = "One item is" if size.items == 1 else f"{size.items:,} items are"
        text = f"{few} too few: {FEWEST_ITEMS} are the least to say anything of the whole."
        yield Ground(code="few_items", text=text, decides="undecided")
    elif alpha.estimate is None or alpha.low is None or alpha.high is None:
        text = f"How far reviewers agree cannot be told: {alpha.note or 'no interval'}."
        yield Ground(code="agreement_unknown", text=text, decides="undecided")
    elif alpha.low <= 0:
        yield _not_beyond_chance(agreement, alpha)
    found_again = agreement.share_reliability
    if found_again.high is not None and found_again.high < 0.5:
        text = (
            f"As many other reviewers would give each item rather different shares "
            f"({_number('reliability of the shares', found_again)}): more reviewers an item, not more items."
        )
        yield Ground(code="shares_unreliable", text=text, decides="reservations")


def _not_beyond_chance(agreement: ReviewerAgreement, alpha: Estimate) -> Ground:
    """Alpha's interval holds 0 or lies below: labels dealt at random, too few to tell, or nearly all alike."""
    most, again = max(agreement.prevalence.values()), agreement.share_reliability
    if most >= ONE_LABEL:
        text = (
            f"One label has {most:.1%} of the votes: whether the others are slips or say something of their items "
            f"cannot be told ({_number('alpha', alpha)})."
        )
        return Ground(code="one_label", text=text, decides="undecided")
    if alpha.high is not None and (alpha.high <= 0 or (again.high is not None and again.high < NOTHING)):
        text = f"Reviewers agree hardly more than labels dealt at random would ({_number('alpha', alpha)})."
        return Ground(code="no_agreement", text=text, decides="not_usable")
    text = f"It cannot be told whether reviewers agree more than by chance ({_number('alpha', alpha)})."
    return Ground(code="agreement_by_chance", text=text, decides="undecided")


def _from_gold(gold: GoldItems) -> Iterator[Ground]:
    if gold.overall.status == "fails":
        text = f"Gold items are missed too often: {_passed(gold)}, all of the interval below {gold.threshold:.0%}."
        yield Ground(code="gold_failed", text=text, decides="not_usable")
    elif gold.overall.status == "flagged":
        text = f"It is not shown that gold items are passed {gold.threshold:.0%} of the time: {_passed(gold)}."
        yield Ground(code="gold_not_shown", text=text, decides="reservations")
    if gold.failing:
        text = f"{_people(len(gold.failing))} gold items too often (upper bound below {gold.threshold:.0%})."
        yield Ground(code="reviewers_fail_gold", text=text, decides="reservations")
    if gold.missed_items:
        text = f"{gold.missed_items:,} gold items were missed by most of their reviewers: check their answers."
        if gold.missed_items == 1:
            text = "1 gold item was missed by most of its reviewers: check its answer."
        yield Ground(code="gold_missed", text=text, decides="reservations")


def _passed(gold: GoldItems) -> str:
    rate = gold.overall.rate
    return f"{gold.overall.passed:,} of {gold.overall.n:,} votes, 95% interval {rate.low:.0%} to {rate.high:.0%}"


def _people(n: int) -> str:
    return "1 reviewer misses" if n == 1 else f"{n:,} reviewers miss"


def _from_reviewers(reviewers: Reviewers) -> Iterator[Ground]:
    if n := len(reviewers.deviating):
        text = (
            f"{n:,} of {reviewers.tested:,} reviewers tested agree less with the others than these do among "
            "themselves on the same items; that may be carelessness, another reading of the rubric, or a view of "
            "their own."
        )
        yield Ground(code="reviewers_deviate", text=text, decides="reservations")


def _from_items(size: DeliverySize, review: ItemReview, adjudication: Adjudication) -> Iterator[Ground]:
    if review.pressing > FLAGGED * size.items:
        text = (
            f"{review.pressing:,} of {size.items:,} items are flagged for a doubtful reviewer's vote, or for a "
            "gold answer, a class or an adjudication that contradicts the votes."
        )
        yield Ground(code="many_flagged", text=text, decides="reservations")
    if adjudication.split_items:
        text = (
            f"{adjudication.split_items:,} of {adjudication.items:,} adjudicated items were split: an honest "
            "disagreement may have been collapsed."
        )
        yield Ground(code="split_adjudicated", text=text, decides="reservations")


def _not_checked(
    size: DeliverySize, reviewers: Reviewers, gold: GoldItems, violations: Violations
) -> Iterator[str]:
    if not violations.checked:
        yield "the lines of the file: these labels were read by rules that refuse a file with any mistake"
    if size.reviewers is None:
        yield "single reviewers: the file does not say who cast which vote"
    elif not reviewers.tested:
        yield f"single reviewers: none has {reviewers.fewest_items} items with two other reviewers"
    if not gold.items:
        yield "known answers: the file has no gold items"
    elif gold.overall.status == "too_few":
        few = "1 gold item is" if gold.items == 1 else f"{gold.items:,} gold items are"
        yield f"known answers: {few} too few to tell ({_passed(gold)})"


def _number(name: str, estimate: Estimate) -> str:
    return f"{name} {estimate.estimate:.2f}, 95% interval {estimate.low:.2f} to {estimate.high:.2f}"
