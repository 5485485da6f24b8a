"""The server behind the labelling page: its files, and three questions a page may ask.

`begin` gives a reviewer the rubric, the items in their order and their own answers; `save` stores an answer and
says so once it is on the disk; `changes` tells what the reviewer did in another window. No answer of anybody else,
and no count of them, is in any response.
"""

from __future__ import annotations

import asyncio
from importlib.resources import files
from typing import Any, TypeVar

from aiohttp import web
from pydantic import ValidationError

from panel_eval.errors import IncompleteError, InputError
from panel_eval.labelling.answers import Answer
from panel_eval.labelling.guard import KEY_HEADER, MOST_BYTES, guard, refusal
from panel_eval.labelling.links import ANYONE, Links
from panel_eval.labelling.store import LabelStore
from panel_eval.schema import FileModel
from panel_eval.schema.labelling_requests import Begin, Catch, Save

CATCH_UP_S = 0.5
_PAGE = {
    "/": ("index.html", "text/html"),
    "/label.css": ("label.css", "text/css"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
    **{
        f"/{name}.js": (f"{name}.js", "text/javascript")
        for name in (
            "main",
            "session",
            "keeping",
            "sending",
            "elements",
            "item",
            "guide",
            "overview",
            "keys",
            "clock",
        )
    },
}
_RequestT = TypeVar("_RequestT", bound=FileModel)


def application(store: LabelStore, links: Links) -> web.Application:
    """The web application of one study."""
    app = web.Application(middlewares=[guard], client_max_size=MOST_BYTES)
    for address, (name, kind) in _PAGE.items():
        app.router.add_get(address, _file(name, kind))
    asked = _Questions(store, links)
    app.router.add_post("/api/who", asked.who)
    app.router.add_post("/api/begin", asked.begin)
    app.router.add_post("/api/save", asked.save)
    app.router.add_post("/api/changes", asked.changes)
    app.cleanup_ctx.append(lambda _: _catching_up(store))
    return app


class _Questions:
    """What pages ask for, each checked for its key first."""

    def __init__(self, store: LabelStore, links: Links) -> None:
        self._store, self._links = store, links

    async def who(self, request: web.Request) -> web.Response:
        """Whose link it is: a reviewer's own one, or one that asks for a name."""
        owner = self._links.owner(_key(request), self._store.study.reviewers)
        if owner is None:
            return _stale()
        reviewers = self._store.study.reviewers if owner == ANYONE else (owner,)
        study = self._store.study
        return web.json_response(
            {
                "task": study.rubric.task,
                "items": len(study.items),
                "own": owner or None,
                "reviewers": list(reviewers),
            }
        )

    async def begin(self, request: web.Request) -> web.Response:
        """Everything a page needs to begin or go on."""
        admitted = await self._admitted(request, Begin)
        if isinstance(admitted, web.Response):
            return admitted
        reviewer, _ = admitted
        study, rubric = self._store.study, self._store.study.rubric
        own = self._store.changes(reviewer)
        return web.json_response(
            {
                "study": self._store.name,
                "reviewer": reviewer,
                "rubric": rubric.model_dump(
                    include={"task", "description", "scale", "labels", "criteria", "examples"}
                ),
                "requireConfidence": study.require_confidence,
                "items": [
                    {
                        "id": item.item_id,
                        "edition": study.editions[item.item_id],
                        "fields": study.shown_fields(item),
                    }
                    for item in study.order_for(reviewer)
                ],
                **_told(own),
            }
        )

    async def save(self, request: web.Request) -> web.Response:
        """Store an answer."""
        admitted = await self._admitted(request, Save)
        if isinstance(admitted, web.Response):
            return admitted
        reviewer, sent = admitted
        try:
            # Shielded: what is being written is not left half done by a page that goes away.
            saved = await asyncio.shield(asyncio.to_thread(self._store.save, reviewer, sent))
        except InputError as error:
            return refusal(422, str(error))
        except IncompleteError as error:
            return refusal(507, str(error))
        return web.json_response(
            {"version": saved.answer.version, "revision": saved.answer.revision, "overtook": saved.overtook}
        )

    async def changes(self, request: web.Request) -> web.Response:
        """What the reviewer did since a revision."""
        admitted = await self._admitted(request, Catch)
        if isinstance(admitted, web.Response):
            return admitted
        reviewer, sent = admitted
        return web.json_response(_told(self._store.changes(reviewer, sent.since)))

    async def _admitted(self, request: web.Request, model: type[_RequestT]) -> tuple[str, _RequestT] | web.Response:
        """The reviewer's spelling and what they sent, or a refusal."""
        key = _key(request)
        owner = self._links.owner(key, self._store.study.reviewers)
        if owner is None:
            return _stale()
        try:
            sent = model.model_validate_json(await request.read(), strict=True)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            return refusal(400, f"{'.'.join(map(str, first['loc']))}: {first['msg']}".lstrip(": "))
        try:
            reviewer = self._store.spelling(sent.reviewer)  # type: ignore[attr-defined]
        except InputError as error:
            return refusal(422, str(error))
        if owner not in (ANYONE, reviewer):
            return refusal(403, "this link is another reviewer's")
        return reviewer, sent


def _key(request: web.Request) -> str:
    return request.headers.get(KEY_HEADER, "")


def _stale() -> web.Response:
    return refusal(401, "this link is not complete, or is no longer valid")


def _told(own: dict[str, Answer]) -> dict[str, Any]:
    """A reviewer's own answers, and the revision that they bring the page to."""
    answers = {
        item_id: {
            "label": answer.label,
            "confidence": answer.event.confidence,
            "evidence": answer.event.evidence,
            "criterion": answer.event.criterion,
            "seconds": answer.event.seconds,
            "version": answer.version,
            "saveId": answer.event.save_id,
        }
        for item_id, answer in own.items()
    }
    return {"answers": answers, "revision": max((answer.revision for answer in own.values()), default=0)}


def _file(name: str, kind: str) -> Any:
    data = files("panel_eval.labelling").joinpath("page", name).read_bytes()

    async def serve(_: web.Request) -> web.Response:
        return web.Response(body=data, content_type=kind, charset="utf-8")

    return serve


async def _catching_up(store: LabelStore) -> Any:
    """Writes what a large label file has not caught up with, while the server runs."""

    async def again_and_again() -> None:
        while True:
            await asyncio.sleep(CATCH_UP_S)
            await asyncio.to_thread(store.catch_up)

    task = asyncio.create_task(again_and_again())
    yield
    task.cancel()
