"""Missing votes: counted by outcome, judge and class, and bounded by the worst and best they could have been."""

import numpy as np
import pytest
from class_comparisons import comparison_of, comparison_of_votes
from hypothesis import given, settings
from hypothesis import strategies as st

from panel_eval.evaluation.missing_votes import coverage_section
from panel_eval.schema import CLASS_NAMES, OUTCOMES, Vote
from panel_eval.stats import brier, cross_entropy_bits, mode_accuracy

LABELS = ("a", "b", "c")


def vote(item, judge, label=None, outcome="ok", sample=0):
    return Vote(item_id=f"item-{item:04d}", judge=judge, label=label, outcome=outcome, sample=sample)


@pytest.fixture
def four_items(make_humans):
    """x answers items 0 and 1 and fails on 2; y answers item 0, abstains on 1; nobody was asked about item 3."""
    humans = make_humans([[4, 0, 0], [3, 1, 0], [2, 1, 1], [2, 2, 0]], LABELS)
    votes = [
        vote(0, "x", "a"), vote(1, "x", "b"), vote(2, "x", outcome="unparseable"),
        vote(0, "y", "a"), vote(1, "y", outcome="abstain"), vote(0, "y", outcome="error", sample=1),
    ]  # fmt: skip
    return comparison_of_votes(humans, votes)


def test_outcomes_by_judge_and_class(four_items):
    coverage = coverage_section(four_items)
    assert coverage.total == dict.fromkeys(OUTCOMES, 0) | {"ok": 3, "unparseable": 1, "abstain": 1, "error": 1}
    assert coverage.by_judge["y"]["error"] == 1
    assert coverage.by_class["agreement"] == dict.fromkeys(OUTCOMES, 0) | {"ok": 2, "error": 1}
    rates = coverage.rates
    assert rates.total["ok"] == pytest.approx(1 / 2)
    assert rates.by_judge["x"] == pytest.approx(dict.fromkeys(OUTCOMES, 0.0) | {"ok": 2 / 3, "unparseable": 1 / 3})
    assert rates.by_class["minor"] == pytest.approx(dict.fromkeys(OUTCOMES, 0.0) | {"ok": 0.5, "abstain": 0.5})
    assert rates.by_judge_and_class["y"]["agreement"]["error"] == pytest.approx(0.5)
    assert rates.by_class["unresolved"] == {}  # no vote was asked for there: not 0 %
    assert list(rates.by_judge_and_class["y"]) == list(CLASS_NAMES)


def test_what_the_panel_left_unanswered(four_items):
    panel = coverage_section(four_items).panel
    assert (panel.items, panel.unanswered, panel.never_asked) == (4, 2, 1)
    assert panel.unanswered_by_class == {
        "agreement": 0, "minor": 0, "major": 1, "unresolved": 1, "insufficient": 0,
    }  # fmt: skip
    assert panel.fewer_judges == 1  # item 1 was scored with x alone
    assert panel.items_by_judges_heard == {"0": 2, "1": 1, "2": 1}


def test_accuracy_bounds_by_hand(four_items):
    coverage = coverage_section(four_items)
    # Panel: item 0 right, item 1 wrong; item 2 in [0, 1]; item 3 is tied between two labels, in [0, 1/2].
    panel = coverage.panel.mode_accuracy
    assert (panel.scored, panel.worst, panel.best) == pytest.approx((1 / 2, 1 / 4, 2.5 / 4))
    assert (panel.n, panel.n_missing) == (4, 2)
    # Judge x was asked about items 0 to 2 and missed the last of them.
    judge = coverage.judges["x"]
    assert (judge.asked, judge.unanswered, judge.not_asked) == (3, 1, 1)
    own = judge.mode_accuracy
    assert (own.scored, own.worst, own.best, own.n_missing) == pytest.approx((1 / 2, 1 / 3, 2 / 3, 1))


def test_an_item_on_which_all_labels_tie_has_one_accuracy_whatever_is_said(make_humans):
    comparison = comparison_of(make_humans([[1, 1, 1], [3, 0, 0]], LABELS), [[np.nan] * 3, [0.8, 0.1, 0.1]])
    bounds = coverage_section(comparison).panel.mode_accuracy
    assert (bounds.worst, bounds.best) == pytest.approx((2 / 3, 2 / 3))  # (1/3 + 1) / 2


