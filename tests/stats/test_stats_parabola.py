"""A parabola through a few points: exact for parabolas, kept within bounds, still where nothing moves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.stats.parabola import parabola

coefficients = st.lists(st.floats(-5, 5), min_size=5, max_size=5)


def polynomial(c, at):
    x, y = at[..., 0], at[..., 1]
    return c[0] * x + c[1] * x * x + c[2] * y + c[3] * y * y + c[4] * x * y


def steps_of(kind):
    steps = np.random.default_rng(3).normal(size=(300, 2)) * [0.02, 0.3]
    if kind == "at a bound":
        steps[:, 1] = -np.maximum(steps[:, 1], 0.0)
    elif kind == "seldom off a bound":
        steps[:, 1] = np.where(np.arange(300) < 5, -0.2 - 0.1 * np.arange(300) / 300, 0.0)
    elif kind == "one fixed":
        steps[:, 0] = 0.0
    return steps


KINDS = ("both ways", "at a bound", "seldom off a bound", "one fixed")


@pytest.mark.parametrize("kind", KINDS)
@given(c=coefficients)
def test_a_polynomial_of_second_degree_is_met_exactly(kind, c):
    steps = steps_of(kind)
    around = parabola(steps)
    assert around.weights @ polynomial(c, around.nodes) == pytest.approx(polynomial(c, steps), abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_nodes_keep_the_bounds_that_the_steps_keep(kind):
    steps = steps_of(kind)
    nodes = parabola(steps).nodes
    assert len(nodes) == (2 if kind == "one fixed" else 5)
    assert (nodes >= np.minimum(steps.min(axis=0), 0.0)).all()
    assert (nodes <= np.maximum(steps.max(axis=0), 0.0)).all()


def test_a_smooth_function_is_met_closely():
    steps = steps_of("both ways")
    around = parabola(steps)
    true = np.exp(steps @ [10.0, 1.0]) - 1.0
    found = around.weights @ (np.exp(around.nodes @ [10.0, 1.0]) - 1.0)
    # Third-order terms are left: (|x| + |y|)^3 / 6 with a reach of about .4 each is a tenth of what moves.
    assert np.abs(found - true).mean() < 0.1 * np.std(true)


def test_nothing_moves():
    still = parabola(np.zeros((4, 2)))
    assert still.nodes.shape == (0, 2)
    assert still.weights.shape == (4, 0)


@pytest.mark.parametrize("steps", [np.zeros((3, 1)), np.zeros(2), np.array([[np.nan, 0.0]])])
def test_what_is_no_table_of_steps(steps):
    with pytest.raises(ValueError, match="steps must be"):
        parabola(steps)
