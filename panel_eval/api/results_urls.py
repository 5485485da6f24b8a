"""URLs of results roots and runs: which are meant, and which are refused."""

from __future__ import annotations

import re
from pathlib import Path

from panel_eval.engine.run_names import PLAIN_NAME
from panel_eval.errors import InputError, Problem, nearest, shorten

PACKAGES = {
    "s3": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs",
    "file": "fsspec", "memory": "fsspec",
}  # fmt: skip
"""Scheme -> the package that speaks it."""

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(/+)(.*)", re.DOTALL)
_LONGEST_NAME = 200


def as_url(where: str | Path) -> str | None:
    """The URL that is meant, in one spelling; None for a folder.

    A `Path` made from a URL has lost a slash (`s3:/bucket`); it is understood all the same.

    Raises:
        InputError: it holds a user name or key, cannot be used for results, or is not a plain URL.
    """
    found = _URL.fullmatch(str(where))
    if found is None and "://" in str(where):
        _refuse_secrets(str(where).partition(":")[0], "::")
    if found is None or (found[2] == "/" and found[1].lower() not in PACKAGES):
        return None
    scheme, rest = found[1].lower(), found[3].rstrip("/")
    _refuse_secrets(scheme, rest)
    if scheme not in PACKAGES:
        near = nearest(scheme, list(PACKAGES))
        fix = f"did you mean {near}://?" if near else f"use one of: {', '.join(f'{name}://' for name in PACKAGES)}"
        raise InputError(Problem("results cannot be kept there", path=f"{scheme}://{rest}", fix=fix))
    parts = rest.split("/")
    if not rest or any(part in ("", ".", "..") for part in parts) or not rest.isprintable():
        fix = "write it as s3://BUCKET/FOLDER, without .. and doubled slashes"
        raise InputError(
            Problem("is not a plain URL of a folder", path=shorten(f"{scheme}://{rest}", 300), fix=fix)
        )
    return f"{scheme}:///{rest}" if scheme == "file" else f"{scheme}://{rest}"


def refuse_url(folder: Path, instead: str) -> None:
    """Check that a folder to write to is one on this machine.

    Raises:
        InputError: it is a URL.
    """
    if (url := as_url(folder)) is not None:
        raise InputError(Problem("a folder on this machine must be named here", path=url, fix=instead))


def is_plain(name: str) -> bool:
    """Whether a name from storage may become the name of a file: no folders, no dots first, not too long."""
    return len(name) <= _LONGEST_NAME and PLAIN_NAME.fullmatch(name) is not None


def _refuse_secrets(scheme: str, rest: str) -> None:
    """Refuse a URL that may hold a key; what it holds is in no message."""
    if "@" in rest or "?" in rest or "#" in rest or "::" in rest:
        what = "a URL of results holds no user name, key or option (no @, ?, # and ::)"
        fix = "give credentials in the environment, such as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        raise InputError(Problem(what, path=f"{scheme}://…", fix=fix))
