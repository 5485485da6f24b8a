"""Python's garbage collector while votes come in: calmer, since next to nothing it looks for is made then.

A vote's objects die by their reference counts. A full collection walks all modules and labels that are loaded,
hundreds of thousands of objects, and took a sixth of the time of a run through litellm (benchmarks/engine.py).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_THRESHOLDS = (20_000, 20, 50)


@contextmanager
def calm_collector() -> Iterator[None]:
    """Collect less often inside the block, and leave what was there before out of it; the old settings come back.

    Nothing changes where the caller has switched the collector off.
    """
    if not gc.isenabled():
        yield
        return
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
