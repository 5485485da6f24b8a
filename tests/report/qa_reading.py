"""What stands in a PDF, as a reader's program finds it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader

MINUS = "−"


class Pdf:
    """A PDF read back: its text without what only helps the line break, its fonts and its actions."""

    def __init__(self, content: bytes) -> None:
        self.reader = PdfReader(io.BytesIO(content))
        self.pages = [tidy(page.extract_text()) for page in self.reader.pages]
        self.text = " ".join(self.pages)

    def chapter(self, title: str, after: str) -> str:
        """The text from one heading to the next."""
        start = self.text.index(title)
        return self.text[start : self.text.index(after, start)]

    def fonts(self) -> dict[str, bool]:
        """Name of each font to whether its program stands in the file."""
        found = {}
        for page in self.reader.pages:
            for font in page["/Resources"]["/Font"].values():
                (inner,) = font.get_object()["/DescendantFonts"]
                descriptor = inner.get_object()["/FontDescriptor"].get_object()
                programs = {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor)
                found[str(font.get_object()["/BaseFont"])] = bool(programs)
        return found

    def keys(self) -> set[str]:
        """Every key of every dictionary in the file."""
        return {key for entry in self.entries() for key in _keys(entry)}

    def entries(self) -> list[Any]:
        """Every dictionary and list of the file that stands by itself."""
        numbers = {number for generation in self.reader.xref.values() for number in generation}
        found = [self.reader.get_object(number) for number in sorted(numbers | set(self.reader.xref_objStm))]
        return [entry for entry in found if isinstance(entry, dict | list)]


def _keys(entry: Any) -> Iterator[str]:
    if isinstance(entry, dict):
        for key, value in entry.items():
            yield str(key)
            if isinstance(value, dict | list):
                yield from _keys(value)
    elif isinstance(entry, list):
        for value in entry:
            if isinstance(value, dict | list):
                yield from _keys(value)


def tidy(text: str) -> str:
    """The words of a text, single spaces between them."""
    return re.sub(r"\s+", " ", re.sub("[\u200b\u2068\u2069]", "", text)).strip()


def decimals(value: float, digits: int) -> str:
    """A number as it is to stand in the document."""
    return f"{value:,.{digits}f}".replace("-", MINUS)


def percents(value: float, digits: int = 1) -> str:
    return decimals(100 * value, digits) + "%"
