"""What `panel-eval validate` does for one file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from pydantic_core import from_json

from panel_eval.api.preparing import panel_facts, read_inputs
from panel_eval.api.vote_files import load_votes
from panel_eval.errors import InputError, Problem, printable
from panel_eval.humans import HumanLabels, load_rubric, load_soft_labels, load_unlabelled
from panel_eval.pooling import refuse_other_panel
from panel_eval.schema import DOCUMENTS, Rubric, Scale, UnlabelledItem, read_bytes, read_json, read_jsonl, read_yaml
from panel_eval.schema.adjudication_decision import AdjudicationDecision
from panel_eval.schema.import_mapping import ImportMapping
from panel_eval.schema.label_warnings import LabelWarnings
from panel_eval.schema.labelling_log import LabellingEvent
from panel_eval.schema.policy_decision import PolicyDecision

WrittenKind = Literal[
    "run", "metrics", "plan", "probe", "fitted-pool", "fit", "policy", "training-export", "pool-estimate",
    "explanation", "comparison", "gate", "baseline", "history", "publication", "label-quality", "review-plan",
    "pilot",
    "label-warnings", "disagreement", "import-report", "adjudication-report", "reviewer-report",
]  # fmt: skip
"""JSON documents that panel-eval writes, one a file."""
FileKind = (
    Literal[
        "soft-label",
        "unlabelled-item",
        "vote",
        "rubric",
        "panel",
        "policy-decision",
        "import-mapping",
        "labelling-log",
        "adjudication-decision",
    ]
    | WrittenKind
)


@dataclass(frozen=True)
class CheckedFile:
    """A file that keeps its contract.

    Attributes:
        summary: what it holds, in a line that is safe to print.
        labels: of a label file, what was read.
        rubric: what labels and votes were checked against.
    """

    summary: str
    labels: HumanLabels | None = None
    rubric: Rubric | None = None


def check_file(
    path: str | Path, *, rubric: str | Path | None = None, strict: bool = False, kind: FileKind | None = None
) -> str:
    """Check one file and say in a line what it holds; for the parameters see `read_checked`.

    Raises:
        InputError: with every problem found.
    """
    return read_checked(path, rubric=rubric, strict=strict, kind=kind).summary


def read_checked(
    path: str | Path,
    *,
    rubric: str | Path | None = None,
    strict: bool = False,
    kind: FileKind | None = None,
    scale: Scale | None = None,
) -> CheckedFile:
    """Check one file, and keep its labels if it holds any.

    Args:
        path: a label or vote file (JSONL), a rubric or a panel (YAML), or what panel-eval wrote (JSON).
        rubric: what labels and votes are checked against.
        strict: labels must carry the full contract.
        kind: what the file is; told from its content if absent.
        scale: of labels, where there is no rubric.

    Raises:
        InputError: with every problem found.
    """
    path, the_rubric = Path(path), None if rubric is None else load_rubric(rubric)
    found = kind or guess_kind(path)
    if found == "soft-label":
        humans = load_soft_labels(path, the_rubric, scale=scale, strict=strict)
        return CheckedFile(printable(_of_labels(humans)), humans, the_rubric)
    return CheckedFile(printable(_summary(path, the_rubric, found)), None, the_rubric)


def check_labels(
    labels: HumanLabels | str | Path,
    *,
    rubric: str | Path | Rubric | None = None,
    scale: Scale | None = None,
    seed: int = 0,
) -> LabelWarnings:
    """What is suspicious in valid labels: duplicates, unused labels, careless reviewers (docs/validate.md).

    Args:
        labels: labelled items, or their file.
        rubric: what a file is checked against; says which text fields judges are shown.
        scale: of a file's labels, where there is no rubric.
        seed: of MinHash, and of the items that are read where there are more than 200,000.

    Raises:
        InputError: the file breaks its contract.
    """
    from panel_eval.evaluation.label_warnings import label_warnings

    the_rubric = rubric if rubric is None or isinstance(rubric, Rubric) else load_rubric(rubric)
    humans = labels if isinstance(labels, HumanLabels) else load_soft_labels(labels, the_rubric, scale=scale)
    return label_warnings(humans, the_rubric, seed=seed)


def _summary(path: Path, the_rubric: Rubric | None, found_kind: FileKind) -> str:
    match found_kind:
        case "panel":
            return _check_panel(path)
        case "rubric":
            return _check_rubric(path)
        case "vote":
            return _check_votes(path, the_rubric)
        case "unlabelled-item":
            items = load_unlabelled(path, task=None if the_rubric is None else the_rubric.task)
            return f"valid unlabelled items: {_some(len(items), 'item')}"
        case "labelling-log":
            return _check_labelling_log(path)
        case "adjudication-decision":
            return _check_adjudications(path)
        case "policy-decision":
            return _check_decisions(path)
        case "import-mapping":
            read_yaml(path, ImportMapping)
            return "a valid mapping for imports"
        case _:
            read_json(path, DOCUMENTS[found_kind])
            return f"a valid document of the kind {found_kind}"


def guess_kind(path: Path) -> FileKind:
    """What a file seems to be: YAML with `judges` is a panel, other YAML a rubric; JSONL with `judge` is votes.

    Other JSONL holds unlabelled items if its first line has content and nothing that only labels have. A `.json`
    file is the document that it shares most keys with.
    """
    data = read_bytes(path)
    if path.suffix == ".json":
        return _nearest_document(data)
    if path.suffix in {".yaml", ".yml"}:
        lines = data.split(b"\n")
        return "panel" if any(line.startswith((b"judges:", b"panel:")) for line in lines) else "rubric"
    first = next((line for line in data.split(b"\n") if line.strip()), b"{}")
    try:
        record = from_json(first)
    except (
        ValueError
    ):  # also of brackets so deep that the parser of the standard library gives up with another error
        return "soft-label"
    if not isinstance(record, dict):
        return "soft-label"
    if "content" in record and record.keys() <= UnlabelledItem.model_fields.keys():
        return "unlabelled-item"
    if "event" in record:
        return "labelling-log"
    if {"reason", "by"} <= record.keys():
        return "adjudication-decision"
    if "decision" in record:
        return "policy-decision"
    return "vote" if "judge" in record else "soft-label"


def _nearest_document(data: bytes) -> FileKind:
    try:
        found = from_json(data)
    except ValueError:  # no JSON: any kind says so
        found = None
    keys = found.keys() if isinstance(found, dict) else set()
    kinds: tuple[WrittenKind, ...] = get_args(WrittenKind)
    return min(kinds, key=lambda kind: len(keys ^ DOCUMENTS[kind].model_fields.keys()))


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


def _check_rubric(path: Path) -> str:
    found = read_yaml(path, Rubric)
    return f"a valid rubric: task {found.task}, {found.scale}, labels {', '.join(found.label_names)}"


def _check_labelling_log(path: Path) -> str:
    lines = read_jsonl(path, LabellingEvent)
    if lines.problems:
        raise InputError(lines.problems)
    labels = [record for _, record in lines.records if record.event != "opened"]
    reviewers = len({record.reviewer for record in labels})
    return f"a valid labelling log: {_some(len(labels), 'answer')} of {_some(reviewers, 'reviewer')}"


def _check_decisions(path: Path) -> str:
    lines = read_jsonl(path, PolicyDecision)
    if lines.problems:
        raise InputError(lines.problems)
    decided = sum(record.decision == "decide" for _, record in lines.records)
    return f"valid decisions: {_some(len(lines.records), 'item')}, {decided} decided"


def _check_adjudications(path: Path) -> str:
    lines = read_jsonl(path, AdjudicationDecision)
    if lines.problems:
        raise InputError(lines.problems)
    return f"valid decisions of people: {_some(len(lines.records), 'item')}"


def _check_votes(path: Path, rubric: Rubric | None) -> str:
    votes = load_votes(path)
    if rubric is not None and (unknown := sorted(set(votes.columns.labels) - set(rubric.label_names))):
        raise InputError(Problem(f"labels that the rubric lacks: {', '.join(unknown)}", path=path))
    told = ", ".join(f"{count} {outcome}" for outcome, count in votes.outcome_counts().items())
    return f"valid votes: {len(votes)} of {_some(len(votes.columns.judges), 'judge')} ({told})"


def _of_labels(humans: HumanLabels) -> str:
    classes = Counter(humans.derived_class)
    told = ", ".join(f"{count} {name}" for name, count in classes.most_common())
    items, ratings = _some(len(humans), "item"), _some(int(humans.reviewer_count.sum()), "rating")
    return f"valid soft labels: {items}, {ratings} ({told})"


def _some(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
