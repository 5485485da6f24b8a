"""The section `rationales`: how much of what reviewers cite the judges mention, and which of it they miss."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.means import null
from panel_eval.evaluation.rationales.corpus import Speech, build_corpus, sums_at
from panel_eval.evaluation.rationales.evidence import MAX_ITEMS, Evidence, read_evidence
from panel_eval.evaluation.rationales.misses import heaviest_missed, missed_terms
from panel_eval.evaluation.rationales.numbers import coverage_gap, evidence_coverage, item_mean
from panel_eval.evaluation.rationales.spoken import MAX_VOTES, judge_rationales, within_bounds
from panel_eval.evaluation.rationales.study import Study
from panel_eval.evaluation.rationales.tally import Tally
from panel_eval.evaluation.rationales.weights import TermWeights
from panel_eval.humans import HumanLabels
from panel_eval.pooling import VoteTable
from panel_eval.schema import CLASS_NAMES
from panel_eval.schema.rationale_metrics import (
    EvidenceCoverage,
    JudgeRationales,
    Quoted,
    RationaleMetrics,
    ReviewerEvidence,
)
from panel_eval.schema.reading import collector_paused
from panel_eval.stats.arrays import FloatArray

MAX_REVIEWERS: Final = 50
"""Most reviewers listed, those with the most evidence."""

_NO_VOTES = "forecasts were given, not votes: what the judges wrote is not known"
_NO_EVIDENCE = "no reviewer gave evidence (`rationales` with `evidence` in the label file)"
_SILENT = "no judge gave a rationale"
_NO_RATIONALES = "no judge gave a rationale on an item whose reviewers gave evidence"


@dataclass(frozen=True)
class RationaleSection:
    """The section, and the item table's column.

    Attributes:
        metrics: the section.
        evidence_coverage: (n_items,) mean coverage of the item's evidence by any judge; NaN where there is none, or
            the item was not read.
    """

    metrics: RationaleMetrics
    evidence_coverage: FloatArray

    def columns(self) -> dict[str, FloatArray]:
        """The column by its name in the item table."""
        return {"evidence_coverage": self.evidence_coverage}


def rationale_section(comparison: Comparison, votes: VoteTable | None) -> RationaleSection:
    """Put reviewers' evidence beside judges' rationales.

    Args:
        comparison: panel and people.
        votes: what the judges said; None: only their forecasts are known.
    """
    if votes is None:
        return _without(comparison, _NO_VOTES)
    if "rationale" not in votes.columns.named:
        return _without(comparison, _SILENT)
    with collector_paused():
        return _compared(comparison, votes)


def evidence_weights(humans: HumanLabels, votes: VoteTable, seed: int = 0) -> TermWeights:
    """What each term of the reviewers' evidence weighs in the section of a run, for `item_reasons`.

    Args:
        humans: the labelled items, in the order of their ids.
        votes: all votes of the run; of how many items evidence is read depends on their number.
        seed: that the run was scored with.
    """
    return TermWeights.of(item.terms for item in read_evidence(humans, seed, _most_items(votes))[0])


def _most_items(votes: VoteTable) -> int:
    """Most items whose evidence is read: fewer where there are very many votes an item."""
    each = len(votes) / max(1, len(votes.columns.item_ids))
    return max(1, min(MAX_ITEMS, int(MAX_VOTES / max(1.0, each))))


def _compared(comparison: Comparison, votes: VoteTable) -> RationaleSection:
    found, left = read_evidence(comparison.humans, comparison.seed, _most_items(votes))
    if not found:
        return _without(comparison, _NO_EVIDENCE)
    judges = comparison.forecasts.judge_ids
    spoken = judge_rationales(votes, comparison.humans.select([item.row for item in found]), judges)
    if not spoken:
        return _without(comparison, _NO_RATIONALES, len(found))
    kept = within_bounds(spoken, comparison.seed)
    bounded = (
        f"rationales on {kept.size:,} random items of {len(spoken):,} were read"
        if kept.size < len(spoken)
        else None
    )
    items = [found[place] for place in kept.tolist()]
    weights = TermWeights.of(item.terms for item in found)
    heard = {place: spoken[item] for place, item in enumerate(kept.tolist())}
    corpus, speech = build_corpus(items, heard, weights, judges, comparison.seed)
    study = Study.of(comparison, corpus)
    column = np.full(len(comparison.humans), np.nan)
    column[study.rows] = study.item_coverage()
    note = "; ".join(filter(None, (left, bounded))) or None
    return RationaleSection(_metrics(study, speech, len(found), note), column)


def _without(comparison: Comparison, note: str, with_evidence: int = 0) -> RationaleSection:
    """A section of nulls that says why."""
    number = null(note)
    none = EvidenceCoverage(pieces=0, coverage=number, chance=number, lift=number)
    metrics = RationaleMetrics(
        note=note,
        items_with_evidence=with_evidence,
        items=0,
        overall=none,
        by_class={},
        by_standing={},
        dissenter_gap=number,
        by_panel_label={},
        by_judge={},
        by_reviewer=[],
        reviewers=0,
        quoted=None,
        own_terms=number,
        evidence_words=number,
        missed_terms=[],
        heaviest_missed=[],
    )
    return RationaleSection(metrics, np.full(len(comparison.humans), np.nan))


def _metrics(
    study: Study, speech: Mapping[str | None, Speech], with_evidence: int, note: str | None
) -> RationaleMetrics:
    corpus, anyone = study.corpus, study.anyone
    everything = np.ones(corpus.item.size, dtype=bool)
    standing = study.standing()
    classes = [study.item_class[item] for item in corpus.item.tolist()]
    majority, dissenters = (
        anyone.table(np.array([own == name for own in standing])) for name in ("majority", "dissenter")
    )
    judges = [judge for judge in corpus.said if judge is not None and corpus.said[judge].heard.any()]
    return RationaleMetrics(
        note=note,
        items_with_evidence=with_evidence,
        items=len(corpus.items),
        overall=study.covered(everything),
        by_class=study.grouped(classes, CLASS_NAMES),
        by_standing=study.grouped(standing, ("majority", "dissenter", "tied")),
        dissenter_gap=coverage_gap(majority, dissenters, study.segment),
        by_panel_label=study.grouped(study.panel_label(), ("same", "other")),
        by_judge={judge: _of_judge(study, judge, speech[judge]) for judge in judges},
        by_reviewer=_by_reviewer(study),
        reviewers=len(set(study.reviewers())),
        quoted=_quoted(study),
        own_terms=item_mean(speech[None].own_terms, study.segment),
        evidence_words=item_mean(_evidence_words(corpus.items), study.segment),
        missed_terms=missed_terms(anyone, standing),
        heaviest_missed=heaviest_missed(anyone, standing, study.panel_mass()),
    )


def _of_judge(study: Study, judge: str, speech: Speech) -> JudgeRationales:
    corpus, tally = study.corpus, study.tallies[judge]
    everything = np.ones(corpus.item.size, dtype=bool)
    return JudgeRationales(
        evidence=evidence_coverage(tally.table(everything), study.segment),
        beyond_content=_beyond_content(study, tally),
        rationales=int(speech.rationales.sum()),
        words=item_mean(speech.words, study.segment),
        own_terms=item_mean(speech.own_terms, study.segment),
    )


def _by_reviewer(study: Study) -> list[ReviewerEvidence]:
    names = study.reviewers()
    most = sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0]))[:MAX_REVIEWERS]
    chosen = tuple(sorted(name for name, _ in most))
    found = study.grouped(names, chosen)
    return [ReviewerEvidence(reviewer=name, evidence=numbers) for name, numbers in found.items()]


def _beyond_content(study: Study, tally: Tally) -> EvidenceCoverage | None:
    corpus = study.corpus
    if not corpus.has_content.any():
        return None
    return evidence_coverage(tally.table(corpus.has_content[corpus.item], ~corpus.in_content), study.segment)


def _quoted(study: Study) -> Quoted | None:
    """What pasting the items would mention, and what judges mention beyond it."""
    corpus = study.corpus
    beyond = _beyond_content(study, study.anyone)
    if beyond is None:
        return None
    total = corpus.piece_bits
    known = (total > 0) & corpus.has_content[corpus.item]
    inside = corpus.piece_sums(np.where(corpus.in_content, corpus.bits, 0.0))
    shares = sums_at(corpus.item[known], len(corpus.items), inside[known] / total[known])
    pieces = sums_at(corpus.item[known], len(corpus.items))
    table = np.column_stack([shares, np.zeros_like(shares), pieces])
    return Quoted(share=evidence_coverage(table, study.segment).coverage, beyond_content=beyond)


def _evidence_words(items: Sequence[Evidence]) -> FloatArray:
    return np.array([np.mean([reading.words for reading in item.readings]) for item in items])
