"""Names of the published contracts, as the command line takes them: starting must not load the models behind."""

from __future__ import annotations

from enum import StrEnum


class Contract(StrEnum):
    """A file format; the same names as `schema.DOCUMENTS`."""

    SOFT_LABEL = "soft-label"
    UNLABELLED_ITEM = "unlabelled-item"
    LABELLING_LOG = "labelling-log"
    RUBRIC = "rubric"
    PANEL = "panel"
    VOTE = "vote"
    PLAN = "plan"
    PROBE = "probe"
    RUN = "run"
    METRICS = "metrics"
    FITTED_POOL = "fitted-pool"
    FIT = "fit"
    POLICY = "policy"
    POLICY_DECISION = "policy-decision"
    TRAINING_EXPORT = "training-export"
    POOL_ESTIMATE = "pool-estimate"
    EXPLANATION = "explanation"
    COMPARISON = "comparison"
    GATE = "gate"
    BASELINE = "baseline"
    HISTORY = "history"
    PUBLICATION = "publication"
    LABEL_QUALITY = "label-quality"
    LABEL_WARNINGS = "label-warnings"
    ADJUDICATION_DECISION = "adjudication-decision"
    ADJUDICATION_REPORT = "adjudication-report"
    DISAGREEMENT = "disagreement"
    IMPORT_MAPPING = "import-mapping"
    IMPORT_REPORT = "import-report"
    REVIEW_PLAN = "review-plan"
    PILOT = "pilot"
    REVIEWER_REPORT = "reviewer-report"
