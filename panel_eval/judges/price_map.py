"""Prices of known models, from the list that litellm ships. litellm is not imported: that would take seconds.

A model that the list does not know, or has no price for, or a price of zero for, has no known price: a list that
says nothing must not make a budget believe that votes are free.

The list's regional surcharges, off-peak discounts and priority tiers are left out: requests are priced at the
standard rate of the model that the panel names.
"""

from __future__ import annotations

import functools
import importlib.metadata
import importlib.util
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from panel_eval.judges.price_rows import price_in_row
from panel_eval.judges.pricing import TokenPrice, free_price, panel_price
from panel_eval.schema import Judge

_FILE = "model_prices_and_context_window_backup.json"
_LARGEST_FILE = 100_000_000
_BEDROCK_ROUTES = ("converse/", "invoke/", "chat_completions/")
_OPENAI_BASES = ("OPENAI_BASE_URL", "OPENAI_API_BASE")
_OPENAI_HOST = "://api.openai.com/"
_SEARCHING = re.compile(r"(?:^|[-/])(?:deep-research|search|sonar)(?:-|$)")
"""Models that search the web for every request, which is charged for beside the tokens."""

_FREE_KINDS = {"local": "local model", "fake": "scripted judge", "replay": "recorded votes"}


def judge_price(config: Judge) -> TokenPrice | None:
    """What a judge's tokens cost; None where nobody knows.

    The panel's own price goes first. Local, scripted and recorded judges cost nothing. The list holds the prices of
    the providers' own servers, so it says nothing about a judge whose requests go to another one.
    """
    if config.price is not None:
        return panel_price(config.price)
    kind = config.model.partition("/")[0]
    if kind in _FREE_KINDS:
        return free_price(_FREE_KINDS[kind])
    if config.api_base is not None or _sent_elsewhere(config.model):
        return None
    return listed_price(config.model)


def _sent_elsewhere(model: str) -> bool:
    """Whether the environment sends OpenAI's models to another server, whose prices nobody here knows."""
    bases = [os.environ[name] for name in _OPENAI_BASES if os.environ.get(name)]
    if not bases or _OPENAI_HOST in bases[0]:
        return False
    prefix, slash, _ = model.partition("/")
    row = _rows().get(model)
    return prefix == "openai" if slash else isinstance(row, Mapping) and row.get("litellm_provider") == "openai"


def listed_price(model: str) -> TokenPrice | None:
    """The price of a litellm model name in litellm's list; None if that has none, or not the whole of it."""
    if _SEARCHING.search(model):
        return None
    for name, provider in _names(model):
        row = _rows().get(name)
        if isinstance(row, Mapping) and _fits(row, provider):
            return price_in_row(row, f"litellm {_version()} price list: {name}")
    return None


def _names(model: str) -> Iterator[tuple[str, str | None]]:
    """The rows that may stand for a model, best first, each with the provider that the row must have.

    As litellm looks them up: the whole name; the name after the provider, if the row is that provider's; the name
    of a fine-tuned model without its suffixes.
    """
    yield model, None
    provider, slash, name = model.partition("/")
    if not slash:
        provider, name = "openai", model
    elif provider == "bedrock":
        for route in _BEDROCK_ROUTES:
            name = name.removeprefix(route)
    if slash:
        yield name, provider
    if name.startswith("ft:"):
        yield ":".join(name.split(":")[:2]), provider


def _fits(row: Mapping[str, Any], provider: str | None) -> bool:
    """Whether a row is that of a provider; one row of bedrock or vertex_ai serves several of its interfaces."""
    if provider is None:
        return True
    own = row.get("litellm_provider")
    if not isinstance(own, str):
        return False
    return own == provider or (provider in {"bedrock", "vertex_ai", "fireworks_ai"} and own.startswith(provider))


@functools.cache
def _rows() -> Mapping[str, Any]:
    """The list; empty where litellm is not installed or its list cannot be read."""
    try:
        found = importlib.util.find_spec("litellm")
        folders = [] if found is None else list(found.submodule_search_locations or [])
        path = Path(folders[0]) / _FILE
        if path.stat().st_size > _LARGEST_FILE:
            return {}
        rows = json.loads(path.read_bytes())
    except (ImportError, IndexError, OSError, ValueError, RecursionError):
        return {}
    return rows if isinstance(rows, Mapping) else {}


@functools.cache
def _version() -> str:
    try:
        return importlib.metadata.version("litellm")
    except importlib.metadata.PackageNotFoundError:
        return "(unknown version)"
