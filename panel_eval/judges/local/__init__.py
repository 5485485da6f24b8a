"""Judges on this machine: known weights, and a llama.cpp server inside this process, on loopback only."""

from panel_eval.judges.local.server import LocalServer, close_servers, local_server_installed, server_for
from panel_eval.judges.local.transport import LocalTransport
from panel_eval.judges.local.weights import CATALOGUE, Weights, find_weights

__all__ = [
    "CATALOGUE", "LocalServer", "LocalTransport", "Weights", "close_servers", "find_weights",
    "local_server_installed", "server_for",
]  # fmt: skip
