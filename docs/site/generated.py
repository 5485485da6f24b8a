"""The set of generated pages, and how they come into the navigation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PageText:
    """One generated page: its title in the navigation, its place in docs/, its Markdown."""

    title: str
    path: str
    text: str


@dataclass(frozen=True)
class Generated:
    """Generated pages by kind, in reading order."""

    kinds: Mapping[str, Sequence[PageText]]

    @property
    def texts(self) -> dict[str, str]:
        """Path to Markdown of every page."""
        return {page.path: page.text for pages in self.kinds.values() for page in pages}


def fill_navigation(nav: Any, generated: Generated) -> Any:
    """The navigation with each `generated:KIND` replaced by the pages of that kind.

    A kind of several pages becomes a section, a kind of one page becomes that page.

    Raises:
        KeyError: mkdocs.yml names a kind that nothing makes.
    """
    if isinstance(nav, list):
        return [fill_navigation(entry, generated) for entry in nav]
    if isinstance(nav, dict):
        return {title: fill_navigation(entry, generated) for title, entry in nav.items()}
    if not nav.startswith("generated:"):
        return nav
    pages = generated.kinds[nav.removeprefix("generated:")]
    if len(pages) == 1:
        return pages[0].path
    return [{page.title: page.path} for page in pages]
