"""The explanation of one item, put together."""

from __future__ import annotations

import bisect
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.evaluation.diagnosis.judging import between_cut_bits
from panel_eval.evaluation.diagnosis.section import ItemDiagnoses, diagnose
from panel_eval.evaluation.diagnosis.words import DIAGNOSIS_WORDS
from panel_eval.evaluation.explaining.judges import MOST_LISTED, judge_answers, listed_votes, stands_apart
from panel_eval.evaluation.explaining.label_order import MOST_VOTES, Answers, label_order_effect, repetition
from panel_eval.evaluation.explaining.people import kept, label_shares, reviewer_answers
from panel_eval.evaluation.explaining.reasons import unmentioned_evidence
from panel_eval.evaluation.explaining.sentences import because, headline
from panel_eval.evaluation.means import finite_or_none
from panel_eval.evaluation.rationales import TermWeights, evidence_weights
from panel_eval.evaluation.recorded_votes import RecordedVotes, recorded_votes
from panel_eval.evaluation.references import base_rate
from panel_eval.evaluation.segments import OVERALL, Segment, make_resampling
from panel_eval.humans import HumanLabels
from panel_eval.pooling import JudgeForecasts, VoteTable
from panel_eval.schema.diagnosis import DIAGNOSES, HUMAN_QUADRANTS, JUDGE_QUADRANTS, Diagnosis
from panel_eval.schema.explanation import Explanation, JudgesOnItem, PeopleOnItem
from panel_eval.stats import entropy_bits
from panel_eval.stats.arrays import FloatArray
from panel_eval.stats.class_probability import POPULATION_CLASSES

_RESAMPLES = 100
"""Only intervals of all items need more, and none of them is shown here."""
_MOST_COMPARED = 200_000
"""Characters of ids that are compared with one that is not known: those that sort next to it."""
_MOST_CHARS = 200


@dataclass(frozen=True)
class ScoredRun:
    """A run as explanations read it.

    Attributes:
        name: of its folder, or None.
        humans: the labelled items, in the order of their ids.
        forecasts: what its judges said about them.
        votes: all its votes.
        items: its table of items, in any order.
        seed: that it was scored with.
    """

    name: str | None
    humans: HumanLabels
    forecasts: JudgeForecasts
    votes: VoteTable
    items: pd.DataFrame
    seed: int


