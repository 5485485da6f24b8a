"""All warnings about one set of labels."""

from __future__ import annotations

from panel_eval.evaluation.label_warnings.balance import check_balance
from panel_eval.evaluation.label_warnings.duplicates import SIMILAR, check_duplicates
from panel_eval.evaluation.label_warnings.facts import MAX_ITEMS, Found, read_facts
from panel_eval.evaluation.label_warnings.haste import READING_WPM, check_haste
from panel_eval.evaluation.label_warnings.items import check_items
from panel_eval.evaluation.label_warnings.people import check_people
from panel_eval.evaluation.label_warnings.sequences import check_sequences
from panel_eval.humans import HumanLabels
from panel_eval.schema import Rubric
from panel_eval.schema.label_warnings import LabelWarnings

CHECKS = (check_duplicates, check_balance, check_people, check_sequences, check_haste)
"""Each takes the facts and adds what it finds."""


def label_warnings(labels: HumanLabels, rubric: Rubric | None = None, *, seed: int = 0) -> LabelWarnings:
    """What is suspicious in valid labels: duplicates, unused labels, careless reviewers (docs/validate.md).

    Args:
        labels: the labelled items.
        rubric: says which text fields judges are shown.
        seed: of MinHash, and of the items that are read where there are more than 200,000.
    """
    facts, found = read_facts(labels, rubric, seed), Found()
    for check in CHECKS:
        check(facts, found)
    check_items(facts, found, needs_content=rubric is not None and bool(rubric.fields))
    if len(facts.rows) < len(labels):
        found.not_checked.append(f"texts and reviewers of all items: {len(facts.rows):,} random ones were read")
    return LabelWarnings(
        task=labels.task,
        labels=list(labels.labels),
        items=len(labels),
        items_read=len(facts.rows),
        reviewers=None if facts.votes is None else len(facts.votes.names),
        warnings=found.warnings,
        not_checked=found.not_checked,
        settings={"seed": seed, "max_items": MAX_ITEMS, "similar": SIMILAR, "reading_wpm": READING_WPM},
    )
