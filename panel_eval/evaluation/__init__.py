"""Votes against human soft labels: `evaluate` scores a panel, its judges and the references.

Returns an `Evaluation`: the metrics as they stand in metrics.json, and one row per item. No network, no terminal.
"""

from panel_eval.evaluation.evaluation import DEFAULT_SMOOTHING, Evaluation, evaluate

__all__ = ["DEFAULT_SMOOTHING", "Evaluation", "evaluate"]