@dataclass(frozen=True)
class Explainer:
    """Explains items of one run; what concerns all items is computed once.

    Attributes:
        run: the run.
    """

    run: ScoredRun

    @cached_property
    def diagnoses(self) -> ItemDiagnoses:
        """What is said of each item, as in the run's table of items."""
        return self._diagnosed[1]

    @cached_property
    def _diagnosed(self) -> tuple[Diagnosis, ItemDiagnoses]:
        humans, seed = self.run.humans, self.run.seed
        everything = Segment(OVERALL, np.arange(len(humans)), make_resampling(humans, _RESAMPLES, seed))
        return diagnose(humans, self.run.forecasts, self._base, everything, seed)

    @cached_property
    def _base(self) -> FloatArray:
        return base_rate(self.run.humans)

    @cached_property
    def _weights(self) -> TermWeights:
        return evidence_weights(self.run.humans, self.run.votes, self.run.seed)

    @cached_property
    def _row_of(self) -> Mapping[str, int]:
        """Item id to row of the table of items."""
        return {str(item_id): row for row, item_id in enumerate(self.run.items["item_id"])}

    def explain(self, item_id: str) -> Explanation:
        """Why people and judges answer as they do on an item.

        Raises:
            InputError: there is no such item; names those with the nearest ids.
        """
        run = self.run
        row = run.humans.index.get(item_id)
        if row is None or item_id not in self._row_of:
            raise InputError(_unknown(item_id, run.humans))
        one, said = run.humans.select([row]), run.forecasts.select(np.array([row]))
        scored = {str(name): value for name, value in run.items.iloc[self._row_of[item_id]].items()}
        votes = recorded_votes(_votes_on(run.votes, item_id), one, said.judge_ids)
        people, panel = self._people(row, scored), self._panel(row, said, scored)
        diagnosis = DIAGNOSES[int(self.diagnoses.diagnosis[row])]
        meaning, advice = DIAGNOSIS_WORDS[diagnosis]
        record = one.records[0]
        found = Explanation(
            run=run.name,
            task=one.task,
            item_id=item_id,
            labels=list(one.labels),
            scale=one.scale,
            content={name: kept(text) for name, text in (record.content or {}).items()},
            answer="",
            diagnosis=diagnosis,
            meaning=meaning,
            advice=advice,
            because=[],
            shares=label_shares(
                one.labels,
                one.counts[0],
                one.distribution[0],
                self.diagnoses.people.alpha[row],
                _panel_shares(one, scored),
            ),
            people=people,
            panel=panel,
            notes=_notes(record.content is None, votes, self._diagnosed[0]),
            **self._voting(one, votes),
        )
        return found.model_copy(update={"answer": headline(found), "because": because(found)})

    def _voting(self, one: HumanLabels, votes: RecordedVotes) -> dict[str, Any]:
        """What single votes tell, by field of the explanation."""
        shares = votes.shares(one.labels) if len(votes) else np.empty((0, len(one.labels)))
        answers = Answers.of(votes, shares, self.run.seed)
        return {
            "votes": listed_votes(votes, shares, one.labels),
            "votes_left_out": max(0, len(votes) - MOST_LISTED),
            "label_order": label_order_effect(answers, self.run.seed),
            "repetition": repetition(answers),
            "evidence": unmentioned_evidence(one, votes, lambda: self._weights),
        }

    def _people(self, row: int, scored: Mapping[str, object]) -> PeopleOnItem:
        humans, side = self.run.humans, self.diagnoses.people
        record = humans.records[row]
        split = True if side.split[row] else False if side.agreed[row] else None
        probable = {name: _number(scored.get(f"class_prob_{name}")) for name in POPULATION_CLASSES}
        return PeopleOnItem(
            reviewers=int(humans.reviewer_count[row]),
            votes_known=bool(humans.counts_known[row]),
            answers=reviewer_answers(record),
            entropy_bits=float(entropy_bits(humans.distribution[row][None])[0]),
            expected_entropy=float(side.expected_entropy[row]),
            two_to_one_entropy=float(side.cut[row]),
            split=split,
            confidence=finite_or_none(side.confidence[row]),
            usual_confidence=self._diagnosed[0].humans.confidence_cut,
            quadrant=HUMAN_QUADRANTS[int(side.quadrant[row])],
            disagreement_class=humans.derived_class[row],
            reported_class=humans.reported_class[row],
            class_probabilities={name: value for name, value in probable.items() if value is not None},
            adjudicated_label=record.adjudicated_label,
            adjudication_reason=None if record.adjudication_reason is None else kept(record.adjudication_reason),
        )

    def _panel(self, row: int, said: JudgeForecasts, scored: Mapping[str, object]) -> JudgesOnItem:
        side, labels = self.diagnoses.judges, self.run.humans.labels
        within, between = finite_or_none(side.within[row]), finite_or_none(side.between[row])
        judges = judge_answers(said, labels)
        cut = None if within is None else float(between_cut_bits(np.array([within]), len(labels))[0])
        counted = said.answered[:, 0]
        single = said.strength[:, 0][counted]
        return JudgesOnItem(
            quadrant=JUDGE_QUADRANTS[int(side.quadrant[row])],
            judges=judges,
            panel_entropy_bits=_number(scored.get("panel_entropy_bits")),
            cross_entropy_bits=_number(scored.get("ce_bits")),
            within_bits=within,
            between_bits=between,
            between_cut_bits=cut,
            apart=None if between is None else stands_apart(judges, between),
            within_hidden=bool(counted.any() and (single <= 1).all()),
        )


def _votes_on(votes: VoteTable, item_id: str) -> VoteTable:
    columns = votes.columns
    code = next((code for code, name in enumerate(columns.item_ids) if name == item_id), -1)
    return votes.take(np.flatnonzero(columns.item == code))


def _panel_shares(one: HumanLabels, scored: Mapping[str, object]) -> FloatArray | None:
    shares = [_number(scored.get(f"q_{label}")) for label in one.labels]
    return None if any(share is None for share in shares) else np.array(shares, dtype=np.float64)


def _number(value: object) -> float | None:
    return finite_or_none(float(value)) if isinstance(value, float | int | np.floating) else None


def _notes(no_content: bool, votes: RecordedVotes, section: Diagnosis) -> list[str]:
    notes = ["the run holds no content of the item"] if no_content else []
    if len(votes) > MOST_VOTES:
        notes.append(f"answers were paired and tested from {MOST_VOTES:,} random votes of {len(votes):,}")
    return notes + [note for note in (section.humans.note, section.judges.note) if note]


def _unknown(item_id: str, humans: HumanLabels) -> Problem:
    wanted = item_id[:_MOST_CHARS]
    place, reach = bisect.bisect(humans.item_ids, wanted), max(20, _MOST_COMPARED // max(1, len(wanted)) // 2)
    others = {name[:_MOST_CHARS]: name for name in humans.item_ids[max(0, place - reach) : place + reach]}
    near = [others[name] for name in difflib.get_close_matches(wanted, others, n=3, cutoff=0.5)]
    fix = f"did you mean {', '.join(shorten(name, 60) for name in near)}?" if near else "see panel-eval explain RUN"
    return Problem("is not among the run's labelled items", key="item", value=shorten(item_id), fix=fix)
