"""Runs fetched from storage, kept on this machine: a sealed run once, whole and checked or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pydantic import ValidationError

from panel_eval.api.folders import Writer, write_folder
from panel_eval.api.remote.folder import AT_ONCE, RemoteFolder
from panel_eval.api.remote.run_files import PUBLISHED, is_later, refuse_changed
from panel_eval.api.results import MANIFEST, read_manifest
from panel_eval.errors import InputError, Problem
from panel_eval.schema.publication import Publication

CACHE_VARIABLE = "PANEL_EVAL_CACHE"


def cache_folder() -> Path:
    """Where fetched runs lie: PANEL_EVAL_CACHE, else `panel-eval` in XDG_CACHE_HOME or ~/.cache."""
    if chosen := os.environ.get(CACHE_VARIABLE):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "panel-eval"


def fetch_from(root: RemoteFolder, name: str) -> Path:
    """A local folder with all files of a run; report, fit and gate are those of now.

    Args:
        root: the folder of runs.
        name: a plain name of one.

    Raises:
        InputError: there is no such sealed run, a file is not what was published, or storage or the disk fails.
    """
    there = root.files(name)
    url = f"{root.url}/{name}"
    if f"{name}/{MANIFEST}" not in there:
        raise InputError(Problem("no such run", path=url, fix="look at the runs there: panel-eval history URL"))
    paths = [path.removeprefix(f"{name}/") for path in there]
    target = cache_folder() / hashlib.sha256(root.url.encode()).hexdigest()[:16] / name
    try:
        manifest = root.read(f"{name}/{MANIFEST}")
        if not (target / MANIFEST).is_file() or (target / MANIFEST).read_bytes() != manifest:
            _fetch_sealed(root, name, [path for path in paths if "/" not in path and not is_later(path)], target)
        _fetch_later(root, name, [path for path in paths if is_later(path)], target)
    except OSError as error:
        fix = f"name a writable folder in {CACHE_VARIABLE}"
        raise InputError(Problem(f"cannot be written: {error.strerror}", path=target, fix=fix)) from None
    return target


def _fetch_sealed(root: RemoteFolder, name: str, paths: list[str], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=target.parent))
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda path: _download(root, f"{name}/{path}", temporary / path), paths))
        publication = _publication(temporary / PUBLISHED, f"{root.url}/{name}")
        manifest = read_manifest(temporary)
        if manifest.state != "sealed":
            raise InputError(Problem(f"this run is {manifest.state}, not sealed", path=f"{root.url}/{name}"))
        refuse_changed(manifest, publication, {path: temporary / path for path in paths})
        _put_in_place(temporary, target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _put_in_place(temporary: Path, target: Path) -> None:
    """Move a folder; where another process put the same run there meanwhile, that one stays."""
    (temporary / PUBLISHED).unlink(missing_ok=True)
    try:
        temporary.rename(target)
    except OSError:
        if (target / MANIFEST).is_file() and (target / MANIFEST).read_bytes() == (
            temporary / MANIFEST
        ).read_bytes():
            return
        aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.old.", dir=target.parent))
        target.rename(aside / target.name)
        temporary.rename(target)
        shutil.rmtree(aside, ignore_errors=True)


def _fetch_later(root: RemoteFolder, name: str, paths: list[str], target: Path) -> None:
    contents = root.read_many(f"{name}/{path}" for path in paths)
    for path, content in zip(paths, contents, strict=True):
        file = target / path
        if content is not None and not (file.is_file() and file.read_bytes() == content):
            write_folder(file.parent, {file.name: _writer(content)})


def _writer(content: bytes) -> Writer:
    return lambda file: file.write(content)


def _download(root: RemoteFolder, path: str, target: Path) -> None:
    content = root.read(path)
    if content is not None:
        target.write_bytes(content)


def _publication(path: Path, url: str) -> Publication | None:
    if not path.is_file():
        return None
    try:
        return Publication.model_validate_json(path.read_bytes())
    except ValidationError:
        fix = "publish the run again from where it was made, under another prefix"
        raise InputError(Problem("is not what publish writes", path=f"{url}/{PUBLISHED}", fix=fix)) from None
