"""Collecting labels from a few experts: serve the page, see how far they are, write the label file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from panel_eval.errors import InputError, Problem
from panel_eval.humans import load_rubric, rubric_path
from panel_eval.labelling import (
    Answers,
    LabelFile,
    LabellingServer,
    Study,
    StudyItem,
    StudyProgress,
    holds_labels,
    holds_others_labels,
    labelled_study_items,
    opening,
    read_log,
    reviewer_names,
    start_server,
    study_progress,
    unlabelled_study_items,
)
from panel_eval.schema import Rubric


def serve_labelling(
    items: str | Path,
    rubric: str | Path,
    out: str | Path = "labels.jsonl",
    *,
    reviewers: Sequence[str] = (),
    state: str | Path | None = None,
    content: str | Path | None = None,
    port: int | None = None,
    seed: int = 0,
    in_order: bool = False,
    require_confidence: bool = False,
    new_wording: bool = False,
    new_links: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> LabellingServer:
    """Serve a page on which experts label items, in a thread of its own, on this machine only.

    The label file is the soft-label contract of all labels so far, written anew after each; the log beside it is
    the truth, from which an interrupted study goes on.

    Args:
        items: unlabelled items, or a label file, whose votes are left behind (JSONL).
        rubric: file, or name of a shipped one.
        out: the label file to write.
        reviewers: who may label; anybody who opens the page if empty.
        state: the log; default: beside `out`, NAME.log.jsonl.
        content: a second file with the items' text.
        port: default: that of the last start, or any free one.
        seed: of the order in which each reviewer sees the items.
        in_order: the file's order for everybody.
        require_confidence: no label without a confidence.
        new_wording: go on although the rubric's words changed since the first labels.
        new_links: links handed out before let nobody in any more.
        tell: is told, in a sentence, where the label file cannot be written; the log still keeps every label.

    Returns:
        The running server: `url`, `links` by reviewer, `progress()`, `stop()`; usable in `with`.

    Raises:
        InputError: a file is wrong, belongs to another study or is in use, or the port is taken; every problem.
    """
    items, out = Path(items), Path(out)
    log = log_path(out) if state is None else Path(state)
    _refuse_mix_up(items, rubric, out, log)
    the_rubric = load_rubric(rubric)
    study = Study(
        the_rubric,
        _study_items(items, the_rubric, None if content is None else Path(content)),
        reviewer_names(reviewers),
        seed=seed,
        in_order=in_order,
        require_confidence=require_confidence,
    )
    return start_server(study, log, out, port=port, new_wording=new_wording, new_links=new_links, tell=tell)


def labelling_progress(state: str | Path, reviewers: Sequence[str] = ()) -> StudyProgress:
    """How far a study is, from its log alone; also while it is served.

    Args:
        state: the log.
        reviewers: who is to label; those who have not begun are listed too.

    Raises:
        InputError: it is missing, or no log.
    """
    return study_progress(read_log(Path(state)), reviewer_names(reviewers))


def export_labels_of(
    state: str | Path,
    items: str | Path,
    rubric: str | Path,
    out: str | Path = "labels.jsonl",
    *,
    content: str | Path | None = None,
) -> int:
    """Write the label file of a log, without serving anything; also while it is served.

    Args:
        state: the log.
        items: see `serve_labelling`.
        rubric: file, or name of a shipped one.
        out: the label file to write.
        content: a second file with the items' text.

    Returns:
        How many items have labels.

    Raises:
        InputError: a file is wrong or belongs to another study, or `out` cannot be written.
    """
    items, out, log = Path(items), Path(out), Path(state)
    _refuse_mix_up(items, rubric, out, log)
    the_rubric = load_rubric(rubric)
    study = Study(the_rubric, _study_items(items, the_rubric, None if content is None else Path(content)))
    events = read_log(log)
    opening(log, events, study, new_wording=True)
    answers = Answers(events)
    try:
        LabelFile(out, study, answers).catch_up(now=True)
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error.strerror}", path=out)) from None
    return len(list(answers.labelled_items()))


def log_path(out: Path) -> Path:
    """The log beside a label file: labels.jsonl has labels.log.jsonl."""
    return out.with_name(f"{out.name.removesuffix('.jsonl')}.log.jsonl")


def _study_items(items: Path, rubric: Rubric, content: Path | None) -> tuple[StudyItem, ...]:
    load = labelled_study_items if holds_labels(items) else unlabelled_study_items
    return load(items, rubric, content)


def _refuse_mix_up(items: Path, rubric: str | Path, out: Path, log: Path) -> None:
    """Nothing that is read may be written over, and no label file that did not come from this log."""
    for target in (out, log):
        _refuse_run_file(target)
    used = {"the items": items, "the rubric": rubric_path(rubric), "the log": log}
    for what, path in used.items():
        if _same(out, path):
            raise InputError(
                Problem(f"holds {what}; labels would be written over it", path=out, fix="name another --out")
            )
    for what in ("the items", "the rubric"):
        if _same(log, used[what]):
            raise InputError(Problem(f"holds {what}; it is no log", path=log, fix="name another --state"))
    if not (out.is_file() and out.stat().st_size):
        return
    if not (log.exists() and log.stat().st_size):
        fix = f"name another --out, or the --state it came from (there is no {log.name})"
        raise InputError(Problem("exists already, and did not come from this log", path=out, fix=fix))
    if holds_others_labels(out, read_log(log)):
        fix = "name another --out, or move this file away: all that the log has is written anew"
        raise InputError(
            Problem(f"holds more than the labels in {log.name}, which would be lost", path=out, fix=fix)
        )


def _refuse_run_file(target: Path) -> None:
    """Who knows the files of a run takes seconds to load, so it is asked only where there is a run."""
    if (target.parent / "run.json").exists():
        from panel_eval.api.folders import refuse_run_file

        refuse_run_file(target)


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return one.absolute() == other.absolute()
