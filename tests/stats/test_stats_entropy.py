import numpy as np
import pytest

from panel_eval import stats


def test_entropy_of_the_mri_item(mri):
    p, q = mri
    assert stats.entropy_bits(p) == pytest.approx([1.5])  # 1/2 * 1 bit + 2 * 1/4 * 2 bits
    assert stats.entropy_bits(q) == pytest.approx([1.2954618442], abs=1e-10)


def test_entropy_of_certainty_is_zero_and_of_a_uniform_row_log2_of_the_labels():
    rows = np.array([[1.0, 0.0, 0.0, 0.0], [0.25, 0.25, 0.25, 0.25]])
    assert stats.entropy_bits(rows).tolist() == [0.0, 2.0]
    assert not np.signbit(stats.entropy_bits(rows)[0])


def test_entropy_of_an_unanswered_row_is_nan():
    assert np.isnan(stats.entropy_bits(np.full((1, 3), np.nan))).all()


def test_entropy_refuses_counts():
    with pytest.raises(ValueError, match="sums to 4"):
        stats.entropy_bits(np.array([[1.0, 2.0, 1.0]]))
