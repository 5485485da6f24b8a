"""`panel-eval estimate` from the command line: METHODS §3.6 to its digits, invented pools with a known truth."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import CommandLine
from fitted_pool_file import write_fitted_pool

import panel_eval as pe

# METHODS 3.6: people's share of "yes", the panel's on the same items, the panel's on the unlabelled ones.
Y = (0.2, 0.4, 0.3, 0.6, 0.5)
F = (0.25, 0.35, 0.30, 0.50, 0.55)
POOL = (0.3, 0.4, 0.5, 0.2, 0.6, 0.45, 0.35, 0.4, 0.5, 0.3)


def lines(records: Iterable[dict[str, Any]]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.fixture
def worked(cli: CommandLine) -> CommandLine:
    labels = [
        {
            "item_id": f"h{n}",
            "task": "t",
            "counts": {"no": 10 - round(10 * y), "yes": round(10 * y)},
            "metadata": {"w": 1 + n},
        }
        for n, y in enumerate(Y)
    ]
    votes = [
        {"item_id": item, "judge": "j", "distribution": {"no": 1 - f, "yes": f}}
        for item, f in (*((f"h{n}", f) for n, f in enumerate(F)), *((f"u{n}", f) for n, f in enumerate(POOL)))
    ]
    cli.write("labels.jsonl", lines(labels))
    cli.write("votes.jsonl", lines(votes))
    cli.write("pool.jsonl", lines({"item_id": f"u{n}"} for n in range(len(POOL))))
    pe.score(
        cli.folder / "labels.jsonl", cli.folder / "votes.jsonl", unlabelled=cli.folder / "pool.jsonl",
        smoothing="none", resamples=100, out=cli.folder / "run",
    )  # fmt: skip
    return cli


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())


def test_the_worked_values_of_the_methods(worked: CommandLine) -> None:
    ended = worked("estimate", "run", "--of", "yes", "--out", "found.json")
    assert ended.code == 0, ended.err
    (found,) = read(worked.folder / "found.json")["estimates"]
    assert found["power"] == pytest.approx(0.90988, abs=5e-6)
    assert found["estimate"]["estimate"] == pytest.approx(0.409099, abs=5e-7)
    assert found["classical"]["estimate"] == pytest.approx(0.40)
    assert found["panel_only"]["estimate"] == pytest.approx(0.40)
    assert found["panel_error"]["estimate"] == pytest.approx(-0.01)
    assert found["estimate"]["low"] is None  # of five items nothing is said
    assert "fewer than 8 independent labelled items" in found["estimate"]["note"]
    assert "0.4091" in ended.out
    assert "Label more items" in ended.out


def test_sampling_weights_are_read_from_the_metadata(worked: CommandLine) -> None:
    ended = worked("estimate", "run", "--of", "yes", "--weights", "w", "--out", "found.json")
    assert ended.code == 0, ended.err
    document = read(worked.folder / "found.json")
    (found,) = document["estimates"]
    w = np.arange(1.0, 6.0)
    assert found["classical"]["estimate"] == pytest.approx(np.average(Y, weights=w))
    power = found["power"]
    expected = power * np.mean([*F, *POOL]) + np.average(np.array(Y) - power * np.array(F), weights=w)
    assert found["estimate"]["estimate"] == pytest.approx(expected)
    assert "chance above 0 to be labelled" in document["assumption"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--of", "severity"], "no severity: the scale is nominal"),
        (["--of", "yess"], "did you mean 'yes'"),
        (["--of", "yes,no"], "names every label"),
        (
            ["--of", "yes", "--weights", "price"],
            "5 labelled items have no weight above 0 there: 'h0', 'h1', 'h2' …",
        ),
        (["--of", "yes", "--method", "magic"], "auto, or one of temperature"),
        (["--of", "yes", "--fitted", "none.json"], "none.json"),
        (["--of", "yes", "--fitted", "none.json", "--method", "auto"], "leave one of them out"),
        (["--of", "yes", "--out", "no/such/folder.json"], "cannot be written"),
    ],
)
def test_what_makes_no_sense_is_refused(worked: CommandLine, arguments: list[str], message: str) -> None:
    ended = worked("estimate", "run", *arguments)
    assert ended.code == 2
    assert message in ended.err
    assert ended.out == ""


def test_without_unlabelled_items_there_is_no_pool(cli: CommandLine) -> None:
    pe.score(cli.folder / "labels.jsonl", cli.folder / "votes.jsonl", resamples=100, out=cli.folder / "run")
    ended = cli("estimate", "run", "--of", "yes")
    assert ended.code == 2
    assert "no unlabelled items" in ended.err


@pytest.fixture(scope="module")
def pool_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on invented items: 60 labelled by 8 people each, 600 unlabelled; two judges see far too much harm."""
    folder, draw = tmp_path_factory.mktemp("pool"), np.random.default_rng(7)
    harm = draw.beta(0.6, 1.4, size=660)
    people = draw.binomial(8, harm)
    labels = [
        {"item_id": f"i{n:03d}", "task": "harm", "counts": {"none": 8 - int(people[n]), "harm": int(people[n])}}
        for n in range(60)
    ]
    votes = [
        {"item_id": f"i{n:03d}", "judge": judge, "distribution": {"none": 1 - float(f), "harm": float(f)}}
        for judge, start in (("mild", 0.25), ("harsh", 0.4))
        for n, f in enumerate(np.clip(start + (1 - start) * harm + draw.normal(0, 0.05, 660), 0, 1))
    ]
    (folder / "labels.jsonl").write_text(lines(labels))
    (folder / "votes.jsonl").write_text(lines(votes))
    (folder / "pool.jsonl").write_text(lines({"item_id": f"i{n:03d}"} for n in range(60, 660)))
    pe.score(
        folder / "labels.jsonl", folder / "votes.jsonl", unlabelled=folder / "pool.jsonl", scale="ordinal",
        resamples=100, out=folder / "run",
    )  # fmt: skip
    (folder / "truth.json").write_text(json.dumps(float(harm[60:].mean())))
    return folder


