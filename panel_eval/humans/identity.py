"""Which item is which: ids that stand for one item each, and clusters of items that share an origin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from panel_eval.errors import Problem, shorten
from panel_eval.schema.json_lines import JsonLines


def repeated_ids(lines: JsonLines, item_ids: Sequence[str], fix: str) -> Iterator[Problem]:
    """A problem for each line whose id stands on an earlier line already.

    Args:
        lines: the lines of the items.
        item_ids: (n_items,) the id on each line.
        fix: how it can be mended.
    """
    if len(set(item_ids)) == len(item_ids):
        return
    first: dict[str, int] = {}
    for row, item_id in enumerate(item_ids):
        if (before := first.setdefault(item_id, row)) != row:
            message = f"is not unique: it stands on line {int(lines.numbers[before])} already"
            yield Problem(message, lines.path, int(lines.numbers[row]), "item_id", shorten(item_id), fix)


def cluster_names(item_ids: Sequence[str], clusters: Sequence[str | None]) -> tuple[str, ...] | None:
    """(n_items,) a name for each item's cluster, an item without one being its own; None if no item has one."""
    named = {cluster: f"cluster:{cluster}" for cluster in set(clusters) if cluster is not None}
    if not named:
        return None
    # An item id may equal a cluster's name; the prefixes keep the two apart.
    return tuple(
        f"item:{item_id}" if cluster is None else named[cluster]
        for item_id, cluster in zip(item_ids, clusters, strict=True)
    )
