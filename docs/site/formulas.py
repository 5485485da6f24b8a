"""LaTeX to MathML, which browsers set by themselves: no script and no font is fetched."""

from __future__ import annotations

import html
import re

from latex2mathml.converter import convert

# What pymdownx.arithmatex leaves of $…$ and $$…$$ (generic: true).
INLINE = re.compile(r'<span class="arithmatex">\\\((.*?)\\\)</span>', re.DOTALL)
BLOCK = re.compile(r'<div class="arithmatex">\s*\\\[(.*?)\\\]\s*</div>', re.DOTALL)


def set_formulas(page: str) -> str:
    """The page's HTML with every formula as MathML."""
    page = BLOCK.sub(lambda match: f'<div class="formula">{mathml(match[1], "block")}</div>', page)
    return INLINE.sub(lambda match: mathml(match[1], "inline"), page)


def mathml(latex: str, display: str) -> str:
    """One formula; `latex` as it stands in the page, HTML-escaped.

    The source is kept as the formula's text alternative, which also serves those who copy it.
    """
    source = html.unescape(latex).strip()
    element = convert(source, display=display)
    return element.replace("<math ", f'<math alttext="{html.escape(source)}" ', 1)
