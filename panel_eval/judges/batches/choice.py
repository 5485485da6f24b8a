"""Which batch service a judge's votes can go to, and which account that is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from panel_eval.judges.batches.backend import BatchBackend
from panel_eval.judges.batches.direct_batches import DirectBatches
from panel_eval.judges.batches.litellm_batches import LiteLLMBatches
from panel_eval.judges.batches.mistral_batches import MISTRAL, MistralBatches
from panel_eval.judges.direct_transport import NO_KEY, OPENAI, DirectTransport
from panel_eval.judges.instrument import public_url
from panel_eval.judges.judge import Judge
from panel_eval.judges.litellm_transport import LiteLLMTransport, import_litellm

_KEY_VARIABLES: Mapping[str, tuple[str, ...]] = {
    "openai": ("OPENAI_API_KEY",),
    "azure": ("AZURE_OPENAI_API_KEY", "AZURE_API_KEY"),
    "mistral": ("MISTRAL_API_KEY",),
    "vertex_ai": ("VERTEXAI_PROJECT",),  # Google's batches belong to a project, whoever logs in to it
}
"""Providers with batches, and the variables that tell their accounts apart; the first that is set counts."""

_OPENAI_SHAPED = ("hosted_vllm", "litellm_proxy", "openai")
_OPENAI_BASES = ("OPENAI_BASE_URL", "OPENAI_API_BASE")
_OPENAI_HEADERS = {"OPENAI_ORGANIZATION": "OpenAI-Organization", "OPENAI_ORG_ID": "OpenAI-Organization",
                   "OPENAI_PROJECT_ID": "OpenAI-Project"}  # fmt: skip


@dataclass(frozen=True)
class BatchAccount:
    """Where a judge's batches go.

    Attributes:
        backend: the service.
        name: the account in words: provider or server, and the variable that holds the key.
        secret: the key, to tell this account from others by a fingerprint; written down nowhere.
        certain: whether it is known to have a batch service; a server of one's own may have none.
    """

    backend: BatchBackend
    name: str
    secret: str
    certain: bool

    def __repr__(self) -> str:
        return f"BatchAccount({self.name!r})"


def batches_of(judge: Judge) -> BatchAccount | str:
    """The batch service for a judge; in words why there is none, if its votes have to be asked for live."""
    config = judge.config
    direct = isinstance(judge.transport, DirectTransport)
    if not (direct or isinstance(judge.transport, LiteLLMTransport)) or config.model.startswith("local/"):
        return "it asks no provider"
    provider, model = _provider_and_model(config.model)
    if direct or (provider in _OPENAI_SHAPED and (config.api_base or provider == "openai")):
        return _openai_account(model, config.api_base, config.api_key_env)
    if provider not in _KEY_VARIABLES or (provider == "vertex_ai" and config.api_base):
        return f"{provider} has no batches that panel-eval can use"
    variable = _variable(_KEY_VARIABLES[provider], config.api_key_env)
    key = os.environ.get(variable) or None
    place = provider if config.api_base is None else public_url(config.api_base)
    backend: BatchBackend
    if provider == "mistral":
        backend = MistralBatches(model, config.api_base or MISTRAL, key)
    else:
        backend = LiteLLMBatches(provider, model, config.api_base, None if provider == "vertex_ai" else key)
    return BatchAccount(backend, f"{place}, {variable}", key or "", certain=True)


def _openai_account(model: str, api_base: str | None, key_variable: str | None) -> BatchAccount:
    """OpenAI, or a server that speaks like it. Another server is never sent OpenAI's key."""
    if api_base is not None:
        key = os.environ.get(key_variable or "") or NO_KEY
        name = f"{public_url(api_base)}, {key_variable or 'no key'}"
        return BatchAccount(DirectBatches(model, api_base, key), name, key, certain=False)
    variable = _variable(_KEY_VARIABLES["openai"], key_variable)
    key = os.environ.get(variable) or NO_KEY
    elsewhere = next((os.environ[name] for name in _OPENAI_BASES if os.environ.get(name)), None)
    headers = {header: os.environ[name] for name, header in _OPENAI_HEADERS.items() if os.environ.get(name)}
    name = f"{'openai' if elsewhere is None else public_url(elsewhere)}, {variable}"
    backend = DirectBatches(model, elsewhere or OPENAI, key, headers)
    return BatchAccount(backend, name, key, certain=elsewhere is None)


def _variable(usual: tuple[str, ...], named: str | None) -> str:
    """The environment variable that holds the key."""
    names = (named,) if named else usual
    return next((name for name in names if os.environ.get(name)), names[0])


def _provider_and_model(name: str) -> tuple[str, str]:
    """The provider as litellm calls it, and the model as that provider knows it."""
    head, slash, rest = name.partition("/")
    if slash and (head in _KEY_VARIABLES or head in _OPENAI_SHAPED):
        return head, rest
    try:
        model, provider, _, _ = import_litellm().get_llm_provider(name)
    except Exception:  # litellm is missing or knows no such model; a live request will say so
        return head, rest or name
    return str(provider), str(model)
