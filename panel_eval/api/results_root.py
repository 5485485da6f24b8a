"""A results root: the folder (or object storage) that holds sealed runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from panel_eval.api.results import MANIFEST
from panel_eval.api.results_urls import as_url
from panel_eval.errors import InputError, Problem


class ResultsRoot(Protocol):
    """Where runs lie. History is nothing but the runs in a root."""

    @property
    def where(self) -> str:
        """The folder or URL, for messages."""

    def names(self) -> list[str]:
        """Names of the folders that hold a run.json, in the order of their names."""

    def read(self, name: str, file: str) -> bytes | None:
        """A file of a run by its path in the run's folder, such as `gate/gate.json`; None where there is none."""

    def read_many(self, names: Sequence[str], file: str) -> Iterator[tuple[str, bytes | None]]:
        """Name and bytes of the same file of many runs, in the order of the names; from storage many at once."""

    def fetch(self, name: str) -> Path:
        """A local folder with all files of a run; of a local root the run's own."""


@dataclass(frozen=True)
class LocalRoot:
    """A folder of runs on this machine."""

    path: Path

    @property
    def where(self) -> str:
        """See `ResultsRoot`."""
        return str(self.path)

    def names(self) -> list[str]:
        """See `ResultsRoot`."""
        if not self.path.is_dir():
            raise InputError(Problem("no such folder of results", path=self.path, fix="name a folder of runs"))
        return sorted(folder.name for folder in self.path.iterdir() if (folder / MANIFEST).is_file())

    def read(self, name: str, file: str) -> bytes | None:
        """See `ResultsRoot`."""
        path = self.path / name / file
        try:
            return path.read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as error:
            raise InputError(Problem(f"cannot be read: {error.strerror}", path=path)) from None

    def read_many(self, names: Sequence[str], file: str) -> Iterator[tuple[str, bytes | None]]:
        """See `ResultsRoot`."""
        return ((name, self.read(name, file)) for name in names)

    def fetch(self, name: str) -> Path:
        """See `ResultsRoot`."""
        return self.path / name


def results_root(where: str | Path) -> ResultsRoot:
    """The root at a folder, or at a URL such as `s3://bucket/prefix` (extra `remote`).

    Raises:
        InputError: the URL cannot be used, or a package that it needs is not installed.
    """
    url = as_url(where)
    if url is None:
        return LocalRoot(Path(where))
    from panel_eval.api.remote.root import remote_root  # a folder needs nothing of it

    return remote_root(url)
