"""How far to trust the numbers: one question a module, each from results already computed."""

from panel_eval.report.trust.agreement import agreement_part
from panel_eval.report.trust.ceilings import ceilings_part
from panel_eval.report.trust.class_certainty import class_certainty_part
from panel_eval.report.trust.decomposition import decomposition_part
from panel_eval.report.trust.deferral import deferral_part
from panel_eval.report.trust.human_entropy import human_entropy_part
from panel_eval.report.trust.missing_votes import missing_votes_part
from panel_eval.report.trust.precision import precision_part
from panel_eval.report.trust.spread import spread_part

__all__ = [
    "agreement_part",
    "ceilings_part",
    "class_certainty_part",
    "decomposition_part",
    "deferral_part",
    "human_entropy_part",
    "missing_votes_part",
    "precision_part",
    "spread_part",
]
