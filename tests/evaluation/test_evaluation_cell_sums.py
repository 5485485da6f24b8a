"""Sums by bin or grid point, resampled: the cheap path of the calibration errors."""

from dataclasses import replace

import numpy as np
import pytest

from panel_eval.evaluation.segments import make_segments


@pytest.mark.parametrize("clustered", [False, True])
def test_sums_by_cell_are_the_sums_of_indicator_columns(make_humans, clustered):
    rng = np.random.default_rng(8)
    humans = make_humans(rng.multinomial(4, [0.5, 0.3, 0.2], size=60), ("a", "b", "c"))
    if clustered:
        humans = replace(humans, clusters=tuple(f"origin-{row % 7}" for row in range(60)))
    whole = make_segments(humans, 30, seed=2)[0]
    part = whole.take(rng.random(60) < 0.7)
    values, cell = rng.normal(size=part.rows.size), rng.integers(4, size=part.rows.size)
    columns = np.where(cell[:, None] == np.arange(4), values[:, None], 0.0)
    sums = part.drawn(part.unit_sums(values, cell, 4))
    np.testing.assert_allclose(sums, part.sums(columns), atol=1e-9)
    np.testing.assert_allclose(part.drawn(part.unit_sums(values, cell, 4), 5), sums[:5], atol=1e-9)
