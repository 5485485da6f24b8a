"""Cassettes as a user's suite meets them: recorded from a real server, played with the server gone."""

from __future__ import annotations

import textwrap

import pytest
from small_server import COOKIE, small_server
from user_suite import ONE, RECORD, recorded


@pytest.mark.parametrize("client", ["by_urllib", "by_httpx", "by_aiohttp"])
def test_what_was_recorded_is_played_without_the_server(suite, client):
    path = recorded(suite, f"ask = {client}\n" + textwrap.dedent(ONE))
    assert path == suite.tapes / "test_one.yaml"
    suite().assert_outcomes(passed=1)
    text = path.read_text()
    assert "1234567890abcdef" not in text
    assert COOKIE not in text
    assert "x-request-id" not in text.lower()
    assert '"n": 1' in text


def test_nothing_is_recorded_unless_asked_for(suite):
    with small_server() as server:
        suite.write(ONE, server.url)
        result = suite()
    result.assert_outcomes(errors=1)
    how = "pytest 'test_mine.py::test_one' --panel-record=all"
    result.stdout.fnmatch_lines([f"CassetteMissError: there is no cassette *test_one.yaml. Record it: {how}"])
    assert server.asked == 0
    assert not list(suite.folder.rglob("*.yaml"))


@pytest.mark.parametrize("ci", ["true", "1"])
def test_ci_does_not_record(suite, monkeypatch, ci):
    suite.write(ONE)
    monkeypatch.setenv("CI", ci)
    result = suite(RECORD)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--panel-record: the variable CI is set*"])


def test_record_missing_keeps_what_is_there(suite):
    path = recorded(suite, ONE)
    before = path.read_bytes()
    suite("--panel-record=missing").assert_outcomes(passed=1)  # the server is gone: it was played
    assert path.read_bytes() == before


def test_a_stale_cassette_says_what_differs(suite):
    path = recorded(suite, ONE)
    mine = suite.folder / "test_mine.py"
    mine.write_text(mine.read_text().replace('{"q": 1}', '{"q": 2}'))
    result = suite()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*CassetteMissError: request not in the cassette: POST http://127.0.0.1:*/a is not*"]
    )
    result.stdout.fnmatch_lines(['*+*"q": 2*', "*Record it: pytest 'test_mine.py::test_one' --panel-record=all*"])
    assert path.exists()


def test_a_miss_that_the_code_swallows_fails_the_test_all_the_same(suite):
    """Clients retry what they take for an outage, and code goes on without an answer."""
    recorded(suite, ONE)
    suite.write(
        """
        def test_one(panel_cassette):
            for attempt in range(3):
                try:
                    ask("http://127.0.0.1:9/b", {"q": 1})
                except Exception:
                    pass
        """
    )
    result = suite()
    result.assert_outcomes(failed=1)
    assert result.stdout.str().count("CassetteMissError: POST http://127.0.0.1:9/b is not in test_one.yaml") == 3
    result.stdout.fnmatch_lines(["The test asked for what was never recorded*"])


def test_the_failure_of_a_test_is_shown_beside_its_misses(suite):
    recorded(suite, ONE)
    suite.write(
        """
        def test_one(panel_cassette):
            try:
                ask("http://127.0.0.1:9/b", {"q": 1})
            except Exception:
                pass
            assert 1 == 2
        """
    )
    result = suite()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*assert 1 == 2", "*Captured cassette call*", "CassetteMissError: POST *"])


TWO = """
    import pytest
    @pytest.mark.panel_cassette("both"{settings})
    def test_two():
        ask(URL + "/a")
        {second}
"""


def test_a_recording_that_nobody_asks_for_fails_the_test(suite):
    path = recorded(suite, TWO.format(settings="", second='ask(URL + "/b")'))
    assert path == suite.tapes / "both.yaml"
    suite().assert_outcomes(passed=1)
    url = path.read_text().split("uri: ")[1].split("/a")[0]
    suite.write(TWO.format(settings="", second=""), url)
    result = suite()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["1 of 2 recordings in *both.yaml were never asked for:", "  GET http://127.0.0.1:*/b"]
    )
    suite.write(TWO.format(settings=", allow_unused=True", second=""), url)
    suite().assert_outcomes(passed=1)


SHARED = """
    import pytest
    @pytest.mark.panel_cassette("shared", allow_unused=True)
    class TestShared:
        def test_one(self):
            ask(URL + "/a")
        def test_two(self):
            ask(URL + "/b")
"""


