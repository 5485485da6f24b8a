"""Real local models, if their packages are installed."""

from __future__ import annotations

from pathlib import Path

import pytest
from asking import RUNNER, rubric

from panel_eval.errors import JudgeSetupError
from panel_eval.judges import (
    Answered,
    Question,
    build_judges,
    close_judges,
    find_weights,
    local_server_installed,
)
from panel_eval.schema import Panel

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not local_server_installed(), reason="xllamacpp is not installed"),
]
WORDS = ("lovely", "awful", "table")


def _answers(name, elicits, **settings):
    try:
        find_weights(name, Path())
    except JudgeSetupError as error:
        pytest.skip(str(error))
    judges = [
        {
            "id": elicit,
            "model": f"local/{name}",
            "elicit": elicit,
            "max_tokens": 100,
            "temperature": 0.0,
            "timeout_s": 600.0,  # a busy machine may be slow; that is not what is tested here
            **settings,
        }
        for elicit in elicits
    ]
    panel = Panel.model_validate({"panel": "p", "rubric": "r", "labels": "l", "judges": judges})

    async def go():
        built = build_judges(panel, rubric(), Path())
        try:
            return {
                (judge.id, word): await judge.ask(
                    Question(word, {"text": word}, order, sample), judge.transport.send
                )
                for judge in built
                for word in WORDS
                for sample, order in judge.orders(word)
            }
        finally:
            await close_judges(built)

    return RUNNER.run(go())


def test_smollm2_answers_in_all_three_elicitations():
    replies = _answers("smollm2-135m", ("vote", "distribution", "logprobs"))
    assert len(replies) == 9
    for (elicit, _), reply in replies.items():
        assert isinstance(reply.answer, Answered)
        assert reply.model_reported == "smollm2-135m"
        assert (reply.answer.label is None) == (elicit != "vote")


def test_gemma3_answers_with_log_probabilities():
    for reply in _answers("gemma3-270m", ("logprobs",)).values():
        assert isinstance(reply.answer, Answered)
        assert reply.answer.captured_mass > 0.5


def test_a_local_judge_answers_alike_through_both_transports():
    direct, litellm = (
        _answers("smollm2-135m", ("distribution",), transport=name) for name in ("direct", "litellm")
    )
    assert {key: reply.answer for key, reply in direct.items()} == {
        key: reply.answer for key, reply in litellm.items()
    }
