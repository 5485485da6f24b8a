"""Why the panel is split on one item: people, judges, votes and reasons of that item, beside those of all items."""

from panel_eval.evaluation.explaining.item import Explainer, ScoredRun
from panel_eval.evaluation.explaining.telling import TellingItem, telling_items

__all__ = ["Explainer", "ScoredRun", "TellingItem", "telling_items"]
