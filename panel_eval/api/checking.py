"""What `panel-eval validate` does for one file."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Literal

from panel_eval.api.preparing import panel_facts, read_inputs
from panel_eval.api.vote_files import load_votes
from panel_eval.errors import InputError, Problem, printable
from panel_eval.humans import load_rubric, load_soft_labels, load_unlabelled
from panel_eval.pooling import refuse_other_panel
from panel_eval.schema import Rubric, UnlabelledItem, read_bytes, read_yaml

FileKind = Literal["soft-label", "unlabelled-item", "vote", "rubric", "panel"]


def check_file(
    path: str | Path, *, rubric: str | Path | None = None, strict: bool = False, kind: FileKind | None = None
) -> str:
    """Check one file and say in a line what it holds.

    Args:
        path: a label or vote file (JSONL), a rubric or a panel (YAML).
        rubric: what labels and votes are checked against.
        strict: labels must carry the full contract.
        kind: what the file is; told from its content if absent.

    Raises:
        InputError: with every problem found.
    """
    return printable(_summary(Path(path), rubric, strict, kind))


def _summary(path: Path, rubric: str | Path | None, strict: bool, kind: FileKind | None) -> str:
    the_rubric = None if rubric is None else load_rubric(rubric)
    match kind or guess_kind(path):
        case "panel":
            return _check_panel(path)
        case "rubric":
            found = read_yaml(path, Rubric)
            return f"a valid rubric: task {found.task}, {found.scale}, labels {', '.join(found.label_names)}"
        case "vote":
            return _check_votes(path, the_rubric)
        case "unlabelled-item":
            items = load_unlabelled(path, task=None if the_rubric is None else the_rubric.task)
            return f"valid unlabelled items: {_some(len(items), 'item')}"
        case _:
            return _check_labels(path, the_rubric, strict)


def guess_kind(path: Path) -> FileKind:
    """What a file seems to be: YAML with `judges` is a panel, other YAML a rubric; JSONL with `judge` is votes.

    Other JSONL holds unlabelled items if its first line has content and nothing that only labels have.
    """
    data = read_bytes(path)
    if path.suffix in {".yaml", ".yml"}:
        lines = data.split(b"\n")
        return "panel" if any(line.startswith((b"judges:", b"panel:")) for line in lines) else "rubric"
    first = next((line for line in data.split(b"\n") if line.strip()), b"{}")
    try:
        record = json.loads(first)
    except ValueError:
        return "soft-label"
    if not isinstance(record, dict):
        return "soft-label"
    if "content" in record and record.keys() <= UnlabelledItem.model_fields.keys():
        return "unlabelled-item"
    return "vote" if "judge" in record else "soft-label"


def _check_panel(path: Path) -> str:
    inputs = read_inputs(path)
    if inputs.pool is not None:
        refuse_other_panel(inputs.pool, panel_facts(inputs))
    panel, humans, unlabelled = inputs.file.panel, inputs.humans, inputs.unlabelled
    votes = sum(judge.samples for judge in panel.judges) * (len(humans) + len(unlabelled))
    judges, items = _some(len(panel.judges), "judge"), _some(len(humans), "item")
    if unlabelled:
        items = f"{_some(len(humans), 'labelled item')}, {_some(len(unlabelled), 'unlabelled item')}"
    return f"a valid panel: {judges}, {items}, {_some(votes, 'vote')} to ask for"


def _check_votes(path: Path, rubric: Rubric | None) -> str:
    votes = load_votes(path)
    if rubric is not None and (unknown := sorted(set(votes.columns.labels) - set(rubric.label_names))):
        raise InputError(Problem(f"labels that the rubric lacks: {', '.join(unknown)}", path=path))
    told = ", ".join(f"{count} {outcome}" for outcome, count in votes.outcome_counts().items())
    return f"valid votes: {len(votes)} of {_some(len(votes.columns.judges), 'judge')} ({told})"


def _check_labels(path: Path, rubric: Rubric | None, strict: bool) -> str:
    humans = load_soft_labels(path, rubric, strict=strict)
    classes = Counter(humans.derived_class)
    told = ", ".join(f"{count} {name}" for name, count in classes.most_common())
    items, ratings = _some(len(humans), "item"), _some(int(humans.reviewer_count.sum()), "rating")
    return f"valid soft labels: {items}, {ratings} ({told})"


def _some(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
