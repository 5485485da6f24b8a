"""The labelling server over its socket: who is let in, what is told to whom, and that nothing is lost."""

from __future__ import annotations

import json
import threading
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hostile_texts import BREAKING, XSS
from made_studies import LABELS, RUBRIC, Client, Serve, made_study

from panel_eval.errors import InputError
from panel_eval.humans import load_soft_labels, validate_labels
from panel_eval.labelling import Study, StudyItem, read_log, start_server
from panel_eval.schema import Criterion, Label, Rubric


def test_a_label_is_in_log_and_file_when_the_server_says_so(serve: Serve):
    server = serve()
    reply = Client(server.url).save(
        "Anna", "item-1", "severe", confidence=0.75, evidence=" edema ", criterion="size"
    )
    assert reply.json == {"version": 1, "revision": 1, "overtook": False}
    event = read_log(server.state)[-1]
    assert (event.reviewer, event.label, event.confidence, event.evidence, event.criterion) == (
        "Anna", "severe", 0.75, "edema", "size",
    )  # fmt: skip
    (record,) = map(json.loads, server.out.read_bytes().splitlines())
    assert record["counts"] == {"mild": 0, "moderate": 0, "severe": 1}


def test_it_listens_on_loopback_only(serve: Serve):
    assert urlsplit(serve().url).hostname == "127.0.0.1"


@pytest.mark.parametrize(
    "host", ["attacker.example", "127.0.0.1.attacker.example:80", "", "[::1", "localhost.evil"]
)
def test_a_host_that_is_not_this_machine_gets_nothing(serve: Serve, host: str):
    client = Client(serve().url)
    assert client.get("/", Host=host).status in (400, 403)
    assert client.ask("begin", {"reviewer": "A"}, Host=host, Origin=f"http://{host}").status in (400, 403)


def test_a_tunnel_may_end_at_another_port(serve: Serve):
    reply = Client(serve().url).ask(
        "begin", {"reviewer": "A"}, Host="localhost:9999", Origin="http://localhost:9999"
    )
    assert reply.status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://attacker.example"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),  # another page of this machine
        ({"Origin": "null"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"X_Labelling_Key": None}, 401),
        ({"X_Labelling_Key": "x" * 32}, 401),
        ({"X_Labelling_Key": "ключ"}, 401),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415),
    ],
)
@pytest.mark.parametrize("path", ["who", "begin", "save", "changes"])
def test_requests_that_are_not_the_pages_get_nothing(
    serve: Serve, path: str, headers: dict[str, str | None], status: int
):
    server = serve()
    body = {"reviewer": "A", "item_id": "item-0", "label": "mild", "seen": 0, "save_id": "save-0001"}
    headers = {name: value and value.encode().decode("latin-1") for name, value in headers.items()}
    reply = Client(server.url).ask(path, body, **headers)
    assert reply.status == status
    assert "item-0" not in reply.text
    assert len(read_log(server.state)) == 1


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"label": "grave"}, 422),
        ({"item_id": "item-99"}, 422),
        ({"criterion": "colour"}, 422),
        ({"confidence": 1.5}, 400),
        ({"confidence": "0.5"}, 400),
        ({"seconds": -1}, 400),
        ({"seen": -1}, 400),
        ({"save_id": "../../x"}, 400),
        ({"reviewer": ""}, 400),
        ({"reviewer": " "}, 422),
        ({"reviewer": "a\x1b[31m"}, 422),
        ({"reviewer": "a\u202egnp"}, 422),
        ({"reviewer": "x" * 81}, 422),
        ({"at": "2001-01-01"}, 400),
        ({"evidence": "x" * 20_001}, 400),
        ({"evidence": "x" * 300_000}, 413),
    ],
)
def test_what_no_page_would_send_is_refused_and_stored_nowhere(
    serve: Serve, change: dict[str, object], status: int
):
    server = serve()
    body = {"reviewer": "A", "item_id": "item-0", "label": "mild", "seen": 0, "save_id": "save-0001"}
    reply = Client(server.url).ask("save", body | change)
    assert (reply.status, bool(reply.json["error"])) == (status, True)
    assert len(read_log(server.state)) == 1
    assert Client(server.url).save("A", "item-0", "mild").status == 200


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"reviewer": "\\ud800"}', b'{"reviewer": "\xff"}', b"[" * 9999]
)
def test_bodies_that_are_no_json_object_are_refused(serve: Serve, body: bytes):
    assert Client(serve().url).ask("begin", body).status == 400


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/%2e%2e/server.py",
        "//etc/passwd",
        "/label.css/../server.py",
        "/server.py",
    ],
)
def test_only_the_pages_own_files_are_served(serve: Serve, path: str):
    reply = Client(serve().url).get(path)
    assert reply.status in (403, 404)
    assert "root:" not in reply.text
    assert "import" not in reply.text


