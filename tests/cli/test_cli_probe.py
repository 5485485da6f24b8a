"""`panel-eval probe`: a row for each judge, a line for each trouble, nothing stored, 2 if a judge is unable."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from command_line import CommandLine

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "judges"))

from constructed_server import Server, constructed_server

from panel_eval.errors import JudgeSetupError
from panel_eval.judges import find_weights, local_server_installed
from panel_eval.schema import json_schema

HEAD = "panel: tried\nrubric: rubric.yaml\nlabels: not-there.jsonl\njudges:\n"
KEY = "sk-thekeythatisnottobeseen"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("A_KEY", KEY)
    with constructed_server() as running:
        yield running


@pytest.fixture
def panel(cli: CommandLine) -> CommandLine:
    cli.write("one.yaml", "default: maybe\n")
    cli.write("told.jsonl", '{"item_id": "a", "judge": "told", "label": "no"}\n')
    return cli


def write(panel: CommandLine, *judges: str, head: str = HEAD) -> None:
    panel.write("panel.yaml", head + "".join(f"  - {{{judge}}}\n" for judge in judges))


def hosted(server: Server, path: str, more: str = "") -> str:
    return f'id: {path}, model: openai/m, transport: direct, api_base: "{server.url(path)}", api_key_env: A_KEY' + (
        f", {more}" if more else ""
    )


def files(panel: CommandLine) -> list[str]:
    return sorted(path.name for path in panel.folder.rglob("*"))


def test_able_judges_end_with_0_and_leave_nothing_behind(panel, server):
    write(panel, hosted(server, "two"), hosted(server, "logprobs", "elicit: logprobs"))
    before = files(panel)
    ended = panel("probe", "panel.yaml")
    assert (ended.code, ended.err) == (0, "")
    assert files(panel) == before
    assert "tried: 2 of 2 judges asked once about a made-up item. Nothing is stored." in ended.out
    rows = {line.split()[0]: line.split() for line in ended.out.splitlines() if " openai/m " in line}
    # judge, model, answer, format, kept, seed, logprobs, n=2
    assert rows["two"][:8] == ["two", "openai/m", "ok", "json_schema", "yes", "yes", "–", "2"]
    assert rows["logprobs"][:8] == ["logprobs", "openai/m", "ok", "text", "–", "yes", "4", "1"]
    assert ended.out.endswith("Every judge can do what the panel asks.\n")


def test_each_trouble_has_one_line_and_the_end_is_2(panel, server):
    paths = ("ok", "key", "absent", "truncated")
    write(panel, *(hosted(server, path) for path in paths), "id: unset, model: gpt-4o-mini, api_key_env: NOT_SET")
    ended = panel("probe", "panel.yaml")
    assert (ended.code, ended.err) == (2, "")
    lines = ended.out.splitlines()
    told = lines[lines.index("What the panel asks for and did not get") + 1 :]
    assert [line.split(":")[0] for line in told] == [
        "  key (openai/m)",
        "  absent (openai/m)",
        "  truncated (openai/m)",
        "  unset (gpt-4o-mini)",
    ]
    assert "the key in A_KEY was refused (HTTP 401)" in told[0]
    assert told[2].endswith("the answer was cut off at max_tokens (1024); raise max_tokens")
    assert told[3].endswith("the environment variable NOT_SET is not set; put the key there")
    assert re.search(r"^unset +gpt-4o-mini +not asked", ended.out, re.MULTILINE)


def test_scripted_and_recorded_judges_are_listed_and_not_asked(panel):
    write(panel, "id: one, model: fake/one.yaml", "id: told, model: replay/told.jsonl")
    ended = panel("probe", "panel.yaml")
    assert ended.code == 0
    assert "none of 2 judges was asked; nothing was sent" in ended.out
    assert re.search(r"^one +fake/one.yaml +scripted", ended.out, re.MULTILINE)
    assert re.search(r"^told +replay/told.jsonl +recorded", ended.out, re.MULTILINE)


def test_the_table_fits_100_columns_and_hostile_text_moves_no_cursor(panel, server):
    long = "a-judge-with-a-name-of-no-less-than-forty-letters"
    write(
        panel,
        hosted(server, "hostile"),
        hosted(server, "ok").replace("id: ok", f"id: {long}").replace("openai/m", f"openai/org/{long}"),
        hosted(server, "hostile_error"),
    )
    ended = panel("probe", "panel.yaml")
    table = ended.out.split("What the panel asks")[0].splitlines()
    assert max(map(len, table)) <= 100
    assert all(line.isprintable() for line in ended.out.splitlines())
    assert "hostilehostile" not in ended.out
    assert KEY not in ended.out


def test_json_follows_the_published_contract(panel, server):
    write(panel, hosted(server, "two"), hosted(server, "key"), "id: one, model: fake/one.yaml")
    ended = panel("probe", "panel.yaml", "--json")
    assert ended.code == 2
    report = json.loads(ended.out)
    jsonschema.Draft202012Validator(json_schema("probe")).validate(report)
    assert (report["able"], report["panel"]) == (False, "tried")
    assert [(each["judge"], each["kind"], each["probe"] is None) for each in report["judges"]] == [
        ("two", "remote", False),
        ("key", "remote", False),
        ("one", "scripted", True),
    ]
    assert report["judges"][0]["probe"]["n"] == 2
    assert KEY not in ended.out
    assert panel("schema", "probe").code == 0


def test_a_budget_holds_for_the_probe_too(panel, server):
    write(panel, hosted(server, "ok"), head=HEAD.replace("judges:", "budget: {tokens: 50}\njudges:"))
    ended = panel("probe", "panel.yaml")
    assert ended.code == 2
    assert "ok (openai/m): the budget has no room for one call; raise it" in ended.out
    assert server.counts["ok"] == 0


def test_a_panel_that_cannot_be_read_is_bad_input(panel):
    panel.write("panel.yaml", HEAD + "  - {id: j, modell: x}\n")
    ended = panel("probe", "panel.yaml")
    assert (ended.code, ended.out) == (2, "")
    assert "modell" in ended.err


def test_direct_judges_are_probed_without_litellm(panel, server):
    write(panel, hosted(server, "ok"))
    code = (
        "import sys; from panel_eval.cli import main; sys.argv = ['panel-eval', 'probe', 'panel.yaml']\n"
        "try: main()\nexcept SystemExit: pass\n"
        "sys.exit(any(name in sys.modules for name in ('litellm', 'matplotlib', 'ray')))"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=panel.folder, capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert server.counts["ok"] == 1


@pytest.mark.slow
@pytest.mark.skipif(not local_server_installed(), reason="xllamacpp is not installed")
def test_a_real_local_model_shows_its_log_probabilities(panel):
    try:
        find_weights("smollm2-135m", Path())
    except JudgeSetupError as error:
        pytest.skip(str(error))
    model = "model: local/smollm2-135m, timeout_s: 600"  # a busy machine may be slow; that is not what is tested
    write(
        panel,
        f"id: voting, {model}, temperature: 0, max_tokens: 150",
        f"id: weighing, {model}, elicit: logprobs",
        f"id: terse, {model}, temperature: 0, max_tokens: 3",
    )
    ended = panel("probe", "panel.yaml", "--json")
    voting, weighing, terse = (each["probe"] for each in json.loads(ended.out)["judges"])
    assert (voting["outcome"], voting["response_mode"], voting["obeyed"]) == ("ok", "json_schema", True)
    assert voting["model_reported"] == "smollm2-135m"
    assert voting["usage"]["input_tokens"] > 50
    assert (weighing["outcome"], weighing["logprobs"]) == ("ok", 20)
    assert 0.5 < weighing["captured_mass"] <= 1.0
    assert (terse["outcome"], ended.code) == ("truncated", 2)
    assert terse["lacks"] == ["the answer was cut off at max_tokens (3); raise max_tokens"]
