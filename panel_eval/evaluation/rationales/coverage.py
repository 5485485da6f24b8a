"""One item: which of the evidence that reviewers cite do the judges' rationales mention?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from panel_eval.evaluation.rationales.terms import Reading, read_terms
from panel_eval.evaluation.rationales.weights import TermWeights
from panel_eval.schema import Rationale

MAX_EVIDENCE: Final = 300
"""Characters of a piece of evidence that are quoted."""
MAX_TERMS: Final = 40
"""Terms of a piece of evidence that are listed, the heaviest first."""


@dataclass(frozen=True)
class EvidenceReading:
    """One reviewer's evidence beside what the judges say.

    Attributes:
        reviewer, label: who and for which label.
        evidence: its first characters.
        dissents: whether the label is none of the item's most frequent ones; None where that cannot be told.
        coverage: weighted share of its terms that any judge mentions; None where it has no terms or no judge
            gave a rationale.
        by_judge: the same for each judge that gave a rationale.
        mentioned: term as written to the judges that mention it, the heaviest first.
        missed: terms as written that no judge mentions, the heaviest first.
    """

    reviewer: str
    label: str
    evidence: str
    dissents: bool | None
    coverage: float | None
    by_judge: Mapping[str, float]
    mentioned: Mapping[str, tuple[str, ...]]
    missed: tuple[str, ...]


@dataclass(frozen=True)
class ItemReasons:
    """The evidence on one item, one piece after another, in the order given.

    Attributes:
        pieces: each piece of evidence that holds text.
        judges: the judges that gave a rationale.
    """

    pieces: tuple[EvidenceReading, ...]
    judges: tuple[str, ...]

    @property
    def unmentioned_by_judges(self) -> tuple[EvidenceReading, ...]:
        """What reviewers who dissent cite and no judge mentions, in part or in whole."""
        return tuple(piece for piece in self.pieces if piece.dissents and piece.missed and self.judges)


def item_reasons(
    evidence: Sequence[Rationale],
    judge_rationales: Mapping[str, Sequence[str]],
    weights: TermWeights,
    majority: Collection[str] = (),
) -> ItemReasons:
    """Which terms of each reviewer's evidence the judges' rationales mention.

    Args:
        evidence: the reviewers' rationales on the item; those without text are left out.
        judge_rationales: judge to its rationales on the item, one for each vote that has one.
        weights: of the terms, from all items (`evidence_weights`).
        majority: the item's most frequent labels; several are a tie, where nobody dissents. Empty: not known.
    """
    given = [rationale for rationale in evidence if rationale.evidence and rationale.evidence.strip()]
    readings = [read_terms(rationale.evidence) for rationale in given]
    heads = frozenset().union(*(reading.heads for reading in readings))
    said = {judge: _mentions(texts, heads) for judge, texts in judge_rationales.items() if any(texts)}
    pieces = tuple(
        _piece(rationale, reading, said, weights, _dissents(rationale.label, majority))
        for rationale, reading in zip(given, readings, strict=True)
    )
    return ItemReasons(pieces, tuple(said))


def _mentions(texts: Iterable[str], heads: Set[str]) -> set[str]:
    return set().union(*(read_terms(text, heads).mentions for text in texts))


def _dissents(label: str, majority: Collection[str]) -> bool | None:
    return None if not majority else len(majority) == 1 and label not in majority


def _piece(
    rationale: Rationale,
    reading: Reading,
    said: Mapping[str, set[str]],
    weights: TermWeights,
    dissents: bool | None,
) -> EvidenceReading:
    bits = {term: weights.bits(term) for term in sorted(reading.terms)}
    total = sum(bits.values())
    by_judge = {
        judge: sum(weight for term, weight in bits.items() if term in mentions) / total
        for judge, mentions in said.items()
        if total
    }
    heaviest = sorted(bits, key=lambda term: -bits[term])[:MAX_TERMS]
    hits = {term: tuple(judge for judge, mentions in said.items() if term in mentions) for term in bits}
    found = sum(weight for term, weight in bits.items() if hits[term])
    return EvidenceReading(
        reviewer=rationale.reviewer,
        label=rationale.label,
        evidence=(rationale.evidence or "")[:MAX_EVIDENCE],
        dissents=dissents,
        coverage=found / total if total and said else None,
        by_judge=by_judge,
        mentioned={reading.terms[term]: hits[term] for term in heaviest if hits[term]},
        missed=tuple(reading.terms[term] for term in heaviest if not hits[term]),
    )
