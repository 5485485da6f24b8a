"""Label codes: the letters that stand for labels in a prompt, in the order shown."""

from __future__ import annotations

import string

from panel_eval.judges.wire import WireRequest

ABSTAIN = ""
"""The label behind the abstain code: no label at all."""

MAX_LABELS = 25


def label_codes(label_order: tuple[str, ...], abstain: bool) -> tuple[tuple[str, str], ...]:
    """(code, label) pairs: A, B, C … in the order shown; the abstain code, if any, comes last.

    Raises:
        ValueError: there are more labels than letters.
    """
    shown = (*label_order, ABSTAIN) if abstain else label_order
    if len(label_order) > MAX_LABELS:
        raise ValueError(f"a judge can be asked about at most {MAX_LABELS} labels; found {len(label_order)}")
    return tuple(zip(string.ascii_uppercase, shown, strict=False))


def code_of(request: WireRequest, label: str) -> str:
    """The code that stands for `label` in this request (the reverse of what the judge's answer goes through).

    Raises:
        KeyError: the request does not offer that label.
    """
    return {name: code for code, name in request.codes}[label]
