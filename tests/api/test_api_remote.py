"""Sealed runs in storage, without a server: what is published, fetched, refused, and what is left after trouble."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from published_runs import contents, copied_run, scored_run

from panel_eval import api
from panel_eval.api.folders import write_folder
from panel_eval.api.results_root import results_root
from panel_eval.errors import InputError


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scored_run(tmp_path_factory.mktemp("scored"))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PANEL_EVAL_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(params=["file", "memory"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"file://{tmp_path}/store" if request.param == "file" else f"memory://{tmp_path.name}/store"


def run_id(run: Path) -> str:
    return str(json.loads((run / "run.json").read_text())["run_id"])


def test_what_is_fetched_is_what_was_published(run: Path, where: str, cache: Path) -> None:
    published = api.publish(run, where)
    assert published.url == f"{where}/{run_id(run)}"
    root = results_root(where)
    assert root.names() == [run_id(run)]
    assert contents(root.fetch(run_id(run))) == contents(run)
    assert api.open_run(published.url).metrics == api.open_run(run).metrics
    assert root.read(run_id(run), "metrics.json") == (run / "metrics.json").read_bytes()
    assert root.read(run_id(run), "gate/gate.json") is None
    assert dict(root.read_many([run_id(run), "no-such-run"], "run.json")) == {
        run_id(run): (run / "run.json").read_bytes(),
        "no-such-run": None,
    }


def test_published_json_says_what_the_run_is_made_of(run: Path, tmp_path: Path) -> None:
    api.publish(run, tmp_path / "store")  # a folder will do as well
    told = json.loads((tmp_path / "store" / run_id(run) / "published.json").read_text())
    metrics = (run / "metrics.json").read_bytes()
    assert told["files"]["metrics.json"] == {"size": len(metrics), "sha256": hashlib.sha256(metrics).hexdigest()}
    assert set(told["files"]) == set(contents(run)) - {"report.html"}


def test_publishing_again_sends_nothing(run: Path, where: str) -> None:
    assert api.publish(run, where).sent[-1] == "run.json"
    again = api.publish(run, where)
    assert again.was_there
    assert again.sent == ()


def test_what_comes_later_is_added_and_renewed(run: Path, where: str, cache: Path, tmp_path: Path) -> None:
    here = Path(shutil.copytree(run, tmp_path / "here"))
    api.publish(here, where)
    there = results_root(where)
    first = there.fetch(run_id(run))
    for gate in (b"passed", b"failed after all"):
        (here / "gate").mkdir(exist_ok=True)
        (here / "gate" / "gate.json").write_bytes(gate)
        (here / "gate" / "junit.xml").write_bytes(b"<x/>")
        assert "gate/gate.json" in api.publish(here, where).sent
        assert there.read(run_id(run), "gate/gate.json") == gate
        assert there.fetch(run_id(run)) == first
        assert contents(first) == contents(here)


def test_another_run_of_the_same_name_is_refused(run: Path, where: str, tmp_path: Path) -> None:
    api.publish(run, where)
    before = dict(results_root(where).read_many(results_root(where).names(), "run.json"))
    other = copied_run(run, tmp_path / "other", seed=99)
    with pytest.raises(InputError, match="another run of this name"):
        api.publish(other, where)
    shutil.copy(run / "run.json", other / "run.json")
    (other / "labels.jsonl").write_bytes(b"{}\n")
    with pytest.raises(InputError, match="another run of this name"):
        api.publish(other, where)
    assert dict(results_root(where).read_many(results_root(where).names(), "run.json")) == before


@pytest.mark.parametrize("state", ["running", "partial"])
def test_what_is_not_sealed_is_not_published(state: str, run: Path, where: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"is {state}, not sealed"):
        api.publish(copied_run(run, tmp_path / "other", state=state), where)
    assert results_root(where).names() == []


def test_a_part_of_a_run_is_not_published(run: Path, where: str, tmp_path: Path) -> None:
    part = copied_run(run, tmp_path / "part")
    (part / "metrics.json").unlink()
    with pytest.raises(InputError, match="merge"):
        api.publish(part, where)


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", ".hidden", "a/b", "x" * 300, "a\nb"])
def test_a_run_whose_name_leads_elsewhere_is_not_published(name: str, run: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a plain name"):
        api.publish(copied_run(run, tmp_path / "other", run_id=name), tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_hidden_files_and_links_stay_at_home(run: Path, tmp_path: Path, cache: Path) -> None:
    here = Path(shutil.copytree(run, tmp_path / "here"))
    secret = tmp_path / "secret"
    secret.write_text("of another folder")
    (here / "link.json").symlink_to(secret)
    (here / ".env").write_text("KEY=1")
    (here / "notes").mkdir()
    (here / "notes" / "mine.txt").write_text("private")
    api.publish(here, tmp_path / "store")
    assert set(contents(tmp_path / "store" / run_id(run))) == {*contents(run), "published.json"}


def test_a_claim_without_a_run_is_no_run_and_can_be_fulfilled(run: Path, tmp_path: Path, cache: Path) -> None:
    api.publish(run, tmp_path / "store")
    there = tmp_path / "store" / run_id(run)
    (there / "run.json").unlink()  # as a publisher leaves it that was killed before its last step
    (there / "votes.jsonl").write_bytes(b"half of")
    assert results_root(f"file://{tmp_path}/store").names() == []
    with pytest.raises(InputError, match="no such run"):
        api.open_run(f"file://{there}")
    api.publish(run, tmp_path / "store")
    assert contents(results_root(f"file://{tmp_path}/store").fetch(run_id(run))) == contents(run)


@pytest.mark.parametrize("damage", ["changed", "missing", "cut", "running", "no JSON", "claim"])
def test_a_damaged_run_is_not_fetched_at_all(damage: str, run: Path, tmp_path: Path, cache: Path) -> None:
    api.publish(run, tmp_path / "store")
    there = tmp_path / "store" / run_id(run)
    votes = there / "votes.jsonl"
    if damage == "changed":
        votes.write_bytes(votes.read_bytes().replace(b"high", b"mild", 1))
    elif damage == "missing":
        votes.unlink()
    elif damage == "cut":
        votes.write_bytes(votes.read_bytes()[:-1])
    elif damage == "running":
        (there / "run.json").write_text((there / "run.json").read_text().replace('"sealed"', '"running"'))
    elif damage == "no JSON":
        (there / "run.json").write_text("no JSON")
    else:
        (there / "published.json").write_text("no JSON")
    with pytest.raises(InputError):
        api.open_run(f"file://{there}")
    assert contents(cache) == {}


def test_a_run_put_there_by_other_means_is_checked_by_its_run_json(run: Path, tmp_path: Path, cache: Path) -> None:
    there = tmp_path / "store" / run_id(run)
    shutil.copytree(run, there)  # as `aws s3 sync` would
    assert contents(results_root(f"file://{tmp_path}/store").fetch(run_id(run))) == contents(run)
    api.publish(run, tmp_path / "store")  # the same: it only gets its published.json
    shutil.rmtree(cache)
    (there / "published.json").unlink()
    (there / "labels.jsonl").write_bytes((there / "labels.jsonl").read_bytes() + b"\n")
    with pytest.raises(InputError, match=r"labels\.jsonl"):
        api.open_run(f"file://{there}")
    with pytest.raises(InputError, match="not those here"):
        api.publish(run, tmp_path / "store")


def test_a_sealed_run_is_fetched_once(run: Path, tmp_path: Path, cache: Path) -> None:
    api.publish(run, tmp_path / "store")
    root = results_root(f"file://{tmp_path}/store")
    first = root.fetch(run_id(run))
    (tmp_path / "store" / run_id(run) / "votes.jsonl").write_bytes(b"cannot be read again")
    assert root.fetch(run_id(run)) == first
    assert contents(first) == contents(run)


def test_an_empty_root_holds_no_runs(where: str, cache: Path) -> None:
    assert results_root(where).names() == []
    with pytest.raises(InputError, match="no such run"):
        results_root(where).fetch("20260101T000000Z-x")


@pytest.mark.parametrize("name", ["..", "../other", "/etc", "a/../../b", "", "."])
def test_a_name_that_leads_elsewhere_is_not_fetched(name: str, where: str, cache: Path) -> None:
    with pytest.raises(InputError, match="not a plain name"):
        results_root(where).fetch(name)


def test_a_package_that_is_missing_is_named_with_how_to_install_it() -> None:
    with pytest.raises(InputError, match=r"gcsfs.*pip install 'panel-eval\[remote\]' gcsfs"):
        results_root("gs://bucket/nightly")


@pytest.mark.slow
def test_folders_need_nothing_of_what_storage_needs(run: Path) -> None:
    program = (
        "import sys; from panel_eval import api; from panel_eval.api.results_root import results_root\n"
        f"api.open_run({str(run)!r}); results_root({str(run.parent)!r}).names()\n"
        "print(sorted({'fsspec', 's3fs', 'botocore', 'aiobotocore', 'sqlalchemy', 'psycopg'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_url_is_no_folder_to_write_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="folder on this machine"):
        write_folder(Path("s3://bucket/x"), {"run.json": lambda file: file.write(b"{}")})
    assert list(tmp_path.iterdir()) == []
