"""The gate: may a run replace its baseline? Settings, numbers and versions in, checks and a verdict out.

`gate_versions` judges two panel versions in memory, without any file; `gate_status` makes one verdict of checks.
"""

from panel_eval.evaluation.gate.losses import loss_checks
from panel_eval.evaluation.gate.status import gate_status
from panel_eval.evaluation.gate.versions import gate_versions

__all__ = ["gate_status", "gate_versions", "loss_checks"]
