"""One attempt at a panel, for `faults.py`, which kills it: runs it or goes on with it, and prints how far it got.

python benchmarks/faults_runner.py PANEL RESULTS SENDS [--retry-failed]

Adds a line to SENDS for each request that ended: when it was let go, when its end was known, and how it ended.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from panel_eval import api
from panel_eval.judges import TransportError
from panel_eval.judges.direct_transport import DirectTransport
from panel_eval.judges.litellm_transport import LiteLLMTransport
from panel_eval.judges.wire import WireReply, WireRequest

Send = Callable[[Any, WireRequest], Awaitable[WireReply]]


def noted(send: Send, sends: int) -> Send:
    """The same, noted in a file."""

    async def noting(transport: Any, request: WireRequest) -> WireReply:
        line = {"pid": os.getpid(), "judge": request.model, "let_go": time.time(), "kind": "given up"}
        try:
            reply = await send(transport, request)
            line["kind"] = "ok"
            return reply
        except TransportError as error:
            line["kind"] = error.kind
            raise
        finally:
            os.write(sends, (json.dumps({**line, "ended": time.time()}) + "\n").encode())

    return noting


if __name__ == "__main__":
    panel, results, sends, *flags = sys.argv[1:]
    file = os.open(sends, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for transport in (LiteLLMTransport, DirectTransport):
        transport.send = noted(transport.send, file)  # type: ignore[method-assign]
    result = api.run(panel, results=results, retry_failed="--retry-failed" in flags, resamples=100, report=False)
    print(json.dumps({"state": result.manifest.state, "ended": time.time()}))
