"""Where the people behind a label file disagree."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from panel_eval.api.folders import replace_file
from panel_eval.api.item_sheet import cell_text
from panel_eval.errors import InputError, Problem
from panel_eval.humans import HumanLabels, load_rubric, load_soft_labels
from panel_eval.schema import Rubric, Scale

if TYPE_CHECKING:
    from panel_eval.evaluation.disagreement import DisagreementOfItems
    from panel_eval.schema.disagreement import Disagreement


@dataclass(frozen=True)
class DisagreementResult:
    """Where people disagree: the document, and a table of items.

    Attributes:
        document: everything but the items.
        items: what is said of each.
    """

    document: Disagreement
    items: DisagreementOfItems

    def write_csv(self, path: str | Path) -> Path:
        """Write one line an item, in the order of their ids.

        What a spreadsheet would take for a formula has an apostrophe before it; an empty field is a number that
        cannot be computed. UTF-8 with a byte-order mark, as spreadsheets expect it.

        Raises:
            InputError: the file cannot be written, or is one of a run's own.
        """
        target = Path(path)
        try:
            replace_file(target, lambda file: _write(self.items, file))
        except OSError as error:
            raise InputError(Problem(f"the table cannot be written: {error.strerror}", path=target)) from None
        return target


def disagreement(
    labels: HumanLabels | str | Path,
    *,
    rubric: Rubric | str | Path | None = None,
    scale: Scale | None = None,
    seed: int = 0,
    resamples: int = 2000,
) -> DisagreementResult:
    """Where people disagree, how sure that is, and which criterion of the rubric is behind it. No judge is needed.

    Args:
        labels: human soft labels, or their file (JSONL).
        rubric: whose criteria are looked at, and what a file is read with: a rubric, its file, or the name of a
            shipped one. Without one, the criteria are those that rationales name.
        scale: of a file's labels where there is no rubric; default nominal.
        seed: of draws and resamples.
        resamples: draws behind intervals.

    Raises:
        InputError: the file breaks its contract, or there are no items.
    """
    from panel_eval.evaluation.disagreement import disagreement_of

    found = rubric if rubric is None or isinstance(rubric, Rubric) else load_rubric(rubric)
    humans = labels if isinstance(labels, HumanLabels) else load_soft_labels(labels, found, scale=scale)
    criteria = None if found is None else [criterion.name for criterion in found.criteria]
    items = disagreement_of(humans, criteria, seed=seed, resamples=resamples)
    return DisagreementResult(items.document, items)


def _write(items: DisagreementOfItems, file: BinaryIO) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    lines = csv.writer(text)
    columns = items.columns()
    votes = [cell_text(f"votes: {label}") for label in items.humans.labels]
    lines.writerow(["item_id", "reviewers", *votes, "disagreement_class", *columns, "criteria"])
    lines.writerows(_rows(items, columns))
    text.flush()
    text.detach()


def _rows(items: DisagreementOfItems, columns: dict[str, Any]) -> Iterator[list[Any]]:
    from panel_eval.evaluation.disagreement.section import criteria_told

    humans = items.humans
    listed = [column.tolist() for column in columns.values()]
    votes = np.round(humans.counts, 6).tolist()
    for row, values in enumerate(zip(*listed, strict=True)):
        told = [] if items.mentions is None else criteria_told(items.mentions, row)
        yield [
            cell_text(humans.item_ids[row]),
            int(humans.reviewer_count[row]),
            *(f"{n:g}" for n in votes[row]),
            humans.derived_class[row],
            *("" if value != value else value for value in values),
            cell_text("; ".join(told)),
        ]
