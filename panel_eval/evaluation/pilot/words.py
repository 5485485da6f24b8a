"""What the numbers of a pilot mean, in plain sentences that claim no more than the intervals carry."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from panel_eval.schema.estimate import Estimate
from panel_eval.schema.pilot import (
    FEWEST_SPLIT,
    HardAccuracy,
    LabelInformation,
    ModelCheck,
    Overconfidence,
    PanelSize,
    PilotSize,
)
from panel_eval.stats.wilson import wilson_interval

ENOUGH = 0.95
"""Share of further reviewers who must agree for a single label to say nearly all there is."""
_HARDLY = 0.005
_MODEL = " (by the model)"
_NOT_LEARNT = (
    "The items are too few to learn a model of the people behind them: figures marked † rest on half a vote a "
    "label, are rough, and no sentence here rests on them."
)


def headline_of(size: PilotSize, accuracy: HardAccuracy) -> str:
    """One sentence that rests on held-out votes alone."""
    agree = accuracy.next_vote_one_less
    if agree.estimate is None:
        return f"Nothing can be said of what a single label loses: {agree.note}."
    other, two = _complement(agree), size.reviewers_per_item_max == 2
    label = (
        "what the item's other reviewer chose" if two else "the label that most of the item's other reviewers chose"
    )
    if _surely_enough(agree, size.clusters or size.used):
        return f"A single label says nearly all there is: only {_percent(other)} of the votes are not {label}."
    if not other.estimate:
        return (
            f"Every vote is {label}, but {size.used:,} items are too few to say that a single label is enough: "
            f"up to {other.high or 1.0:.0%} of all votes may differ."
        )
    return f"{_one_in(other)} not {label}: a single label hides that."


def findings_of(
    size: PilotSize,
    information: LabelInformation,
    accuracy: HardAccuracy,
    overconfidence: Overconfidence,
    checks: Sequence[ModelCheck],
    learnt: bool,
) -> list[str]:
    """What is lost, how accuracy flatters, and how sure a model becomes.

    Args:
        size: what was labelled.
        information: bits lost.
        accuracy: agreement with the labels.
        overconfidence: how sure a model becomes.
        checks: of the model.
        learnt: whether a model of the people could be learnt from the items.
    """
    said = (
        [] if size.reviewers_per_item_max == 2 else [_optimism(accuracy)]
    )  # of one other vote there is no majority
    if size.split < FEWEST_SPLIT:
        split = "No item is split" if not size.split else f"Only {size.split} of {size.used:,} items are split"
        return [*filter(None, said), f"{split}: too few to say what a single label loses beyond that."]
    if learnt:
        said += [_second_panel(accuracy, size), _discarded(information)]
    said += [_lost(information), _face_value(information)]
    said += [_too_sure(overconfidence), _checked(checks)] if learnt else [_NOT_LEARNT]
    return [sentence for sentence in said if sentence]


def advice_of(
    size: PilotSize, information: LabelInformation, accuracy: HardAccuracy, sizes: Sequence[PanelSize], learnt: bool
) -> list[str]:
    """What to do with it; `learnt` as in `findings_of`."""
    split = size.split >= FEWEST_SPLIT
    said = [_keep(information if split else None), _where_enough(size, accuracy)]
    if split and learnt:
        said.append(_more_people(size, sizes))
    return [sentence for sentence in said if sentence]


def nothing_said(n_labels: int) -> list[str]:
    """What to do where nothing can be said."""
    if n_labels < 2:
        return ["Check the rubric: with one label there is nothing to disagree on."]
    return [
        "Have at least two reviewers label each item, three or more if you can, and keep every vote: 100 to 300 "
        "items are a good pilot."
    ]


def _lost(information: LabelInformation) -> str:
    apart, broken = information.held_out, information.held_out_of_three
    whole = apart.ce_bits["all_votes"].estimate is not None
    lost = apart.lost_bits["single_label"] if whole else broken.lost_bits["ties_broken"]
    kept = apart.kept_share if whole else broken.kept_share_ties_broken
    if lost.estimate is None:
        return ""
    tie = "" if whole else " (a coin settling ties)"
    if lost.low is None or lost.low <= 0:
        return (
            f"Knowing only the label that most others chose{tie}, a held-out vote is foretold {_bits(lost)} worse "
            "than from all other votes: it is not shown that the single label loses anything here."
        )
    if kept.low is None or kept.low <= 0:
        return (
            f"Knowing only the label that most others chose{tie}, a held-out vote is foretold {_bits(lost)} worse "
            "than from all other votes."
        )
    return (
        f"Of what other votes tell of a held-out one, the label that most of them chose{tie} keeps "
        f"{_percent(kept)}: {_bits(lost)} a vote are lost, as far as these items can show."
    )


def _face_value(information: LabelInformation) -> str:
    lost = information.held_out_of_three.lost_bits
    face, base = lost["face_value"], lost["base_rate"]
    if face.low is None or face.low <= 0:
        return ""
    worse = ""
    if base.high is not None and face.low > base.high:
        worse = "; that is worse than knowing nothing of the item but the overall label shares"
    return (
        f"Taken at face value, as if everybody had chosen it, the label foretells a held-out vote {_bits(face)} "
        f"worse than all other votes do{worse}."
    )


def _discarded(information: LabelInformation) -> str:
    quarter = information.discards_more_than["0.25"]
    if quarter.low is None or quarter.low < _HARDLY:
        return ""
    return (
        f"On {_percent(quarter)} of the items the labels that are not kept stand for more than a quarter of all "
        f"people{_MODEL}."
    )


def _optimism(accuracy: HardAccuracy) -> str:
    flattery = accuracy.optimism_one_less
    if flattery.low is None or flattery.low <= 0:
        return ""
    return (
        f"Majority labels agree with {_percent(accuracy.own_votes_one_less)} of the votes they are made of, and "
        f"with {_percent(accuracy.next_vote_one_less)} of votes that had no part in them: agreement with one's own "
        f"labels looks {_points(flattery)} too good."
    )


def _second_panel(accuracy: HardAccuracy, size: PilotSize) -> str:
    again, moves = accuracy.second_panel, accuracy.relabel_sd
    if again.low is None or moves.estimate is None:
        return ""
    return (
        f"A second panel of the same size would keep the same label on {_percent(again)} of the items{_MODEL}: a "
        "model that scores 100% against these labels would score that against the next panel's. Over such panels "
        f"its accuracy on {size.used:,} items spreads by about ±{200 * moves.estimate:.1f} points (two standard "
        "deviations): a smaller lead of one model over another may be the panel's luck."
    )


def _too_sure(over: Overconfidence) -> str:
    gap, temperature = over.gap, over.temperature
    if gap.low is None or gap.low <= 0.0005:
        return ""
    cooled = (
        ""
        if temperature.estimate is None
        else f"; a temperature of {temperature.estimate:.1f} would bring it nearest to them"
    )
    return (
        f"A model that learns such labels perfectly is {_percent(over.confidence)} sure of its answers on average, "
        f"where {_percent(over.agreement)} of the people agree{_MODEL}: {_points(gap)} too sure{cooled}."
    )


def _checked(checks: Sequence[ModelCheck]) -> str:
    failed = [check.what for check in checks if check.fits is False]
    if not failed:
        return ""
    return (
        f"The model does not foretell what held-out votes show of {' and '.join(failed)}: read figures marked as "
        "model-based, of bits above all, as rough."
    )


def _keep(information: LabelInformation | None) -> str:
    face = None if information is None else information.held_out_of_three.lost_bits["face_value"]
    if face is None or face.low is None or face.low <= 0:
        return (
            "Keep the votes all the same: they are paid for, and a hard label can be made of them at any time, but "
            "not the other way round."
        )
    return (
        "Keep and train on the votes: they are paid for, and a hard label can be made of them at any time, but not "
        "the other way round."
    )


def _where_enough(size: PilotSize, accuracy: HardAccuracy) -> str:
    agreed = accuracy.by_class.get("agreement")
    if agreed is None or agreed.next_vote.low is None or agreed.next_vote.high is None or not agreed.share.estimate:
        return ""
    where = (
        f"Where the other reviewers agree ({_inside(agreed.share)} of the votes), the next one says the same "
        f"{_percent(agreed.next_vote)} of the time"
    )
    if _surely_enough(agreed.next_vote, agreed.share.estimate * (size.clusters or size.used)):
        return f"{where}: there a single label is enough."
    if agreed.next_vote.high < ENOUGH:
        return f"{where}: agreement of so few does not make a single label enough."
    return f"{where}: these items cannot show whether a single label is enough there ({ENOUGH:.0%} or more)."


def _more_people(size: PilotSize, sizes: Sequence[PanelSize]) -> str:
    mean = size.reviewers_per_item_mean or 0.0
    found = [pair for pair in pairwise(sizes) if pair[0].reviewers <= round(mean) < pair[1].reviewers]
    if not found:
        return ""
    few, many = found[0]
    before, after = few.all_votes_bits, many.all_votes_bits
    if after.high is None or before.low is None or after.high >= before.low:
        return ""
    surer = ""
    if many.gap.low is not None and few.gap.high is not None and many.gap.low > few.gap.high:
        surer = (
            f" With the majority label alone they make a model surer, not better: {_points(many.gap)} too sure "
            f"instead of {_points(few.gap)}."
        )
    people = "1 reviewer" if few.reviewers == 1 else f"{few.reviewers} reviewers"
    return (
        f"If all votes are kept, {many.reviewers} reviewers an item would leave {_bits(after, 2)} of a further "
        f"vote unknown where {people} leave{'s' if few.reviewers == 1 else ''} {_bits(before, 2)}{_MODEL}.{surer}"
    )


def _surely_enough(agree: Estimate, units: float) -> bool:
    """Whether the share is at least `ENOUGH` by its own interval and by Wilson's of so many independent items.

    Resamples of a few items that all agree do not differ: their interval has no length, and would carry anything.
    """
    if agree.estimate is None or agree.low is None or units <= 0:
        return False
    return min(agree.low, wilson_interval(agree.estimate * units, units)[0]) >= ENOUGH


def _one_in(of: Estimate) -> str:
    """A share as a subject and its verb."""
    n = round(1.0 / (of.estimate or 1.0))
    numbers = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten"}
    if n < 2:
        return f"Most votes ({_inside(of)}) are"
    return f"About one vote in {numbers.get(n, f'{n:,}')} ({_inside(of)}) is"


def _complement(of: Estimate) -> Estimate:
    return of.model_copy(
        update={
            "estimate": None if of.estimate is None else 1.0 - of.estimate,
            "low": None if of.high is None else 1.0 - of.high,
            "high": None if of.low is None else 1.0 - of.low,
        }
    )


def _percent(of: Estimate) -> str:
    return _written(of, 100.0, 0 if (of.estimate or 0.0) >= 0.1 else 1, "%")


def _inside(of: Estimate) -> str:
    """A percentage for a place in brackets."""
    return _percent(of).replace(" (", ", ").rstrip(")")


def _points(of: Estimate) -> str:
    return _written(of, 100.0, 1, " points")


def _bits(of: Estimate, digits: int = 3) -> str:
    return _written(of, 1.0, digits, " bits")


def _written(of: Estimate, scale: float, digits: int, unit: str) -> str:
    if of.estimate is None:
        return "an unknown share"

    def number(value: float) -> str:
        text = f"{scale * value:.{digits}f}"
        return text.replace("-", "−") if float(text) else text.lstrip("-")

    if of.low is None or of.high is None:
        return f"{number(of.estimate)}{unit} (no interval)"
    return f"{number(of.estimate)}{unit} ({number(of.low)} to {number(of.high)})"
