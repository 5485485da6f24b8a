"""How far a forecast is from the human distribution, item by item.

All take p (human) and q (forecast), (n_items, n_labels), and return (n_items,). Rows of q that are NaN throughout
(nobody answered) give NaN. None of them smooths, clips or renormalises: smoothing belongs to the forecaster.
"""

from __future__ import annotations

import numpy as np
from scipy.special import rel_entr, xlogy

from panel_eval.stats.arrays import FloatArray, as_pair, row_sums

LN2 = float(np.log(2.0))
_TINY = float(np.finfo(np.float64).tiny)


def cross_entropy_bits(p: FloatArray, q: FloatArray) -> FloatArray:
    """Cross-entropy of the human votes under the forecast, in bits per vote: -sum_k p_k log2 q_k.

    The logarithmic score averaged over votes. Unbiased for any number of reviewers, and so are differences
    between panels (METHODS 2.1): the number to decide on. Terms with p = 0 are 0; inf where q = 0 < p.

    Args:
        p: (n_items, n_labels) human rows, summing to 1.
        q: the forecast, of the same shape; NaN rows give NaN.

    Returns:
        (n_items,) bits.

    Raises:
        ValueError: rows that are not distributions, or shapes that differ.
    """
    p, q = as_pair(p, q)
    return np.maximum(-row_sums(np.asarray(xlogy(p, q), dtype=np.float64)) / LN2, 0.0)


def kl_bits(p: FloatArray, q: FloatArray) -> FloatArray:
    """Kullback-Leibler divergence KL(human || forecast) in bits: sum_k p_k log2(p_k / q_k).

    Zero iff equal; inf where q = 0 < p, never clipped (an epsilon would become the result, METHODS 1.2).

    Args:
        p: (n_items, n_labels) human rows, summing to 1.
        q: the forecast, of the same shape; NaN rows give NaN.

    Returns:
        (n_items,) bits.

    Raises:
        ValueError: rows that are not distributions, or shapes that differ.

    Notes:
        On vote frequencies this plug-in level is too high by about (labels seen - 1) / 2n nats, and misleads
        when averaged by a class made from the same votes (METHODS 0.1). Differences between panels are unbiased.
    """
    p, q = as_pair(p, q)
    return np.maximum(row_sums(rel_entr(p, q)) / LN2, 0.0)


def jsd_bits(p: FloatArray, q: FloatArray) -> FloatArray:
    """Jensen-Shannon divergence in bits, in [0, 1]: mean KL of p and q to their midpoint.

    Args:
        p: (n_items, n_labels) human rows, summing to 1.
        q: the forecast, of the same shape; NaN rows give NaN.

    Returns:
        (n_items,) bits; never negative.

    Raises:
        ValueError: rows that are not distributions, or shapes that differ.

    Notes:
        With few reviewers both the level and differences between panels are biased (METHODS 0.2).
    """
    p, q = as_pair(p, q)
    # Half the smallest float is 0, which would make a vanishing mass look infinitely surprising.
    middle = np.maximum(0.5 * (p + q), _TINY)
    nats = 0.5 * row_sums(rel_entr(p, middle) + rel_entr(q, middle))
    return np.maximum(nats / LN2, 0.0)


def js_distance(p: FloatArray, q: FloatArray) -> FloatArray:
    """Jensen-Shannon distance: the square root of the divergence in nats, in [0, sqrt(ln 2)]. A metric.

    Base e like `scipy.spatial.distance.jensenshannon` and the published ChaosNLI tables, which call it "JSD".

    Args:
        p: (n_items, n_labels) human rows, summing to 1.
        q: the forecast, of the same shape; NaN rows give NaN.

    Returns:
        (n_items,) distances.

    Raises:
        ValueError: rows that are not distributions, or shapes that differ.

    References:
        Endres & Schindelin (2003); Nie, Zhou & Bansal (2020), "What Can We Learn from Collective Human Opinions".
    """
    return np.sqrt(jsd_bits(p, q) * LN2)


def total_variation(p: FloatArray, q: FloatArray) -> FloatArray:
    """Total variation distance 1/2 * sum_k |p_k - q_k|, in [0, 1]; 0 iff equal.

    Args:
        p: (n_items, n_labels) human rows, summing to 1.
        q: the forecast, of the same shape; NaN rows give NaN.

    Returns:
        (n_items,) distances.

    Raises:
        ValueError: rows that are not distributions, or shapes that differ.

    Notes:
        Not a proper score: with few reviewers its difference between two panels can have the wrong sign
        (METHODS 0.2). Show it; decide on cross-entropy.

    References:
        Baan et al. (2022), "Stop Measuring Calibration When Humans Disagree" (their DistCE).
    """
    p, q = as_pair(p, q)
    return 0.5 * row_sums(np.abs(p - q))


def hellinger(p: FloatArray, q: FloatArray) -> FloatArray:
    """Hellinger distance sqrt(1/2 * sum_k (sqrt p_k - sqrt q_k)^2), in [0, 1]; 0 iff equal.

    Args:
        p: (n_items, n_labels) human rows, summing to 1.
        q: the forecast, of the same shape; NaN rows give NaN.

    Returns:
        (n_items,) distances.

    Raises:
        ValueError: rows that are not distributions, or shapes that differ.
    """
    p, q = as_pair(p, q)
    return np.sqrt(0.5 * row_sums(np.square(np.sqrt(p) - np.sqrt(q))))
