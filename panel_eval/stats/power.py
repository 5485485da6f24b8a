"""How small a difference a number of items can show, and how many items a difference needs."""

from __future__ import annotations

from statistics import NormalDist


def minimum_detectable_effect(
    sd: float, n: float, *, design_effect: float = 1.0, alpha: float = 0.05, power: float = 0.8
) -> float:
    """The smallest true mean difference that a two-sided paired z-test finds with probability `power`.

    MDE = (z_{1 - alpha/2} + z_{power}) * sd / sqrt(n / design_effect); with the defaults 2.8016 standard errors.

    Args:
        sd: standard deviation of the differences between items, in any unit.
        n: items.
        design_effect: variance of the mean over that of as many independent items; from `design_effect`.
        alpha: probability of calling a difference where there is none.
        power: probability of finding a difference of this size.

    Returns:
        The difference, in the unit of `sd`; infinity without items.

    Raises:
        ValueError: a number is out of its range.

    References:
        METHODS 3.4.
    """
    _check(sd=sd, n=n, design_effect=design_effect)
    return _quantiles(alpha, power) * sd * (design_effect / n) ** 0.5 if n else float("inf")


def items_needed(
    effect: float, sd: float, *, design_effect: float = 1.0, alpha: float = 0.05, power: float = 0.8
) -> float:
    """How many items show a true mean difference of `effect`: the inverse of `minimum_detectable_effect`.

    Returns:
        A number of items, not rounded; infinity for an effect of 0.

    Raises:
        ValueError: a number is out of its range.
    """
    _check(sd=sd, effect=effect, design_effect=design_effect)
    return design_effect * (_quantiles(alpha, power) * sd / effect) ** 2 if effect else float("inf")


def cluster_design_effect(mean_cluster_size: float, icc: float) -> float:
    """Kish's design effect 1 + (m - 1) * ICC: by how much clusters of items that are alike inflate the variance.

    Args:
        mean_cluster_size: items per cluster, at least 1.
        icc: intraclass correlation of the score, at most 1. Below 0 items of a cluster differ more than others.

    Raises:
        ValueError: a number is out of its range.

    References:
        Kish (1965), Survey Sampling.
    """
    if not (mean_cluster_size >= 1.0 and -1.0 <= icc <= 1.0):
        raise ValueError(f"need clusters of at least 1 item and -1 <= icc <= 1: {mean_cluster_size}, {icc}")
    return max(1.0 + (mean_cluster_size - 1.0) * icc, 0.0)


def _quantiles(alpha: float, power: float) -> float:
    if not (0.0 < alpha < 1.0 and 0.0 < power < 1.0):
        raise ValueError(f"alpha and power must lie between 0 and 1: {alpha}, {power}")
    normal = NormalDist()
    return normal.inv_cdf(1.0 - alpha / 2.0) + normal.inv_cdf(power)


def _check(**numbers: float) -> None:
    for name, number in numbers.items():
        if not 0.0 <= number < float("inf"):
            raise ValueError(f"{name} must be finite and not negative: {number}")
