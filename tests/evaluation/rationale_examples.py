"""Synthetic evidence and rationales: no shipped data set has those of reviewers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from panel_eval.evaluation.rationales.corpus import Corpus, build_corpus
from panel_eval.evaluation.rationales.evidence import Evidence
from panel_eval.evaluation.rationales.tally import Tally
from panel_eval.evaluation.rationales.terms import read_terms
from panel_eval.evaluation.rationales.weights import TermWeights
from panel_eval.evaluation.segments import OVERALL, Resampling, Segment
from panel_eval.schema import Rationale, SoftLabel, Vote
from panel_eval.stats import resampling_weights

Said = Mapping[str, Sequence[str]]


def evidence(row: int, texts: Sequence[str], label: str = "mild", content: str | None = None) -> Evidence:
    """An item with one piece of evidence for each text."""
    pieces = tuple(Rationale(reviewer=f"r{k}", label=label, evidence=text) for k, text in enumerate(texts))
    record = SoftLabel(item_id=f"i{row}", task="t", counts={"mild": 1}, rationales=list(pieces),
                       content=None if content is None else {"text": content})  # fmt: skip
    return Evidence(row, record, pieces, tuple(read_terms(text) for text in texts))


def corpus_of(items: Sequence[Evidence], said: Sequence[Said]) -> Corpus:
    """Items with what each judge said of them."""
    judges = sorted({judge for own in said for judge in own})
    weights = TermWeights.of(item.terms for item in items)
    return build_corpus(items, dict(enumerate(said)), weights, judges)[0]


def tally_of(
    items: Sequence[Evidence], said: Sequence[Said], labels: Sequence[int] | None = None,
    clusters: Sequence[int] | None = None, judge: str | None = None,
) -> Tally:  # fmt: skip
    """What a judge, or any, mentions; all items of one label and each its own cluster unless given."""
    corpus = corpus_of(items, said)
    label = np.array(labels if labels is not None else [0] * len(items))
    cluster = np.array(clusters if clusters is not None else range(len(items)))
    return Tally.of(corpus, corpus.said[judge], label, cluster)


def resampled(n_items: int, resamples: int = 1000, seed: int = 0) -> Segment:
    """All items, each drawn on its own."""
    alone = np.arange(n_items)
    draws = np.asfortranarray(resampling_weights(n_items, resamples, seed))
    return Segment(OVERALL, alone, Resampling(draws, alone, alone, "items", alone))


SIGNS = {
    "mild": ("smooth margin", "no midline shift", "homogeneous signal", "small calcification"),
    "moderate": ("irregular contour", "lesion {mm} mm", "partial enhancement", "parietal location"),
    "severe": ("edema in T2-FLAIR", "necrotic core", "ring enhancement", "midline shift {mm} mm"),
}
"""What a finding may show, by the label that it speaks for; made up."""
LABELS = tuple(SIGNS)


def scans(n_items: int, seed: int = 0, deaf_to: str = "edema") -> tuple[list[SoftLabel], list[Vote]]:
    """Synthetic scans of four reviewers A to D and two judges; judges never speak of what they are deaf to.

    Each reviewer cites two signs of their label; each judge names signs of its own label that reviewers cite too,
    at random. Reviewer C chooses the label above the others' on every third item.
    """
    generator = np.random.default_rng([seed, n_items])
    items, votes = [], []
    for row in range(n_items):
        level, mm = int(generator.integers(2)), int(generator.integers(5, 60))
        own = {name: LABELS[level + (name == "C" and row % 3 == 0)] for name in "ABCD"}
        cited = {name: [_sign(sign, mm) for sign in generator.choice(SIGNS[label], 2, replace=False)]
                 for name, label in own.items()}  # fmt: skip
        items.append(SoftLabel(
            item_id=f"scan-{row:03d}", task="tumor_severity_grade",
            counts={label: list(own.values()).count(label) for label in LABELS},
            content={"finding": f"Head scan {row}: lesion {mm} mm."},
            rationales=[Rationale(reviewer=name, label=own[name], evidence=" + ".join(cited[name]))
                        for name in own],
        ))  # fmt: skip
        for judge in ("ada", "bo"):
            seen = [sign for signs in cited.values() for sign in signs if deaf_to not in sign]
            told = " and ".join(generator.choice(seen, 2)) if seen else "nothing of note"
            votes.append(
                Vote(item_id=items[-1].item_id, judge=judge, label=LABELS[level], rationale=f"I see {told}.")
            )
    return items, votes


def _sign(sign: str, mm: int) -> str:
    return str(sign).format(mm=mm)
