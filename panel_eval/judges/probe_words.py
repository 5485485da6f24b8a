"""What a probe showed to be missing, in words: what it is, and how to mend it. One line each, without keys."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping

from panel_eval.errors import shorten
from panel_eval.judges.instrument import public_url
from panel_eval.judges.judge import Judge
from panel_eval.judges.outcome import NotAnswered
from panel_eval.judges.secrecy import without_keys
from panel_eval.judges.wire import TransportError, TransportErrorKind

OTHER_ELICITATIONS = "use elicit: vote or distribution"

_SAID_CHARACTERS = 200


def shown(judge: Judge, text: str, limit: int = _SAID_CHARACTERS) -> str:
    """A provider's text as it can be shown and stored: short, printable, without keys."""
    variable = judge.account.variable
    return shorten(without_keys(text, [os.environ.get(variable) if variable else None]), limit)


def lack_of_error(judge: Judge, error: TransportError) -> str:
    """What it means for the panel that no reply came."""
    what, mend = _MEANINGS[error.kind](judge, error)
    status = "" if error.status is None else f" (HTTP {error.status})"
    source = "The error" if error.status is None else "It said"
    return f"{what}{status}; {mend}. {source}: {shown(judge, error.message)}"


def lacks_of_answer(judge: Judge, missed: NotAnswered | None, logprobs: int | None, codes: int) -> list[str]:
    """What an answer lacks.

    Args:
        judge: who was asked.
        missed: why the reply holds no answer; None = it holds one.
        logprobs: alternatives at the answer's place; None = not asked for.
        codes: label codes that were offered.
    """
    if logprobs == 0:
        return [f"no log-probabilities came; {OTHER_ELICITATIONS}"]
    lacks = []
    if missed is not None and missed.outcome != "abstain":
        lacks.append(_lack_of_no_answer(judge, missed))
    if logprobs is not None and logprobs < codes:
        few = f"{logprobs} alternative{'' if logprobs == 1 else 's'} came where {codes} label codes were offered"
        lacks.append(f"{few}, so labels will count as impossible that are not; {OTHER_ELICITATIONS}")
    return lacks


def lack_of_usage() -> str:
    """What it means that an answer says nothing of its tokens, where there is a budget."""
    return (
        "no token counts came, so each vote counts against the budget with the most it can cost; "
        "expect the run to end early, or leave the budget out"
    )


def _lack_of_no_answer(judge: Judge, missed: NotAnswered) -> str:
    detail = shown(judge, missed.detail)
    if missed.outcome == "truncated":
        return f"the answer was cut off at max_tokens ({judge.config.max_tokens}); raise max_tokens"
    if missed.outcome == "refusal":
        return f"a harmless made-up item was refused; try another prompt or model. It said: {detail}"
    if judge.config.elicit == "logprobs":
        return f"{detail}; try another prompt, or {OTHER_ELICITATIONS}"
    return f"the answer could not be read; try another prompt or model. What was wrong: {detail}"


def _auth(judge: Judge, error: TransportError) -> tuple[str, str]:
    variable = judge.account.variable
    if variable is None:
        return "a key is wanted", "name the environment variable that holds it as api_key_env"
    if not os.environ.get(variable):
        return f"a key is wanted, and {variable} is not set", "put the key into that environment variable"
    return f"the key in {variable} was refused", "put a key there that may use this model"


def _not_found(judge: Judge, error: TransportError) -> tuple[str, str]:
    if judge.config.api_base is None:
        return "there is no such model, or not for this key", "check the name in model"
    where = public_url(judge.config.api_base)
    return f"there is no such model at {where}, or no API", "check model, and api_base (most end in /v1)"


def _payment(judge: Judge, error: TransportError) -> tuple[str, str]:
    of = f" of the key in {judge.account.variable}" if judge.account.variable else ""
    return f"the account{of} has no credit left", "add some"


def _bad_request(judge: Judge, error: TransportError) -> tuple[str, str]:
    config = judge.config
    if config.elicit == "logprobs" and _names(error, "logprobs", "top_logprobs"):
        return "log-probabilities are not given", OTHER_ELICITATIONS
    if config.temperature is not None and _names(error, "temperature"):
        return f"temperature: {config.temperature:g} is not taken", "leave temperature out, or try another value"
    if config.elicit == "logprobs" and _names(error, "temperature"):
        return "temperature 0 is not taken", f"write temperature: 1, or {OTHER_ELICITATIONS}"
    if config.top_p is not None and _names(error, "top_p"):
        return f"top_p: {config.top_p:g} is not taken", "leave top_p out, or try another value"
    if _names(error, "max_tokens", "max_completion_tokens", "max_output_tokens"):
        return f"max_tokens: {config.max_tokens} is not taken", "try another value"
    return "the request was refused", "change the judge's settings as the message says"


def _names(error: TransportError, *settings: str) -> bool:
    return re.search(rf"\b(?:{'|'.join(settings)})\b", error.message) is not None


def _context_window(judge: Judge, error: TransportError) -> tuple[str, str]:
    return (
        "even a short made-up item does not fit into the model's context",
        "lower max_tokens, shorten the prompt or the rubric, or take a model with a longer context",
    )


def _content_policy(judge: Judge, error: TransportError) -> tuple[str, str]:
    return "a harmless made-up item was refused", "try another prompt or model"


def _timeout(judge: Judge, error: TransportError) -> tuple[str, str]:
    return f"no answer within timeout_s ({judge.config.timeout_s:g} s)", "try again later, or raise timeout_s"


def _connection(judge: Judge, error: TransportError) -> tuple[str, str]:
    if judge.config.api_base is None:
        return "the provider cannot be reached", "see whether this machine is online"
    return f"{public_url(judge.config.api_base)} cannot be reached", "see whether the server runs there"


def _rate_limit(judge: Judge, error: TransportError) -> tuple[str, str]:
    return "no more requests are taken for now", "try again later"


def _server(judge: Judge, error: TransportError) -> tuple[str, str]:
    return "the server has trouble", "try again later"


_MEANINGS: Mapping[TransportErrorKind, Callable[[Judge, TransportError], tuple[str, str]]] = {
    "auth": _auth,
    "not_found": _not_found,
    "payment": _payment,
    "bad_request": _bad_request,
    "context_window": _context_window,
    "content_policy": _content_policy,
    "timeout": _timeout,
    "connection": _connection,
    "rate_limit": _rate_limit,
    "server": _server,
}
"""What is wrong and how to mend it, by kind of error."""
