"""Pages in Debian's Chromium, as people open them: from a file, driven by Playwright, every sound of them recorded.

A test module asks for the fixture `open_page` and calls it:

    def test_it_opens(open_page, tmp_path):
        opened = open_page(tmp_path / "report.html", width=380, dark=True)
        opened.page.keyboard.press("/")
        assert opened.utterances() == []
        assert opened.axe() == []

`opened.page` is Playwright's `Page`. Each call opens the file in a fresh context, closed when the test ends; the
browser itself is started once a module: Playwright's synchronous interface keeps an event loop running in the
thread, which asyncio.run of later tests would refuse to nest in.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# Of Chromium's own talk to its makers nothing is wanted; it is none of the page's requests.
FLAGS: Final = (
    "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--hide-scrollbars",
)  # fmt: skip
WAIT_MS: Final = 30_000

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
"""Skips a test, with its reason, where there is no browser; the fixtures skip by themselves."""


@dataclass
class Opened:
    """One page, open in its own context, and all that it has uttered since.

    Attributes:
        page: Playwright's page.
        url: the file's address.
        console: messages of the console, `error: text` and so on: whatever a page says there is too much.
        errors: errors that no script caught.
        requests: addresses that were asked for, but for the file itself and `data:`.
    """

    page: Page
    url: str
    console: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def utterances(self) -> list[str]:
        """Console messages, errors and requests: a calm page has none."""
        return [*self.console, *self.errors, *(f"request: {url}" for url in self.requests)]

    def owned(self) -> bool:
        """Whether a text of `hostile_texts.RUNNING` has run."""
        return bool(self.page.evaluate("window.owned === 1"))

    def axe(self, context: str | None = None) -> list[str]:
        """Serious and critical findings of axe-core, each with its first three places, in the page as it is now."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page, context=context).response["violations"]
        return [_finding(one) for one in found if one["impact"] in ("serious", "critical")]

    def overflow(self) -> int:
        """By how many pixels the page is wider than its window; 0 if it scrolls in one direction only."""
        width: int = self.page.evaluate(
            "Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)"
        )
        return width

    def colours(self) -> tuple[int, int]:
        """Brightness of the text and of the page behind it, 0 black to 255 white."""
        read = "(({color, backgroundColor}) => [color, backgroundColor])(getComputedStyle(document.body))"
        ink, paper = (sum(map(int, re.findall(r"\d+", one)[:3])) // 3 for one in self.page.evaluate(read))
        return ink, paper

    def first_paint_ms(self) -> float:
        """Milliseconds from the start of the navigation to the first contentful paint (PerformancePaintTiming)."""
        paint = "performance.getEntriesByName('first-contentful-paint').map(entry => entry.startTime)[0] ?? -1"
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))")
        return float(self.page.evaluate(paint))

    def time_ms(self, action: str) -> float:
        """Milliseconds that a piece of script keeps the page busy: its work, and the layout it makes necessary."""
        timed = "() => {const t = performance.now(); " + action + "; document.body.offsetHeight; " \
            "return performance.now() - t;}"  # fmt: skip
        return float(self.page.evaluate(timed))


OpenPage = Callable[..., Opened]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless; skips where there is none."""
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS), chromium_sandbox=False)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    """Opens a file: `open_page(path, width=…, dark=…, …)`, options as for `opened_in`."""
    with ExitStack() as closing:

        def opener(path: Path, **options: Any) -> Opened:
            opened = opened_in(chromium, path, **options)
            closing.callback(opened.page.context.close)
            return opened

        yield opener


def opened_in(
    browser: Browser,
    path: Path,
    *,
    width: int = 1024,
    height: int = 900,
    dark: bool = False,
    printed: bool = False,
    reduced_motion: bool = False,
    script: bool = True,
    fragment: str = "",
) -> Opened:
    """Open a file in a context of its own; the caller closes `page.context`.

    Args:
        browser: of `chromium`.
        path: the file.
        width: of the window, pixels.
        height: of the window, pixels.
        dark: the reader prefers dark colours.
        printed: the page is laid out as on paper.
        reduced_motion: the reader prefers that nothing moves.
        script: whether the page may run any.
        fragment: of the address, with its `#`.
    """
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce" if reduced_motion else "no-preference",
        java_script_enabled=script,
    )
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    if printed:
        page.emulate_media(media="print")
    opened = Opened(page, path.as_uri())
    page.on("console", lambda message: opened.console.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: opened.errors.append(str(error)))
    page.on("request", lambda request: _record(opened, request.url))
    page.goto(opened.url + fragment, wait_until="load")
    return opened


def _record(opened: Opened, url: str) -> None:
    if url.partition("#")[0] != opened.url and not url.startswith("data:"):
        opened.requests.append(url)


def _finding(violation: dict[str, Any]) -> str:
    places = ", ".join(" ".join(map(str, node["target"])) for node in violation["nodes"][:3])
    return f"{violation['id']} ({violation['impact']}): {violation['help']}: {places}"
