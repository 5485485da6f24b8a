"""What a provider's batch service can do, and how the state of a batch is read from what it says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from panel_eval.errors import shorten
from panel_eval.judges.secrecy import without_keys
from panel_eval.judges.wire import TransportError, WireRequest

TAG_KEY = "panel_eval"
"""Key in a batch's metadata under which it carries our tag, so that it can be found again."""

COMPLETION_WINDOW = "24h"
ENDPOINT = "/v1/chat/completions"

_ENDED = frozenset({"completed", "failed", "expired", "cancelled"})
_WORDS = 300


@dataclass(frozen=True)
class BatchStatus:
    """A batch as its provider sees it.

    Attributes:
        batch_id: the provider's name for it.
        state: validating, in_progress, finalizing, completed, failed, expired, cancelling, cancelled, or whatever
            else the provider says.
        input_file: the file that its requests came from.
        output_file: the file with answers, if there is one by now.
        error_file: the file with requests that failed, if there is one.
        completed, failed, total: requests, as the provider counts them.
        trouble: why the whole batch failed, in words; empty if it did not.
        tag: our tag in its metadata, if it carries one.
    """

    batch_id: str
    state: str
    input_file: str | None = None
    output_file: str | None = None
    error_file: str | None = None
    completed: int = 0
    failed: int = 0
    total: int = 0
    trouble: str = ""
    tag: str | None = None

    @property
    def ended(self) -> bool:
        """Nothing more will come of it; what came is in its files."""
        return self.state in _ENDED


class BatchBackend(Protocol):
    """One account at one provider, as far as batches go. All calls are sent once; nothing is retried.

    Every method raises a `TransportError` where there is no usable answer. That says nothing about whether the
    provider acted, if the error is retryable; it may have, if it `may_be_billed`.
    """

    async def begin(self) -> None:
        """Get ready: import what is needed. Called once, before `body`."""
        ...

    async def check_service(self) -> None:
        """Ask whether there is a batch service at all; a `TransportError` with status 404, 405 or 501 says no."""
        ...

    def body(self, request: WireRequest) -> dict[str, Any]:
        """The chat request as it stands in a batch's line: the body of the live request."""
        ...

    async def upload(self, requests: Path) -> str:
        """Upload a file of request lines.

        Returns:
            The provider's name for it.
        """
        ...

    async def create(self, file_id: str, tag: str) -> BatchStatus:
        """Submit an uploaded file as a batch that carries the tag. From here on it is paid for."""
        ...

    async def find(self, tag: str, file_id: str | None) -> list[BatchStatus]:
        """The batches of this account that carry the tag, or were made from the file, oldest first."""
        ...

    async def status(self, batch_id: str) -> BatchStatus:
        """How far a batch is."""
        ...

    async def download(self, file_id: str, target: Path) -> None:
        """Write the content of a provider's file to `target`."""
        ...

    async def cancel(self, batch_id: str) -> None:
        """Ask for the end of a batch; what it has answered by then is kept and billed."""
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...


def read_status(said: Any, keys: Iterable[str | None] = ()) -> BatchStatus:
    """A batch object, as a mapping or as a litellm object.

    Args:
        said: the object.
        keys: keys to keep out of what it says is wrong.

    Raises:
        TransportError: it names no batch or no state (kind ``server``).
    """
    batch_id, state = field(said, "id"), field(said, "status")
    if not (isinstance(batch_id, str) and batch_id and isinstance(state, str)):
        what = "the provider's answer is no batch: it lacks an id or a status"
        raise TransportError("server", what, may_be_billed=True)
    counts = field(said, "request_counts")
    return BatchStatus(
        batch_id=batch_id,
        state=shorten(state, 40),
        input_file=_name(field(said, "input_file_id")),
        output_file=_name(field(said, "output_file_id")),
        error_file=_name(field(said, "error_file_id")),
        completed=_count(field(counts, "completed")),
        failed=_count(field(counts, "failed")),
        total=_count(field(counts, "total")),
        trouble=_trouble(field(said, "errors"), keys),
        tag=_name(field(field(said, "metadata"), TAG_KEY)),
    )


def field(value: Any, name: str) -> Any:
    """A field of a mapping or an object; None if there is none."""
    return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)


def read_file_id(said: Any) -> str:
    """The id of a file object.

    Raises:
        TransportError: it has none (kind ``server``).
    """
    file_id = _name(field(said, "id"))
    if file_id is None:
        raise TransportError("server", "the provider's answer is no file: it lacks an id")
    return file_id


def _name(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def _trouble(errors: Any, keys: Iterable[str | None]) -> str:
    data = field(errors, "data")
    messages = [field(each, "message") for each in data] if isinstance(data, list) else []
    text = "; ".join(message for message in messages[:3] if isinstance(message, str))
    return shorten(without_keys(text, keys), _WORDS)
