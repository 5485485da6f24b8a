"""The one way in: labels, a policy and what was asked for become an adjudicated label file and a report."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from panel_eval.api.adjudication.grounds import Wanted, error_rule, quadrants_of, read_wanted
from panel_eval.api.adjudication.tallying import RuledItem, Setting, report_of
from panel_eval.api.documents import document_bytes
from panel_eval.api.folders import refuse_run_file, refuse_stdout, replace_file
from panel_eval.api.results_urls import refuse_url
from panel_eval.errors import InputError, Problem, shorten
from panel_eval.humans import HumanLabels, load_rubric, load_soft_labels, rubric_path
from panel_eval.humans.adjudication import (
    Case,
    CheckedItem,
    Checking,
    ErrorRule,
    change_of,
    checking,
    edited_line,
    item_votes,
    rule,
)
from panel_eval.humans.mentions import rows_naming
from panel_eval.humans.records import ItemRecords
from panel_eval.schema import Rubric, SoftLabel
from panel_eval.schema.adjudication_policy import AdjudicationPolicy, PythonCheck
from panel_eval.schema.adjudication_report import AdjudicationReport
from panel_eval.schema.diagnosis import HumanQuadrant
from panel_eval.schema.json_lines import JsonLines
from panel_eval.stats.arrays import IntArray


@dataclass(frozen=True)
class Adjudicated:
    """An adjudicated label file and what was done.

    Attributes:
        path: the file; None where nothing was written.
        report: what was decided, on which grounds, what was left.
        content: the bytes of the file, written or not.
    """

    path: Path | None
    report: AdjudicationReport
    content: bytes


def adjudicate(
    labels: str | Path,
    out: str | Path | None = None,
    *,
    rubric: str | Path,
    answers: str | Path | None = None,
    content: str | Path | None = None,
    consumer: str | None = None,
    items: Sequence[str] = (),
    decisions: str | Path | None = None,
    force: bool = False,
    replace: bool = False,
    allow_code: bool = False,
    json: str | Path | None = None,
) -> Adjudicated:
    """Give items one label where the rubric's policy has a ground for it; all votes stay, byte for byte.

    Args:
        labels: a soft-label file.
        out: where the adjudicated file is written, whole or not at all; None writes nothing.
        rubric: with the key `adjudication`: a file, or the name of a shipped one.
        answers: reference answers by `item_id` (JSON lines, CSV, TSV, Parquet), for the policy's check.
        content: a second file with `item_id` and `content`, for the check.
        consumer: of the policy, who needs one label an item.
        items: ids, files of ids, or `all`: items whose labels are asked for, or that the consumer is restricted to.
        decisions: what people decided: `item_id`, `label`, `reason`, `by`, `erred`.
        force: collapse honest disagreements too, and let a person overrule a check; reasons then say so.
        replace: labels that are there may be replaced where a ground gives another one.
        allow_code: run the policy's check in Python.
        json: also write the report there, as the document `adjudication-report`.

    Raises:
        InputError: with every problem of the files, the policy or what was asked for; nothing is written then.
    """
    source, where = Path(labels), rubric_path(rubric)
    the_rubric = load_rubric(rubric)
    policy = _policy(the_rubric, where, allow_code)
    inputs = [source, where, answers, content, decisions]
    target, report_target = (None if name is None else _target(Path(name), inputs) for name in (out, json))
    if target is not None and report_target is not None and target.resolve() == report_target.resolve():
        raise InputError(Problem("is named for the labels and for the report", path=target, fix="name two files"))
    humans = load_soft_labels(source, the_rubric, content=content)
    wanted = read_wanted(
        policy,
        humans,
        answers=None if answers is None else Path(answers),
        decisions=None if decisions is None else Path(decisions),
        consumer=consumer,
        items=items,
    )
    errors, notes = error_rule(policy.errors, humans)
    with checking(policy.verify, humans.labels, where.parent) if policy.verify else nullcontext() as check:
        work = _Work(humans, policy, wanted, errors, check, force, replace)
        ruled = list(_ruled(work))
    written = _with_changes(humans, ruled)
    setting = _setting(work, source, the_rubric, written, dry_run=target is None, notes=notes)
    report = report_of(humans, ruled, setting)
    if report_target is not None:
        _write(report_target, document_bytes(report))
    if target is not None:
        _write(target, written)
    return Adjudicated(target, report, written)


@dataclass(frozen=True)
class _Work:
    """Everything that rulings are made from."""

    humans: HumanLabels
    policy: AdjudicationPolicy
    wanted: Wanted
    errors: ErrorRule
    check: Checking | None
    force: bool
    replace: bool


def _ruled(work: _Work) -> Iterator[RuledItem]:
    """Every item that a ground may touch, in the order of the file, with what becomes of it."""
    humans = work.humans
    rows = _candidates(work)
    quadrants = quadrants_of(humans, rows)
    for row in rows.tolist():
        case = _case(work, row, quadrants.get(row))
        ruling = rule(case, work.errors, work.force)
        change = change_of(case.votes.record, ruling, work.replace)
        yield RuledItem(row, case, ruling, change)


def _candidates(work: _Work) -> IntArray:
    humans, wanted = work.humans, work.wanted
    if work.check is not None or wanted.consumer is not None:
        return np.arange(len(humans))
    touched = (humans.counts > 0).sum(axis=1) > 1
    named = {*wanted.decisions, *(wanted.items or ())}
    touched[[humans.index[item_id] for item_id in named]] = True
    touched[rows_naming(humans.records, "adjudicated_label")] = True
    return np.flatnonzero(touched)


def _case(work: _Work, row: int, quadrant: HumanQuadrant | None) -> Case:
    votes, wanted = item_votes(work.humans, row), work.wanted
    item_id = votes.record.item_id
    checked = None
    if work.check is not None:
        checked = work.check(CheckedItem(votes.record, wanted.answers.get(item_id, {})))
    return Case(
        votes=votes,
        finding=checked,
        decision=wanted.decisions.get(item_id),
        consumer=wanted.needs(item_id),
        request=work.policy.requests if wanted.requests(item_id) else None,
        quadrant=quadrant,
    )


def _policy(rubric: Rubric, where: Path, allow_code: bool) -> AdjudicationPolicy:
    if rubric.adjudication is None:
        fix = "say when items get one label, such as `adjudication: {errors: {flags: [fails_gold]}}`"
        message = "the rubric has no policy for adjudication"
        raise InputError(Problem(message, path=where, key="adjudication", fix=fix))
    check = rubric.adjudication.verify
    if isinstance(check, PythonCheck) and not allow_code:
        fix = "read the code first; then say --allow-code"
        message = "the policy's check is Python code, which would run as you"
        raise InputError(Problem(message, where, None, "adjudication.verify.entry", shorten(check.entry), fix))
    return rubric.adjudication


def _target(out: Path, inputs: Sequence[str | Path | None]) -> Path:
    """Check, before the work is done, that the result replaces nothing that it is made from."""
    refuse_url(out, "name a file on this machine")
    refuse_run_file(out)
    refuse_stdout(out)
    if out.is_dir():
        raise InputError(Problem("is a folder", path=out, fix="name a file in it"))
    if not out.parent.is_dir():
        raise InputError(Problem("there is no such folder", path=out.parent, fix="make it, or name another"))
    for given in inputs:
        if given is not None and out.exists() and Path(given).exists() and out.samefile(given):
            fix = "name another file: what people delivered stays as it is"
            raise InputError(Problem("is one of the files that are read", path=out, fix=fix))
    return out


def _lines_of(humans: HumanLabels) -> JsonLines:
    records: Sequence[SoftLabel] = humans.records
    assert isinstance(records, ItemRecords)  # labels of a file
    return records.lines


def _with_changes(humans: HumanLabels, ruled: Sequence[RuledItem]) -> bytes:
    """The bytes of the file with some lines replaced; blank lines, line ends and all other lines as they are."""
    lines = _lines_of(humans)
    parts: list[bytes] = []
    at = 0
    for one in ruled:
        if one.change is not None:
            start, end = int(lines.starts[one.row]), int(lines.ends[one.row])
            parts += [lines.data[at:start], edited_line(lines.data[start:end], one.change)]
            at = end
    parts.append(lines.data[at:])
    return b"".join(parts)


def _setting(
    work: _Work, source: Path, rubric: Rubric, written: bytes, *, dry_run: bool, notes: Sequence[str]
) -> Setting:
    return Setting(
        rubric=rubric,
        labels_name=source.name,
        labels_sha256=hashlib.sha256(_lines_of(work.humans).data).hexdigest(),
        written_sha256=hashlib.sha256(written).hexdigest(),
        dry_run=dry_run,
        errors=work.errors,
        consumer=None if work.wanted.consumer is None else work.wanted.consumer.name,
        force=work.force,
        replace=work.replace,
        notes=(*work.wanted.notes, *notes),
    )


def _write(target: Path, data: bytes) -> None:
    try:
        replace_file(target, lambda file: file.write(data))
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error.strerror}", path=target)) from None
