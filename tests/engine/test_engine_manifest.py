"""What run.json says about versions, commit and judges."""

from __future__ import annotations

import hashlib
import importlib.metadata
import subprocess
import sys

from engine_panel import judge

from panel_eval import __version__
from panel_eval.engine import file_sha256, git_commit, judge_manifests, package_versions
from panel_eval.judges.fake import FakeTransport
from panel_eval.schema import PriceRow


def test_versions_are_those_installed():
    versions = package_versions()
    assert versions["panel-eval"] == __version__
    assert versions["numpy"] == importlib.metadata.version("numpy")
    assert versions["litellm"] == importlib.metadata.version("litellm")


def test_finding_versions_imports_no_litellm():
    program = "import sys, panel_eval.engine as e; e.package_versions(); print('litellm' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout == "False\n"


def test_commit_of_a_repository_and_of_none(tmp_path):
    assert git_commit(tmp_path) is None
    assert git_commit(tmp_path / "missing") is None
    git = ["git", "-c", "user.name=n", "-c", "user.email=e@example.org"]
    subprocess.run([*git, "init", "-q"], cwd=tmp_path, check=True)
    assert git_commit(tmp_path) is None  # no commit yet
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "first"], cwd=tmp_path, check=True)
    log = subprocess.run(["git", "log", "--format=%H"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert git_commit(tmp_path) == log.stdout.strip()


def test_no_git_program_means_no_commit(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_commit(tmp_path) is None


def test_file_hash(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    # FIPS 180-2, appendix B.1
    assert file_sha256(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    path.write_bytes(b"x" * 1_000_000)
    assert file_sha256(path) == hashlib.sha256(b"x" * 1_000_000).hexdigest()


def test_judges_as_asked_with_their_whole_prices(tmp_path):
    priced = judge(tmp_path, "a", FakeTransport({}), price={"input_usd_per_mtok": 2.5, "output_usd_per_mtok": 10})
    unknown = judge(tmp_path, "b", FakeTransport({}), model="openai/no-such-model")
    first, second = judge_manifests([priced, unknown])
    assert first.price == PriceRow(
        source="panel file",
        input_usd_per_mtok=2.5,
        output_usd_per_mtok=10.0,
        cached_input_usd_per_mtok=2.5,
        cache_write_usd_per_mtok=2.5,
        reasoning_usd_per_mtok=10.0,
    )
    assert second.price is None
    assert first.instrument["model"] == "fake/a"
    assert first.instrument_hash == priced.instrument_hash
