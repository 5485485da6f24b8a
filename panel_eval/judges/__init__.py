"""LLM judges: prompts, elicitation (ask and parse), and the transports that carry a request to a model.

`build_judges` turns a panel into judges; `Judge.ask` puts one question through a `send` function that the engine
supplies, and ends in `Answered` or `NotAnswered`. litellm is imported by its adapter's first call, not before.
"""

from panel_eval.judges.assembly import build_judges, close_judges, setup_problems
from panel_eval.judges.fake import FakeTransport
from panel_eval.judges.judge import Judge, Reply, Route, Send
from panel_eval.judges.local import Weights, find_weights, local_server_installed
from panel_eval.judges.outcome import Answer, Answered, NotAnswered
from panel_eval.judges.prompt import Prompt, load_prompt
from panel_eval.judges.question import Question
from panel_eval.judges.wire import (
    Message,
    TokenLogprob,
    Transport,
    TransportError,
    WireReply,
    WireRequest,
)

__all__ = [
    "Answer", "Answered", "FakeTransport", "Judge", "Message", "NotAnswered", "Prompt", "Question", "Reply",
    "Route", "Send", "TokenLogprob", "Transport", "TransportError", "Weights", "WireReply", "WireRequest",
    "build_judges", "close_judges", "find_weights", "load_prompt", "local_server_installed",
    "setup_problems",
]  # fmt: skip
