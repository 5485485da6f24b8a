"""Names cut to what fits a figure, and still told apart: those of models often differ at their ends only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from panel_eval.report.printable import cut_line, one_line


def short_names(names: Sequence[str], limit: int) -> list[str]:
    """Each name on one line of at most `limit` characters: its beginning; if others begin so, both its ends.

    Names that even so look the same are numbered in their order.

    Args:
        names: of rows or columns.
        limit: characters, 8 or more.
    """
    cut = [cut_line(name, limit) for name in names]
    shared = Counter(cut)
    apart = [_ends(name, limit) if shared[short] > 1 else short for name, short in zip(names, cut, strict=True)]
    still = Counter(apart)
    return [
        f"{short[: limit - 4].rstrip()} {at + 1}" if still[short] > 1 else short for at, short in enumerate(apart)
    ]


def _ends(name: str, limit: int) -> str:
    line = one_line(name)
    if len(line) <= limit:
        return line
    tail = (limit - 1) // 2
    return f"{line[: limit - 1 - tail].rstrip()}…{line[-tail:].lstrip()}"
