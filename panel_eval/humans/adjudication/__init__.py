"""Adjudication: which items get one label beside their distribution, on which ground, and in which words.

`rule` says what becomes of an item, `checking` runs the check of a policy, `change_of` and `edited_line` put a
label and its reason into a record and leave every other byte: votes are never touched.
"""

from panel_eval.humans.adjudication.checks import checking
from panel_eval.humans.adjudication.findings import CheckedItem, Checking, Finding
from panel_eval.humans.adjudication.records import Change, change_of, edited_line
from panel_eval.humans.adjudication.ruling import Case, ErrorRule, Ruling, reason_kind, rule
from panel_eval.humans.adjudication.votes import ItemVotes, item_votes

__all__ = [
    "Case",
    "Change",
    "CheckedItem",
    "Checking",
    "ErrorRule",
    "Finding",
    "ItemVotes",
    "Ruling",
    "change_of",
    "checking",
    "edited_line",
    "item_votes",
    "reason_kind",
    "rule",
]
