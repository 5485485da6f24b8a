"""How far a model that fits the hard labels perfectly is surer than people agree."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from panel_eval.evaluation.blocks import Columns
from panel_eval.evaluation.means import null
from panel_eval.evaluation.pilot.numbers import Modelled
from panel_eval.evaluation.pilot.populations import Populations
from panel_eval.schema.estimate import Estimate
from panel_eval.schema.pilot import Overconfidence
from panel_eval.stats.arrays import FloatArray, quotient, row_sums
from panel_eval.stats.majority import log_tempered

_LEAST = 1e-300
"""Chances below it are this: a label that such a panel never keeps."""
_STEPS = 50
_LOWEST, _HIGHEST = 0.02, 5.0
"""Inverse temperatures that are tried."""


def overconfidence_columns(drawn: Populations, beta: float) -> Columns:
    """Confidence of the perfect fit to hard labels of as many people, and how far people agree with it.

    Args:
        drawn: populations.
        beta: inverse temperature about which the best one is sought.
    """
    decided = drawn.decided_by_as_many()
    gradient, curvature = _slopes(drawn.p, decided, beta)
    return fit_columns(drawn, decided) | {
        "gradient": drawn.per_item(gradient),
        "curvature": drawn.per_item(curvature),
    }


def fit_columns(drawn: Populations, decided: FloatArray) -> Columns:
    """What a model says that gives the chances of the hard label, beside the people it says it of.

    Args:
        drawn: populations.
        decided: (n_rows, n_labels) the chances.
    """
    said = decided.argmax(axis=1)
    place = np.arange(said.size)
    confidence, agreement = decided[place, said], drawn.p[place, said]
    return {
        "confidence": drawn.per_item(confidence),
        "agreement": drawn.per_item(agreement),
        "gap": drawn.per_item(confidence - agreement),
        "model_kl": drawn.per_item(_kl_bits(drawn.p, decided)),
    }


def overconfidence_section(modelled: Modelled, beta: float) -> Overconfidence:
    """The figures for as many reviewers as the items have.

    Args:
        modelled: means of `overconfidence_columns`.
        beta: the inverse temperature they were made about.
    """
    return Overconfidence(
        confidence=modelled.share("confidence"),
        agreement=modelled.share("agreement"),
        gap=modelled.mean("gap"),
        kl_bits=modelled.mean("model_kl"),
        temperature=_temperature(modelled, beta),
    )


def best_inverse_temperature(drawn: Populations) -> float:
    """The power of the perfect fit's probabilities that brings them nearest to the people's shares.

    argmin over beta of the mean over items of E[-sum_k p_k ln softmax(beta ln g)_k], convex in beta,
    by Newton's method.
    """
    decided, beta = drawn.decided_by_as_many(), 1.0
    for _ in range(_STEPS):
        slopes = _slopes(drawn.p, decided, beta)
        gradient, curvature = (float(drawn.per_item(one).mean()) for one in slopes)
        if curvature <= 0:
            return beta
        step = -gradient / curvature
        moved = min(max(beta + step, 0.5 * beta, _LOWEST), 2.0 * beta, _HIGHEST)
        if abs(moved - beta) < 1e-9:
            return moved
        beta = moved
    return beta


def _temperature(modelled: Modelled, beta: float) -> Estimate:
    """1 / beta, moved by one Newton step in each resample."""
    if not modelled.means["curvature"].value > 0 or not _LOWEST * 1.01 < beta < _HIGHEST * 0.99:
        return null("undefined: no population that the votes allow is split", modelled.means["curvature"].n)

    def stepped(values: Sequence[FloatArray]) -> FloatArray:
        return np.asarray(1.0 / np.clip(beta - quotient(values[0], values[1], empty=0.0), _LOWEST, _HIGHEST))

    return modelled.of(["gradient", "curvature"], stepped)


def _slopes(p: FloatArray, decided: FloatArray, beta: float) -> tuple[FloatArray, FloatArray]:
    """(n_rows,) first and second derivative of the cross-entropy by beta, in nats."""
    log_g = np.log(np.maximum(decided, _LEAST))
    q = np.exp(log_tempered(log_g, beta))
    centre = row_sums(q * log_g)
    return centre - row_sums(p * log_g), row_sums(q * (log_g - centre[:, None]) ** 2)


def _kl_bits(p: FloatArray, q: FloatArray) -> FloatArray:
    logs = np.log(np.maximum(p, _LEAST)) - np.log(np.maximum(q, _LEAST))
    return np.maximum(row_sums(p * logs), 0.0) / math.log(2.0)
