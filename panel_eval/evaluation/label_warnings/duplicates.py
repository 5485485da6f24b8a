"""Items with the same text: equal, nearly equal, contradicting each other, or sharing one of several fields."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from panel_eval.evaluation.label_warnings.facts import Facts, Found, named
from panel_eval.schema.label_warnings import WarningExample
from panel_eval.stats.arrays import FloatArray
from panel_eval.stats.similar_texts import Shingles, jaccard, likely_pairs, minhashes, shingles
from panel_eval.wording import counted

SIMILAR = 0.8
"""Jaccard similarity of two texts' shingles from which they count as nearly equal."""
FEWEST_CHARS = 25
"""Shorter texts are compared for equality only."""
MAX_SHINGLES = 30_000_000
"""Of more text than this, the items of a random part are compared for near equality."""
_BETWEEN = "\x1f"


@dataclass(frozen=True)
class Group:
    """Rows of items whose texts are equal, or nearly so; `similarity` is the least of those found, 1 if equal."""

    rows: tuple[int, ...]
    similarity: float


def check_duplicates(facts: Facts, found: Found) -> None:
    """Items that may be one and the same."""
    whole = [_BETWEEN.join(f"{name}\x1e{text}" for name, text in sorted(own.items())) for own in facts.texts]
    if not any(whole):
        found.not_checked.append("duplicates: the file brings no content")
        return
    equal = _equal(facts, whole)
    similar, compared = _similar(facts, whole)
    if compared < len(whole):
        found.not_checked.append(f"near duplicates: only among {compared:,} random items, for the amount of text")
    alike = [group for group in equal if not _is_one_cluster(facts, group.rows)]
    nearly = [group for group in similar if not _is_one_cluster(facts, group.rows)]
    _warn_equal(facts, found, alike)
    _warn_similar(facts, found, nearly)
    _warn_contradicting(facts, found, equal + similar)
    _warn_shared(facts, found)


def _equal(facts: Facts, whole: Sequence[str]) -> list[Group]:
    return [Group(tuple(int(facts.rows[i]) for i in places), 1.0) for places in _places(whole).values()]


def _places(texts: Sequence[str]) -> dict[str, list[int]]:
    """Each text that stands more than once, and where."""
    where: dict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        if text:
            where[text].append(place)
    return {text: places for text, places in where.items() if len(places) > 1}


def _similar(facts: Facts, whole: Sequence[str]) -> tuple[list[Group], int]:
    """Groups of nearly equal texts, none of them equal, and how many items were compared."""
    first: dict[str, int] = {}
    for place, text in enumerate(whole):
        if len(text) >= FEWEST_CHARS:
            first.setdefault(text, place)
    places, compared = np.array(list(first.values()), dtype=np.int64), len(whole)
    if (total := sum(map(len, first))) > MAX_SHINGLES:
        keep = int(len(places) * MAX_SHINGLES / total)
        places = np.sort(np.random.default_rng([facts.seed, 7]).choice(places, keep, replace=False))
        compared = keep
    if len(places) < 2:
        return [], compared
    of = shingles([whole[place] for place in places])
    links = {}
    for a, b in likely_pairs(minhashes(of, facts.seed)):
        similarity = _similarity(facts.texts[places[a]], facts.texts[places[b]], of, a, b)
        if similarity >= SIMILAR:
            links[int(facts.rows[places[a]]), int(facts.rows[places[b]])] = similarity
    return _joined(links), compared


def _similarity(a: Mapping[str, str], b: Mapping[str, str], of: Shingles, at_a: int, at_b: int) -> float:
    """Of two items: that of the whole, or of the field in which they are least alike."""
    whole = jaccard(of.set_of(at_a), of.set_of(at_b))
    if whole < SIMILAR or len(a) == len(b) == 1:
        return whole
    if a.keys() != b.keys():
        return 0.0
    fields = [shingles([a[name], b[name]]) for name in a if a[name] != b[name]]
    return min([whole, *(jaccard(field.set_of(0), field.set_of(1)) for field in fields)])


def _joined(links: Mapping[tuple[int, int], float]) -> list[Group]:
    """Groups of rows that links hold together."""
    head: dict[int, int] = {}

    def top(row: int) -> int:
        while head.setdefault(row, row) != row:
            head[row] = head[head[row]]
            row = head[row]
        return row

    for a, b in links:
        low, high = sorted((top(a), top(b)))
        head[high] = low
    members: dict[int, list[int]] = defaultdict(list)
    for row in sorted(head):
        members[top(row)].append(row)
    least: dict[int, float] = {}
    for (a, _), similarity in links.items():
        least[top(a)] = min(similarity, least.get(top(a), 1.0))
    return [Group(tuple(rows), least[first]) for first, rows in members.items()]


