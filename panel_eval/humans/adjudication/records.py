"""A ruling put into a record: what changes, what is kept, and the line of JSON that follows."""

from __future__ import annotations

import json
from dataclasses import dataclass

from panel_eval.humans.adjudication.ruling import Ruling
from panel_eval.schema import SoftLabel
from panel_eval.schema.json_text import add_member, replace_value, written

_LABEL, _REASON = "adjudicated_label", "adjudication_reason"


@dataclass(frozen=True)
class Change:
    """New values of a record; None: as it is."""

    label: str | None = None
    reason: str | None = None


def change_of(record: SoftLabel, ruling: Ruling, replace: bool) -> Change | None:
    """What a ruling changes in a record; None if nothing.

    A label that is there stays unless it is to be replaced and the ruling has another one; a reason that is there
    is replaced together with the label, or by a person who decided to keep the distribution.

    Args:
        record: the item.
        ruling: what became of it.
        replace: whether labels that are there may be replaced.
    """
    before = record.adjudicated_label
    if before is not None:
        changes = replace and ruling.label not in (None, before)
        return Change(ruling.label, ruling.reason) if changes else None
    if ruling.label is not None:
        return Change(ruling.label, ruling.reason)
    says = (record.adjudication_reason or "").strip()
    if ruling.reason is None or ruling.reason == says or (says and ruling.by is None):
        return None
    return Change(reason=ruling.reason)


def edited_line(line: bytes, change: Change) -> bytes:
    """A line with the adjudication of a change; every other byte is as it was.

    Args:
        line: a record's line, without its line end.
        change: what to write.
    """
    text = line.decode()
    for key, value in ((_LABEL, change.label), (_REASON, change.reason)):
        if value is None:
            continue
        names = list(json.loads(text))
        if key in names:
            text = replace_value(text, [key], written(value, text))
        else:
            text = add_member(text, key, written(value, text), after=names[-1])
    return text.encode()
