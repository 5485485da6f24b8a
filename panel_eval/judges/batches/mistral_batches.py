"""Mistral's batches: OpenAI's lines and files, but batches are called jobs and are spoken of in other words.

They are spoken to directly: litellm cannot list Mistral's jobs, so one whose id was lost could not be found again.

References:
    https://docs.mistral.ai/api/#tag/batch
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from panel_eval.judges.batches.backend import ENDPOINT, TAG_KEY, BatchStatus, read_status
from panel_eval.judges.batches.direct_batches import MOST_PAGES, PAGE, DirectBatches, in_path
from panel_eval.judges.wire import TransportError, WireRequest

MISTRAL = "https://api.mistral.ai/v1"

_STATES: Mapping[str, str] = {
    "QUEUED": "validating",
    "RUNNING": "in_progress",
    "SUCCESS": "completed",
    "FAILED": "failed",
    "TIMEOUT_EXCEEDED": "expired",
    "CANCELLATION_REQUESTED": "cancelling",
    "CANCELLED": "cancelled",
}


class MistralBatches(DirectBatches):
    """The batch service of one Mistral account. Arguments as of `DirectBatches`."""

    async def check_service(self) -> None:
        """List one job. Errors as `TransportError`."""
        await self._json("GET", "/batch/jobs", params={"page": "0", "page_size": "1"})

    def body(self, request: WireRequest) -> dict[str, Any]:
        """The body of the live request, in which Mistral calls the seed `random_seed`."""
        body = super().body(request)
        if "seed" in body:
            body["random_seed"] = body.pop("seed")
        return body

    async def create(self, file_id: str, tag: str) -> BatchStatus:
        """Submit an uploaded file as a job. Errors as `TransportError`."""
        job = {"input_files": [file_id], "endpoint": ENDPOINT, "model": self._model, "metadata": {TAG_KEY: tag}}
        return _read_job(await self._json("POST", "/batch/jobs", json=job), self._key)

    async def find(self, tag: str, file_id: str | None) -> list[BatchStatus]:
        """The jobs with this tag, or made from this file, oldest first. Errors as `TransportError`."""
        found: list[BatchStatus] = []
        for number in range(MOST_PAGES):
            params = {"page": str(number), "page_size": str(PAGE)}
            page = await self._json("GET", "/batch/jobs", params=params)
            data = page.get("data")
            some = [_read_job(each, self._key) for each in data] if isinstance(data, list) else []
            found += [each for each in some if each.tag == tag or (file_id and each.input_file == file_id)]
            if len(some) < PAGE:
                return found[::-1]
        raise TransportError("server", f"the list of jobs does not end after {MOST_PAGES} pages")

    async def status(self, batch_id: str) -> BatchStatus:
        """How far a job is. Errors as `TransportError`."""
        return _read_job(await self._json("GET", f"/batch/jobs/{in_path(batch_id)}"), self._key)

    async def cancel(self, batch_id: str) -> None:
        """Ask for the end of a job. Errors as `TransportError`."""
        await self._json("POST", f"/batch/jobs/{in_path(batch_id)}/cancel")


def _read_job(said: Any, key: str | None) -> BatchStatus:
    """A job in the words of an OpenAI batch."""
    job = said if isinstance(said, Mapping) else {}
    state, files, errors = job.get("status"), job.get("input_files"), job.get("errors")
    return read_status(
        {
            "id": job.get("id"),
            "status": _STATES.get(state, state) if isinstance(state, str) else None,
            "input_file_id": files[0] if isinstance(files, list) and files else None,
            "output_file_id": job.get("output_file"),
            "error_file_id": job.get("error_file"),
            "request_counts": {
                "total": job.get("total_requests"),
                "completed": job.get("succeeded_requests"),
                "failed": job.get("failed_requests"),
            },
            "errors": {"data": errors},
            "metadata": job.get("metadata"),
        },
        [key],
    )
