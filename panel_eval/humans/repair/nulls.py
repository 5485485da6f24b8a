"""Fields that the full contract demands and that may say "nothing"."""

from __future__ import annotations

from collections.abc import Iterator

from panel_eval.humans.repair.draft import ABSENT, Change, Draft

_NOTHING: tuple[tuple[str, object], ...] = (
    ("confidence", None),
    ("rationales", ()),
    ("adjudicated_label", None),
    ("adjudication_reason", None),
)


def empty_fields(draft: Draft) -> Iterator[Change]:
    """With strict: missing fields as null, `rationales` as an empty list; both say what their absence says."""
    for key, nothing in _NOTHING if draft.terms.strict else ():
        if key not in draft.record:
            yield Change(
                "empty",
                (key,),
                ABSENT,
                None if nothing is None else list[object](),
                "the full contract wants it named; there is none",
            )
