"""Items with one reviewer only, and items that no judge could be shown."""

from __future__ import annotations

import numpy as np

from panel_eval.evaluation.label_warnings.facts import Facts, Found
from panel_eval.wording import counted


def check_items(facts: Facts, found: Found, needs_content: bool) -> None:
    """Items that little can be done with.

    Args:
        facts: the labels.
        found: gets the warnings.
        needs_content: whether a rubric names fields that judges are shown.
    """
    humans = facts.humans
    alone = np.flatnonzero(humans.reviewer_count == 1)
    found.warn(
        "single_reviewer",
        f"{counted(alone.size, 'item')} of {len(humans):,} have one reviewer only",
        "their soft label is one person's answer: nothing can be said of disagreement, and their class is "
        "`insufficient`; have at least two more people label them",
        [facts.example("one reviewer", [int(row)]) for row in alone[:10]],
        count=int(alone.size),
    )
    lacking = facts.rows[facts.lacking]
    if lacking.size == len(facts.rows) and not needs_content:
        return
    found.warn(
        "no_content",
        f"{counted(lacking.size, 'item')} of {len(facts.rows):,} lack the text that judges are shown",
        "add `content` to them, or keep the texts in a second file (`content:` in the panel); judges cannot be "
        "asked about the others",
        [facts.example("no text to show", [int(row)]) for row in lacking[:10]],
        count=int(lacking.size),
    )
