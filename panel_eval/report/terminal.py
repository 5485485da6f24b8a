"""The console that summaries are printed to."""

from __future__ import annotations

import io
import sys

from rich.console import Console

PLAIN_WIDTH = 100


def terminal() -> Console:
    """A console on standard output: as wide as the terminal, or 100 columns where output goes to a file or pipe.

    Where the output cannot encode a character, a question mark stands for it; printing never fails for that.
    """
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="replace")
    is_terminal = sys.stdout.isatty()
    return Console(width=None if is_terminal else PLAIN_WIDTH, highlight=False, markup=False, emoji=False)
