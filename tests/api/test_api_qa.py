"""The QA document from Python: of a file, of a run in memory, and as a file of a run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from published_runs import contents, scored_run

import panel_eval as pe
from panel_eval import api
from panel_eval.api.results_root import results_root
from panel_eval.errors import InputError


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scored_run(tmp_path_factory.mktemp("scored"))


def test_the_document_may_come_after_the_run_was_published(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PANEL_EVAL_CACHE", str(tmp_path / "cache"))
    here = Path(shutil.copytree(run, tmp_path / "here"))
    where = f"file://{tmp_path}/store"
    first = api.publish(here, where)
    assert api.write_qa(here) == here / "qa.pdf"
    assert "qa.pdf" in api.publish(here, where).sent
    fetched = results_root(where).fetch(first.url.rpartition("/")[2])
    assert contents(fetched)["qa.pdf"] == (here / "qa.pdf").read_bytes()


def test_a_run_in_memory_needs_a_place_for_it(run: Path, tmp_path: Path) -> None:
    humans = pe.load_soft_labels(run / "labels.jsonl")
    result = pe.score(humans, run / "votes.jsonl", resamples=100)
    with pytest.raises(InputError, match="name a file"):
        pe.write_qa(result)
    assert pe.write_qa(result, tmp_path / "delivery.pdf").read_bytes().startswith(b"%PDF-")


def test_a_delivery_that_was_read_is_not_read_again(run: Path, tmp_path: Path) -> None:
    labels = Path(shutil.copy(run / "labels.jsonl", tmp_path))
    read = api.read_delivery(labels, resamples=100)
    labels.write_text("")
    api.write_qa(read, tmp_path / "one.pdf")
    labels.write_bytes((run / "labels.jsonl").read_bytes())
    api.write_qa(labels, tmp_path / "two.pdf", resamples=100)
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()


def test_labels_of_a_run_and_their_file_are_judged_alike(run: Path) -> None:
    of_run = api.read_delivery(run).quality
    settings = of_run.settings
    of_file = api.read_delivery(
        run / "labels.jsonl", rubric=None, scale=of_run.scale, seed=int(settings["seed"] or 0), resamples=100
    ).quality
    assert of_file.agreement == of_run.agreement
    assert of_file.reviewers == of_run.reviewers
    assert of_file.violations.checked
    assert not of_run.violations.checked