@pytest.mark.parametrize("mode", ["all", "missing"])
def test_tests_that_share_a_cassette_record_it_together(suite, mode):
    with small_server() as server:
        suite.write(SHARED, server.url)
        suite(f"--panel-record={mode}").assert_outcomes(passed=2)
        again = suite.tapes / "shared.yaml"
        both = again.read_text()
        suite(f"--panel-record={mode}").assert_outcomes(passed=2)
    assert [both.count(f"uri: {server.url}/{name}") for name in "ab"] == [1, 1]
    assert again.read_text().count("uri: ") == 2  # recorded anew, not added to
    suite().assert_outcomes(passed=2)
    mine = suite.folder / "test_mine.py"
    mine.write_text(mine.read_text().replace('"/b"', '"/c"'))
    suite().stdout.fnmatch_lines(
        ["*Record it: *test_two' --panel-record=all, with all tests that share the cassette"]
    )


def test_what_is_asked_again_is_answered_in_order_and_each_answer_once(suite):
    recorded(
        suite,
        """
        def test_again(panel_cassette):
            assert [ask(URL + "/a", {"q": 1})["n"] for _ in range(5)] == [1, 2, 3, 4, 5]
        """,
    )
    suite().assert_outcomes(passed=1)
    mine = suite.folder / "test_mine.py"
    mine.write_text(mine.read_text().replace("range(5)] == [1, 2, 3, 4, 5]", "range(6)]"))
    result = suite()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*: recorded, but every recording of it was played already*"])


def test_keys_in_urls_are_no_part_of_a_recording_nor_of_what_is_matched(suite):
    path = recorded(
        suite,
        """
        def test_url(panel_cassette):
            url = URL.replace("//", "//user:" + "pass12345@")
            by_httpx(url + "/m?key=" + "k3y" * 5 + "&alt=sse&api_key=x1234567&X-Goog-Signature=aa11bb22", {"q": 1})
        """,
    )
    assert "?alt=sse\n" in path.read_text()
    assert "pass12345" not in path.read_text()
    mine = suite.folder / "test_mine.py"
    mine.write_text(mine.read_text().replace('"k3y"', '"0th3r"'))
    suite().assert_outcomes(passed=1)  # whoever plays it has another key, or none


SECRETS = {
    "the value of a variable": 'ask(URL + "/a", {"q": "say hunter2hunter2"})',
    "an OpenAI key": 'ask(URL + "/a", {"q": "sk-" + "proj-Ab12Cd34Ef56"})',
    "a Google key in the path": 'ask(URL + "/AIza" + "SyA1234567890abcdefghijklmnop")',
    "an AWS key, escaped": 'ask(URL + "/%41KIA" + "ABCDEFGHIJKL1234")',
    "a bearer in the body": 'ask(URL + "/a", {"q": "Authorization: Bearer " + "Zm9vYmFyMTIz"})',
    "a GitHub token": 'ask(URL + "/a", {"q": "ghp_" + "A1b2C3d4E5f6G7h8I9j0"})',
    "a JSON web token": 'ask(URL + "/a", {"q": "eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"})',
    "an answer that hands out a token": 'ask(URL + "/a")',
}


@pytest.mark.parametrize("what", SECRETS)
def test_a_recording_that_holds_a_key_is_not_left_behind(suite, monkeypatch, what):
    monkeypatch.setenv("MY_PROVIDER_KEY", "hunter2hunter2")
    with small_server() as server:
        if "answer" in what:
            server.extra = {"access_token": "opaque-opaque-opaque"}
        suite.write(f"def test_leak(panel_cassette):\n    {SECRETS[what]}\n", server.url)
        result = suite(RECORD, "--tb=short")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["nothing was recorded: test_leak.yaml would hold what looks like a key:"])
    result.stdout.fnmatch_lines(["  interaction 1, *: *"])
    said = result.stdout.str()
    assert not any(
        key in said for key in ("hunter2hunter2", "Ab12Cd34", "SyA12345", "ABCDEFGH", "Zm9vYmFy", "opaque")
    )
    assert not [path for path in suite.tapes.parent.rglob("*") if path.is_file()]


def test_words_are_no_keys(suite):
    recorded(
        suite,
        """
        def test_words(panel_cassette):
            words = "the bearer certificates of risk-averse pk_column_names"
            ask(URL + "/a", {"key_findings": words, "hf-datasets": 1})
        """,
    )
    suite().assert_outcomes(passed=1)


def test_the_cassette_before_stays_where_a_recording_fails(suite):
    path = recorded(suite, ONE)
    before = path.read_bytes()
    with small_server() as server:
        suite.write("def test_one(panel_cassette):\n    ask(URL + '/b')\n    assert not 'passed'\n", server.url)
        result = suite(RECORD)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["nothing was recorded, since the test failed"])
    assert path.read_bytes() == before


