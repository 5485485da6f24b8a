"""Runs of a panel inside a test: a few items, scripted answers or recorded votes, no network."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, Unpack
from unittest import mock

from panel_eval import schema
from panel_eval.api import PanelFile, RunResult, load_panel, run
from panel_eval.api.run_options import RunKeywords
from panel_eval.errors import InputError, PanelEvalError, shorten
from panel_eval.humans import HumanLabels
from panel_eval.judges import FakeTransport, WireRequest
from panel_eval.judges.fake import Entry, Script
from panel_eval.judges.hosted import key_variable
from panel_eval.pytest_plugin.blocking import NetworkBlockedError, blocked
from panel_eval.schema import Panel

if TYPE_CHECKING:
    from panel_eval.pytest_plugin.tape import Tape

Answers: TypeAlias = "str | Sequence[Entry] | Script"
Records: TypeAlias = "str | Path | Sequence[Mapping[str, Any]]"

__tracebackhide__ = True  # pytest then shows the line of the test

_JUDGE = "judge"
_HERE = ("fake", "replay", "local")


@dataclass(repr=False)
class PanelRunner:
    """What the fixture `panel_run` gives: call it to run a panel.

    Attributes:
        folder: of the test; relative paths start here.
        scratch: folder that everything is written to.
        tape: the test's cassette, where it has one.
        requests: of the last run, what scripted judges were asked: messages, schema, label codes.
    """

    folder: Path
    scratch: Path
    tape: Callable[[], Tape | None] = lambda: None
    requests: list[WireRequest] = field(default_factory=list)

    def __call__(
        self,
        panel: str | Path | PanelFile | Panel | Mapping[str, Any] | None = None,
        *,
        labels: Records | None = None,
        answers: Answers | Mapping[str, Answers] | None = None,
        votes: Records | None = None,
        rubric: str | Path | Mapping[str, Any] | None = None,
        prompt: str | Path | None = None,
        **options: Unpack[RunKeywords],
    ) -> RunResult:
        """Run a panel on a few items.

        Args:
            panel: a panel file, or what would stand in one; what is left out is filled in. None: one judge.
            labels: human labels instead of the panel's: a file, or records as in a file. Of a record, `item_id`
                and `task` may be left out, and `text` is short for the content of one field.
            answers: what the judges say (see `panel_eval.judges.fake`): one label for every item, a list in the
                order of the items, a mapping by item id, or a function of the request; or any of these by judge.
            votes: recorded votes instead: a file, or records as in a file.
            rubric: instead of the panel's: a file, the name of a shipped rubric, or what would stand in a file.
            prompt: template instead of the panel's.
            **options: as for `panel_eval.run`; without probe and report, with 200 resamples, if nothing is said.

        Raises:
            InputError: something in these does not fit.
            CassetteMissError: a judge sent something that is not on the test's cassette.
        """
        if answers is not None and votes is not None:
            raise InputError("panel_run: give answers or votes, not both")
        try:
            file = self._panel(panel, rubric, prompt)
            if labels is not None:
                file = self._with_labels(file, labels)
            if votes is not None:
                file = self._replaying(file, votes)
            transports = {} if answers is None else self._scripted(file, answers)
            return self._carried_out(file, transports, options)
        except PanelEvalError as error:  # it says all; the way that it took through our code says nothing
            raise error.with_traceback(None) from None

    def _carried_out(
        self, file: PanelFile, transports: Mapping[str, FakeTransport], options: RunKeywords
    ) -> RunResult:
        hosted = [judge for judge in file.panel.judges if judge.id not in transports and _is_hosted(judge)]
        chosen: RunKeywords = {"probe": False, "report": False, "resamples": 200, **options}
        with self._wire(hosted):
            result = run(file, results=self.scratch / "runs", transports=transports, **chosen)
        self.requests = [request for each in transports.values() for request in each.requests]
        return result

    @contextmanager
    def _wire(self, hosted: Sequence[schema.Judge]) -> Iterator[None]:
        """What judges reach: their cassette, or this machine only, where local judges are."""
        tape = self.tape()
        if tape is None:
            _refuse(hosted)
            attempts: list[str] = []
            with blocked(attempts, loopback=True):
                yield
            if attempts:
                raise NetworkBlockedError(f"panel_run: something tried to connect to {_listed(attempts)}")
            return
        names = {name for judge in hosted if (name := key_variable(judge)) is not None}
        unset = [] if tape.recording else [name for name in names if not os.environ.get(name)]
        with mock.patch.dict(os.environ, dict.fromkeys(unset, "no-key-is-sent")):
            yield

    def _panel(
        self,
        panel: str | Path | PanelFile | Panel | Mapping[str, Any] | None,
        rubric: str | Path | Mapping[str, Any] | None,
        prompt: str | Path | None,
    ) -> PanelFile:
        changes: dict[str, Any] = {} if prompt is None else {"prompt": str(prompt)}
        if rubric is not None:
            changes["rubric"] = self._file("rubric.yaml", rubric) if isinstance(rubric, Mapping) else str(rubric)
        if isinstance(panel, str | Path):
            panel = load_panel(self.folder / panel)
        if isinstance(panel, PanelFile):
            own = {name: self._from_here(name, value) for name, value in changes.items()}
            return PanelFile(panel.panel.model_copy(update=own), panel.folder)
        if isinstance(panel, Panel):
            return PanelFile(panel.model_copy(update=changes), self.folder)
        judges = [{"id": _JUDGE, "model": "fake/answers of the test"}]
        filled = {"panel": "tiny", "labels": "labels of the test", "judges": judges, **(panel or {}), **changes}
        return PanelFile(Panel.model_validate(filled), self.folder)

    def _from_here(self, name: str, value: str) -> str:
        """A path of the test for a panel whose own paths start elsewhere; names of shipped files stay."""
        own = self.folder / value
        return str(own.resolve()) if own.exists() else value

    def _with_labels(self, file: PanelFile, labels: Records) -> PanelFile:
        if isinstance(labels, str | Path):
            path = str((self.folder / labels).resolve())
        else:
            path = self._lines("labels.jsonl", _label_records(labels, file))
        changes = {"labels": path, "content": None, "unlabelled": None}
        return PanelFile(file.panel.model_copy(update=changes), file.folder)

    def _replaying(self, file: PanelFile, votes: Records) -> PanelFile:
        if isinstance(votes, str | Path):
            path = str((self.folder / votes).resolve())
        else:
            path = self._lines("votes.jsonl", votes)
        judges = [
            judge.model_copy(update={"model": f"replay/{path}", "transport": None}) for judge in file.panel.judges
        ]
        return PanelFile(file.panel.model_copy(update={"judges": judges}), file.folder)

    def _scripted(self, file: PanelFile, answers: Answers | Mapping[str, Answers]) -> dict[str, FakeTransport]:
        humans = file.load_labels(file.load_rubric())
        judges = [judge.id for judge in file.panel.judges]
        by_judge: Mapping[str, Any] = dict.fromkeys(judges, answers)
        if isinstance(answers, Mapping) and answers and answers.keys() <= set(judges):
            if missing := [judge for judge in judges if judge not in answers]:
                raise InputError(f"panel_run: answers has none for {_listed(missing)}")
            by_judge = answers
        return {judge: FakeTransport(_script(by_judge[judge], humans)) for judge in judges}

    def _lines(self, name: str, records: Sequence[Mapping[str, Any]]) -> str:
        return self._written(name, "".join(json.dumps(record) + "\n" for record in records))

    def _file(self, name: str, content: Mapping[str, Any]) -> str:
        return self._written(name, json.dumps(content))  # JSON is YAML

    def _written(self, name: str, text: str) -> str:
        """A new file in the scratch folder: an earlier run of the test may still need its own."""
        self.scratch.mkdir(parents=True, exist_ok=True)
        path = self.scratch / f"{len(list(self.scratch.iterdir()))}-{name}"
        path.write_text(text, encoding="utf-8")
        return str(path)


def _is_hosted(judge: schema.Judge) -> bool:
    return judge.model.partition("/")[0] not in _HERE


def _refuse(hosted: Sequence[schema.Judge]) -> None:
    if hosted:
        raise InputError(
            f"panel_run: {_listed([f'{judge.id} ({judge.model})' for judge in hosted])} would be asked over the "
            "network. Give answers= or votes=, or record the test with the fixture panel_cassette"
        )


def _label_records(labels: Sequence[Mapping[str, Any]], file: PanelFile) -> list[dict[str, Any]]:
    """Records with all that a label file needs."""
    rubric = file.load_rubric()
    name = rubric.fields[0] if rubric.fields else "text"
    filled = []
    for number, record in enumerate(labels, start=1):
        own = {"item_id": f"item-{number}", "task": rubric.task, **record}
        if "text" in own:
            own["content"] = {name: own.pop("text"), **own.get("content", {})}
        filled.append(own)
    return filled


def _script(answers: Any, humans: HumanLabels) -> Script:
    """The answers as a script that says something about every item."""
    if callable(answers):
        return answers  # type: ignore[no-any-return]
    if isinstance(answers, str):
        return lambda request: answers
    if not isinstance(answers, Mapping):
        if len(answers) != len(humans):
            raise InputError(f"panel_run: {len(answers)} answers for {len(humans)} items")
        return dict(zip(humans.item_ids, answers, strict=True))
    known = set(humans.item_ids)
    if lost := [item_id for item_id in humans.item_ids if item_id not in answers]:
        raise InputError(f"panel_run: answers says nothing about {_listed(lost)}")
    if unknown := [name for name in answers if name not in known]:
        raise InputError(f"panel_run: answers names items that are not there: {_listed(unknown)}")
    return answers


def _listed(names: Sequence[str]) -> str:
    return ", ".join(shorten(name) for name in names[:5]) + (" …" if names[5:] else "")
