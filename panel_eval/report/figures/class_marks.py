"""The disagreement classes as marks in a figure of items: each class where the mean of its items lies."""

from __future__ import annotations

from typing import Final

from panel_eval.schema import CLASS_NAMES

CLASS_SHAPES: Final = dict(zip(CLASS_NAMES, ("o", "s", "D", "^", "X"), strict=True))
