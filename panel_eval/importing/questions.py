"""Which of a tool's questions is the label, and what an answer with several labels counts as."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from panel_eval.errors import InputError, Problem, nearest, shorten
from panel_eval.importing.entries import Dropped
from panel_eval.importing.values import label_text
from panel_eval.schema.import_mapping import ImportMapping

_BESIDE = ("confidence", "evidence", "criterion")


def label_question(
    kinds: Mapping[str, str], mapping: ImportMapping, preferred: Sequence[str], path: Path, noun: str
) -> str:
    """The question whose answers are the labels.

    The one that the user named; else the only one of a preferred kind; else the only one that is not the
    confidence, the evidence or the criterion.

    Args:
        kinds: name of each question to its kind; empty where the kind is not known.
        mapping: `fields.label` names it.
        preferred: kinds that are labels, the likeliest first.
        path: the file, for messages.
        noun: what the tool calls a question.

    Raises:
        InputError: there is none, several could be it, or the one named is not there; lists them.
    """
    listed = ", ".join(shorten(f"{name} ({kind})" if kind else name, 50) for name, kind in list(kinds.items())[:20])
    named = mapping.fields.get("label")
    if named is not None:
        if named not in kinds:
            near = nearest(named, list(kinds))
            fix = f"{f'did you mean {shorten(near)!r}? ' if near else ''}there are: {listed or 'none'}"
            raise InputError(Problem(f"no such {noun}", path, key="fields.label", value=shorten(named), fix=fix))
        return named
    beside = {mapping.fields.get(role, role) for role in _BESIDE}  # type: ignore[call-overload]
    open_ = [name for name in kinds if name not in beside]
    for kind in preferred:
        alike = [name for name in open_ if kinds[name] == kind]
        if len(alike) == 1:
            return alike[0]
        if alike:
            break
    else:
        if len(open_) == 1:
            return open_[0]
    if not open_:
        message = f"holds no {noun} with answers or suggestions"
        raise InputError(Problem(message, path=path, fix="were the answers exported?"))
    fix = f"say which with --field label=NAME; there are: {listed}"
    raise InputError(Problem(f"which {noun} is the label?", path=path, key="fields.label", fix=fix))


class ChosenLabels:
    """What answers that may hold several labels count as.

    A vote here is one label. An answer with several is none, unless the mapping names the combination: `A|B=C`.

    Args:
        mapping: renames labels.
    """

    def __init__(self, mapping: ImportMapping) -> None:
        self._joined = {frozenset(key.split("|")): key for key in mapping.labels if "|" in key}

    def label(self, chosen: Iterable[object]) -> object:
        """The one label of an answer, None where there is none.

        Raises:
            SeveralLabelsError: there are several, and no name for them together.
        """
        named = dict.fromkeys(name for value in chosen if (name := label_text(value)) is not None)
        if len(named) < 2:
            return next(iter(named), None)
        joined = self._joined.get(frozenset(named))
        if joined is None:
            raise SeveralLabelsError("|".join(named))
        return joined


class SeveralLabelsError(Exception):
    """An answer has several labels; the message joins them."""

    def dropped(self, line: int | None, item: str) -> Dropped:
        """The answer as something left out."""
        reason = "names several labels; a vote here is one (--map 'A|B=C' counts A with B as C)"
        return Dropped("several_labels", reason, line, item, str(self), answers=1)
