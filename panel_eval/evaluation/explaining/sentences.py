"""The explanation in plain sentences, none surer than what it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from panel_eval.errors import shorten
from panel_eval.schema.explanation import Explanation, Pairs

MOST_NAMED: Final = 4
"""Most labels, terms or outcomes that a sentence names."""
MOST_PIECES: Final = 3
"""Most pieces of evidence that sentences are about."""
LEVEL: Final = 0.05


def headline(found: Explanation) -> str:
    """Why the panel is split on the item, or that it is not, and whether the reviewers are."""
    return f"{_of_the_panel(found)} {_of_the_people(found)}"


def because(found: Explanation) -> list[str]:
    """What the diagnosis rests on."""
    return [
        *_on_people(found),
        *_on_judges(found),
        *_on_repetition(found),
        *_on_label_order(found),
        *_on_evidence(found),
    ]


def _of_the_panel(found: Explanation) -> str:
    panel = found.panel
    favours = Counter(_favourite(one.favours) for one in panel.judges if one.favours)
    judges = sum(favours.values())
    if not judges:
        asked = len(found.votes) + found.votes_left_out
        return f"The panel says nothing on this item: {_none_of(asked)}."
    shown = _shown(len(favours))
    parts = [f"{number} {_favour(number)} {label}" for label, number in favours.most_common(shown)]
    parts += [f"the rest {len(favours) - shown} other answers"] if len(favours) > shown else []
    counted = _listed(parts)
    heard = "" if judges == len(panel.judges) else " that answered"
    if judges == 1:
        only, one = next(iter(favours)), f"the one judge{heard}" if heard else "its one judge"
        if panel.quadrant == "judges_unsure":
            return f"The panel is split on this item because {one} is: most often {only}, but it is unsure."
        return f"The panel is not split on this item: {one} favours {only}."
    if panel.quadrant == "judges_contradict" and panel.within_hidden:
        return f"The panel is split on this item: the single answers of its judges differ: of {judges}, {counted}."
    if panel.quadrant == "judges_contradict":
        return f"The panel is split on this item because its judges contradict one another: of {judges}, {counted}."
    if panel.quadrant == "judges_unsure":
        lean = f"all {judges} lean to {next(iter(favours))}" if len(favours) == 1 else f"of {judges}, {counted}"
        return (
            "The panel is split on this item because each judge by itself spreads over several labels, and they do "
            f"so alike: {lean}."
        )
    if len(favours) == 1:
        return f"The panel is not split on this item: all {judges} judges{heard} favour {next(iter(favours))}."
    lean = _label(_leaning(found))
    return f"The panel is hardly split on this item: of {judges} judges, {counted}; together they lean to {lean}."


def _leaning(found: Explanation) -> str:
    """The label that the judges, equally weighted, favour."""
    said = [one.distribution for one in found.panel.judges if one.distribution is not None]
    return max(found.labels, key=lambda label: sum(one[label] for one in said))


def _of_the_people(found: Explanation) -> str:
    people = found.people
    chosen = [share for share in sorted(found.shares, key=lambda share: -share.share) if share.share > 0]
    parts = [f"{_votes(share.votes)} chose {_label(share.label)}" for share in chosen[:1]]
    parts += [f"{_votes(share.votes)} {_label(share.label)}" for share in chosen[1 : _shown(len(chosen))]]
    parts += [f"the rest {len(chosen) - len(parts)} other labels"] if len(chosen) > len(parts) else []
    counted = f"of {people.reviewers}, {_listed(parts)}"
    if len(chosen) == 1:
        counted = f"all {people.reviewers} chose {_label(chosen[0].label)}"
    if people.reviewers == 1:
        alone = "chose" if len(chosen) == 1 else "spreads over several labels, most on"
        return f"Its one reviewer {alone} {_label(chosen[0].label)}."
    split_panel = found.panel.quadrant in ("judges_contradict", "judges_unsure")
    if people.split is None and len(chosen) == 1:
        return f"Whether the reviewers would agree cannot be told: {counted}."
    if people.split is None:
        return f"The reviewers are on the border between agreement and a split: {counted}."
    if people.split:
        return f"The reviewers are split{' too' if split_panel else ''}: {counted}."
    return f"The reviewers {'are not split' if split_panel else 'agree'}: {counted}."


def _on_people(found: Explanation) -> Iterator[str]:
    people = found.people
    if people.reviewers == 1:
        yield "A single reviewer can neither agree nor disagree."
    else:
        side = {True: "more split than", False: "less split than", None: "too close to call beside"}[people.split]
        yield (
            f"If everyone were asked, the answers would spread over the labels by {people.expected_entropy:.2f} of "
            f"at most 1, as far as {people.reviewers} votes tell: {side} two to one, which would give "
            f"{people.two_to_one_entropy:.2f}."
        )
    if people.confidence is None:
        if any(answer.confidence is not None for answer in people.answers):
            yield "Confidences were read of a random part of the items, and this one is not among them."
        elif people.split:
            yield (
                "No reviewer's confidence is stated here, so honest ambiguity and an unclear rubric cannot be told "
                "apart."
            )
    else:
        apart = people.confidence - (people.usual_confidence or 0.0)
        usual = "as sure as usual" if abs(apart) < 0.005 else None
        side = "surer" if apart > 0 else "less sure"
        yield (
            f"The reviewers are {usual or f'{abs(apart):.2f} standard deviations {side} than usual'}, "
            f"on the average of those who said how sure they were{_placed(found)}."
        )


def _placed(found: Explanation) -> str:
    quadrant = found.people.quadrant
    return " (too close to the median or the border to decide)" if quadrant == "indeterminate" else ""


def _on_judges(found: Explanation) -> Iterator[str]:
    panel = found.panel
    unusable = Counter[str]()
    for one in panel.judges:
        unusable.update(one.unusable)
    if unusable:
        kinds = _listed([f"{number} {name.replace('_', ' ')}" for name, number in unusable.most_common(MOST_NAMED)])
        yield f"{unusable.total()} of {len(found.votes) + found.votes_left_out} votes are no answer: {kinds}."
    answered = sum(one.usable > 0 for one in panel.judges)
    if panel.between_bits is None or panel.within_bits is None or panel.between_cut_bits is None:
        return
    if answered >= 2:
        yield (
            f"Of the judges' spread, {panel.between_bits:.2f} bits lie between them (they contradict one another "
            f"from {panel.between_cut_bits:.2f} on) and {panel.within_bits:.2f} within them."
        )
    if panel.within_hidden:
        chance = ", and what looks like contradiction may be the chance of single answers"
        contradict = chance if panel.quadrant == "judges_contradict" else ""
        yield f"Each judge cast a single label, so what a judge is unsure of by itself cannot be seen{contradict}."
    if panel.apart and panel.quadrant == "judges_contradict":
        rest = next(one.between_without_bits for one in panel.judges if one.judge == panel.apart)
        yield (
            f"{_label(panel.apart)} stands apart most: without it, {rest or 0.0:.2f} bits lie between the others."
        )


def _on_repetition(found: Explanation) -> Iterator[str]:
    again = found.repetition
    same, other = again.same_order, again.other_order
    how = "in the same label order" if again.orders_known else "(label orders are not recorded, or not all)"
    if same.pairs:
        yield f"Asked again {how}, a judge gave another answer in {_of(same)} of answers."
    if other.pairs:
        alone = "" if same.pairs else " No order was asked twice: what is the order's and what is chance is open."
        changed = f"a judge gave another answer in {_of(other)} of answers"
        yield f"Asked with the labels in another order, {changed}.{alone}"


def _on_label_order(found: Explanation) -> Iterator[str]:
    effect = found.label_order
    if effect is None:
        return
    by_place = ", ".join(f"{mass:.3g}" for mass in effect.mass_by_place)
    told = f"By the place of their label in the list, first to last, the answers number {by_place}"
    if effect.p_value is None:
        yield f"{told}; too few to say whether the place matters."
    elif effect.p_value <= LEVEL:
        yield f"{told}: the place of a label seems to matter here (p = {_p(effect.p_value)}; one item among many)."
    else:
        yield f"{told}; that the place matters is not shown (p = {_p(effect.p_value)})."


def _on_evidence(found: Explanation) -> Iterator[str]:
    pieces = [piece for piece in found.evidence if piece.missed and piece.dissents is not False]
    for piece in pieces[:MOST_PIECES]:
        shown = _shown(len(piece.missed))
        terms = [_label(term) for term in piece.missed[:shown]]
        terms += [f"{len(piece.missed) - shown} more terms"] if len(piece.missed) > shown else []
        yield (
            f"Reviewer {_bare(piece.reviewer)}, who chose {_label(piece.label)}, cites {_listed(terms)}: no "
            f"judge's rationale mentions {'it' if len(terms) == 1 else 'them'}."
        )


def _favourite(favours: Sequence[str]) -> str:
    if len(favours) == 1:
        return _label(favours[0])
    return f"{' or '.join(_label(label) for label in favours[:MOST_NAMED])} (tied)"


def _shown(number: int) -> int:
    """How many of so many are named: one more than usual rather than one left over."""
    return number if number <= MOST_NAMED + 1 else MOST_NAMED


def _favour(number: int) -> str:
    return "favours" if number == 1 else "favour"


def _none_of(asked: int) -> str:
    if not asked:
        return "it was not asked"
    return "its one vote is no answer" if asked == 1 else f"none of its {asked} votes is an answer"


def _votes(votes: float) -> str:
    return f"{votes:.0f}" if abs(votes - round(votes)) < 1e-6 else f"{votes:.1f}"


def _of(pairs: Pairs) -> str:
    return f"{pairs.apart} of {pairs.pairs} {'pairs' if pairs.pairs > 1 else 'pair'}"


def _p(value: float) -> str:
    return f"{value:.3f}" if value >= 0.001 else f"{value:.4f}"


def _label(name: str) -> str:
    return f"“{_bare(name)}”"


def _bare(name: str) -> str:
    return shorten(name, 60)


def _listed(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
