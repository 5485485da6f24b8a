"""What is suspicious in valid human labels, each kind in its module; `section.CHECKS` is all of them.

A warning says *look here*; it is no violation and changes no number. Works on labels alone.
"""

from panel_eval.evaluation.label_warnings.section import label_warnings

__all__ = ["label_warnings"]
