"""The one way in: a scored run becomes a folder of training files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from panel_eval.api.exporting.card import card
from panel_eval.api.exporting.files import write_rows
from panel_eval.api.exporting.folder import CARD, MANIFEST, new_folder, refuse_folder
from panel_eval.api.exporting.formats import Layout, Shape, classification_shape, safety_shape, soft_label_shape
from panel_eval.api.exporting.options import ExportOptions
from panel_eval.api.exporting.pairs import reward_shape
from panel_eval.api.exporting.remarks import remarks
from panel_eval.api.exporting.rows import TrainingRows, human_rows, joined, panel_rows
from panel_eval.api.exporting.scanning import Scanned, refuse_missing_text, scan
from panel_eval.api.exporting.splits import drawn_splits, file_names, given_splits
from panel_eval.api.label_names import numbers_of
from panel_eval.api.panel_forecasts import PanelForecast, panel_forecast
from panel_eval.api.results import RunResult, open_run
from panel_eval.api.unlabelled import unlabelled_forecasts
from panel_eval.errors import InputError, Problem
from panel_eval.schema.training_export import TrainingExport, TrainingFormat

UNKNOWN_WORTH = 1.0
"""Reviewers that a panel row counts as where nobody knows what the panel is worth."""


@dataclass(frozen=True)
class ExportResult:
    """A folder of training files.

    Attributes:
        directory: the folder.
        manifest: what it holds; equals export.json.
    """

    directory: Path
    manifest: TrainingExport


@dataclass(frozen=True)
class _Prepared:
    """Rows with their splits, and what to say of them."""

    rows: TrainingRows
    splits: list[str]
    scanned: Scanned
    left_out: Mapping[str, int]


def export(run: str | Path | RunResult, out: str | Path, options: ExportOptions | None = None) -> ExportResult:
    """Write soft-label training files of a run: JSON lines and Parquet, with a card that says what they hold.

    Labelled items give human rows. Unlabelled items give panel rows, marked as such and with what the panel is
    worth; they are never mixed in unasked.

    Args:
        run: a run directory, as written by run, score or demo, or a run in memory.
        out: the folder: new, empty, or of an earlier export, which is replaced as a whole.
        options: what is written.

    Raises:
        InputError: the run lacks what is asked for, or the folder holds something else; nothing is written then.
    """
    options = options or ExportOptions()
    refuse_folder(Path(out))
    result = run if isinstance(run, RunResult) else open_run(run)
    options.check(result.humans.labels)
    forecast = None if options.target == "humans" else _forecast(result, options)
    prepared = _prepare(result, forecast, options)
    shapes = _shapes(result, forecast, prepared.scanned, options)
    with new_folder(Path(out)) as folder:
        names = file_names(prepared.splits)
        files = write_rows(folder, shapes, prepared.rows, names, prepared.splits)
        manifest = _manifest(result, forecast, prepared, options).model_copy(
            update={
                "files": files,
                "columns": {kind: [column.described for column in shape.columns] for kind, shape in shapes.items()},
            }
        )
        (folder / CARD).write_text(card(manifest), encoding="utf-8")
        (folder / MANIFEST).write_bytes(manifest.model_dump_json(indent=1).encode() + b"\n")
    return ExportResult(Path(out), manifest)


def _forecast(result: RunResult, options: ExportOptions) -> PanelForecast:
    if not len(result.unlabelled):
        fix = "ask the panel about unlabelled items too, or export --target humans"
        raise InputError(Problem("the run has no unlabelled items", path=result.directory, fix=fix))
    return panel_forecast(result, unlabelled_forecasts(result), options.fitted)


def export_rows(result: RunResult, forecast: PanelForecast | None, options: ExportOptions) -> TrainingRows:
    """The rows of an export: human rows by item id, then panel rows by item id.

    Args:
        result: the run.
        forecast: the panel's, of the run's unlabelled items; None for human rows only.
        options: whose rows, and what a human target is.
    """
    people = human_rows(result.humans, options.human_target)
    if forecast is None:
        return people
    n_eq = forecast.origin.n_eq.estimate
    weight = UNKNOWN_WORTH if n_eq is None or n_eq <= 0 else n_eq
    panel = panel_rows(result.unlabelled, forecast.q, weight)
    return panel if options.target == "panel" else joined(people, panel)


def _prepare(result: RunResult, forecast: PanelForecast | None, options: ExportOptions) -> _Prepared:
    rows = export_rows(result, forecast, options)
    if not len(rows):
        raise InputError(Problem("no judge answered any unlabelled item: there is nothing to export"))
    left_out = {}
    if forecast is not None and (unanswered := int(np.isnan(forecast.q[:, 0]).sum())):
        left_out["no judge answered them"] = unanswered
    shown = () if result.manifest.rubric is None else result.manifest.rubric.fields
    preference = options.preference if "reward" in options.formats else None
    needed = () if preference is None else (*preference.answers, *filter(None, [preference.prompt]))
    scanned = scan(rows, shown, needed)
    if set(options.formats) - {"soft-label"}:
        refuse_missing_text(scanned, f"the text of {', '.join(needed)}" if needed else "text")
    if not options.split_shares:
        return _Prepared(rows, given_splits(rows, scanned.splits), scanned, left_out)
    splits, kept = drawn_splits(rows, options.split_shares, options.seed)
    if not kept.all():
        left_out["panel rows whose cluster is held out"] = int((~kept).sum())
    chosen = np.flatnonzero(kept)
    return _Prepared(rows.take(chosen), [splits[row] for row in chosen.tolist()], scanned, left_out)


def _shapes(
    result: RunResult, forecast: PanelForecast | None, scanned: Scanned, options: ExportOptions
) -> dict[TrainingFormat, Shape]:
    labels = result.humans.labels
    layout = Layout(labels, scanned.fields, None if forecast is None else forecast.origin.n_eq)
    shapes: dict[TrainingFormat, Shape] = {}
    for kind in dict.fromkeys(options.formats):
        if kind == "soft-label":
            shapes[kind] = soft_label_shape(layout)
        elif kind == "classification":
            shapes[kind] = classification_shape(layout)
        elif kind == "safety" and options.violations is not None:
            shapes[kind] = safety_shape(layout, numbers_of(options.violations, labels, "--violation"))
        elif kind == "reward" and options.preference is not None:
            shapes[kind] = reward_shape(options.preference, labels)
    return shapes


def _manifest(
    result: RunResult, forecast: PanelForecast | None, prepared: _Prepared, options: ExportOptions
) -> TrainingExport:
    n_panel = int(prepared.rows.from_panel.sum())
    drawn = "none" if all(split is None for split in prepared.scanned.splits) else "given"
    return TrainingExport(
        run_id=result.manifest.run_id,
        task=result.humans.task,
        labels=list(result.humans.labels),
        scale=result.humans.scale,
        target=options.target,
        human_target=options.human_target,
        human_items=len(prepared.rows) - n_panel,
        panel_items=n_panel,
        panel=None if forecast is None else forecast.origin,
        splits="random" if options.split_shares else drawn,
        split_shares=dict(options.split_shares),
        seed=options.seed,
        left_out=dict(prepared.left_out),
        columns={},
        files=[],
        hashes=dict(result.manifest.hashes),
        warnings=list(remarks(prepared.rows, prepared.splits, prepared.scanned, forecast, len(result.unlabelled))),
    )
