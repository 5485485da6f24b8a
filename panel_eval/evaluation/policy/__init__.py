"""What a panel may decide by itself: a threshold with a promise, tried on other items, and its costs.

`calibrate_policy` makes a `DeferralPolicy` of labelled items and forecasts; `decide` applies it to any items.
"""

from panel_eval.evaluation.policy.calibrating import CalibratedPolicy, Provenance, calibrate_policy
from panel_eval.evaluation.policy.deciding import REASON_WORDS, Decisions, Reason, decide
from panel_eval.evaluation.policy.splitting import PolicySplit, split_items

__all__ = [
    "REASON_WORDS",
    "CalibratedPolicy",
    "Decisions",
    "PolicySplit",
    "Provenance",
    "Reason",
    "calibrate_policy",
    "decide",
    "split_items",
]
