"""The command line: one module per command; prints and sets exit codes, computes nothing.

Heavy imports happen inside the commands, so that `panel-eval --help` is quick and offline commands never load
litellm.
"""

from panel_eval.cli.app import main

__all__ = ["main"]
