"""What `faults.py` finds in the server's log and the journals: lost and repeated votes, money, Retry-After."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

VoteId = tuple[str, str, str]
"""Item, judge, and the label listed first: with balanced orders, and no more samples than labels, one vote."""

Line = dict[str, Any]

STILL_OPEN = frozenset({"error", "over_budget"})
"""Outcomes that are no answer: such a vote may be asked for again."""

JITTER_S = 0.005
"""How far a date or a rounded time may lie beside the moment meant."""


def read_lines(path: Path) -> list[Line]:
    """The lines of a JSONL file; a torn last line is left out."""
    lines = []
    for text in path.read_text().splitlines():
        try:
            lines.append(json.loads(text))
        except ValueError:
            continue
    return lines


def asked(line: Line) -> VoteId:
    """The vote that a line of the server's log is about."""
    return line["item"], line["judge"], line["first"]


def answered(vote: Line) -> VoteId:
    """The same of a journal's line."""
    return vote["item_id"], vote["judge"], vote["label_order"][0]


def latest(journal: Iterable[Line]) -> dict[str, Line]:
    """Vote key to the last line stored under it."""
    return {vote["vote_key"]: vote for vote in journal}


def lost(wanted: Mapping[str, Line], got: Mapping[str, Line]) -> set[str]:
    """Keys of the undisturbed run that are not stored in the other, or only as over budget."""
    return {key for key in wanted if key not in got or got[key]["outcome"] == "over_budget"}


def failed(got: Mapping[str, Line]) -> set[str]:
    """Keys of votes that ended in an error in spite of all retries."""
    return {key for key, vote in got.items() if vote["outcome"] == "error"}


def different(wanted: Mapping[str, Line], got: Mapping[str, Line]) -> set[str]:
    """Keys that no planned vote has, and votes answered at the first asking with another label."""
    changed = {
        key
        for key, vote in got.items()
        if key in wanted and vote["outcome"] == "ok" and vote["parse_rung"] != "repaired"
        and vote["label"] != wanted[key]["label"]
    }  # fmt: skip
    return changed | (got.keys() - wanted.keys())


def bought_again(log: Sequence[Line], journal: Sequence[Line]) -> list[Line]:
    """Requests for votes whose answer stood in the journal before."""
    stored: dict[VoteId, float] = {}
    for vote in journal:
        if vote["outcome"] not in STILL_OPEN:
            stored.setdefault(answered(vote), datetime.fromisoformat(vote["at"]).timestamp())
    return [line for line in log if line["at"] > stored.get(asked(line), float("inf")) + JITTER_S]


def repeats(log: Sequence[Line], kills: Sequence[float]) -> tuple[list[int], int]:
    """Votes that were asked for again although they had been answered well.

    Returns:
        For each kill, the votes answered before it and asked for again after it; and how many were asked for again
        without a kill in between.
    """
    counts, unexplained = [0] * len(kills), 0
    good: dict[VoteId, float] = {}
    for line in log:
        before = good.pop(asked(line), None)
        if before is not None:
            between = [number for number, kill in enumerate(kills) if before <= kill <= line["at"]]
            if between:
                counts[between[0]] += 1
            else:
                unexplained += 1
        if line["kind"] == "ok":
            good[asked(line)] = line["at"]
    return counts, unexplained


def billed_usd(log: Iterable[Line], input_usd_per_mtok: float, output_usd_per_mtok: float) -> float:
    """What the server has billed, repeats and answers that never arrived included."""
    return sum(
        line["tokens_in"] * input_usd_per_mtok + line["tokens_out"] * output_usd_per_mtok for line in log
    ) / 1e6  # fmt: skip


def retry_after_violations(log: Iterable[Line], sends: Sequence[Line]) -> list[Line]:
    """Requests that a runner let go although a 429 had come to it, and the time that this named was not over.

    A request that was let go before the 429 came may arrive at any time after it: a busy machine holds it up.

    Args:
        log: the server's lines, which say when each time is over.
        sends: the runners' lines.
    """
    first_told: dict[float, float] = {}
    for line in log:
        if line["until"] is not None:
            first_told.setdefault(line["until"], line["at"])
    refused = [line for line in sends if line["kind"] == "rate_limit"]
    found = []
    for until, told_at in first_told.items():
        known: dict[int, float] = {}
        for line in refused:
            if told_at <= line["ended"] < until:
                known[line["pid"]] = min(line["ended"], known.get(line["pid"], until))
        found += [
            line for line in sends if known.get(line["pid"], until) < line["let_go"] < until - JITTER_S
        ]  # fmt: skip
    return found


def kinds(log: Iterable[Line]) -> dict[str, int]:
    """How often each fate was met."""
    return dict(Counter(line["kind"] for line in log).most_common())
