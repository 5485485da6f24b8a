import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from panel_eval.stats.selective import asymptotic_aurc_optimum, rank_losses, selective_areas
from panel_eval.stats.selective_points import (
    average_precision,
    coverage_at_risk,
    risk_among_deferred,
    risk_at_coverage,
)

# METHODS 6.1.
CONFIDENCE = np.array([0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5])
ERROR = np.array([0.0, 0, 1, 0, 0, 1, 0, 1, 0, 1])
WORKED = rank_losses(CONFIDENCE, ERROR)


def test_the_worked_areas_of_one_ranking():
    areas, best = selective_areas(WORKED), selective_areas(rank_losses(-ERROR, ERROR))
    assert areas.mean_loss[0] == pytest.approx(0.4)
    assert areas.aurc[0] == pytest.approx(0.2510714286, abs=1e-10)
    assert areas.aurc_trapezoid[0] == pytest.approx(0.2310714286, abs=1e-10)
    assert areas.augrc[0] == pytest.approx(0.15)
    assert areas.auroc_failure[0] == pytest.approx(0.7083333333, abs=1e-10)
    assert best.augrc[0] == pytest.approx(0.08)
    assert areas.augrc[0] - best.augrc[0] == pytest.approx(0.07)


def test_the_worked_excess_belongs_to_the_trapezoids():
    areas = selective_areas(WORKED)
    optimum = asymptotic_aurc_optimum(areas.mean_loss)
    assert optimum[0] == pytest.approx(0.0935046257, abs=1e-10)
    assert (areas.aurc_trapezoid - optimum)[0] == pytest.approx(0.1375668028, abs=1e-10)
    # By the mean of prefixes the excess over the best order of these very items is another number.
    best = sum(k / (6 + k) for k in (1, 2, 3, 4)) / 10
    assert selective_areas(rank_losses(-ERROR, ERROR)).aurc[0] == pytest.approx(best)


def test_the_asymptotic_optimum_is_the_limit_of_perfect_rankings():
    error = (np.arange(100_000) < 30_000).astype(float)
    areas = selective_areas(rank_losses(-error, error))
    assert areas.aurc[0] == pytest.approx(float(asymptotic_aurc_optimum(np.array(0.3))), abs=1e-4)
    assert asymptotic_aurc_optimum(np.array([0.0, 1.0])).tolist() == [0.0, 1.0]


def test_the_worked_accuracy_at_coverage():
    assert 1 - risk_at_coverage(WORKED, [0.5, 0.8, 1.0])[0] == pytest.approx([0.8, 0.625, 0.6])


def test_a_share_of_an_item_counts_as_that_share():
    # Two items in full and half of the third, which is wrong.
    assert risk_at_coverage(WORKED, [0.25])[0] == pytest.approx([0.5 / 2.5])
    # The least certain 15 %: one wrong item and half of a right one.
    assert risk_among_deferred(WORKED, [0.15])[0] == pytest.approx([1 / 1.5])


def test_deferred_and_kept_make_up_the_whole():
    losses = np.column_stack([ERROR, np.linspace(0, 1, 10)])
    ranked = rank_losses(np.round(CONFIDENCE, 1), losses)
    rates = np.array([0.05, 0.3, 0.77])
    deferred, kept = risk_among_deferred(ranked, rates), risk_at_coverage(ranked, 1 - rates)
    assert deferred * rates + kept * (1 - rates) == pytest.approx(
        np.repeat(losses.mean(axis=0)[:, None], 3, axis=1)
    )


def test_the_largest_coverage_at_a_risk():
    # Risks by item: 0 0 1/3 1/4 1/5 2/6 2/7 3/8 3/9 4/10.
    found = coverage_at_risk(WORKED, [0.0, 0.1, 0.2, 0.3, 0.35, 0.4])[0]
    assert found == pytest.approx([0.2, 0.2, 0.5, 0.7, 0.9, 1.0])
    assert coverage_at_risk(rank_losses(CONFIDENCE, ERROR[::-1]), [0.0, 0.2])[0].tolist() == [0.0, 0.0]


