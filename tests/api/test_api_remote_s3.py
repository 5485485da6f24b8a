"""Results roots on a server that speaks S3: two machines, two publishers at once, killed ones, and trouble."""

from __future__ import annotations

import http.server
import json
import random
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from forked_worker import ForkedWorker
from object_storage import SECRET, S3Server
from published_runs import contents, copied_run, scored_run

from panel_eval import api
from panel_eval.api.remote.folder import RemoteFolder
from panel_eval.api.results_root import results_root
from panel_eval.errors import InputError

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scored_run(tmp_path_factory.mktemp("scored"))


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PANEL_EVAL_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def run_id(run: Path) -> str:
    return str(json.loads((run / "run.json").read_text())["run_id"])


PUBLISH = """
import s3fs
from panel_eval import api
from panel_eval.errors import InputError

def work(where, runs):
    refused = []
    for run in runs:
        try:
            api.publish(run, where)
        except InputError as error:
            refused.append(str(error))
    return " ".join(refused)
"""


@pytest.fixture(scope="module")
def publishers(s3_server: S3Server) -> Iterator[list[ForkedWorker]]:
    both = [ForkedWorker(PUBLISH, s3_server.environment()) for _ in range(2)]
    yield both
    for each in both:
        each.close()


def publish_at_once(publishers: list[ForkedWorker], url: str, *of_each: list[Path]) -> list[str]:
    """What each of two publishers says that start at the same moment."""
    for publisher in publishers:  # both are up
        publisher.start(where=url, runs=[])
        publisher.end()
    for publisher, runs in zip(publishers, of_each, strict=True):
        publisher.start(where=url, runs=list(map(str, runs)))
    return [publisher.end()[2] for publisher in publishers]


