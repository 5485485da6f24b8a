"""The panel contract: which judges are asked, how, and how their votes are pooled."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from panel_eval.schema.base import SCHEMA_VERSION, FileModel
from panel_eval.schema.deferral_settings import DeferralSettings
from panel_eval.schema.gate_settings import GateSettings

Elicitation = Literal["vote", "distribution", "logprobs"]

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")


_Usd = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]


class Price(FileModel):
    """What a model costs, when the price map does not know it or is wrong. US dollars per million tokens."""

    input_usd_per_mtok: _Usd = Field(description="Input tokens.")
    output_usd_per_mtok: _Usd = Field(description="Output tokens.")
    cached_input_usd_per_mtok: _Usd | None = Field(
        default=None, description="Input tokens served from the provider's cache; null = as input."
    )
    cache_write_usd_per_mtok: _Usd | None = Field(
        default=None, description="Input tokens written to the provider's cache; null = as input."
    )
    reasoning_usd_per_mtok: _Usd | None = Field(
        default=None, description="Output tokens spent on reasoning; null = as output."
    )
    batch_input_usd_per_mtok: _Usd | None = Field(
        default=None, description="Input tokens of provider batches; null = as input."
    )
    batch_output_usd_per_mtok: _Usd | None = Field(
        default=None, description="Output tokens of provider batches; null = as output."
    )


class Limits(FileModel):
    """How hard a judge may be driven. Below these ceilings the pace follows what the provider takes."""

    concurrency: int | None = Field(
        default=None,
        ge=1,
        le=1000,
        description="Most calls in flight at once; null = 64, for local and scripted judges 8.",
    )
    rpm: int | None = Field(default=None, ge=1, description="Most requests a minute; null = no limit.")
    tpm: int | None = Field(default=None, ge=1, description="Most tokens a minute, in and out; null = no limit.")
    outage_s: float | None = Field(
        default=None,
        ge=0.0,
        allow_inf_nan=False,
        description="Longest outage of the provider that is waited out, in seconds, before the judge is given up; "
        "null = 1800, for local and scripted judges 0.",
    )


class Budget(FileModel):
    """Hard limits of what a run may spend, over all judges and all times it was gone on with."""

    usd: float | None = Field(default=None, gt=0.0, allow_inf_nan=False, description="US dollars; null = no limit.")
    tokens: int | None = Field(default=None, ge=1, description="Tokens, in and out; null = no limit.")


class Judge(FileModel):
    """One judge: a model, how it is asked, and its sampling settings."""

    id: str = Field(description="Name of the judge in votes and reports; letters, digits, '.', '_', '-'.")
    model: str = Field(
        min_length=1,
        description="A litellm model name, `local/NAME-or-path.gguf`, `fake/SCRIPT.yaml` or `replay/VOTES.jsonl`.",
    )
    elicit: Elicitation = Field(default="vote", description="How the judge is asked.")
    samples: int = Field(default=1, ge=1, le=1000, description="Votes per item.")
    label_orders: Literal["fixed", "balanced"] = Field(
        default="balanced", description="Order in which labels are listed: rubric order, or a Latin square."
    )
    prompt: str | None = Field(
        default=None, description="Prompt template; default: the panel's, then the elicitation's."
    )
    temperature: float | None = Field(
        default=None, ge=0.0, le=2.0, description="Sampling temperature; null = model's."
    )
    top_p: float | None = Field(
        default=None, gt=0.0, le=1.0, description="Nucleus sampling; null = model's default."
    )
    max_tokens: int = Field(default=1024, ge=1, description="Longest answer, in tokens.")
    timeout_s: float = Field(default=60.0, gt=0.0, description="Seconds before one call is given up.")
    api_base: str | None = Field(default=None, description="Base URL of an OpenAI-compatible server.")
    api_key_env: str | None = Field(
        default=None, description="NAME of the environment variable that holds the key; never the key itself."
    )
    transport: Literal["litellm", "direct"] | None = Field(
        default=None,
        description="What carries requests: litellm (any provider), or direct for OpenAI-compatible servers; "
        "null = direct for local judges, else litellm.",
    )
    limits: Limits = Field(default_factory=Limits)
    price: Price | None = Field(default=None, description="Overrides the price map.")
    weight: float = Field(default=1.0, gt=0.0, le=1e9, description="Weight in the linear pool.")

    @field_validator("id")
    @classmethod
    def _id_is_a_plain_name(cls, value: str) -> str:
        if not _NAME.match(value):
            raise ValueError("must be 1 to 64 letters, digits, '.', '_' or '-', beginning with a letter or digit")
        return value

    @field_validator("api_base")
    @classmethod
    def _holds_no_key(cls, value: str | None) -> str | None:
        """run.json repeats the panel, so a key in the URL would stand in a file."""
        if value is None:
            return None
        try:
            parts = urlsplit(value)
            known = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        except ValueError:
            known = False
        if not known:
            raise ValueError("must be a URL such as http://127.0.0.1:8000/v1")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("must hold no user, password or query; put the key into the variable of api_key_env")
        return value

    @field_validator("api_key_env")
    @classmethod
    def _names_a_variable(cls, value: str | None) -> str | None:
        if value is not None and not re.match(r"^[A-Z_][A-Z0-9_]*$", value):
            raise ValueError("must be the NAME of an environment variable in capitals, such as OPENAI_API_KEY")
        return value


class Smoothing(FileModel):
    """Dirichlet smoothing of the panel's forecast: q = (m·q_raw + α·K·b) / (m + α·K)."""

    alpha: float = Field(default=0.5, gt=0.0, le=1e9, description="Pseudo-votes per label.")
    strength: float = Field(
        default=20.0, gt=0.0, le=1e9, description="How many votes one probability-valued vote counts as."
    )
    base: Literal["uniform"] | dict[str, float] = Field(default="uniform", description="What is smoothed towards.")


