"""Votes become one distribution per judge and item, and one for the panel.

A `VoteTable` holds any number of votes as columns; `collect_votes` counts every outcome and averages the valid
votes of each judge; `pool_linear` averages the judges that answered an item; `smooth` keeps a label that no judge
chose from having probability zero.
"""

from panel_eval.pooling.fitted_panel import (
    PanelFacts,
    fitted_forecast,
    item_digests,
    refuse_other_panel,
    share_fitted_on,
    share_listed,
    surely_new,
)
from panel_eval.pooling.linear import pool_linear
from panel_eval.pooling.panel_pooling import PanelPooling
from panel_eval.pooling.smoothing import smooth
from panel_eval.pooling.spending import Spending, SpendingTable
from panel_eval.pooling.vote_table import VoteTable, latest_votes, read_vote_table
from panel_eval.pooling.votes import JudgeForecasts, collect_item_votes, collect_votes

__all__ = [
    "JudgeForecasts",
    "PanelFacts",
    "PanelPooling",
    "Spending",
    "SpendingTable",
    "VoteTable",
    "collect_item_votes",
    "collect_votes",
    "fitted_forecast",
    "item_digests",
    "latest_votes",
    "pool_linear",
    "read_vote_table",
    "refuse_other_panel",
    "share_fitted_on",
    "share_listed",
    "smooth",
    "surely_new",
]
