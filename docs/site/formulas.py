"""LaTeX to MathML, which browsers set by themselves: no script and no font is fetched."""

from __future__ import annotations

import html
import re
from itertools import cycle

from latex2mathml.converter import convert

# What pymdownx.arithmatex leaves of $…$ and $$…$$ (generic: true).
INLINE = re.compile(r'<span class="arithmatex">\\\((.*?)\\\)</span>', re.DOTALL)
BLOCK = re.compile(r'<div class="arithmatex">\s*\\\[(.*?)\\\]\s*</div>', re.DOTALL)


def set_formulas(page: str) -> str:
    """The page's HTML with every formula as MathML."""
    page = BLOCK.sub(lambda match: f'<div class="formula">{mathml(match[1], "block")}</div>', page)
    return INLINE.sub(lambda match: mathml(match[1], "inline"), page)


# A named function stands apart from what it multiplies and, unless that is in brackets, from what it is applied to;
# latex2mathml leaves no gap.
BEFORE = re.compile(r"(</mi>|</mn>|</mfrac>|</msub>|&#x00029;</mo>)(?=<mi>(?:log|ln)</mi>|<msub><mi>log</mi>)")
AFTER = re.compile(r"(<mi>ln</mi>|<msub><mi>log</mi><mn>2</mn></msub>)(?!<mo stretchy)")
# Bars come as one operator whether they open or close; browsers then set them as if they stood between.
BAR = re.compile(r"<mo>(&#x0007C;|&#x02016;)</mo>")
GAP = '<mspace width="0.17em"/>'


def mathml(latex: str, display: str) -> str:
    """One formula; `latex` as it stands in the page, HTML-escaped.

    The source is kept as the formula's text alternative, which also serves those who copy it.
    """
    source = html.unescape(latex).strip()
    element = AFTER.sub(rf"\1{GAP}", BEFORE.sub(rf"\1{GAP}", convert(source, display=display)))
    sides = cycle(("prefix", "postfix"))
    element = BAR.sub(lambda match: f'<mo form="{next(sides)}" stretchy="false">{match[1]}</mo>', element)
    element = element.replace(r"\_", "_")  # in \text, where latex2mathml keeps the backslash
    return element.replace("<math ", f'<math alttext="{html.escape(source)}" ', 1)
