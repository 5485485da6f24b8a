"""Answers of models, as logs hold them, as votes: an answer that is no answer gets its outcome, never a label."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.importing.entries import JudgeVote
from panel_eval.importing.values import at_path, label_text, number, text
from panel_eval.judges.json_scan import objects_from_end, whole_object
from panel_eval.schema import Outcome, Usage, Vote, VoteError

LABEL_KEYS = ("label", "answer", "verdict", "rating", "score", "choice", "grade")
_LONGEST_LABEL = 80
_LONGEST_RAW = 4_000
_READ_FROM_END = 30_000
_SUM_TOLERANCE = 0.05
_NAMED = "answer|label|verdict|rating|grade|score|judge?ment"
_SAID_LAST = re.compile(rf"^\W*(?:the |my )?(?:final )?(?:{_NAMED})\W*(?:is\b\s*:?|[:=])\s*(\S.*)$", re.IGNORECASE)
_WRAPPING = re.compile(r"^[\s\"'`*_(\[{]+|[\s\"'`*_.!,;:)\]}]+$")


@dataclass(frozen=True)
class ModelAnswer:
    """What a log has of one answer.

    Attributes:
        item_id, judge: whose answer, to what.
        said: the text, number or object that came; None where nothing did.
        finish_reason: why the model stopped, in the provider's words.
        refusal: the text of a refusal.
        error: what went wrong with the request.
        recorded: an outcome other than ok that the log itself states.
        label_path: where in an object the label stands, if the user said.
        beside: further fields of a vote.
    """

    item_id: str
    judge: str
    said: Any = None
    finish_reason: str | None = None
    refusal: str | None = None
    error: str | None = None
    recorded: Outcome | None = None
    label_path: str | None = None
    beside: dict[str, Any] = field(default_factory=dict)

    def entry(self, line: int | None) -> JudgeVote:
        """The vote as an entry of the source."""
        return JudgeVote(self.vote(), line, cut=self._is_cut())

    def _is_cut(self) -> bool:
        return self.finish_reason in ("length", "max_tokens", "max_output_tokens", "model_length")

    def vote(self) -> Vote:
        """The vote: refusals and errors first, since their text may look like an answer."""
        if self.error is not None:
            why = VoteError(kind="recorded", message=shorten(self.error, 300))
            return self._vote(self.recorded or "error", error=why)
        if self.recorded is not None:
            return self._vote(self.recorded)
        if self.refusal is not None or self.finish_reason in ("content_filter", "refusal"):
            return self._vote("refusal")
        found = answer_in(self.said, self.label_path)
        if found is not None:
            return self._vote("ok", **found)
        return self._vote("truncated" if self._is_cut() else "unparseable")

    def _vote(self, outcome: Outcome, **answer: Any) -> Vote:
        raw = self.refusal if self.refusal is not None else text(self.said)
        return Vote(
            item_id=self.item_id,
            judge=self.judge,
            outcome=outcome,
            raw=None if raw is None else raw[:_LONGEST_RAW],
            **{key: value for key, value in self.beside.items() if value is not None},
            **answer,
        )


def refuse_second_task(tasks: dict[str, Path], task: str | None, path: Path, folder: Path) -> None:
    """Note the task of a log; two tasks would have different items under the same ids.

    Args:
        tasks: tasks met before, each with its first log; added to.
        task: of this log, None where it names none.
        path: the log.
        folder: what is read.

    Raises:
        InputError: it is another task than that of an earlier log.
    """
    tasks.setdefault(task or "", path)
    if len(tasks) > 1:
        listed = " and ".join(
            f"{shorten(name) or 'one without a name'} ({where.name})" for name, where in tasks.items()
        )
        fix = "import each task's logs by themselves: items of two tasks may have the same ids"
        raise InputError(Problem(f"holds logs of two tasks, {listed}", path=folder, fix=fix))


def answer_in(said: Any, path: str | None) -> dict[str, Any] | None:
    """The label or distribution in what a model said, None where there is none.

    An object is read at `path`, else under the first of the usual keys. A text is the label if it is short and on
    one line, quotation marks and the like taken off; else the last JSON object in it is read; else the last line
    such as `ANSWER: positive`.
    """
    if isinstance(said, str):
        return _in_text(said.strip(), path)
    if isinstance(said, dict):
        return _in_object(said, path)
    label = label_text(said)
    return None if label is None else {"label": label}


def _in_text(said: str, path: str | None) -> dict[str, Any] | None:
    if (whole := whole_object(said)) is not None:
        return _in_object(whole, path)
    found = (_in_object(candidate, path) for candidate in objects_from_end(said))
    if (answer := next((one for one in found if one is not None), None)) is not None:
        return answer
    lines = [line.strip() for line in said[-_READ_FROM_END:].splitlines() if line.strip()]
    named = next((match[1] for line in reversed(lines) if (match := _SAID_LAST.match(line))), None)
    said_last = named if named is not None else lines[0] if len(lines) == 1 else ""
    label = _WRAPPING.sub("", said_last) if len(said_last) <= 2 * _LONGEST_LABEL else ""
    return {"label": label} if label and len(label) <= _LONGEST_LABEL and "{" not in label else None


def _in_object(found: dict[str, Any], path: str | None) -> dict[str, Any] | None:
    """A label, or a distribution where an object stands in its place."""
    value = at_path(found, path) if path is not None else _usual(found)
    if isinstance(value, dict):
        return _masses(value)
    label = label_text(value)
    return None if label is None else {"label": label}


def _usual(found: dict[str, Any]) -> Any:
    folded = {str(key).casefold(): value for key, value in found.items()}
    return next((folded[key] for key in ("distribution", *LABEL_KEYS) if key in folded), None)


def _masses(value: dict[str, Any]) -> dict[str, Any] | None:
    """A distribution whose masses sum to 1 within .05, as the engine takes them; divided by their sum."""
    masses = {str(label): number(mass) for label, mass in value.items()}
    known = {label: mass for label, mass in masses.items() if mass is not None and 0 <= mass <= 1.05}
    total = sum(known.values())
    if len(known) < len(masses) or not known or abs(total - 1) > _SUM_TOLERANCE:
        return None
    return {"distribution": {label: mass / total for label, mass in known.items()}}


def usage_of(counts: Any) -> Usage | None:
    """Tokens under the names that providers and logs use for them."""
    if not isinstance(counts, dict):
        return None
    used = {
        "input_tokens": ("prompt_tokens", "input_tokens", "prompt"),
        "output_tokens": ("completion_tokens", "output_tokens", "completion"),
        "reasoning_tokens": ("reasoning_tokens",),
    }
    found = {name: next((_whole(counts[key]) for key in keys if key in counts), 0) for name, keys in used.items()}
    return Usage(**found) if any(found.values()) else None


def _whole(value: Any) -> int:
    found = number(value)
    return int(found) if found is not None and 0 <= found < 2**53 else 0


def positive(value: Any, per_unit: float = 1.0) -> float | None:
    """A number from 0, such as seconds or dollars; None where it is none.

    Args:
        value: as the log has it.
        per_unit: how many of the log's units make one of ours, such as 1,000 milliseconds.
    """
    found = number(value)
    return found / per_unit if found is not None and found >= 0 else None
