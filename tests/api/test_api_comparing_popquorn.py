"""Nine LLM judges (POPQUORN offensiveness), each compared with GPT-4, against a bootstrap written here."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from panel_eval import api
from panel_eval.api.comparing import compare
from panel_eval.humans import load_soft_labels
from panel_eval.schema import Vote, read_jsonl

DATA = Path(os.environ.get("PANEL_EVAL_DATA", "../shared/data")) / "popquorn_offensiveness"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (DATA / "votes.jsonl").is_file(), reason=f"no POPQUORN data under {DATA}"),
]
BASELINE = "gpt4"
LABELS = ("1", "2", "3", "4", "5")
RESAMPLES = 4000


@pytest.fixture(scope="module")
def comparisons():
    """Judge to its comparison with GPT-4, all in one report."""
    humans = load_soft_labels(DATA / "labels.jsonl", scale="ordinal")
    votes = [vote for _, vote in read_jsonl(DATA / "votes.jsonl", Vote).records]
    names = sorted({vote.judge for vote in votes})
    runs = {
        name: api.score(humans, [vote for vote in votes if vote.judge == name], resamples=100) for name in names
    }
    others = [name for name in names if name != BASELINE]
    report = compare(runs[BASELINE], [runs[name] for name in others])
    return dict(zip(others, report.candidates, strict=True))


@pytest.fixture(scope="module")
def scores():
    """Metric to judge to item to score, from the raw files: the mean over people of what each vote costs."""
    people = {}
    for line in (DATA / "labels.jsonl").read_text().splitlines():
        record = json.loads(line)
        counts = record.get("counts") or {
            label: mass * record["reviewer_count"] for label, mass in record["distribution"].items()
        }
        people[record["item_id"]] = np.array([counts.get(label, 0) for label in LABELS], dtype=float)
    found = {"ce_bits": {}, "brier_debiased": {}}
    for line in (DATA / "votes.jsonl").read_text().splitlines():
        vote = json.loads(line)
        if vote.get("outcome", "ok") != "ok":
            continue
        said = np.array([label == vote["label"] for label in LABELS], dtype=float)
        q = (said + 0.5) / (1 + 0.5 * 5)  # one vote, and half a vote for each of five labels
        p = people[vote["item_id"]] / people[vote["item_id"]].sum()
        n = people[vote["item_id"]].sum()
        own = {"ce_bits": -(p @ np.log2(q)), "brier_debiased": ((p - q) ** 2).sum() - (1 - (p**2).sum()) / (n - 1)}
        for metric, score in own.items():
            found[metric].setdefault(vote["judge"], {})[vote["item_id"]] = score
    return found


def test_eight_judges_beside_gpt4_are_as_the_raw_files_say(comparisons, scores):
    """One test, so that the nine runs are scored once, by one worker."""
    assert set(comparisons) | {BASELINE} == set(scores["ce_bits"])
    assert len(comparisons) == 8
    for metric in ("ce_bits", "brier_debiased"):
        signs_and_intervals_are_those_of_a_bootstrap(comparisons, scores, metric)
    gpt4_is_the_best_of_them_and_all_of_it_is_one_family(comparisons)


def signs_and_intervals_are_those_of_a_bootstrap(comparisons, scores, metric):
    """Ends may differ by a fifth of a standard error.

    An end of a percentile interval from 4,000 resamples has a Monte-Carlo error of sqrt(.025 * .975 / 4000) / .0584
    = .042 standard errors (.0584 is the normal density at 1.96), so a fifth is nearly five of these; ours is a t
    interval, whose quantile with over a thousand items is 1.962.
    """
    draw = np.random.default_rng(2024)
    base = scores[metric][BASELINE]
    for judge, comparison in comparisons.items():
        own = scores[metric][judge]
        shared = sorted(base.keys() & own.keys())
        differences = np.array([own[item] - base[item] for item in shared])
        means = np.array(
            [differences[draw.integers(len(shared), size=len(shared))].mean() for _ in range(RESAMPLES)]
        )
        low, high = np.quantile(means, [0.025, 0.975])
        test = next(test for test in comparison.tests if (test.metric, test.segment) == (metric, "overall"))
        assert test.difference.n == test.units == comparison.overlap.compared == len(shared)
        assert test.difference.estimate == pytest.approx(differences.mean(), abs=1e-9)
        assert (test.difference.low, test.difference.high) == pytest.approx((low, high), abs=0.2 * means.std())
        sign = "worse" if low > 0 else "better" if high < 0 else "no difference shown"
        assert test.verdict == sign, judge


def gpt4_is_the_best_of_them_and_all_of_it_is_one_family(comparisons):
    overall = {judge: comparison.tests[0] for judge, comparison in comparisons.items()}
    assert {test.verdict for test in overall.values()} == {"worse"}
    in_family = [
        test for each in comparisons.values() for test in each.tests if test.metric == "ce_bits" and test.testable
    ]
    assert len(in_family) == 40
    # 10,000 sign patterns, none as far out as what was found: 1 / 10,001, times the 40 tests
    assert min(test.p_holm for test in in_family) == pytest.approx(40 / 10_001)
