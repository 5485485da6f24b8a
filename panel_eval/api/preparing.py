"""From a panel file to everything that a run is made of, checked before the first request goes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from panel_eval.api.loading import PanelFile, load_panel
from panel_eval.engine import Plan, Shard, find_resumable, make_plan, rubric_hash, run_hash8, runs_of
from panel_eval.errors import InputError, Problem, shorten
from panel_eval.humans import HumanLabels, UnlabelledItems, missing_content
from panel_eval.judges import Judge
from panel_eval.pooling import PanelFacts, refuse_other_panel
from panel_eval.schema import Budget, FittedPool, Panel, Rubric


@dataclass(frozen=True)
class Inputs:
    """A panel with its rubric, its items, labelled and not, and its fitted pool, read and checked."""

    file: PanelFile
    rubric: Rubric
    humans: HumanLabels
    unlabelled: UnlabelledItems
    pool: FittedPool | None


@dataclass(frozen=True)
class Prepared:
    """Everything a run is made of.

    Attributes:
        inputs: panel, rubric and items.
        judges: the panel's judges.
        plan: the votes that they are to be asked for.
        shard: the part of the items that the plan is about, if not all.
    """

    inputs: Inputs
    judges: Sequence[Judge]
    plan: Plan
    shard: Shard | None = None

    @property
    def file(self) -> PanelFile:
        """The panel."""
        return self.inputs.file

    @property
    def rubric(self) -> Rubric:
        """What is asked."""
        return self.inputs.rubric

    @property
    def humans(self) -> HumanLabels:
        """The labelled items."""
        return self.inputs.humans

    @property
    def unlabelled(self) -> UnlabelledItems:
        """The items that nobody labelled."""
        return self.inputs.unlabelled

    @property
    def pool(self) -> FittedPool | None:
        """What joins the judges, if not their weighted mean."""
        return self.inputs.pool

    @cached_property
    def hash8(self) -> str:
        """Which run directory belongs to it; see `run_hash8`."""
        instruments = {judge.id: judge.instrument_hash for judge in self.judges}
        return run_hash8(self.file.panel, self.rubric, instruments, self.shard)

    def unfinished_run(self, results: Path) -> Path | None:
        """The run directory in `results` that a run of this would go on with; None if it would begin anew."""
        return find_resumable(results, self.file.panel.panel, self.hash8)

    def last_run(self, results: Path) -> Path | None:
        """The newest run directory of this in `results`, in any state; None if there is none."""
        runs = runs_of(results, self.file.panel.panel, self.hash8)
        return runs[-1] if runs else None


def read_inputs(panel: str | Path | PanelFile | Panel, budget: Budget | None = None) -> Inputs:
    """Read a panel, its rubric and its items.

    Args:
        panel: a panel file, or a panel made in Python (its paths start from the working directory).
        budget: limits to use instead of the panel's.

    Raises:
        InputError: with every problem of the panel, rubric or labels; also if items have no text for judges to see.
    """
    file = panel if isinstance(panel, PanelFile) else _panel_file(panel)
    file = replace(file, panel=with_budget(file.panel, budget))
    rubric = file.load_rubric()
    file.check_deferral(rubric.scale)
    humans = file.load_labels(rubric)
    unlabelled = file.load_unlabelled(humans)
    _check_content(humans, rubric, file.path(file.panel.labels))
    if file.panel.unlabelled is not None:
        _check_content(unlabelled, rubric, file.path(file.panel.unlabelled))
    return Inputs(file, rubric, humans, unlabelled, file.load_pool())


def panel_facts(inputs: Inputs) -> PanelFacts:
    """What a fitted pool must agree with; how the judges are asked is not known yet."""
    humans, judges = inputs.humans, [judge.id for judge in inputs.file.panel.judges]
    return PanelFacts(humans.task, humans.labels, humans.scale, judges, rubric_hash(inputs.rubric))


def with_budget(panel: Panel, budget: Budget | None) -> Panel:
    """The panel with the limits of its budget replaced that `budget` names."""
    return panel if budget is None else panel.model_copy(update={"budget": merged_budget(panel.budget, budget)})


def merged_budget(before: Budget | None, named: Budget | None) -> Budget | None:
    """A budget with those limits replaced that `named` names."""
    if before is None or named is None:
        return named or before
    return Budget(
        usd=before.usd if named.usd is None else named.usd,
        tokens=before.tokens if named.tokens is None else named.tokens,
    )


def prepare(inputs: Inputs, judges: Sequence[Judge], shard: Shard | None = None) -> Prepared:
    """Plan the votes of these judges on these items, or on one part of them.

    Raises:
        InputError: two judges would give the same vote.
        NotComparableError: the panel's fitted pool was fitted for other judges, labels or another rubric.
    """
    if inputs.pool is not None:
        instruments = {judge.id: judge.instrument_hash for judge in judges}
        refuse_other_panel(inputs.pool, replace(panel_facts(inputs), instruments=instruments))
    plan = make_plan(judges, inputs.humans, inputs.rubric, inputs.file.panel.seed, inputs.unlabelled)
    return Prepared(inputs, judges, plan if shard is None else plan.shard(shard), shard)


def _panel_file(panel: str | Path | Panel) -> PanelFile:
    return PanelFile(panel, Path()) if isinstance(panel, Panel) else load_panel(panel)


def _check_content(items: HumanLabels | UnlabelledItems, rubric: Rubric, path: Path) -> None:
    """Every item must have the text that judges are to see, before anything is paid for."""
    if bare := missing_content(items, rubric):
        wanted = ", ".join(rubric.fields) or "any text"
        named = ", ".join(shorten(item_id) for item_id in bare[:5]) + (" …" if bare[5:] else "")
        raise InputError(
            Problem(
                f"{len(bare)} items have no content for judges to see ({wanted}): {named}",
                path=path,
                key="content",
                fix="add `content` to this file, or name a second file with it as `content` in the panel",
            )
        )
