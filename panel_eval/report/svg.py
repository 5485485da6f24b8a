"""What matplotlib writes as SVG, made fit for a page or to stand alone.

On a page the colours are CSS variables, so that a figure follows light mode, dark mode and print like the text
around it, and the fonts are the page's. Alone it has its own colours, fonts that any viewer finds, and its title.
"""

from __future__ import annotations

import re
from typing import Final
from xml.etree import ElementTree

from panel_eval.report.palette import VARIABLES

_COLOUR = re.compile("|".join(VARIABLES))
_FONT = re.compile(r"font(?:-family)?:[^;]*")
_FONT_SIZE = re.compile(r"([\d.]+)px")
_FONT_WEIGHT = re.compile(r"\b(?:bold|[1-9]00)\b")
_FONTS: Final = "'DejaVu Sans', Verdana, system-ui, 'Noto Sans', 'Liberation Sans', sans-serif"
_SVG: Final = "http://www.w3.org/2000/svg"
_XLINK: Final = "http://www.w3.org/1999/xlink"


def page_svg(drawn: bytes, name: str) -> str:
    """The figure as an `<svg>` element for a page: no prologue, no metadata, ids under `name`.

    Args:
        drawn: what matplotlib wrote, in the colours of `palette.PAGE`.
        name: the figure's own name.
    """
    root = _without_metadata(drawn)
    for element in root.iter():
        _fit_page(element, name)
    for attribute in ("width", "height", "version"):
        root.attrib.pop(attribute, None)
    root.set("aria-hidden", "true")
    root.set("focusable", "false")
    return ElementTree.tostring(root, encoding="unicode")


def lone_svg(drawn: bytes, title: str, description: str, paper: str | None) -> bytes:
    """The figure as a file of its own.

    Args:
        drawn: what matplotlib wrote.
        title: what is to be seen.
        description: how to read it.
        paper: colour behind it; None leaves it transparent.
    """
    root = _without_metadata(drawn)
    for element in root.iter():
        if style := element.get("style"):
            element.set("style", _FONT.sub(_any_font, style))
    width, height = root.get("viewBox", "0 0 0 0").split()[2:]
    root.set("role", "img")
    root.set("aria-labelledby", "title description")
    told = [_text("title", title), _text("desc", description, "description")]
    if paper is not None:
        told.append(ElementTree.Element(f"{{{_SVG}}}rect", {"width": width, "height": height, "fill": paper}))
    for place, element in enumerate(told):
        root.insert(place, element)
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _XLINK)
    text: str = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _text(tag: str, text: str, identity: str = "") -> ElementTree.Element:
    element = ElementTree.Element(f"{{{_SVG}}}{tag}", {"id": identity or tag})
    element.text = text
    return element


def _without_metadata(drawn: bytes) -> ElementTree.Element:
    root = ElementTree.fromstring(drawn)
    for parent in root.iter():
        for child in [child for child in parent if child.tag.endswith("}metadata")]:
            parent.remove(child)
    return root


def _fit_page(element: ElementTree.Element, name: str) -> None:
    element.tag = element.tag.rpartition("}")[2]
    for key in list(element.attrib):
        value = element.attrib.pop(key)
        local = key.rpartition("}")[2]
        if local == "id":
            value = f"{name}-{value}"
        elif local == "href":
            value = value.replace("#", f"#{name}-", 1)
        else:
            value = value.replace("url(#", f"url(#{name}-")
        element.set(local, _styled(value) if local == "style" else _COLOUR.sub(_variable, value))
    if element.tag == "style" and element.text:
        # A page has one style space: the figure's global rule becomes the page's business.
        element.text = None


def _styled(style: str) -> str:
    return _COLOUR.sub(_variable, _FONT.sub(_page_font, style))


def _page_font(match: re.Match[str]) -> str:
    return _size_and_weight(match.group()) or "font-family: inherit"


def _any_font(match: re.Match[str]) -> str:
    return "; ".join(part for part in (f"font-family: {_FONTS}", _size_and_weight(match.group())) if part)


def _size_and_weight(font: str) -> str:
    size, weight = _FONT_SIZE.search(font), _FONT_WEIGHT.search(font)
    parts = [f"font-size: {size.group()}" if size else "", f"font-weight: {weight.group()}" if weight else ""]
    return "; ".join(part for part in parts if part)


def _variable(match: re.Match[str]) -> str:
    return VARIABLES[match.group()]
