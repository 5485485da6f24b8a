"""Where the file breaks its contract, counted and listed."""

from __future__ import annotations

from collections import Counter

from panel_eval.errors import Problem
from panel_eval.humans import Salvaged
from panel_eval.schema.label_review import Violation, Violations

MOST_LISTED = 200
WHOLE_LINE = "line"
"""What a problem without a key is counted under."""


def violations_of(salvaged: Salvaged | None) -> Violations:
    """The problems of a file; None where the labels were loaded without any, or made in Python."""
    if salvaged is None:
        return Violations(checked=False, total=0, lines=0, items_left_out=0, by_kind={}, problems=[])
    problems = salvaged.problems
    kinds = Counter(kind_of(problem) for problem in problems)
    return Violations(
        checked=True,
        total=len(problems),
        lines=len({problem.line for problem in problems if problem.line is not None}),
        items_left_out=salvaged.left_out,
        by_kind={kind: kinds[kind] for kind in sorted(kinds, key=lambda kind: (-kinds[kind], kind))},
        problems=[
            Violation(
                line=problem.line,
                key=problem.key,
                item=None if problem.line is None else salvaged.item_ids.get(problem.line),
                message=problem.message if problem.value is None else f"{problem.message} (found {problem.value})",
                fix=problem.fix,
                kind=kind_of(problem),
            )
            for problem in problems[:MOST_LISTED]
        ],
    )


def kind_of(problem: Problem) -> str:
    """The field of the contract that a problem is about."""
    return (problem.key or "").split(".")[0].split("[")[0] or WHOLE_LINE
