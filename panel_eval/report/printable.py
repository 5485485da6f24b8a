"""Text of unknown origin made safe to show: no terminal controls, no bidirectional overrides, bounded length."""

from __future__ import annotations

import re

# Everything that moves a cursor, changes the reading direction of its neighbours, or cannot be encoded:
# C0 (tab and newline excepted), DEL, C1, embeddings, overrides and isolates, interlinear and tag characters,
# lone surrogates, noncharacters.
_HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u206f\ufff9-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
# Invisible, and without effect once each text is isolated by the page.
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u061c\u2060\ufeff]")
_LINE_ENDS = re.compile("\r\n|\r|\u2028|\u2029|\x85")
_SPACES = re.compile(r"\s+")


def printable(text: object) -> str:
    """The text with line ends unified and every harmful character shown as U+FFFD, so that none goes unnoticed."""
    written = str(text)
    if written.isprintable():  # most are: no line end, control or format character is
        return written
    unified = _LINE_ENDS.sub("\n", written)
    return _INVISIBLE.sub("", _HARMFUL.sub("\ufffd", unified))


def one_line(text: object) -> str:
    """The printable text with all white space collapsed to single spaces."""
    return _SPACES.sub(" ", printable(text)).strip()


def cut(text: object, limit: int) -> str:
    """The printable text, at most `limit` characters of it, followed by how many were left out."""
    shown = printable(text).strip()
    if len(shown) <= limit:
        return shown
    return with_rest(shown[:limit], len(shown) - limit)


def with_rest(beginning: str, left_out: int) -> str:
    """The beginning of a text, and how many characters follow it that are not shown."""
    return f"{beginning.rstrip()} … ({left_out:,} more characters)"


def cut_line(text: object, limit: int) -> str:
    """The beginning of the text on one line, at most `limit` characters, for table cells and previews."""
    shown = one_line(text)
    return shown if len(shown) <= limit else shown[: limit - 1].rstrip() + "…"
