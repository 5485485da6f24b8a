"""Run the examples of the given Markdown files as a newcomer would, in order, each page in a fresh folder.

`console` blocks: lines that begin with `$ ` are commands and must end with exit code 0 (or the one a following
line `exit code N` promises). Other lines are what is seen: the command must print
each, in that order, however it breaks its lines; `…` stands for anything. `make` commands are left to the caller.
`python` blocks are run whole. A block whose first line is a comment `file: NAME` is written to that file, so that
examples are real files.

    python docs/verify_commands.py README.md
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE_MARK = re.compile(r"^(?:#|//) file: (\S+)\n")
TIMEOUT_S = 600


@dataclass
class Command:
    """One command of a page, the exit code the page promises, and the lines it shows."""

    text: str
    exit_code: int = 0
    shown: list[str] = field(default_factory=list)


def commands_of(block: str) -> list[Command]:
    """The commands of a console block."""
    found: list[Command] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append(Command(line[2:]))
        elif found and (promised := re.match(r"^exit code (\d+)", line)):
            found[-1].exit_code = int(promised[1])
        elif found and line.strip() not in ("", "…"):
            found[-1].shown.append(line)
    return found


def examples_of(language: str, block: str) -> list[Command]:
    """What a fenced block asks to be run."""
    if language == "python":
        return [Command(f"python - <<'END_OF_BLOCK'\n{block}END_OF_BLOCK")]
    if language != "console":
        return []
    return [command for command in commands_of(block) if not command.text.startswith("make ")]


def run(command: Command, folder: Path, environment: dict[str, str]) -> str | None:
    """Run one command; None if it ended and printed as promised, else what went wrong."""
    done = subprocess.run(
        ["bash", "-c", command.text],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        stdin=subprocess.DEVNULL,
    )
    printed = f"{done.stdout[-2000:]}{done.stderr[-2000:]}"
    if done.returncode != command.exit_code:
        return f"exit code {done.returncode}, promised {command.exit_code}\n{printed}"
    if (line := first_not_printed(command.shown, done.stdout + done.stderr)) is not None:
        return f"does not print what is shown: {line}\n{printed}"
    return None


def first_not_printed(shown: list[str], printed: str) -> str | None:
    """The first line shown that is not printed, as whole words and in order; where lines break is free."""
    rest = " ".join(printed.split())
    for line in shown:
        pattern = ".*?".join(map(re.escape, " ".join(line.split()).split("…")))
        if (found := re.search(rf"(?<!\S){pattern}(?!\S)", rest)) is None:
            return line
        rest = rest[found.end() :]
    return None


def verify(page: Path) -> int:
    """Run a page's commands; returns how many did not end as promised."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "COLUMNS": "100"}
    failures = count = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for language, block in FENCE.findall(page.read_text(encoding="utf-8")):
            if mark := FILE_MARK.match(block):
                target = folder / mark[1]
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(block[mark.end() :], encoding="utf-8")
            for command in examples_of(language, block):
                count += 1
                if trouble := run(command, folder, environment):
                    failures += 1
                    print(f"{page}: {command.text}\n  {trouble}")
    print(f"{page}: {count} commands, {failures} failed")
    return failures


if __name__ == "__main__":
    sys.exit(1 if sum(verify(Path(name)) for name in sys.argv[1:]) else 0)
