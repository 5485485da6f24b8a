"""Where the prompts and rubrics lie that come with panel-eval."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

Kind = Literal["prompts", "rubrics"]

_PACKAGE = Path(__file__).resolve().parent.parent


def shipped_path(kind: Kind, name: str) -> Path | None:
    """The shipped file called `name`, with or without its ending; None if there is none.

    Only files that lie in the folder itself can be found, whatever `name` says.
    """
    files = _files(kind)
    return files.get(name) or next((file for file in files.values() if _stem(file) == name), None)


def shipped_names(kind: Kind) -> tuple[str, ...]:
    """Names, without endings, of the files that ship with panel-eval, sorted."""
    return tuple(sorted(_stem(file) for file in _files(kind).values()))


def _files(kind: Kind) -> dict[str, Path]:
    folder = _folder(kind)
    if folder is None:
        return {}
    plain = (entry for entry in sorted(folder.iterdir()) if not entry.name.startswith((".", "_")))
    return {entry.name: entry for entry in plain if entry.is_file()}


def _folder(kind: Kind) -> Path | None:
    """The folder inside the wheel, else that of the checkout (never a stranger's beside the package)."""
    installed = _PACKAGE / "shipped" / kind
    if installed.is_dir():
        return installed
    checkout = _PACKAGE.parent
    return checkout / kind if (checkout / "pyproject.toml").is_file() and (checkout / kind).is_dir() else None


def _stem(file: Path) -> str:
    return file.name.split(".", 1)[0]
