"""A server program in a process of its own, for as long as a block lasts."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


class ServerProcess:
    """A running server program.

    Attributes:
        port: its port on 127.0.0.1.
    """

    def __init__(self, port: int) -> None:
        self.port = port

    def url(self, path: str) -> str:
        """The URL of a path on it."""
        return f"http://127.0.0.1:{self.port}/{path.lstrip('/')}"

    def read(self, path: str) -> Any:
        """The JSON it answers to GET."""
        with urllib.request.urlopen(self.url(path), timeout=30.0) as answer:
            return json.load(answer)


@contextmanager
def server_process(program: str, *arguments: str) -> Iterator[ServerProcess]:
    """Start `benchmarks/PROGRAM`, which prints its port and serves until its standard input is closed."""
    command = [sys.executable, str(HERE / program), *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield ServerProcess(int(process.stdout.readline()))
        finally:
            process.stdin.close()
            try:
                process.wait(timeout=5.0)
            except subprocess.TimeoutExpired:
                process.kill()
