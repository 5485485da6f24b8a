"""A results root: the folder (or object storage) that holds sealed runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from panel_eval.api.results import MANIFEST
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
        try:
            return (self.path / name / file).read_bytes()
        except FileNotFoundError:
            return None

    def fetch(self, name: str) -> Path:
        """See `ResultsRoot`."""
        return self.path / name


def results_root(where: str | Path) -> ResultsRoot:
    """The root at a folder."""
    return LocalRoot(Path(where))
