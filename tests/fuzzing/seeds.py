"""Valid files to start from: those of the documentation's pages, which are kept true by running them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(r"^```\w*\n(?:#|//) file: (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Seed:
    """A file of a page.

    Attributes:
        page: the page's name without its suffix, which for imports is the format's.
        name: the file's name.
        data: its bytes.
    """

    page: str
    name: str
    data: bytes


def seeds() -> list[Seed]:
    """The files of all pages, in a fixed order."""
    found = []
    for page in sorted(DOCS.rglob("*.md")):
        for name, text in _BLOCK.findall(page.read_text(encoding="utf-8")):
            found.append(Seed(page.stem, Path(name).name, text.encode()))
    return found
