"""A number of two parameters near a point, to second order, from its values at a few points around."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.stats.arrays import FloatArray

_LOPSIDED = 0.2
"""Where less of the steps' reach lies on one side, both points are taken on the other."""
_STILL = 1e-9
"""A parameter that never moves farther is as good as fixed."""


@dataclass(frozen=True)
class Parabola:
    """Where to compute f(x, y), and how to get it elsewhere.

    f at a step is f(0) + weights @ (f at the nodes - f(0)): exact if f is a polynomial of second degree.

    Attributes:
        nodes: (n_nodes, 2) steps from the point at which f is to be computed, at most five.
        weights: (n_steps, n_nodes).
    """

    nodes: FloatArray
    weights: FloatArray


def parabola(steps: FloatArray) -> Parabola:
    """Nodes within the reach of the steps, and their weights at each step.

    Args:
        steps: (n_steps, 2) from the point, such as the moves of two fitted parameters in resamples. A parameter
            that never moves gets no nodes. Nodes lie in the smallest box around the steps and the point, so that
            bounds which the steps keep are kept.

    Raises:
        ValueError: wrong shape, or steps that are not finite.
    """
    if steps.ndim != 2 or steps.shape[1] != 2 or not np.isfinite(steps).all():
        raise ValueError(f"steps must be (n_steps, 2) and finite, got shape {steps.shape}")
    by_axis = [_ends(column) for column in steps.T]
    nodes = [_on_axis(axis, end) for axis, ends in enumerate(by_axis) for end in ends]
    if all(by_axis):
        nodes.append([by_axis[0][0], by_axis[1][0]])
    moving = [bool(ends) for ends in by_axis]
    at = np.array(nodes).reshape(-1, 2)
    if not nodes:
        return Parabola(at, np.empty((len(steps), 0)))
    return Parabola(at, np.asarray(np.linalg.solve(_terms(at, moving).T, _terms(steps, moving).T).T, np.float64))


def _ends(column: FloatArray) -> tuple[float, ...]:
    """Two places on one axis, the farther first; none if nothing moves along it.

    Half of the reach either way, or all and half of it one way: f is never extrapolated to more than twice as far,
    which would blow up what noise it has.
    """
    near, far = sorted((float(column.min(initial=0.0)), float(column.max(initial=0.0))), key=abs)
    if abs(far) <= _STILL:
        return ()
    return (far, 0.5 * far) if abs(near) <= _LOPSIDED * abs(far) else (0.5 * far, 0.5 * near)


def _on_axis(axis: int, end: float) -> list[float]:
    return [end, 0.0] if axis == 0 else [0.0, end]


def _terms(at: FloatArray, moving: list[bool]) -> FloatArray:
    """(n, n_terms) the terms of first and second degree in the parameters that move."""
    columns = []
    for axis in (0, 1):
        if moving[axis]:
            columns += [at[:, axis], at[:, axis] ** 2]
    if all(moving):
        columns.append(at[:, 0] * at[:, 1])
    return np.column_stack(columns) if columns else np.empty((len(at), 0))
