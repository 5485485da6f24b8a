"""Runs the steps of a GitHub Actions workflow on this machine, as far as the workflow of `init` needs it.

`run` steps go through `bash -e` as on a runner; of the actions, cache and artifact upload do what they do there,
checkout is the copy of the project, and setting up Python and the step called Install are left out.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

LEFT_OUT = ("actions/checkout", "actions/setup-python")
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")
_CHOICE = re.compile(r"^inputs\.(\w+) && '([^']*)' \|\| '([^']*)'$")


@dataclass
class Job:
    """What a job left behind.

    Attributes:
        failed: names of the steps that failed, in order.
        log: step name to what it printed.
        summary: the step summary of the whole job.
        artifacts: the folder with what was uploaded.
    """

    workspace: Path
    artifacts: Path
    failed: list[str] = field(default_factory=list)
    log: dict[str, str] = field(default_factory=dict)
    summary: str = ""


@dataclass(frozen=True)
class Runner:
    """Runners that share a cache, one empty machine a job.

    Attributes:
        home: folder of all of it.
        environment: besides that of this process: addresses and keys of services.
    """

    home: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, project: Path, number: int, inputs: dict[str, bool] | None = None, *, attempt: int = 1) -> Job:
        """Run the nightly workflow of a project on an empty machine.

        Args:
            project: the repository.
            number: of the run; caches of higher numbers are newer.
            inputs: what was chosen in the form, if it was started by hand.
            attempt: 2 if it is run again.
        """
        workspace = self.home / f"machine-{number}-{attempt}"
        shutil.copytree(project, workspace)
        workflow = yaml.safe_load((workspace / ".github/workflows/nightly.yml").read_text())
        job = Job(workspace, self.home / f"artifacts-{number}-{attempt}")
        chosen = {f"inputs.{name}": on for name, on in (inputs or {}).items()}
        given = {"github.run_id": f"{number:09d}", "github.run_attempt": attempt, **chosen}
        for step in workflow["jobs"]["panel"]["steps"]:
            if job.failed and step.get("if") != "always()":
                continue
            self._step(step, job, given, workflow.get("env", {}))
        return job

    def _step(self, step: dict[str, Any], job: Job, given: dict[str, Any], variables: dict[str, str]) -> None:
        action, name = step.get("uses", "").partition("@")[0], step.get("name", "")
        if action in LEFT_OUT or name == "Install":
            return
        if action:
            self._act(action, {key: _filled(value, given) for key, value in step["with"].items()}, job)
            return
        summary = self.home / "summary.md"
        summary.write_text("")
        own = {key: _filled(value, given) for key, value in {**variables, **step.get("env", {})}.items()}
        done = subprocess.run(
            ["bash", "-e", "-c", _filled(step["run"], given)],
            cwd=job.workspace,
            env={**os.environ, **self.environment, **own, "PATH": _path(), "GITHUB_STEP_SUMMARY": str(summary)},
            capture_output=True,
            text=True,
            timeout=300,
            stdin=subprocess.DEVNULL,
        )
        job.log[name] = done.stdout + done.stderr
        job.summary += summary.read_text()
        if done.returncode:
            job.failed.append(name)

    def _act(self, action: str, settings: dict[str, str], job: Job) -> None:
        caches = self.home / "caches"
        if action == "actions/cache/restore":
            found = sorted(caches.glob(f"{settings['restore-keys']}*"))
            if found:
                shutil.copytree(found[-1], job.workspace / settings["path"])
        elif action == "actions/cache/save":
            taken = (caches / settings["key"]).exists()  # a cache is never changed; the job does not fail of it
            if (job.workspace / settings["path"]).exists() and not taken:
                shutil.copytree(job.workspace / settings["path"], caches / settings["key"])
        elif action == "actions/upload-artifact":
            for pattern in settings["path"].split():
                for path in job.workspace.glob(pattern.rstrip("/")):
                    target = job.artifacts / path.relative_to(job.workspace)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    (shutil.copytree if path.is_dir() else shutil.copy)(path, target)
        else:
            raise ValueError(f"this runner does not know {action}")


def _path() -> str:
    return f"{Path(sys.executable).parent}:{os.environ['PATH']}"


def _filled(text: str, given: dict[str, Any]) -> str:
    """The text with its expressions evaluated: names, and the choice `inputs.X && 'a' || 'b'`."""

    def value(match: re.Match[str]) -> str:
        expression = match[1].strip()
        if choice := _CHOICE.match(expression):
            return choice[2] if given.get(f"inputs.{choice[1]}") else choice[3]
        return str(given[expression])

    return _EXPRESSION.sub(value, text)
