"""What a plain vote looks like; see `plain_rows`. Says nothing that `vote.Vote` does not say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import get_args

from panel_eval.schema.panel import Elicitation
from panel_eval.schema.plain_rows import (
    PlainFields,
    Row,
    anything_in_an_object,
    choice,
    mapping,
    only,
    real,
    record,
    sequence,
    text,
    whole,
)
from panel_eval.schema.vote import OUTCOMES, ParseRung

_TOLERANCE = 1e-6 - 1e-9  # narrower than the model's, which decides what lies between


def _misfits(rows: Sequence[Row]) -> Iterator[int]:
    """Votes with no answer, two, or one where the outcome says there is none; masses that may not sum to 1."""
    labels = [row.get("label") for row in rows]
    shares = [row.get("distribution") for row in rows]
    outcomes = [row.get("outcome", "ok") for row in rows]
    if shares.count(None) == len(rows) == outcomes.count("ok") and None not in labels:
        return
    for i, (label, masses, outcome) in enumerate(zip(labels, shares, outcomes, strict=True)):
        answers = (label is not None) + (masses is not None)
        if answers != (outcome == "ok") or (masses is not None and abs(sum(masses.values()) - 1.0) > _TOLERANCE):
            yield i


_USAGE = PlainFields(
    {
        "input_tokens": whole(),
        "output_tokens": whole(),
        "cached_tokens": whole(),
        "cache_write_tokens": whole(),
        "reasoning_tokens": whole(),
        "uncertain_tokens": whole(),
    }
)

PLAIN_VOTE = PlainFields(
    {
        "schema_version": whole(1, 1),
        "vote_key": text(nullable=True),
        "item_id": text(empty=False),
        "judge": text(empty=False),
        "sample": whole(),
        "label_order": sequence(text()),
        "elicit": choice(get_args(Elicitation), nullable=True),
        "outcome": choice(OUTCOMES),
        "label": text(nullable=True),
        "distribution": mapping(real(1.0)),
        "captured_mass": real(1.0, nullable=True),
        "confidence": real(1.0, nullable=True),
        "rationale": text(nullable=True),
        "parse_rung": choice(get_args(ParseRung), nullable=True),
        "usage": record(_USAGE),
        "cost_usd": real(nullable=True),
        "cost_uncertain_usd": real(nullable=True),
        "attempts": whole(),
        "latency_s": real(nullable=True),
        "model_reported": text(nullable=True),
        "snapshot": text(nullable=True),
        "error": only(None),
        "raw": text(nullable=True),
        "at": text(nullable=True),
        "batch": text(nullable=True),
        "reused_from": text(nullable=True),
        "metadata": anything_in_an_object(),
    },
    required=frozenset({"item_id", "judge"}),
    misfits=_misfits,
)
