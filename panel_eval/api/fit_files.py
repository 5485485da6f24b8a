"""The folder that `panel-eval fit` writes: `fit.json` and what can be used of it."""

from __future__ import annotations

from pathlib import Path

from panel_eval.api.documents import document_bytes
from panel_eval.api.folders import refuse_foreign, write_folder
from panel_eval.errors import InputError, Problem
from panel_eval.schema import FitReport, read_json

FIT = "fit"
"""The folder in a run directory that `fit` writes to unless told otherwise."""
REPORT_FILE = "fit.json"


def refuse_folder(out: Path) -> None:
    """Check that `fit` may write to a folder.

    Raises:
        InputError: it holds something that `fit` did not write.
    """
    refuse_foreign(out, "fit", (REPORT_FILE, b'"fitting"'))


def write_fit(out: Path, report: FitReport) -> None:
    """Write the folder; fit.json, which makes it one, comes last.

    Raises:
        InputError: it cannot be written, or holds something else.
    """
    refuse_folder(out)
    write_folder(out, {REPORT_FILE: lambda file: file.write(document_bytes(report))})


def read_fit(run: Path) -> FitReport | None:
    """What `fit` found out about the run in a directory; None if it was not run.

    Raises:
        InputError: fit.json is not what this version writes.
    """
    path = run / FIT / REPORT_FILE
    if not path.exists():
        return None
    try:
        return read_json(path, FitReport)
    except InputError as error:
        again = Problem("was it written by another version?", path=path, fix=f"run again: panel-eval fit {run}")
        raise InputError([*error.problems, again]) from None
