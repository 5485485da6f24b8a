"""Are the human labels sound? Agreement, reviewers, gold items, items to look at again, and a verdict.

Works on labels alone; `check_items` is what `evaluate` calls, `label_quality` what everyone else does.
"""

from panel_eval.evaluation.label_quality.section import CheckedLabels, check_items, label_quality

__all__ = ["CheckedLabels", "check_items", "label_quality"]
