"""Posteriors that are alike put together, so that what is drawn from one serves all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_eval.stats.arrays import FloatArray, IntArray, quotient

_SAME_DIGITS = 9
_WIDTHS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.5)
_FOLDED = 2.0


@dataclass(frozen=True)
class AlikePosteriors:
    """Groups of posteriors.

    Attributes:
        code: (n_items,) group of each item.
        order: (n_items, n_labels) column of the item that stands in each column of its group.
        n_groups: number of groups.
        width: of the cells that were put together, in the square root of parameters; 0 where only equal ones were.
    """

    code: IntArray
    order: IntArray
    n_groups: int
    width: float

    def means(self, alpha: FloatArray) -> FloatArray:
        """(n_groups, n_labels) mean parameters of each group's items, labels in the group's order.

        Args:
            alpha: (n_items, n_labels) of the items, perhaps under another prior.
        """
        turned = np.take_along_axis(alpha, self.order, axis=1)
        n = np.bincount(self.code, minlength=self.n_groups)
        sums = [np.bincount(self.code, column, self.n_groups) for column in turned.T]
        return quotient(np.stack(sums, axis=1).astype(np.float64), n[:, None])


def alike_posteriors(alpha: FloatArray, most: int, ordinal: bool) -> AlikePosteriors:
    """Put items together whose classes are equally likely, and if these are too many, items that nearly are.

    The class of a population does not change if nominal labels change places, nor if an ordinal scale is turned
    round. Groups beyond `most` are joined: square roots of parameters are rounded to cells, wider and wider. The
    standard deviation of the root of a parameter is about 1/2 whatever its size (a share m of S votes has variance
    m (1 - m) / (S + 1)), so that a cell of width w is some 2 w standard deviations wide.

    Args:
        alpha: (n_items, n_labels) Dirichlet parameters, above 0.
        most: groups wanted at most; at least 1.
        ordinal: whether the labels have an order.
    """
    order = _turned(alpha) if ordinal else np.argsort(-alpha, axis=1, kind="stable")
    turned = np.take_along_axis(alpha, order, axis=1)
    roots, width, wider = np.sqrt(turned), 0.0, iter(_WIDTHS)
    while True:
        width = next(wider, _FOLDED * width)
        cells = np.round(turned, _SAME_DIGITS) if width == 0 else np.rint(roots / width)
        found, code = np.unique(cells, axis=0, return_inverse=True)
        if len(found) <= most:
            return AlikePosteriors(code.reshape(-1), order, len(found), width)


def _turned(alpha: FloatArray) -> IntArray:
    """(n_items, n_labels) the scale as it is, or turned round where its upper end would weigh more."""
    n = alpha.shape[1]
    apart = alpha - alpha[:, ::-1]
    first = np.asarray(np.abs(apart) > 10.0**-_SAME_DIGITS)
    rows = np.arange(len(alpha))
    heavier_above = first.any(axis=1) & np.asarray(apart[rows, first.argmax(axis=1)] < 0)
    return np.where(heavier_above[:, None], np.arange(n)[::-1], np.arange(n))
