"""Adjudicating a label file by the policy of its rubric: `adjudicate`."""

from panel_eval.api.adjudication.adjudicating import Adjudicated, adjudicate

__all__ = ["Adjudicated", "adjudicate"]
