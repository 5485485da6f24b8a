"""What must hold for any panel and any reviewers; and the coverage of the intervals in a simulation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panel_eval.evaluation import evaluate
from panel_eval.schema import Vote

LABELS = ("a", "b", "c")
SYMMETRIC = (
    "ce_bits", "ce_skill", "kl_plugin_bits", "jsd_bits", "js_distance", "tvd", "hellinger", "brier",
    "brier_debiased", "n_eq", "mode_accuracy", "entropy_pearson", "entropy_spearman", "entropy_error_bits",
    "rank_match", "soft_ece", "classwise_soft_ece", "hard_ece",
)  # fmt: skip


@st.composite
def panels(draw: st.DrawFn) -> tuple[list[list[int]], list[Vote]]:
    n_items = draw(st.integers(1, 14))
    row = st.lists(st.integers(0, 4), min_size=3, max_size=3).filter(any)
    counts = draw(st.lists(row, min_size=n_items, max_size=n_items))
    votes = []
    for item in range(n_items):
        for judge in ("x", "y", "z"):
            label = draw(st.sampled_from([*LABELS, None]))
            outcome = "ok" if label else "unparseable"
            votes.append(Vote(item_id=f"item-{item:04d}", judge=judge, label=label, outcome=outcome))
    return counts, votes


@settings(max_examples=15, deadline=None)
@given(panels(), st.permutations(range(3)))
def test_nominal_metrics_do_not_know_the_order_of_labels(make_humans, panel, order):
    counts, votes = panel
    one = evaluate(votes, make_humans(counts, LABELS), resamples=20).metrics
    permuted = [[row[k] for k in order] for row in counts]
    other = evaluate(votes, make_humans(permuted, [LABELS[k] for k in order]), resamples=20).metrics
    for metric in SYMMETRIC:
        ours, theirs = one.panel.overall[metric], other.panel.overall[metric]
        assert (ours.estimate is None) == (theirs.estimate is None), metric
        assert ours.estimate is None or ours.estimate == pytest.approx(theirs.estimate, rel=1e-9, abs=1e-9), metric
        assert (ours.n, ours.note) == (theirs.n, theirs.note)
    assert one.agreement.class_counts == other.agreement.class_counts
    assert one.agreement.reported_vs_derived == other.agreement.reported_vs_derived
    assert one.deferral.soft.aurc.estimate == pytest.approx(other.deferral.soft.aurc.estimate, abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(panels(), st.randoms(use_true_random=False))
def test_metrics_do_not_know_the_order_of_items(make_humans, panel, shuffler):
    counts, votes = panel
    humans = make_humans(counts, LABELS, "ordinal")
    rows = list(range(len(humans)))
    shuffler.shuffle(rows)
    shuffled = votes.copy()
    shuffler.shuffle(shuffled)
    one, other = evaluate(votes, humans, resamples=20), evaluate(shuffled, humans.select(rows), resamples=20)
    assert one.metrics.model_dump_json() == other.metrics.model_dump_json()
    assert np.array_equal(one.panel_q[rows], other.panel_q, equal_nan=True)


@settings(max_examples=15, deadline=None)
@given(panels())
def test_every_number_is_finite_or_explained_and_lies_in_its_range(make_humans, panel):
    counts, votes = panel
    evaluation = evaluate(votes, make_humans(counts, LABELS, "ordinal"), resamples=20)
    table = evaluation.metrics.panel.overall
    bounds = {"tvd": 1, "jsd_bits": 1, "hellinger": 1, "mode_accuracy": 1, "w1": 2, "soft_ece": 1, "brier": 2}
    for metric, top in bounds.items():
        if (value := table[metric].estimate) is not None:
            assert -1e-12 <= value <= top + 1e-12, metric
    answered = evaluation.items["answered"]
    assert evaluation.panel_q[answered].sum(axis=1) == pytest.approx(1.0)
    assert evaluation.metrics.n_scored == answered.sum()
    # KL and cross-entropy differ by the reviewers' own entropy, whatever the panel says.
    if answered.any():
        entropy = evaluation.items.loc[answered, "human_entropy_bits"].mean()
        assert table["ce_bits"].estimate - table["kl_plugin_bits"].estimate == pytest.approx(entropy, abs=1e-9)


def test_one_cluster_per_item_is_no_cluster(make_humans):
    counts = [[4, 0, 0], [3, 1, 0], [2, 1, 1], [1, 2, 1]] * 5
    humans = make_humans(counts, LABELS)
    votes = [Vote(item_id=f"item-{i:04d}", judge="x", label=LABELS[i % 3]) for i in range(20)]
    alone = evaluate(votes, replace(humans, clusters=humans.item_ids), resamples=100).metrics
    free = evaluate(votes, humans, resamples=100).metrics
    for metric in ("ce_bits", "n_eq", "tvd"):
        ours, theirs = alone.panel.overall[metric], free.panel.overall[metric]
        assert (ours.estimate, ours.low, ours.high) == pytest.approx((theirs.estimate, theirs.low, theirs.high))
    base = [metrics.references["base_rate"].overall["ce_bits"].estimate for metrics in (alone, free)]
    assert base[0] == pytest.approx(base[1])


def test_base_rate_leaves_out_the_whole_cluster(make_humans):
    # Items 0 and 1 share an origin, so both are forecast from item 2 alone: (4 + .5) / 5.5 on label c, .5 / 5.5
    # on theirs. Item 2 is forecast from 8 votes for a: .5 / 9.5.
    humans = replace(make_humans([[4, 0, 0], [4, 0, 0], [0, 0, 4]], LABELS), clusters=("one", "one", "two"))
    votes = [Vote(item_id=f"item-{i:04d}", judge="x", label="a") for i in range(3)]
    number = evaluate(votes, humans, resamples=10).metrics.references["base_rate"].overall["ce_bits"]
    assert number.estimate == pytest.approx((2 * np.log2(11) + np.log2(19)) / 3)


def test_clusters_widen_the_interval(make_humans):
    # Ten clusters of ten equal items hold ten observations, not a hundred.
    kinds = [[4, 0, 0], [0, 4, 0]]
    humans = make_humans([kinds[(i // 10) % 2] for i in range(100)], LABELS)
    votes = [Vote(item_id=f"item-{i:04d}", judge="x", label="a") for i in range(100)]
    clustered = replace(humans, clusters=tuple(f"c{i // 10}" for i in range(100)))
    free, grouped = (evaluate(votes, h, resamples=2000).metrics.panel.overall["tvd"] for h in (humans, clustered))
    # The variance of a mean of clusters of ten equal items is ten times that of free items.
    ratio = (grouped.high - grouped.low) / (free.high - free.low)
    assert ratio == pytest.approx(np.sqrt(10), rel=0.15)


@pytest.mark.slow
def test_intervals_cover_the_truth(make_humans):
    # Items from a Dirichlet, reviewers and judge votes from the items: 95 % intervals of the unbiased scores
    # should cover the population value in about 95 of 100 repetitions (the binomial sd of 80 is 2.4 %).
    truth_rng = np.random.default_rng(11)

    def draw(rng: np.random.Generator, n_items: int):
        p = rng.dirichlet([1.0, 0.7, 0.5], size=n_items)
        votes = np.array([rng.multinomial(3, row) for row in 0.7 * p + 0.1])
        return p, votes

    p, votes = draw(truth_rng, 100_000)
    q = (votes + 0.5) / 4.5
    truth = {"ce_bits": -(p * np.log2(q)).sum(1).mean(), "brier_debiased": ((p - q) ** 2).sum(1).mean()}
    truth["n_eq"] = (1 - (p**2).sum(1)).mean() / truth["brier_debiased"]
    covered = dict.fromkeys(truth, 0)
    for seed in range(80):
        rng = np.random.default_rng(1000 + seed)
        p, votes = draw(rng, 120)
        counts = np.array([rng.multinomial(4, row) for row in p])
        given_votes = [
            Vote(item_id=f"item-{i:04d}", judge=f"j{n}", label=LABELS[label])
            for i, row in enumerate(votes)
            for n, label in enumerate(np.repeat(np.arange(3), row))
        ]
        table = evaluate(given_votes, make_humans(counts, LABELS), resamples=300, seed=seed).metrics.panel.overall
        for metric, value in truth.items():
            low, high = table[metric].low, table[metric].high
            covered[metric] += low <= value and (high is None or value <= high)
    for metric, times in covered.items():
        assert 0.88 <= times / 80 <= 1.0, (metric, times)
