"""Elicitation ``vote``: one label code with a rationale before it and a confidence after it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from panel_eval.errors import shorten
from panel_eval.judges.codes import ABSTAIN
from panel_eval.judges.json_scan import whole_characters
from panel_eval.judges.outcome import Answer, Answered, NotAnswered
from panel_eval.judges.reading import read_object, unusable
from panel_eval.judges.wire import WireReply, WireRequest

LOCAL_RATIONALE_CHARACTERS = 48
"""Longest rationale of a local judge: small models ramble, and each token costs about 10 ms of two cores."""

MAX_RATIONALE_CHARACTERS = 4000


@dataclass(frozen=True)
class _Said:
    code: str
    confidence: float | None
    rationale: str | None


def response_schema(codes: tuple[tuple[str, str], ...], tight: bool) -> Mapping[str, Any]:
    """JSON Schema of a vote. The rationale comes first, so that the label follows from it, not the reverse.

    Args:
        codes: (code, label) pairs offered.
        tight: add limits that local grammars honour and some hosted providers reject (`maxLength`, number enums).
    """
    rationale: dict[str, Any] = {"type": "string"}
    confidence: dict[str, Any] = {"type": "number"}
    if tight:
        rationale["maxLength"] = LOCAL_RATIONALE_CHARACTERS
        confidence = {"enum": [tenth / 10 for tenth in range(11)]}
    return {
        "type": "object",
        "properties": {
            "rationale": rationale,
            "label": {"type": "string", "enum": [code for code, _ in codes]},
            "confidence": confidence,
        },
        "required": ["rationale", "label", "confidence"],
        "additionalProperties": False,
    }


def read_vote(reply: WireReply, request: WireRequest) -> Answer:
    """Read a vote; a label that was not offered is unparseable, never a default."""
    if (reason := unusable(reply)) is not None:
        return reason
    known = dict(request.codes)

    def reading(value: dict[str, Any]) -> _Said | str:
        code = value.get("label")
        if not isinstance(code, str) or code.strip() not in known:
            return f"the label must be one of {', '.join(known)}; found {shorten(code)}"
        return _Said(code.strip(), _confidence(value.get("confidence")), _rationale(value.get("rationale")))

    read = read_object(reply, request, reading)
    if isinstance(read, NotAnswered):
        return read
    said, rung = read
    if known[said.code] == ABSTAIN:
        return NotAnswered("abstain", said.rationale or "the judge chose not to decide")
    return Answered(rung, label=known[said.code], confidence=said.confidence, rationale=said.rationale)


def _confidence(value: object) -> float | None:
    """A confidence in 0..1. Anything else is null and does not spoil the vote.

    A 70 is not read as 70 %: a judge that ignored the scale asked for may as well have meant something else.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and 0.0 <= value <= 1.0 else None


def _rationale(value: object) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return None
    return whole_characters(value[:MAX_RATIONALE_CHARACTERS])
