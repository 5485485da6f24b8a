"""Run every `console` block of the given Markdown files as a newcomer would, in order, in a fresh folder.

Lines that begin with `$ ` are commands, lines after them what may be seen (not compared, except that a line
beginning with `exit code` is the expected exit code). A `console` block may be preceded by fenced blocks whose
first line is a comment `# file: NAME`: those files are written first, so that examples are real files.

    python docs/verify_commands.py README.md docs/*.md
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE_MARK = re.compile(r"^(?:#|//) file: (\S+)\n")
TIMEOUT_S = 600


@dataclass(frozen=True)
class Command:
    """One command of a page and the exit code the page promises."""

    text: str
    exit_code: int


def commands_of(block: str) -> list[Command]:
    """The commands of a console block."""
    found: list[Command] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append(Command(line[2:], 0))
        elif found and (promised := re.match(r"^exit code (\d+)", line)):
            found[-1] = Command(found[-1].text, int(promised[1]))
    return found


def run(command: Command, folder: Path, environment: dict[str, str]) -> str | None:
    """Run one command; None if it ended as promised, else what went wrong."""
    done = subprocess.run(
        ["bash", "-c", command.text],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode == command.exit_code:
        return None
    return f"exit code {done.returncode}, promised {command.exit_code}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"


def verify(page: Path) -> int:
    """Run a page's commands; returns how many did not end as promised."""
    root = page.resolve().parent
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "COLUMNS": "100"}
    failures = count = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for language, block in FENCE.findall(page.read_text(encoding="utf-8")):
            if mark := FILE_MARK.match(block):
                target = folder / mark[1]
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(block[mark.end() :], encoding="utf-8")
            if language != "console":
                continue
            for command in commands_of(block):
                if command.text.startswith("make "):
                    continue  # the caller of this program ran them
                count += 1
                if trouble := run(command, folder, environment):
                    failures += 1
                    print(f"{page.relative_to(root)}: $ {command.text}\n  {trouble}")
    print(f"{page.relative_to(root)}: {count} commands, {failures} failed")
    return failures


if __name__ == "__main__":
    sys.exit(1 if sum(verify(Path(name)) for name in sys.argv[1:]) else 0)
