"""Whether a log belongs to a study: its labels must mean the same, and their items must still be there."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.labelling.answers import Answers
from panel_eval.labelling.study import Study
from panel_eval.schema.labelling_log import LabellingEvent


@dataclass(frozen=True)
class Opened:
    """What the openings in a log amount to.

    Attributes:
        study: the random name that the first opening gave; "" where there is none.
        task, rubric, labels: of the last one.
        items: of the last one: item id to the digest of its text.
    """

    study: str = ""
    task: str = ""
    rubric: str = ""
    labels: tuple[str, ...] = ()
    items: dict[str, str] = field(default_factory=dict)


def opened_by(events: Sequence[LabellingEvent]) -> Opened:
    """The openings among these events, put together."""
    found = Opened()
    for event in events:
        if event.event == "opened":
            study = found.study or event.study or ""
            labels, items = tuple(event.labels or ()), dict(event.items or {})
            found = Opened(study, event.task or "", event.rubric or "", labels, items)
    return found


def opening(
    path: Path, events: Sequence[LabellingEvent], study: Study, *, new_wording: bool = False
) -> LabellingEvent | None:
    """The line that a log needs before the study goes on; None if it needs none.

    Args:
        path: the log, for messages.
        events: what stands in it.
        study: what is to be labelled now.
        new_wording: the rubric's words may differ from those that earlier labels were given by.

    Raises:
        InputError: the log is of other labels, of items that are gone or read otherwise now, or the rubric's
            wording changed without `new_wording`; lists every problem.
    """
    before = opened_by(events)
    if before.study and (problems := list(_misfits(path, before, Answers(events), study, new_wording))):
        raise InputError(problems)
    if before.study and before.items == study.item_digests and before.rubric == study.rubric_digest:
        return None
    return LabellingEvent(
        event="opened",
        at=now(),
        study=before.study or secrets.token_hex(8),
        task=study.rubric.task,
        rubric=study.rubric_digest,
        labels=list(study.rubric.label_names),
        items=study.item_digests,
    )


def now() -> str:
    """The time, UTC, ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _misfits(path: Path, before: Opened, answers: Answers, study: Study, new_wording: bool) -> Iterator[Problem]:
    rubric = study.rubric
    other = "name another --state file, or give the rubric that its labels were given by"
    if before.task != rubric.task:
        message = f"holds labels of another task than the rubric's, {shorten(rubric.task)!r}"
        yield Problem(message, path, key="task", value=shorten(before.task), fix=other)
    elif before.labels != rubric.label_names:
        message = f"holds labels of another set than the rubric's ({shorten(', '.join(rubric.label_names), 200)})"
        yield Problem(message, path, key="labels", value=shorten(", ".join(before.labels), 200), fix=other)
    elif before.rubric != study.rubric_digest and not new_wording:
        message = "holds labels that were given by another wording of this rubric"
        fix = (
            "give the earlier wording; or go on with --new-wording: the log keeps which labels were given by which"
        )
        yield Problem(message, path, key="rubric", fix=fix)
    digests = study.item_digests
    for item_id in answers.labelled_items():
        shown = shorten(item_id)
        if item_id not in digests:
            fix = "put the item back; more items may be added at any time"
            yield Problem("has labels of an item that is not in the item file", path, value=shown, fix=fix)
        elif digests[item_id] != before.items.get(item_id):
            fix = "put the old text back, or give the new text an id of its own"
            yield Problem("has labels of an item whose text reads otherwise now", path, value=shown, fix=fix)
