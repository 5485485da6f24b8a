"""A text as terms: what it says, and all that it mentions. Unicode, no model, linear in its length."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from panel_eval.evaluation.rationales.word_forms import STOP_WORDS, UNIT, plain_number, stem, unit_sign

MAX_CHARS: Final = 20_000
"""Characters of a text that are read; what stands behind them is not."""
MAX_TERM: Final = 60
"""Characters of a single word that are read."""

# Written without spaces between words (Hangul has some, but its endings stick to the words): pairs of signs.
_SPACELESS: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3130-\u318f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
# Signs that belong to the letter before them and that `\w` does not hold.
_MARKS: Final = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u0900-\u0963\u0966-\u0dff\u1ab0-\u1aff\u1dc0-\u1dff"
)
_LETTERS: Final = rf"[^\W_{_SPACELESS}]"
_WORD: Final = rf"{_LETTERS}++(?:[{_MARKS}]++{_LETTERS}*+)*+"
_NUMBER: Final = r"\d++(?:[.,]\d++)*+"
# Possessive throughout: no text makes the search go back.
_PIECE = re.compile(
    rf"{_NUMBER}[ \-]?+(?i:{UNIT})(?!\w)|\d++(?:[.,]\d++)++|{_WORD}(?:['\u2019\u2010-]{_WORD})*+|[{_SPACELESS}]++"
)
_MEASURE = re.compile(rf"({_NUMBER})[ \-]?((?i:{UNIT}))")
_FIGURE = re.compile(_NUMBER)
_FIRST_SPACELESS = re.compile(f"[{_SPACELESS}]")
_HYPHENS = re.compile("[\u2010-]")
_APOSTROPHES = re.compile("['\u2019]")


@dataclass(frozen=True)
class Reading:
    """What was read in a text.

    Attributes:
        terms: term to the way it is written where it first stands; the terms are what the text says.
        mentions: the terms, and what they hold besides: parts of compounds, numbers without their unit, and words
            that stand side by side where somebody writes them as one, so that "T2 FLAIR" mentions `t2flair`.
        words: number of pieces: words, numbers, runs of signs without spaces.
        heads: what its compounds begin with, such as `t2` of "T2-FLAIR".
    """

    terms: dict[str, str]
    mentions: set[str]
    words: int
    heads: frozenset[str]


class _Piece(NamedTuple):
    """One piece of text: its terms, what else it mentions, and itself as first and as second half of a compound.

    A compound itself has no second half, and its first half as first half.
    """

    terms: tuple[str, ...]
    parts: tuple[str, ...] = ()
    head: str = ""
    tail: str = ""


def read_terms(text: str | None, heads: Set[str] = frozenset()) -> Reading:
    """The terms of a text; of its first `MAX_CHARS` characters. No text is a text without terms.

    Args:
        text: hostile or not.
        heads: what compounds begin with that the text may write in two words.
    """
    normal = _normal(text or "")
    pieces, latin = _PIECE.findall(normal), normal.isascii()
    terms: dict[str, str] = {}
    mentions: set[str] = set()
    own_heads: list[str] = []
    before = ""
    for written in pieces:
        if latin or not _is_spaceless(written):
            own, parts, head, tail = _analysed(written[:MAX_TERM])
            for term in own:
                if term not in terms:
                    terms[term] = written[:MAX_TERM]
        else:
            own, parts, head, tail = _pairs_of_signs(written)
            terms.update(zip(own, own, strict=True))
        if parts:
            mentions.update(parts)
            if head:
                own_heads.append(head)
        if before in heads and tail:
            mentions.add(before + tail)
        before = head if tail else ""
    mentions.update(terms)
    return Reading(terms, mentions, len(pieces), frozenset(own_heads))


def _normal(text: str) -> str:
    cut = text[:MAX_CHARS]
    return cut if cut.isascii() else unicodedata.normalize("NFKC", cut)[:MAX_CHARS]


def _is_spaceless(written: str) -> bool:
    return not written[0].isascii() and _FIRST_SPACELESS.match(written) is not None


def _pairs_of_signs(run: str) -> _Piece:
    pairs = tuple(run[place : place + 2] for place in range(len(run) - 1)) or (run,)
    return _Piece(pairs, tuple(run))


@lru_cache(maxsize=1 << 16)
def _analysed(written: str) -> _Piece:
    """A word, number, measure or compound; the same words come again and again."""
    if measure := _MEASURE.fullmatch(written):
        number = plain_number(measure[1])
        return _Piece((number + unit_sign(measure[2].casefold()),), (number,))
    if _FIGURE.fullmatch(written):
        number = plain_number(written)
        return _Piece((number,), (), number, number)
    return _compound([part for part in _HYPHENS.split(written.casefold()) if part])


def _compound(parts: list[str]) -> _Piece:
    """Parts with hyphens between: one term, as `T2-FLAIR` is; a range or ratio of numbers is several."""
    if len(parts) == 1:
        return _word(parts[0])
    if all(map(str.isdecimal, parts)):
        return _Piece(tuple(map(plain_number, parts)))
    known = tuple(form for part in parts for form in _word(part).terms)
    head = "".join(parts[:-1])
    return _Piece((head + stem(parts[-1]),), known or (head,), head)


def _word(word: str) -> _Piece:
    """A word without hyphens; what an apostrophe parts off counts where it is longer than a letter."""
    parts = _APOSTROPHES.split(word)
    terms = tuple(stem(part) for part in parts if part not in STOP_WORDS and len(part) > min(1, len(parts) - 1))
    return _Piece(terms) if len(parts) > 1 else _Piece(terms, (), word, stem(word))
