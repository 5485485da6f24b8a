"""Every byte that judges are shown, pinned: a change made for speed must not change one.

A digest that changes on purpose (a prompt or a rubric was edited) makes earlier votes those of another instrument.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from panel_eval import schema
from panel_eval.judges import FakeTransport, Judge, Question, Route, load_prompt
from panel_eval.judges.label_order import latin_square
from panel_eval.schema import Rubric, read_yaml
from panel_eval.schema.rubric import Example

ROOT = Path(__file__).resolve().parents[2]
TEXTS = ('One\r\n{{ not.a.template }} {% raw %} "quoted" \\ \u00e9\u4e2d\U0001f600\n  last  ', "", "plain")

DIGESTS = {
    ("any_fields", "vote"): "bd7e7482e13b85219b150dbad9d54d8fe71d5e32afe6fa489875e3d1fff9c062",
    ("any_fields", "distribution"): "b2402827181de9f05b9c133db09640e8921cd2c472be71c521b7c436824d4b3f",
    ("any_fields", "logprobs"): "a2078259cdf766f38a79b8053d3401f64bbbd8159131f7bc193b41079bbb812e",
    ("content_policy_severity", "vote"): "f5bb902dfb481b2325876449ad2f8ba1bda99c004e3979e54e3eae1bd64c6d92",
    ("content_policy_severity", "distribution"): "9dd5eda9c9e794741f054e251f8141afeeb13e5507f8bb6d551b1f9fb28e8211",
    ("content_policy_severity", "logprobs"): "c2353b1656451182f7a365277ea06fbb529281bd92575cae1f80e3aa07949511",
    ("nli", "vote"): "ab5a01a328f4705a6ff404d139df4b2acd68d8ce7b05424f04a42809dcf0b6b3",
    ("nli", "distribution"): "8b8b76d53868fb1b111f355b4684cb50944b29e938a2b18ea94a0e12dd9af7f9",
    ("nli", "logprobs"): "18e41a98b5df5a4d4d0fbb64a4b9749880b891d7fd2efb4ff24439c70d7e4d63",
    ("offensiveness", "vote"): "bf11d90df4f7370192ee39ca43151e9cd84065c7ee9ef5830e9cf265477dd54e",
    ("offensiveness", "distribution"): "1d778ea89faa6611c50d5269398ecf3b9ce06af8b6baec488c6f6934fac1f333",
    ("offensiveness", "logprobs"): "0571e8429749bc5acd35ba9012bc01b0c65d831df76b003906f05f40956ba61f",
    ("sentiment", "vote"): "871e2112e2db7442287f0fb6e691c5c95ab7e80e14c11cc129cf90248922eb10",
    ("sentiment", "distribution"): "88184b11020b6db5e56e012c61126f97e9adb871953d9b74cc6bb9d01239d7ae",
    ("sentiment", "logprobs"): "f801807afbd267511dd4716964bcd627974db469b0d23097223c7c26d059fdce",
    ("tumor_severity", "vote"): "5ec9b45ab5159a1aba17ec85734ce7f7a4be1c315456c215ff08ee880ae37785",
    ("tumor_severity", "distribution"): "85c223b00c2cb295e8138bb123ced26b62e5e5cdab5b1fbab6be027505a59773",
    ("tumor_severity", "logprobs"): "d71906dbcc8cfc15759b63d97c1ec8b4e2d273ecf18c94b91da86f63d5305dee",
    ("with_examples", "vote"): "a246490e49697b5144da3dfcb4cc66ddfa2c4abe2ee6561ca9672f0f1d6366f4",
    ("with_examples", "distribution"): "f05b9d8e341d93a2ec664cb7ec5f89205f9079d913d9f9bd14690efe723bd496",
    ("with_examples", "logprobs"): "3e6d1160316cbb336cb691fc0ec74c4fe06ca20f009b390ae8ab60509ba53e99",
}


def shown(rubric: Rubric, elicit: str) -> str:
    """sha256 over messages, codes, seeds and schemas of a rubric's requests, hosted and local, brief and not."""
    digest = hashlib.sha256()
    for abstain in ("forbidden", "allowed"):
        for local in (False, True):
            for brief in (False, True):
                config = schema.Judge.model_validate({"id": "j", "model": "fake/x", "elicit": elicit})
                prompt = load_prompt(ROOT / "prompts" / f"{elicit}.j2")
                changed = rubric.model_copy(update={"abstain": abstain})
                judge = Judge(
                    config, changed, prompt, FakeTransport({}), Route("m", local=local, brief=brief), seed=3
                )
                for sample, order in enumerate(latin_square(rubric.label_names, "balanced")):
                    for row, text in enumerate(TEXTS):
                        names = rubric.fields or ["text", "note"]
                        content = {name: f"{text}{place}" for place, name in enumerate(names)}
                        request = judge.request(Question(f"i{row}", content, order, sample))
                        digest.update(facts(request).encode("ascii"))
    return digest.hexdigest()


def facts(request) -> str:
    messages = [(message.role, message.content) for message in request.messages]
    return json.dumps(
        [messages, request.codes, request.seed, request.response_schema, request.response_mode, request.max_tokens]
    )


def rubrics() -> dict[str, Rubric]:
    found = {path.stem: read_yaml(path, Rubric) for path in sorted((ROOT / "rubrics").glob("*.yaml"))}
    plain = found["sentiment"]
    examples = [
        Example(content={"text": "Lovely."}, label=plain.label_names[-1], rationale="warm words"),
        Example(content={"text": "Bad."}, label=plain.label_names[0]),
    ]
    return {
        **found,
        "with_examples": plain.model_copy(update={"examples": examples}),
        "any_fields": plain.model_copy(update={"fields": []}),
    }


@pytest.mark.parametrize("elicit", ["vote", "distribution", "logprobs"])
@pytest.mark.parametrize("name", sorted(rubrics()))
def test_what_judges_are_shown_is_what_it_was(name, elicit):
    assert shown(rubrics()[name], elicit) == DIGESTS[name, elicit]


@pytest.mark.parametrize("elicit", ["vote", "distribution", "logprobs"])
def test_what_shipped_prompts_say_to_every_item_is_rendered_once(elicit):
    rubric = rubrics()["content_policy_severity"]
    config = schema.Judge.model_validate({"id": "j", "model": "fake/x", "elicit": elicit})
    prompt = load_prompt(ROOT / "prompts" / f"{elicit}.j2")
    judge = Judge(config, rubric, prompt, FakeTransport({}), Route("m"))
    first, second, turned = (
        judge.request(Question(name, {"text": name}, order))
        for name, order in (("a", rubric.label_names), ("b", rubric.label_names), ("a", rubric.label_names[::-1]))
    )
    assert first.messages[0] is second.messages[0]
    assert first.messages[1] != second.messages[1]
    assert first.messages[0] != turned.messages[0]