def test_another_machine_opens_the_run_by_its_url(
    run: Path, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = api.publish(run, f"s3://{bucket}/nightly").url
    assert results_root(f"s3://{bucket}/nightly").names() == [run_id(run)]
    monkeypatch.setenv("PANEL_EVAL_CACHE", str(tmp_path / "other-machine"))
    opened = api.open_run(Path(url))  # as the command line hands it on
    assert opened.directory is not None
    assert contents(opened.directory) == contents(run)
    assert opened.metrics == api.open_run(run).metrics
    assert api.publish(run, f"s3://{bucket}/nightly").sent == ()


def test_many_runs_are_read_in_the_order_asked_for(run: Path, bucket: str, tmp_path: Path) -> None:
    for number in range(6):
        copied_run(run, tmp_path / str(number), run_id=f"20260101T0000{number:02d}Z-many")
        api.publish(tmp_path / str(number), f"s3://{bucket}")
    root = results_root(f"s3://{bucket}")
    names = root.names()
    assert names == [f"20260101T0000{number:02d}Z-many" for number in range(6)]
    for name, content in root.read_many(names[::-1], "run.json"):
        assert content is not None
        assert json.loads(content)["run_id"] == name
    assert [content for _, content in root.read_many(names, "gate/gate.json")] == [None] * 6


def test_two_publishers_at_once_lose_nothing(
    run: Path, bucket: str, tmp_path: Path, publishers: list[ForkedWorker]
) -> None:
    url = f"s3://{bucket}/nightly"
    own = [copied_run(run, tmp_path / str(number), run_id=f"20260101T00000{number}Z-own") for number in range(4)]
    assert publish_at_once(publishers, url, [*own[:2], run], [*own[2:], run]) == ["", ""]
    root = results_root(url)
    assert root.names() == [*(f"20260101T00000{number}Z-own" for number in range(4)), run_id(run)]
    for each in [*own, run]:
        assert contents(root.fetch(run_id(each))) == contents(each)


def test_of_two_runs_of_one_name_one_is_published_and_whole(
    run: Path, bucket: str, tmp_path: Path, publishers: list[ForkedWorker]
) -> None:
    url = f"s3://{bucket}/nightly"
    rivals = [copied_run(run, tmp_path / str(seed), seed=seed) for seed in (1, 2)]
    (rivals[1] / "labels.jsonl").write_bytes(b"\n" + (run / "labels.jsonl").read_bytes())
    said = publish_at_once(publishers, url, [rivals[0]], [rivals[1]])
    assert sum("another run of this name" in text for text in said) == 1
    winner = rivals[0] if said[0] == "" else rivals[1]
    assert contents(results_root(url).fetch(run_id(run))) == contents(winner)


def test_a_killed_publisher_leaves_no_half_run_and_can_be_repeated(
    run: Path, bucket: str, publishers: list[ForkedWorker]
) -> None:
    publisher, moment, killed = publishers[0], random.Random(6), list[bool]()

    def publish(prefix: str, killed_after_s: float = 60.0) -> float:
        publisher.start(where=f"s3://{bucket}/{prefix}", runs=[str(run)], killed_after_s=killed_after_s)
        lived, was_killed, _ = publisher.end()
        killed.append(was_killed)
        return lived

    takes_s = min(publish(f"whole-{number}") for number in range(2))
    assert results_root(f"s3://{bucket}/whole-1").names() == [run_id(run)]
    for number in range(6):
        root = results_root(f"s3://{bucket}/killed-{number}")
        publish(f"killed-{number}", moment.uniform(0.5, 1.0) * takes_s)
        if root.names():
            assert contents(root.fetch(run_id(run))) == contents(run)
        api.publish(run, root.where)
        assert contents(root.fetch(run_id(run))) == contents(run)
    assert any(killed)


HOSTILE = [
    "nightly/../up/run.json",
    "nightly//run.json",
    "nightly/.hidden/run.json",
    "nightly/a\x1b[2Jb/run.json",
    "nightly/..%2f/run.json",
    "nightly/-rf/run.json",
    "nightly/deep/er/run.json",
    f"nightly/{'x' * 250}/run.json",
]


def test_names_in_storage_lead_nowhere(run: Path, bucket: str, s3_server: S3Server, tmp_path: Path) -> None:
    url = f"s3://{bucket}/nightly"
    api.publish(run, url)
    own = run_id(run)
    inside = [
        "../evil",
        "fit/../../evil",
        ".env",
        "gate/../../../evil",
        "/etc/evil",
        "gate/.hidden",
        "other/x.json",
    ]
    for key in [*HOSTILE, *(f"nightly/{own}/{name}" for name in inside)]:
        s3_server.client().put_object(Bucket=bucket, Key=key, Body=b"evil")
    root = results_root(url)
    assert root.names() == [own]
    assert contents(root.fetch(own)) == contents(run)
    written = {path for path in tmp_path.rglob("*") if path.is_file() and path.read_bytes() == b"evil"}
    assert written == set()


def test_published_json_that_tells_of_files_elsewhere_is_refused(
    run: Path, bucket: str, s3_server: S3Server, cache: Path
) -> None:
    api.publish(run, f"s3://{bucket}")
    storage, at = s3_server.client(), {"Bucket": bucket, "Key": f"{run_id(run)}/published.json"}
    told = json.loads(storage.get_object(**at)["Body"].read())
    told["files"]["../../evil"] = told["files"]["run.json"]
    storage.put_object(**at, Body=json.dumps(told).encode())
    with pytest.raises(InputError, match="evil"):
        api.open_run(f"s3://{bucket}/{run_id(run)}")
    assert contents(cache) == {}


def test_a_bucket_that_is_not_there_is_named(run: Path, bucket: str) -> None:
    for attempt in (
        lambda: api.publish(run, "s3://no-such-bucket/x"),
        lambda: results_root("s3://no-such-bucket/x").names(),
        lambda: api.open_run("s3://no-such-bucket/x/20260101T000000Z-run"),
    ):
        with pytest.raises(InputError, match="s3://no-such-bucket/x: no such bucket"):
            attempt()


def test_wrong_credentials_are_told_without_the_key(
    run: Path, bucket: str, s3_server: S3Server, caplog: pytest.LogCaptureFixture
) -> None:
    s3_server.ask("moto-api/reset-auth", "POST", b"0")  # from now on keys are looked at
    try:
        with pytest.raises(InputError, match="access is refused") as refused:
            api.publish(run, f"s3://{bucket}/nightly")
    finally:
        s3_server.ask("moto-api/reset-auth", "POST", b"Infinity")
    assert SECRET not in str(refused.value)
    assert SECRET not in caplog.text
    assert "not-a-real-key-id" not in str(refused.value)


def test_no_credentials_at_all_are_told(run: Path, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(InputError, match="AWS_ACCESS_KEY_ID"):
        api.publish(run, f"s3://{bucket}/nightly")


class Overloaded(http.server.BaseHTTPRequestHandler):
    """Answers every request as S3 does that asks for fewer."""

    protocol_version = "HTTP/1.1"  # of which "Expect: 100-continue" is a part: clients ask before they send a file
    code, error = 503, b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.answer(self.code, self.error)

    def do_GET(self) -> None:
        self.answer(self.code, self.error)

    def answer(self, code: int, body: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


class Terse(Overloaded):
    """Has every file already, and says so in fewer words than Amazon does."""

    code, error = 412, b"<Error><Code>PreconditionFailed</Code></Error>"

    def do_GET(self) -> None:
        self.answer(200, b"was there")


@pytest.fixture
def other_server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, bucket: str) -> Iterator[None]:
    """A server that answers as the class says that is the parameter, where S3 would be."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), request.param)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")  # s3fs goes on trying for two seconds all the same
    yield
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("other_server", [Overloaded], indirect=True)
@pytest.mark.usefixtures("other_server")
def test_an_overloaded_storage_is_told_as_such(run: Path) -> None:
    with pytest.raises(InputError, match=r"asks for fewer requests.*again in a while"):
        api.publish(run, "s3://bucket/nightly")


@pytest.mark.parametrize("other_server", [Terse], indirect=True)
@pytest.mark.usefixtures("other_server")
def test_a_name_that_is_taken_is_refused_by_servers_of_few_words_too(run: Path) -> None:
    with pytest.raises(InputError, match="another run of this name"):
        api.publish(run, "s3://bucket/nightly")
    assert not RemoteFolder("s3://bucket/nightly").create("published.json", b"mine")


def test_what_was_kept_of_another_server_is_not_taken_for_this_ones(
    run: Path, bucket: str, s3_server: S3Server, tmp_path: Path
) -> None:
    api.publish(run, f"s3://{bucket}")
    results_root(f"s3://{bucket}").fetch(run_id(run))
    for key in contents(run) | {"published.json": b""}:
        s3_server.client().delete_object(Bucket=bucket, Key=f"{run_id(run)}/{key}")
    other = copied_run(run, tmp_path / "other", seed=3)
    shutil.rmtree(other / "fit", ignore_errors=True)
    api.publish(other, f"s3://{bucket}")
    assert contents(results_root(f"s3://{bucket}").fetch(run_id(run))) == contents(other)
