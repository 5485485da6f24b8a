"""Where people disagree, in the terminal."""

from panel_eval.report.disagreement.terminal import print_disagreement

__all__ = ["print_disagreement"]
