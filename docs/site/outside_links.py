"""Links of docs/ to files outside it: on a code host they open the file, in the site the page made from it."""

from __future__ import annotations

import posixpath
import re

LINK = re.compile(r"\]\((?P<target>\.\./[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")
PAGES = {
    "CHANGELOG.md": "changelog.md",
    "benchmarks/README.md": "benchmarks.md",
    "rubrics": "reference/rubrics/index.md",
    "prompts": "reference/prompts/index.md",
    "README.md": "README.md",
}
FOLDERS = {"rubrics/": "reference/rubrics/", "prompts/": "reference/prompts/"}


def rewrite(markdown: str, page: str) -> str:
    """`markdown` of the page at `page` (from docs/), its links out of docs/ pointed at pages of the site.

    A target that no page is made from is left as it is: mkdocs then warns, and the build fails.
    """
    folder = posixpath.dirname(page)

    def point(match: re.Match[str]) -> str:
        place = posixpath.normpath(posixpath.join("docs", folder, match["target"]))
        if place.startswith("docs/") or not (target := _page_of(place)):
            return match[0]
        return f"]({posixpath.relpath(target, folder or '.')}{match['anchor'] or ''})"

    return LINK.sub(point, markdown)


def _page_of(place: str) -> str | None:
    for folder, pages in FOLDERS.items():
        if place.startswith(folder):
            stem = posixpath.splitext(place.removeprefix(folder))[0]
            return f"{pages}{stem}.md"
    return PAGES.get(place)