def _is_one_cluster(facts: Facts, rows: Sequence[int]) -> bool:
    clusters = facts.humans.clusters
    return clusters is not None and len({clusters[row] for row in rows}) == 1


def _warn_equal(facts: Facts, found: Found, groups: list[Group]) -> None:
    groups = sorted(groups, key=lambda group: (-len(group.rows), group.rows))
    items = sum(len(group.rows) for group in groups)
    found.warn(
        "same_content",
        f"{counted(items, 'item')} share their whole text with another item ({counted(len(groups), 'group')})",
        "drop the repeats, or give each group one `cluster`: else intervals are too narrow, and one text may stand "
        "in two splits",
        [facts.example(f"the same text {len(group.rows)} times", list(group.rows)) for group in groups],
    )


def _warn_similar(facts: Facts, found: Found, groups: list[Group]) -> None:
    groups = sorted(groups, key=lambda group: (-len(group.rows), -group.similarity, group.rows))
    items = sum(len(group.rows) for group in groups)
    found.warn(
        "similar_content",
        f"{counted(items, 'item')} have nearly the text of another ({counted(len(groups), 'group')}; at least "
        f"{SIMILAR:.0%} of their shingles shared)",
        "read a few groups: drop what is the same item, and give one `cluster` to what has one origin",
        [
            facts.example(f"{counted(len(group.rows), 'text')}, {group.similarity:.0%} alike", list(group.rows))
            for group in groups
        ],
    )


def _warn_contradicting(facts: Facts, found: Found, groups: list[Group]) -> None:
    cases = [case for group in groups if (case := _contradiction(facts, group)) is not None]
    cases.sort(key=lambda case: (-case[0], case[1].item_ids))
    found.warn(
        "contradicting_duplicates",
        f"{counted(len(cases), 'group')} of equal or nearly equal items got different labels from two thirds of "
        "their reviewers",
        "read them side by side: one of them is mislabelled, or a word makes the difference",
        [example for _, example in cases],
    )


def _contradiction(facts: Facts, group: Group) -> tuple[float, WarningExample] | None:
    """The two items of a group whose clear majorities differ most, and by how much."""
    humans = facts.humans
    rows = np.array(group.rows)
    shares: FloatArray = humans.distribution[rows]
    clear = (shares.max(axis=1) >= 2 / 3 - 1e-9) & (humans.reviewer_count[rows] >= 2)
    tops = {int(shares[i].argmax()): i for i in np.flatnonzero(clear)[::-1]}
    pairs = [(float(np.abs(shares[i] - shares[j]).sum() / 2), i, j) for i in tops.values() for j in tops.values()]
    apart, i, j = max(pairs, default=(0.0, 0, 0), key=lambda pair: (pair[0], -pair[1]))
    if len(tops) < 2:
        return None
    told = [
        f"{named(humans.labels[int(shares[k].argmax())])} {shares[k].max():.0%} of "
        f"{counted(int(humans.reviewer_count[rows[k]]), 'vote')}"
        for k in (i, j)
    ]
    return apart, facts.example(" against ".join(told), [int(rows[i]), int(rows[j])])


def _warn_shared(facts: Facts, found: Found) -> None:
    """One field of several shared, the others not: such items stem from one origin."""
    groups = list(_sharing(facts))
    items = len({row for _, rows in groups for row in rows})
    groups.sort(key=lambda group: (-len(group[1]), group[1]))
    found.warn(
        "shared_text",
        f"{counted(items, 'item')} share a text field with others and differ in the rest "
        f"({counted(len(groups), 'group')}), and no `cluster` says so",
        "give items of one origin one `cluster`: else intervals are too narrow",
        [facts.example(f"{len(rows)} items with the same {named(name)}", list(rows)) for name, rows in groups],
    )


def _sharing(facts: Facts) -> Iterator[tuple[str, tuple[int, ...]]]:
    names = {name for own in facts.texts if len(own) > 1 for name in own}
    for name in sorted(names):
        texts = [own.get(name, "") if len(own) > 1 else "" for own in facts.texts]
        where = _places([text if len(text) >= FEWEST_CHARS else "" for text in texts])
        for places in where.values():
            rows = tuple(int(facts.rows[place]) for place in places)
            different = len({tuple(sorted(facts.texts[place].items())) for place in places}) > 1
            if different and len(rows) < len(facts.rows) and not _is_one_cluster(facts, rows):
                yield name, rows
