"""What a suite with cassettes refuses: the network, names that lead elsewhere, files that are no cassettes."""

from __future__ import annotations

import textwrap

import pytest
from small_server import small_server
from user_suite import ONE, RECORD, recorded


@pytest.mark.parametrize(
    ("attempt", "named"),
    [
        ('one.connect(("192.0.2.1", 443))', "192.0.2.1:443"),
        ('one.connect_ex(("192.0.2.1", 443))', "192.0.2.1:443"),
        ('one.sendto(b"x", ("192.0.2.1", 53))', "192.0.2.1:53"),
        ('one.connect(("127.0.0.1", 9))', "127.0.0.1:9"),
        ('socket.getaddrinfo("example.org", 443)', "example.org"),
    ],
)
def test_what_no_cassette_answers_is_refused_and_noted(suite, attempt, named):
    recorded(suite, ONE)
    kind = "socket.SOCK_DGRAM" if "sendto" in attempt else "socket.SOCK_STREAM"
    more = f"""
        import socket
        with socket.socket(socket.AF_INET, {kind}) as one:
            try:
                {attempt}
            except Exception as error:
                assert "network is closed" in str(error)
    """
    mine = suite.folder / "test_mine.py"
    mine.write_text(mine.read_text() + textwrap.indent(textwrap.dedent(more), "    "))
    result = suite()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"NetworkBlockedError: tried to connect to {named}"])


def test_loopback_is_open_where_a_test_asks_for_it(suite):
    body = """
        import pytest, socket
        @pytest.mark.panel_cassette(loopback=True)
        def test_loop():
            ask(URL + "/a")
            with socket.create_server(("127.0.0.1", 0)) as server:
                socket.create_connection(server.getsockname(), timeout=1).close()
        """
    recorded(suite, body)
    suite().assert_outcomes(passed=1)


@pytest.mark.parametrize(
    "name",
    ["../out", "/tmp/out", "a/../../out", "a\\\\b", "", "..", ".hidden", "a b", "a\\x00b", "x" * 300, "a//b"],
)
def test_a_cassette_lies_inside_its_folder_whatever_it_is_called(suite, name):
    with small_server() as server:
        body = f'import pytest\n@pytest.mark.panel_cassette("{name}")\ndef test_out():\n    ask(URL)\n'
        suite.write(body, server.url)
        result = suite(RECORD)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["InputError: a cassette cannot be called *"])
    assert server.asked == 0
    assert not list(suite.folder.parent.rglob("*out.yaml"))


def test_a_link_does_not_lead_a_cassette_out_of_its_folder(suite, tmp_path_factory):
    suite.tapes.mkdir(parents=True)
    (suite.tapes / "link").symlink_to(tmp_path_factory.mktemp("elsewhere"))
    suite.write('import pytest\n@pytest.mark.panel_cassette("link/out")\ndef test_out():\n    ask(URL)\n')
    result = suite(RECORD)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["InputError: * leads out of *"])


HOSTILE = {
    "a python object": "interactions: !!python/object/apply:os.system ['touch {mark}']",
    "another one": "a: !!python/object/new:subprocess.Popen [['touch', '{mark}']]",
    "a bomb": "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"{b}: &{b} [{','.join([f'*{a}'] * 10)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
    "deep nesting": "[" * 20_000,
    "no cassette": "hello: world",
    "an old one": "- request: {}\n  response: {}",
    "odd parts": "interactions:\n- request: {method: 3, uri: [], headers: {}, body: null}\n  response: {}",
    "odd headers": "interactions:\n- request: {method: GET, uri: 'http://x/', headers: {a: {b: c}}}\n"
    "  response: {status: {code: 200, message: ok}, headers: {}, body: {string: ''}}",
    "a body that is no text": "interactions:\n- request: {method: GET, uri: 'http://x/', headers: {}}\n"
    "  response: {status: {code: 200, message: ok}, headers: {}, body: {string: 7}}",
    "a URL that is none": "interactions:\n- request: {method: GET, uri: 'http://[x/', headers: {}}\n"
    "  response: {status: {code: 200, message: ok}, headers: {}, body: {string: ''}}",
    "not even text": "\udcff\udcfe",
    "nothing": "",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_named_and_runs_nothing(suite, what):
    mark = suite.folder / "mark"
    suite.tapes.mkdir(parents=True)
    text = HOSTILE[what].replace("{mark}", str(mark))
    (suite.tapes / "test_one.yaml").write_bytes(text.encode("utf-8", "surrogateescape"))
    suite.write(ONE)
    result = suite()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["InputError: *test_one.yaml*"])
    assert not mark.exists()
