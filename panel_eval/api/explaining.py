"""Why the panel is split on one item of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from panel_eval.api.labelled_run import LabelledRun
from panel_eval.api.results import RunResult, open_run
from panel_eval.pooling import VoteTable

if TYPE_CHECKING:
    from panel_eval.evaluation.explaining import Explainer, TellingItem
    from panel_eval.schema.explanation import Explanation


def explain(run: RunResult | str | Path, item_id: str) -> Explanation:
    """Why people and judges answer as they do on one item, and what to do about it. No model is asked.

    Args:
        run: a run, its directory, or the URL of a published run.
        item_id: of a labelled item.

    Raises:
        InputError: the run cannot be read, or there is no such item; names those with the nearest ids.
    """
    return explainer_of(run).explain(item_id)


def tell_items(run: RunResult | str | Path) -> list[TellingItem]:
    """The items of a run that are worth explaining first: of each diagnosis the two with the largest loss.

    Args:
        run: a run, its directory, or the URL of a published run.

    Raises:
        InputError: the run cannot be read.
    """
    from panel_eval.evaluation.explaining import telling_items

    return telling_items(explainer_of(run))


def explainer_of(run: RunResult | str | Path) -> Explainer:
    """Explains items of a run; for many of them, what concerns all items is computed once.

    Args:
        run: a run, its directory, or the URL of a published run.

    Raises:
        InputError: the run cannot be read.
    """
    from panel_eval.evaluation.explaining import Explainer, ScoredRun

    result = run if isinstance(run, RunResult) else open_run(run)
    labelled, seed = LabelledRun.of(result), result.metrics.settings.get("seed")
    return Explainer(
        ScoredRun(
            name=None if result.directory is None else result.directory.resolve().name,
            humans=labelled.humans,
            forecasts=labelled.forecasts,
            votes=VoteTable.of(result.votes),
            items=result.items,
            seed=seed if isinstance(seed, int) else 0,
        )
    )
