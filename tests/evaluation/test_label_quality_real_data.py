"""Label quality on public data: facts computed from the original tables, and that judges change nothing."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from panel_eval.api import load_votes
from panel_eval.evaluation import evaluate
from panel_eval.evaluation.label_quality import label_quality
from panel_eval.humans import load_soft_labels
from panel_eval.schema.label_quality import LabelQuality

DATA = Path(os.environ.get("PANEL_EVAL_DATA", "../shared/data"))
POPQUORN, CHAOSNLI = DATA / "popquorn_offensiveness", DATA / "chaosnli" / "chaosNLI_snli.jsonl"
needs_popquorn = pytest.mark.skipif(
    not (POPQUORN / "raw_data.csv").is_file(), reason=f"no POPQUORN data under {DATA}; set PANEL_EVAL_DATA"
)
needs_chaosnli = pytest.mark.skipif(
    not CHAOSNLI.is_file(), reason=f"no ChaosNLI data under {DATA}; set PANEL_EVAL_DATA"
)
Ratings = dict[str, dict[str, int]]


@pytest.fixture(scope="module")
def ratings() -> Ratings:
    """Comment -> person -> rating, from the original table."""
    found: Ratings = defaultdict(dict)
    with (POPQUORN / "raw_data.csv").open() as file:
        for row in csv.DictReader(file):
            found[row["instance_id"]][f"u{row['user_id']}"] = int(float(row["offensiveness"]))
    return found


@pytest.fixture(scope="module")
def popquorn() -> LabelQuality:
    return label_quality(load_soft_labels(POPQUORN / "labels.jsonl", scale="ordinal"), resamples=200)


@needs_popquorn
def test_popquorn_is_as_large_as_its_table(popquorn: LabelQuality, ratings: Ratings) -> None:
    size, people = popquorn.size, Counter(person for own in ratings.values() for person in own)
    per_item = [len(own) for own in ratings.values()]
    assert (size.items, size.votes, size.reviewers) == (len(ratings), sum(per_item), len(people))
    assert (size.reviewers_per_item_min, size.reviewers_per_item_max) == (min(per_item), max(per_item))
    assert size.reviewers_per_item_mean == pytest.approx(np.mean(per_item))
    assert (size.items_per_reviewer_min, size.items_per_reviewer_max) == (
        min(people.values()),
        max(people.values()),
    )
    assert size.labels_never_used == []


@needs_popquorn
def test_popquorns_reviewers_are_those_of_its_table(popquorn: LabelQuality, ratings: Ratings) -> None:
    by_name = {one.reviewer: one for one in popquorn.reviewers.reviewers}
    assert len(by_name) == 262
    for name in ("u0", "u36", "u77", "u200"):
        agreement, expected, severity = [], [], []
        for own in ratings.values():
            if name in own:
                others = [rating for person, rating in own.items() if person != name]
                agreement.append(np.mean([rating == own[name] for rating in others]))
                expected.append(np.mean([a == b for a, b in combinations(others, 2)]))
                severity.append(own[name] - np.mean(others))
        one = by_name[name]
        assert one.votes == len(agreement)
        assert one.agreement.estimate == pytest.approx(np.mean(agreement))
        assert one.expected.estimate == pytest.approx(np.mean(expected))
        assert one.difference.estimate == pytest.approx(np.mean(agreement) - np.mean(expected))
        assert one.severity is not None
        assert one.severity.estimate == pytest.approx(np.mean(severity))


@needs_popquorn
def test_popquorns_reviewers_average_out(popquorn: LabelQuality) -> None:
    # Within an item the differences sum to 0 over its reviewers; so do those of all votes.
    weighted = [(one.difference.estimate or 0.0) * one.comparable for one in popquorn.reviewers.reviewers]
    assert sum(weighted) == pytest.approx(0.0, abs=1e-8)
    assert popquorn.verdict.level == "reservations"
    assert not popquorn.gold.items


@needs_popquorn
@pytest.mark.slow
def test_judges_change_nothing(popquorn: LabelQuality) -> None:
    humans = load_soft_labels(POPQUORN / "labels.jsonl", scale="ordinal")
    result = evaluate(load_votes(POPQUORN / "votes.jsonl"), humans, resamples=200)
    assert result.metrics.label_quality == popquorn
    flagged = result.items[result.items.review_reasons.notna()]
    assert len(flagged) == popquorn.review.flagged
    first = popquorn.review.items[0]
    row = result.items.set_index("item_id").loc[first.item_id]
    assert (row.review_score, row.review_reasons) == (pytest.approx(first.score), "; ".join(first.reasons))
    assert flagged.review_score.max() == pytest.approx(first.score)


@needs_chaosnli
def test_chaosnli_names_nobody_and_is_judged_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    with path.open("w") as out:
        for line in CHAOSNLI.read_text().splitlines():
            record = json.loads(line)
            counts = dict(zip("enc", record["label_count"], strict=True))
            out.write(json.dumps({"item_id": record["uid"], "task": "nli", "counts": counts}) + "\n")
    quality = label_quality(load_soft_labels(path), resamples=100)
    assert quality.size.reviewers is None
    assert (quality.size.items, quality.size.votes) == (1514, 151_400)
    assert quality.reviewers.n_named == 0
    # a hundred reviewers an item: other hundreds would give nearly the same shares
    assert quality.agreement.share_reliability.low is not None
    assert quality.agreement.share_reliability.low > 0.95
    # one vote of a hundred moves an item's shares by a hundredth: none is worth a second look by itself
    assert quality.review.by_reason["unlikely_vote"] == 0
    assert quality.verdict.level == "sound"
    assert any("who cast which vote" in text for text in quality.verdict.not_checked)
