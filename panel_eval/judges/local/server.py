"""A llama.cpp server inside this process: one per weights file, loopback only, with a key nobody else knows."""

from __future__ import annotations

import atexit
import importlib.util
import secrets
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from panel_eval.errors import JudgeSetupError
from panel_eval.judges.local.weights import Weights

SLOTS = 6
"""Requests worked on at once; each slot also keeps the prompt prefix of one label order ready."""

CONTEXT_TOKENS = 4096
"""Prompt and answer of one request, in tokens; the server holds this for each slot."""

INSTALL = "pip install 'panel-eval[local]'"


@dataclass
class LocalServer:
    """A running server.

    Attributes:
        base_url: OpenAI-compatible base URL on 127.0.0.1.
        api_key: the key that this process made up for it.
    """

    base_url: str
    api_key: str
    _server: Any

    def close(self) -> None:
        """Stop the server and free the weights; a second call does nothing."""
        self._server = None  # the binding stops the server when its last reference goes


_servers: dict[Path, LocalServer] = {}
_lock = threading.Lock()


def server_for(weights: Weights) -> LocalServer:
    """The process's server for these weights, started at the first call (about half a second).

    Raises:
        JudgeSetupError: xllamacpp is missing, or the file cannot be loaded.
    """
    with _lock:
        if weights.path not in _servers:
            _servers[weights.path] = start_server(weights)
        return _servers[weights.path]


def close_servers() -> None:
    """Stop every server of this process."""
    with _lock:
        for server in _servers.values():
            server.close()
        _servers.clear()


# At interpreter shutdown the binding's own threads must be gone before Python takes its modules down.
atexit.register(close_servers)


def start_server(weights: Weights, port: int = 0, api_key: str | None = None) -> LocalServer:
    """Start a server of one's own; `server_for` is the shared one.

    Args:
        weights: what to serve.
        port: 0 = any free port. A fixed one is for recording cassettes.
        api_key: default: a random one.

    Raises:
        JudgeSetupError: xllamacpp is missing, or the file cannot be loaded.
    """
    xllamacpp = _xllamacpp()
    key = api_key or secrets.token_urlsafe(24)
    try:
        server = xllamacpp.Server(_parameters(xllamacpp, weights, port, key))
    except Exception as error:  # the binding raises bare RuntimeError and ValueError
        raise JudgeSetupError(f"llama.cpp cannot serve {weights.path.name}: {error}") from None
    return LocalServer(f"{server.listening_address}/v1", key, server)


def local_server_installed() -> bool:
    """Whether the local model server can be imported here."""
    return importlib.util.find_spec("xllamacpp") is not None


def _xllamacpp() -> Any:
    try:
        import xllamacpp
    except ImportError as error:
        raise JudgeSetupError(f"local judges need xllamacpp ({error}); run: {INSTALL}") from None
    return xllamacpp


def _parameters(xllamacpp: Any, weights: Weights, port: int, key: str) -> Any:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights.path)
    parameters.model_alias = {weights.name}  # otherwise replies name the file's path on this machine
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = port
    parameters.api_keys = [key]
    parameters.ui = False
    parameters.endpoint_slots = False  # it would show prompts of other requests
    parameters.verbosity = -1
    parameters.cpuparams.poll = 0  # waiting threads that spin make a busy machine many times slower
    parameters.cpuparams_batch.poll = 0
    parameters.swa_full = True  # else models with sliding windows cannot reuse a prompt prefix
    parameters.cache_ram_mib = 256  # prefixes of more prompts than there are slots; the default is 8 GiB
    parameters.n_parallel = SLOTS
    parameters.n_ctx = SLOTS * CONTEXT_TOKENS
    if weights.chat_template is not None:
        parameters.chat_template = weights.chat_template
    return parameters
