"""What the judges of a run said about items that no human labelled."""

from __future__ import annotations

from panel_eval.api.results import RunResult
from panel_eval.pooling import JudgeForecasts, collect_item_votes


def unlabelled_forecasts(result: RunResult) -> JudgeForecasts:
    """The judges' answers on the unlabelled items of a run, as arrays.

    Args:
        result: a scored run.

    Returns:
        Judges in the order in which they were scored on the labelled items (that of `metrics.json`), items in the
        order of `result.unlabelled.item_ids`, labels in that of `result.humans.labels`; no items where the run has
        no unlabelled ones.

    Raises:
        InputError: a vote names an unknown label, or two votes claim the same item, judge and sample.
    """
    labels, judges = result.metrics.labels, tuple(result.metrics.judges)
    return collect_item_votes(result.votes, result.unlabelled.item_ids, labels, judges, result.vote_strength)
