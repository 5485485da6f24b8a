"""`panel-eval score` on small files with hand-computed values, and on nine real judges of POPQUORN."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine

POPQUORN = (
    Path(os.environ.get("PANEL_EVAL_DATA", Path(__file__).parents[3] / "shared/data")) / "popquorn_offensiveness"
)
needs_popquorn = pytest.mark.skipif(
    not POPQUORN.is_dir(), reason="POPQUORN is not here; set PANEL_EVAL_DATA to the folder of data sets"
)


def metrics_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "metrics.json").read_text())


def test_a_single_judge_against_the_mri_item(cli: CommandLine) -> None:
    """METHODS §1.1: humans 1-2-1, panel (.1, .6, .3): TVD .15, KL .1332 bits, Brier .66, debiased .035 - .625/3."""
    cli.write(
        "mri.jsonl",
        '{"item_id": "mri-2031", "task": "grade", "counts": {"mild": 1, "moderate": 2, "severe": 1}}\n',
    )
    cli.write(
        "panel.jsonl",
        '{"item_id": "mri-2031", "judge": "j", "distribution": {"mild": 0.1, "moderate": 0.6, "severe": 0.3}}\n',
    )
    ended = cli(
        "score", "--labels", "mri.jsonl", "--votes", "panel.jsonl", "--scale", "ordinal", "--smoothing", "none",
        "--out", "out",
    )  # fmt: skip
    assert ended.code == 0
    overall = metrics_of(cli.folder / "out")["panel"]["overall"]
    expected = {
        "tvd": 0.15, "kl_plugin_bits": 0.1332062193, "brier": 0.66, "brier_debiased": 0.035 - 0.625 / 3,
        "w1": 0.20, "rps": 0.400, "rps_divergence": 0.025, "jsd_bits": 0.0288789760, "js_distance": 0.1414827934,
        "hellinger": 0.1424860721, "entropy_error_bits": 1.2954618442 - 1.5, "mode_accuracy": 1.0,
    }  # fmt: skip
    assert {name: overall[name]["estimate"] for name in expected} == pytest.approx(expected, abs=1e-9)


def test_unsmoothed_zeros_are_counted_and_null_never_infinite(cli: CommandLine) -> None:
    ended = cli(
        "score", "--labels", "labels.jsonl", "--votes", "votes.jsonl", "--smoothing", "none", "--out", "out"
    )
    assert ended.code == 0
    ce = metrics_of(cli.folder / "out")["panel"]["overall"]["ce_bits"]
    assert ce["estimate"] is None
    assert "2" in ce["note"]  # item b (no one voted "no") and item c (no one voted "maybe")


def test_scoring_again_into_the_same_folder_replaces_the_earlier_scores(cli: CommandLine) -> None:
    arguments = ("score", "--labels", "labels.jsonl", "--votes", "votes.jsonl", "--out", "out")
    assert cli(*arguments).code == 0
    first = (cli.folder / "out/metrics.json").read_bytes()
    assert cli(*arguments).code == 0
    assert (cli.folder / "out/metrics.json").read_bytes() == first
    assert cli(*arguments, "--seed", "5").code == 0
    assert (cli.folder / "out/metrics.json").read_bytes() != first


def test_the_folder_of_a_score_can_be_reported(cli: CommandLine) -> None:
    cli("score", "--labels", "labels.jsonl", "--votes", "votes.jsonl", "--rubric", "rubric.yaml", "--out", "out")
    ended = cli("report", "out")
    assert ended.code == 0
    assert "report.html" in ended.out
    assert "gamma" in (cli.folder / "out/report.html").read_text()


def score_popquorn(labels: Path, votes: Path, out: Path) -> tuple[subprocess.CompletedProcess[str], float]:
    start = os.times().children_user
    done = subprocess.run(
        [
            sys.executable, "-m", "panel_eval", "score", "--labels", str(labels), "--votes", str(votes),
            "--scale", "ordinal", "--out", str(out),
        ],
        capture_output=True, text=True, check=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # threads that wait for each other burn time, too
    )  # fmt: skip
    return done, os.times().children_user - start  # of the processor: other work on the machine does not count


@needs_popquorn
@pytest.mark.slow
def test_popquorn_gives_the_published_figures_in_any_order_of_lines(tmp_path: Path) -> None:
    _, seconds = score_popquorn(POPQUORN / "labels.jsonl", POPQUORN / "votes.jsonl", tmp_path / "out")
    metrics = metrics_of(tmp_path / "out")
    expected = {
        "ce_bits": 2.4930, "kl_plugin_bits": 1.2802, "jsd_bits": 0.3108, "tvd": 0.5076, "brier_debiased": 0.2959,
        "n_eq": 1.7998, "w1": 1.1051, "rps_divergence": 0.4736, "mode_accuracy": 0.2635, "entropy_pearson": 0.0617,
    }  # fmt: skip
    overall = metrics["panel"]["overall"]
    assert {name: overall[name]["estimate"] for name in expected} == pytest.approx(expected, abs=1e-4)
    unusable = {
        judge: sum(count for outcome, count in outcomes.items() if outcome != "ok")
        for judge, outcomes in metrics["coverage"]["by_judge"].items()
    }
    assert sum(unusable.values()) == 243
    in_file = [json.loads(line) for line in (POPQUORN / "votes.jsonl").read_text().splitlines()]
    assert unusable == {
        judge: sum(vote["judge"] == judge and vote["outcome"] != "ok" for vote in in_file) for judge in unusable
    }
    assert seconds < 15

    shuffled = tmp_path / "shuffled.jsonl"
    lines = (POPQUORN / "votes.jsonl").read_text().splitlines()
    random.Random(3).shuffle(lines)
    shuffled.write_text("\n".join(lines) + "\n")
    score_popquorn(POPQUORN / "labels.jsonl", shuffled, tmp_path / "again")
    assert (tmp_path / "again/metrics.json").read_bytes() == (tmp_path / "out/metrics.json").read_bytes()


@pytest.mark.parametrize("name", ["metrics.json", "items.parquet", "votes.jsonl", "labels.jsonl", "run.json"])
@pytest.mark.parametrize("damage", ["gone", "cut"])
def test_a_damaged_run_directory_is_named_not_traced(cli: CommandLine, name: str, damage: str) -> None:
    cli("score", "--labels", "labels.jsonl", "--votes", "votes.jsonl", "--out", "out")
    path = cli.folder / "out" / name
    whole = path.read_bytes()
    path.unlink() if damage == "gone" else path.write_bytes(whole[: len(whole) // 2])
    ended = cli("report", "out")
    assert ended.code == 2
    assert name in ended.err
    assert "Traceback" not in ended.err


def test_a_report_that_cannot_be_written_is_an_error_in_words(cli: CommandLine) -> None:
    cli("score", "--labels", "labels.jsonl", "--votes", "votes.jsonl", "--out", "out")
    ended = cli("report", "out", "--out", "no/such/folder/r.html")
    assert ended.code == 2
    assert "r.html: the report cannot be written: No such file or directory" in ended.err
