"""The folder that `panel-eval fit` writes: `fit.json` and what can be used of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from panel_eval.api.documents import document_bytes
from panel_eval.api.folders import Writer, refuse_foreign, write_folder
from panel_eval.errors import InputError, Problem
from panel_eval.schema import DeferralPolicy, FileModel, FitReport, FittedPool, read_json

FIT = "fit"
"""The folder in a run directory that `fit` writes to unless told otherwise."""
REPORT_FILE, POOL_FILE, POLICY_FILE = "fit.json", "fitted.json", "policy.json"


@dataclass(frozen=True)
class FitFiles:
    """The documents of the folder; a policy only where there is one."""

    report: FitReport
    pool: FittedPool
    policy: DeferralPolicy | None


def refuse_folder(out: Path) -> None:
    """Check that `fit` may write to a folder.

    Raises:
        InputError: it holds something that `fit` did not write.
    """
    refuse_foreign(out, "fit", (REPORT_FILE, b'"fitting"'))


def write_fit(out: Path, files: FitFiles) -> None:
    """Write the folder; fit.json, which makes it one, comes last.

    Raises:
        InputError: it cannot be written, or holds something else.
    """
    refuse_folder(out)
    documents: dict[str, FileModel] = {POOL_FILE: files.pool}
    if files.policy is not None:
        documents[POLICY_FILE] = files.policy
    documents[REPORT_FILE] = files.report
    writers = {name: _writer(document) for name, document in documents.items()}
    write_folder(out, writers, stale={POLICY_FILE} - set(writers))


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


def _writer(document: FileModel) -> Writer:
    return lambda file: file.write(document_bytes(document))
