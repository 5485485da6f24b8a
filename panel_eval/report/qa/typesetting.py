"""Setting the QA document with Typst: our template, and the data as JSON; nothing from data is ever markup."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from panel_eval.errors import InputError, Problem
from panel_eval.report.qa.characters import sans_folder, shown_with
from panel_eval.report.qa.document import Document

if TYPE_CHECKING:
    from typst import Fonts

MAX_PAGES: Final = 8
_DETAILS: Final = ((1.0, 160), (0.7, 160), (0.45, 120), (0.25, 90), (0.1, 60))
"""Share of the rows of long tables and characters of a cell, until the document fits."""
_TEMPLATE: Final = "qa.typ"
_PAGES: Final = re.compile(rb"<xmpTPg:NPages>(\d+)</xmpTPg:NPages>")


def typeset(document: Document, fonts: Sequence[Path] = ()) -> bytes:
    """The document as PDF: the same document gives the same bytes.

    Args:
        document: what it says.
        fonts: font files beside those that are always there.

    Raises:
        InputError: the typesetter is not installed, or a font cannot be read.
    """
    require_typesetter()
    import typst

    folders = [str(sans_folder()), *sorted({str(path.parent) for path in fonts})]
    found = typst.Fonts(include_system_fonts=False, font_paths=folders)
    pdf, record = b"", {}
    for rows, chars in _DETAILS:
        shown = shown_with(fonts, chars)
        record = {**document.record(shown, rows), "lacking": len(shown.lacking), "last_apart": False}
        pdf = _compiled(record, found)
        if _pages(pdf) <= MAX_PAGES:
            break
    # How it was made stands on a page of its own rather than that there is only one.
    return _compiled({**record, "last_apart": True}, found) if _pages(pdf) == 1 else pdf


def require_typesetter() -> None:
    """Check that the document can be set, before the work is done.

    Raises:
        InputError: the package is not installed.
    """
    try:
        import typst  # noqa: F401
    except ImportError:
        fix = "pip install 'panel-eval[pdf]'"
        raise InputError(Problem("the PDF needs the package typst, which is not installed", fix=fix)) from None


def _compiled(record: dict[str, Any], found: Fonts) -> bytes:
    """One try.

    It is PDF/UA (tagged, with a title, a language and a text for each figure), unless some mark cannot be shown
    after all: then it is tagged only.
    """
    import typst

    data = {"document": json.dumps(record, ensure_ascii=False)}
    template = files("panel_eval.report.qa").joinpath(_TEMPLATE).read_bytes()
    try:
        return typst.compile(template, font_paths=found, sys_inputs=data, pdf_standards=["ua-1"])
    except typst.TypstError as error:
        if "could not be displayed" not in error.message:
            raise
        return typst.compile(template, font_paths=found, sys_inputs=data)


def _pages(pdf: bytes) -> int:
    """How many pages the typesetter says it made; its metadata stand in the open."""
    found = _PAGES.search(pdf)
    return int(found[1]) if found else 0
