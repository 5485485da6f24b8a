"""Every file format of panel-eval, and how such files are read.

The only room that knows a file's fields. Models are pydantic, frozen and strict; `read_jsonl` and `read_yaml`
locate every problem; `json_schema` publishes the contracts.
"""

from panel_eval.schema.agreement_metrics import Agreement
from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.calibration_metrics import Calibration, ReliabilityBin
from panel_eval.schema.coverage_metrics import Coverage
from panel_eval.schema.deferral_metrics import Deferral, RiskCoverageCurve
from panel_eval.schema.deferral_policy import DeferralPolicy
from panel_eval.schema.deferral_settings import DeferralSettings
from panel_eval.schema.documents import DOCUMENTS, json_schema
from panel_eval.schema.estimate import Estimate, MetricTable, Scores
from panel_eval.schema.fit_report import FitReport
from panel_eval.schema.fitted_pool import FittedOn, FittedPool
from panel_eval.schema.gate_result import GateResult
from panel_eval.schema.gate_settings import GateSettings
from panel_eval.schema.import_mapping import ImportMapping
from panel_eval.schema.import_report import ImportReport
from panel_eval.schema.judge_identity import JudgeIdentity
from panel_eval.schema.label_quality import LabelQuality
from panel_eval.schema.metrics import CLASS_NAMES, NOMINAL_METRICS, ORDINAL_METRICS, Metrics, Warning
from panel_eval.schema.panel import Budget, Elicitation, FittedPooling, Judge, Limits, Panel, Price, Smoothing
from panel_eval.schema.probe import JudgeKind, Probe, ProbedJudge, ProbeReport
from panel_eval.schema.reading import Lines, read_bytes, read_json, read_jsonl, read_yaml
from panel_eval.schema.rubric import Criterion, Example, Label, Rubric, Scale
from panel_eval.schema.run import JudgeManifest, PriceRow, RunManifest, RunState
from panel_eval.schema.session import AccountTraffic, EndedBy, JudgeTraffic, Session, Spend
from panel_eval.schema.shipped import shipped_names, shipped_path
from panel_eval.schema.soft_label import DisagreementClass, ItemContent, Rationale, ReviewerConfidence, SoftLabel
from panel_eval.schema.unlabelled_item import UnlabelledItem
from panel_eval.schema.vote import OUTCOMES, Outcome, ParseRung, Usage, Vote, VoteError

__all__ = [
    "CLASS_NAMES", "DOCUMENTS", "NOMINAL_METRICS", "ORDINAL_METRICS", "OUTCOMES", "SCHEMA_VERSION",
    "AccountTraffic", "Agreement", "Budget", "Calibration", "Coverage", "Criterion", "Deferral", "DeferralPolicy",
    "DeferralSettings", "DisagreementClass", "Elicitation", "EndedBy", "Estimate", "Example", "FileModel",
    "FitReport", "FittedOn", "FittedPool", "FittedPooling", "GateResult", "GateSettings", "ImportMapping",
    "ImportReport", "ItemContent", "Judge", "JudgeIdentity", "JudgeKind", "JudgeManifest", "JudgeTraffic", "Label",
    "LabelQuality", "Limits", "Lines", "MetricTable", "Metrics", "Outcome", "Panel", "ParseRung", "Price",
    "PriceRow", "Probe", "ProbeReport", "ProbedJudge", "Rationale", "ReliabilityBin", "ReviewerConfidence",
    "RiskCoverageCurve", "Rubric", "RunManifest", "RunState", "Scale", "Scores", "Session", "Smoothing",
    "SoftLabel", "Spend", "UnlabelledItem", "Usage", "Vote", "VoteError", "Warning", "json_schema", "read_bytes",
    "read_json", "read_jsonl", "read_yaml", "shipped_names", "shipped_path",
]  # fmt: skip