def test_the_truth_of_an_invented_pool_is_found_although_the_panel_is_far_off(
    pool_run: Path, cli: CommandLine
) -> None:
    truth = json.loads((pool_run / "truth.json").read_text())
    for more in ((), ("--method", "stacking")):
        ended = cli(
            "estimate", str(pool_run / "run"), "--of", "harm", "--of", "severity", *more, "--out", "found.json"
        )
        assert ended.code == 0, ended.err
        rate, severity = read(cli.folder / "found.json")["estimates"]
        assert rate["estimate"]["low"] < truth < rate["estimate"]["high"]
        width, classical = (rate[name]["high"] - rate[name]["low"] for name in ("estimate", "classical"))
        assert width < 0.6 * classical
        assert rate["effective_labels"] > 60 / 0.6**2 * 0.9  # shorter by .6 is worth 1 / .36 as many
        assert severity["estimate"] == rate["estimate"]  # values 0 and 1: the same number
        if not more:
            assert rate["panel_only"]["estimate"] > truth + 0.1
            assert rate["panel_error"]["low"] > 0.1


def test_the_same_command_gives_the_same_bytes(pool_run: Path, cli: CommandLine) -> None:
    for name in ("one.json", "two.json"):
        cli("estimate", str(pool_run / "run"), "--of", "harm", "--method", "stacking", "--out", name)
    assert (cli.folder / "one.json").read_bytes() == (cli.folder / "two.json").read_bytes()


def test_a_pool_that_saw_the_labels_is_fitted_again_out_of_fold(pool_run: Path, cli: CommandLine) -> None:
    """The file's own parameters must not be used on items it learned from: same numbers as fitting afresh."""
    write_fitted_pool(pool_run / "run", cli.folder / "fitted.json", range(60))
    cli("estimate", str(pool_run / "run"), "--of", "harm", "--fitted", "fitted.json", "--out", "file.json")
    cli("estimate", str(pool_run / "run"), "--of", "harm", "--method", "stacking", "--out", "method.json")
    own, fresh = read(cli.folder / "file.json"), read(cli.folder / "method.json")
    assert "had seen about 100% of the labelled items" in own["panel"]
    assert own["folds"] == 5
    assert own["estimates"] == fresh["estimates"]


