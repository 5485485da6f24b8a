"""Ids as words of a command line that can be copied: none can end the word, the line or the paste."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import Final

from panel_eval.report.printable import printable

LONGEST: Final = 200
"""Characters of an id that is still offered as a word; a longer one is a text."""
_PLAIN = re.compile(r"[\w@%+=:,./][\w@%+=:,./-]*", re.ASCII)


def shell_words(ids: Sequence[str]) -> list[str]:
    """Each id as one word for bash and zsh; empty for one that is too long for that."""
    return [shell_word(item_id) if len(item_id) <= LONGEST else "" for item_id in ids]


def shell_word(text: str) -> str:
    """One word that bash and zsh read as `text`; what must not reach a terminal is spelt in ASCII.

    A word that begins with `-` is preceded by `--`, so that it is not taken for an option.
    """
    if _PLAIN.fullmatch(text):
        return text
    if printable(text) == text and "\n" not in text and "\t" not in text:
        word = shlex.quote(text)
    else:
        word = "$'" + "".join(_spelt(character) for character in text) + "'"
    return f"-- {word}" if text.startswith("-") else word


def _spelt(character: str) -> str:
    """A character inside `$'…'`, bytes of UTF-8 as escapes where it is not plain ASCII."""
    if character in "\\'":
        return "\\" + character
    if " " <= character <= "~":
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogatepass"))
