"""Judges behind an API: by which transport they are asked, on which server, with which key, on whose account."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from panel_eval import schema
from panel_eval.errors import JudgeSetupError
from panel_eval.judges.direct_transport import OPENAI, DirectTransport
from panel_eval.judges.instrument import public_url
from panel_eval.judges.judge import Account, Route
from panel_eval.judges.litellm_transport import LiteLLMTransport
from panel_eval.judges.wire import Transport

CONCURRENCY = 64
"""Calls in flight at once where the panel sets no limit; the engine begins lower and follows what is taken."""

SAME_BODIES = ("openai", "hosted_vllm", "lm_studio", "llamafile", "litellm_proxy", "custom_openai")
"""litellm's prefixes under which it sends, to the server of `api_base`, the very bodies that `direct` sends."""

_OPENAI_KEY = "OPENAI_API_KEY"
_OPENAI_BASES = ("OPENAI_BASE_URL", "OPENAI_API_BASE")
_OPENAI_HEADERS = {"OPENAI_ORGANIZATION": "OpenAI-Organization", "OPENAI_ORG_ID": "OpenAI-Organization",
                   "OPENAI_PROJECT_ID": "OpenAI-Project"}  # fmt: skip
_OPENAI_FAMILIES = frozenset({"gpt", "chatgpt", "o1", "o3", "o4"})
_OTHER_KEYS = {"together_ai": "TOGETHERAI_API_KEY", "perplexity": "PERPLEXITYAI_API_KEY",
               "vertex_ai": "GOOGLE_APPLICATION_CREDENTIALS", "bedrock": "AWS_ACCESS_KEY_ID"}  # fmt: skip

_PATHS = frozenset({"GOOGLE_APPLICATION_CREDENTIALS"})
"""Variables that hold the path of a key, not the key."""


@dataclass(frozen=True)
class _Place:
    """Where requests go.

    Attributes:
        name: the provider, or the server's URL.
        variable: environment variable that holds the key; None = no key is sent.
        key: what it holds.
    """

    name: str
    variable: str | None
    key: str | None

    @property
    def account(self) -> Account:
        """The account, told apart from others by a digest of place and key."""
        secret = hashlib.sha256(f"{self.name}\n{self.key or ''}".encode()).hexdigest()
        return Account(f"{self.name} ({self.variable or 'no key'})", secret, self.variable)


def hosted_judge(config: schema.Judge) -> tuple[Transport, Route]:
    """The transport and the route of a judge behind an API. The transport is no part of the instrument.

    Raises:
        JudgeSetupError: its key is missing or none, or `transport: direct` cannot speak to it.
    """
    place = _place(config)
    _check_key(place)
    route = replace(hosted_route(config), account=place.account)
    if config.transport == "direct":
        return _direct(config, place), route
    named_key = place.key if config.api_key_env is not None else None
    return LiteLLMTransport(config.api_base, named_key, secret=place.key), route


def hosted_route(config: schema.Judge) -> Route:
    """The route of a judge behind an API, as far as it can be told without the environment: it names no account."""
    identity = {"base_url": None if config.api_base is None else public_url(config.api_base)}
    return Route(config.model, identity, concurrency=CONCURRENCY, remote=True)


def _direct(config: schema.Judge, place: _Place) -> DirectTransport:
    prefix, _, name = config.model.partition("/")
    if prefix not in SAME_BODIES or not name:
        example = f"openai/{name or prefix}"
        raise JudgeSetupError(
            f"transport: direct speaks OpenAI's API only; write model: {example} and the server's api_base, "
            "or leave transport out to go through litellm"
        )
    if config.api_base is not None:
        return DirectTransport(config.api_base, place.key)
    if prefix != "openai":
        raise JudgeSetupError(
            "transport: direct needs the server's address; write api_base: http://HOST:PORT/v1, "
            "or leave transport out"
        )
    if place.key is None:
        raise JudgeSetupError(f"the environment variable {_OPENAI_KEY} is not set; put the key there")
    named = {header: os.environ[name] for name, header in _OPENAI_HEADERS.items() if os.environ.get(name)}
    return DirectTransport(_openai_base(), place.key, named)


def key_variable(config: schema.Judge) -> str | None:
    """The environment variable that the key of a judge behind an API is taken from; None = no key is sent."""
    if config.api_key_env is not None or config.api_base is not None:
        return config.api_key_env
    provider = _provider(config.model)
    return _OTHER_KEYS.get(provider, f"{provider.upper()}_API_KEY")


def _place(config: schema.Judge) -> _Place:
    """Where a judge's requests go, by the rules of litellm.

    Raises:
        JudgeSetupError: the variable named for the key is not set.
    """
    variable = key_variable(config)
    key = None if variable is None else os.environ.get(variable) or None
    if config.api_key_env is not None and key is None:
        raise JudgeSetupError(f"the environment variable {variable} is not set; put the key there")
    if config.api_base is not None:
        return _Place(_server(config.api_base), variable, key)
    provider = _provider(config.model)
    return _Place(_server(_openai_base()) if provider == "openai" else provider, variable, key)


def _check_key(place: _Place) -> None:
    """A line break at the end of a secret is sent by nobody, and looks like an outage afterwards.

    Raises:
        JudgeSetupError: the key holds what no HTTP header can hold.
    """
    key = place.key or ""
    if place.variable not in _PATHS and not (key.isascii() and key.isprintable()):
        raise JudgeSetupError(
            f"the key in {place.variable} holds a line break or a character that no HTTP header can hold"
        )


def _server(url: str) -> str:
    """The name of the server behind a URL."""
    return "openai" if urlsplit(url).hostname == urlsplit(OPENAI).hostname else public_url(url)


def _openai_base() -> str:
    """Where requests for OpenAI go; litellm and OpenAI's own client obey the same variables."""
    return next((os.environ[name] for name in _OPENAI_BASES if os.environ.get(name)), OPENAI)


def _provider(model: str) -> str:
    """The provider in a model's name; well-known names stand without one."""
    prefix, slash, _ = model.partition("/")
    if slash:
        return prefix
    family = model.partition("-")[0]
    return "anthropic" if family == "claude" else "openai" if family in _OPENAI_FAMILIES else model
