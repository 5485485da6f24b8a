"""What carrying out a run took: each time it was gone on with, and what it has spent. A part of `run.json`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panel_eval.schema.base import FileModel

EndedBy = Literal["done", "budget", "outage", "stop"]


class Spend(FileModel):
    """Money and tokens of a run, all its sessions together, reused votes left out."""

    usd: float = Field(default=0.0, description="Of answers that reported their tokens.")
    tokens: int = Field(default=0, description="In and out, of answers that reported them.")
    uncertain_usd: float = Field(
        default=0.0, description="At most so much more: requests without a readable answer, and sessions killed."
    )
    uncertain_tokens: int = Field(default=0, description="The same in tokens.")
    unpriced: int = Field(default=0, description="Votes whose price is not known; their USD are in no sum.")


class JudgeTraffic(FileModel):
    """What asking one judge took in one session."""

    requests: int = Field(default=0, description="Requests sent, retries and repairs included.")
    failures: dict[str, int] = Field(default_factory=dict, description="Requests that brought no reply, by kind.")
    waited_s: float = Field(default=0.0, description="Seconds that its votes waited for the provider, added up.")
    outages: int = Field(default=0, description="How often the judge was left alone for a while.")
    stopped_by: str | None = Field(default=None, description="Why the judge was given up, if it was.")


class AccountTraffic(FileModel):
    """How many requests at once one account took in one session."""

    highest: int = Field(description="Most requests under way at once.")
    limit: int = Field(description="How many might have been at the end.")
    cuts: int = Field(description="Episodes of 429, each of which cut the limit once.")
    rate_limited: int = Field(description="Replies 429.")


class Session(FileModel):
    """One time that a run was worked on."""

    started_at: str
    ended_at: str | None = Field(
        default=None, description="null: it is still going on, was killed, or ended by a fault."
    )
    ended_by: EndedBy | None = None
    votes_stored: int = Field(default=0, description="Votes stored for good in this session.")
    judges: dict[str, JudgeTraffic] = Field(default_factory=dict)
    accounts: dict[str, AccountTraffic] = Field(default_factory=dict)