def test_part_of_a_tie_may_fit():
    # One right item, then four tied with two wrong among them: 1 + t items lose t / 2, within .25 up to t = 1.
    ranked = rank_losses(np.array([0.9, 0.5, 0.5, 0.5, 0.5]), np.array([0.0, 1, 0, 1, 0]))
    assert coverage_at_risk(ranked, [0.2, 0.25, 0.34, 0.4])[0] == pytest.approx([0.2, 0.4, 0.6, 1.0])
    assert risk_at_coverage(ranked, [0.4])[0] == pytest.approx([0.25])


items = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=12)
STATISTICS = {
    "risk": lambda ranked: risk_at_coverage(ranked, [0.1, 0.37, 0.5, 0.95]),
    "deferred": lambda ranked: risk_among_deferred(ranked, [0.05, 0.4]),
    "coverage": lambda ranked: coverage_at_risk(ranked, [0.2, 0.9, 1.7]),
    "precision": average_precision,
    "trapezoid": lambda ranked: selective_areas(ranked).aurc_trapezoid,
    "auroc": lambda ranked: selective_areas(ranked).auroc_failure,
}


@given(items)
@pytest.mark.parametrize("name", STATISTICS)
def test_a_weight_is_a_number_of_copies(name, items):
    confidence, loss, counts = np.array(items, dtype=float).T
    losses = np.column_stack([loss / 2, loss > 2])
    times = counts.astype(int)
    if name == "auroc":
        losses = losses / 2  # shares of failures
    copied = STATISTICS[name](rank_losses(np.repeat(confidence, times), np.repeat(losses, times, axis=0)))
    weighted = STATISTICS[name](rank_losses(confidence, losses, np.stack([counts, np.ones_like(counts)])))
    assert weighted[..., 0] == pytest.approx(copied, abs=1e-9, nan_ok=True)
    assert weighted[..., 1] == pytest.approx(
        STATISTICS[name](rank_losses(confidence, losses)), abs=1e-9, nan_ok=True
    )


@given(items)
def test_no_larger_coverage_keeps_the_risk(items):
    confidence, loss, _ = np.array(items, dtype=float).T
    ranked = rank_losses(confidence, loss / 4)
    n = len(items)
    for target in (0.1, 0.25, 0.6):
        sizes = np.arange(1, n + 1)
        risks = risk_at_coverage(ranked, (sizes / n).tolist())[0]
        allowed = sizes[risks <= target + 1e-9]
        assert coverage_at_risk(ranked, [target])[0, 0] == pytest.approx(allowed.max(initial=0) / n)


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=25))
def test_finding_marked_items_as_scikit_learn_has_it(items):
    score, marked = np.array(items, dtype=float).T
    if 0 < marked.sum() < marked.size:
        ranked = rank_losses(-score, marked)
        assert average_precision(ranked)[0] == pytest.approx(average_precision_score(marked, score), abs=1e-12)
        assert selective_areas(ranked).auroc_failure[0] == pytest.approx(roc_auc_score(marked, score), abs=1e-12)


def test_without_items_there_are_no_points():
    for none in (rank_losses(np.array([]), np.array([])), rank_losses(np.ones(3), np.ones(3), np.zeros((2, 3)))):
        for statistic in STATISTICS.values():
            assert np.isnan(statistic(none)).all()
    assert np.isnan(average_precision(rank_losses(CONFIDENCE, np.zeros(10)))).all()
    assert np.isnan(selective_areas(rank_losses(CONFIDENCE, np.ones(10))).auroc_failure).all()


@pytest.mark.parametrize("share", [0.0, 1.2])
def test_shares_that_are_none_are_refused(share):
    with pytest.raises(ValueError, match="coverages"):
        risk_at_coverage(WORKED, [share])