class FittedPooling(FileModel):
    """Judges joined as `panel-eval fit` learned it."""

    fitted: str = Field(min_length=1, description="A fitted.json, from the panel file's folder.")


class Panel(FileModel):
    """Several judges, the labels they are compared with, and how their votes are pooled."""

    schema_version: Literal[1] = Field(default=SCHEMA_VERSION, description="Version of this contract.")
    panel: str = Field(description="Name of the panel; part of the run directory's name.")
    rubric: str = Field(min_length=1, description="Rubric file, or the name of a shipped rubric.")
    labels: str = Field(min_length=1, description="Soft-label file (JSONL).")
    unlabelled: str | None = Field(
        default=None, description="File of items without human labels (JSONL) that judges are asked about as well."
    )
    content: str | None = Field(default=None, description="Second file with the items' content, joined on item_id.")
    prompt: str | None = Field(default=None, description="Prompt template for all judges; default: by elicitation.")
    judges: list[Judge] = Field(min_length=1)
    pooling: Literal["linear"] | FittedPooling = Field(
        default="linear", description="How judges are combined: their weighted mean, or as a fitted pool says."
    )
    smoothing: Smoothing | Literal["none"] = Field(default_factory=Smoothing)
    budget: Budget | None = Field(default=None, description="What a run may spend; null = no limit.")
    deferral: DeferralSettings | None = Field(
        default=None, description="What the panel may decide by itself; null = no policy is made."
    )
    gate: GateSettings | None = Field(
        default=None, description="What a run must show before it may replace the baseline; null = the defaults."
    )
    seed: int = Field(default=0, ge=0, le=2**32 - 1, description="Seeds vote order, label orders and intervals.")

    @field_validator("panel")
    @classmethod
    def _panel_is_a_plain_name(cls, value: str) -> str:
        if not _NAME.match(value):
            raise ValueError("must be 1 to 64 letters, digits, '.', '_' or '-', beginning with a letter or digit")
        return value

    @model_validator(mode="after")
    def _judges_are_distinct(self) -> Self:
        ids = [judge.id for judge in self.judges]
        if len(set(ids)) != len(ids):
            raise ValueError(f"judge ids must be unique; found {ids}")
        return self
