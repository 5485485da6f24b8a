"""The gate: may a run replace its baseline? Settings, numbers and versions in, checks and a verdict out.

`gate_versions` judges two panel versions in memory, without any file; `gate_status` makes one verdict of checks.
"""

from panel_eval.evaluation.gate.costs import cost_checks
from panel_eval.evaluation.gate.coverage import coverage_checks
from panel_eval.evaluation.gate.data import nothing_to_compare, overlap_checks, refused
from panel_eval.evaluation.gate.deferral import deferral_checks
from panel_eval.evaluation.gate.headline import gate_headline
from panel_eval.evaluation.gate.judges import change_words, instrument_checks
from panel_eval.evaluation.gate.limits import limit_checks
from panel_eval.evaluation.gate.losses import loss_checks, skipped_losses
from panel_eval.evaluation.gate.status import gate_status
from panel_eval.evaluation.gate.unanswered import unanswered_checks
from panel_eval.evaluation.gate.versions import gate_versions

__all__ = [
    "change_words",
    "cost_checks",
    "coverage_checks",
    "deferral_checks",
    "gate_headline",
    "gate_status",
    "gate_versions",
    "instrument_checks",
    "limit_checks",
    "loss_checks",
    "nothing_to_compare",
    "overlap_checks",
    "refused",
    "skipped_losses",
    "unanswered_checks",
]
