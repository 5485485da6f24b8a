"""All that is mended in one line, rule by rule."""

from __future__ import annotations

from typing import Any

from panel_eval.humans.repair.derived import derived_class, entropy, reviewer_count
from panel_eval.humans.repair.draft import ABSENT, Change, Draft, Rule, Terms
from panel_eval.humans.repair.masses import distribution
from panel_eval.humans.repair.nulls import empty_fields
from panel_eval.humans.repair.numbers import proper_numbers
from panel_eval.humans.repair.spelling import known_labels
from panel_eval.schema import SoftLabel
from panel_eval.schema.columnar import parse_lines
from panel_eval.schema.json_text import add_member, rename_key, replace_value, written
from panel_eval.schema.repeated_keys import has_repeated_keys

RULES: tuple[Rule, ...] = (
    proper_numbers,
    known_labels,
    reviewer_count,
    distribution,
    entropy,
    derived_class,
    empty_fields,
)
"""In this order: what a rule reads, those before it have mended."""

KINDS: dict[str, str] = {
    "number": "numbers that were written as text or with a decimal point",
    "label": "labels in the rubric's spelling",
    "mass": "masses that were off by rounding",
    "distribution": "distribution derived from counts",
    "reviewer_count": "reviewer_count derived from counts",
    "entropy": "entropy_bits derived",
    "entropy_nats": "entropy_bits that was in nats",
    "entropy_normalised": "entropy_bits that was normalised",
    "entropy_hartleys": "entropy_bits that was in powers of ten",
    "class": "disagreement_class derived",
    "empty": "fields named as empty",
}
"""Kind of change to what it is, in the order they are told."""

_ORDER = tuple(SoftLabel.model_fields)


def mend_line(raw: bytes, terms: Terms) -> tuple[bytes, list[Change]]:
    """One line mended as far as that is safe, and what was changed; as it was where nothing is.

    Args:
        raw: the line without its line end.
        terms: what it is mended by.
    """
    (record,) = parse_lines([raw])
    if not isinstance(record, dict) or has_repeated_keys(raw, record):
        return raw, []
    text = raw.decode()
    draft = Draft(text, record, terms)
    for rule in RULES:
        for change in rule(draft):
            draft.make(change)
    for change in draft.changes:
        text = _written_into(text, change)
    return text.encode(), draft.changes


def _written_into(text: str, change: Change) -> str:
    if change.renamed:
        return rename_key(text, change.place, str(change.after))
    literal = _literal(change, text)
    if change.before is not ABSENT:
        return replace_value(text, change.place, literal)
    name = str(change.place[0])
    return add_member(text, name, literal, _neighbour(text, name))


def _literal(change: Change, text: str) -> str:
    """JSON of the new value; of a number that was text, the digits that stood there."""
    if change.kind == "number" and isinstance(change.before, str) and isinstance(change.after, float):
        return change.before.strip()
    return written(change.after, text)


def _neighbour(text: str, name: str) -> str | None:
    """The member behind which a new one belongs: the last of those that the contract names before it."""
    record: dict[str, Any] = parse_lines([text.encode()])[0]
    earlier = [key for key in record if key in _ORDER and _ORDER.index(key) < _ORDER.index(name)]
    return earlier[-1] if earlier else next(reversed(record), None)
