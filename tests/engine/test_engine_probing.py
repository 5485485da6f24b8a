"""One call to each judge, over both transports, against a local server: what it shows, costs, and says."""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from engine_panel import RUBRIC

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "judges"))

from constructed_server import Server, constructed_server

from panel_eval import schema
from panel_eval.engine import StopSignal, run_async
from panel_eval.engine.ledger import Ledger
from panel_eval.engine.probing import PROBE_RETRIES, probe_judges, refusals, warnings
from panel_eval.judges import FakeTransport, Judge, build_judges, close_judges
from panel_eval.judges.probe import MADE_UP, made_up_question
from panel_eval.judges.wire import WireReply
from panel_eval.schema import Budget, Panel, Probe

KEY = "a-key-that-must-not-be-seen"
PRICE = {"input_usd_per_mtok": 1.0, "output_usd_per_mtok": 2.0}
both = pytest.mark.parametrize("through", ["litellm", "direct"])


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with constructed_server() as running:
        yield running


@pytest.fixture(autouse=True)
def _keys(monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SOME_CREDENTIAL", KEY)


def judges(*settings, rubric=RUBRIC) -> list[Judge]:
    configs = [{"id": f"j{number}", "timeout_s": 5.0, **each} for number, each in enumerate(settings)]
    panel = Panel.model_validate({"panel": "p", "rubric": "r", "labels": "l", "judges": configs})
    return build_judges(panel, rubric, Path())


def hosted(server, path, through="direct", **settings):
    url = path if path.startswith("http") else server.url(path)
    return {
        "model": "openai/m",
        "api_base": url,
        "transport": through,
        "api_key_env": "SOME_CREDENTIAL",
        "price": PRICE,
        **settings,
    }


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


def probed(asked: list[Judge], clock: Clock | None = None, **options) -> list[Probe]:
    async def go():
        try:
            time = {} if clock is None else {"sleep": clock.sleep, "clock": lambda: clock.now}
            return await probe_judges(asked, **time, **options)
        finally:
            await close_judges(asked)

    return run_async(go())


def probe_of(server, path, through, *, rubric=RUBRIC, clock=None, ledger=None, two=True, **settings) -> Probe:
    (probe,) = probed(
        judges(hosted(server, path, through, **settings), rubric=rubric), clock, two=two, ledger=ledger
    )
    return probe


# path: settings, outcome, kind of error, whether a run may not begin, what the one line says
TROUBLES = {
    "key": ({}, "error", "auth", True, ["the key in SOME_CREDENTIAL was refused (HTTP 401)", "put a key there"]),
    "forbidden": ({}, "error", "auth", True, ["(HTTP 403)", "your country is not supported"]),
    "keyless": ({"api_key_env": None}, "error", "auth", True, ["a key is wanted (HTTP 401)", "api_key_env"]),
    "absent": ({}, "error", "not_found", True, ["no such model at http://127.0.0.1", "(HTTP 404)", "api_base"]),
    "unpaid": ({}, "error", "payment", True, ["the account of the key in SOME_CREDENTIAL has no credit", "402"]),
    "quota": ({}, "error", "payment", True, ["no credit left (HTTP 429)"]),
    "no_temperature": ({"temperature": 0.2}, "error", "bad_request", True, ["temperature: 0.2 is not taken",
                                                                            "leave temperature out"]),
    "no_logprobs": ({"elicit": "logprobs"}, "error", "bad_request", True, ["log-probabilities are not given",
                                                                           "use elicit: vote or distribution"]),
    "unfit": ({}, "error", "bad_request", True, ["the request was refused (HTTP 422)", "no such parameter"]),
    "too_long": ({}, "too_long", "context_window", True, ["does not fit into the model's context"]),
    "broken": ({}, "error", "server", False, ["the server has trouble (HTTP 500)", "given up after 3 attempts"]),
    "garbage": ({}, "error", "server", False, ["the server has trouble;", "The error: "]),
    "rate_limited": ({}, "error", "rate_limit", False, ["no more requests are taken for now (HTTP 429)"]),
    "reset": ({}, "error", "connection", False, ["/reset/v1 cannot be reached", "see whether the server runs"]),
    "slow": ({"timeout_s": 0.2}, "error", "timeout", False, ["no answer within timeout_s (0.2 s)", "raise"]),
    "truncated": ({"max_tokens": 77}, "truncated", "length", False, ["cut off at max_tokens (77)", "raise max_t"]),
    "refusal": ({}, "refusal", "refusal", False, ["made-up item was refused", "I cannot judge this text."]),
    "filtered": ({}, "refusal", "content_filter", False, ["made-up item was refused"]),
    "filtered_prompt": ({}, "refusal", "content_policy", False, ["made-up item was refused (HTTP 400)"]),
    "broken_json": ({}, "unparseable", "parse", False, ["could not be read; try another prompt or model"]),
}  # fmt: skip


@both
@pytest.mark.parametrize("path", TROUBLES)
def test_each_trouble_is_one_line_that_says_what_and_how_to_mend_it(server, through, path):
    settings, outcome, kind, bars, words = TROUBLES[path]
    probe = probe_of(server, path, through, clock=Clock(), **settings)
    assert (probe.outcome, probe.error.kind) == (outcome, kind)
    (lack,) = probe.lacks
    for each in words:
        assert each in lack
    assert "\n" not in lack
    line = f"judge 'j0' (openai/m): {lack}"
    assert (refusals([probe]), warnings([probe])) == (([line], []) if bars else ([], [line]))


@both
@pytest.mark.parametrize("place", ["http://127.0.0.1:9/v1", "http://no-such-host.invalid/v1"])
def test_a_server_that_is_not_there_is_said_to_be_unreachable_and_costs_nothing(server, through, place):
    probe = probe_of(server, place, through, clock=Clock())
    assert (probe.outcome, probe.error.kind, probe.requests) == ("error", "connection", 3)
    assert probe.lacks[0].startswith(f"{place} cannot be reached; see whether the server runs there")
    assert (probe.cost_usd, probe.cost_uncertain_usd, probe.usage) == (0.0, 0.0, None)


@both
def test_what_really_came_back_is_recorded(server, through):
    probe = probe_of(server, "two", through)
    assert (probe.outcome, probe.error, probe.lacks) == ("ok", None, [])
    assert (probe.model_reported, probe.system_fingerprint) == ("constructed-model", "fp_1")
    assert (probe.response_mode, probe.obeyed, probe.finish_reason) == ("json_schema", True, "stop")
    assert (probe.n, probe.seed, probe.logprobs, probe.captured_mass) == (2, "sent", None, None)
    assert (probe.usage.input_tokens, probe.usage.output_tokens, probe.usage_reported) == (7, 3, True)
    assert probe.cost_usd == pytest.approx(13e-6)  # 7 at 1 and 3 at 2 dollars a million
    assert (probe.cost_uncertain_usd, probe.requests) == (0.0, 1)
    assert 0.0 < probe.latency_s < 5.0
    assert Probe.model_validate_json(probe.model_dump_json()) == probe


@both
def test_a_run_asks_for_one_answer_only(server, through):
    server.bodies.clear()
    assert probe_of(server, "two", through, two=False).n is None
    (body,) = server.bodies
    assert "n" not in body


@both
def test_a_provider_that_gives_one_answer_is_asked_once_more_without_n(server, through):
    before = server.counts["one_only"]
    probe = probe_of(server, "one_only", through)
    assert (probe.outcome, probe.n, probe.requests, probe.lacks) == ("ok", None, 2, [])
    assert server.counts["one_only"] - before == 2
    assert probe_of(server, "ok", through).n == 1  # and one that does not look at n gives one


@both
def test_a_provider_without_schemas_is_known_to_take_objects_and_the_run_profits(server, through):
    (judge,) = judges(hosted(server, "schema_rejected", through))
    (probe,) = probed([judge], two=True)
    # n cannot be told from the shape in a 400: each is left out in turn.
    assert (probe.response_mode, probe.obeyed, probe.n, probe.requests) == ("json_object", True, 1, 3)
    assert judge.request(made_up_question(judge)).response_mode == "json_object"


@both
def test_an_answer_in_chatter_is_usable_and_does_not_keep_to_the_format(server, through):
    probe = probe_of(server, "chatter", through)
    assert (probe.outcome, probe.response_mode, probe.obeyed, probe.lacks) == ("ok", "json_schema", False, [])


@both
def test_the_alternatives_at_the_answers_place_are_counted(server, through):
    probe = probe_of(server, "logprobs", through, elicit="logprobs")
    assert (probe.outcome, probe.logprobs, probe.response_mode, probe.obeyed) == ("ok", 4, "text", None)
    assert probe.captured_mass == pytest.approx(0.875)  # 1/2 + 1/4 + 1/8 of A, B, C; x has the rest
    assert probe.lacks == []


@both
def test_no_log_probabilities_bar_a_run_that_asks_for_them(server, through):
    probe = probe_of(server, "ok", through, elicit="logprobs")
    assert (probe.outcome, probe.logprobs) == ("unparseable", 0)
    assert probe.lacks == ["no log-probabilities came; use elicit: vote or distribution"]
    assert refusals([probe]) == [
        "judge 'j0' (openai/m): no log-probabilities came; use elicit: vote or distribution"
    ]


@both
def test_fewer_alternatives_than_labels_are_told_but_bar_nothing(server, through):
    probe = probe_of(server, "few_logprobs", through, elicit="logprobs")
    assert (probe.outcome, probe.logprobs) == ("ok", 1)
    assert probe.lacks[0].startswith("1 alternative came where 3 label codes were offered")
    assert refusals([probe]) == []


@both
def test_probability_on_other_tokens_is_one_odd_answer(server, through):
    probe = probe_of(server, "other_token", through, elicit="logprobs")
    assert (probe.outcome, probe.logprobs) == ("unparseable", 4)
    assert probe.captured_mass == pytest.approx(0.3125)  # x 1/2, A 1/4, y 1/8, B 1/16
    assert "only 0.312 of the probability fell on the label codes" in probe.lacks[0]
    assert refusals([probe]) == []


@both
@pytest.mark.parametrize("path", ["hostile", "hostile_error"])
def test_hostile_text_is_short_printable_and_holds_no_key(server, through, path):
    probe = probe_of(server, path, through)
    text = probe.model_dump_json()
    assert len(text) < 4000
    assert all(line.isprintable() for line in (*probe.lacks, probe.error.message, probe.model_reported or ""))
    assert "hostilehostile" not in text
    assert "\\u001b" not in text
    assert "\u202e" not in text


@both
def test_the_key_is_not_told_even_if_the_provider_repeats_it(server, through):
    probe = probe_of(server, "echo", through)
    assert "[key]" in probe.lacks[0]
    assert KEY not in probe.model_dump_json()


def test_a_key_that_is_nowhere_is_not_said_to_be_refused(server, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", server.url("keyless"))
    (probe,) = probed(judges({"model": "openai/m"}))
    assert probe.error.kind == "auth"
    assert "a key is wanted, and OPENAI_API_KEY is not set" in probe.lacks[0]


def test_a_model_of_no_provider_is_not_found():
    (probe,) = probed(judges({"model": "nobody/m"}))
    assert refusals([probe])[0].startswith("judge 'j0' (nobody/m): there is no such model")


def test_a_provider_without_a_seed_is_sent_none(server):
    # litellm knows of Anthropic's API that it takes no seed; nothing is sent here, only its table is read.
    (judge,) = judges(hosted(server, "ok", "litellm"))
    judge.transport._takes_seed = {"openai/m": False}
    server.bodies.clear()
    (probe,) = probed([judge])
    assert probe.seed == "not taken"
    assert "seed" not in server.bodies[0]


def test_the_question_is_made_up_in_the_rubrics_fields_with_the_judges_settings(server):
    fields = RUBRIC.model_copy(update={"fields": ["premise", "claim"]})
    server.bodies.clear()
    probe = probe_of(server, "ok", "direct", rubric=fields, max_tokens=321, top_p=0.9)
    (body,) = server.bodies
    shown = body["messages"][-1]["content"]
    assert f"premise: {MADE_UP}\nclaim: {MADE_UP}" in shown
    assert "What is the tone of the text?" in shown + body["messages"][0]["content"]
    assert (body["max_tokens"], body["top_p"], body["n"], probe.outcome) == (321, 0.9, 2, "ok")


def test_transport_failures_are_tried_three_times_and_retry_after_is_never_undercut(server):
    clock, before = Clock(), server.counts["rate_limited"]
    probe = probe_of(server, "rate_limited", "direct", clock=clock)
    assert (probe.requests, server.counts["rate_limited"] - before) == (3, 3)
    assert clock.now >= 14.0  # Retry-After: 7, twice
    before = server.counts["busy_once"]
    assert probe_of(server, "busy_once", "direct").lacks == []
    assert server.counts["busy_once"] - before == 2


def scripted(entry, identity="x", **route) -> Judge:
    """A judge that a run would probe, with a scripted transport."""
    config = schema.Judge.model_validate({"id": identity, "model": "fake/x", "price": PRICE})
    panel = Panel.model_validate({"panel": "p", "rubric": "r", "labels": "l", "judges": [config]})
    (judge,) = build_judges(panel, RUBRIC, Path(), {identity: FakeTransport(entry)})
    judge.remote = True
    return judge


def test_a_retry_after_beyond_half_a_minute_is_not_waited_for():
    clock = Clock()
    judge = scripted(lambda request: {"error": "rate_limit", "status": 429, "retry_after_s": 31})
    (probe,) = probed([judge], clock)
    assert (probe.requests, clock.slept) == (1, [])
    assert "asks to wait 31 s" in probe.lacks[0]


def test_a_server_that_hangs_is_waited_for_once():
    assert PROBE_RETRIES.deadline_s == 60.0
    clock = Clock()

    def hang(request):
        clock.now += request.timeout_s  # 60 s, the default
        return {"error": "timeout"}

    (probe,) = probed([scripted(hang)], clock)
    assert (probe.requests, clock.now) == (1, 60.0)


class Meeting:
    """Answers nobody before all have asked."""

    def __init__(self, count: int) -> None:
        self.barrier = asyncio.Barrier(count)

    async def send(self, request) -> WireReply:
        await self.barrier.wait()
        return WireReply('{"rationale": "x", "label": "A", "confidence": 1}')

    async def aclose(self) -> None:
        return None


def test_all_judges_are_asked_at_once_and_come_back_in_their_order():
    asked = [scripted({}, f"judge-{number}") for number in range(8)]
    meeting = Meeting(8)
    for judge in asked:
        judge.transport = meeting

    async def go():
        async with asyncio.timeout(5.0):
            return await probe_judges(asked)

    assert [probe.judge for probe in run_async(go())] == [judge.id for judge in asked]


def test_judges_on_this_machine_are_not_asked_by_a_run():
    panel = Panel.model_validate(
        {"panel": "p", "rubric": "r", "labels": "l", "judges": [{"id": "x", "model": "fake/x"}]}
    )
    local = build_judges(panel, RUBRIC, Path(), {"x": FakeTransport(lambda request: "kind")})
    assert probed(local) == []
    (probe,) = probed(local, remote_only=False)
    assert probe.outcome == "ok"


def test_a_resumed_run_asks_again_only_where_nothing_usable_is_known(server):
    paths = ("ok", "truncated", "broken", "key")
    settings = [hosted(server, path) for path in paths]
    first = probed(judges(*settings), Clock())
    assert [probe.judge for probe in first] == ["j0", "j1", "j2", "j3"]
    before = dict(server.counts)
    again = probed(judges(*settings), Clock(), known=first)
    assert [probe.judge for probe in again] == ["j2", "j3"]  # an outage may be over, a key mended
    assert (server.counts["ok"], server.counts["truncated"]) == (before["ok"], before["truncated"])
    # Another temperature is another instrument.
    other = [{**each, "temperature": 0.5} for each in settings]
    assert len(probed(judges(*other), Clock(), known=first)) == 4


def test_lost_connections_count_with_the_most_they_can_cost(server):
    (judge,) = judges(hosted(server, "reset"))
    worst = judge.worst_case(replace(judge.request(made_up_question(judge)), n=2))
    assert worst.output_tokens == 2 * 1024
    (probe,) = probed([judge], Clock(), two=True)
    tokens = worst.input_tokens + worst.output_tokens
    assert (probe.cost_usd, probe.usage.uncertain_tokens) == (0.0, 3 * tokens)
    assert probe.cost_uncertain_usd == pytest.approx(3 * (worst.input_tokens * 1e-6 + worst.output_tokens * 2e-6))


def test_the_ledger_is_obeyed_and_charged(server):
    ledger = Ledger(Budget(usd=1.0))
    probe = probe_of(server, "ok", "direct", ledger=ledger)
    assert math.isclose(ledger.spent.usd, 13e-6)
    assert probe.cost_usd == ledger.spent.usd
    before = server.counts["ok"]
    probe = probe_of(server, "ok", "direct", ledger=Ledger(Budget(tokens=100)))
    assert (probe.outcome, probe.requests, server.counts["ok"]) == ("over_budget", 0, before)
    assert probe.lacks == ["the budget has no room for one call; raise it"]


def test_missing_token_counts_matter_where_there_is_a_budget(server):
    probe = probe_of(server, "unmetered", "direct")
    assert (probe.usage_reported, probe.lacks) == (False, [])
    probe = probe_of(server, "unmetered", "direct", ledger=Ledger(Budget(usd=1.0)))
    assert "no token counts came" in probe.lacks[0]
    assert refusals([probe]) == []


def test_a_stop_ends_the_probing_at_once():
    stop = StopSignal()
    asked = [scripted({}, "answers"), scripted({}, "hangs")]
    asked[0].transport, asked[1].transport = Meeting(1), Meeting(2)

    async def go():
        asyncio.get_running_loop().call_later(0.05, stop.request)
        async with asyncio.timeout(5.0):
            return await probe_judges(asked, stop=stop)

    assert [probe.judge for probe in run_async(go())] == ["answers"]
