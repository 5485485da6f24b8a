"""Mending label files where that is safe: rounding, spelling, and what follows from the votes.

Each module has one kind of mending; `mending.RULES` is all of them. Nothing here writes a file.
"""

from panel_eval.humans.repair.draft import ABSENT, Change
from panel_eval.humans.repair.lines import MendedLine, Repairs, propose_repairs
from panel_eval.humans.repair.mending import KINDS

__all__ = ["ABSENT", "KINDS", "Change", "MendedLine", "Repairs", "propose_repairs"]
