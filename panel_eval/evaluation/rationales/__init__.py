"""Which evidence of the reviewers the judges' rationales mention: by terms, without a model."""

from panel_eval.evaluation.rationales.coverage import EvidenceReading, ItemReasons, item_reasons
from panel_eval.evaluation.rationales.section import RationaleSection, evidence_weights, rationale_section
from panel_eval.evaluation.rationales.weights import TermWeights

__all__ = [
    "EvidenceReading",
    "ItemReasons",
    "RationaleSection",
    "TermWeights",
    "evidence_weights",
    "item_reasons",
    "rationale_section",
]
