"""`panel-eval apply` from the command line: who is decided, who is handed over, what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import RUBRIC, CommandLine

import panel_eval as pe
from panel_eval.api.labelled_run import judge_forecasts
from panel_eval.evaluation.policy import Provenance, calibrate_policy
from panel_eval.schema import JudgeIdentity
from panel_eval.schema.deferral_policy import DeferralPolicy
from panel_eval.schema.deferral_settings import DeferralSettings

LABELS = ("no", "maybe", "yes")
N = 300


def lines(records: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthetic: 300 labelled items and three others, three judges; every third item is hard."""
    folder = tmp_path_factory.mktemp("made")
    rng = np.random.default_rng(1)
    labels, votes = [], []
    for row in range(N):
        truth = np.roll([0.9, 0.05, 0.05] if row % 3 else [0.4, 0.35, 0.25], row % 3)
        counts = rng.multinomial(6, truth)
        labels.append(
            {"item_id": f"i{row}", "task": "t", "counts": dict(zip(LABELS, counts.tolist(), strict=True))}
        )
        for judge in "jkl":
            for sample in range(4):
                vote = {
                    "item_id": f"i{row}",
                    "judge": judge,
                    "sample": sample,
                    "label": rng.choice(LABELS, p=truth),
                }
                votes.append(vote)
    sure = [{"item_id": "sure", "judge": j, "sample": s, "label": "yes"} for j in "jkl" for s in range(4)]
    split = [{"item_id": "split", "judge": j, "label": label} for j, label in zip("jkl", LABELS, strict=True)]
    lonely = [{"item_id": "lonely", "judge": "j", "label": "yes"}]
    silent = [{"item_id": "silent", "judge": "j", "outcome": "refusal"}]
    pool = [{"item_id": name} for name in ("sure", "split", "lonely", "silent")]
    texts = {
        "labels": lines(labels),
        "votes": lines([*votes, *sure, *split, *lonely, *silent]),
        "pool": lines(pool),
    }
    for name, text in texts.items():
        (folder / f"{name}.jsonl").write_text(text)
    (folder / "rubric.yaml").write_text(RUBRIC)
    run = pe.score(
        folder / "labels.jsonl",
        folder / "votes.jsonl",
        unlabelled=folder / "pool.jsonl",
        rubric=folder / "rubric.yaml",
        resamples=100,
        out=folder / "run",
    )
    forecasts = judge_forecasts(run)
    found = calibrate_policy(
        run.pooling.forecast(forecasts, run.humans.labels),
        forecasts,
        run.humans,
        DeferralSettings(loss="majority", risk=0.2),
        seed=0,
        provenance=Provenance(pooling=run.pooling, run_id="another run"),
        resamples=100,
    )
    assert found.policy.threshold is not None
    (folder / "policy.json").write_text(found.policy.model_dump_json())
    return folder


@pytest.fixture
def folder(cli: CommandLine, made: Path) -> CommandLine:
    shutil.copytree(made, cli.folder, dirs_exist_ok=True)
    return cli


def change(cli: CommandLine, **values: Any) -> None:
    path = cli.folder / "policy.json"
    policy = DeferralPolicy.model_validate_json(path.read_bytes())
    path.write_text(policy.model_copy(update=values).model_dump_json())


def rows(text: str) -> dict[str, dict[str, Any]]:
    found = [json.loads(line) for line in text.splitlines()]
    assert len({row["item_id"] for row in found}) == len(found)
    return {row["item_id"]: row for row in found}


def test_every_item_of_a_run_is_decided_or_handed_over(folder: CommandLine) -> None:
    ended = folder("apply", "run", "--policy", "policy.json", "--out", "decisions.jsonl")
    assert ended.code == 0
    assert ended.out == ""
    found = rows((folder.folder / "decisions.jsonl").read_text())
    assert list(found) == [*(f"i{row}" for row in range(N)), "sure", "split", "lonely", "silent"]
    # 12 votes for yes; Dirichlet smoothing: (12 + .5) / 13.5.
    sure = found["sure"]
    assert (sure["decision"], sure["label"], sure["set"]) == ("decide", "yes", ["yes"])
    assert sure["distribution"] == pytest.approx({"no": 0.5 / 13.5, "maybe": 0.5 / 13.5, "yes": 12.5 / 13.5})
    assert sure["score"] < sure["threshold"]
    split = found["split"]
    assert (split["decision"], split["label"], split["set"]) == ("defer", None, list(LABELS))
    assert split["score"] == pytest.approx(np.log2(3))
    assert "not below" in split["reason"]
    assert (found["lonely"]["decision"], found["lonely"]["reason"]) == ("defer", "too few judges answered it")
    silent = found["silent"]
    assert (silent["decision"], silent["distribution"], silent["score"]) == ("defer", None, None)
    assert silent["reason"] == "no judge answered it"
    decided = sum(row["decision"] == "decide" for row in found.values())
    assert f"{decided} of {N + 4} items decided, {N + 4 - decided} handed over" in ended.err
    assert "1: no judge answered it" in ended.err


def test_a_vote_file_gives_the_same_decisions(folder: CommandLine) -> None:
    by_run = rows(folder("apply", "run", "--policy", "policy.json").out)
    ended = folder("apply", "--policy", "policy.json", "--votes", "votes.jsonl")
    by_votes = rows(ended.out)
    assert list(by_votes) == sorted(by_votes)
    assert by_votes == by_run
    assert "nothing tells how the judges of a vote file were asked" in ended.err


