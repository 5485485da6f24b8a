"""What adjudication did, in the terminal. Shows what was decided."""

from panel_eval.report.adjudication.terminal import print_adjudication

__all__ = ["print_adjudication"]
