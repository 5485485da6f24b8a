"""The colours of figures: the page's CSS variables, or for a picture the colours of its light mode.

Every figure is drawn with the colours it is given. For a page they are placeholders that become `var(--name)`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib import resources
from typing import Final


@dataclass(frozen=True)
class Palette:
    """The colours by what they stand for, as in `style.css`."""

    ink: str
    muted: str
    line: str
    panel: str
    human: str
    floor: str
    base: str
    hard: str
    good: str
    bad: str
    paper: str


PAGE: Final = Palette(
    ink="#010101", muted="#020202", line="#030303", panel="#040404", human="#050505", floor="#060606",
    base="#070707", hard="#080808", good="#090909", bad="#0a0a0a", paper="#0b0b0b",
)  # fmt: skip
"""Placeholders of the page's variables."""

VARIABLES: Final = {colour: f"var(--{name})" for name, colour in vars(PAGE).items()}
"""Placeholder to the CSS variable it stands for."""


@cache
def picture_palette() -> Palette:
    """The colours of the page's light mode, as `style.css` has them, on white paper."""
    css = resources.files("panel_eval.report").joinpath("templates/style.css").read_text(encoding="utf-8")
    light = css[: css.index("@media")]
    found = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", light))
    return replace(Palette(**{field.name: found[field.name] for field in fields(Palette)}), paper="#ffffff")
