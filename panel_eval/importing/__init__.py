"""Annotations from elsewhere: formats that labels and votes are read from, and the one way they become ours.

An importer finds entries (`entries`) in a source; `gather` puts them into our names and counts what is dropped and
why; `labelled_items` makes lines of the soft-label contract of them.
"""

from panel_eval.importing.catalogue import GROUP, find_format, formats
from panel_eval.importing.entries import (
    Annotation,
    Dropped,
    Entry,
    Item,
    JudgeVote,
    LabelSet,
    Note,
    Tally,
)
from panel_eval.importing.format import Format, Handover, Source
from panel_eval.importing.gathering import Gathering
from panel_eval.importing.soft_labels import LabelledItems, labelled_items, unlabelled_lines

__all__ = [
    "GROUP",
    "Annotation",
    "Dropped",
    "Entry",
    "Format",
    "Gathering",
    "Handover",
    "Item",
    "JudgeVote",
    "LabelSet",
    "LabelledItems",
    "Note",
    "Source",
    "Tally",
    "find_format",
    "formats",
    "labelled_items",
    "unlabelled_lines",
]
