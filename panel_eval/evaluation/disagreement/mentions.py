"""Which criteria the reviewers of each item named: in so many words, or in their evidence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from panel_eval.humans import HumanLabels
from panel_eval.humans.mentions import rows_naming
from panel_eval.schema import Rationale
from panel_eval.stats.arrays import BoolArray

MAX_ITEMS = 50_000
"""Most items whose rationales are read; of more, as many random ones."""
MOST_CRITERIA = 100
"""Names that count as criteria where no rubric says which there are: the most frequent ones."""
_SEED = 741
_BETWEEN = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class CriterionMentions:
    """Criteria and the items of each.

    Attributes:
        names: (n_criteria,) in the rubric's order; without a rubric, by name.
        items: (n_items, n_criteria) whether a reviewer of the item told the criterion.
        by_name, by_evidence: rationales that told each criterion in either way.
        unknown: names that the rubric lacks, and how many rationales have them.
        read: (n_items,) items whose rationales were read.
    """

    names: tuple[str, ...]
    items: BoolArray
    by_name: tuple[int, ...]
    by_evidence: tuple[int, ...]
    unknown: Mapping[str, int]
    read: BoolArray


def criterion_mentions(humans: HumanLabels, criteria: Sequence[str] | None, seed: int) -> CriterionMentions | None:
    """What rationales tell of criteria; None where there are none to look for.

    A rationale's `criterion` counts if it is one of the rubric's, whatever its case and what stands between its
    words. Where a rationale has none, its evidence counts for each criterion whose name stands in it as words.

    Args:
        humans: the labelled items, in the order of their ids.
        criteria: names of the rubric's criteria; None where there is no rubric: then those that rationales name.
        seed: picks the items that are read where there are many.
    """
    rows, read = rows_naming(humans.records, "rationales"), np.ones(len(humans), dtype=np.bool_)
    if rows.size > MAX_ITEMS:
        read[:] = False
        read[np.random.default_rng([seed, _SEED]).choice(len(humans), MAX_ITEMS, replace=False)] = True
        rows = rows[read[rows]]
    stated = [(row, rationale) for row in rows.tolist() for rationale in humans.records[row].rationales]
    names = tuple(criteria or ()) if criteria is not None else _named(stated)
    if not names:
        return None
    return _found(stated, names, read, len(humans))


def _named(stated: Sequence[tuple[int, Rationale]]) -> tuple[str, ...]:
    """Criteria that rationales name, each as it is most often written."""
    spelt: dict[str, Counter[str]] = {}
    for _, rationale in stated:
        if rationale.criterion and (key := _key(rationale.criterion)):
            spelt.setdefault(key, Counter())[rationale.criterion.strip()] += 1
    frequent = sorted(spelt, key=lambda key: (-spelt[key].total(), key))[:MOST_CRITERIA]
    return tuple(sorted(min(spelt[key], key=lambda name: (-spelt[key][name], name)) for key in frequent))


def _found(
    stated: Sequence[tuple[int, Rationale]], names: tuple[str, ...], read: BoolArray, n_items: int
) -> CriterionMentions:
    code = {_key(name): place for place, name in enumerate(names)}
    wanted = [re.compile(rf"(?<!\w){re.escape(key)}(?!\w)") for key in code]
    items = np.zeros((n_items, len(names)), dtype=np.bool_)
    by_name, by_evidence, unknown = [0] * len(names), [0] * len(names), Counter[str]()
    for row, rationale in stated:
        if rationale.criterion and rationale.criterion.strip():
            place = code.get(_key(rationale.criterion))
            if place is None:
                unknown[rationale.criterion.strip()] += 1
            else:
                by_name[place] += 1
                items[row, place] = True
        elif rationale.evidence:
            text = _key(rationale.evidence)
            for place in (place for place, pattern in enumerate(wanted) if pattern.search(text)):
                by_evidence[place] += 1
                items[row, place] = True
    most = dict(sorted(unknown.items(), key=lambda one: (-one[1], one[0]))[:50])
    return CriterionMentions(names, items, tuple(by_name), tuple(by_evidence), most, read)


def _key(text: str) -> str:
    """The words of a text, in one case and with single spaces between them."""
    return _BETWEEN.sub(" ", text.casefold()).strip()
