"""The links that let reviewers in: a key for each, and the port, the same after a restart.

A page that waits for its server to come back can only reach it at the same port and with the same key, so both are
kept in a file beside the log that only its owner can read. Keys are derived from one random secret: HMAC-SHA256 of
the reviewer's name, 192 bits of it. They stand in the fragment of the address, which browsers send to nobody.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from panel_eval.errors import InputError, Problem

ANYONE = ""
"""The key of the link that asks for a name."""


@dataclass(frozen=True)
class Links:
    """The secret behind the keys of a study.

    Attributes:
        path: the file that keeps it.
        secret: random bytes.
        port: the one used last; None before the first start.
    """

    path: Path
    secret: bytes
    port: int | None = None

    def key(self, reviewer: str = ANYONE) -> str:
        """The key of one reviewer's link."""
        digest = hmac.new(self.secret, reviewer.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:24]).decode()

    def owner(self, key: str, reviewers: Sequence[str]) -> str | None:
        """Whose key it is; `ANYONE` for the one that asks for a name, None for no key of this study."""
        known = (ANYONE, *reviewers)
        sent = key.encode("utf-8", "replace")
        return next((name for name in known if hmac.compare_digest(sent, self.key(name).encode())), None)

    def keep(self, port: int) -> None:
        """Remember the port.

        Raises:
            InputError: the file cannot be written.
        """
        record = {"secret": self.secret.hex(), "port": port}
        temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}.tmp")
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(json.dumps(record) + "\n")
            temporary.replace(self.path)
        except OSError as error:
            raise InputError(Problem(f"cannot be written: {error.strerror}", path=self.path)) from None
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def links_for(state: Path, *, renew: bool = False) -> Links:
    """The links of a log: those of the last start, or new ones.

    Args:
        state: the log.
        renew: make new ones; those handed out before let nobody in any more. The port stays: what a browser keeps
            belongs to it.
    """
    path = state.with_name(state.name + ".links")
    fresh = Links(path, secrets.token_bytes(32))
    try:
        kept = json.loads(path.read_bytes())
        secret, port = bytes.fromhex(kept["secret"]), kept["port"]
    except (OSError, ValueError, KeyError, TypeError):  # missing, or spoilt by hand: new links do no harm
        return fresh
    sound = len(secret) >= 32 and isinstance(port, int) and 0 < port < 65536
    if not sound:
        return fresh
    return Links(path, fresh.secret if renew else secret, port)
