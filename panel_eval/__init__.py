"""panel-eval: compare panels of LLM judges with the distribution of human labels, item by item."""

from panel_eval.version import __version__

__all__ = ["__version__"]
