"""Labels named on a command line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from panel_eval.errors import InputError, Problem, nearest, shorten


def numbers_of(names: str, labels: Sequence[str], key: str) -> tuple[int, ...]:
    """The numbers of the labels in `LABEL` or `LABEL,LABEL`; a label may have a comma in its own name.

    Args:
        names: one label, or several with commas between.
        labels: the rubric's, in order.
        key: the option, for the error.

    Raises:
        InputError: no such label, or all labels are named.
    """
    chosen = [names] if names in labels else [name.strip() for name in names.split(",")]
    problems = list(unknown_labels(chosen, labels, key))
    if not problems and len(set(chosen)) == len(labels):
        problems.append(Problem("names every label: each item would count whole", key=key, fix="name some of them"))
    if problems:
        raise InputError(problems)
    return tuple(sorted({labels.index(name) for name in chosen}))


def unknown_labels(names: Iterable[str], labels: Sequence[str], key: str) -> Iterator[Problem]:
    """A problem for each name that is no label.

    Args:
        names: what was named.
        labels: the rubric's.
        key: the option.
    """
    for name in names:
        if name not in labels:
            near = nearest(name, labels)
            fix = f"did you mean {near!r}?" if near else f"the labels are {', '.join(map(shorten, labels))}"
            yield Problem("is no label of the rubric", key=key, value=repr(shorten(name)), fix=fix)
