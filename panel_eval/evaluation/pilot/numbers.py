"""Estimates made of several means over the same resamples, and of models that may have several forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from panel_eval.evaluation.means import Mean, estimate, null
from panel_eval.schema import Estimate
from panel_eval.stats.arrays import FloatArray, quotient
from panel_eval.stats.wilson import wilson_interval

SEVERAL_FORMS = (
    "model-based: the interval spans three forms of the prior: Dirichlet, logistic normal, a few kinds of items"
)
Combine = Callable[[Sequence[FloatArray]], FloatArray]
"""Of values, or of replicates: (n_resamples,) or 0-d each."""


def minus(first: Mean, second: Mean) -> Mean:
    """The difference of two means over the same items."""
    return replace(first, value=first.value - second.value, replicates=first.replicates - second.replicates)


def ratio(part: Mean, whole: Mean, *notes: str | None, missing: str, undefined: str = "undefined") -> Estimate:
    """The ratio of two means, resampled whole; null where the whole cannot be told from 0.

    Args:
        part: the numerator.
        whole: the denominator.
        notes: remarks.
        missing: why, where no item has them.
        undefined: why, where the whole's interval holds 0.
    """
    if not part.n or not whole.n:
        return null(missing)
    if not _lowest(whole) > 0:
        return null(undefined, whole.n)
    replicates = None if part.interval_note else quotient(part.replicates, whole.replicates)
    return estimate(part.value / whole.value, replicates, part.n, *notes, part.interval_note, undefined=undefined)


def at_the_edge(found: Estimate, n_units: float) -> Estimate:
    """A share whose resamples are all 0 or all 1, with Wilson's interval instead of one without length.

    Args:
        found: mean of values from 0 to 1; no mean of them varies more than that of hits and misses.
        n_units: independent items behind it.
    """
    if found.estimate is None or found.low is None or found.low != found.high or n_units <= 0:
        return found
    edge = round(found.estimate)
    if abs(found.estimate - edge) > 1e-12:
        return found
    low, high = wilson_interval(edge * n_units, n_units)
    return found.model_copy(update={"estimate": float(edge), "low": low, "high": high})


def _lowest(whole: Mean) -> float:
    """Lower end of a mean's interval; the mean itself where it has none."""
    if whole.interval_note or np.isnan(whole.replicates).all():
        return whole.value
    return float(np.nanquantile(whole.replicates, 0.025))


@dataclass(frozen=True)
class Modelled:
    """Means that rest on a model of populations.

    Attributes:
        means: under the Dirichlet prior, which is fitted again in each resample.
        others: name to the mean, under each other form of prior; empty where there is none.
        note: what to say of the intervals where there is none.
    """

    means: Mapping[str, Mean]
    others: Sequence[Mapping[str, float]]
    note: str

    def mean(self, name: str, *, missing: str = "no items") -> Estimate:
        """The mean of one column."""
        return self.of([name], lambda values: values[0], missing=missing)

    def share(self, name: str, *, missing: str = "no items") -> Estimate:
        """The mean of one column that lies from 0 to 1."""
        found = self.mean(name, missing=missing)
        if found.low is None or found.high is None:
            return found
        return found.model_copy(update={"low": max(found.low, 0.0), "high": min(found.high, 1.0)})

    def of(
        self,
        names: Sequence[str],
        combine: Combine,
        *observed: Mean,
        missing: str = "no items",
        undefined: str = "undefined",
    ) -> Estimate:
        """A function of several means; its interval holds those of all forms of the prior.

        Args:
            names: columns.
            combine: of their means, and then of the observed ones.
            observed: means that rest on no model.
            missing: why, where no item has them.
            undefined: why, where the function is not a number.
        """
        means = [*(self.means[name] for name in names), *observed]
        if not all(mean.n for mean in means):
            return null(missing)
        first = means[0]
        value = float(combine([np.asarray(mean.value) for mean in means]))
        here = None if first.interval_note else combine([mean.replicates for mean in means])
        others = [other for other in self.others if any(name in other for name in names)]
        note = SEVERAL_FORMS if others else self.note
        found = estimate(value, here, first.n, note, first.interval_note, undefined=undefined)
        shifts = []
        for other in others:
            moved = [other.get(name, mean.value) for name, mean in zip(names, means, strict=False)]
            there = [np.asarray(at) for at in (*moved, *(mean.value for mean in observed))]
            shifts.append(float(combine(there)) - value)
        return _spanning(found, shifts)


def _spanning(found: Estimate, shifts: Sequence[float]) -> Estimate:
    """The estimate with an interval that also holds the interval moved by each of the shifts."""
    finite = [shift for shift in shifts if np.isfinite(shift)]
    if found.low is None or found.high is None or not finite:
        return found
    return found.model_copy(update={"low": found.low + min(0.0, *finite), "high": found.high + max(0.0, *finite)})
