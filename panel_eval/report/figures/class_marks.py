"""The disagreement classes as marks in a figure of items: each class where the mean of its items lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from panel_eval.schema import CLASS_NAMES

if TYPE_CHECKING:
    import pandas as pd

Means = dict[str, NDArray[np.float64]]
"""Class to (n_columns,) means over its items."""

CLASS_SHAPES: Final = dict(zip(CLASS_NAMES, ("o", "s", "D", "^", "X"), strict=True))


def class_means(items: pd.DataFrame, columns: Sequence[str]) -> Means:
    """Means of some columns over the items of each class that have them all, classes in their order.

    Args:
        items: the item table.
        columns: of numbers.
    """
    if "human_class" not in items.columns:
        return {}
    values = items[list(columns)].to_numpy(float)
    known = np.isfinite(values).all(axis=1)
    classes = items["human_class"].to_numpy(object)
    return {name: values[part].mean(axis=0) for name in CLASS_NAMES if (part := known & (classes == name)).any()}
