"""Arrays over judges and labels as mappings by name, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.stats.arrays import FloatArray

Value = TypeVar("Value")


@dataclass(frozen=True)
class Naming:
    """What the axes of a pool's parameters are called.

    Attributes:
        judges: names along the axis of judges.
        labels: names along the axis of labels.
    """

    judges: tuple[str, ...]
    labels: tuple[str, ...]

    def by_label(self, numbers: FloatArray) -> dict[str, float]:
        """(n_labels,) numbers, or fewer, by label."""
        return dict(zip(self.labels, numbers.tolist(), strict=False))

    def by_two_labels(self, table: FloatArray) -> dict[str, dict[str, float]]:
        """(n_labels, n_labels) numbers by row, then by column."""
        return {label: self.by_label(row) for label, row in zip(self.labels, table, strict=True)}

    def vector(self, numbers: Mapping[str, float], key: str) -> FloatArray:
        """(n_labels,) of `by_label`.

        Raises:
            InputError: other labels than ours; `key` says where.
        """
        return np.array(in_order(numbers, self.labels, key), dtype=np.float64)

    def table(self, numbers: Mapping[str, Mapping[str, float]], key: str) -> FloatArray:
        """(n_labels, n_labels) of `by_two_labels`; refuses as `vector`."""
        return np.array([self.vector(row, key) for row in in_order(numbers, self.labels, key)])


def in_order(values: Mapping[str, Value], names: Sequence[str], key: str) -> list[Value]:
    """The values in the order of their names.

    Raises:
        InputError: other names than these; `key` says where.
    """
    if set(values) != set(names):
        found, wanted = (", ".join(shorten(name, 40) for name in some) for some in (values, names))
        problem = Problem(
            "the fitted pool has numbers for other names", key=key, value=found, fix=f"needs {wanted}"
        )
        raise InputError(problem)
    return [values[name] for name in names]