def test_every_answer_forbids_what_the_page_does_not_need(serve: Serve):
    client = Client(serve().url)
    for reply in (
        client.get("/"),
        client.get("/main.js"),
        client.get("/nothing"),
        client.ask("who", {}),
        client.ask("no", {}),
    ):
        policy = reply.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert not {"unsafe", "http", "*", "data:"} & set(policy.replace("-", " ").split())
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_nobody_is_told_what_others_said(serve: Serve):
    """Two reviewers answer in words that occur nowhere else; no response to the third one, or to either about the
    other, holds them, a label beside an answer, or a count."""
    server = serve(made_study(reviewers=("Anna", "Boris", "Cleo")))
    said = {"Anna": ("mild", "zebra"), "Boris": ("severe", "quagga")}
    for name, (label, evidence) in said.items():
        for row in range(5):
            assert Client(server.links[name]).save(name, f"item-{row}", label, evidence=evidence).status == 200
    for name in ("Anna", "Boris", "Cleo"):
        client = Client(server.links[name])
        replies = [
            client.ask("who", {}),
            client.ask("begin", {"reviewer": name}),
            client.ask("changes", {"reviewer": name, "since": 0}),
            client.save(name, "item-5", "moderate"),
        ]  # fmt: skip
        for other, (_, evidence) in said.items():
            if other != name:
                assert not any(evidence in reply.text for reply in replies)
        own = replies[1].json["answers"]
        assert {answer["label"] for answer in own.values()} == ({said[name][0]} if name in said else set())
        assert replies[3].json == {"version": 1, "revision": 6 if name in said else 1, "overtook": False}


def test_a_link_of_ones_own_opens_nobody_elses_answers(serve: Serve):
    server = serve(made_study(reviewers=("Anna", "Boris")))
    client = Client(server.links["Anna"])
    assert client.ask("who", {}).json["own"] == "Anna"
    for path, body in (("begin", {}), ("changes", {"since": 0})):
        assert client.ask(path, {"reviewer": "Boris"} | body).status == 403
    assert client.save("Boris", "item-0", "mild").status == 403
    assert len(read_log(server.state)) == 1


def test_only_the_reviewers_asked_for_may_label(serve: Serve):
    server = serve(made_study(reviewers=("Anna", "Boris")))
    reply = Client(server.url).ask("begin", {"reviewer": "Clara"})
    assert reply.status == 422
    assert "Anna, Boris" in reply.json["error"]
    assert Client(server.url).ask("begin", {"reviewer": "  anna "}).json["reviewer"] == "Anna"


def test_one_person_is_one_reviewer_however_they_type_their_name(serve: Serve):
    server = serve()
    client = Client(server.url)
    client.save("Zoë  Müller", "item-0", "mild")
    client.save("zoe\u0308 mu\u0308ller", "item-1", "mild")  # decomposed, lower case
    assert {event.reviewer for event in read_log(server.state)[1:]} == {"Zoë Müller"}


def test_the_last_answer_counts_and_the_window_that_was_overtaken_is_told(serve: Serve):
    server = serve()
    client = Client(server.url)
    assert client.save("A", "item-0", "mild", seen=0).json["overtook"] is False
    assert client.save("A", "item-0", "severe", seen=1).json == {"version": 2, "revision": 2, "overtook": False}
    assert client.save("A", "item-0", "moderate", seen=1).json == {"version": 3, "revision": 3, "overtook": True}
    told = client.ask("changes", {"reviewer": "A", "since": 1}).json
    assert told["revision"] == 3
    assert told["answers"]["item-0"]["label"] == "moderate"
    assert [event.label for event in read_log(server.state)[1:]] == [
        "mild",
        "severe",
        "moderate",
    ]  # nothing is lost
    assert client.ask("changes", {"reviewer": "A", "since": 3}).json == {"answers": {}, "revision": 0}


def test_an_answer_sent_twice_is_stored_once(serve: Serve):
    server = serve()
    client = Client(server.url)
    first = client.save("A", "item-0", "mild", save_id="save-0001")
    client.save("A", "item-0", "severe", seen=1)
    assert client.save("A", "item-0", "mild", save_id="save-0001").json == first.json
    assert [event.label for event in read_log(server.state)[1:]] == ["mild", "severe"]


def test_a_withdrawn_label_leaves_the_file_and_may_be_given_again(serve: Serve):
    server = serve()
    client = Client(server.url)
    client.save("A", "item-0", "mild")
    client.save("A", "item-0", None, seen=1)
    assert server.out.read_text() == ""
    client.save("A", "item-0", "severe", seen=2)
    assert [event.event for event in read_log(server.state)] == ["opened", "given", "withdrawn", "given"]
    assert load_soft_labels(server.out, RUBRIC).counts.tolist() == [[0, 0, 1]]


