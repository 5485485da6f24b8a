"""The folder that `panel-eval gate` writes: `gate.json` and the same verdict in other forms."""

from __future__ import annotations

from pathlib import Path

from panel_eval.api.documents import document_bytes
from panel_eval.api.folders import Writer, refuse_foreign, replace_file, write_folder
from panel_eval.errors import InputError, Problem
from panel_eval.humans import HumanLabels
from panel_eval.report.comparison import render_comparison
from panel_eval.report.gate import junit_xml, markdown_summary
from panel_eval.schema.comparison import ComparisonReport
from panel_eval.schema.gate_result import GateResult

GATE = "gate"
"""The folder in a run directory that `gate` writes to unless told otherwise."""
GATE_FILE, JUNIT_FILE, SUMMARY_FILE, PAGE_FILE = "gate.json", "junit.xml", "summary.md", "comparison.html"

_FILES = (GATE_FILE, JUNIT_FILE, SUMMARY_FILE, PAGE_FILE)


def refuse_gate_folder(out: Path) -> None:
    """Check that `gate` may write to a folder.

    Raises:
        InputError: it holds something that `gate` did not write.
    """
    if not _half_written(out):
        refuse_foreign(out, "gate", (GATE_FILE, b'"checks"'))


def _half_written(out: Path) -> bool:
    """Whether a folder holds what another gate writes at this moment, or left when it was killed."""
    names = {path.name for path in out.iterdir()} if out.is_dir() else set()
    parts = {
        name for name in names if name.endswith(".tmp") and name.startswith(tuple(f".{own}." for own in _FILES))
    }
    return bool(parts) and names - parts <= {*_FILES}


def write_gate(out: Path, result: GateResult, humans: HumanLabels) -> None:
    """Write the folder over an earlier verdict; gate.json, which makes it one, comes last.

    Raises:
        InputError: it cannot be written, or holds something else.
    """
    refuse_gate_folder(out)
    contents = {JUNIT_FILE: junit_xml(result), SUMMARY_FILE: markdown_summary(result)}
    if (report := _comparison(result, humans)) is not None:
        contents[PAGE_FILE] = render_comparison(report)
    files = {name: _writer(content.encode()) for name, content in contents.items()}
    write_folder(out, {**files, GATE_FILE: _writer(document_bytes(result))}, stale={PAGE_FILE} - set(files))


def _comparison(result: GateResult, humans: HumanLabels) -> ComparisonReport | None:
    """The comparison behind the verdict as a report of its own; None where nothing was compared."""
    if result.comparison is None or result.baseline is None:
        return None
    return ComparisonReport(
        task=humans.task,
        labels=list(humans.labels),
        scale=humans.scale,
        settings={"alpha": 2 * result.settings.alpha, "seed": result.seed},
        base=result.baseline,
        candidates=[result.comparison],
        advice=result.comparison.advice,
    )


def _writer(content: bytes) -> Writer:
    return lambda file: file.write(content)


def write_verdict(
    result: GateResult, *, junit: Path | None = None, json: Path | None = None, markdown: Path | None = None
) -> None:
    """Write a verdict to files of the user's choice, each whole or not at all.

    Raises:
        InputError: a file cannot be written, or is one of a run's own.
    """
    if junit is not None:
        _write(junit, junit_xml(result).encode())
    if json is not None:
        _write(json, document_bytes(result))
    if markdown is not None:
        _write(markdown, markdown_summary(result).encode())


def _write(target: Path, content: bytes) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_file(target, _writer(content))
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error.strerror}", path=target)) from None
