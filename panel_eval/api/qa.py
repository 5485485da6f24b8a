"""The QA document of a label file or of a run: read, judged, set as a PDF."""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from panel_eval.api.documents import document_bytes
from panel_eval.api.fit_files import read_fit
from panel_eval.api.folders import refuse_run_file, refuse_stdout, replace_file
from panel_eval.api.labelled_run import LabelledRun
from panel_eval.api.results import ITEMS, METRICS, QA, RunResult, open_run
from panel_eval.api.results_urls import as_url, refuse_url
from panel_eval.errors import InputError, Problem
from panel_eval.evaluation.label_quality import label_quality
from panel_eval.humans import load_rubric, salvage_soft_labels
from panel_eval.schema import Rubric, Scale, read_bytes
from panel_eval.schema.label_quality import LabelQuality

if TYPE_CHECKING:
    from panel_eval.report.qa import PanelSide, QaView

_NO_JSON = "the file that --json writes"
_SEED, _RESAMPLES = 0, 2000


@dataclass(frozen=True)
class DeliveredLabels:
    """Soft labels whose quality is known, of a file or of a run.

    Attributes:
        name: of the file, or of the run.
        sha256: of the label file.
        rubric: what they were checked against, if anything.
        quality: whether they are sound, and where the file breaks its contract.
        run: the run that was scored with them, if there is one.
        command: what writes its document again.
        path: the label file; None for a run.
    """

    name: str
    sha256: str
    rubric: Rubric | None
    quality: LabelQuality
    run: RunResult | None
    command: str
    path: Path | None = None


def read_delivery(
    target: str | Path | RunResult,
    *,
    rubric: str | Path | None = None,
    scale: Scale | None = None,
    strict: bool = False,
    seed: int = _SEED,
    resamples: int = _RESAMPLES,
) -> DeliveredLabels:
    """Read soft labels and find out whether they are sound; lines that break the contract are listed, not fatal.

    Args:
        target: a label file (JSONL), a run directory or its URL, or a run in memory.
        rubric: what a label file is checked against: a rubric file or the name of a shipped one.
        scale: of a label file's labels, where there is no rubric.
        strict: a label file must carry the full contract.
        seed: seeds intervals, where the run does not have them already.
        resamples: draws behind each of them.

    Raises:
        InputError: the file or run cannot be read at all, or a rubric is named for a run.
    """
    if isinstance(target, RunResult):
        return _of_run(target, seed, resamples)
    if as_url(target) is None and not _is_folder(Path(target)):
        return _of_file(Path(target), rubric, scale, strict, seed, resamples)
    if rubric is not None or scale is not None or strict:
        fix = "leave --rubric, --scale and --strict out, or name a label file"
        raise InputError(Problem("a run has its rubric and was checked when it was made", path=target, fix=fix))
    return _of_run(open_run(target), seed, resamples)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that no file can have: reading it says what is wrong
        return False


def _of_file(
    path: Path, rubric: str | Path | None, scale: Scale | None, strict: bool, seed: int, resamples: int
) -> DeliveredLabels:
    found = None if rubric is None else load_rubric(rubric)
    salvaged = salvage_soft_labels(path, found, scale=scale, strict=strict)
    return DeliveredLabels(
        name=path.name,
        sha256=hashlib.sha256(read_bytes(path)).hexdigest(),
        rubric=found,
        quality=label_quality(salvaged, seed=seed, resamples=resamples),
        run=None,
        command=_command(path.name, rubric, scale, strict, seed, resamples),
        path=path,
    )


def _of_run(run: RunResult, seed: int, resamples: int) -> DeliveredLabels:
    """A run's labels; where it was scored before label quality was part of its metrics, that is found out now."""
    quality = run.metrics.label_quality or label_quality(run.humans, seed=seed, resamples=resamples)
    return DeliveredLabels(
        name=run.manifest.run_id,
        sha256=run.manifest.hashes.get("labels", "not known"),
        rubric=run.manifest.rubric,
        quality=quality,
        run=run,
        command=_command(run.manifest.run_id if run.directory is None else run.directory.resolve().name),
    )


def _command(
    name: str,
    rubric: str | Path | None = None,
    scale: Scale | None = None,
    strict: bool = False,
    seed: int = _SEED,
    resamples: int = _RESAMPLES,
) -> str:
    """What to type, without the folders of this machine; what goes without saying is left out."""
    options = [] if rubric is None else ["--rubric", Path(rubric).name]
    options += [] if scale is None else ["--scale", scale]
    options += ["--strict"] if strict else []
    options += ["--seed", str(seed)] if seed != _SEED else []
    options += ["--resamples", str(resamples)] if resamples != _RESAMPLES else []
    return shlex.join(["panel-eval", "qa", name, *options, "-o", QA])