def test_confidence_may_be_asked_for(serve: Serve):
    client = Client(serve(made_study(require_confidence=True)).url)
    assert client.save("A", "item-0", "mild").status == 422
    assert client.save("A", "item-0", "mild", confidence=0.0).status == 200
    assert client.save("A", "item-0", None, seen=1).status == 200  # a label may be withdrawn without


def test_three_clients_at_once_lose_nothing(serve: Serve):
    """Each of three writes 150 answers to 30 items, every one five times over; the last one of each counts."""
    server = serve(made_study(30))
    rounds, lost = 5, []

    def label(reviewer: str, shift: int) -> None:
        client = Client(server.url)
        for number in range(rounds):
            for row in range(30):
                reply = client.save(reviewer, f"item-{row}", LABELS[(row + number + shift) % 3], seen=number)
                if reply.status != 200 or reply.json["version"] != number + 1 or reply.json["overtook"]:
                    lost.append((reviewer, row, number, reply))

    threads = [threading.Thread(target=label, args=(name, shift)) for shift, name in enumerate("ABC")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not lost
    assert Counter(event.reviewer for event in read_log(server.state)[1:]) == dict.fromkeys("ABC", 150)
    humans = load_soft_labels(server.out, RUBRIC, strict=True)
    assert len(humans) == 30
    for row, record in enumerate(humans.records):
        chosen = {one.reviewer: one.label for one in record.rationales}
        assert chosen == {name: LABELS[(row + rounds - 1 + shift) % 3] for shift, name in enumerate("ABC")}


def test_hostile_texts_in_every_field_come_back_as_they_are(serve: Serve):
    texts = [*XSS, *BREAKING]
    items = tuple(StudyItem(text, {text: text, "text": text}, text, text, metadata={text: text}) for text in texts)
    rubric = Rubric(
        task=texts[0], description=texts[1],
        labels=[Label(name=text, definition=text, anchors=[text]) for text in texts[:9]],
        criteria=[Criterion(name=text, description=text) for text in texts[:9]],
    )  # fmt: skip
    server = serve(Study(rubric, items))
    client = Client(server.url)
    told = client.ask("begin", {"reviewer": texts[0]}).json
    assert {item["id"] for item in told["items"]} == set(texts)
    for number, text in enumerate(texts):
        label = texts[number % 9]
        assert client.save(texts[0], text, label, evidence=text, criterion=label).status == 200
    assert validate_labels(server.out, rubric) == []
    records = list(load_soft_labels(server.out, rubric).records)
    assert [record.item_id for record in records] == texts
    # What stands before and after the words is trimmed; the words are as they were typed.
    assert [record.rationales[0].evidence for record in records] == [text.strip() for text in texts]
    assert sorted(path.name for path in server.out.parent.iterdir()) == [
        "labels.jsonl", "labels.log.jsonl", "labels.log.jsonl.links",
    ]  # fmt: skip


def test_links_and_port_outlive_a_restart_and_new_links_end_the_old_ones(tmp_path: Path):
    def start(**options: bool) -> tuple[str, dict[str, str]]:
        study = made_study(reviewers=("Anna", "Boris"))
        with start_server(study, tmp_path / "log.jsonl", tmp_path / "labels.jsonl", **options) as server:
            assert Client(server.url).ask("who", {}).status == 200
            if options:
                assert Client(first[1]["Anna"]).ask("who", {}).status == 401
            return server.url, server.links

    first = start()
    assert start() == first
    assert (tmp_path / "log.jsonl.links").stat().st_mode & 0o777 == 0o600
    assert first[1]["Anna"] != first[1]["Boris"]
    assert start(new_links=True)[1]["Anna"].partition("#")[2] != first[1]["Anna"].partition("#")[2]


def test_two_servers_do_not_share_a_log_and_a_taken_port_is_named(serve: Serve, tmp_path: Path):
    server = serve()
    with pytest.raises(InputError, match="another labelling server works with this file"):
        start_server(made_study(), server.state, tmp_path / "other.jsonl")
    port = urlsplit(server.url).port
    with pytest.raises(InputError, match=f"port {port} cannot be listened on: Address already in use"):
        start_server(made_study(), tmp_path / "other.log.jsonl", tmp_path / "other.jsonl", port=port)


def test_each_reviewer_has_an_order_of_their_own_that_added_items_do_not_stir():
    study, larger = made_study(40), made_study(60)
    orders = {name: [item.item_id for item in study.order_for(name)] for name in ("A", "B")}
    assert sorted(orders["A"]) == sorted(orders["B"])
    assert orders["A"] != orders["B"] != [item.item_id for item in study.items]
    again = [item.item_id for item in larger.order_for("A") if item.item_id in study.item_ids]
    assert again == orders["A"]
    assert made_study(40, seed=1).order_for("A") != study.order_for("A")
    assert made_study(40, in_order=True).order_for("A") == study.items
