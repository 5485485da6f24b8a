"""A panel asked through a bad night: a server that fails in every way, and a runner killed at random moments.

`hostile_server.py` mixes 429 episodes with Retry-After, errors, hangs, resets, truncated and garbage bodies and
slow drips, and logs each request with what it billed. Three judges (one through litellm, two through the direct
transport) are asked about the same items again and again: a campaign runs until the panel is done, while its
process is killed (SIGKILL) and started again. Every second campaign has a budget that cannot suffice, and is
continued with a larger one once it has stopped; it is killed, too. An undisturbed run on the same server says
what the votes should be.

    python benchmarks/faults.py [--quick] [--json FILE] [--kills N] [--items N] [--seed N]

votes_planned            votes of one campaign
votes_lost               planned votes that are not stored once a campaign has finished
votes_failed             stored votes that ended in an error in spite of all retries (a run may have 2 % of them)
votes_different          keys that no planned vote has, and labels that differ from the undisturbed run's
bought_again             requests for votes whose answer stood in the journal when the request came
repeated_worst_kill      most votes asked for again because a kill met their answers under way (at most the
                         concurrency); repeated_too_late: the same without a kill, since on a busy machine the
                         runner read an answer only after its patience was over
budget_overrun_usd       what the server billed beyond the budget, repeats and lost answers counted, worst campaign
retry_after_violations   requests that were let go after a 429 had come, and before the time that it named
kills                    how often the runner was killed
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import faults_checks as checks
from server_process import HERE, ServerProcess, server_process

CONCURRENCY = 12
"""Calls in flight, by judge."""

SAMPLES = 2
MAX_TOKENS = 80
PATIENCE_S = 1.2
INPUT_USD, OUTPUT_USD = 1.0, 5.0
"""Dollars per million tokens."""

AMPLE, SCANT = 200.0, 1.0
"""Budgets as multiples of what the undisturbed run was billed. Before an answer the ledger must count the worst
case, several times the usual bill, for every call in flight; a kill makes that an uncertain expense for good."""

MOST_ATTEMPTS = 60
"""Attempts of one campaign that end by themselves without finishing it."""

LABELS = ("negative", "neutral", "positive")

THROUGH_LITELLM = frozenset({"judge-a"})


@dataclass
class Campaign:
    """One panel carried through, from the first start to the last vote.

    Attributes:
        budget_usd: its first budget.
        kills: when its runner was killed, seconds since the epoch.
        log: the server's lines.
        journal: the journal's lines at the end.
        log_in_budget: how many of the server's lines came before the budget was raised.
        sends: what the runners note of the requests that they let go.
    """

    budget_usd: float
    kills: list[float] = field(default_factory=list)
    log: list[checks.Line] = field(default_factory=list)
    journal: list[checks.Line] = field(default_factory=list)
    log_in_budget: int | None = None
    sends: list[checks.Line] = field(default_factory=list)

    @property
    def billed_usd(self) -> float:
        """What the server billed under the first budget."""
        return checks.billed_usd(self.log[: self.log_in_budget], INPUT_USD, OUTPUT_USD)


class Faults:
    """The server, the panel and the kills.

    Args:
        folder: where files may be written.
        server: the hostile server.
        log: its log.
        items: how many items the panel is asked about.
        seed: draws the moments of the kills.
    """

    def __init__(self, folder: Path, server: ServerProcess, log: Path, items: int, seed: int) -> None:
        self._folder = folder
        self._server = server
        self._log = log
        self._draw = random.Random(seed)
        self._campaigns = 0
        self._longest_wait_s = min(1.0, items * 3 * SAMPLES / 200)  # a small panel is done sooner
        write_items(folder, items)

    def undisturbed(self) -> Campaign:
        """The same panel on the same server, when it fails at nothing."""
        self._server.read("calm")
        campaign = self.campaign(0, None)
        self._server.read("hostile")
        return campaign

    def campaign(self, kills: int, budget_usd: float | None, scant: bool = False) -> Campaign:
        """Carry the panel through; the runner is killed so many times, or fewer if it is done before."""
        self._campaigns += 1
        results = self._folder / f"results-{self._campaigns}"
        started_with = len(checks.read_lines(self._log))
        campaign = Campaign(budget_usd or 0.0)
        self._write_panel(budget_usd)
        retry = False
        for _ in range(MOST_ATTEMPTS + kills):
            # A kill makes all that was out uncertain; most scant budgets are to be used up by votes instead.
            spared = scant and campaign.log_in_budget is None and self._draw.random() < 0.75
            killed = len(campaign.kills) < kills and not spared
            state = self._attempt(results, campaign, killed, retry)
            if state == "sealed":
                break
            if state == "partial":
                outcomes = {vote["outcome"] for vote in checks.latest(self._journal(results)).values()}
                retry = "error" in outcomes
                if campaign.log_in_budget is None and budget_usd is not None and self._stopped_on_budget(results):
                    campaign.log_in_budget = len(checks.read_lines(self._log)) - started_with
                    self._write_panel(budget_usd * AMPLE)
        else:
            raise RuntimeError(f"campaign {self._campaigns} was not done after {MOST_ATTEMPTS} attempts")
        campaign.log = checks.read_lines(self._log)[started_with:]
        campaign.journal = self._journal(results)
        campaign.sends = checks.read_lines(self._sends(results))
        return campaign

    def _sends(self, results: Path) -> Path:
        return results.with_name(f"{results.name}.sends.jsonl")

    def _stopped_on_budget(self, results: Path) -> bool:
        manifest = json.loads(next(results.glob("*/run.json")).read_text())
        planned, votes = manifest["votes_planned"], checks.latest(self._journal(results))
        return len(votes) < planned or any(vote["outcome"] == "over_budget" for vote in votes.values())

    def _attempt(self, results: Path, campaign: Campaign, killed: bool, retry: bool) -> str:
        """Start the runner and let it end, or kill it: the state of the run, or ``killed``."""
        program = [sys.executable, str(HERE / "faults_runner.py")]
        command = [*program, "panel.yaml", str(results), str(self._sends(results))]
        with tempfile.TemporaryFile("w+") as output:
            process = subprocess.Popen(
                [*command, "--retry-failed"] if retry else command,
                cwd=self._folder, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
            try:
                if killed and self._kill(process):
                    campaign.kills.append(time.time())
                    return self._left(results)
                code = process.wait(timeout=600.0)
            finally:
                process.kill()
                process.wait()
            output.seek(0)
            said = output.read()
        if code:
            raise RuntimeError(f"the runner ended with {code}:\n{said[-3000:]}")
        return str(json.loads(said.strip().splitlines()[-1])["state"])

    def _left(self, results: Path) -> str:
        """How a killed runner left the run: ``sealed`` if it was done already, else ``killed``."""
        manifests = list(results.glob("*/run.json"))
        states = {json.loads(manifest.read_text())["state"] for manifest in manifests}
        return "sealed" if states == {"sealed"} else "killed"

    def _kill(self, process: subprocess.Popen[bytes]) -> bool:
        """Kill the runner at a random moment; False if it ended before.

        Mostly the moment counts from its first request, since a runner takes longer to start than to be at work.
        """
        if self._draw.random() < 0.85:
            size = self._log.stat().st_size
            while process.poll() is None and self._log.stat().st_size == size:
                time.sleep(0.005)
            wait = self._draw.uniform(0.0, self._longest_wait_s)
        else:
            wait = self._draw.uniform(0.0, 2.0)
        try:
            process.wait(wait)
        except subprocess.TimeoutExpired:
            process.kill()
        return process.wait() != 0

    def _journal(self, results: Path) -> list[checks.Line]:
        journals = list(results.glob("*/votes.jsonl"))
        if len(journals) != 1:
            raise RuntimeError(f"one run directory expected; found {journals}")
        return checks.read_lines(journals[0])

    def _write_panel(self, budget_usd: float | None) -> None:
        panel = {
            "panel": "faults",
            "rubric": "rubric.yaml",
            "labels": "labels.jsonl",
            "judges": [judge(name, self._server.url("v1")) for name in ("judge-a", "judge-b", "judge-c")],
            **({} if budget_usd is None else {"budget": {"usd": budget_usd}}),
        }
        (self._folder / "panel.yaml").write_text(json.dumps(panel))  # JSON is YAML


def judge(name: str, url: str) -> dict[str, Any]:
    """A judge of the panel; its tokenizer is the server's affair."""
    return {
        "id": name,
        "model": f"openai/{name}",
        "transport": "litellm" if name in THROUGH_LITELLM else "direct",
        "samples": SAMPLES,
        "max_tokens": MAX_TOKENS,
        "timeout_s": PATIENCE_S,
        "api_base": url,
        "limits": {"concurrency": CONCURRENCY},
        "price": {"input_usd_per_mtok": INPUT_USD, "output_usd_per_mtok": OUTPUT_USD},
    }


