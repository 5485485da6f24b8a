"""What `run.json` says about where the numbers come from: versions, commit, hashes, judges as asked."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from panel_eval.judges.judge import Judge
from panel_eval.judges.secrecy import without_keys
from panel_eval.schema import JudgeManifest
from panel_eval.version import __version__

# The packages that can change a request, an answer or a number.
_PACKAGES = ("litellm", "numpy", "scipy", "pandas", "pydantic", "tenacity", "jinja2", "xllamacpp")


def package_versions() -> dict[str, str]:
    """Versions of panel-eval, Python and the packages that touch the numbers; those not installed are left out.

    Read from the packages' metadata: nothing is imported.
    """
    versions = {"panel-eval": __version__, "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


def git_commit(folder: Path) -> str | None:
    """The commit checked out in `folder`; None without git, outside a repository, or before the first commit."""
    try:
        found = subprocess.run(
            ["git", "rev-parse", "--verify", "HEAD"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=5.0,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return None
    return found.stdout.strip() or None if found.returncode == 0 else None


def file_sha256(path: Path) -> str:
    """sha256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def utc_now() -> str:
    """The time now, UTC, ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def judge_manifests(judges: Sequence[Judge]) -> list[JudgeManifest]:
    """The judges as they are asked, with the prices that their votes are billed by."""
    return [
        JudgeManifest(
            id=judge.id,
            instrument=dict(judge.instrument),
            instrument_hash=judge.instrument_hash,
            prompt=without_keys(judge.prompt_text),
            price=None if judge.price is None else judge.price.row(),
        )
        for judge in judges
    ]