def test_items_that_made_the_policy_are_told_of(folder: CommandLine) -> None:
    """Half of the 300 labelled items calibrated it, of 304 in the run: 49 %."""
    told = "about 49% of the items had a part in making the policy"
    assert told in folder("apply", "run", "--policy", "policy.json").err
    assert told in folder("apply", "--policy", "policy.json", "--votes", "votes.jsonl").err
    policy = DeferralPolicy.model_validate_json((folder.folder / "policy.json").read_bytes())
    change(folder, calibration=policy.calibration.model_copy(update={"item_digests": ""}))
    assert "had a part in making" not in folder("apply", "run", "--policy", "policy.json").err


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"task": "other"}, "it is for the task other, this is t"),
        ({"labels": ["no", "yes", "maybe"]}, "its labels are no, yes, maybe, here they are no, maybe, yes"),
        ({"scale": "ordinal"}, "its scale is ordinal, here it is nominal"),
        ({"judges": [JudgeIdentity(id=name) for name in "jklm"]}, "it needs votes of m"),
        ({"judges": [JudgeIdentity(id=name) for name in "jk"], "fewest_judges": 1}, "it does not know l"),
        ({"rubric_hash": "0" * 64}, "it was made with another rubric"),
    ],
)
def test_another_panel_is_refused(folder: CommandLine, values: dict[str, Any], message: str) -> None:
    change(folder, **values)
    ended = folder("apply", "run", "--policy", "policy.json", "--out", "decisions.jsonl")
    assert ended.code == 4
    assert f"the policy does not fit this panel: {message}" in ended.err
    assert "Remedy" in ended.err
    assert not (folder.folder / "decisions.jsonl").exists()


def test_votes_of_other_judges_are_refused(folder: CommandLine) -> None:
    folder.write("few.jsonl", lines([{"item_id": "a", "judge": "j", "label": "no"}]))
    ended = folder("apply", "--policy", "policy.json", "--votes", "few.jsonl")
    assert ended.code == 4
    assert "it needs votes of k, l" in ended.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--policy", "policy.json"), "name either a run or a vote file"),
        (("run", "--policy", "policy.json", "--votes", "votes.jsonl"), "name either a run or a vote file"),
        (("run", "--policy", "nowhere.json"), "file not found"),
        (("run", "--policy", "run/metrics.json"), "metrics.json"),
        (("nowhere", "--policy", "policy.json"), "no such run directory"),
        (("run", "--policy", "policy.json", "--out", "nowhere/decisions.jsonl"), "cannot be written"),
        (("run", "--policy", "policy.json", "--out", "run"), "cannot be written"),
        (("--policy", "policy.json", "--votes", "empty.jsonl"), "no votes"),
        (("--policy", "policy.json", "--votes", "unknown.jsonl"), "perhaps"),
    ],
)
def test_bad_input_ends_in_one_sentence(folder: CommandLine, arguments: tuple[str, ...], message: str) -> None:
    folder.write("empty.jsonl", "")
    votes = [{"item_id": "a", "judge": judge, "label": "perhaps"} for judge in "jkl"]
    folder.write("unknown.jsonl", lines(votes))
    before = sorted(path.name for path in folder.folder.rglob("*"))
    ended = folder("apply", *arguments)
    assert ended.code == 2
    assert message in ended.err
    assert "Traceback" not in ended.err
    assert sorted(path.name for path in folder.folder.rglob("*")) == before


def test_a_policy_that_decides_nothing(folder: CommandLine) -> None:
    change(folder, threshold=None)
    found = rows(folder("apply", "run", "--policy", "policy.json").out)
    assert {row["decision"] for row in found.values()} == {"defer"}
    assert found["sure"]["reason"].startswith("the policy decides nothing")


def test_names_cannot_command_the_terminal(folder: CommandLine) -> None:
    change(folder, rule="be quiet \x1b[2J")
    folder.write("odd.jsonl", lines([{"item_id": "\x1b[31m", "judge": judge, "label": "no"} for judge in "jkl"]))
    ended = folder("apply", "--policy", "policy.json", "--votes", "odd.jsonl")
    assert ended.code == 0
    assert "\x1b" not in ended.out + ended.err


@pytest.mark.slow
def test_a_fitted_pool_goes_with_its_policy(folder: CommandLine) -> None:
    asked = ("--loss", "majority", "--risk", "0.2", "--method", "linear_pool", "--resamples", "100")
    assert folder("fit", "run", *asked).code == 0
    shutil.move(folder.folder / "run/fit/policy.json", folder.folder / "alone.json")
    shutil.rmtree(folder.folder / "run/fit")
    ended = folder("apply", "run", "--policy", "alone.json")
    assert ended.code == 0
    found = rows(ended.out)
    assert found["sure"]["decision"] == "decide"
    assert found["split"]["decision"] == "defer"
    document = json.loads((folder.folder / "alone.json").read_text())
    assert document["pooling"]["method"] == "linear_pool"
    # Fitted forecasts are not the smoothed mean of the votes.
    assert found["sure"]["distribution"]["yes"] != pytest.approx(12.5 / 13.5, abs=1e-6)
    document["pooling"]["judges"] = document["pooling"]["judges"][:2]
    folder.write("other.json", json.dumps(document))
    refused = folder("apply", "run", "--policy", "other.json")
    assert refused.code == 4
    assert "the policy's fitted pool does not fit this panel: it does not know l" in refused.err
