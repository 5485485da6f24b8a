"""Where each number of a page stands in the files of its run, so that page and files can be held to each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel

from panel_eval.schema import Estimate

MAX_CHARS: Final = 300  # a place with a longer name in it would only swell the page


class Places:
    """Finds the place of an estimate that was taken, not copied, from one of some documents.

    Args:
        documents: file name to what it holds.
    """

    def __init__(self, documents: Mapping[str, BaseModel]) -> None:
        # The documents are kept: an id says nothing once its object is gone.
        self._documents = documents
        self._places = {
            id(estimate): "/".join((name, *(key.replace("~", "~0").replace("/", "~1") for key in path)))
            for name, document in documents.items()
            for path, estimate in _estimates(document, ())
        }

    def of(self, estimate: Estimate | None) -> str:
        """File and JSON pointer (RFC 6901), such as `metrics.json/panel/overall/ce_bits`; empty where unknown."""
        found = "" if estimate is None else self._places.get(id(estimate), "")
        return found if len(found) <= MAX_CHARS else ""


def _estimates(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Estimate]]:
    if isinstance(value, Estimate):
        yield path, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _estimates(getattr(value, name), (*path, name))
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _estimates(part, (*path, str(name)))
    elif isinstance(value, list | tuple):
        for position, part in enumerate(value):
            yield from _estimates(part, (*path, str(position)))
