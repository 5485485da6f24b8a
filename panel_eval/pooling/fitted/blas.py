"""One thread for linear algebra while pools are fitted.

The matrices are small: threads that wait for each other make fitting up to sixty times slower on a busy machine,
and the last bits of a sum would depend on the number of cores.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from threading import Lock

from threadpoolctl import ThreadpoolController

_lock = Lock()
_inside = 0
_limit = ExitStack()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Hold linear algebra to one thread in the whole process; may be nested and entered by several threads."""
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    global _inside
    with _lock:
        if _inside == 0:
            _limit.enter_context(_controller().limit(limits=1, user_api="blas"))
        _inside += 1


def _leave() -> None:
    global _inside
    with _lock:
        _inside -= 1
        if _inside == 0:
            _limit.close()


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()
