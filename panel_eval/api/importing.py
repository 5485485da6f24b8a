"""Annotations from elsewhere become a label file, a vote file, a file of items."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import ValidationError

from panel_eval.api.folders import refuse_stdout, replace_file
from panel_eval.api.results_urls import refuse_url
from panel_eval.errors import InputError, Problem, shorten
from panel_eval.humans import load_rubric
from panel_eval.importing import (
    Format,
    Gathering,
    LabelledItems,
    Source,
    find_format,
    labelled_items,
    unlabelled_lines,
)
from panel_eval.importing.entries import Dropped
from panel_eval.importing.gathering import WHY
from panel_eval.importing.naming import TooManyLabelsError
from panel_eval.schema import Rubric, read_bytes, read_yaml
from panel_eval.schema.import_mapping import ImportMapping
from panel_eval.schema.import_report import DroppedExample, DroppedKind, ImportReport
from panel_eval.schema.locating import locate
from panel_eval.schema.reading import collector_paused
from panel_eval.stats.arrays import IntArray

_OURS = b'{"item_id":'
"""How every file begins that an import writes."""


@dataclass(frozen=True)
class ImportTargets:
    """Where the files of an import go; what is None is not written.

    Attributes:
        labels: items with people's votes, by the soft-label contract.
        votes: votes of judges.
        items: items on which no person's vote was kept, by the contract of unlabelled items.
    """

    labels: Path | None = None
    votes: Path | None = None
    items: Path | None = None

    def named(self) -> dict[str, Path]:
        """The files asked for."""
        given = {"labels": self.labels, "votes": self.votes, "items": self.items}
        return {name: path for name, path in given.items() if path is not None}


def import_annotations(
    format_name: str,
    source: str | Path,
    labels: str | Path | None = None,
    *,
    votes: str | Path | None = None,
    items: str | Path | None = None,
    rubric: str | Path | Rubric | None = None,
    mapping: ImportMapping | str | Path | None = None,
    strict: bool = False,
) -> ImportReport:
    """Read annotations of another tool, and write what panel-eval reads.

    Args:
        format_name: such as `label-studio`; `panel_eval.importing.formats()` has all.
        source: the file or folder to read.
        labels: where the label file goes.
        votes: where votes of judges go.
        items: where items go on which no person's vote was kept.
        rubric: names task, labels and scale; other labels are then dropped and counted.
        mapping: what the user says of fields, labels and people, or a YAML file that says it.
        strict: anything dropped is an error, and nothing is written.

    Raises:
        InputError: the source cannot be read, nothing of it can be kept, or something was dropped in strict mode.
    """
    targets = ImportTargets(*(None if path is None else Path(path) for path in (labels, votes, items)))
    found_rubric = rubric if rubric is None or isinstance(rubric, Rubric) else load_rubric(rubric)
    found_mapping = _mapping(mapping)
    fmt = find_format(format_name)
    _check_targets(fmt, targets, _files_read(Path(source), mapping, rubric))
    gathered = Gathering(found_mapping, found_rubric)
    gathered.labels.bounded &= targets.labels is not None
    try:
        with collector_paused():
            gathered.take_all(fmt.read(Source(Path(source), found_mapping)))
            if "labels" in fmt.makes:
                gathered.note_unmet()
            task = _task(found_mapping, found_rubric, gathered)
            found, replaced = labelled_items(gathered, task)
            gathered.labels.check_repeated(len(found))
            _count_replaced(gathered, replaced)
            report = _report(fmt, Path(source), found, targets, found_mapping)
            _refuse(found, report, targets, Path(source), strict)
            _write(found, targets)
    except TooManyLabelsError as error:
        raise InputError(_free_text(str(error), Path(source), fmt)) from None
    finally:
        gathered.judges.close()
    return report


def _free_text(message: str, source: Path, fmt: Format) -> Problem:
    another = "--field label=NAME names another field; " if "label" in fmt.roles else ""
    fix = f"{another}if these are labels, name them all with --rubric, or label_order in a mapping file"
    return Problem(message, source, key="label", fix=fix)


def read_mapping(path: Path | None, beside: Mapping[str, Any]) -> ImportMapping:
    """A mapping file, and what is said beside it: lists and names are added to the file's, single values replace.

    Args:
        path: the YAML file, if there is one.
        beside: fields of `ImportMapping`.

    Raises:
        InputError: the file is no mapping, or what is said beside it is none; names each problem.
    """
    merged: dict[str, Any] = (
        {} if path is None else read_yaml(path, ImportMapping).model_dump(exclude_defaults=True)
    )
    for name, value in beside.items():
        if isinstance(value, dict):
            merged[name] = {**merged.get(name, {}), **value}
        elif isinstance(value, list):
            merged[name] = [*merged.get(name, []), *value]
        else:
            merged[name] = value
    try:
        return ImportMapping.model_validate(merged)
    except ValidationError as error:
        problems = locate(error.errors(include_url=False), merged, ImportMapping)
        raise InputError([problem for _, problem in problems]) from None


def _mapping(given: ImportMapping | str | Path | None) -> ImportMapping:
    if isinstance(given, ImportMapping):
        return given
    return ImportMapping() if given is None else read_yaml(Path(given), ImportMapping)


def _task(mapping: ImportMapping, rubric: Rubric | None, gathered: Gathering) -> str:
    if rubric is not None:
        if mapping.task not in (None, rubric.task):
            message = f"task {shorten(mapping.task)!r} was asked for, but the rubric's is {shorten(rubric.task)!r}"
            raise InputError(Problem(message, key="task", fix="leave one of them out"))
        return rubric.task
    if mapping.task is None:
        gathered.notes.append("no task was named: it is called 'task' (--task NAME, or --rubric)")
    return mapping.task or "task"


def _files_read(source: Path, *beside: object) -> list[Path]:
    """The source, and the mapping and rubric where these are files."""
    return [source, *(Path(one) for one in beside if isinstance(one, (str, Path)))]


def _check_targets(fmt: Format, targets: ImportTargets, read: Sequence[Path]) -> None:
    named = targets.named()
    if not named:
        raise InputError(Problem("nothing to write", fix="name a file with --out, --votes-out or --items-out"))
    if targets.labels is not None and "labels" not in fmt.makes:
        fix = "name a file for them with --votes-out"
        raise InputError(Problem(f"{fmt.name} holds votes of judges, no labels of people", key="--out", fix=fix))
    for path in named.values():
        refuse_url(path, "name a file")
        refuse_stdout(path)
        if [other.resolve() for other in named.values()].count(path.resolve()) > 1:
            raise InputError(Problem("is named for two things", path=path, fix="name a file for each"))
        if path.exists() and any(_is_of(path.resolve(), source.resolve()) for source in read):
            raise InputError(Problem("is a file that is read", path=path, fix="name another file"))
        if not path.parent.is_dir():
            fix = f"make the folder first: {shorten(str(path.parent), 200)}"
            raise InputError(Problem("cannot be written: there is no such folder", path=path, fix=fix))


def _is_of(path: Path, source: Path) -> bool:
    """Whether a file that there is is the source, or one in its folder that no import wrote."""
    if not source.is_dir() or source not in path.parents:
        return source.exists() and path.samefile(source)
    return path.is_file() and path.stat().st_size > 0 and not read_bytes(path).startswith(_OURS)


def _count_replaced(gathered: Gathering, replaced: IntArray) -> None:
    for answer in replaced[:5].tolist():
        line, item_id = gathered.answers.line(answer), gathered.items.ids[gathered.answers.item(answer)]
        label = gathered.labels.name(gathered.answers.label(answer))
        gathered.drops.add(Dropped("replaced", WHY["replaced"], line, item_id, label))
    if len(replaced) > 5:
        gathered.drops.add(Dropped("replaced", WHY["replaced"]), len(replaced) - 5)


def _report(
    fmt: Format, source: Path, found: LabelledItems, targets: ImportTargets, mapping: ImportMapping
) -> ImportReport:
    gathered, answers = found.gathered, found.answers
    named = answers.reviewer[answers.reviewer >= 0]
    without = set(gathered.tallies) - set(answers.item.tolist())
    return ImportReport(
        format=fmt.name,
        source=source.name,
        task=found.task,
        labels=list(found.labels),
        scale=gathered.labels.scale,
        items=len(found),
        annotations_read=gathered.read,
        annotations_kept=len(answers),
        tallied=len(without),
        votes_in_tallies=sum(gathered.tallies[code].reviewers for code in without),
        reviewers=len(set(named.tolist())),
        unnamed=len(answers) - len(named),
        judge_votes=len(gathered.judges),
        judges=sorted(gathered.judges.of_judge),
        unlabelled_items=len(gathered.items) - len(found),
        dropped=gathered.drops.kinds(),
        notes=[shorten(note, 500) for note in gathered.notes],
        mapping=mapping,
        written={name: path.name for name, path in targets.named().items()},
    )


def _refuse(found: LabelledItems, report: ImportReport, targets: ImportTargets, source: Path, strict: bool) -> None:
    """Refuse to write files without anything in them, and in strict mode whatever lost something.

    Raises:
        InputError: so it is.
    """
    dropped = [_dropped_problem(kind, source) for kind in report.dropped]
    if strict and dropped:
        raise InputError(dropped)
    sizes = {"labels": report.items, "votes": report.judge_votes, "items": report.unlabelled_items}
    if not any(sizes[name] for name in targets.named()):
        fix = "is it of another format? panel-eval import --list shows them"
        nothing = Problem(f"holds nothing that could be kept as {report.format}", source, fix=fix)
        raise InputError([nothing, *dropped])
    if targets.labels is not None and len(found) and len(found.labels) < 2:
        fix = "name all labels with --rubric, or label_order in a mapping file"
        raise InputError(Problem(f"has one label only: {shorten(found.labels[0])}", source, fix=fix))


def _dropped_problem(kind: DroppedKind, source: Path) -> Problem:
    """What was dropped for one reason, as an error with its first example."""
    first = kind.examples[0] if kind.examples else DroppedExample()
    return Problem(f"{kind.text} ({kind.count:,} dropped)", source, first.line, first.item, first.value)


def _write(found: LabelledItems, targets: ImportTargets) -> None:
    """Write the files, each whole or not at all."""
    lines: dict[str, Callable[[], Iterator[bytes]]] = {
        "labels": found.lines,
        "votes": found.gathered.judges.lines,
        "items": partial(unlabelled_lines, found.gathered, found.task, found.codes),
    }
    for name, path in targets.named().items():
        try:
            replace_file(path, partial(_write_lines, lines=lines[name]))
        except OSError as error:
            raise InputError(Problem(f"cannot be written: {error.strerror}", path=path)) from None


def _write_lines(file: BinaryIO, lines: Callable[[], Iterator[bytes]]) -> None:
    file.writelines(lines())