def test_brier_and_cross_entropy_bounds_by_hand(make_humans):
    comparison = comparison_of(make_humans([[4, 0, 0], [1, 2, 1]], LABELS), [[0.5, 0.25, 0.25], [np.nan] * 3])
    panel = coverage_section(comparison).panel
    scored = 0.5**2 + 2 * 0.25**2
    assert panel.brier.scored == pytest.approx(scored)
    assert panel.brier.best == pytest.approx((scored + 0.625) / 2)  # q = p leaves 1 - sum p^2 = .625
    assert panel.brier.worst == pytest.approx(
        (scored + 1.5) / 2
    )  # all on a label with 1/4: .5625 + .25 + .0625 + .625
    assert (panel.ce_bits.scored, panel.ce_bits.best) == pytest.approx((1.0, (1.0 + 1.5) / 2))
    assert panel.ce_bits.worst is None
    assert "any number of bits" in panel.ce_bits.note
    assert panel.ce_bits_as_uniform.estimate == pytest.approx((1.0 + np.log2(3)) / 2)
    # Base rate of item 1 from item 0 alone: (4.5, .5, .5) / 5.5; of item 0 from item 1: (1.5, 2.5, 1.5) / 5.5
    base = 0.25 * np.log2(5.5 / 4.5) + 0.75 * np.log2(11)
    assert panel.ce_bits_as_base_rate.estimate == pytest.approx((1.0 + base) / 2)
    assert panel.ce_skill_as_base_rate.estimate == pytest.approx(1 - (1.0 + base) / (np.log2(5.5 / 1.5) + base))


rows = st.lists(st.integers(0, 5), min_size=3, max_size=3).filter(lambda row: sum(row) > 0)
shares = st.lists(st.integers(0, 9), min_size=3, max_size=3).filter(lambda row: sum(row) > 0)


@settings(max_examples=60)
@given(st.lists(st.tuples(rows, shares, st.booleans()), min_size=1, max_size=6))
def test_no_answer_to_the_missing_items_leaves_the_bounds(make_humans, items):
    counts, q, hidden = (np.array(column) for column in zip(*items, strict=True))
    q = q / q.sum(axis=1, keepdims=True)
    comparison = comparison_of(make_humans(counts, LABELS), np.where(hidden[:, None], np.nan, q), resamples=2)
    panel, p = coverage_section(comparison).panel, comparison.humans.distribution
    for bounds, score in ((panel.mode_accuracy, mode_accuracy), (panel.brier, brier)):
        value = score(p, q).mean()
        low, high = sorted((bounds.worst, bounds.best))
        assert low - 1e-12 <= value <= high + 1e-12
        assert bounds.n_missing == hidden.sum()
    if panel.ce_bits.best is not None:
        assert panel.ce_bits.best <= cross_entropy_bits(p, q).mean() + 1e-12


def test_with_nothing_missing_the_bounds_are_the_score(make_humans):
    comparison = comparison_of(make_humans([[4, 0, 0], [3, 1, 0]], LABELS), [[0.5, 0.25, 0.25]] * 2)
    panel = coverage_section(comparison).panel
    for bounds in (panel.mode_accuracy, panel.brier, panel.ce_bits):
        assert bounds.scored == bounds.worst == bounds.best
        assert (bounds.n_missing, bounds.note) == (0, "nothing is missing")
    assert panel.ce_bits_as_base_rate.estimate == pytest.approx(panel.ce_bits.scored)


def test_an_impossible_label_makes_the_bounds_infinite_and_says_so(make_humans):
    comparison = comparison_of(make_humans([[3, 1, 0], [4, 0, 0]], LABELS), [[1.0, 0.0, 0.0]] * 2)
    panel = coverage_section(comparison).panel
    assert (panel.ce_bits.scored, panel.ce_bits.best) == (None, None)
    assert "probability 0" in panel.ce_bits.note
    assert panel.ce_skill_as_base_rate.note.startswith("infinite on 1 item")


def test_a_panel_of_which_nobody_was_heard(make_humans):
    comparison = comparison_of(make_humans([[4, 0, 0]], LABELS), [[np.nan] * 3], {"x": [[np.nan] * 3]})
    coverage = coverage_section(comparison)
    assert coverage.panel.mode_accuracy.scored is None
    assert (coverage.panel.mode_accuracy.worst, coverage.panel.mode_accuracy.best) == (0.0, 1.0)
    assert coverage.judges["x"].mode_accuracy.note == "no items"
    assert coverage.rates.total == {}
