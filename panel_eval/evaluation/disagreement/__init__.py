"""Where people disagree, how sure that is, and which criterion of the rubric is behind it; from labels alone."""

from panel_eval.evaluation.disagreement.section import DisagreementOfItems, disagreement_of

__all__ = ["DisagreementOfItems", "disagreement_of"]
