"""Publishing: a sealed run is put into a results root in storage, whole or not at all, as often as one likes.

First `published.json` is created, which says what the run is made of: it claims the name, so that another run of
the same name is refused before it has written anything. Then come the files, and `run.json` last: a folder without
it is no run to any reader. What a killed publisher leaves is a claim, which the same run published again fulfils.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from panel_eval.api.documents import document_bytes
from panel_eval.api.remote.folder import AT_ONCE, RemoteFolder
from panel_eval.api.remote.run_files import PUBLISHED, RunFiles, sealed_run
from panel_eval.api.results import MANIFEST, RunResult
from panel_eval.api.results_urls import as_url
from panel_eval.errors import InputError, Problem

UNPUBLISHED = ".unpublished"
"""File in a run on this machine that names the URL to which it is still to be published."""


@dataclass(frozen=True)
class Published:
    """A run in storage.

    Attributes:
        url: where it lies now.
        sent: paths of the files that were sent; none where all stood there already.
        was_there: the run itself stood there before.
    """

    url: str
    sent: tuple[str, ...]
    was_there: bool


def publish(run: str | Path | RunResult, where: str | Path) -> Published:
    """Put a sealed run into a results root in storage, or add what has come since: report, fit and gate.

    Args:
        run: a run directory, or a run opened from one.
        where: URL of the root, such as `s3://bucket/nightly`, or a folder; the run becomes a folder in it.

    Raises:
        InputError: the run is not sealed, another run of its name is there, or storage cannot be written.
    """
    directory = run.directory if isinstance(run, RunResult) else Path(run)
    if directory is None:
        raise InputError("this run was never written to a directory; it cannot be published")
    files = sealed_run(directory)
    url = as_url(where) or f"file://{Path(where).resolve()}"
    published = _Publisher(RemoteFolder(url), files).publish()
    if is_unpublished(directory, url):
        with suppress(OSError):  # then it is published once more, which sends nothing
            (directory / UNPUBLISHED).unlink()
    return published


def is_unpublished(directory: Path, url: str) -> bool:
    """Whether a run was bought for a results root in storage, and did not get there yet."""
    try:
        return (directory / UNPUBLISHED).read_text("utf-8") == url
    except (OSError, ValueError):
        return False


class _Publisher:
    """One run on its way into a folder of runs."""

    def __init__(self, root: RemoteFolder, files: RunFiles) -> None:
        self._root = root
        self._files = files
        self._name = files.manifest.run_id
        self._claim = document_bytes(files.publication())

    def publish(self) -> Published:
        url = f"{self._root.url}/{self._name}"
        there = self._root.read(self._at(MANIFEST))
        if there is not None and there != self._files.read(MANIFEST):
            raise InputError(self._other("another run of this name is there already", url))
        self._take_claim(url, begun=there is not None)
        sent: list[str] = []
        if there is None:
            sent += self._send_all([path for path in self._files.sealed if path != MANIFEST])
        sent += [path for path in self._files.later if self._send_changed(path)]
        if there is None:
            self._seal(url)
            sent.append(MANIFEST)
        return Published(url, tuple(sent), there is not None)

    def _take_claim(self, url: str, *, begun: bool) -> None:
        if not begun and self._root.create(self._at(PUBLISHED), self._claim):
            return
        claimed = self._root.read(self._at(PUBLISHED))
        if claimed is None and begun:  # put there by other means, such as aws s3 sync
            self._refuse_other_files(url)
            self._root.create(self._at(PUBLISHED), self._claim)
        elif claimed != self._claim:
            what = (
                "another run of this name is there already" if begun else "another run of this name is on its way"
            )
            raise InputError(self._other(what, url))

    def _seal(self, url: str) -> None:
        """Put run.json in place, unless another run took the name: not all storage knows conditional writes."""
        if self._root.read(self._at(PUBLISHED)) != self._claim:
            raise InputError(self._other("another run of this name was published at the same time", url))
        manifest = self._files.read(MANIFEST)
        if not self._root.create(self._at(MANIFEST), manifest) and self._root.read(self._at(MANIFEST)) != manifest:
            raise InputError(self._other("another run of this name was published at the same time", url))

    def _send_all(self, paths: list[str]) -> list[str]:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self._send, paths))
        return paths

    def _send(self, path: str) -> None:
        self._root.write(self._at(path), self._files.read(path))

    def _send_changed(self, path: str) -> bool:
        content = self._files.read(path)
        if self._root.read(self._at(path)) == content:
            return False
        self._root.write(self._at(path), content)
        return True

    def _refuse_other_files(self, url: str) -> None:
        paths = self._files.sealed
        there = self._root.read_many(map(self._at, paths))
        if any(content != self._files.read(path) for path, content in zip(paths, there, strict=True)):
            raise InputError(self._other("files of this run there are not those here", url))

    def _at(self, path: str) -> str:
        return f"{self._name}/{path}"

    def _other(self, what: str, url: str) -> Problem:
        fix = "publish it under another prefix; or, if that one is dead, delete its folder"
        return Problem(what, path=url, fix=fix)
