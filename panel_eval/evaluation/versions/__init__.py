"""Panel versions beside a baseline: paired by item, on scores that stay unbiased with few reviewers.

`pair_versions` matches items, `paired_tests` tests the declared family, `compare_versions` says all of it.
"""

from panel_eval.evaluation.versions.changes import instrument_changes
from panel_eval.evaluation.versions.compare import compare_versions, joint_advice, judge_together
from panel_eval.evaluation.versions.losses import TESTED_CLASSES
from panel_eval.evaluation.versions.paired import paired_tests
from panel_eval.evaluation.versions.pairing import pair_versions
from panel_eval.evaluation.versions.settings import ComparisonSettings
from panel_eval.evaluation.versions.version import PanelVersion, VersionPair

__all__ = [
    "TESTED_CLASSES",
    "ComparisonSettings",
    "PanelVersion",
    "VersionPair",
    "compare_versions",
    "instrument_changes",
    "joint_advice",
    "judge_together",
    "pair_versions",
    "paired_tests",
]
