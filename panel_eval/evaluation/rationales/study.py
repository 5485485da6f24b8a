"""The corpus beside the panel and the people: groups of evidence, and how much of each is mentioned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.comparison import Comparison
from panel_eval.evaluation.rationales.corpus import Corpus
from panel_eval.evaluation.rationales.numbers import evidence_coverage
from panel_eval.evaluation.rationales.tally import Tally
from panel_eval.evaluation.segments import Segment
from panel_eval.schema.rationale_metrics import EvidenceCoverage, Standing
from panel_eval.stats import mode_sets
from panel_eval.stats.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Study:
    """Evidence and what is said of it, beside what panel and people chose.

    Attributes:
        corpus: evidence and what is said of it.
        rows: (n_items,) rows of its items in the comparison.
        tallies: judge to what it mentions; None to what any judge does.
        segment: the items with their resamples.
        item_class: (n_items,) disagreement class.
        label: (n_pieces,) column of each reviewer's label, -1 where the rubric has no such label.
        human_mode, panel_mode: (n_items, n_labels) the most frequent labels.
        panel_q: (n_items, n_labels).
    """

    corpus: Corpus
    rows: IntArray
    tallies: Mapping[str | None, Tally]
    segment: Segment
    item_class: tuple[str, ...]
    label: IntArray
    human_mode: BoolArray
    panel_mode: BoolArray
    panel_q: FloatArray

    @classmethod
    def of(cls, comparison: Comparison, corpus: Corpus) -> Study:
        """Put a corpus beside the panel and the people of its items."""
        humans, forecasts = comparison.humans, comparison.forecasts
        rows = np.array([item.row for item in corpus.items], dtype=np.int64)
        cluster = comparison.everything.resampling.cluster[rows]
        panel_q = comparison.panel.q[rows]
        said = {None: panel_q} | {judge: forecasts.q_raw[k][rows] for k, judge in enumerate(forecasts.judge_ids)}
        which = np.zeros(len(humans), dtype=np.bool_)
        which[rows] = True
        code = {label: place for place, label in enumerate(humans.labels)}
        return cls(
            corpus=corpus,
            rows=rows,
            tallies={
                speaker: Tally.of(corpus, corpus.said[speaker], _codes(mode_sets(q)), cluster)
                for speaker, q in said.items()
            },
            segment=comparison.everything.take(which),
            item_class=tuple(humans.derived_class[row] for row in rows.tolist()),
            label=np.array([code.get(piece.label, -1) for item in corpus.items for piece in item.pieces]),
            human_mode=mode_sets(humans.distribution[rows]),
            panel_mode=mode_sets(panel_q),
            panel_q=panel_q,
        )

    @property
    def anyone(self) -> Tally:
        """What any judge mentions."""
        return self.tallies[None]

    def item_coverage(self) -> FloatArray:
        """(n_items,) mean coverage of the pieces of each item; NaN where no piece has terms."""
        table = self.anyone.table(np.ones(self.corpus.item.size, dtype=bool))
        with np.errstate(invalid="ignore"):
            means: FloatArray = table[:, 0] / table[:, 2]
        return means

    def standing(self) -> list[Standing]:
        """(n_pieces,) how each reviewer's label stands among the item's."""
        tops = self.human_mode.sum(axis=1)[self.corpus.item]
        same = self._among(self.human_mode)
        return ["tied" if n > 1 else "majority" if own else "dissenter" for n, own in zip(tops, same, strict=True)]

    def panel_label(self) -> list[str | None]:
        """(n_pieces,) whether each reviewer's label is the panel's; None where the panel has no single one."""
        tops = self.panel_mode.sum(axis=1)[self.corpus.item]
        same = self._among(self.panel_mode)
        return [None if n != 1 else "same" if own else "other" for n, own in zip(tops, same, strict=True)]

    def panel_mass(self) -> FloatArray:
        """(n_pieces,) the panel's mass on each reviewer's label; NaN where it or the label is not known."""
        mass: FloatArray = np.where(self.label >= 0, self.panel_q[self.corpus.item, self.label], np.nan)
        return mass

    def reviewers(self) -> list[str]:
        """(n_pieces,) who gave each piece."""
        return [piece.reviewer for item in self.corpus.items for piece in item.pieces]

    def covered(self, pieces: BoolArray) -> EvidenceCoverage:
        """How much of some pieces any judge mentions."""
        return evidence_coverage(self.anyone.table(pieces), self.segment)

    def grouped(self, group: Sequence[str | None], names: tuple[str, ...]) -> dict[str, EvidenceCoverage]:
        """The same by group; groups without evidence are left out."""
        given = np.array([name or "" for name in group])
        found = {name: self.covered(given == name) for name in names}
        return {name: numbers for name, numbers in found.items() if numbers.pieces}

    def _among(self, modes: BoolArray) -> BoolArray:
        own: BoolArray = modes[self.corpus.item, self.label] & (self.label >= 0)
        return own


def _codes(modes: BoolArray) -> IntArray:
    """(n_items,) one code for each set of labels."""
    codes: IntArray = np.unique(modes, axis=0, return_inverse=True)[1].reshape(-1)
    return codes