def test_a_pool_of_other_items_is_used_as_it_is(pool_run: Path, cli: CommandLine) -> None:
    write_fitted_pool(pool_run / "run", cli.folder / "fitted.json", range(60), item_ids=["elsewhere"])
    ended = cli("estimate", str(pool_run / "run"), "--of", "harm", "--fitted", "fitted.json", "--out", "file.json")
    assert ended.code == 0, ended.err
    found = read(cli.folder / "file.json")
    assert found["folds"] is None
    assert "fitted to other items" in found["panel"]


def test_a_pool_of_so_many_items_that_its_file_cannot_tell_is_fitted_again(
    pool_run: Path, cli: CommandLine
) -> None:
    """The file lists the 4,096 smallest digests of its items; none of the labelled ones is among them."""
    labelled = [f"i{n:03d}" for n in range(60)]
    digest = {name: hashlib.sha256(name.encode()).hexdigest() for name in labelled}
    names = (f"seen {n}" for n in itertools.count())
    below = (name for name in names if hashlib.sha256(name.encode()).hexdigest() < min(digest.values()))
    seen = [*labelled, *itertools.islice(below, 4096)]
    write_fitted_pool(pool_run / "run", cli.folder / "fitted.json", range(60), item_ids=seen)
    ended = cli("estimate", str(pool_run / "run"), "--of", "harm", "--fitted", "fitted.json", "--out", "file.json")
    assert ended.code == 0, ended.err
    found = read(cli.folder / "file.json")
    assert found["folds"] == 5
    assert "may have seen the labelled items: fitted again, out of fold" in found["panel"]


def test_a_pool_of_another_panel_is_not_comparable(worked: CommandLine, pool_run: Path) -> None:
    write_fitted_pool(pool_run / "run", worked.folder / "fitted.json", range(60))
    for command in (("estimate", "run", "--of", "yes"), ("export", "run", "--out", "ex", "--target", "both")):
        ended = worked(*command, "--fitted", "fitted.json")
        assert ended.code == 4
        assert "does not fit this panel" in ended.err


def test_panel_rows_of_a_fitted_pool_carry_its_out_of_fold_worth(pool_run: Path, cli: CommandLine) -> None:
    document = write_fitted_pool(pool_run / "run", cli.folder / "fitted.json", range(60))
    ended = cli(
        "export", str(pool_run / "run"), "--out", "ex", "--target", "both", "--fitted", "fitted.json",
        "--split", "train=0.5,test=0.5",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    rows = [json.loads(line) for line in (cli.folder / "ex/soft-label/train.jsonl").read_text().splitlines()]
    panel = [row for row in rows if row["source"] == "panel"]
    assert len(panel) == 600
    worth = {
        (row["weight"], row["expected_n_eq"], row["expected_n_eq_low"], row["expected_n_eq_high"]) for row in panel
    }
    assert worth == {(7.5, 7.5, 5.25, 11.0)}
    assert {row["expected_n_eq"] for row in rows if row["source"] == "human"} == {None}
    manifest = read(cli.folder / "ex/export.json")
    assert manifest["panel"]["method"] == document.method
    assert manifest["panel"]["n_fitted"] == 60
    assert (
        "out of fold, on labelled items, the panel is worth\n7.50 reviewers"
        in (cli.folder / "ex/README.md").read_text()
    )
    assert "fitted to about 100% of the human rows outside `train`" in ended.err
    assert "raw mean" not in ended.err
    alone = cli("export", str(pool_run / "run"), "--out", "ex", "--fitted", "fitted.json")
    assert alone.code == 2
    assert "--target both" in alone.err
