"""The figures of a run's report as files of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from panel_eval.api.folders import refuse_run_file, write_folder
from panel_eval.api.reporting import run_view
from panel_eval.api.results import MANIFEST, RunResult
from panel_eval.errors import InputError, Problem

if TYPE_CHECKING:
    from panel_eval.report.figures import Figure


def write_pictures(
    result: RunResult,
    *,
    png: str | Path | None = None,
    svg: str | Path | None = None,
    transparent: bool = False,
) -> list[Path]:
    """Write every figure of the report of a run, named as on the page, and return the files in the page's order.

    Args:
        result: the run.
        png: folder for PNG files; made if need be. Other files in it stay.
        svg: the same for SVG files.
        transparent: no white paper behind the figures.

    Returns:
        The PNG files, then the SVG files.

    Raises:
        InputError: a folder is that of a run, or a file cannot be written; of a folder, all is written or nothing.
    """
    from panel_eval.report import png_of, report_figures, svg_of

    folders = [(Path(png), "png", png_of)] if png is not None else []
    folders += [(Path(svg), "svg", svg_of)] if svg is not None else []
    for folder, _, _ in folders:
        _refuse_run(folder)
    figures = report_figures(run_view(result))
    written: list[Path] = []
    for folder, suffix, made in folders:
        files = {f"{figure.name}.{suffix}": _writer(figure, made, transparent) for figure in figures}
        for name in files:
            refuse_run_file(folder / name)
        write_folder(folder, files)
        written += [folder / name for name in files]
    return written


def _refuse_run(folder: Path) -> None:
    """Pictures may lie in a folder of their own in a run directory, not between the files that are the run."""
    if folder.exists() and not folder.is_dir():
        raise InputError(Problem("is a file; pictures need a folder", path=folder))
    if (folder / MANIFEST).exists():
        fix = f"name another folder, such as {folder / 'pictures'}"
        raise InputError(Problem("is a run directory, which must not be changed", path=folder, fix=fix))


def _writer(figure: Figure, made: Callable[..., bytes], transparent: bool) -> Callable[[BinaryIO], object]:
    return lambda file: file.write(made(figure, transparent=transparent))
