"""The demo: a small panel of local models on words that ten people rated each, live or replayed."""

from panel_eval.demo.running import run_demo
from panel_eval.demo.words import draw_labels, write_labels

__all__ = ["draw_labels", "run_demo", "write_labels"]
