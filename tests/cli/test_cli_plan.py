"""`panel-eval plan`: nothing sent, no key, no litellm; what is stored or reusable is not bought again."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from command_line import CommandLine

from panel_eval.engine.batch.batch_log import BatchLog, BatchRecord

PANEL = """\
panel: scripted
rubric: rubric.yaml
labels: labels.jsonl
seed: 3
{more}
judges:
  - {{id: one, model: fake/one.yaml, samples: 3, price: {{input_usd_per_mtok: 100, output_usd_per_mtok: 200}}}}
  - {{id: two, model: fake/two.yaml, elicit: distribution, samples: 2}}
"""
KEYED = """\
panel: keyed
rubric: rubric.yaml
labels: labels.jsonl
budget: {usd: 1}
judges:
  - {id: known, model: gpt-4o-mini, api_key_env: A_KEY_THAT_IS_NOT_SET}
  - {id: own, model: hosted_vllm/llama, api_base: "http://127.0.0.1:9/v1"}
"""


@pytest.fixture
def panel(cli: CommandLine) -> CommandLine:
    cli.write("panel.yaml", PANEL.format(more=""))
    cli.write("one.yaml", "default: maybe\nrules:\n  - {when: {contains: gamma}, reply: {refuse: I would not}}\n")
    cli.write("two.yaml", 'default: {"no": 0.2, maybe: 0.3, "yes": 0.5}\n')
    return cli


def _plan(cli: CommandLine, *options: str) -> dict:
    ended = cli("plan", "panel.yaml", "--json", *options)
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def _counts(plan: dict) -> dict[str, tuple[int, ...]]:
    return {
        each["judge"]: tuple(each[name] for name in ("votes", "stored", "reusable", "to_buy"))
        for each in plan["judges"]
    }


def _runs(cli: CommandLine) -> list[Path]:
    return sorted(path for path in (cli.folder / "results").iterdir() if path.is_dir())


def _cut_short(run: Path, lines: int) -> None:
    """As if the run had been killed after so many votes."""
    votes = (run / "votes.jsonl").read_text().splitlines(keepends=True)
    (run / "votes.jsonl").write_text("".join(votes[:lines]))
    manifest = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**manifest, "state": "partial"}))


def test_a_new_panel_buys_everything(panel):
    plan = _plan(panel)
    assert _counts(plan) == {"one": (9, 0, 0, 9), "two": (6, 0, 0, 6)}
    assert (plan["goes_on_with"], plan["reuses"], plan["items"]) == (None, [], 3)
    assert plan["judges"][0]["usd"]["expected"] > 0
    assert plan["judges"][1]["free"]
    assert not (panel.folder / "results").exists()
    # a: 4 of 4, agreement; b: 2 of 4, major; c: 3 of 4, minor
    assert [(part["name"], part["items"]) for part in plan["detectable"]] == [
        ("overall", 3),
        ("agreement", 1),
        ("minor", 1),
        ("major", 1),
    ]
    assert not any(part["testable"] for part in plan["detectable"])


def test_an_unfinished_run_is_gone_on_with(panel):
    assert panel("run", "panel.yaml").code == 0
    (run,) = _runs(panel)
    assert _counts(_plan(panel)) == {"one": (9, 0, 0, 9), "two": (6, 0, 0, 6)}  # a sealed run is not gone on with
    _cut_short(run, 7)
    stored = [json.loads(line) for line in (run / "votes.jsonl").read_text().splitlines()]
    one = sum(vote["judge"] == "one" for vote in stored)
    plan = _plan(panel)
    assert _counts(plan) == {"one": (9, one, 0, 9 - one), "two": (6, 7 - one, 0, 6 - (7 - one))}
    assert plan["goes_on_with"] == str(Path("results") / run.name)
    first = plan["judges"][0]
    said = [vote["usage"]["output_tokens"] for vote in stored if vote["judge"] == "one"]
    assert first["earlier_votes"] == one
    assert first["output_tokens"]["expected"] == pytest.approx((9 - one) * sum(said) / one)
    # and the run buys what was planned, no more
    assert panel("run", "panel.yaml").code == 0
    assert len((run / "votes.jsonl").read_text().splitlines()) == 15


def test_votes_of_earlier_runs_are_reusable(panel):
    assert panel("run", "panel.yaml").code == 0
    (run,) = _runs(panel)
    panel.write("panel.yaml", PANEL.format(more="").replace("samples: 3", "samples: 4"))
    plan = _plan(panel, "--reuse", str(run))
    assert _counts(plan) == {"one": (12, 0, 9, 3), "two": (6, 0, 6, 0)}
    assert plan["reuses"] == [run.name]
    assert plan["judges"][0]["earlier_votes"] == 9
    assert plan["judges"][1]["input_tokens"]["worst"] == 0
    # Another prompt is another instrument: nothing of it can be reused.
    panel.write("own.j2", "{% block system %}x{% endblock %}{% block user %}{{ item }}{% endblock %}")
    panel.write("panel.yaml", PANEL.format(more="prompt: own.j2"))
    assert _counts(_plan(panel, "--reuse", str(run)))["one"] == (9, 0, 0, 9)


def test_a_folder_without_votes_cannot_be_reused(panel):
    ended = panel("plan", "panel.yaml", "--reuse", "nowhere")
    assert ended.code == 2
    assert "nowhere" in ended.err


@pytest.mark.parametrize(
    ("budget", "fits", "words"),
    [
        ("{usd: 1000}", "worst", "Even the worst case fits."),
        ("{usd: 1}", "expected", "The expected cost fits. The worst case"),
        ("{usd: 0.05}", "no", "of the votes will be bought, on a random sample of items"),
        ("{tokens: 10}", "no", "Budget: 10 tokens. The expected cost"),
    ],
)
def test_the_budget_is_held_against_the_cost(panel, budget, fits, words):
    panel.write("panel.yaml", PANEL.format(more=f"budget: {budget}"))
    (check,) = _plan(panel)["budget"]
    assert check["fits"] == fits
    assert check["share"] == pytest.approx(min(check["limit"] / check["expected"], 1.0))
    assert words in " ".join(panel("plan", "panel.yaml").out.split())


def test_a_budget_of_the_command_line_replaces_the_panels(panel):
    panel.write("panel.yaml", PANEL.format(more="budget: {usd: 1000}"))
    usd, tokens = _plan(panel, "--budget-usd", "0.05", "--budget-tokens", "7")["budget"]
    assert (usd["limit"], usd["fits"]) == (0.05, "no")
    assert (tokens["unit"], tokens["limit"]) == ("tokens", 7)
    assert panel("plan", "panel.yaml", "--budget-usd", "0").code == 2


def test_money_that_is_spent_is_no_longer_there(panel):
    assert panel("run", "panel.yaml").code == 0
    (run,) = _runs(panel)
    _cut_short(run, 9)
    spent = sum(json.loads(line)["cost_usd"] for line in (run / "votes.jsonl").read_text().splitlines())
    panel.write("panel.yaml", PANEL.format(more="budget: {usd: 1000}"))
    (check,) = _plan(panel)["budget"]
    assert check["spent"] == pytest.approx(spent)
    assert spent > 0
    # what a killed session may have had under way counts too
    (run / "ledger.jsonl").write_text('{"held_usd": 2.5, "held_tokens": 99}\n')
    (check,) = _plan(panel)["budget"]
    assert check["spent"] == pytest.approx(spent + 2.5)
    assert (run / "ledger.jsonl").read_text().count("\n") == 1


def test_a_plan_needs_no_key_and_says_what_is_missing(panel):
    panel.write("panel.yaml", KEYED)
    ended = panel("plan", "panel.yaml")
    text = " ".join(ended.out.split())
    assert ended.code == 0
    assert "A_KEY_THAT_IS_NOT_SET is not set" in text
    assert "Price unknown, and in no sum: own." in text
    assert "Budget: 1.00 USD. Even the worst case of judges with a known price fits." in text
    assert "judge 'own' has no known price, and the budget is in US dollars" in text
    plan = _plan(panel)
    assert plan["unpriced"] == ["own"]
    assert plan["judges"][0]["price"]["source"].endswith("price list: gpt-4o-mini")
    assert plan["judges"][0]["batch_usd"]["expected"] == pytest.approx(plan["judges"][0]["usd"]["expected"] / 2)
    assert plan["total"]["usd"] == plan["judges"][0]["usd"]


def test_batches_cost_what_batches_cost(panel):
    panel.write("panel.yaml", KEYED)
    live, batch = _plan(panel)["budget"][0], _plan(panel, "--batch")["budget"][0]
    assert batch["expected"] == pytest.approx(live["expected"] / 2)
    assert "provider batches take up to a day" in panel("plan", "panel.yaml", "--batch").out


def test_the_plan_fits_100_columns_and_holds_no_escapes(panel):
    long = "j" * 64
    panel.write("panel.yaml", PANEL.format(more="budget: {usd: 0.01}").replace("id: one", f"id: {long}"))
    out = panel("plan", "panel.yaml").out
    assert max(map(len, out.splitlines())) <= 100
    assert "\x1b" not in out
    assert "Nothing is sent." in out


def test_planning_imports_neither_litellm_nor_aiohttp_and_opens_no_connection(panel):
    panel.write("panel.yaml", KEYED)
    program = (
        "import socket, sys\n"
        "def refuse(*args): raise SystemExit('a socket was opened')\n"
        "socket.socket.connect = refuse\n"
        "from panel_eval import api\n"
        "api.plan('panel.yaml')\n"
        "sys.exit(int(bool({'litellm', 'aiohttp', 'matplotlib', 'ray'} & set(sys.modules))))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, cwd=panel.folder).returncode == 0


def test_a_panel_with_mistakes_is_refused_as_a_run_would_be(panel):
    panel.write("panel.yaml", PANEL.format(more="").replace("model: fake/two.yaml", "model: fake/none.yaml"))
    ended = panel("plan", "panel.yaml")
    assert ended.code == 2
    assert "none.yaml" in ended.err


def test_the_json_fits_its_published_schema(panel):
    schema = json.loads(panel("schema", "plan").out)
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(_plan(panel))) == []


def test_votes_that_are_out_in_batches_are_not_bought_again(panel):
    panel.write("panel.yaml", PANEL.format(more="budget: {usd: 1000, tokens: 1000000}"))
    assert panel("run", "panel.yaml").code == 0
    (run,) = _runs(panel)
    whole = [json.loads(line) for line in (run / "votes.jsonl").read_text().splitlines()]
    _cut_short(run, 4)
    before = {check["unit"]: check["spent"] for check in _plan(panel)["budget"]}
    keys = b"".join(bytes.fromhex(vote["vote_key"]) for vote in whole[4:] if vote["judge"] == "one")
    number = len(keys) // 32
    facts = {"judge": "one", "account": "a", "fingerprint": "f", "salt": "s", "mode": "json_schema"}
    with BatchLog(run) as log:
        (log.folder / "t.keys").write_bytes(keys)
        digest = hashlib.sha256(keys).hexdigest()
        log.intend(BatchRecord(tag="t", votes=number, keys_sha256=digest, usd=1.5, tokens=700, **facts))
    plan = _plan(panel)
    one = plan["judges"][0]
    assert (one["votes"], one["out"], one["to_buy"]) == (9, number, 0)
    spent = {check["unit"]: check["spent"] for check in plan["budget"]}
    assert spent == {"usd": pytest.approx(before["usd"] + 1.5), "tokens": before["tokens"] + 700}
    heads = [line for line in panel("plan", "panel.yaml").out.splitlines() if line.startswith("judge")]
    assert "in batches" in heads[0]