def write_items(folder: Path, items: int) -> None:
    """Write rubric.yaml and labels.jsonl; each item's text names the item."""
    labels = [{"name": name, "definition": f"The text sounds {name}."} for name in LABELS]
    rubric = {"task": "tone", "description": "How does the text sound?", "labels": labels, "fields": ["text"]}
    (folder / "rubric.yaml").write_text(json.dumps(rubric))
    with (folder / "labels.jsonl").open("w") as file:
        for number in range(items):
            counts = dict(zip(LABELS, (number % 4, 1, (number + 2) % 3), strict=True))
            content = {"text": f"This is item-{number:04d}. It was a day like any other, or so it seemed."}
            record = {"item_id": f"item-{number:04d}", "task": "tone", "counts": counts, "content": content}
            file.write(json.dumps(record) + "\n")


def figures(undisturbed: Campaign, campaigns: list[Campaign]) -> dict[str, Any]:
    """All figures, flat."""
    wanted = checks.latest(undisturbed.journal)
    repeats = [checks.repeats(each.log, each.kills) for each in campaigns]
    at_kills = [count for counts, _ in repeats for count in counts]
    overruns = [each.billed_usd - each.budget_usd for each in campaigns]
    scant = [each for each in campaigns if each.log_in_budget is not None]
    found: dict[str, Any] = {
        "votes_planned": len(wanted),
        "votes_lost": sum(len(checks.lost(wanted, checks.latest(each.journal))) for each in campaigns),
        "votes_failed": sum(len(checks.failed(checks.latest(each.journal))) for each in campaigns),
        "votes_different": sum(len(checks.different(wanted, checks.latest(each.journal))) for each in campaigns),
        "bought_again": sum(len(checks.bought_again(each.log, each.journal)) for each in campaigns),
        "repeated_at_kills": sum(at_kills),
        "repeated_worst_kill": max(at_kills, default=0),
        "repeated_too_late": sum(late for _, late in repeats),
        "concurrency": 3 * CONCURRENCY,
        "budget_overrun_usd": round(max(0.0, *overruns), 6),
        "retry_after_violations": sum(
            len(checks.retry_after_violations(each.log, each.sends)) for each in campaigns
        ),
        "kills": sum(len(each.kills) for each in campaigns),
        "campaigns": len(campaigns),
        "stopped_on_budget": len(scant),
        "requests": sum(len(each.log) for each in campaigns),
    }
    met = checks.kinds(line for each in campaigns for line in each.log)
    return found | {f"met_{kind}": count for kind, count in met.items()}


