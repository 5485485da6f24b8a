"""The learners by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from panel_eval.pooling.fitted.pool import Learner
from panel_eval.pooling.fitted.stacking import fit_stacking

METHODS: Final[Mapping[str, Learner]] = {"stacking": fit_stacking}
"""Name of each learner, the simpler before the more flexible."""
