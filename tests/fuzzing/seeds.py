"""Valid files to start from: those of the documentation's pages, kept true by running them, and binary ones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from binary_seeds import binary_seeds

DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(r"^```\w*\n(?:#|//) file: (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Seed:
    """A file that is valid.

    Attributes:
        page: the name, without suffix, of the page that it is of; for imports that is the format's.
        name: the file's name.
        data: its bytes.
    """

    page: str
    name: str
    data: bytes


def seeds() -> list[Seed]:
    """The files of all pages, then the binary ones, in a fixed order."""
    found = []
    for page in sorted(DOCS.rglob("*.md")):
        for name, text in _BLOCK.findall(page.read_text(encoding="utf-8")):
            found.append(Seed(page.stem, Path(name).name, text.encode()))
    pages = {seed.name: seed.data for seed in found}
    return found + [Seed(*made) for made in binary_seeds(pages)]
