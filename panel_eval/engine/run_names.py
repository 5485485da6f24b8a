"""Names of run directories, ``<UTC time>-<panel>-<hash8>``: those of one panel and hash sort as runs were made."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

_TIME_FORMAT = "%Y%m%dT%H%M%SZ"
_TIME = re.compile(r"\d{8}T\d{6}Z")
_SECOND = timedelta(seconds=1)


def runs_of(results_root: Path, panel_name: str, hash8: str) -> list[Path]:
    """The run directories of one panel and hash, the newest last.

    Raises:
        OSError: the folder cannot be read. A missing one holds none.
        ValueError: panel name or hash are none.
    """
    ending = _ending(panel_name, hash8)
    if not results_root.is_dir():
        return []
    named = (path for path in results_root.iterdir() if path.name.endswith(ending))
    return sorted(path for path in named if _TIME.fullmatch(path.name.removesuffix(ending)) and path.is_dir())


def make_run_folder(results_root: Path, panel_name: str, hash8: str, now: datetime) -> Path:
    """Make the folder of a new run, named for `now`, and return it.

    Its name sorts after those of all earlier runs of the same panel and hash, even if the clock went back meanwhile
    or two runs begin in one second: it takes the second after the last one then.

    Raises:
        OSError: it cannot be made.
        ValueError: panel name or hash are none.
    """
    ending = _ending(panel_name, hash8)
    results_root.mkdir(parents=True, exist_ok=True)
    earlier = [_moment(path.name.removesuffix(ending)) for path in runs_of(results_root, panel_name, hash8)]
    moment = max([now.astimezone(UTC).replace(microsecond=0), *(known + _SECOND for known in earlier if known)])
    while True:
        path = results_root / f"{moment.strftime(_TIME_FORMAT)}{ending}"
        try:
            path.mkdir()
            return path
        except FileExistsError:  # another process was quicker
            moment += _SECOND


def _moment(text: str) -> datetime | None:
    """The time in a name; None for digits that are none, and for the last day that there is."""
    try:
        moment = datetime.strptime(text, _TIME_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment if moment.year < datetime.max.year else None


def _ending(panel_name: str, hash8: str) -> str:
    """The part of a directory's name that tells which plan it belongs to."""
    if not PLAIN_NAME.fullmatch(panel_name):
        raise ValueError(f"not a plain panel name: {panel_name!r}")
    if not re.fullmatch(r"[0-9a-f]{8}", hash8):
        raise ValueError(f"not eight hexadecimal digits: {hash8!r}")
    return f"-{panel_name}-{hash8}"
