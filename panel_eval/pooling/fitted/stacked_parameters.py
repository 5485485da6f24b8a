"""Stacked pools as parameters by judge and label, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from panel_eval.errors import InputError, Problem
from panel_eval.pooling.fitted.features import Answers
from panel_eval.pooling.fitted.naming import Naming, in_order
from panel_eval.pooling.fitted.stacking import StackedPool
from panel_eval.schema.pool_parameters import (
    CumulativeLinkParameters,
    JudgeMeans,
    OrdinalJudge,
    OrdinalPanel,
    StackedJudge,
    StackedPanel,
    StackingParameters,
)
from panel_eval.stats.arrays import FloatArray
from panel_eval.stats.cumulative_link import CumulativeFit
from panel_eval.stats.soft_regression import SoftmaxFit


def stacked_parameters(pool: StackedPool, names: Naming) -> StackingParameters | CumulativeLinkParameters:
    """See `parameters_of`."""
    means, panel_mean = _means(pool.answers, names), names.by_label(pool.answers.panel_centre)
    if isinstance(pool.regression, CumulativeFit):
        ordinal = _Blocks.of(pool.regression.slopes[:, None], pool.answers)
        judges = {
            judge: OrdinalJudge(
                mean=means[row],
                answer=names.by_label(ordinal.answers[0, row, :, 0]),
                log_answer=names.by_label(ordinal.answers[1, row, :, 0]) if len(ordinal.answers) == 2 else None,
                missing=float(ordinal.missing[row, 0]),
            )
            for row, judge in enumerate(names.judges)
        }
        return CumulativeLinkParameters(
            thresholds=names.by_label(pool.regression.thresholds),
            panel=OrdinalPanel(mean=panel_mean, log_answer=names.by_label(ordinal.panel[:, 0])),
            judges=judges,
        )
    blocks = _Blocks.of(pool.regression.coefficients, pool.answers)
    stacked = {
        judge: StackedJudge(
            mean=means[row],
            answer=names.by_two_labels(blocks.answers[0, row]),
            log_answer=names.by_two_labels(blocks.answers[1, row]) if len(blocks.answers) == 2 else None,
            missing=names.by_label(blocks.missing[row]),
        )
        for row, judge in enumerate(names.judges)
    }
    return StackingParameters(
        intercept=names.by_label(pool.regression.intercept),
        panel=StackedPanel(mean=panel_mean, log_answer=names.by_two_labels(blocks.panel)),
        judges=stacked,
    )


def stacked_pool(parameters: StackingParameters | CumulativeLinkParameters, names: Naming) -> StackedPool:
    """See `pool_of`."""
    if isinstance(parameters, CumulativeLinkParameters):
        return _ordinal_pool(parameters, names)
    judges = in_order(parameters.judges, names.judges, "judges")
    answers = _answers(judges, parameters.panel.mean, names)
    parts = [np.array([names.table(judge.answer, "judges.answer") for judge in judges])]
    if len(answers.centre) == 2:
        parts.append(np.array([names.table(judge.log_answer or {}, "judges.log_answer") for judge in judges]))
    missing = np.array([names.vector(judge.missing, "judges.missing") for judge in judges])
    panel = names.table(parameters.panel.log_answer, "panel.log_answer")
    intercept = names.vector(parameters.intercept, "intercept")
    return StackedPool(answers, SoftmaxFit(_Blocks(np.stack(parts), missing, panel).table, intercept))


def _ordinal_pool(parameters: CumulativeLinkParameters, names: Naming) -> StackedPool:
    judges = in_order(parameters.judges, names.judges, "judges")
    answers = _answers(judges, parameters.panel.mean, names)
    parts = [np.array([names.vector(judge.answer, "judges.answer") for judge in judges])]
    if len(answers.centre) == 2:
        parts.append(np.array([names.vector(judge.log_answer or {}, "judges.log_answer") for judge in judges]))
    missing = np.array([[judge.missing] for judge in judges])
    thresholds = np.array(in_order(parameters.thresholds, names.labels[:-1], "thresholds"))
    if not (np.diff(thresholds) > 0).all():
        raise InputError(Problem("thresholds must ascend with the labels", key="thresholds"))
    panel = names.vector(parameters.panel.log_answer, "panel.log_answer")[:, None]
    slopes = _Blocks(np.stack(parts)[..., None], missing, panel).table[:, 0]
    return StackedPool(answers, CumulativeFit(thresholds, slopes))


def _means(answers: Answers, names: Naming) -> list[JudgeMeans]:
    said = [names.by_label(row) for row in answers.centre[0]]
    if len(answers.centre) == 1:
        return [JudgeMeans(answer=mean) for mean in said]
    logs = [names.by_label(row) for row in answers.centre[1]]
    return [JudgeMeans(answer=mean, log_answer=log) for mean, log in zip(said, logs, strict=True)]


def _answers(
    judges: Sequence[StackedJudge | OrdinalJudge], panel_mean: Mapping[str, float], names: Naming
) -> Answers:
    means = [judge.mean for judge in judges]
    parts = [np.array([names.vector(mean.answer, "judges.mean.answer") for mean in means])]
    if any(part.log_answer is not None for part in (*means, *judges)):
        parts.append(np.array([names.vector(mean.log_answer or {}, "judges.mean.log_answer") for mean in means]))
    return Answers(np.stack(parts), names.vector(panel_mean, "panel.mean"))


@dataclass(frozen=True)
class _Blocks:
    """Coefficients of the features, by what they belong to.

    Attributes:
        answers: (n_parts, n_judges, n_labels, n_scores).
        missing: (n_judges, n_scores).
        panel: (n_labels, n_scores).
    """

    answers: FloatArray
    missing: FloatArray
    panel: FloatArray

    @classmethod
    def of(cls, table: FloatArray, answers: Answers) -> _Blocks:
        """Of a table (n_features, n_scores) in the order of `Answers.table`."""
        of_judges, missing, panel = np.split(table, np.cumsum([answers.centre.size, answers.centre.shape[1]]))
        return cls(of_judges.reshape(*answers.centre.shape, -1), missing, panel)

    @property
    def table(self) -> FloatArray:
        """(n_features, n_scores)."""
        return np.vstack([self.answers.reshape(-1, self.answers.shape[-1]), self.missing, self.panel])
