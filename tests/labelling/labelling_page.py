"""A reviewer at the labelling page in Chromium, and a server in a process of its own that can be killed."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from browser import WAIT_MS, Opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


class ServerProcess:
    """`panel-eval label` on files of a folder: started, killed, started again at the same port."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder, self.arguments = folder, arguments
        self.links: dict[str, str] = {}
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "panel_eval", "label", "items.jsonl", "--rubric", "rubric.yaml"]
        self.program = subprocess.Popen(
            [*command, *self.arguments],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.program.stdout is not None
        for line in self.program.stdout:
            if found := re.match(r"\s*(\S+): (http://127\.0\.0\.1:\d+/#key=\S+)", line):
                self.links[found[1]] = found[2]
                if found[1] in ("anybody", "Open"):
                    return
        raise AssertionError("the server did not start")

    def kill(self) -> None:
        self.program.kill()
        self.program.communicate()

    def freeze(self) -> None:
        """It takes connections and reads nothing: requests are under way from then on."""
        self.program.send_signal(signal.SIGSTOP)

    def stop(self) -> int:
        self.program.send_signal(signal.SIGINT)
        self.program.communicate(timeout=30)
        return self.program.returncode


@dataclass
class Desk:
    """One reviewer's window."""

    opened: Opened

    @property
    def page(self) -> Page:
        return self.opened.page

    @property
    def item(self) -> str:
        return self.page.locator(".heading .id").inner_text()

    @property
    def place(self) -> str:
        return self.page.locator("#place").inner_text()

    @property
    def is_done(self) -> bool:
        return self.page.locator(".done").count() == 1

    @property
    def unsent(self) -> int:
        return int(self.page.locator("body").get_attribute("data-unsent") or 0)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def wait_saved(self) -> None:
        from playwright.sync_api import expect

        expect(self.page.locator("body")).to_have_attribute("data-unsent", "0", timeout=WAIT_MS)

    def begin(self) -> None:
        self.page.locator("#begin").wait_for()
        self.press("Enter")
        self.page.locator("#form").wait_for()


def open_desk(
    browser: Browser,
    link: str,
    *,
    context: Any = None,
    width: int = 1280,
    height: int = 850,
    dark: bool = False,
    touch: bool = False,
) -> Desk:
    """Open a link in a context of its own, or as a further window of one."""
    scheme = "dark" if dark else "light"
    context = context or browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, has_touch=touch, is_mobile=touch
    )
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    opened = Opened(page, link)
    home = urlsplit(link).netloc
    page.on("console", lambda message: opened.console.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: opened.errors.append(str(error)))
    page.on("request", lambda one: None if urlsplit(one.url).netloc == home else opened.requests.append(one.url))
    page.goto(link)
    page.locator("main > *").first.wait_for()
    return Desk(opened)


def answers_in(path: Path) -> dict[tuple[str, str], tuple[str, float | None, str | None]]:
    """(reviewer, item) to label, confidence and evidence, as they stand in a label file."""
    return {
        (one["reviewer"], record["item_id"]): (one["label"], one["confidence"], one["evidence"])
        for record in map(json.loads, path.read_bytes().splitlines())
        for one in record["rationales"]
    }


OpenDesk = Callable[..., Desk]
"""Opens a link for a reviewer."""
