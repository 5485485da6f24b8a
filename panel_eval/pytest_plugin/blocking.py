"""No network while a cassette is played: what it does not answer is refused, and noted."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from panel_eval.errors import CassetteMissError, shorten


class NetworkBlockedError(CassetteMissError):
    """A replayed test tried to reach the network by a way that no cassette answers."""


@contextmanager
def blocked(attempts: list[str], *, loopback: bool = False) -> Iterator[None]:
    """Refuse connections to other machines, and looking up their names.

    Sockets of this machine's file system stay open. Whatever guard stood before stands again afterwards.

    Args:
        attempts: what was tried is added here, since the code under test may swallow the error.
        loopback: leave connections to this machine open.

    Raises:
        NetworkBlockedError: from the call that was refused.
    """

    def refuse(where: str) -> None:
        attempts.append(where)
        raise NetworkBlockedError(f"the network is closed while a cassette is played; refused: {where}")

    def to_address(original: Callable[..., Any], place: int) -> Callable[..., Any]:
        def guarded(self: socket.socket, *args: Any) -> Any:
            address = args[place]
            if self.family in (socket.AF_INET, socket.AF_INET6) and not _open(address[0], loopback):
                refuse(f"{shorten(address[0])}:{address[1]}")
            return original(self, *args)

        return guarded

    def lookup(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host and not _numeric(host) and not _is_loopback(host):
            refuse(shorten(_text(host)))
        return find(host, *args, **kwargs)

    find = socket.getaddrinfo
    with ExitStack() as stack:
        for name, place in {"connect": 0, "connect_ex": 0, "sendto": -1}.items():
            guard = to_address(getattr(socket.socket, name), place)
            stack.enter_context(mock.patch.object(socket.socket, name, guard))
        stack.enter_context(mock.patch.object(socket, "getaddrinfo", lookup))
        yield


@contextmanager
def opened() -> Iterator[None]:
    """Let connections out although another plugin guards them: the user asked for a recording."""
    import _socket

    with ExitStack() as stack:
        for name in ("connect", "connect_ex"):
            stack.enter_context(mock.patch.object(socket.socket, name, getattr(_socket.socket, name)))
        yield


def _open(host: Any, loopback: bool) -> bool:
    return loopback and _is_loopback(host)


def _is_loopback(host: Any) -> bool:
    text = _text(host)
    if text == "localhost":
        return True
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False


def _numeric(host: Any) -> bool:
    try:
        ipaddress.ip_address(_text(host))
    except ValueError:
        return False
    return True


def _text(host: Any) -> str:
    return host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
