"""What a single label leaves on the table: bits, accuracy that looks too good, confidence that nobody has.

Works on labels alone: no judge is needed. `pilot_report` is the whole of it.
"""

from panel_eval.evaluation.pilot.section import pilot_report

__all__ = ["pilot_report"]
