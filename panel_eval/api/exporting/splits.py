"""Which split each row belongs to; rows of one cluster are never parted."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from itertools import accumulate

import numpy as np

from panel_eval.api.exporting.rows import TrainingRows
from panel_eval.errors import InputError, Problem, shorten
from panel_eval.stats.arrays import BoolArray

ALL = "train"
"""The split of everything where nobody named any."""
UNASSIGNED = "unassigned"
"""The split of rows without one, where other rows have one."""
_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_]{0,31}$")
_FOLDED = re.compile(r"[^A-Za-z0-9_]")
_SHOWN = 3
_STEPS = 2**64


def drawn_splits(rows: TrainingRows, shares: Mapping[str, float], seed: int) -> tuple[list[str], BoolArray]:
    """Put every cluster into a split at random, and leave panel rows out of all but the first split.

    A cluster's place is the hash of seed and name, so it stays in its split when items are added and the export is
    made again; shares hold on average. What is held out to test a model on must be people's word: panel rows of a
    cluster that people labelled go where it goes, or nowhere; those of other clusters go to the first split.

    Args:
        rows: human and panel rows.
        shares: split to share of the clusters, as `check_shares` takes them.
        seed: of the draw.

    Returns:
        (n_rows,) splits, and (n_rows,) whether the row is kept.
    """
    names, ends = list(shares), list(accumulate(shares.values()))
    ends[-1] = 1.0
    drawn = {
        cluster: names[int(np.searchsorted(ends, _fraction(seed, cluster), side="right"))]
        for cluster in dict.fromkeys(rows.clusters)
    }
    human = {cluster for cluster, panel in zip(rows.clusters, rows.from_panel.tolist(), strict=True) if not panel}
    splits = [drawn[cluster] if cluster in human else names[0] for cluster in rows.clusters]
    return splits, ~rows.from_panel | (np.array(splits, dtype=str) == names[0])


def given_splits(rows: TrainingRows, named: Sequence[str | None]) -> list[str]:
    """The splits that the items name; all `ALL` where none does.

    Args:
        rows: human and panel rows.
        named: (n_rows,) the split of each item, None for none.

    Raises:
        InputError: items of one cluster are in several splits.
    """
    if all(split is None for split in named):
        return [ALL] * len(rows)
    splits = [UNASSIGNED if split is None else split for split in named]
    first: dict[str, str] = {}
    parted = [
        cluster for cluster, split in zip(rows.clusters, splits, strict=True)
        if first.setdefault(cluster, split) != split
    ]  # fmt: skip
    if parted:
        clusters = list(dict.fromkeys(shorten(cluster.partition(":")[2]) for cluster in parted))
        shown = ", ".join(repr(cluster) for cluster in clusters[:_SHOWN])
        message = (
            f"{len(clusters)} clusters have items in more than one split: {shown}{' …' * (len(clusters) > _SHOWN)}"
        )
        fix = "mend the splits of the items, or draw them anew by cluster with --split train=0.8,test=0.2"
        raise InputError(Problem(message, key="split", fix=fix))
    return splits


def check_shares(shares: Mapping[str, float]) -> None:
    """Check shares of random splits.

    Raises:
        InputError: names that no file could have, or shares that are not above 0 or do not sum to 1.
    """
    for name in shares:
        if not _NAME.match(name):
            fix = "up to 32 letters, digits and '_', a letter first"
            raise InputError(Problem("is no name for a split", key="--split", value=repr(shorten(name)), fix=fix))
    total = sum(shares.values())
    if not shares or not min(shares.values()) > 0 or not abs(total - 1.0) < 1e-6:
        fix = "shares above 0 that sum to 1, such as train=0.8,validation=0.1,test=0.1"
        raise InputError(Problem("the shares make no splits", key="--split", value=str(dict(shares)), fix=fix))


def file_names(splits: Sequence[str]) -> dict[str, str]:
    """A name for the files of each split: letters, digits and '_' only, no two the same in any file system."""
    found: dict[str, str] = {}
    for split in sorted(set(splits)):
        folded = _FOLDED.sub("_", split)[:32] or "_"
        taken, name, number = {used.casefold() for used in found.values()}, folded, 2
        while name.casefold() in taken:
            name, number = f"{folded}_{number}", number + 1
        found[split] = name
    return found


def _fraction(seed: int, cluster: str) -> float:
    digest = hashlib.sha256(f"{seed}\n{cluster}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") / _STEPS
