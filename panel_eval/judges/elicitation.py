"""The three ways to ask a judge, each with the shape of its answer and how it is read.

``vote``          one label with a rationale and a confidence
``distribution``  out of 100 reviewers, how many would choose each label
``logprobs``      the probabilities of the label codes where the model answers

Nothing here raises on what a model said: every reading ends in `Answered` or `NotAnswered`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from panel_eval.judges import distribution, logprobs, vote
from panel_eval.judges.outcome import Answer
from panel_eval.judges.wire import WireReply, WireRequest
from panel_eval.schema import Elicitation

PARSE_POLICY = "1"
"""Version of the reading rules; a part of each judge's instrument. Raise it whenever a reply may read otherwise."""

Codes = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Asking:
    """One way to ask.

    Attributes:
        name: the elicitation's name in panels and votes; also its default prompt template.
        schema: JSON Schema of the answer for given codes, tightened for local grammars on request; None = text.
        read: turns a reply into an answer.
        abstains: whether the abstain code is offered where the rubric allows one.
        repairs: whether an unparseable answer may be asked for once more.
    """

    name: Elicitation
    schema: Callable[[Codes, bool], Mapping[str, Any] | None]
    read: Callable[[WireReply, WireRequest], Answer]
    abstains: bool
    repairs: bool


ASKINGS: Mapping[Elicitation, Asking] = {
    "vote": Asking("vote", vote.response_schema, vote.read_vote, abstains=True, repairs=True),
    "distribution": Asking(
        # A distribution can say "I do not know" by itself.
        "distribution", distribution.response_schema, distribution.read_distribution, abstains=False, repairs=True
    ),
    "logprobs": Asking("logprobs", lambda codes, tight: None, logprobs.read_logprobs, abstains=True, repairs=False),
}  # fmt: skip