def test_a_recording_without_any_request_says_so(suite):
    suite.write("def test_none(panel_cassette):\n    pass\n")
    result = suite(RECORD)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["no request was sent, so *test_none.yaml was not recorded*"])


def test_tests_whose_names_differ_in_odd_characters_have_their_own_cassettes(suite):
    body = """
        import pytest
        @pytest.mark.parametrize("what", ["a/b", "a-b", "a b", "ü", "x" * 300])
        def test_odd(panel_cassette, what):
            ask(URL + "/a", {"q": what})
        class TestGroup:
            def test_odd(self, panel_cassette):
                ask(URL + "/a", {"q": "group"})
        """
    with small_server() as server:
        suite.write(body, server.url)
        suite(RECORD).assert_outcomes(passed=6)
    assert len(list(suite.tapes.iterdir())) == 6
    suite().assert_outcomes(passed=6)


def test_a_marker_with_other_words_is_refused(suite):
    suite.write('import pytest\n@pytest.mark.panel_cassette("a", recordmode="all")\ndef test_odd():\n    pass\n')
    result = suite()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*panel_cassette takes one name, allow_unused, allow_misses and loopback*"])


def test_a_guard_of_pytest_recording_is_lifted_to_record_and_stands_again(suite):
    body = """
        import pytest, socket
        def test_a_recorded(panel_cassette):
            ask(URL + "/a")
        def test_b_guarded():
            with socket.socket() as closed, pytest.raises(RuntimeError, match="Network is disabled"):
                closed.connect(("127.0.0.1", 9))
        """
    with small_server() as server:
        suite.write(body, server.url)
        suite(RECORD, "--block-network").assert_outcomes(passed=2)
    suite("--block-network").assert_outcomes(passed=2)


def test_it_works_without_pytest_recording(suite):
    recorded(suite, ONE, "-p", "no:recording")
    suite("-p", "no:recording").assert_outcomes(passed=1)


def test_a_test_case_of_unittest_has_its_cassette_by_marker(suite):
    body = """
        import pytest, unittest
        class Case(unittest.TestCase):
            @pytest.mark.panel_cassette("case")
            def test_case(self):
                self.assertEqual(ask(URL + "/a")["n"], 1)
        """
    assert recorded(suite, body) == suite.tapes / "case.yaml"
    suite().assert_outcomes(passed=1)


def test_a_compressed_answer_is_played_readable(suite):
    with small_server() as server:
        server.encoding = "gzip"
        suite.write(
            'ask = by_httpx\ndef test_zip(panel_cassette):\n    assert ask(URL + "/a")["n"] == 1\n', server.url
        )
        suite(RECORD).assert_outcomes(passed=1)
    assert "content-encoding" not in (suite.tapes / "test_zip.yaml").read_text()
    suite().assert_outcomes(passed=1)


def test_an_answer_that_cannot_be_searched_for_keys_is_not_kept(suite):
    with small_server() as server:
        server.encoding = "odd"
        suite.write('def test_zip(panel_cassette):\n    ask(URL + "/a")\n', server.url)
        result = suite(RECORD)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["  interaction 1, response body: is compressed in a way that cannot be searched*"])


def test_no_log_line_tells_a_key(suite):
    body = """
        import logging
        def test_log(panel_cassette, caplog):
            caplog.set_level(logging.DEBUG)
            ask(URL + "/a?key=" + "s3cret" * 3)
            assert "s3crets3cret" not in caplog.text
        """
    recorded(suite, body)
    suite().assert_outcomes(passed=1)


@pytest.mark.slow
def test_workers_record_and_play_side_by_side(suite, pytester):
    body = """
        import pytest
        @pytest.mark.parametrize("n", range(6))
        def test_own(panel_cassette, n):
            ask(URL + "/own", {"q": n})
        @pytest.mark.parametrize("n", range(4))
        @pytest.mark.panel_cassette("shared")
        def test_shared(n):
            ask(URL + "/shared", {"q": 0})
        """
    quick = ("-n", "2", "-p", "no:hypothesispytest")
    with small_server() as server:
        suite.write(body, server.url)
        pytester.runpytest_subprocess(*quick, RECORD).assert_outcomes(passed=10)
    assert sorted(path.suffix for path in suite.tapes.iterdir()) == [".yaml"] * 7
    pytester.runpytest_subprocess(*quick).assert_outcomes(passed=10)
