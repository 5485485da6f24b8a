"""Which items should get how many more reviewers, under a budget; from the labels alone."""

from panel_eval.evaluation.allocation.section import MOST_PER_ITEM, plan_reviews

__all__ = ["MOST_PER_ITEM", "plan_reviews"]
