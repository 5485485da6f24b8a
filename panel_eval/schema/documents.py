"""The published contracts by name, as JSON Schema."""

from __future__ import annotations

from typing import Any

from panel_eval.schema.adjudication_decision import AdjudicationDecision
from panel_eval.schema.adjudication_report import AdjudicationReport
from panel_eval.schema.base import FileModel
from panel_eval.schema.baseline import Baseline
from panel_eval.schema.comparison import ComparisonReport
from panel_eval.schema.deferral_policy import DeferralPolicy
from panel_eval.schema.disagreement import Disagreement
from panel_eval.schema.explanation import Explanation
from panel_eval.schema.fit_report import FitReport
from panel_eval.schema.fitted_pool import FittedPool
from panel_eval.schema.gate_result import GateResult
from panel_eval.schema.history import HistoryReport
from panel_eval.schema.import_mapping import ImportMapping
from panel_eval.schema.import_report import ImportReport
from panel_eval.schema.label_quality import LabelQuality
from panel_eval.schema.label_warnings import LabelWarnings
from panel_eval.schema.labelling_log import LabellingEvent
from panel_eval.schema.metrics import Metrics
from panel_eval.schema.panel import Panel
from panel_eval.schema.pilot import PilotReport
from panel_eval.schema.plan_estimate import PlanEstimate
from panel_eval.schema.policy_decision import PolicyDecision
from panel_eval.schema.pool_estimate import PoolEstimate
from panel_eval.schema.probe import ProbeReport
from panel_eval.schema.publication import Publication
from panel_eval.schema.review_plan import ReviewPlan
from panel_eval.schema.reviewer_report import ReviewerReport
from panel_eval.schema.rubric import Rubric
from panel_eval.schema.run import RunManifest
from panel_eval.schema.soft_label import SoftLabel
from panel_eval.schema.training_export import TrainingExport
from panel_eval.schema.unlabelled_item import UnlabelledItem
from panel_eval.schema.vote import Vote

DOCUMENTS: dict[str, type[FileModel]] = {
    "soft-label": SoftLabel,
    "unlabelled-item": UnlabelledItem,
    "labelling-log": LabellingEvent,
    "rubric": Rubric,
    "panel": Panel,
    "vote": Vote,
    "plan": PlanEstimate,
    "probe": ProbeReport,
    "run": RunManifest,
    "metrics": Metrics,
    "training-export": TrainingExport,
    "pool-estimate": PoolEstimate,
    "fit": FitReport,
    "fitted-pool": FittedPool,
    "policy": DeferralPolicy,
    "policy-decision": PolicyDecision,
    "explanation": Explanation,
    "comparison": ComparisonReport,
    "gate": GateResult,
    "baseline": Baseline,
    "history": HistoryReport,
    "publication": Publication,
    "label-quality": LabelQuality,
    "label-warnings": LabelWarnings,
    "adjudication-decision": AdjudicationDecision,
    "adjudication-report": AdjudicationReport,
    "disagreement": Disagreement,
    "import-mapping": ImportMapping,
    "import-report": ImportReport,
    "review-plan": ReviewPlan,
    "pilot": PilotReport,
    "reviewer-report": ReviewerReport,
}


def json_schema(name: str) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the contract called `name`.

    Raises:
        KeyError: there is no such contract; see `DOCUMENTS`.
    """
    schema = DOCUMENTS[name].model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
