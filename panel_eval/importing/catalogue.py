"""The formats by name: ours, and those that other packages offer."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from panel_eval.errors import InputError, Problem, nearest, shorten
from panel_eval.importing.format import Format

GROUP = "panel_eval.importers"
"""Entry points of this group give a `Format` each."""

OURS = (
    "long",
    "wide",
    "jsonl",
    "label_studio",
    "argilla",
    "prodigy",
    "chaosnli",
    "popquorn",
    "cifar10h",
    "lewidi",
    "alttest",
    "vader",
    "dices",
    "judge_bench",
    "huggingface",
    "votes",
    "inspect",
    "promptfoo",
    "lm_eval",
    "openai_batch",
)
"""Modules in `formats/`, in the order in which they are listed."""


def formats() -> dict[str, Format]:
    """All formats by name; one of ours is never replaced by another package's.

    Raises:
        InputError: an entry point cannot be loaded or gives no format.
    """
    found = {fmt.name: fmt for fmt in map(_own, OURS)}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        offered = _loaded(entry)
        found.setdefault(offered.name, offered)
    return found


def find_format(name: str) -> Format:
    """The format of a name; loads no other of ours.

    Raises:
        InputError: there is none; names the nearest.
    """
    module = name.replace("-", "_")
    if module in OURS:
        return _own(module)
    known = formats()
    if name in known:
        return known[name]
    near = nearest(name, list(known))
    fix = f"{f'did you mean {near!r}? ' if near else ''}panel-eval import --list shows all: {', '.join(known)}"
    raise InputError(Problem("no such format", value=shorten(name), fix=fix))


def _own(module: str) -> Format:
    own: Format = import_module(f"panel_eval.importing.formats.{module}").FORMAT
    return own


def _loaded(entry: EntryPoint) -> Format:
    try:
        offered = entry.load()
    except Exception as error:  # another package's code: anything may go wrong
        message = (
            f"importer {shorten(entry.name)!r} of another package cannot be loaded: {shorten(str(error), 200)}"
        )
        raise InputError(Problem(message, fix="update or uninstall that package")) from error
    if not isinstance(offered, Format):
        message = f"importer {shorten(entry.name)!r} of another package is no panel_eval.importing.Format"
        raise InputError(Problem(message, fix="update or uninstall that package"))
    return offered