def write_qa(
    target: str | Path | RunResult | DeliveredLabels,
    out: str | Path | None = None,
    *,
    rubric: str | Path | None = None,
    scale: Scale | None = None,
    strict: bool = False,
    json: str | Path | None = None,
    fonts: Sequence[str | Path] = (),
    seed: int = _SEED,
    resamples: int = _RESAMPLES,
) -> Path:
    """Write the QA document of a delivery of soft labels as a PDF, and return its path.

    Args:
        target: a label file, a run directory or its URL, a run in memory, or what `read_delivery` gave.
        out: where to write; default for a run directory: qa.pdf in it.
        rubric: what a label file is checked against: a rubric file or the name of a shipped one.
        scale: of a label file's labels, where there is no rubric.
        strict: a label file must carry the full contract.
        json: also write the numbers there, as the document `label-quality`.
        fonts: font files for characters that the document's own fonts lack.
        seed: seeds intervals.
        resamples: draws behind each of them.

    Raises:
        InputError: the labels cannot be read at all, the extra `pdf` is not installed, a font is none, or a file
            cannot be written; then nothing is written.
    """
    from panel_eval.report.qa import qa_document, typeset

    delivery = (
        target
        if isinstance(target, DeliveredLabels)
        else read_delivery(target, rubric=rubric, scale=scale, strict=strict, seed=seed, resamples=resamples)
    )
    path, numbers = _target(delivery, out), None if json is None else Path(json)
    for place in (path, *([] if numbers is None else [numbers])):
        _check_place(place, delivery)
    if path == numbers:
        raise InputError(Problem("is named for both the document and its numbers", path=path))
    pdf = typeset(qa_document(_view(delivery, numbers, fonts)), [Path(font) for font in fonts])
    if numbers is not None:
        _write(numbers, document_bytes(delivery.quality))
    return _write(path, pdf, of_run=delivery.run is not None)


def _target(delivery: DeliveredLabels, out: str | Path | None) -> Path:
    if out is not None:
        return Path(out)
    if delivery.run is None or delivery.run.directory is None:
        raise InputError("name a file for the document: -o qa.pdf")
    return delivery.run.directory / QA


def _check_place(place: Path, delivery: DeliveredLabels) -> None:
    """Check, before the work is done, that a file may be written where it is to be.

    Raises:
        InputError: no such folder, a file of a run (its qa.pdf excepted), or the labels themselves.
    """
    refuse_url(place, "name a file on this machine")
    refuse_stdout(place)
    if not (delivery.run is not None and place.name == QA):
        refuse_run_file(place)
    if not place.parent.is_dir():
        raise InputError(Problem("there is no such folder", path=place.parent, fix="make it, or name another"))
    _try_beside(place)
    if place.is_dir():
        raise InputError(Problem("is a folder", path=place, fix="name a file in it"))
    if delivery.path is not None and place.exists() and place.samefile(delivery.path):
        raise InputError(Problem("is the label file itself", path=place, fix="name another file"))


def _try_beside(place: Path) -> None:
    """Write an empty file beside `place` and remove it: what cannot be written is found before anything else is."""
    tried = place.parent / f".{place.name}.{os.getpid()}.try"
    try:
        tried.touch()
        tried.unlink()
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error.strerror}", path=place)) from None


def _write(path: Path, content: bytes, of_run: bool = False) -> Path:
    from panel_eval.report.page import write_whole

    try:
        if of_run and path.name == QA:  # the one file of a run that is written anew
            return write_whole(content, path)
        replace_file(path, lambda file: file.write(content))
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error.strerror}", path=path)) from None
    return path


def _view(delivery: DeliveredLabels, numbers: Path | None, fonts: Sequence[str | Path]) -> QaView:
    from panel_eval.report.qa import QaView, Source

    run, rubric = delivery.run, delivery.rubric
    also = [] if numbers is None else ["--json", numbers.name]
    also += [part for font in fonts for part in ("--font", Path(font).name)]
    in_run = run is not None and run.metrics.label_quality is not None
    full_lists = METRICS if in_run else (_NO_JSON if numbers is None else numbers.name)
    return QaView(
        source=Source(
            name=delivery.name,
            sha256=delivery.sha256,
            rubric=None if rubric is None else f"{rubric.task}, version {rubric.version}",
            full_lists=full_lists,
            command=shlex.join([*shlex.split(delivery.command), *also]),
            full_items=ITEMS if in_run else "",
        ),
        quality=delivery.quality,
        panel=None if run is None else _panel(run),
    )


def _panel(run: RunResult) -> PanelSide:
    from panel_eval.report.qa import PanelSide

    found = None if run.directory is None else read_fit(run.directory)
    outdated = found is not None and found.hashes != LabelledRun.of(run).hashes
    return PanelSide(run.manifest, run.metrics, None if outdated else found)
