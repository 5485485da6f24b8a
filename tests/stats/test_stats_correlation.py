import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import roc_auc_score

from panel_eval import stats

N_ITEMS = 80
CORRELATIONS = [stats.weighted_pearson, stats.weighted_spearman]


@pytest.fixture
def tied_sample():
    """Two correlated variables with many ties, and 40 resamples of them."""
    generator = np.random.default_rng(3)
    x = generator.integers(0, 7, N_ITEMS) / 7
    y = np.round(x + generator.normal(0, 0.4, N_ITEMS), 1)
    return x, y, stats.resampling_weights(N_ITEMS, 40, seed=5)


def repeated(values, counts):
    return np.repeat(values, counts.astype(int))


@pytest.mark.parametrize(
    ("ours", "theirs"), [(stats.weighted_pearson, pearsonr), (stats.weighted_spearman, spearmanr)]
)
def test_scipy_agrees_on_each_resample_written_out(ours, theirs, tied_sample):
    x, y, w = tied_sample
    expected = [theirs(repeated(x, counts), repeated(y, counts)).statistic for counts in w]
    assert ours(x, y, w) == pytest.approx(expected, abs=1e-12)
    assert float(ours(x, y)) == pytest.approx(theirs(x, y).statistic, abs=1e-12)


def test_sklearn_agrees_on_the_auroc_of_each_resample(tied_sample):
    score, noisy, w = tied_sample
    positive = noisy > 0.5
    expected = [roc_auc_score(positive, score, sample_weight=counts) for counts in w]
    assert stats.weighted_auroc(score, positive, w) == pytest.approx(expected, abs=1e-12)
    assert float(stats.weighted_auroc(score, positive)) == pytest.approx(roc_auc_score(positive, score))


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 3)), min_size=2, max_size=12))
def test_a_weight_is_a_number_of_copies(items):
    x, y, counts = np.array(items, dtype=float).T
    for statistic in CORRELATIONS:
        weighted = statistic(x, y, counts)
        copied = statistic(repeated(x, counts), repeated(y, counts))
        assert weighted == pytest.approx(copied, abs=1e-9, nan_ok=True)


def test_pearson_by_hand():
    # x - mean = (-1, 0, 1), y - mean = (-1, 1/3 .. ): r = 3 / sqrt(2 * 14/3)
    assert stats.weighted_pearson(np.array([1.0, 2, 3]), np.array([1.0, 3, 4])) == pytest.approx(
        3 / np.sqrt(2 * 14 / 3)
    )


def test_spearman_by_hand_with_a_tie():
    # Ranks (1, 2, 3) and (1.5, 1.5, 3): covariance 1.5, sums of squares 2 and 1.5.
    assert stats.weighted_spearman(np.array([1.0, 2, 3]), np.array([5.0, 5, 9])) == pytest.approx(
        1.5 / np.sqrt(2 * 1.5)
    )


def test_auroc_counts_a_tie_as_half():
    # Positives score 2 and 3, negatives 1 and 2: won pairs 1 + .5 + 1 + 1 of 4.
    score, positive = np.array([1.0, 2, 2, 3]), np.array([False, False, True, True])
    assert stats.weighted_auroc(score, positive) == pytest.approx(3.5 / 4)


def test_scores_that_differ_only_in_their_last_bits_are_tied():
    noise = np.array([0.0, 1e-16, -2e-16, 1e-15])
    positive = np.array([True, False, True, False])
    assert stats.weighted_auroc(0.7 + noise, positive) == 0.5
    assert np.isnan(stats.weighted_spearman(0.7 + noise, np.arange(4.0)))
    assert np.isnan(stats.weighted_pearson(0.7 + noise, np.arange(4.0)))


@pytest.mark.parametrize("statistic", CORRELATIONS)
def test_a_resample_of_one_item_only_has_no_correlation(statistic, two_resamples_of_three):
    r = statistic(np.array([0.1, 0.3, 0.7]), np.array([0.3, 0.1, 0.2]), two_resamples_of_three)
    assert r == pytest.approx([-1.0, np.nan], nan_ok=True)  # two items fall on a line, here a falling one


def test_auroc_of_a_resample_without_positives_is_undefined(two_resamples_of_three):
    auroc = stats.weighted_auroc(np.array([1.0, 2, 3]), np.array([True, False, False]), two_resamples_of_three)
    assert auroc == pytest.approx([0.0, np.nan], nan_ok=True)


@pytest.mark.parametrize("statistic", [*CORRELATIONS, stats.weighted_auroc])
def test_items_without_a_value_are_left_out(statistic, tied_sample):
    x, y, w = tied_sample
    y = (y > 0.5).astype(float)
    holes = x.copy()
    holes[:5] = np.nan
    assert statistic(holes, y, w) == pytest.approx(statistic(x[5:], y[5:], w[:, 5:]), abs=1e-12)
    assert np.isnan(statistic(np.full(N_ITEMS, np.nan), y, w)).all()


@pytest.mark.parametrize("statistic", [*CORRELATIONS, stats.weighted_auroc])
@pytest.mark.parametrize(
    ("x", "y", "w", "said"),
    [
        ([1.0, 2.0], [1.0], None, "must be"),
        ([[1.0]], [[1.0]], None, "must be"),
        ([1.0, np.inf], [1.0, 0.0], None, "infinite"),
        ([1.0, 2.0], [1.0, 0.0], [[1.0, 1.0, 1.0]], "w must be"),
        ([1.0, 2.0], [1.0, 0.0], [[1.0, -1.0]], "not negative"),
        ([1.0, 2.0], [1.0, 0.0], [[1.0, np.nan]], "finite"),
    ],
)
def test_what_cannot_be_correlated_is_refused(statistic, x, y, w, said):
    with pytest.raises(ValueError, match=said):
        statistic(np.array(x), np.array(y), None if w is None else np.array(w))
