"""What must hold within one soft-label record, rule by rule (DESIGN 4.1, METHODS 7.7).

Each rule takes a `Line` and yields every problem it finds; `RULES` is all of them. What needs other lines
(duplicates, mixed tasks) is checked in `loading`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from panel_eval.errors import Problem, nearest, shorten
from panel_eval.schema import ReviewerConfidence, SoftLabel

SUM_TOLERANCE = 1e-6
ENTROPY_TOLERANCE_BITS = 0.005
VOTE_TOLERANCE = 0.02
"""How far mass × reviewer_count may lie from a whole number of votes and still be read as that number."""

MOST_VOTES = 2**40
"""A count beyond this is a mistake; sums of such numbers would no longer be exact."""

_CONTRACT = (
    "distribution",
    "reviewer_count",
    "entropy_bits",
    "confidence",
    "disagreement_class",
    "rationales",
    "adjudicated_label",
    "adjudication_reason",
)
_CLASSED_FROM = 3
"""Of fewer reviewers no disagreement class is derived."""
_MAY_BE_NULL = frozenset({"confidence", "adjudicated_label", "adjudication_reason"})


@dataclass(frozen=True)
class LabelSet:
    """The labels that may occur, in order, and where that list comes from (in words, for messages)."""

    names: tuple[str, ...]
    origin: str


@dataclass(frozen=True)
class Line:
    """One record, where it stands, and the labels it may use."""

    path: Path
    number: int
    record: SoftLabel
    labels: LabelSet

    def problem(self, key: str | None, message: str, value: object = None, fix: str | None = None) -> Problem:
        """A problem of this line; keys and values come from the file and are made safe to print."""
        shown = None if value is None else shorten(value)
        return Problem(message, self.path, self.number, None if key is None else shorten(key), shown, fix)

    def knows(self, labels: Iterable[str]) -> bool:
        """Whether all of these are labels that may occur."""
        return all(label in self.labels.names for label in labels)


def line_problems(line: Line, strict: bool) -> Iterator[Problem]:
    """Everything that is wrong within one record; `strict` also demands the fields that could be derived."""
    absurd = list(_absurd_numbers(line))
    yield from absurd
    for rule in () if absurd else RULES:
        yield from rule(line)
    if strict:
        yield from _full_contract(line)


def _absurd_numbers(line: Line) -> Iterator[Problem]:
    """Counts that no study has, and that the arithmetic of the other rules does not survive."""
    counts, stated = line.record.counts or {}, line.record.reviewer_count
    named = [(f"counts.{label}", count) for label, count in counts.items()]
    named += [("reviewer_count", stated)] if stated is not None else []
    for key, count in named:
        if count > MOST_VOTES:
            yield line.problem(key, "is too large a number", f"{count:.3g}" if count < 10**300 else "1e300 or more")


def _labels_are_known(line: Line) -> Iterator[Problem]:
    record = line.record
    named = [(f"distribution.{label}", label) for label in record.distribution or ()]
    named += [(f"counts.{label}", label) for label in record.counts or ()]
    named += [(f"rationales.{i}.label", rationale.label) for i, rationale in enumerate(record.rationales)]
    named += [("adjudicated_label", record.adjudicated_label)] if record.adjudicated_label is not None else []
    named += [("gold_label", record.gold_label)] if record.gold_label is not None else []
    known = frozenset(line.labels.names)
    for key, label in named:
        if label not in known:
            yield line.problem(
                key, f"is not a label of {line.labels.origin}", label, _label_fix(label, line.labels)
            )


def _label_fix(label: str, labels: LabelSet) -> str:
    near = nearest(label, labels.names)
    listing = f"labels: {', '.join(shorten(name) for name in labels.names)}"
    return f"did you mean {shorten(near)!r}? {listing}" if near else listing


def _votes_are_given(line: Line) -> Iterator[Problem]:
    record = line.record
    if record.counts is not None:
        if not sum(record.counts.values()):
            yield line.problem("counts", "holds no votes", fix="leave items out that nobody labelled")
    elif record.distribution is None:
        fix = "give distribution and reviewer_count, or counts"
        yield line.problem(None, "has neither distribution nor counts", fix=fix)
    elif record.reviewer_count is None:
        fix = "say how many reviewers the distribution stands for, or give counts"
        yield line.problem("reviewer_count", "is required where counts is missing", fix=fix)


def _mass_sums_to_one(line: Line) -> Iterator[Problem]:
    distribution = line.record.distribution
    if distribution is not None and not _sums_to_one(distribution):
        message = f"must sum to 1 within {SUM_TOLERANCE:g}"
        total = math.fsum(distribution.values())
        yield line.problem("distribution", message, f"a sum of {total:.9g}", "write the masses with more digits")


def _sums_to_one(distribution: Mapping[str, float]) -> bool:
    return abs(math.fsum(distribution.values()) - 1.0) <= SUM_TOLERANCE


def _count_is_the_sum(line: Line) -> Iterator[Problem]:
    counts, stated = line.record.counts, line.record.reviewer_count
    if counts is not None and stated is not None and sum(counts.values()) != stated:
        fix = "correct one of them, or leave reviewer_count out"
        yield line.problem(
            "reviewer_count", f"differs from the {sum(counts.values())} votes in counts", stated, fix
        )


def _counts_match_mass(line: Line) -> Iterator[Problem]:
    counts, distribution = line.record.counts, line.record.distribution
    if counts is None or distribution is None or not (total := sum(counts.values())):
        return
    if not line.knows(counts) or not line.knows(distribution):
        return  # already reported; a misspelt label would seem to have no votes
    for label in {**distribution, **counts}:
        votes, mass = counts.get(label, 0), distribution.get(label, 0.0)
        if abs(mass * total - votes) > VOTE_TOLERANCE + 1e-9:
            message = f"does not match counts ({votes} of {total} votes = {votes / total:.6g})"
            fix = "correct one of them, or leave distribution out: it follows from counts"
            yield line.problem(f"distribution.{label}", message, mass, fix)


def _entropy_is_right(line: Line) -> Iterator[Problem]:
    record = line.record
    masses = record.distribution if record.distribution is not None else record.counts
    if record.entropy_bits is None or not masses or (total := math.fsum(masses.values())) <= 0:
        return
    if record.distribution is not None and not _sums_to_one(record.distribution):
        return  # already reported; an entropy of masses that do not sum to 1 says nothing
    entropy = math.fsum(m / total * math.log2(total / m) for m in masses.values() if m > 0)
    if abs(entropy - record.entropy_bits) > ENTROPY_TOLERANCE_BITS + 1e-12:
        fix = f"write {entropy:.4f}, or leave it out; it is in bits (log2), not nats"
        message = f"is more than {ENTROPY_TOLERANCE_BITS} from the distribution's entropy"
        yield line.problem("entropy_bits", message, record.entropy_bits, fix)


def _rationales_tally(line: Line) -> Iterator[Problem]:
    record = line.record
    if not record.rationales:
        return
    chosen: dict[str, str] = {}
    for i, rationale in enumerate(record.rationales):
        if (before := chosen.setdefault(rationale.reviewer, rationale.label)) != rationale.label:
            message = f"reviewer {shorten(rationale.reviewer)!r} already chose {shorten(before)!r}"
            yield line.problem(f"rationales.{i}", message, rationale.label, "a reviewer has one vote an item")
    votes = record.counts if record.counts is not None else votes_from_mass(record)
    if votes is None:
        return
    tally = Counter(rationale.label for rationale in record.rationales)
    if len(record.rationales) > (n := sum(votes.values())):
        yield line.problem("rationales", f"{len(record.rationales)} rationales for {n} reviewers")
    elif line.knows(tally) and any(
        tally[label] > votes.get(label, 0) for label in tally
    ):  # with one for each, this means unequal
        message = f"name {_listing(tally)}, but the votes are {_listing(votes)}"
        yield line.problem("rationales", message, fix="correct the rationales' labels, or the votes")


def votes_from_mass(record: SoftLabel) -> dict[str, int] | None:
    """Votes per label where mass × reviewer_count is whole within the tolerance, else None."""
    if record.distribution is None or record.reviewer_count is None:
        return None
    votes = {label: mass * record.reviewer_count for label, mass in record.distribution.items()}
    if any(abs(vote - round(vote)) > VOTE_TOLERANCE + 1e-9 for vote in votes.values()):
        return None
    return {label: round(vote) for label, vote in votes.items()}


def _listing(votes: Mapping[str, int]) -> str:
    return ", ".join(f"{shorten(label)} {count}" for label, count in votes.items() if count)


def _confidence_is_per_reviewer(line: Line) -> Iterator[Problem]:
    record = line.record
    if not record.confidence:
        return
    n = record.reviewer_count or sum((record.counts or {}).values())
    named = [entry.reviewer for entry in record.confidence if isinstance(entry, ReviewerConfidence)]
    for reviewer, times in Counter(named).items():
        if times > 1:
            yield line.problem("confidence", f"names a reviewer {times} times", reviewer)
    stated = len(record.confidence)
    if n and (stated > n if named else stated != n):
        fix = "name the reviewers: [{reviewer: ..., value: ...}]" if stated < n else "give one value a reviewer"
        yield line.problem("confidence", f"has {stated} values for {n} reviewers", fix=fix)


def _adjudication_has_a_reason(line: Line) -> Iterator[Problem]:
    label, reason = line.record.adjudicated_label, line.record.adjudication_reason
    if label is not None and not (reason or "").strip():
        fix = "say why this item was collapsed to one label"
        yield line.problem("adjudication_reason", "is required where adjudicated_label is given", fix=fix)


RULES: tuple[Callable[[Line], Iterator[Problem]], ...] = (
    _labels_are_known,
    _votes_are_given,
    _mass_sums_to_one,
    _count_is_the_sum,
    _counts_match_mass,
    _entropy_is_right,
    _rationales_tally,
    _confidence_is_per_reviewer,
    _adjudication_has_a_reason,
)


def _full_contract(line: Line) -> Iterator[Problem]:
    for key in _CONTRACT:
        if key not in line.record.model_fields_set:
            yield line.problem(key, "is required in strict mode but missing")
        elif getattr(line.record, key) is None and key not in _MAY_BE_NULL:
            people = line.record.reviewer_count or sum((line.record.counts or {}).values())
            few = key == "disagreement_class" and people < _CLASSED_FROM
            fix = "a class needs three reviewers: have more label it (panel-eval allocate)" if few else None
            yield line.problem(key, "may not be null in strict mode", fix=fix)
