"""A folder of files in storage: listed, read, written whole or not at all."""

from __future__ import annotations

import errno
import importlib
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

from panel_eval.api.remote.failures import speaking_to
from panel_eval.api.results_urls import PACKAGES, is_plain
from panel_eval.errors import InputError, Problem

AT_ONCE = 16
"""Requests under way at once."""


class RemoteFolder:
    """A folder in storage.

    Attributes:
        url: the folder, in the spelling of `results_urls.as_url`.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._storage = _storage(url)
        self._base = self._storage._strip_protocol(url).rstrip("/")
        self._on_disk = url.startswith("file:")

    def files(self, under: str = "") -> dict[str, int]:
        """Files by their path in this folder, with their sizes; empty where nothing is.

        A path of which any part is no plain name is left out: it must not become one on this machine.

        Args:
            under: a folder in this one; all of it is listed.

        Raises:
            InputError: storage cannot be read.
        """
        folder = f"{self._base}/{under}" if under else self._base
        with speaking_to(self.url):
            found = self._storage.find(folder, detail=True)
        start = len(self._base) + 1
        paths = ((path[start:], facts) for path, facts in found.items() if path.startswith(f"{folder}/"))
        return {path: int(facts.get("size") or 0) for path, facts in paths if all(map(is_plain, path.split("/")))}

    def read(self, path: str) -> bytes | None:
        """The bytes of a file; None where there is none.

        Raises:
            InputError: storage cannot be read.
        """
        with speaking_to(self.url):
            try:
                content: bytes = self._storage.cat_file(self._at(path))
            except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
                return None
            return content

    def read_many(self, paths: Iterable[str]) -> Iterator[bytes | None]:
        """As `read`, for each in order, some read ahead at once."""
        paths = iter(paths)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            ahead = [pool.submit(self.read, path) for path in islice(paths, 2 * AT_ONCE)]
            try:
                while ahead:
                    yield ahead.pop(0).result()
                    ahead += [pool.submit(self.read, path) for path in islice(paths, 1)]
            finally:
                for each in ahead:
                    each.cancel()

    def create(self, path: str, content: bytes) -> bool:
        """Write a file that is not there yet; False, and nothing is changed, where it is.

        Of several that create the same file at once one succeeds, where storage knows conditional writes (S3 does).

        Raises:
            InputError: storage cannot be written.
        """
        with speaking_to(self.url):
            try:
                if self._on_disk:
                    return _create_on_disk(Path(self._at(path)), content)
                self._storage.pipe_file(self._at(path), content, mode="create")
            except FileExistsError:
                return False
            except OSError as error:  # how s3fs before 2026, or of servers other than Amazon's, tells the same
                if error.errno != errno.EINVAL or self.read(path) is None:
                    raise
                return False
            return True

    def write(self, path: str, content: bytes) -> None:
        """Write a file, over an earlier one if need be.

        Raises:
            InputError: storage cannot be written.
        """
        with speaking_to(self.url):
            if self._on_disk:
                temporary = _temporary(Path(self._at(path)), content)
                temporary.replace(self._at(path))
            else:
                self._storage.pipe_file(self._at(path), content)

    def _at(self, path: str) -> str:
        if not all(map(is_plain, path.split("/"))):
            raise ValueError(f"not a plain path: {path!r}")
        return f"{self._base}/{path}"


def _storage(url: str) -> Any:
    """The fsspec file system behind a URL; nothing is remembered of earlier listings."""
    scheme = url.partition(":")[0]
    try:
        fsspec: Any = importlib.import_module("fsspec")
        importlib.import_module(PACKAGES[scheme])
    except ImportError:
        package = PACKAGES[scheme]
        install = "panel-eval[remote]" if package in ("s3fs", "fsspec") else f"panel-eval[remote] {package}"
        fix = " ".join(f"'{part}'" if "[" in part else part for part in ["pip install", *install.split()])
        raise InputError(Problem(f"needs the package {package}", path=url, fix=fix)) from None
    with speaking_to(url):
        if scheme in ("file", "memory"):
            return fsspec.filesystem(scheme)
        # No instance is shared: one made with credentials that were wrong would go on being wrong. And s3fs asks
        # for the size of a file before each read unless told that its pieces need not be read at once.
        options = {"max_concurrency": 1} if scheme == "s3" else {}
        return fsspec.filesystem(scheme, use_listings_cache=False, skip_instance_cache=True, **options)


def _create_on_disk(target: Path, content: bytes) -> bool:
    temporary = _temporary(target, content)
    try:
        os.link(temporary, target)  # fails where the target stands already
    except FileExistsError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
    return True


def _temporary(target: Path, content: bytes) -> Path:
    """A file beside the target, on the disk with all that it holds."""
    target.parent.mkdir(parents=True, exist_ok=True)
    path = target.with_name(f".{target.name}.{uuid4().hex}.tmp")
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return path
