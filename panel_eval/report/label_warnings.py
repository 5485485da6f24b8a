"""Warnings about labels as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from panel_eval.errors import printable, shorten
from panel_eval.schema.label_warnings import LabelWarnings, WarningExample

SHOWN_EXAMPLES = 3
_SHOWN_IDS = 3


def warning_lines(found: LabelWarnings, name: str) -> Iterator[str]:
    """Each warning with its worst cases and what to do, then what was not looked for.

    Args:
        found: the warnings.
        name: of the file, for `name:line`.
    """
    for warning in found.warnings:
        yield printable(f"warning: {warning.text}")
        for example in warning.examples[:SHOWN_EXAMPLES]:
            yield f"  {_place(example, name)}: {printable(example.text)}"
        if (more := warning.count - min(len(warning.examples), SHOWN_EXAMPLES)) > 0:
            yield f"  … and {more:,} more"
        yield printable(f"  to do: {warning.advice}")
    if found.not_checked:
        yield printable(f"not looked for: {'; '.join(found.not_checked)}")


def _place(example: WarningExample, name: str) -> str:
    ids = [shorten(item_id, 40) for item_id in example.item_ids[:_SHOWN_IDS]]
    if len(example.item_ids) > _SHOWN_IDS:
        ids.append("…")
    where = name if example.line is None else f"{name}:{example.line}"
    who = [] if example.reviewer is None else [f"reviewer {shorten(example.reviewer, 40)}"]
    about = "; ".join([*who, ", ".join(ids)] if ids else who)
    return f"{where} ({about})" if about else where
