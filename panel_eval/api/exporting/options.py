"""What an export writes, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from panel_eval.api.exporting.pairs import Preference
from panel_eval.api.exporting.splits import check_shares
from panel_eval.api.label_names import numbers_of, unknown_labels
from panel_eval.errors import InputError, Problem
from panel_eval.schema.training_export import HumanTarget, TargetSource, TrainingFormat


@dataclass(frozen=True)
class ExportOptions:
    """What an export writes, and how.

    Attributes:
        formats: the column shapes.
        target: whose distributions are written.
        human_target: what a soft target of people is.
        split_shares: shares of random splits; empty for the items' own.
        seed: of random splits.
        violations: labels that are violations, for the safety format: one, or several with commas between.
        preference: how an item compares two answers, for the reward format.
        fitted: file of a fitted pool that joins the judges; None to pool as the run was scored.
    """

    formats: Sequence[TrainingFormat] = ("soft-label",)
    target: TargetSource = "humans"
    human_target: HumanTarget = "shares"
    split_shares: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0
    violations: str | None = None
    preference: Preference | None = None
    fitted: str | Path | None = None

    def check(self, labels: Sequence[str]) -> None:
        """Check that the options make sense for a rubric's labels.

        Raises:
            InputError: they do not.
        """
        if self.fitted is not None and self.target == "humans":
            fix = "ask for them with --target both or --target panel"
            raise InputError(
                Problem("a fitted pool is for panel rows, and none are asked for", key="--fitted", fix=fix)
            )
        if self.split_shares:
            check_shares(self.split_shares)
        if "safety" in self.formats:
            if self.violations is None:
                fix = "name them with --violation LABEL[,LABEL]"
                raise InputError(Problem("the safety format needs to know which labels are violations", fix=fix))
            numbers_of(self.violations, labels, "--violation")
        if "reward" in self.formats:
            if self.preference is None:
                fix = "say so with --pair FIELD=LABEL,FIELD=LABEL"
                what = "the reward format needs the two fields with answers, and the label that prefers each"
                raise InputError(Problem(what, fix=fix))
            _check_preference(self.preference, labels)


def _check_preference(preference: Preference, labels: Sequence[str]) -> None:
    problems = list(unknown_labels(preference.labels, labels, "--pair"))
    if len(set(preference.labels)) < 2 or len(set(preference.answers)) < 2:
        problems.append(Problem("needs two fields and two labels, each different", key="--pair"))
    if problems:
        raise InputError(problems)
