"""Elicitation ``logprobs``: the probabilities of the label codes at the place where the model answers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from panel_eval.judges.codes import ABSTAIN
from panel_eval.judges.outcome import Answer, Answered, NotAnswered
from panel_eval.judges.reading import unparseable, unusable
from panel_eval.judges.wire import TokenLogprob, WireReply, WireRequest

MIN_CAPTURED_MASS = 0.5
"""Below this the model was mostly about to say something else than a label code (METHODS 4)."""

TOP_LOGPROBS = 20
"""Alternatives asked for: the most that OpenAI-compatible providers give."""

MAX_ANSWER_TOKENS = 4
"""Room for a line break or a bracket before the letter."""

_MARKERS = "ĠĊ▁"  # how BPE and SentencePiece vocabularies write a space or line break
_WRAPPING = "()[]{}<>\"'`*_.,:;-#“”‘’ \t\r\n" + _MARKERS
_ROUNDING = 1e-3


def code_variant(token: str, codes: Sequence[str]) -> str | None:
    """The label code that a token spells, in any case and wrapped in spaces or punctuation; None if none.

    ``" A"``, ``"a"``, ``"(A"``, ``"A."``, ``'"A"'`` and ``"▁A"`` all spell A.
    """
    core = token.strip(_WRAPPING).upper()
    return core if core in codes else None


def read_logprobs(reply: WireReply, request: WireRequest) -> Answer:
    """Sum over token variants of each code, renormalise over the labels, keep the captured mass."""
    if (reason := _without_tokens(reply)) is not None:
        return reason
    codes = [code for code, _ in request.codes]
    place = _answer_place(reply.token_logprobs or (), codes)
    if place is None:
        return unparseable("no token of the answer has any content")
    masses = _masses(place, codes)
    captured = math.fsum(masses.values())
    if captured > 1.0 + _ROUNDING:
        return unparseable(f"the probabilities of the label codes add up to {captured:.3f}, more than 1")
    if captured < MIN_CAPTURED_MASS:
        return unparseable(f"only {captured:.3f} of the probability fell on the label codes")
    return _answer(masses, min(captured, 1.0), request)


def seen_at_answer(reply: WireReply, request: WireRequest) -> tuple[int, float | None]:
    """How many alternatives came at the place of the answer, and how much probability fell on the label codes.

    0 and None where no log-probabilities came.
    """
    codes = [code for code, _ in request.codes]
    place = _answer_place(reply.token_logprobs or (), codes)
    if place is None or not place.top:
        return 0, None
    return len(place.top), math.fsum(_masses(place, codes).values())


def _without_tokens(reply: WireReply) -> NotAnswered | None:
    """Refusals and missing log-probabilities. Being cut off is normal here: a few tokens are all that is asked."""
    if reply.token_logprobs and not reply.refusal and reply.finish_reason != "content_filter":
        return None
    if (reason := unusable(reply)) is not None:
        return reason
    return unparseable("the provider sent no log-probabilities; use elicit: vote or distribution for this model")


def _answer_place(tokens: Sequence[TokenLogprob], codes: Sequence[str]) -> TokenLogprob | None:
    """The first token that spells a code; without one, the first token that is not only space and punctuation."""
    spelling = (token for token in tokens if code_variant(token.token, codes))
    content = (token for token in tokens if token.token.strip(_WRAPPING))
    return next(spelling, None) or next(content, None)


def _masses(place: TokenLogprob, codes: Sequence[str]) -> dict[str, float]:
    """Probability of each code: all variants among the alternatives, the generated token itself included once."""
    alternatives = list(place.top)
    if place.token not in [token for token, _ in alternatives]:
        alternatives.append((place.token, place.logprob))
    masses = dict.fromkeys(codes, 0.0)
    for token, logprob in alternatives:
        code = code_variant(token, codes)
        if code is not None and not math.isnan(logprob) and logprob <= _ROUNDING:
            masses[code] += math.exp(logprob)
    return masses


def _answer(masses: dict[str, float], captured: float, request: WireRequest) -> Answer:
    by_label = {label: masses[code] for code, label in request.codes}
    abstained = by_label.pop(ABSTAIN, 0.0)
    total = math.fsum(by_label.values())
    if total == 0.0 or abstained > max(by_label.values()):
        return NotAnswered("abstain", f"the abstain code was likeliest ({abstained:.3f})")
    distribution = {label: mass / total for label, mass in by_label.items()}
    return Answered("logprobs", distribution=distribution, captured_mass=captured)