def print_campaign(number: int, campaign: Campaign) -> None:
    budget = f"{campaign.budget_usd:.3f} USD, {campaign.billed_usd:.3f} billed within it"
    stopped = "" if campaign.log_in_budget is None else ", stopped on budget and continued"
    print(f"campaign {number}: {len(campaign.log)} requests, {len(campaign.kills)} kills, budget {budget}{stopped}")
    for line in checks.retry_after_violations(campaign.log, campaign.sends):
        print(f"  asked before a Retry-After was over: {json.dumps(line)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="5 kills, 16 items; ends within 50 s")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--items", type=int, default=200)
    parser.add_argument("--seed", type=int, default=4)
    arguments = parser.parse_args()
    kills, items = (5, 16) if arguments.quick else (arguments.kills, arguments.items)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        log = folder / "server.jsonl"
        seed = str(arguments.seed)
        with server_process("hostile_server.py", seed, str(log), str(PATIENCE_S)) as server:
            found = carried_through(Faults(folder, server, log, items, arguments.seed), kills)
    for name, value in found.items():
        print(f"{name:>24}  {value:,}")
    if arguments.json:
        arguments.json.write_text(json.dumps(found) + "\n")


def carried_through(faults: Faults, kills: int) -> dict[str, Any]:
    """Campaigns until the runner has been killed so many times; the figures."""
    undisturbed = faults.undisturbed()
    usual_usd = checks.billed_usd(undisturbed.log, INPUT_USD, OUTPUT_USD)
    print(f"undisturbed: {len(undisturbed.journal)} votes, {len(undisturbed.log)} requests, {usual_usd:.4f} USD")
    campaigns: list[Campaign] = []
    left = kills
    while left > 0 or len(campaigns) < 2:
        scant = len(campaigns) % 2 == 0
        most, budget = (min(left // 3, 3), SCANT) if scant else (left, AMPLE)
        campaigns.append(faults.campaign(most, usual_usd * budget, scant))
        left -= len(campaigns[-1].kills)
        print_campaign(len(campaigns), campaigns[-1])
    return figures(undisturbed, campaigns)


if __name__ == "__main__":
    main()
