"""Texts of unknown origin as the QA document shows them: only characters that its fonts have, lines that can break.

The typesetter carries Libertinus Serif and DejaVu Sans Mono; matplotlib, which is installed anyway, carries DejaVu
Sans. These are all the fonts used: the same everywhere, so that the same input gives the same bytes. A character
that they lack (Chinese, most emoji) is shown by its code point, so that two names never look alike; fonts that a
user names add theirs.
"""

from __future__ import annotations

import importlib.util
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from panel_eval.errors import InputError, Problem
from panel_eval.report.printable import cut_line, one_line

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

TEXT_CHARS: Final = 600
NAME_CHARS: Final = 48
CELL_CHARS: Final = 12
WORD_CHARS: Final = 22
FACT_CHARS: Final = 70
"""Longest word that is not broken: in tables, whose narrowest columns hold as many capitals; in running text; and
in facts, where a sha256 has 64."""
_BREAK: Final = "\u200b"
_ISOLATE: Final = "\u2068", "\u2069"
_RTL: Final = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff"
_RIGHT_TO_LEFT: Final = re.compile(rf"[{_RTL}](?:[{_RTL}\s{_BREAK}]*[{_RTL}])?")
"""A stretch of text that runs from right to left: isolated, it does not draw in the words and numbers beside it."""
_PARTS: Final = re.compile(r"[^_/.:=]{0,7}[_/.:=]|[^_/.:=]{1,7}")
_FAMILIES: Final = ("Libertinus Serif", "DejaVu Sans")


@dataclass(frozen=True)
class Shown:
    """Makes texts fit for the page.

    Attributes:
        known: code points that the fonts have.
        families: names of the fonts, the first for all that it has.
        cell_chars: longest text of a table's cell.
        lacking: characters met that no font has, in the order of their appearance.
    """

    known: frozenset[int]
    families: tuple[str, ...] = _FAMILIES
    cell_chars: int = 160
    lacking: dict[str, None] = field(default_factory=dict)

    def text(self, text: str) -> str:
        """A running text on one line, cut where it is very long."""
        return self._fit(cut_line(text, TEXT_CHARS), WORD_CHARS)

    def cell(self, text: str) -> str:
        """A text in a table; a single word, such as an id, is shortened in its middle."""
        line = one_line(text)
        return self._fit(cut_line(line, self.cell_chars), CELL_CHARS) if " " in line else self.name(line)

    def entry(self, text: str) -> str:
        """A text in a table of few rows."""
        return self.text(text) if " " in one_line(text) else self.name(text)

    def name(self, text: str) -> str:
        """A name or id: where it is very long, its beginning and its end."""
        line = one_line(text)
        if len(line) > NAME_CHARS:
            line = f"{line[: NAME_CHARS - 13].rstrip()}…{line[-12:].lstrip()}"
        return self._fit(line, CELL_CHARS)

    def fact(self, text: str) -> str:
        """A value beside its name: hashes are not broken, so that they can be searched for."""
        return self._fit(cut_line(text, TEXT_CHARS), FACT_CHARS)

    def _fit(self, text: str, word: int) -> str:
        broken = re.sub(rf"[^\s-]{{{word + 1},}}", lambda found: _broken(found[0]), self._visible(text))
        return _RIGHT_TO_LEFT.sub(lambda found: found[0].join(_ISOLATE), broken)

    def _visible(self, text: str) -> str:
        """The text in which every character that no font has is its code point."""
        parts = []
        for char in unicodedata.normalize("NFC", text):
            if ord(char) in self.known or char.isspace():
                parts.append(char)
            else:
                self.lacking[char] = None
                parts.append(f"‹{ord(char):04X}›")
        return "".join(parts)


def _broken(word: str) -> str:
    """A long word with places where its line may end: after the signs that join parts of a name, or wherever."""
    return _BREAK.join(_PARTS.findall(word))


def shown_with(fonts: Sequence[Path] = (), cell_chars: int = 160) -> Shown:
    """What can be shown with the fonts that are always there, and those in the files `fonts`.

    Args:
        fonts: font files of the user's.
        cell_chars: longest text of a table's cell.

    Raises:
        InputError: a file is missing or no font.
    """
    own = [_read_font(path) for path in fonts]
    known = _always_known().union(*(font.get_charmap() for font in own))
    return Shown(known, (*_FAMILIES, *dict.fromkeys(font.family_name for font in own)), cell_chars)


def _read_font(path: Path) -> FT2Font:
    from matplotlib.ft2font import FT2Font

    try:
        return FT2Font(str(path))
    except (OSError, RuntimeError):
        fix = "name a TrueType or OpenType file"
        raise InputError(Problem("cannot be read as a font", path=path, fix=fix)) from None


@cache
def _always_known() -> frozenset[int]:
    upright, bold = (_read_font(sans_folder() / f"{name}.ttf") for name in ("DejaVuSans", "DejaVuSans-Bold"))
    return frozenset(upright.get_charmap().keys() & bold.get_charmap().keys())


def sans_folder() -> Path:
    """The folder in which matplotlib keeps DejaVu Sans.

    Raises:
        RuntimeError: matplotlib is not installed as it should be.
    """
    found = importlib.util.find_spec("matplotlib")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("matplotlib is not installed")
    return Path(found.submodule_search_locations[0]) / "mpl-data" / "fonts" / "ttf"
