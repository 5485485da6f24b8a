"""What our pages share: templates that escape every text from data, and files written whole or not at all."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from panel_eval.report.cells import Row
from panel_eval.report.numbers import count
from panel_eval.report.places import Places
from panel_eval.report.printable import printable
from panel_eval.schema import Estimate


def page_environment() -> Environment:
    """The templates of the pages: every text is escaped and loses its harmful characters."""
    environment = Environment(
        loader=PackageLoader("panel_eval.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.globals["place"] = place_attribute(Places({}))
    environment.filters.update(count=count, groupby_in_order=_groups, svg=Markup)
    return environment


def place_attribute(places: Places) -> Callable[[Estimate | None], Markup]:
    """An attribute that says where in its run's files a number stands; nothing where that is not known."""

    def attribute(estimate: Estimate | None) -> Markup:
        found = places.of(estimate)
        return Markup(' data-at="{}"').format(printable(found)) if found else Markup("")

    return attribute


def write_whole(content: bytes, path: Path) -> Path:
    """Write `content` to `path`, atomically, readable by all; returns the path.

    Raises:
        OSError: the folder is missing or not writable.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def _shown(value: Any) -> Any:
    """Every text that a template prints loses its harmful characters first; markup of ours passes."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _groups(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    """Rows by their group, in the order in which groups first appear."""
    return [(group, list(found)) for group, found in itertools.groupby(rows, key=lambda row: row.group)]
