"""What stands in the `value` of a Label Studio answer, in every export the same."""

from __future__ import annotations

from typing import Any

_KEYS = ("choices", "rating", "number", "selected", "taxonomy", "text", "datetime")
_REGION = ({"start", "end"}, {"x", "y"}, {"points"}, {"ranges"}, {"vertices"})


def answers_in(value: Any) -> list[Any]:
    """The answers of one control: labels, stars, numbers, texts; a place in a taxonomy as `parent/child`.

    Takes `{"choices": […]}` and its like, lists of these, and the bare texts that JSON-MIN makes of them.
    """
    match value:
        case None | "":
            return []
        case list():
            return [answer for inner in value for answer in answers_in(inner)]
        case {"taxonomy": list(paths)}:
            return ["/".join(str(part) for part in path) if isinstance(path, list) else path for path in paths]
        case dict():
            return next((answers_in(value[key]) for key in _KEYS if key in value), [])
    return [value]


def is_of_a_region(value: Any) -> bool:
    """Whether an answer is on a part of the item: a span, a box."""
    return isinstance(value, dict) and any(marks <= value.keys() for marks in _REGION)


def joined(answers: list[Any]) -> str | None:
    """Texts of one control as one; None where there is none."""
    return "\n".join(str(answer) for answer in answers) or None
