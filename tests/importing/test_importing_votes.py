"""Votes of judges from the logs of other tools; every log here is made by hand in the tool's shape."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from imports import do_import

from panel_eval.api import load_votes
from panel_eval.errors import InputError

VOTES = ("votes", "items")


def write_lines(path: Path, *records: Any) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def outcomes(votes: list[dict[str, Any]]) -> list[tuple[str, str, str | None]]:
    return [(vote["item_id"], vote["outcome"], vote.get("label")) for vote in votes]


def test_plain_votes_with_failures_distributions_and_repeats(tmp_path: Path):
    source = write_lines(
        tmp_path / "in.jsonl",
        {"id": "a", "model": "m", "answer": "yes", "reasoning": "since", "text": "T"},
        {"id": "a", "model": "m", "answer": "no", "confidence": 0.7},
        {"id": "b", "model": "m", "outcome": "refusal", "answer": "I cannot"},
        {"id": "c", "model": "m", "probs": {"yes": 0.25, "no": 0.75}},
        {"id": "d", "model": "m", "error": "timeout"},
        {"model": "m", "answer": "yes"},
    )
    found = do_import("votes", source, tmp_path, want=VOTES, label_order=["yes", "no"])
    assert outcomes(found.votes) == [
        ("a", "ok", "yes"), ("a", "ok", "no"), ("b", "refusal", None), ("c", "ok", None), ("d", "error", None),
    ]  # fmt: skip
    assert [vote["sample"] for vote in found.votes[:2]] == [0, 1]
    assert found.votes[3]["distribution"] == {"yes": 0.25, "no": 0.75}
    assert found.votes[0]["rationale"] == "since"
    assert found.dropped == {"no_item": 1}
    assert found.items[0]["content"] == {"text": "T"}
    assert len(load_votes(tmp_path / "votes.jsonl")) == 5


def chat(item: str, content: str | None, finish: str = "stop", refusal: str | None = None) -> dict[str, Any]:
    message = {"role": "assistant", "content": content, "refusal": refusal}
    body = {
        "model": "gpt-x-2026",
        "system_fingerprint": "fp_1",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12},
    }
    response = {"status_code": 200, "request_id": "r", "body": body}
    return {"id": "batch_req_1", "custom_id": item, "response": response, "error": None}


def test_openai_batch_outputs_keep_failures_apart(tmp_path: Path):
    said = {"type": "message", "content": [{"type": "output_text", "text": '{"label": "no"}'}]}
    body = {
        "object": "response",
        "model": "gpt-x",
        "output": [said],
        "usage": {"input_tokens": 3, "output_tokens": 1},
    }
    cut = {"object": "response", "output": [], "incomplete_details": {"reason": "max_output_tokens"}}
    source = write_lines(
        tmp_path / "out.jsonl",
        chat("a", "yes"),
        chat("b", None, refusal="I can't."),
        chat("c", "", finish="length"),
        chat("d", "yes", finish="content_filter"),
        {"custom_id": "e", "response": None, "error": {"code": "batch_expired", "message": "expired"}},
        {
            "custom_id": "f",
            "response": {"status_code": 429, "body": {"error": {"message": "slow down"}}},
            "error": None,
        },
        {"custom_id": "g", "response": {"status_code": 200, "body": body}},
        {"custom_id": "h", "response": {"status_code": 200, "body": cut}},
        {"response": {}},
    )
    found = do_import("openai-batch", source, tmp_path, want=("votes",), judges=["nightly"])
    assert outcomes(found.votes) == [
        ("a", "ok", "yes"), ("b", "refusal", None), ("c", "truncated", None), ("d", "refusal", None),
        ("e", "error", None), ("f", "error", None), ("g", "ok", "no"), ("h", "truncated", None),
    ]  # fmt: skip
    assert found.report.judges == ["nightly"]
    assert found.votes[0]["model_reported"] == "gpt-x-2026"
    assert found.votes[0]["usage"] == {"input_tokens": 10, "output_tokens": 2}
    assert found.votes[5]["error"]["message"] == "slow down"
    assert found.dropped == {"no_item": 1}


def foo(test: int, output: Any, **beside: Any) -> dict[str, Any]:
    response = {"output": output, "tokenUsage": {"prompt": 4, "completion": 1, "total": 5}, "cost": 0.001}
    row = {
        "testIdx": test,
        "promptIdx": 0,
        "provider": {"id": "openai:gpt-x", "label": ""},
        "vars": {"review": f"text {test}"},
        "testCase": {"vars": {"review": f"text {test}"}, "assert": []},
        "response": response,
        "latencyMs": 250,
        "gradingResult": {"pass": True, "score": 1, "reason": "good"},
    }
    return {**row, **beside}


def test_promptfoo_results(tmp_path: Path):
    rows = [
        foo(0, "positive"),
        foo(1, {"label": "negative"}),
        foo(2, None, response={"error": "API error: 500"}, error="API error: 500", failureReason=2),
        foo(3, "I'm sorry", response={"output": "I'm sorry", "isRefusal": True}),
        foo(0, "negative", promptIdx=1),
        "no row",
    ]
    path = tmp_path / "results.json"
    path.write_text(json.dumps({"evalId": "e", "results": {"version": 3, "results": rows}}), encoding="utf-8")
    found = do_import("promptfoo", path, tmp_path, want=VOTES, label_order=["negative", "positive"])
    assert outcomes(found.votes) == [
        ("test-0", "ok", "positive"), ("test-1", "ok", "negative"), ("test-2", "error", None),
        ("test-3", "refusal", None), ("test-0", "ok", "negative"),
    ]  # fmt: skip
    assert found.report.judges == ["openai:gpt-x", "openai:gpt-x (prompt 1)"]
    assert found.votes[0]["latency_s"] == 0.25
    assert found.items[0]["content"] == {"review": "text 0"}
    assert found.dropped == {"no_record": 1}
    graded = do_import("promptfoo", path, tmp_path, want=("votes",), fields={"label": "gradingResult.pass"})
    assert graded.votes[0]["label"] == "true"


def test_promptfoo_lines_and_items_by_a_variable(tmp_path: Path):
    source = write_lines(tmp_path / "results.jsonl", foo(0, "yes"), foo(1, "no"))
    found = do_import("promptfoo", source, tmp_path, want=("votes",), fields={"item": "vars.review"})
    assert [vote["item_id"] for vote in found.votes] == ["text 0", "text 1"]


def test_a_file_of_another_tool_is_refused(tmp_path: Path):
    path = tmp_path / "x.json"
    path.write_text('{"a": 1}', encoding="utf-8")
    for name, message in (("promptfoo", "no list of results"), ("inspect", "no log of Inspect")):
        with pytest.raises(InputError, match=message):
            do_import(name, path, tmp_path, want=("votes",))


def test_lm_eval_likelihoods_become_shares_and_texts_labels(tmp_path: Path):
    folder = tmp_path / "org__model"
    folder.mkdir()
    arguments = {"gen_args_0": {"arg_0": "Q", "arg_1": " yes"}, "gen_args_1": {"arg_0": "Q", "arg_1": " no"}}
    scored = {
        "doc_id": 0, "doc": {"question": "Q", "n": 3}, "target": 1, "arguments": arguments,
        "resps": [[["-1.0", "False"]], [["-2.0", "True"]]], "filtered_resps": [["-1.0", "False"], ["-2.0", "True"]],
        "filter": "none",
    }  # fmt: skip
    said = {"doc_id": 1, "doc": {"question": "R"}, "target": "no", "filtered_resps": ["The answer: no"],
            "filter": "none", "arguments": {"gen_args_0": {"arg_0": "R", "arg_1": {"until": ["\n"]}}}}  # fmt: skip
    other = {**said, "filter": "strict-match"}
    write_lines(folder / "samples_task_2026-01-01T00-00-00.jsonl", scored, said, other)
    found = do_import("lm-eval", tmp_path, tmp_path, want=VOTES, label_order=["yes", "no"])
    # softmax(-1, -2) = 1 / (1 + e^-1)
    assert found.votes[0]["distribution"] == pytest.approx({"yes": 0.7310586, "no": 0.2689414})
    assert outcomes(found.votes)[1] == ("1", "ok", "no")
    assert found.report.judges == ["org/model"]
    assert found.items[0]["metadata"] == {"gold_label": "no"}  # the second choice
    assert found.dropped == {"other_filter": 1}


def sample(name: Any, epoch: int, completion: str, stop: str = "stop", **beside: Any) -> dict[str, Any]:
    choice = {"message": {"role": "assistant", "content": completion}, "stop_reason": stop}
    score = {"value": "C", "answer": completion, "explanation": "because. GRADE: C"}
    return {
        "id": name, "epoch": epoch, "input": f"question {name}", "target": "yes",
        "output": {"model": "org/m", "choices": [choice], "completion": completion, "time": 0.5,
                   "usage": {"input_tokens": 5, "output_tokens": 2, "total_tokens": 7}},
        "scores": {"grader": score}, "completed_at": "2026-01-02T03:04:05+00:00", **beside,
    }  # fmt: skip


SAMPLES = [
    sample("a", 1, "yes"),
    sample("a", 2, "Thinking.\nANSWER: no"),
    sample(7, 1, "", stop="content_filter"),
    sample("c", 1, "half of", error={"message": "RuntimeError('x')"}),
    sample("d", 1, "x", input=[{"role": "system", "content": "S"}, {"role": "user", "content": [{"text": "U"}]}]),
]  # fmt: skip
LOG = {"version": 2, "status": "success", "eval": {"task": "t", "model": "org/m"}, "samples": SAMPLES}


@pytest.fixture(params=["json", "deflated", "zstandard"])
def inspect_log(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "json":
        path = tmp_path / "log.json"
        path.write_text(json.dumps(LOG), encoding="utf-8")
        return path
    path = tmp_path / "log.eval"
    members = {"header.json": {key: value for key, value in LOG.items() if key != "samples"}}
    members |= {f"samples/{s['id']}_epoch_{s['epoch']}.json": s for s in SAMPLES}
    if request.param == "deflated":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, value in members.items():
                archive.writestr(name, json.dumps(value))
    else:
        zstandard_zip(path, {name: json.dumps(value).encode() for name, value in members.items()})
    return path


def zstandard_zip(path: Path, members: dict[str, bytes]) -> None:
    """A ZIP archive whose members are packed by method 93, as APPNOTE 6.3.8 has it."""
    import struct
    import zlib

    import pyarrow as pa

    body, directory = b"", b""
    for name, data in members.items():
        packed = pa.Codec("zstd").compress(data).to_pybytes()
        encoded = name.encode()
        fields = (63, 0, 93, 0, 33, zlib.crc32(data), len(packed), len(data), len(encoded), 0)
        directory += struct.pack(
            "<4s6H3I5H2I", b"PK\x01\x02", 63, *fields[:5], *fields[5:8], len(encoded), 0, 0, 0, 0, 0, len(body)
        )
        directory += encoded
        body += struct.pack("<4s5H3I2H", b"PK\x03\x04", *fields) + encoded + packed
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, len(members), len(members), len(directory), len(body), 0)
    path.write_bytes(body + directory + end)


def test_inspect_logs_read_alike_in_every_packing(inspect_log: Path, tmp_path: Path):
    found = do_import("inspect", inspect_log, tmp_path, want=VOTES, label_order=["yes", "no"])
    assert sorted(outcomes(found.votes)) == [
        ("7", "refusal", None), ("a", "ok", "no"), ("a", "ok", "yes"), ("c", "error", None),
        ("d", "unparseable", None),
    ]  # fmt: skip
    assert {vote["sample"]: vote["label"] for vote in found.votes if vote["item_id"] == "a"} == {0: "yes", 1: "no"}
    assert {item["item_id"]: item["content"]["text"] for item in found.items}["d"] == "system: S\n\nuser: U"
    assert found.items[0]["metadata"] == {"gold_label": "yes"}
    assert found.votes[0]["model_reported"] == "org/m"


def test_inspect_graders_are_judges_of_the_response(inspect_log: Path, tmp_path: Path):
    found = do_import("inspect", inspect_log, tmp_path, want=VOTES, fields={"label": "grader"}, judges=["g-model"])
    assert {vote["judge"] for vote in found.votes} == {"g-model"}
    assert {vote.get("label") for vote in found.votes} == {"C"}
    assert found.votes[0]["rationale"] == "because. GRADE: C"
    assert {item["item_id"]: item["content"] for item in found.items}["a"] == {
        "text": "question a",
        "response": "yes",
    }


def test_an_unknown_scorer_is_refused_with_those_that_there_are(inspect_log: Path, tmp_path: Path):
    with pytest.raises(InputError, match=r"no such scorer.*it has: grader"):
        do_import("inspect", inspect_log, tmp_path, want=("votes",), fields={"label": "judge"})


def test_an_archive_that_unpacks_without_end_is_refused(tmp_path: Path):
    path = tmp_path / "bomb.eval"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.json", json.dumps({"eval": {"model": "m"}}))
        with archive.open("samples/a_epoch_1.json", "w") as member:
            for _ in range(300):
                member.write(b" " * (1 << 20))
    with pytest.raises(InputError, match="unpacks to more than 256 MiB"):
        do_import("inspect", path, tmp_path, want=("votes",))


def test_the_start_of_an_answer_is_truncated_and_never_a_label(tmp_path: Path):
    cut = [("a", "I think that it"), ("b", "yes"), ("c", "ye")]
    source = write_lines(tmp_path / "out.jsonl", *(chat(item, said, finish="length") for item, said in cut))
    found = do_import("openai-batch", source, tmp_path, want=("votes",), label_order=["yes", "no"])
    assert outcomes(found.votes) == [("a", "truncated", None), ("b", "ok", "yes"), ("c", "truncated", None)]
    assert not found.dropped
    unknown = do_import("openai-batch", source, tmp_path, want=("votes",))
    assert outcomes(unknown.votes)[:2] == [("a", "truncated", None), ("b", "ok", "yes")]


def test_promptfoo_counts_prompts_over_providers_and_tests_over_repetitions(tmp_path: Path):
    # promptfoo 0.121.20, two providers, one prompt, two tests, --repeat 2: columns count on over the providers,
    # and the numbers of tests over the repetitions.
    rows = [
        foo(test, f"said {test}", promptIdx=column, provider={"id": "p", "label": name},
            vars={"review": f"text {test // 2}"})
        for test in (3, 2, 1, 0)
        for column, name in ((1, "second"), (0, "first"))
    ]  # fmt: skip
    path = tmp_path / "results.json"
    path.write_text(json.dumps({"results": {"version": 3, "results": rows}}), encoding="utf-8")
    found = do_import("promptfoo", path, tmp_path, want=VOTES)
    assert found.report.judges == ["first", "second"]
    assert sorted((v["item_id"], v["judge"], v["sample"]) for v in found.votes) == [
        (item, judge, sample) for item in ("test-0", "test-2") for judge in ("first", "second") for sample in (0, 1)
    ]
    assert {item["item_id"]: item["content"]["review"] for item in found.items} == {
        "test-0": "text 0", "test-2": "text 1",
    }  # fmt: skip


def test_logs_of_two_tasks_are_not_mixed(tmp_path: Path):
    logs = tmp_path / "logs"
    logs.mkdir()
    for name in ("one", "two"):
        log = {**LOG, "eval": {"task": name, "model": "m"}}
        (logs / f"{name}.json").write_text(json.dumps(log), encoding="utf-8")
    with pytest.raises(InputError, match=r"two tasks, one \(one.json\) and two \(two.json\).*each task's logs"):
        do_import("inspect", logs, tmp_path, want=("votes",))
    folder = tmp_path / "m"
    folder.mkdir()
    for name in ("mood_2026-11-22T06-55-43.568543", "mood_2026-11-23T06-55-43.568543", "tone_of_voice"):
        write_lines(folder / f"samples_{name}.jsonl", {"doc_id": 0, "filtered_resps": ["yes"], "filter": "none"})
    with pytest.raises(InputError, match=r"two tasks, mood .* and tone_of_voice"):
        do_import("lm-eval", folder, tmp_path, want=("votes",))
    (folder / "samples_tone_of_voice.jsonl").unlink()
    again = do_import("lm-eval", folder, tmp_path, want=("votes",))
    assert [vote["sample"] for vote in again.votes] == [0, 1]


def test_inspect_items_show_the_choices_that_letters_stand_for(tmp_path: Path):
    path = tmp_path / "log.json"
    asked = sample("m", 1, "ANSWER: A", choices=["negative", "positive"], target="A")
    path.write_text(json.dumps({**LOG, "samples": [asked]}), encoding="utf-8")
    found = do_import("inspect", path, tmp_path, want=VOTES)
    assert found.items[0]["content"]["choices"] == "A) negative\nB) positive"


def test_an_impossible_choice_has_no_share(tmp_path: Path):
    arguments = {f"gen_args_{i}": {"arg_0": "Q", "arg_1": f" {name}"} for i, name in enumerate(("yes", "no"))}
    record = {"doc_id": 0, "arguments": arguments, "filtered_resps": [["-inf", "False"], ["-2.0", "True"]]}
    source = write_lines(tmp_path / "samples_t.jsonl", record)
    found = do_import("lm-eval", source, tmp_path, want=("votes",))
    assert found.votes[0]["distribution"] == {"yes": 0.0, "no": 1.0}
