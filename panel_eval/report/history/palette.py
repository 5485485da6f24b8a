"""Colours of the figures of a history: the page's variables, or for a picture the colours of its light mode."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources

from panel_eval.report import plotting as plot


@dataclass(frozen=True)
class Palette:
    """The colours by what they stand for, as in `style.css`."""

    ink: str
    muted: str
    line: str
    panel: str
    human: str
    base: str
    hard: str
    good: str
    bad: str
    paper: str


PAGE = Palette(
    ink=plot.INK, muted=plot.MUTED, line=plot.GRID, panel=plot.PANEL, human=plot.HUMAN, base=plot.BASE,
    hard=plot.HARD, good=plot.GOOD, bad=plot.BAD, paper=plot.PAPER,
)  # fmt: skip


@cache
def picture_palette() -> Palette:
    """The colours of the page's light mode, as `style.css` has them, on white paper."""
    css = resources.files("panel_eval.report").joinpath("templates/style.css").read_text(encoding="utf-8")
    light = css[: css.index("@media")]
    found = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", light))
    return Palette(**{field.name: found[field.name] for field in fields(Palette)} | {"paper": "#ffffff"})
