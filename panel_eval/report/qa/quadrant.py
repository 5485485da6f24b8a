"""The confidence quadrant: split or not, sure or not, and what follows."""

from __future__ import annotations

from typing import Final

from panel_eval.report.numbers import count, decimal, sentence, share
from panel_eval.report.qa.document import Block, Chapter, Quadrant, Quadrants, Text
from panel_eval.report.qa.rows import p_text
from panel_eval.schema.diagnosis import HumanQuadrant, HumanQuadrants
from panel_eval.wording import counted

_TITLES: Final[dict[HumanQuadrant, str]] = {
    "rubric_problem": "rubric problem",
    "genuine_ambiguity": "genuine ambiguity",
    "fragile_consensus": "fragile consensus",
    "clear": "clear",
}
_FIELDS: Final[tuple[HumanQuadrant, ...]] = (
    "rubric_problem", "genuine_ambiguity", "fragile_consensus", "clear",
)  # fmt: skip
_TITLE: Final = "Split and sure of it? The confidence quadrant"


def quadrant_chapter(found: HumanQuadrants | None) -> Chapter:
    """Items by how split their reviewers are and how sure; in a line why not, where confidences are missing."""
    if found is None or not found.n_with_confidence:
        split = "" if found is None else f" {_splits(found)}"
        why = (
            "Not given: no reviewer's confidence stands in the file, so that honest disagreement cannot be told "
            "from a rubric that is not understood."
        )
        return Chapter(_TITLE, (Text(why + split, "none"),))
    blocks: list[Block] = [_figure(found), Text(_rest(found)), *_test(found)]
    if found.note:
        blocks.append(Text(sentence(found.note), "small"))
    return Chapter(_TITLE, tuple(blocks))


def _figure(found: HumanQuadrants) -> Quadrants:
    fields = []
    for name in _FIELDS:
        tally = found.quadrants[name]
        what = tally.advice or tally.meaning
        fields.append(Quadrant(_TITLES[name], count(tally.items), share(tally.items, found.n_items), what))
    alt = "; ".join(f"{field.name}: {field.items} items, {field.share}" for field in fields)
    first, second, third, fourth = fields
    return Quadrants(
        "Items by split of the votes (rows) and confidence of the reviewers (columns)",
        alt,
        ("less sure than most", "surer than most"),
        ("reviewers split", "reviewers agree"),
        (first, second, third, fourth),
    )


def _rest(found: HumanQuadrants) -> str:
    between, without = found.quadrants["indeterminate"].items, found.quadrants["no_confidence"].items
    placed = f"{count(found.n_placed)} of {counted(found.n_items, 'item')} lie in a quadrant"
    return f"{placed}; {count(between)} lie too close to a border to say, {count(without)} have no confidence."


def _splits(found: HumanQuadrants) -> str:
    split, agreed, between = (found.splits[name].items for name in ("split", "agreed", "between"))
    return f"By votes alone: split {counted(split, 'item')}, agreed {count(agreed)}, in between {count(between)}."


def _test(found: HumanQuadrants) -> list[Block]:
    test = found.confidence_test
    if test is None or test.spearman.estimate is None:
        return []
    p = "" if test.p_value is None else f", {p_text(test.p_value)}"
    low, high = test.spearman.low, test.spearman.high
    interval = "" if low is None or high is None else f" ({decimal(low)} to {decimal(high)})"
    return [
        Text(
            "Rank correlation of confidence with disagreement: "
            f"{decimal(test.spearman.estimate)}{interval}{p}; below 0, reviewers are less sure where they disagree."
        )
    ]
