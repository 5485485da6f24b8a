"""A results root in storage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from panel_eval.api.remote.cache import fetch_from
from panel_eval.api.remote.folder import RemoteFolder
from panel_eval.api.results import MANIFEST
from panel_eval.api.results_urls import is_plain
from panel_eval.errors import InputError, Problem


@dataclass(frozen=True)
class RemoteRoot:
    """Runs in storage, behind the protocol of `results_root.ResultsRoot`."""

    folder: RemoteFolder

    @property
    def where(self) -> str:
        """See `ResultsRoot`."""
        return self.folder.url

    def names(self) -> list[str]:
        """See `ResultsRoot`. Folders whose names could not be ones on this machine are passed over."""
        paths = (path.split("/") for path in self.folder.files())
        return sorted(parts[0] for parts in paths if parts[1:] == [MANIFEST])

    def read(self, name: str, file: str) -> bytes | None:
        """See `ResultsRoot`."""
        return self.folder.read(f"{name}/{file}")

    def read_many(self, names: Sequence[str], file: str) -> Iterator[tuple[str, bytes | None]]:
        """See `ResultsRoot`."""
        return zip(names, self.folder.read_many(f"{name}/{file}" for name in names), strict=True)

    def fetch(self, name: str) -> Path:
        """See `ResultsRoot`."""
        if not is_plain(name):
            raise InputError(Problem("not a plain name of a run", path=self.where, value=repr(name)[:80]))
        return fetch_from(self.folder, name)


def remote_root(url: str) -> RemoteRoot:
    """The root at a URL in the spelling of `results_urls.as_url`.

    Raises:
        InputError: a package that it needs is not installed.
    """
    return RemoteRoot(RemoteFolder(url))


def fetch_run(url: str) -> Path:
    """The local folder of a run in storage.

    Args:
        url: of the run, in the spelling of `results_urls.as_url`.

    Raises:
        InputError: there is no such sealed run, or it is not what was published.
    """
    root, _, name = url.rpartition("/")
    if root.endswith("/"):
        raise InputError(Problem("names a bucket, not a run in it", path=url, fix="add the run's name"))
    return remote_root(root).fetch(name)
