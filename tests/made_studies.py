"""Small studies for the labelling page, and a client that asks its server as the page does."""

from __future__ import annotations

import http.client
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from panel_eval.labelling import LabellingServer, Study, StudyItem
from panel_eval.schema import Criterion, Label, Rubric

Serve = Callable[..., LabellingServer]
"""Starts a server: the fixture of tests/labelling."""
LABELS = ("mild", "moderate", "severe")
RUBRIC = Rubric(
    task="severity",
    description="How severe is it?",
    scale="ordinal",
    labels=[Label(name=name, definition=f"It is {name}.", anchors=[f"A {name} case."]) for name in LABELS],
    criteria=[Criterion(name="size", description="How large it is.", anchors={"severe": "over 20 mm"})],
)


def made_study(items: int = 6, **changes: Any) -> Study:
    """A study of numbered items."""
    made = tuple(StudyItem(f"item-{row}", {"text": f"finding {row}"}) for row in range(items))
    return Study(**{"rubric": RUBRIC, "items": made, **changes})


def write_study(folder: Path, items: int = 6) -> tuple[Path, Path]:
    """The same study as files: items, rubric."""
    file = folder / "items.jsonl"
    lines = [{"item_id": item.item_id, "content": item.content} for item in made_study(items).items]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    rubric = folder / "rubric.yaml"
    rubric.write_text(json.dumps(RUBRIC.model_dump(exclude_none=True)))  # JSON is YAML
    return file, rubric


@dataclass(frozen=True)
class Reply:
    """Status, headers and text of a response."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass(frozen=True)
class Client:
    """Asks a labelling server as the page of one link does; headers can be changed, None leaves one out."""

    link: str

    def ask(self, path: str, body: Any, **headers: str | None) -> Reply:
        url = urlsplit(self.link)
        base: dict[str, str | None] = {
            "Host": url.netloc,
            "Origin": f"http://{url.netloc}",
            "Sec-Fetch-Site": "same-origin",
            "Content-Type": "application/json",
            "X-Labelling-Key": url.fragment.removeprefix("key="),
        }
        base |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.send(
            "POST", f"/api/{path}", data, {name: value for name, value in base.items() if value is not None}
        )

    def get(self, path: str, **headers: str) -> Reply:
        return self.send("GET", path, None, {"Host": urlsplit(self.link).netloc, **headers})

    def send(self, method: str, path: str, data: bytes | None, headers: dict[str, str]) -> Reply:
        url = urlsplit(self.link)
        connection = http.client.HTTPConnection("127.0.0.1", url.port, timeout=30)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            if data is not None:
                connection.putheader("Content-Length", str(len(data)))
            connection.endheaders(data)
            response = connection.getresponse()
            return Reply(response.status, dict(response.getheaders()), response.read().decode())
        finally:
            connection.close()

    def save(self, reviewer: str, item_id: str, label: str | None, **more: Any) -> Reply:
        body = {
            "reviewer": reviewer,
            "item_id": item_id,
            "label": label,
            "seen": 0,
            "save_id": secrets.token_hex(8),
        }
        return self.ask("save", body | more)


def replace_rubric(study: Study, rubric: Rubric) -> Study:
    """A study by another rubric."""
    return Study(rubric, study.items, study.reviewers, in_order=study.in_order)
