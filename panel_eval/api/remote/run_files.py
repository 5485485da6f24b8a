"""The files of a run that are published: those that are sealed, and those that may come or change later."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from panel_eval.api.fit_files import FIT, REPORT_FILE
from panel_eval.api.pool_files import POOL
from panel_eval.api.results import LABELS, MANIFEST, METRICS, QA, REPORT, UNLABELLED, VOTES, read_manifest
from panel_eval.api.results_urls import is_plain
from panel_eval.errors import InputError, Problem
from panel_eval.schema import RunManifest
from panel_eval.schema.publication import Publication, PublishedFile

PUBLISHED = "published.json"
GATE = "gate"
_REPORTS = (REPORT, QA)
_LAST = (f"{FIT}/{REPORT_FILE}", f"{GATE}/gate.json")
"""Files that make a folder what it is: they come after the others."""
_HASHED = {"labels": LABELS, "unlabelled": UNLABELLED, "pool": POOL, "votes": VOTES}
"""Hashes in run.json that are of a file of the run."""


@dataclass(frozen=True)
class RunFiles:
    """A sealed run on this machine.

    Attributes:
        directory: where it lies.
        manifest: its run.json.
        sealed: names of the files that never change, run.json last.
        later: paths of the others: report.html, qa.pdf, fit/ and gate/.
    """

    directory: Path
    manifest: RunManifest
    sealed: list[str]
    later: list[str]

    def read(self, path: str) -> bytes:
        """The bytes of one of them."""
        return (self.directory / path).read_bytes()

    def publication(self) -> Publication:
        """What the sealed files are."""
        return Publication(
            run_id=self.manifest.run_id,
            files={name: _published(self.directory / name) for name in sorted(self.sealed)},
        )


def sealed_run(directory: Path) -> RunFiles:
    """The files of a run that can be published.

    Raises:
        InputError: the run is partial or going on, has no scores, or its name cannot be one in storage.
    """
    manifest = read_manifest(directory)
    if manifest.state != "sealed":
        fix = "finish it by running its panel again; what is not sealed is not published"
        raise InputError(Problem(f"this run is {manifest.state}, not sealed", path=directory, fix=fix))
    if not (directory / METRICS).is_file():
        fix = "merge the parts and publish the whole"
        raise InputError(Problem("this run has no scores: it is a part of one", path=directory, fix=fix))
    if not is_plain(manifest.run_id):
        raise InputError(Problem("not a plain name of a run", path=directory / MANIFEST, key="run_id"))
    own = [path.name for path in sorted(directory.iterdir()) if _is_ours(path)]
    sealed = [name for name in own if name not in (MANIFEST, PUBLISHED, *_REPORTS)]
    later = [f"{folder}/{path.name}" for folder in (FIT, GATE) for path in _files_of(directory / folder)]
    later = sorted(later, key=lambda path: (path in _LAST, path))
    return RunFiles(directory, manifest, [*sealed, MANIFEST], [*(name for name in own if name in _REPORTS), *later])


def is_later(path: str) -> bool:
    """Whether a path in a run is of a file that may come or change after the run was sealed."""
    folder, _, name = path.rpartition("/")
    return (folder in (FIT, GATE) and bool(name)) or path in _REPORTS


def refuse_changed(manifest: RunManifest, publication: Publication | None, contents: Mapping[str, Path]) -> None:
    """Check files that came from storage by what is told of them.

    Args:
        manifest: the run's run.json.
        publication: what was published; without it, the hashes in run.json are all there is.
        contents: name to the file as it came.

    Raises:
        InputError: a file is missing or not what it must be.
    """
    if publication is not None:
        wrong = [name for name, told in publication.files.items() if not _is(contents.get(name), told)]
    else:
        told_of = {_HASHED[key]: told for key, told in manifest.hashes.items() if key in _HASHED}
        wrong = [name for name, told in told_of.items() if name in contents and _sha256(contents[name]) != told]
    if wrong:
        fix = "publish the run again from where it was made, under another prefix if need be"
        what = f"files of this run are missing or not what was published: {', '.join(sorted(wrong)[:5])}"
        raise InputError(Problem(what, path=manifest.run_id, fix=fix))


def _is(path: Path | None, told: PublishedFile) -> bool:
    return path is not None and path.stat().st_size == told.size and _sha256(path) == told.sha256


def _published(path: Path) -> PublishedFile:
    return PublishedFile(size=path.stat().st_size, sha256=_sha256(path))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files_of(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if _is_ours(path)] if folder.is_dir() else []


def _is_ours(path: Path) -> bool:
    return is_plain(path.name) and path.is_file() and not path.is_symlink()
