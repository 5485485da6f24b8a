"""What storage says when it cannot do what it is asked, in words that help; keys are in none of them."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from panel_eval.errors import InputError, Problem, shorten

_STORAGE = frozenset({"botocore", "aiobotocore", "aiohttp", "fsspec", "s3fs", "gcsfs", "google", "adlfs", "azure"})
"""Packages whose errors are about storage, each with a tree of its own."""
_CREDENTIALS = (
    "set its credentials in the environment (for s3: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE)"
)
_SECRET = ("KEY", "SECRET", "TOKEN", "PASSWORD", "CREDENTIAL", "CONNECTION_STRING")
_SHORTEST_SECRET = 6


@contextmanager
def speaking_to(url: str) -> Iterator[None]:
    """Turn what storage complains of into an InputError.

    Raises:
        InputError: storage is absent, refuses, is overloaded or cannot be reached.
    """
    try:
        yield
    except Exception as error:
        if not isinstance(error, OSError) and type(error).__module__.split(".")[0] not in _STORAGE:
            raise
        raise InputError(_problem(url, error)) from None


def _problem(url: str, error: Exception) -> Problem:
    said, kind = without_secrets(str(error)), type(error).__name__
    if isinstance(error, FileNotFoundError):
        return Problem("no such bucket or folder", path=url, fix="check the name, or make the bucket")
    if isinstance(error, PermissionError) or "Credentials" in kind:
        fix = f"{_CREDENTIALS}; they must be allowed to list, read and write there"
        return Problem(f"access is refused: {said or kind}", path=url, fix=fix)
    busy = isinstance(error, OSError) and error.errno == errno.EBUSY  # what s3fs makes of "slow down"
    if busy or any(words in said for words in ("SlowDown", "reduce your request rate", "TooManyRequests")):
        fix = "run the same command again in a while; what is there already is kept"
        return Problem("the storage is overloaded and asks for fewer requests", path=url, fix=fix)
    fix = (
        "check the network and the endpoint (for s3: AWS_ENDPOINT_URL, AWS_REGION), then run the same command again"
    )
    return Problem(f"storage cannot be used: {said or kind}", path=url, fix=fix)


def without_secrets(text: str) -> str:
    """A message, short, with the values of environment variables that look like keys taken out."""
    for name, value in os.environ.items():
        if len(value) >= _SHORTEST_SECRET and any(word in name.upper() for word in _SECRET):
            text = text.replace(value, "…")
    return shorten(text, 300)
