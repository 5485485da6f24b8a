"""What the numbers of a pilot mean, in plain sentences that claim no more than the intervals carry."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from panel_eval.schema.estimate import Estimate
from panel_eval.schema.pilot import (
    HardAccuracy,
    LabelInformation,
    ModelCheck,
    Overconfidence,
    PanelSize,
    PilotSize,
)

ENOUGH = 0.95
"""Share of further reviewers who must agree for a single label to say nearly all there is."""
_MODEL = " (by the model)"


def headline_of(accuracy: HardAccuracy) -> str:
    """One sentence that rests on held-out votes alone."""
    agree = accuracy.next_vote_one_less
    if agree.estimate is None:
        return f"Nothing can be said of what a single label loses: {agree.note}."
    other = _complement(agree)
    if (agree.low or 0.0) >= ENOUGH:
        return (
            f"A single label says nearly all there is: only {_percent(other)} of the votes are not the label that "
            "most of the item's other reviewers chose."
        )
    return (
        f"{_one_in(other.estimate)} ({_inside(other)}) is not the label that most of the item's other reviewers "
        "chose: keeping a single label throws it away."
    )


def findings_of(
    size: PilotSize,
    information: LabelInformation,
    accuracy: HardAccuracy,
    overconfidence: Overconfidence,
    checks: Sequence[ModelCheck],
) -> list[str]:
    """What is lost, how accuracy flatters, and how sure a model becomes."""
    said = [
        _lost(information),
        _face_value(information),
        _discarded(information),
        _optimism(accuracy),
        _second_panel(accuracy, size),
        _too_sure(overconfidence),
        _checked(checks),
    ]
    return [sentence for sentence in said if sentence]


def advice_of(
    size: PilotSize, information: LabelInformation, accuracy: HardAccuracy, sizes: Sequence[PanelSize]
) -> list[str]:
    """What to do with it."""
    said = [_keep(information), _where_enough(accuracy), _more_people(size, sizes)]
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
    tie = "" if whole else ", a coin settling ties"
    if lost.low is None or lost.low <= 0:
        return (
            f"Knowing only the label that most others chose{tie}, a held-out vote is foretold {_bits(lost)} worse "
            "than from all other votes: it is not shown that the single label loses anything here."
        )
    share = (
        f": it keeps {_percent(kept)} of what they tell beyond the overall label shares" if kept.estimate else ""
    )
    return (
        f"Knowing only the label that most others chose{tie}, a held-out vote is foretold {_bits(lost)} worse "
        f"than from all other votes{share}."
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
    if quarter.low is None:
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
        "model that scores 100% against these labels would score that against the next panel's. From "
        f"one panel to the next its accuracy on {size.used:,} items moves by about "
        f"±{200 * moves.estimate:.1f} points (two standard deviations), and "
        "models that lie closer together can change places."
    )


def _too_sure(over: Overconfidence) -> str:
    gap, temperature = over.gap, over.temperature
    if gap.low is None or gap.low <= 0.0005:
        return ""
    cooled = (
        ""
        if temperature.estimate is None
        else f"; a temperature of {temperature.estimate:.1f} would undo most of it"
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


def _keep(information: LabelInformation) -> str:
    face = information.held_out_of_three.lost_bits["face_value"]
    if face.low is None or face.low <= 0:
        return (
            "Keep the votes all the same: they are paid for, and a hard label can be made of them at any time, but "
            "not the other way round."
        )
    return (
        "Keep and train on the votes: they are paid for, and a hard label can be made of them at any time, but not "
        "the other way round."
    )


def _where_enough(accuracy: HardAccuracy) -> str:
    agreed = accuracy.by_class.get("agreement")
    if agreed is None or agreed.next_vote.low is None or agreed.share.estimate is None:
        return ""
    where = (
        f"Where the other reviewers agree ({_inside(agreed.share)} of the votes), the next one says the same "
        f"{_percent(agreed.next_vote)} of the time"
    )
    if agreed.next_vote.low >= ENOUGH:
        return f"{where}: there a single label is enough."
    return f"{where}: agreement of so few does not make a single label enough."


def _more_people(size: PilotSize, sizes: Sequence[PanelSize]) -> str:
    mean = size.reviewers_per_item_mean or 0.0
    found = [pair for pair in pairwise(sizes) if pair[0].reviewers <= round(mean) < pair[1].reviewers]
    if not found:
        return ""
    one, more = found[0]
    ends = (one.all_votes_bits, more.all_votes_bits, one.gap, more.gap)
    if any(end.estimate is None for end in ends):
        return ""
    before, after, gap, wider = (float(end.estimate or 0.0) for end in ends)
    surer = ""
    if more.gap.low is not None and one.gap.high is not None and more.gap.low > one.gap.high:
        surer = (
            f" With the majority label alone they make a model surer, not better: {100 * gap:.1f} points too sure "
            f"become {100 * wider:.1f}."
        )
    return (
        f"Asking {more.reviewers} people instead of {one.reviewers} leaves {after:.2f} bits of a further vote "
        f"unknown instead of {before:.2f}, if all votes are kept{_MODEL}.{surer}"
    )


def _one_in(share: float | None) -> str:
    if not share:
        return "No vote"
    n = round(1.0 / share)
    numbers = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten"}
    return f"About one vote in {numbers.get(n, str(n))}" if n > 1 else "Most votes, counted one by one,"


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


def _bits(of: Estimate) -> str:
    return _written(of, 1.0, 3, " bits")


def _written(of: Estimate, scale: float, digits: int, unit: str) -> str:
    if of.estimate is None:
        return "an unknown share"

    def number(value: float) -> str:
        text = f"{scale * value:.{digits}f}"
        return text.replace("-", "−") if float(text) else text.lstrip("-")

    if of.low is None or of.high is None:
        return f"{number(of.estimate)}{unit} (no interval)"
    return f"{number(of.estimate)}{unit} ({number(of.low)} to {number(of.high)})"
