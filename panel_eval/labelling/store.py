"""The state of a study while it is labelled: events go to the log first, then into memory and the label file."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from panel_eval.errors import IncompleteError, InputError, Problem, shorten
from panel_eval.labelling.answers import Answer, Answers
from panel_eval.labelling.contract import LabelFile
from panel_eval.labelling.log import LabellingLog
from panel_eval.labelling.names import known_spelling, reviewer_name
from panel_eval.labelling.opening import now, opened_by, opening
from panel_eval.labelling.study import Study
from panel_eval.schema.labelling_log import LabellingEvent
from panel_eval.schema.labelling_requests import Save


@dataclass(frozen=True)
class Saved:
    """What became of an answer that was sent.

    Attributes:
        answer: as it stands now.
        overtook: another window had answered in between; this answer counts, the other one stays in the log.
    """

    answer: Answer
    overtook: bool


class LabelStore:
    """Labels of one study, safe for several threads; one process at a time.

    Args:
        study: what is labelled.
        state: the log; made if missing.
        out: the label file, written anew now, after each change and at the end.
        new_wording: see `opening`.
        tell: is told, in a sentence, where the label file cannot be written.

    Raises:
        InputError: the log is of another study, or a file cannot be written.
    """

    def __init__(
        self,
        study: Study,
        state: Path,
        out: Path,
        *,
        new_wording: bool = False,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.study, self.state, self.out = study, state, out
        self._tell = tell
        self._told: str | None = None
        self._lock = threading.Lock()
        self._log = LabellingLog(state)
        try:
            first = opening(state, self._log.events, study, new_wording=new_wording)
            if first is not None:
                self._log.append(first)
            events = [*self._log.events, *([] if first is None else [first])]
            self.name = opened_by(events).study
            self.answers = Answers(events)
            self.study = _as_spelt_before(study, self.answers.reviewers)
            self._file = LabelFile(out, study, self.answers)
            self._write_first()
        except BaseException:
            self._log.close()
            raise

    def spelling(self, raw: str) -> str:
        """The name a reviewer goes by: that of the list or of earlier labels, whatever case it was typed in.

        Raises:
            InputError: it is no name, or not one of those asked for.
        """
        name = reviewer_name(raw)
        if not self.study.may_label(name):
            fix = f"choose one of {', '.join(map(shorten, self.study.reviewers))}"
            raise InputError(Problem("is not a reviewer here", value=shorten(name), fix=fix))
        with self._lock:
            return known_spelling(name, [*self.study.reviewers, *self.answers.reviewers]) or name

    def save(self, reviewer: str, sent: Save) -> Saved:
        """Store an answer; when this returns it is on the disk. The last one counts, one sent again is stored once.

        Raises:
            InputError: the item, label or criterion does not exist, or the confidence is missing.
            IncompleteError: the disk is full or fails.
        """
        with self._lock:
            if (stored := self.answers.saved_as(reviewer, sent.save_id)) is not None:
                return Saved(stored, overtook=False)
            self._check(sent)
            before = self.answers.of(reviewer).get(sent.item_id)
            event = _event(reviewer, sent, before)
            self._append(event)
            answer = self.answers.take(event)
            assert answer is not None
            self._update_file(sent.item_id)
        return Saved(answer, overtook=before is not None and before.version > sent.seen)

    def changes(self, reviewer: str, since: int = 0) -> dict[str, Answer]:
        """Item id to answer, of this reviewer's answers after a revision."""
        with self._lock:
            return {item: own for item, own in self.answers.of(reviewer).items() if own.revision > since}

    def catch_up(self, *, whole: bool = False) -> None:
        """Write the label file if it is behind and it is time to, or the `whole` of it now."""
        with self._lock:
            self._update_file(None, now=whole)

    def close(self) -> None:
        """Bring the label file up to date and close the log; where it cannot be written, that is told once more."""
        self._told = None
        self.catch_up(whole=True)
        with self._lock:
            self._log.close()

    def _append(self, event: LabellingEvent) -> None:
        try:
            self._log.append(event)
        except IncompleteError as error:
            self._tell_once(str(error))
            raise

    def _check(self, sent: Save) -> None:
        if sent.item_id not in self.study.item_ids:
            raise InputError(Problem("there is no such item", key="item_id", value=shorten(sent.item_id)))
        if sent.label is None:
            return
        if sent.edition not in (None, self.study.editions[sent.item_id]):
            raise InputError(Problem("the item or the rubric reads otherwise by now: look at it again"))
        if sent.label not in self.study.rubric.label_names:
            raise InputError(Problem("is not a label of the rubric", key="label", value=shorten(sent.label)))
        if sent.criterion is not None and sent.criterion not in self.study.criteria:
            raise InputError(
                Problem("is not a criterion of the rubric", key="criterion", value=shorten(sent.criterion))
            )
        if self.study.require_confidence and sent.confidence is None:
            raise InputError(Problem("is asked for with every label", key="confidence"))

    def _write_first(self) -> None:
        try:
            self._file.catch_up(now=True)
        except OSError as error:
            raise InputError(Problem(f"cannot be written: {error.strerror}", path=self.out)) from None

    def _update_file(self, item_id: str | None, *, now: bool = False) -> None:
        """The log is the truth: a label file that cannot be written now is told of, and written later."""
        try:
            if item_id is not None:
                self._file.note_change(item_id)
            self._file.catch_up(now=now)
        except OSError as error:
            kept = f"every label is kept in {shorten(str(self.state), 300)}"
            self._tell_once(f"{shorten(str(self.out), 300)} cannot be written: {error.strerror}; {kept}")
        else:
            if item_id is not None and self._told is not None and not self._file.is_behind:
                self._told = None
                self._tell("labels are stored again")

    def _tell_once(self, words: str) -> None:
        """Pages try again every other second; the same words once are enough."""
        if words != self._told:
            self._told = words
            self._tell(words)


def _as_spelt_before(study: Study, labelled: Sequence[str]) -> Study:
    """Reviewers as their labels have it: another case is no other person, and their link stays the same."""
    spelt = tuple(known_spelling(name, labelled) or name for name in study.reviewers)
    return study if spelt == study.reviewers else replace(study, reviewers=spelt)


def _event(reviewer: str, sent: Save, before: Answer | None) -> LabellingEvent:
    if sent.label is None:
        return LabellingEvent(
            event="withdrawn",
            at=now(),
            reviewer=reviewer,
            item_id=sent.item_id,
            seconds=sent.seconds,
            save_id=sent.save_id,
        )
    return LabellingEvent(
        event="given" if before is None or before.label is None else "changed",
        at=now(),
        reviewer=reviewer,
        item_id=sent.item_id,
        label=sent.label,
        confidence=sent.confidence,
        evidence=(sent.evidence or "").strip() or None,
        criterion=sent.criterion,
        seconds=sent.seconds,
        save_id=sent.save_id,
    )
