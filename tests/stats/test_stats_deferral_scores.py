import numpy as np
import pytest

from panel_eval.stats.deferral_scores import judge_disagreement_rate, one_less_margin, one_less_top

Q = np.array([[0.6, 0.3, 0.1], [0.4, 0.2, 0.4], [1.0, 0.0, 0.0], [np.nan] * 3])


def test_mass_off_the_top_and_off_the_margin():
    assert one_less_top(Q) == pytest.approx([0.4, 0.6, 0.0, np.nan], nan_ok=True)
    assert one_less_margin(Q) == pytest.approx([0.7, 1.0, 0.0, np.nan], nan_ok=True)
    assert one_less_margin(np.ones((2, 1))) == pytest.approx([0.0, 0.0])


def test_pairs_of_judges_that_name_different_labels():
    a, b, c = [1.0, 0.0, 0.0], [0.2, 0.7, 0.1], [0.5, 0.5, 0.0]
    nobody = [np.nan] * 3
    # a-b differ, c names either label half the time: (1 + 1/2 + 1/2) / 3. Of a, a, b two of three pairs differ.
    judges = np.array([[a, a, a, a], [b, a, nobody, nobody], [c, b, c, nobody]])
    assert judge_disagreement_rate(judges) == pytest.approx([2 / 3, 2 / 3, 0.5, np.nan], nan_ok=True)


def test_judges_come_on_an_axis_of_their_own():
    with pytest.raises(ValueError, match="n_judges"):
        judge_disagreement_rate(Q)
