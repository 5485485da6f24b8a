"""Finding and reading rubrics: a user's own file, or one of those that ship with panel-eval."""

from __future__ import annotations

from pathlib import Path

from panel_eval.errors import InputError, Problem, nearest, shorten
from panel_eval.schema import Rubric, read_yaml, shipped_names, shipped_path


def load_rubric(name_or_path: str | Path, base_dir: Path | None = None) -> Rubric:
    """Read a rubric.

    Args:
        name_or_path: a YAML file, or the name of a shipped rubric such as `nli`. A user's own file wins.
        base_dir: folder that relative paths start from; default: the working directory.

    Raises:
        InputError: there is no such rubric (lists those that ship), or it is not a valid one.
    """
    return read_yaml(rubric_path(name_or_path, base_dir), Rubric)


def rubric_path(name_or_path: str | Path, base_dir: Path | None = None) -> Path:
    """The file that `load_rubric` would read.

    Raises:
        InputError: there is no such rubric; lists those that ship.
    """
    name = str(name_or_path)
    own = (base_dir or Path()) / name
    try:
        candidates = [own, own.with_name(own.name + ".yaml")] if own.name else []
        if found := next((path for path in candidates if path.is_file()), None):
            return found
    except ValueError as error:  # such as a NUL byte in the name
        raise InputError(Problem(f"is not a file name: {error}", value=shorten(name))) from None
    if (shipped := shipped_path("rubrics", name)) is not None:
        return shipped
    raise InputError(_not_found(name))


def _not_found(name: str) -> Problem:
    names = shipped_names("rubrics")
    near = nearest(Path(name).name, [*names, *(f"{known}.yaml" for known in names)])
    hint = f"did you mean the shipped rubric {near.removesuffix('.yaml')!r}? " if near else ""
    fix = f"{hint}give a YAML file, or one of the shipped rubrics: {', '.join(names) or 'none found'}"
    return Problem("no such rubric", value=shorten(name), fix=fix)
