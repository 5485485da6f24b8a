"""The VADER sentiment lexicon: words and emoticons, each rated by ten people from -4 to 4.

Written for vader_lexicon.txt of vaderSentiment 3.3.2. Hutto and Gilbert (2014), "VADER: A Parsimonious
Rule-based Model for Sentiment Analysis of Social Media Text", ICWSM.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.importing.entries import Dropped, Entry, Item, LabelSet, Note, Tally
from panel_eval.importing.format import Format, Source
from panel_eval.importing.values import number
from panel_eval.schema.json_lines import read_lines

LEXICON = "vader_lexicon.txt"
_LOW, _HIGH = -4, 4
_MEAN_ROUNDED, _SD_ROUNDED = 0.05 + 1e-9, 5e-6 + 1e-9
"""The lexicon rounds means to one decimal and standard deviations to five."""


def _read(source: Source) -> Iterator[Entry]:
    path = source.path / LEXICON if source.path.is_dir() else source.path
    lines = read_lines(path)
    yield LabelSet([str(value) for value in range(_LOW, _HIGH + 1)], "ordinal")
    other_means = other_sds = read = 0
    for row in range(len(lines)):
        line = int(lines.numbers[row])
        cells = lines[row].decode("utf-8", errors="replace").split("\t")
        ratings = _ratings(cells)
        if isinstance(ratings, str):
            yield Dropped("ratings", ratings, line, cells[0][:200], cells[-1][:200])
            continue
        read += 1
        mean = sum(ratings) / len(ratings)
        sd = math.sqrt(sum((value - mean) ** 2 for value in ratings) / len(ratings))
        other_means += not _is(cells[1], mean, _MEAN_ROUNDED)
        other_sds += not _is(cells[2], sd, _SD_ROUNDED)
        yield Tally(cells[0], dict(Counter(ratings)), line=line)
        yield Item(cells[0], {"text": cells[0]}, line=line)
    if not read:
        _refuse(path)
    yield Note("the raters are not named: nothing can be said of single raters")
    if other_means or other_sds:
        yield Note(
            f"{other_means:,} words have another mean and {other_sds:,} another standard deviation than their "
            "ratings give: the ratings are used"
        )


def _ratings(cells: Sequence[str]) -> list[int] | str:
    """The ratings on a line, or what is wrong with it."""
    if len(cells) != 4:
        return "is no line of word, mean, standard deviation and ratings, parted by tabs"
    try:
        ratings = json.loads(cells[3])
    except (ValueError, RecursionError):
        return "has no list of ratings"
    if not isinstance(ratings, list) or not ratings:
        return "has no list of ratings"
    if not all(type(value) is int and _LOW <= value <= _HIGH for value in ratings):
        return f"has a rating that is no whole number from {_LOW} to {_HIGH}"
    return ratings


def _is(told: str, found: float, tolerance: float) -> bool:
    """Whether a figure of the lexicon is the one that its ratings give, rounded."""
    value = number(told)
    return value is not None and abs(value - found) <= tolerance


def _refuse(path: Path) -> None:
    fix = f"each line of {LEXICON} is: word, tab, mean, tab, standard deviation, tab, [ten ratings]"
    raise InputError(Problem("is no VADER lexicon", path=path, value=shorten(path.name), fix=fix))


FORMAT = Format(
    name="vader",
    title="the VADER lexicon: words that ten people rated from -4 to 4",
    example="great\t3.1\t0.7\t[2, 4, 3, 4, 3, 3, 3, 2, 4, 3]",
    read=_read,
    page="import/vader.md",
)
