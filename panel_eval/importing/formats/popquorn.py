"""POPQUORN: ratings of a sample of people like the population of the United States, one row a rating.

Written for the raw_data.csv of the tasks offensiveness and politeness rating, whose raters give 1 to 5. Email
rewriting has texts for answers, no labels, and is refused. Pei and Jurgens (2023), "When Do Annotator
Demographics Matter?", LAW-XVII.
"""

from __future__ import annotations

from collections.abc import Iterator

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.importing.entries import Entry, LabelSet
from panel_eval.importing.format import Format, Source
from panel_eval.importing.formats.long import ROLES as LONG_ROLES
from panel_eval.importing.formats.long import read_long
from panel_eval.importing.tables import open_table

RATED = ("offensiveness", "politeness", "difficulty")
_SCALE = ("1", "2", "3", "4", "5")
_REWRITING = "revised email"
ROLES = {**LONG_ROLES, "label": RATED}


def _read(source: Source) -> Iterator[Entry]:
    label = _label(source)
    if label in RATED:
        yield LabelSet(_SCALE, "ordinal")
    mapping = source.mapping.model_copy(update={"fields": {**source.mapping.fields, "label": label}})
    yield from read_long(Source(source.path, mapping))


def _label(source: Source) -> str:
    """The column with the ratings.

    Raises:
        InputError: there is none, or the task has no labels.
    """
    with open_table(source.path) as table:
        columns = table.columns
    if (named := source.mapping.fields.get("label")) is not None:
        return named
    if (found := next((name for name in RATED if name in columns), None)) is not None:
        return found
    if _REWRITING in columns:
        message = "holds rewritten texts, which are no labels"
        fix = "the ratings of such texts are in the task politeness_rating"
        raise InputError(Problem(message, path=source.path, line=1, fix=fix))
    message = f"no column for the label (looked for {', '.join(RATED)})"
    listed = ", ".join(shorten(name, 40) for name in columns[:20])
    fix = f"say which column it is with --field label=COLUMN; columns: {listed}"
    raise InputError(Problem(message, path=source.path, line=1, fix=fix))


FORMAT = Format(
    name="popquorn",
    title="POPQUORN: offensiveness and politeness rated from 1 to 5, one row a rating (raw_data.csv)",
    example="instance_id,user_id,text,offensiveness",
    read=_read,
    roles=ROLES,
    page="import/popquorn.md",
)
